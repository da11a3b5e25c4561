"""Parts equal the whole: steps, cores, links and routers add up to what the summary counts and spends, whatever befalls packets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from chipsim.config.load import load_experiment
from chipsim.pipeline import simulate
from chipsim.results.result import Result
from tests.topologies import BOARD

NETWORK = (
    "workload.generate={neurons: 200, fan_out: 8, period: 10, seed: 1}",
    "workload.steps=24",
    "mapping.fill=0.002",
    "chip.energy.message_in=10 pJ",
    "chip.energy.axon_lookup=5 pJ",
    "chip.energy.router_flit=3 pJ",
    "chip.energy.table_read=2 pJ",
    "chip.energy.credit=0.7 pJ",
)

LOSS = "faults=[{kind: flit_loss, rate: 0.2}]"
MULTICAST, WORMHOLE = "chip.noc.cast=multicast", "chip.noc.router=wormhole"
CLOCKED = ("chip.core.pace=tick", "chip.core.tick=700 ns")
LONG = "chip.noc.flit_bits=8"
TREES = (WORMHOLE, MULTICAST, "chip.noc.vc_reuse=atomic", "chip.noc.buffer=6")

CASES: dict[str, tuple[str, ...]] = {
    "unicast": (),
    "multicast, ideal": (MULTICAST, "chip.noc.router=ideal", LONG),
    "loss": (LOSS, LONG),
    "loss, multicast": (LOSS, MULTICAST),
    "loss, clocked, until": (LOSS, *CLOCKED, "until=9100 ns"),
    "dead core": ('faults=[{kind: dead_core, core: 20, at: "2 us"}]',),
    "dead router": ('faults=[{kind: dead_router, router: 9, at: "2 us"}]',),
    "until": ("until=1777 ns",),
    "until, multicast": (MULTICAST, "until=1777 ns", LONG),
    "clocked": (*CLOCKED, LONG),
    "table": ("chip.noc.topology=torus", "chip.noc.routing=table"),
    "board": (BOARD.replace("height: 3", "height: 2"), MULTICAST),
    "wormhole": (WORMHOLE, LONG),
    "wormhole, until": (WORMHOLE, LONG, "until=1777 ns"),
    "wormhole, clocked, until": (WORMHOLE, LONG, *CLOCKED, "until=9100 ns"),
    "wormhole, loss": (WORMHOLE, LOSS, LONG),
    "wormhole, loss, multicast": (*TREES, LOSS, LONG),
    "wormhole, dead router": (WORMHOLE, LONG, 'faults=[{kind: dead_router, router: 9, at: "2 us"}]'),
    "wormhole, board": (WORMHOLE, BOARD.replace("height: 3", "height: 2"), LONG),
}


def lif(name: str, engine: str) -> Result:
    return simulate(load_experiment("lif-small", [*NETWORK, *CASES[name], f"engine={engine}"]))


def column(result: Result, table: str, name: str) -> int:
    """Sum of a column of whole numbers."""
    return int(np.sum(result.tables[table][name]))


def close(parts: Any, whole: float) -> bool:
    return math.isclose(math.fsum(parts), whole, rel_tol=1e-12, abs_tol=1e-25)


@pytest.mark.parametrize("name", CASES)
def test_steps_add_up_to_the_summary(name: str, engine: str) -> None:
    result = lif(name, engine)
    steps, counts, energy = result.tables["steps"], result.summary["counts"], result.summary["energy_j"]

    def total(*names: str) -> int:
        return sum(column(result, "steps", one) for one in names)

    assert len(steps["step"]) == counts["steps"] and np.min(steps["energy_total_j"]) >= 0
    assert (total("fired"), total("inputs")) == (counts["spikes"], counts["events_in"])
    assert total("updated") - total("inputs") == counts["neuron_updates"] > 0
    assert total("accesses") == counts["neuron_accesses"]
    assert total("packets") == counts["packets"] == counts["messages_out"]
    assert total("messages_in") == counts["messages_in"] == counts["axon_lookups"]
    assert total("synaptic_ops") == counts["synaptic_ops"]
    assert total("late_spikes") == counts["late_spikes"]
    assert total("hops_ew", "hops_ns") == counts["hops"]
    assert total("flits_ew", "flits_ns") == counts["flit_hops"]
    assert total("flits_local") == column(result, "routers", "flits_local")
    assert total("router_lookups") == counts["router_lookups"] == column(result, "routers", "lookups")
    assert total("credits") == counts["credits"]
    assert close(steps["energy_total_j"], math.fsum(energy[share] for share in ("core", "router", "link", "interchip")))
    assert (counts["drops"] > 0) == (("loss" in name) or ("dead" in name))
    assert (counts["router_lookups"] > 0) == (MULTICAST in CASES[name] or name == "table" or "dead router" in name)
    assert (counts["credits"] > 0) == ("wormhole" in name)


@pytest.mark.parametrize("name", CASES)
def test_cores_links_and_routers_add_up_to_the_summary(name: str, engine: str) -> None:
    result = lif(name, engine)
    tables, summary, prices = result.tables, result.summary, result.experiment.chip.energy
    energy = summary["energy_j"]
    assert math.fsum(tables["energy"]["joules"]) == energy["total"]
    for share in ("static", "core", "router", "link", "interchip", "host"):
        lines = zip(tables["energy"]["share"], tables["energy"]["joules"], strict=True)
        assert close([joules for of, joules in lines if of == share], energy[share]), share
    assert close(np.array(tables["cores"]["dynamic_pj"]) * 1e-12, energy["core"])
    assert close(np.array(tables["links"]["energy_pj"]) * 1e-12, energy["link"] + energy["interchip"])
    routers = (
        tables["routers"]["flits_local"] * prices.router_flit.value + tables["routers"]["lookups"] * prices.table_read.value
    )
    assert close(routers * 1e-12, energy["router"])
    assert column(result, "links", "flits") == summary["counts"]["flit_hops"]
    assert ("credits" in tables["links"]) == ("wormhole" in name)
    if "wormhole" in name:
        assert column(result, "links", "credits") == summary["counts"]["credits"]


TEXTS: dict[str, tuple[str, ...]] = {
    "associative": (),
    "keyed": ("workload.match=keyed",),
    "unicast, until": ("chip.noc.cast=unicast", "until=2 ms"),
    "wormhole": (*TREES, "chip.noc.buffer=16", "chip.noc.vcs=8"),
    "board": (BOARD.replace("height: 3", "height: 2"), "chip.noc.cast=unicast"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_tables_of_a_text_add_up_to_its_summary(name: str, engine: str) -> None:
    result = simulate(load_experiment("text-small", ["workload.symbols=40", *TEXTS[name], f"engine={engine}"]))
    tables, summary, prices = result.tables, result.summary, result.experiment.chip.energy
    energy, counts = summary["energy_j"], summary["counts"]
    assert math.fsum(tables["energy"]["joules"]) == energy["total"]
    assert close(np.array(tables["links"]["energy_pj"]) * 1e-12, energy["link"] + energy["interchip"])
    routers = (
        tables["routers"]["flits_local"] * prices.router_flit.value + tables["routers"]["lookups"] * prices.table_read.value
    )
    assert close([*(routers * 1e-12), counts["table_writes"] * prices.table_write.value * 1e-12], energy["router"])
    for action in ("synaptic_ops", "pair_writes", "neuron_updates", "answers_combined"):
        assert column(result, "cores", action) == counts[action], action
    # slot servers are no cores: what they do is in the account and in no row of cores
    lines = dict(zip(tables["energy"]["action"], tables["energy"]["joules"], strict=True))
    cores = math.fsum(np.array(tables["cores"]["dynamic_pj"]) * 1e-12)
    assert cores < energy["core"] and lines["slot_op"] > 0
    names = {
        "messages_in": "message_in",
        "messages_out": "spike_out",
        "memory_reads": "memory_read",
        "memory_writes": "memory_write",
    }
    server = [(counts[n] - column(result, "cores", n)) * getattr(prices, price).value * 1e-12 for n, price in names.items()]
    assert close([cores, lines["slot_op"], *server], energy["core"])

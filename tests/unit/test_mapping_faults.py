"""What is dead from the start holds nothing, in mappings of all kinds; what is not to be avoided, or dies later, is used."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from chipsim.config.load import load_experiment
from chipsim.config.mapping import PLACERS
from chipsim.errors import ConfigError, MappingError
from chipsim.pipeline import load, make_mapping, plan_mapping, simulate
from chipsim.plan.inputs import Mapping
from tests.needs import needs

DEAD = [{"kind": "dead_core", "core": 3}, {"kind": "dead_router", "router": 5}, {"kind": "dead_link", "a": 1, "b": 2}]
FAULTS = f"faults={json.dumps(DEAD)}"
GONE = {3, 5}
"""Cores where a tile has one; with four it is 3 and 20 to 23."""

TINY = ("workload.generate={neurons: 64, fan_out: 8, period: 5}", "workload.steps=6", "mapping.fill=0.0048828125")
"""Five neurons on a core: 13 of 128 cores, four on a tile."""

TEXT = (
    "workload.match=associative",
    "workload.learned=300",
    "workload.symbols=60",
    "chip.noc.cast=unicast",
    "engine=reference",
)


def spiking(*settings: str) -> Mapping:
    experiment = load_experiment("lif-small", [*TINY, *settings])
    return make_mapping(load(experiment))


def text(*settings: str) -> Mapping:
    experiment = load_experiment("text-small", [*TEXT, *settings])
    return make_mapping(load(experiment))


@pytest.mark.parametrize("placer", PLACERS.names())
@needs("snn")
def test_spiking_networks_leave_dead_cores_and_routers_alone(placer: str) -> None:
    placed = f"mapping.placer={placer}"
    mapping = spiking(placed, FAULTS)
    assert len(np.unique(mapping.core)) == 13 and not {3, 20, 21, 22, 23} & set(mapping.core.tolist())
    assert np.array_equal(spiking(placed).core, spiking(placed, "mapping.avoid_faults=false", FAULTS).core)
    later = json.dumps([one | {"at": "1 us"} for one in DEAD[:2]])
    assert np.array_equal(spiking(placed, f"faults={later}").core, spiking(placed).core)


@pytest.mark.parametrize("placer", PLACERS.names())
@needs("nsn")
def test_texts_leave_them_alone_with_their_roles_too_and_grow_there_last(placer: str) -> None:
    mapping = text(f"mapping.placer={placer}", FAULTS)
    assert not GONE & {*mapping.core.tolist(), *mapping.roots.tolist()}
    assert set(mapping.fill_order[-2:].tolist()) == GONE and sorted(mapping.fill_order.tolist()) == list(range(16))


@needs("nsn")
def test_a_text_runs_to_its_end_on_a_chip_with_a_dead_core_and_says_what_the_sound_one_says() -> None:
    core = int(text().roots[1])
    damaged = f"faults={json.dumps([{'kind': 'dead_core', 'core': core}])}"
    sound, hurt = (simulate(load_experiment("text-small", [*TEXT, *more])) for more in ((), (damaged,)))
    assert hurt.summary["status"] == sound.summary["status"] == "done"
    assert hurt.summary["functional_digest"] == sound.summary["functional_digest"]
    assert core not in hurt.mapping.core and hurt.summary["digest"] != sound.summary["digest"]  # type: ignore[union-attr]


@pytest.mark.parametrize("match", ["associative", "keyed"])
@needs("nsn")
def test_a_text_runs_whichever_router_is_dead(match: str) -> None:
    """Its slot server and its homes of keys too are elsewhere; without the host's router nothing can come in, which is said before."""
    settings = (*TEXT[1:], f"workload.match={match}")
    sound = simulate(load_experiment("text-small", list(settings))).summary["functional_digest"]
    for router in range(16):
        experiment = load_experiment(
            "text-small", [*settings, f"faults={json.dumps([{'kind': 'dead_router', 'router': router}])}"]
        )
        if router == experiment.chip.host.tile:
            with pytest.raises(
                ConfigError, match=r"the host is \(chip.host.tile\), is dead or cut off from the start; set chip.host.tile"
            ):
                simulate(experiment)
        else:
            assert simulate(experiment).summary["functional_digest"] == sound, router


@pytest.mark.parametrize("placer", ["row", "anneal"])
@needs("nsn", "snn")
def test_a_tile_that_is_cut_off_holds_nothing(placer: str) -> None:
    cut = f"faults={json.dumps([{'kind': 'dead_link', 'a': 0, 'b': 1}, {'kind': 'dead_link', 'a': 0, 'b': 4}])}"
    away = ("chip.host.tile=3", f"mapping.placer={placer}", cut)
    mapping = text(*away)
    assert 0 not in mapping.core and 0 not in mapping.roots
    assert simulate(load_experiment("text-small", [*TEXT, *away])).summary["status"] == "done"
    one_way = json.dumps([{"kind": "dead_link", "a": a, "b": b, "one_way": True} for a, b in ((0, 1), (0, 4))])
    settings = (*TINY, f"mapping.placer={placer}", "engine=reference", f"faults={one_way}")  # 8 x 4 tiles of four cores
    assert spiking(*settings[3:]).core.min() > 3
    assert simulate(load_experiment("lif-small", list(settings))).summary["noc"]["lost"] == dict.fromkeys(
        ("cut", "dead_core", "flit_loss", "unreachable"), 0
    )


@needs("snn")
def test_too_few_cores_that_work_and_none_are_refused() -> None:
    with pytest.raises(MappingError, match="need 13 cores of 5 neurons each, the chip has 12 that work"):
        spiking(f"faults={json.dumps([{'kind': 'dead_core', 'core': core} for core in range(116)])}")
    with pytest.raises(MappingError, match="all of 128 cores are dead"):
        spiking(f"faults={json.dumps([{'kind': 'dead_core', 'core': core} for core in range(128)])}")


@needs("nsn", "snn")
def test_placement_lowers_the_objective_that_is_asked_for() -> None:
    """On a chip whose rows are dear, energy is saved along them; the busiest link falls where it is named."""
    dear = (
        "mapping.placer=anneal",
        'chip.energy.hop_ns.value="90 pJ"',
        "chip.noc.cast=unicast",
        "mapping.partitioner=sequential",
    )

    def here(*more: str) -> dict[str, Any]:
        found: dict[str, Any] = plan_mapping(load_experiment("lif-small", [*TINY, *dear, *more])).summary["comparison"][0]
        return found

    hops, energy, link = (here(f"mapping.objective={objective}") for objective in ("hops", "energy", "link"))
    assert energy["joules"] < min(hops["joules"], link["joules"])
    assert hops["hops"] <= min(energy["hops"], link["hops"]) and link["max_link"] <= min(hops["max_link"], energy["max_link"])
    text = plan_mapping(load_experiment("text-small", [*TEXT, *dear[:3], "mapping.objective=link"])).summary["comparison"][0]
    by_hops = plan_mapping(load_experiment("text-small", [*TEXT, *dear[:3]])).summary["comparison"][0]
    assert text["max_link"] <= by_hops["max_link"] and text["hops"] >= by_hops["hops"]


@needs("snn")
def test_objectives_that_a_placer_does_not_know_are_refused() -> None:
    with pytest.raises(ConfigError, match="found energy with placer row; allowed: hops, or placer anneal or adaptive or force"):
        load_experiment("lif-small", ["mapping.objective=energy"])
    unknown = ["mapping.placer=anneal", "mapping.objective=energy", "chip.energy.hop_ew=null"]
    with pytest.raises(ConfigError, match=r"energy.hop_ew unknown[\s\S]*--set chip.energy.hop_ew.value="):
        spiking(*unknown)
    for network in ("topology=torus", "routing=yx"):
        with pytest.raises(MappingError, match="routing xy"):
            spiking("mapping.placer=anneal", "mapping.objective=link", f"chip.noc.{network}")


@needs("nsn")
def test_figures_of_a_damaged_chip_are_its_own() -> None:
    """Ways go round the dead link, naive mappings keep to cores that live, and the share of the index of keys is that of fewer homes."""
    keyed = ("workload.match=keyed", *TEXT[1:])
    dead = f"faults={json.dumps([{'kind': 'dead_core', 'core': core} for core in range(12)])}"
    sound, hurt = (plan_mapping(load_experiment("text-small", [*keyed, "mapping.fill=1", *more])) for more in ((), (dead,)))
    assert hurt.tables["cores"]["memory_bits"].max() > sound.tables["cores"]["memory_bits"].max()
    links = f"faults={json.dumps([{'kind': 'dead_link', 'a': a, 'b': a + 1} for a in (0, 1, 4, 5)])}"
    router = f"faults={json.dumps([{'kind': 'dead_router', 'router': 5}])}"
    for kind in (keyed, TEXT):
        blind = plan_mapping(load_experiment("text-small", [*kind, router, "mapping.avoid_faults=false"])).summary
        assert blind["mapping"] == plan_mapping(load_experiment("text-small", list(kind))).summary["mapping"]
        sound, hurt = (plan_mapping(load_experiment("text-small", [*kind, *more])) for more in ((), (links,)))
        assert hurt.summary["mapping"]["mean_hops"] > sound.summary["mapping"]["mean_hops"]
    assert plan_mapping(load_experiment("text-small", [*TEXT, dead])).summary["comparison"][1]["cores_used"] <= 4


@needs("snn")
def test_placement_on_chips_too_large_for_a_table_of_ways() -> None:
    large = ("chip.noc.width=80", "chip.noc.height=80", "mapping.placer=anneal", "chip.noc.topology=torus")
    assert len(np.unique(spiking(*large).core)) == 13
    with pytest.raises(MappingError, match="by energy on 6400 tiles of a torus"):
        spiking(*large, "mapping.objective=energy")

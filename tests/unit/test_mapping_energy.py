"""Joules of a mapping before the run are those that the engine counts, share by share, for static networks."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from chipsim.config.load import load_chip, load_experiment
from chipsim.errors import ConfigError
from chipsim.network.snn_input import SnnInput
from chipsim.noc import Mesh, mesh_of
from chipsim.pipeline import simulate
from chipsim.programs.snn.graph import spiking_graph
from nsn_mapping.energy import PRICED, borders, chip_traffic, directional_hops, joules, spike_flits, traffic_lines
from nsn_mapping.hypergraph import Hypergraph, build_hypergraph
from nsn_mapping.mappers.spiking import map_network
from tests.topologies import BOARD
from workloads.kinds.arrays import spiking_network

NETWORK = ("workload.generate={neurons: 300, fan_out: 6, period: 7, seed: 3}", "workload.steps=9", "probes=[spikes]")
BARRIER = ("chip.core.pace=barrier", 'chip.core.sync="1 us"')
CHIPS = {
    "loihi": ("mapping.fill=0.005",),
    "altai": ("chip=altai-256", *BARRIER, "chip.noc.width=6", "chip.noc.height=5", "mapping.fill=0.02"),
    "altai, cores of two, short flits": (
        "chip=altai-256", *BARRIER, "chip.noc.width=5", "chip.noc.height=4", "chip.noc.concentration=2", "chip.noc.flit_bits=8",
        "mapping.fill=0.02",
    ),
    "wormhole, board": (
        "chip=altai-board", *BARRIER, "chip.noc.width=8", "chip.noc.height=6", "mapping.fill=0.015", "chip.noc.router=wormhole",
        "chip.noc.flit_bits=16", "chip.noc.vc_reuse=atomic", "chip.noc.buffer=4",
    ),
    "board": ("chip=altai-board", *BARRIER, "chip.noc.width=8", "chip.noc.height=6", "mapping.fill=0.015"),
    "board and rack": (
        "chip=altai-256", *BARRIER, "chip.noc.width=8", "chip.noc.height=6", BOARD, "chip.noc.tile_order=column", "mapping.fill=0.015",
    ),
}  # fmt: skip


def hypergraph_of(start: Any, target: Any, spikes: npt.NDArray[np.int64]) -> Hypergraph:
    """One net per neuron, its targets each once."""
    n = len(start) - 1
    pair = np.unique(np.repeat(np.arange(n, dtype=np.int64), np.diff(start)) * n + target)
    begin = np.concatenate([[0], np.cumsum(np.bincount(pair // n, minlength=n))]).astype(np.int64)
    return build_hypergraph(n, begin, (pair % n).astype(np.int32), np.arange(n, dtype=np.int32), spikes)


@pytest.mark.parametrize("cast", ["unicast", "multicast"])
@pytest.mark.parametrize("name", CHIPS)
def test_the_forecast_is_what_the_engine_counts(name: str, cast: str) -> None:
    settings = (*NETWORK, *CHIPS[name], f"chip.noc.cast={cast}", "engine=reference", "mapping.placer=random")
    experiment = load_experiment("lif-small", list(settings))
    result = simulate(experiment)
    chip, network = experiment.chip, spiking_network(experiment.workload)  # type: ignore[arg-type]
    mapping = map_network(experiment, spiking_graph(experiment, SnnInput(network, False)))
    spikes = np.bincount(result.tables["spikes"]["neuron"], minlength=len(network)).astype(np.int64)
    h = hypergraph_of(network.start, network.target, spikes)
    traffic = chip_traffic(h, mapping.core, mesh_of(chip.noc), chip)
    counts = result.summary["counts"]
    assert (traffic.sent, traffic.delivered, traffic.hops) == (counts["packets"], counts["deliveries"], counts["hops"])
    assert traffic.lookups == counts["router_lookups"] == (traffic.hops + traffic.sent if cast == "multicast" else 0)
    lines = {line.action: line for line in traffic_lines(traffic, chip, spike_flits(chip))}
    table = result.tables["energy"]
    clocked = chip.noc.router == "wormhole"
    levels = [f"{name}_{level.name}" for level in chip.noc.levels for name in ("hop", "credit")[: 1 + clocked]]
    assert (counts["credits"] > 0) == clocked
    assert set(lines) == {*PRICED, *levels} and traffic.hops > 0
    for action, count, spent in zip(table["action"], table["count"], table["joules"], strict=True):
        if action in lines:
            assert (lines[action].count, lines[action].joules) == (count, spent), action
    energy = result.summary["energy_j"]
    for share in ("router", "link", "interchip"):
        assert math.fsum(line.joules for line in lines.values() if line.share == share) == energy[share]
    assert not levels or energy["interchip"] > 0
    assert joules(traffic, chip, spike_flits(chip)) <= energy["total"]


def test_directions_by_hand() -> None:
    """From (1, 1) to (3, 0), (3, 2) and (0, 1), and to itself; borders before x = 2 and above y = 1."""
    h = build_hypergraph(
        5,
        np.array([0, 4, 5], np.int64),
        np.array([0, 1, 2, 3, 4], np.int32),
        np.array([0, -1], np.int32),
        np.array([10, 99], np.int64),
    )
    mesh = Mesh(4, 3)
    core = mesh.tile_at(np.array([1, 3, 3, 0, 0]), np.array([1, 0, 2, 1, 0])).astype(np.int32)
    single = directional_hops(h, core, mesh, levels=((2, 1),))
    assert (single.sent, single.delivered, single.hops_ew, single.hops_ns, single.hops_level) == (40, 40, 30, 0, (40,))
    tree = directional_hops(h, core, mesh, multicast=True, levels=((2, 4),))
    assert (tree.sent, tree.delivered, tree.hops_ew, tree.hops_ns, tree.hops_level) == (10, 40, 20, 20, (10,))
    plain = directional_hops(h, core, mesh, multicast=True)
    assert (plain.hops_ew, plain.hops_ns, plain.hops) == (30, 20, 50)


def test_borders_of_shipped_chips() -> None:
    assert borders(load_chip("altai-256")) == ()
    assert borders(load_chip("altai-board")) == ((16, 16),)


def test_a_price_that_is_not_known_is_asked_for() -> None:
    h = hypergraph_of(np.array([0, 1, 1]), np.array([1]), np.array([3, 0]))
    chip = load_chip("altai-256", ["chip.energy.hop_ew=null"])
    traffic = chip_traffic(h, np.array([0, 1], np.int32), mesh_of(chip.noc), chip)
    with pytest.raises(ConfigError, match="hop_ew"):
        joules(traffic, chip, 1)
    assert joules(replace(traffic, hops_ew=0), chip, 1) > 0

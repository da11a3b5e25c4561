"""Spiking networks on a chip: mapped, lowered, forecast; counts against loops over single synapses."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.config.chip import ChipSpec
from chipsim.config.load import load_chip
from chipsim.errors import ConfigError, MappingError, UsageError
from chipsim.network import rows
from chipsim.network.spiking import SpikingNetwork
from chipsim.noc import mesh_of, paths
from chipsim.plan.forecast import WAY_BYTES, Forecast, free_bytes, refuse_beyond, with_chip
from chipsim.programs.nsn.axon_access import tree_routes
from chipsim.programs.snn.forecast import network_forecast
from chipsim.programs.snn.lower import SnnOptions, build_snn_plan_and_reach
from nsn_mapping.spiking import map_spiking
from workloads.kinds.arrays import GenerateSpec
from workloads.snn import generate_network

OPTIONS = SnnOptions(until=0, seed=1, check_memory=True)
PARTITIONERS = ("sequential", "random", "metis", "default", "streaming", "given")


def network_of(source: list[int], target: list[int], neurons: int, core: list[int] | None = None) -> SpikingNetwork:
    """Weights number the synapses, so that each can be found again."""
    order = np.lexsort((target, source))
    zero = np.zeros(neurons, np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(np.array(source, np.int64), minlength=neurons))]).astype(np.int64)
    return SpikingNetwork(
        kind=(np.arange(neurons) % 3 == 2).astype(np.uint8), potential=np.arange(neurons), bias=zero, threshold=zero + 64, fraction=6,
        leak=1, leak_shift=0, start=start, target=np.array(target, np.int32)[order], weight=order.astype(np.int16),
        delay=np.zeros(0, np.uint8), longest=1, input_start=np.arange(neurons + 1, dtype=np.int64), input_step=np.arange(neurons) + 1,
        core=np.array(core or [], np.int32), steps=5, where="test",
    )  # fmt: skip


@cache
def small_chip(column: bool) -> ChipSpec:
    shape = ("noc.width=3", "noc.height=2", "noc.concentration=2", f"noc.tile_order={'column' if column else 'row'}")
    return load_chip("loihi-sanafe", [*shape, "noc.cast=multicast", "core.neurons=24"])


@settings(max_examples=60, deadline=None)
@given(data=st.data(), column=st.booleans(), partitioner=st.sampled_from(PARTITIONERS), block=st.sampled_from([4, 2**20]))
def test_plan_against_loops(data: st.DataObject, column: bool, partitioner: str, block: int) -> None:
    neurons = data.draw(st.integers(1, 24))
    number = st.integers(0, neurons - 1)
    pairs = data.draw(st.lists(st.tuples(number, number), max_size=80))
    core = data.draw(st.lists(st.integers(0, 11), min_size=neurons, max_size=neurons))
    source, target = [p[0] for p in pairs], [p[1] for p in pairs]
    network = network_of(source, target, neurons, core)
    chip = small_chip(column)
    mesh = mesh_of(chip.noc)
    mapping = map_spiking(network, mesh, 24, partitioner, data.draw(st.sampled_from(("row", "hilbert", "random"))), 1, 0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "BLOCK", block)
        patch.setattr(paths, "_AT_ONCE", block)
        plan, reach = build_snn_plan_and_reach(chip, network, mapping, OPTIONS)
    lif = plan.own
    assert lif is not None
    if partitioner == "given":
        assert mapping.core.tolist() == core
    else:
        assert np.bincount(mapping.core).max() <= 2  # a tenth of 24
    # every neuron and every synapse is there, in the order of cores
    assert sorted(lif.number.tolist()) == list(range(neurons)) and np.all(np.diff(lif.core) >= 0)
    assert lif.core.tolist() == mapping.core[lif.number].tolist()
    assert lif.potential.tolist() == lif.number.tolist() and lif.input_step.tolist() == (lif.number + 1).tolist()
    found = {
        (int(lif.number[p]), int(lif.number[lif.target[i]]), int(lif.weight[i]))
        for p in range(neurons)
        for i in range(lif.start[p], lif.start[p + 1])
    }
    assert found == {(s, t, i) for i, (s, t) in enumerate(zip(source, target, strict=True))}
    assert all(np.all(np.diff(lif.target[lif.start[p] : lif.start[p + 1]]) >= 0) for p in range(neurons))
    # axons, hops and multicast trees, one pair of cores at a time
    axons = sorted({(s, int(mapping.core[t])) for s, t in pairs})
    position = {int(n): p for p, n in enumerate(lif.number)}
    assert reach.packets == len(axons) and reach.synapses.sum() == len(pairs)
    assert reach.hops_ew + reach.hops_ns == sum(mesh.distance(int(mapping.core[s]) // 2, c // 2) for s, c in axons)
    reading = [[0, position[s], int(mapping.core[s]), 0, 0] for s in sorted({s for s, _ in axons})]
    member = [[c for t, c in axons if t == s] for s in sorted({s for s, _ in axons})]
    start = np.concatenate([[0], np.cumsum([len(m) for m in member])]).astype(np.int64)
    flat = np.array([c for m in member for c in m], np.int64)
    naive = tree_routes(np.array(reading, np.int64).reshape(-1, 5), start, flat, mesh)
    assert sorted(naive.tolist()) == sorted(plan.route.tolist())


def test_memory_is_counted_and_refused_when_asked() -> None:
    network = network_of([0, 0, 1], [2, 3, 3], 4)
    chip = load_chip("loihi-sanafe", ["core.memory=300 bit"])
    mapping = map_spiking(network, mesh_of(chip.noc), 1024, "sequential", "row", 1, 2 / 1024)
    plan, _ = build_snn_plan_and_reach(chip, network, mapping, SnnOptions(0, 1, False))
    # core 1: two neurons of 64 bits; three synapses of weight (8) and slot (10); two axons of source (7 + 10) and pointer (16)
    assert plan.used_bits[:3].tolist() == [128, 2 * 64 + 3 * 18 + 2 * 33, 0]
    chip = load_chip("loihi-sanafe", ["core.memory=200 bit"])
    with pytest.raises(
        MappingError,
        match=r"core 1 needs 124 % .* 248 bits, allowed 200.*mapping\.fill=.*workload\.check_memory=false",
    ):
        build_snn_plan_and_reach(chip, network, mapping, OPTIONS)


def test_refusals() -> None:
    chip = load_chip("loihi-sanafe", ["noc.width=1", "noc.height=1", "noc.concentration=2"])
    mesh = mesh_of(chip.noc)
    network = network_of([], [], 5, [0, 0, 1, 1, 1])
    with pytest.raises(MappingError, match="core 1 has 3 neurons, allowed 2"):
        map_spiking(network, mesh, 2, None, "row", 1, 1.0)
    with pytest.raises(MappingError, match=r"5 neurons need 3 cores of 2 neurons each, the chip has 2"):
        map_spiking(network, mesh, 2, "sequential", "row", 1, 1.0)
    with pytest.raises(MappingError, match=r"neuron_core\[2\] is 7; allowed: 0 to 1"):
        map_spiking(network_of([], [], 3, [0, 0, 7]), mesh, 2, None, "row", 1, 1.0)
    with pytest.raises(ConfigError, match="has no neuron_core"):
        map_spiking(network_of([], [], 3), mesh, 2, "given", "row", 1, 1.0)
    unknown = load_chip("loihi-sanafe", ["core.times.soma_spike=null"])
    mapping = map_spiking(network, mesh_of(unknown.noc), 1024, None, "row", 1, 1.0)
    with pytest.raises(ConfigError, match="soma_spike"):
        build_snn_plan_and_reach(unknown, network, mapping, OPTIONS)


def test_the_barrier_waits_by_tiles_in_use() -> None:
    chip = load_chip("loihi")
    network = network_of([], [], 12, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    mapping = map_spiking(network, mesh_of(chip.noc), 1024, None, "row", 1, 1.0)
    plan, _ = build_snn_plan_and_reach(chip, network, mapping, OPTIONS)
    assert plan.own.sync == 1_000_000  # three tiles: the step from two on


def test_plans_share_the_rows_of_networks_in_order() -> None:
    network = generate_network(GenerateSpec(neurons=100, fan_out=3, period=5), 4)
    chip = load_chip("loihi-sanafe")
    shared: Any = {}
    for placer in ("row", "random"):
        mapping = map_spiking(network, mesh_of(chip.noc), 4, None, placer, 1, 1.0)
        shared[placer] = build_snn_plan_and_reach(chip, network, mapping, OPTIONS)[0].own
    assert shared["row"].target is network.target and shared["random"].target is not network.target


def test_a_forecast_names_its_parts() -> None:
    chip = load_chip("loihi-sanafe")
    forecast = with_chip(chip, network_forecast(10**6, 10**8, 8, 20, 1, False))
    assert dict(forecast.parts)["synapses"] == 8 * 10**8
    assert forecast.total < 2.4e9 - 3e8  # 24 bytes per synapse, interpreter and libraries included
    with pytest.raises(
        UsageError, match=r"needs about .* \(synapses 763 MiB, .*allowed 954 MiB \(--memory-limit\); use a network"
    ):
        refuse_beyond(forecast, 10**9)
    refuse_beyond(forecast, 10**10)
    huge = with_chip(chip, network_forecast(10**9, 10**13, 9, 20, 1, True))
    if free_bytes() is not None:
        with pytest.raises(UsageError, match=r"80% of the .* that are free"):
            refuse_beyond(huge, None)


def test_links_of_any_topology_are_forecast() -> None:
    own = Forecast((), "")

    def links(*settings: str, ports: int | None = None) -> int:
        return dict(with_chip(load_chip("mesh-16", settings), own, ports).parts).get("ways of the topology", 0)

    tree = ("noc.topology=tree", "noc.width=85", "noc.height=1", "noc.arity=4", "noc.cast=unicast")
    assert links() == 0
    assert links(*tree) == 85 * 5 * WAY_BYTES
    assert links(*tree, ports=9) == 85 * 9 * WAY_BYTES
    assert links("noc.topology=torus", "noc.cast=unicast") == 16 * 6 * WAY_BYTES

"""Hierarchical partition: groups are whole networks of their own, limits hold across all of them, processes do not matter."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.errors import MappingError
from chipsim.noc import Mesh
from nsn_mapping.evaluate import evaluate
from nsn_mapping.hypergraph import Caps, Hypergraph, from_graph, plain_caps
from nsn_mapping.partition.hierarchical import cores_of, induced, partition
from nsn_mapping.partition.streaming import stream
from workloads.synthetic.graphs import generate_graph

N, CAP, PARTS = 3_000, 32, 98


@pytest.fixture(scope="module")
def network() -> Hypergraph:
    graph = generate_graph("topics", N, 2)
    return from_graph(graph.indptr, graph.targets, graph.spikes)


def test_better_than_streaming_and_the_same_on_any_number_of_processes(network: Hypergraph) -> None:
    caps = plain_caps(N, CAP)
    one, two = (partition(network, caps, PARTS, 1, group=800, workers=workers) for workers in (1, 2))
    assert (one == two).all() and one.dtype == np.int32
    assert one.min() >= 0 and one.max() < PARTS and np.bincount(one).max() <= CAP
    mesh = Mesh(14, 7)
    assert evaluate(network, one, mesh).packets < evaluate(network, stream(network, caps, PARTS, 1, 6), mesh).packets


def test_memory_and_axons_hold_across_groups(network: Hypergraph) -> None:
    caps = Caps(CAP, np.full(N, 8), axons=90, bits=1_400, axon_bits=4, forward_bits=4)
    part = partition(network, caps, 160, 1, group=1_500, workers=1)
    axons: dict[int, int] = defaultdict(int)
    bits = np.bincount(part, minlength=160) * 8
    for e in range(network.edges):
        reached = set(part[network.pins[network.pin_start[e] : network.pin_start[e + 1]]].tolist())
        for p in reached:
            axons[p] += 1
            bits[p] += 4
        bits[part[network.source[e]]] += 4 * len(reached)
    assert np.bincount(part).max() <= CAP and max(axons.values()) <= 90 and bits.max() <= 1_400


def test_too_few_cores_are_refused(network: Hypergraph) -> None:
    with pytest.raises(MappingError, match=r"3000 neurons on 93 cores of 32 neurons; allowed: 2976"):
        partition(network, plain_caps(N, CAP), 93, 1, group=800)


def test_induced_nets_are_what_is_left_of_each(network: Hypergraph) -> None:
    rows = np.sort(np.random.default_rng(3).permutation(N)[:700]).astype(np.int32)
    number = np.full(N, -1, np.int32)
    inner = induced(network, rows, number)
    assert (number == -1).all()
    place = {int(v): i for i, v in enumerate(rows)}
    wanted = []
    for e in range(network.edges):
        pins = [place[v] for v in network.pins[network.pin_start[e] : network.pin_start[e + 1]].tolist() if v in place]
        if pins:
            wanted.append((pins, place.get(int(network.source[e]), -1), int(network.weight[e])))
    found = [
        (inner.pins[inner.pin_start[i] : inner.pin_start[i + 1]].tolist(), int(inner.source[i]), int(inner.weight[i]))
        for i in range(inner.edges)
    ]
    assert found == wanted


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30), st.integers(1, 600), st.integers(0, 50))
@settings(max_examples=200)
def test_cores_are_given_in_proportion(sizes: list[int], neurons: int, spare: int) -> None:
    size = np.array(sizes)
    need = -(-size // neurons)
    parts = max(1, int(need.sum())) + spare
    share = cores_of(size, parts, neurons)
    assert share.sum() == parts and (share >= need).all()
    if need.sum():
        with pytest.raises(MappingError, match=f"allowed: {int(need.sum()) - 1};"):
            cores_of(size, int(need.sum()) - 1, neurons)

"""Mt-KaHyPar as a partitioner: its km1 is our packets, limits are kept, the same seed gives the same parts."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from chipsim.errors import MappingError
from chipsim.noc import Mesh
from nsn_mapping.evaluate import evaluate
from nsn_mapping.hypergraph import Hypergraph, build_hypergraph, from_graph, plain_caps
from nsn_mapping.partition import kahypar
from workloads.synthetic.graphs import generate_graph

needed = pytest.mark.skipif(not kahypar.is_installed(), reason="mtkahypar is not installed: pip install 'chipsim[mtkahypar]'")


def small() -> Hypergraph:
    graph = generate_graph("topics", 2_000, 1)
    return from_graph(graph.indptr, graph.targets, graph.spikes)


def test_nets_hold_their_senders_once() -> None:
    h = build_hypergraph(
        5,
        np.array([0, 2, 4, 5, 6, 8]),
        np.array([1, 2, 0, 3, 4, 2, 0, 1], np.int32),
        np.array([0, 0, -1, 3, 1], np.int32),  # net 1 and net 4 are read by their own senders; net 2 has one member
        np.array([5, 6, 7, 0, 8]),
    )
    start, vertices, weight = kahypar.nets_with_sources(h)
    nets = [sorted(vertices[start[i] : start[i + 1]].tolist()) for i in range(len(weight))]
    assert list(zip(nets, weight.tolist(), strict=True)) == [([0, 1, 2], 5), ([0, 3], 6), ([0, 1], 8)]


@needed
@pytest.mark.parametrize("preset", ["large_k", "default"])
def test_limits_are_kept_and_a_seed_repeats(preset: str) -> None:
    h, caps = small(), plain_caps(2_000, 128)
    first, again, other = (kahypar.partition(h, caps, 16, seed, preset) for seed in (1, 1, 2))
    assert first.dtype == np.int32 and np.bincount(first, minlength=16).max() <= 128 and len(np.bincount(first)) <= 16
    assert (first == again).all() and (first != other).any()
    rng = np.random.default_rng(0)
    at_random = rng.permutation(np.arange(2_000) % 16).astype(np.int32)
    mesh = Mesh(4, 4)
    assert evaluate(h, first, mesh).packets < 0.6 * evaluate(h, at_random, mesh).packets


@needed
def test_a_nearly_full_chip_is_filled_to_the_cap() -> None:
    h = small()
    part = kahypar.partition(h, plain_caps(2_000, 126), 16, 3, "large_k")  # 2,000 of 2,016
    assert np.bincount(part).max() <= 126


@needed
def test_one_core_holds_all() -> None:
    assert not kahypar.partition(small(), plain_caps(2_000, 2_000), 4, 1).any()


@needed
def test_too_few_cores_and_unknown_presets_are_refused() -> None:
    with pytest.raises(MappingError, match="2000 neurons on 3 cores of 512 neurons; allowed: 1536"):
        kahypar.partition(small(), plain_caps(2_000, 512), 3, 1)
    with pytest.raises(MappingError, match=r"preset 'best' .* allowed: large_k, default"):
        kahypar.partition(small(), plain_caps(2_000, 512), 4, 1, "best")


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kahypar, "is_installed", lambda: False)
    with pytest.raises(MappingError, match=r"pip install 'chipsim\[mtkahypar\]'"):
        kahypar.partition(small(), plain_caps(2_000, 512), 4, 1)


def test_a_child_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kahypar, "is_installed", lambda: True)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(MappingError, match="ended with code 1"):
        kahypar.partition(small(), plain_caps(2_000, 512), 4, 1)

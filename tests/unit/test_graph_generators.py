"""Graphs made by rule have the statistics that they promise, and those of the reference graphs."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.errors import UsageError
from tests.folders import MAPPING
from workloads.synthetic.graphs import KINDS, Graph, generate_graph, read_rule


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_well_formed_and_decided_by_the_seed(kind: str) -> None:
    graph, again, other = (generate_graph(kind, 3_000, seed) for seed in (1, 1, 2))
    n = len(graph)
    assert 2_800 < n <= 3_000
    assert graph.indptr[0] == 0 and graph.indptr[-1] == len(graph.targets) and len(graph.indptr) == n + 1
    sender = np.repeat(np.arange(n), np.diff(graph.indptr))
    assert (np.diff(sender * n + graph.targets) > 0).all(), "targets ascend, none twice"
    assert (sender != graph.targets).all() and graph.targets.min() >= 0 and graph.targets.max() < n
    assert graph.spikes.min() >= 1 and graph.spikes.dtype == graph.indptr.dtype == np.int64 and graph.targets.dtype == np.int32
    assert all((getattr(graph, name) == getattr(again, name)).all() for name in ("indptr", "targets", "spikes"))
    assert not np.array_equal(graph.spikes, other.spikes)


def _figures(indptr: np.ndarray, targets: np.ndarray, spikes: np.ndarray) -> dict[str, float]:
    n, fan_out = len(spikes), np.diff(indptr)
    fan_in = np.bincount(targets, minlength=n)
    return {
        "synapses": len(targets),
        "largest fan-out": float(np.median(np.sort(fan_out)[-8:])),
        "99 % of fan-outs": float(np.percentile(fan_out, 99)),
        "without targets": float((fan_out == 0).sum()),
        "with one input": float((fan_in == 1).sum()),
        "most inputs": float(fan_in.max()),
        "mean spikes": float(spikes.mean()),
        "median spikes": float(np.median(spikes)),
        "99 % of spikes": float(np.percentile(spikes, 99)),
    }


@pytest.mark.parametrize(("file", "kind", "n"), [("nsnT48k", "topics", 48_000), ("sw30k", "small-world", 30_000)])
def test_statistics_of_the_reference_graphs(file: str, kind: str, n: int) -> None:
    with np.load(MAPPING / f"{file}.npz") as arrays:
        wanted = _figures(arrays["indptr"], arrays["targets"], arrays["spikes"])
    made = generate_graph(kind, n, 5)
    found = _figures(made.indptr, made.targets, made.spikes)
    for name, value in wanted.items():
        if kind == "small-world" and name in ("with one input", "most inputs"):
            continue  # none, and an extreme of few
        assert found[name] == pytest.approx(value, rel=0.08, abs=2), name


def test_topics_form_layers_and_stay_together() -> None:
    graph = generate_graph("topics", 100_000, 3)
    sender = np.repeat(np.arange(len(graph)), np.diff(graph.indptr))
    bounds = np.concatenate(([0, 100], 100 + np.cumsum([1_000, 3_000, 8_000, 16_000, 24_000, 28_000]), [100_000]))
    layer = np.searchsorted(bounds, np.arange(len(graph)), side="right") - 1
    assert (layer[graph.targets] == layer[sender] + 1).all()
    assert (np.bincount(graph.targets, minlength=len(graph))[100:] >= 1).all()
    # readers of one rarely read neuron share far more of their other inputs than two neurons drawn at random
    order = np.argsort(graph.targets, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(graph.targets, minlength=len(graph)))))
    inputs = [set(sender[order[start[v] : start[v + 1]]].tolist()) for v in range(60_000, 62_000)]
    pairs = np.random.default_rng(0).integers(0, 2_000, (20_000, 2))
    by_chance = np.mean([len(inputs[a] & inputs[b]) for a, b in pairs if a != b])
    rare = [v for v in range(bounds[5], bounds[6]) if 2 <= graph.indptr[v + 1] - graph.indptr[v] <= 4][:2_000]
    readers = [graph.targets[graph.indptr[v] : graph.indptr[v] + 2] for v in rare]
    near = np.mean([len(_inputs(a, sender, order, start) & _inputs(b, sender, order, start)) - 1 for a, b in readers])
    assert near > 5 * by_chance


def _inputs(v: int, sender: np.ndarray, order: np.ndarray, start: np.ndarray) -> set[int]:
    return set(sender[order[start[v] : start[v + 1]]].tolist())


def test_small_world_is_a_ring_with_a_tenth_rewired() -> None:
    n = 20_000
    graph = generate_graph("small-world", n, 4)
    fan_out = np.diff(graph.indptr)
    assert fan_out.max() == 16 and fan_out.mean() > 15.9
    # two that are linked on the ring share targets; two ends of a rewired synapse do not: about 0.9 of the synapses are of the ring
    rows = np.random.default_rng(1).integers(0, n, 1_500)
    sets = {int(v): set(_row(graph, int(v))) for v in rows}
    shared = [len(sets[v] & set(_row(graph, t))) > 2 for v in sets for t in sets[v]]
    assert np.mean(shared) == pytest.approx(0.9, abs=0.02)


def _row(graph: Graph, v: int) -> list[int]:
    return list(graph.targets[graph.indptr[v] : graph.indptr[v + 1]].tolist())


def test_feed_forward_fields() -> None:
    graph = generate_graph("feed-forward", 10 * 20 * 20 + 7, 1)
    assert len(graph) == 4_000
    inner, corner, last = 2 * 400 + 7 * 20 + 9, 2 * 400, 9 * 400 + 5
    expected = [3 * 400 + y * 20 + x for y in range(5, 10) for x in range(7, 12)]
    assert _row(graph, inner) == expected
    assert _row(graph, corner) == [3 * 400 + y * 20 + x for y in range(3) for x in range(3)]
    assert _row(graph, last) == []


def test_rules_as_text() -> None:
    assert read_rule("topics:5000") == ("topics", 5000, 1)
    assert read_rule("small-world:5000:9") == ("small-world", 5000, 9)
    assert read_rule("graph.npz") is None and read_rule("C:5000") is None
    for text in ("topics:", "topics:x", "topics:1:2:3", "topics:-5", "topics", "topics:5e3"):
        with pytest.raises(UsageError, match="KIND:NEURONS"):
            read_rule(text)
    with pytest.raises(UsageError, match="did you mean topics"):
        generate_graph("topic", 5_000, 1)
    with pytest.raises(UsageError, match="allowed: 1000 to 20000000"):
        generate_graph("topics", 10, 1)
    with pytest.raises(UsageError, match="seed -1"):
        generate_graph("topics", 5_000, -1)

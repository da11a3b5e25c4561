"""Streaming keeps every limit, recounted here with sets; kernels give the same as the Python that they are made from."""

from __future__ import annotations

import importlib
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chipsim import jit
from chipsim.errors import MappingError
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph, build_hypergraph, plain_caps
from nsn_mapping.partition.order import ORDERS, breadth_first
from nsn_mapping.partition.streaming import stream

Use = dict[str, list[int]]


@st.composite
def hypergraphs(draw: st.DrawFn, most: int = 60) -> Hypergraph:
    """Nets of any size, some without a sender, some read by their own sender, some of one sender."""
    n = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    nets = draw(st.integers(0, 2 * n))
    sets = [np.unique(rng.integers(0, n, rng.integers(1, draw(st.sampled_from([3, 8, 40]))))) for _ in range(nets)]
    start = np.concatenate(([0], np.cumsum([len(s) for s in sets]))).astype(np.int64)
    pins = np.concatenate(sets).astype(np.int32) if sets else np.zeros(0, np.int32)
    return build_hypergraph(n, start, pins, rng.integers(-1, n, nets).astype(np.int32), rng.integers(0, 9, nets))


def used(h: Hypergraph, caps: Caps, part: np.ndarray, parts: int) -> Use:
    """What each part takes of every resource, from the definitions in ``Caps``."""
    axons: dict[int, int] = defaultdict(int)
    entries: dict[int, int] = defaultdict(int)
    for e in range(h.edges):
        reached = {int(part[v]) for v in h.pins[h.pin_start[e] : h.pin_start[e + 1]]}
        for p in reached:
            axons[p] += 1
        if h.source[e] >= 0:
            entries[int(part[h.source[e]])] += len(reached)
    own = [int(caps.own_bits[part == p].sum()) for p in range(parts)]
    bits = [own[p] + caps.axon_bits * axons[p] + caps.forward_bits * entries[p] for p in range(parts)]
    every = range(parts)
    return {
        "neurons": [int((part == p).sum()) for p in every],
        "axons": [axons[p] for p in every],
        "bits": bits,
        "entries": [entries[p] for p in every],
    }


def check(h: Hypergraph, caps: Caps, part: np.ndarray, parts: int) -> None:
    assert part.dtype == np.int32 and len(part) == len(h)
    assert part.min() >= 0 and part.max() < parts
    for resource, amounts in used(h, caps, part, parts).items():
        assert max(amounts) <= getattr(caps, resource), resource


@given(hypergraphs(), st.data())
@settings(max_examples=150, deadline=None)
def test_limits_are_kept_or_refused(h: Hypergraph, data: st.DataObject) -> None:
    n = len(h)
    parts = data.draw(st.integers(1, 8))
    caps = Caps(
        neurons=data.draw(st.integers(-(-n // parts), n)),
        own_bits=np.random.default_rng(n).integers(0, 10, n),
        axons=data.draw(st.sampled_from([NO_LIMIT, 20, 40])),
        bits=data.draw(st.sampled_from([NO_LIMIT, 300, 600])),
        entries=data.draw(st.sampled_from([NO_LIMIT, 20, 60])),
        axon_bits=data.draw(st.integers(0, 4)),
        forward_bits=data.draw(st.integers(0, 4)),
    )
    passes, order = data.draw(st.integers(1, 3)), data.draw(st.sampled_from(sorted(ORDERS)))
    try:
        part = stream(h, caps, parts, 1, passes, order)
    except MappingError as error:
        assert "allowed: " in str(error) and "core " in str(error)
        return
    check(h, caps, part, parts)
    assert (stream(h, caps, parts, 1, passes, order) == part).all()


@given(hypergraphs(), st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_neurons_alone_always_fit(h: Hypergraph, parts: int) -> None:
    caps = plain_caps(len(h), -(-len(h) // parts))
    for passes in (1, 3):
        check(h, caps, stream(h, caps, parts, 1, passes), parts)


@given(hypergraphs())
@settings(max_examples=60, deadline=None)
def test_breadth_first_order_takes_each_once_and_neighbours_first(h: Hypergraph) -> None:
    order = breadth_first(h).tolist()
    assert sorted(order) == list(range(len(h)))
    near: dict[int, set[int]] = defaultdict(set)
    for e in range(h.edges):
        members = {*h.pins[h.pin_start[e] : h.pin_start[e + 1]].tolist(), *([int(h.source[e])] if h.source[e] >= 0 else [])}
        for v in members:
            near[v] |= members
    seen: set[int] = set()
    open_now: set[int] = set()
    for v in order:
        assert v in open_now or not open_now, "left a component before it was done"
        seen.add(v)
        open_now = (open_now | near[v]) - seen


def test_what_fits_nowhere_is_named() -> None:
    h = build_hypergraph(4, np.array([0, 4]), np.arange(4, dtype=np.int32), np.array([-1], np.int32), np.array([1]))
    caps = Caps(neurons=4, own_bits=np.array([5, 5, 5, 50]), bits=20, axon_bits=1)
    with pytest.raises(MappingError, match=r"neuron 3: core \d holds \d+ memory bits and would need 51 more; allowed: 20"):
        stream(h, caps, 2, 1)
    with pytest.raises(MappingError, match=r"4 neurons on 1 cores of 3 neurons; allowed: 3"):
        stream(h, plain_caps(4, 3), 1, 1)


@example(h=build_hypergraph(1, np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64)))
@given(hypergraphs(30))
@settings(max_examples=25, deadline=None)
def test_compiled_and_interpreted_agree(h: Hypergraph) -> None:
    caps = Caps(neurons=-(-len(h) // 3) + 2, own_bits=np.ones(len(h), np.int64), bits=400, axon_bits=1, forward_bits=1)
    found = []
    for load in (jit.load, lambda name, entries: importlib.import_module(name)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jit, "load", load)
            try:
                found.append(stream(h, caps, 3, 1, 2).tolist())
            except MappingError as error:
                found.append(str(error))
    assert found[0] == found[1]

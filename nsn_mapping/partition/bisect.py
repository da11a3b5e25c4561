"""Recursive bisection of a hypergraph: multilevel, with two-way Fiduccia-Mattheyses search (Fiduccia and Mattheyses 1982).

A net that is cut goes on in both halves with the pins that it has there, so that the cuts of all bisections add up to lambda - 1. Sources are
pins like others here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from chipsim import jit
from nsn_mapping.partition.coarsen import Level, coarsen
from nsn_mapping.partition.heap import Heap, change, drop, new_heap, push
from nsn_mapping.partition.pins import Ints, Nets, Words

_COARSEST = 120
_TRIES = 4
_PASSES = 2


@jit.struct
class Halves(NamedTuple):
    """Scratch of two-way search.

    Attributes:
        side: int32[n], 0 or 1.
        inside: int32[2 * nets], pins of each net on each side.
        mark: int32[n], the pass that moved a vertex.
        moved: int32[n].
        weight: int64[2], neurons on each side.
        most: int64[2], neurons that a side may have.
    """

    side: Words
    inside: Words
    mark: Words
    moved: Words
    weight: Ints
    most: Ints


def recursive_bisection(nets: Nets, parts: int, cap: int, seed: int) -> Words:
    """Parts of at most ``cap`` neurons each where that comes out; what remains above is for repair.

    Args:
        nets: the hypergraph.
        parts: how many.
        cap: neurons of a part.
        seed: of all that is random.

    Returns:
        int32[n], 0..parts-1.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    label = np.zeros(len(nets.size), np.int32)
    work = [(with_sources(nets), np.arange(len(nets.size)), 0, parts)]
    while work:
        part, rows, first, count = work.pop()
        if count == 1 or len(rows) <= 1:
            label[rows] = first
            continue
        left = count // 2
        side = _bisect(part, left, count - left, cap, rng)
        for which, begin, number in ((0, first, left), (1, first + left, count - left)):
            chosen = np.flatnonzero(side == which)
            if number == 1:
                label[rows[chosen]] = begin
            else:
                work.append((_induced(part, chosen), rows[chosen], begin, number))
    return label


def with_sources(nets: Nets) -> Nets:
    """The same nets with their sources among the pins, and nobody as source."""
    edges, n = len(nets.source), len(nets.size)
    net = np.repeat(np.arange(edges, dtype=np.int64), np.diff(nets.pin_start))
    extra = np.flatnonzero((nets.source >= 0) & (nets.loop == 0))
    key = np.sort(np.concatenate((net * n + nets.pins, extra * n + nets.source[extra])))
    return _without_sources(key // n, (key % n).astype(np.int32), nets.weight, nets.size)


def _induced(nets: Nets, rows: Ints) -> Nets:
    """What is left of the nets within some vertices."""
    number = np.full(len(nets.size), -1, np.int32)
    number[rows] = np.arange(len(rows), dtype=np.int32)
    net = np.repeat(np.arange(len(nets.weight), dtype=np.int64), np.diff(nets.pin_start))
    inside = number[nets.pins] >= 0
    pins, net = number[nets.pins[inside]], net[inside]
    many = np.bincount(net, minlength=len(nets.weight)) > 1
    kept = many[net]
    return _without_sources((np.cumsum(many) - 1)[net[kept]], pins[kept], nets.weight[many], nets.size[rows])


def _without_sources(net: Ints, pins: Words, weight: Ints, size: Ints) -> Nets:
    n, edges = len(size), len(weight)
    start, net_start = np.zeros(edges + 1, np.int64), np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(net, minlength=edges), out=start[1:])
    np.cumsum(np.bincount(pins, minlength=n), out=net_start[1:])
    order = np.argsort(pins, kind="stable")
    none = np.zeros(0, np.int32)
    return Nets(
        start, pins, np.full(edges, -1, np.int32), weight, net_start, net[order].astype(np.int32), np.zeros(n + 1, np.int64), none,
        np.ones(edges, np.int64), np.zeros(edges, np.uint8), size, np.zeros(n, np.int64),
    )  # fmt: skip


def _bisect(nets: Nets, left: int, right: int, cap: int, rng: np.random.Generator) -> Words:
    total, count = int(nets.size.sum()), left + right
    # As much room in each step as, taken in all of them, uses up what the parts have (Mt-KaHyPar's adaptive imbalance).
    slack = max(1.0, cap * count / max(1, total)) ** (1 / math.ceil(math.log2(count)))
    most = [max(1, math.floor(total * share / count * slack)) for share in (left, right)]
    levels: list[Level] = []
    current = nets
    while len(current.size) > _COARSEST:
        order = rng.permutation(len(current.size)).astype(np.int32)
        level = coarsen(current, order, max(int(current.size.max()), math.ceil(total / _COARSEST * 1.5)), 2**62, None, False)
        if level is None:
            break
        levels.append(level)
        current = level.nets
    best, least = None, None
    for attempt in range(_TRIES):
        side = _first(current, most, total * left // count, attempt, rng)
        side, found = _improve(current, side, most, rng)
        if least is None or found < least:
            best, least = side, found
    assert best is not None
    side = best
    for depth in range(len(levels) - 1, -1, -1):
        fine = nets if depth == 0 else levels[depth - 1].nets
        side, _ = _improve(fine, side[levels[depth].cluster], most, rng)
    return side


def _first(nets: Nets, most: list[int], wanted: int, attempt: int, rng: np.random.Generator) -> Words:
    """Grown from one vertex, or drawn."""
    n = len(nets.size)
    side = np.ones(n, np.int32)
    order = rng.permutation(n)
    if attempt % 3 == 2:
        filled = np.cumsum(nets.size[order])
        side[order[filled <= wanted]] = 0
        return side
    halves, heap = _scratch(nets, side, most)
    kernels = jit.load(__name__, entries=("grow", "improve"))
    kernels.grow(nets, halves, heap, int(order[0]), wanted)
    return halves.side


def _improve(nets: Nets, side: Words, most: list[int], rng: np.random.Generator) -> tuple[Words, tuple[int, int]]:
    """A better bisection, how much it is over its limits, and its cut."""
    halves, heap = _scratch(nets, side, most)
    other = new_heap(len(nets.size))
    kernels = jit.load(__name__, entries=("grow", "improve"))
    patience = max(60, min(600, len(nets.size) // 8))
    cut = int(kernels.improve(nets, halves, heap, other, _PASSES, patience))
    over = int(max(0, halves.weight[0] - most[0]) + max(0, halves.weight[1] - most[1]))
    return halves.side, (over, cut)


def _scratch(nets: Nets, side: Words, most: list[int]) -> tuple[Halves, Heap]:
    n = len(nets.size)
    halves = Halves(
        side.astype(np.int32), np.zeros(2 * len(nets.weight), np.int32), np.zeros(n, np.int32), np.zeros(n, np.int32),
        np.zeros(2, np.int64), np.array(most, np.int64),
    )  # fmt: skip
    return halves, new_heap(n)


def tally(N: Nets, B: Halves) -> int:
    """Count pins and neurons of both sides; returns the cut."""
    cut = 0
    B.weight[0] = 0
    B.weight[1] = 0
    for v in range(len(N.size)):
        B.weight[B.side[v]] += N.size[v]
    for e in range(len(N.weight)):
        one = 0
        for i in range(N.pin_start[e], N.pin_start[e + 1]):
            one += B.side[N.pins[i]]
        B.inside[2 * e] = N.pin_start[e + 1] - N.pin_start[e] - one
        B.inside[2 * e + 1] = one
        if one > 0 and B.inside[2 * e] > 0:
            cut += N.weight[e]
    return cut


def two_way_gain(N: Nets, B: Halves, v: int) -> int:
    """What the cut falls by when a vertex changes sides."""
    here = B.side[v]
    gain = 0
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        if B.inside[2 * e + here] == 1:
            gain += N.weight[e]
        if B.inside[2 * e + 1 - here] == 0:
            gain -= N.weight[e]
    return gain


def cross(N: Nets, B: Halves, zero: Heap, one: Heap, v: int) -> None:
    """Take a vertex to the other side and bring the gains of those in the heaps up to date."""
    a = B.side[v]
    b = 1 - a
    B.side[v] = b
    B.weight[a] -= N.size[v]
    B.weight[b] += N.size[v]
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        w = N.weight[e]
        there, left = B.inside[2 * e + b], B.inside[2 * e + a] - 1
        B.inside[2 * e + b] = there + 1
        B.inside[2 * e + a] = left
        if there > 1 and left > 1:
            continue
        for j in range(N.pin_start[e], N.pin_start[e + 1]):
            u = N.pins[j]
            delta = 0
            if there == 0:
                delta += w
            elif there == 1 and B.side[u] == b and u != v:
                delta -= w
            if left == 0:
                delta -= w
            elif left == 1 and B.side[u] == a:
                delta += w
            if delta != 0:
                if zero.at[u] > 0:
                    change(zero, u, zero.key[u] + delta)
                elif one.at[u] > 0:
                    change(one, u, one.key[u] + delta)


def improve(N: Nets, B: Halves, zero: Heap, one: Heap, passes: int, patience: int) -> int:
    """Two-way FM passes until one gains nothing; returns the cut."""
    cut = tally(N, B)
    for turn in range(passes):
        before = cut
        for v in range(len(N.size)):
            if N.net_start[v + 1] > N.net_start[v] or B.weight[0] > B.most[0] or B.weight[1] > B.most[1]:
                if B.side[v] == 0:
                    push(zero, v, two_way_gain(N, B, v))
                else:
                    push(one, v, two_way_gain(N, B, v))
        over = max(0, B.weight[0] - B.most[0]) + max(0, B.weight[1] - B.most[1])
        least_over, least, kept, length, now = over, cut, 0, 0, cut
        while length - kept < patience and (zero.size[0] > 0 or one.size[0] > 0):
            pick = -1
            if zero.size[0] > 0:
                v = zero.vertex[0]
                if B.weight[1] + N.size[v] <= B.most[1] or B.weight[0] > B.most[0]:
                    pick = v
            if one.size[0] > 0:
                v = one.vertex[0]
                room = B.weight[0] + N.size[v] <= B.most[0] or B.weight[1] > B.most[1]
                better = pick < 0 or B.weight[1] > B.most[1] or (B.weight[0] <= B.most[0] and one.key[v] > zero.key[pick])
                if room and better:
                    pick = v
            if pick < 0:  # no room for either: they step aside in this pass
                if zero.size[0] > 0:
                    drop(zero, zero.vertex[0])
                if one.size[0] > 0:
                    drop(one, one.vertex[0])
                continue
            v = pick
            if zero.at[v] > 0:
                now -= zero.key[v]
                drop(zero, v)
            else:
                now -= one.key[v]
                drop(one, v)
            cross(N, B, zero, one, v)
            B.moved[length] = v
            length += 1
            over = max(0, B.weight[0] - B.most[0]) + max(0, B.weight[1] - B.most[1])
            if over < least_over or (over == least_over and now < least):
                least_over, least, kept = over, now, length
        while zero.size[0] > 0:
            drop(zero, zero.vertex[zero.size[0] - 1])
        while one.size[0] > 0:
            drop(one, one.vertex[one.size[0] - 1])
        while length > kept:
            length -= 1
            cross(N, B, zero, one, B.moved[length])
        cut = least
        if kept == 0 or (cut >= before and turn > 0):
            break
    return cut


def grow(N: Nets, B: Halves, one: Heap, seed: int, wanted: int) -> None:
    """Let side 0 grow from a vertex, the best gain first, up to a weight; all are on side 1 before."""
    tally(N, B)
    for v in range(len(N.size)):
        push(one, v, two_way_gain(N, B, v))
    v = seed
    while B.weight[0] + N.size[v] <= wanted:
        drop(one, v)
        cross(N, B, one, one, v)
        if one.size[0] == 0:
            return
        v = one.vertex[0]
    while one.size[0] > 0:
        drop(one, one.vertex[one.size[0] - 1])

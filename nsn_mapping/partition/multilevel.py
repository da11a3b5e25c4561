"""The default partitioner: a first partition, brought within all limits, then V-cycles of coarsening and local search.

A V-cycle joins vertices of the same part into clusters, level by level, and searches on every level on the way back (Walshaw 2004, "Multilevel
refinement for combinatorial optimisation problems"): whole groups move first, single neurons last, and nothing ever gets worse. The first
partition is by recursive bisection of the hypergraph itself; of networks too large for that, by METIS.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chipsim import jit
from chipsim.errors import MappingError
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph
from nsn_mapping.partition.bisect import recursive_bisection
from nsn_mapping.partition.coarsen import coarsen
from nsn_mapping.partition.initial import metis
from nsn_mapping.partition.legalise import legalise
from nsn_mapping.partition.pins import LIMITED, Nets, Parts, Words, as_nets, empty_parts
from nsn_mapping.partition.streaming import stream

_LARGE = 1_500_000
"""Pins from which the first partition comes from METIS, and little effort has to do."""

_MERGED = 32
"""A cluster that bisection starts from holds at most one part in so many of the neurons of a core."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long search goes on.

    Attributes:
        cycles: V-cycles, each of which saves about half of what the one before saved.
        finishing: further ones where search had more room than a core has, when everything is within the limits.
        passes: of local search on one level, at most.
        least_saved: they end when one saves less than this share of the cost.
        least_joined: levels end when one has not this share of vertices less.
    """

    cycles: int
    finishing: int
    passes: int
    least_saved: float
    least_joined: float


NORMAL = Effort(2, 1, 5, 0.004, 0.03)
QUICK = Effort(1, 0, 5, 0.01, 0.07)
"""Of large networks: on 10^6 neurons with topics half the time of a cycle of ``NORMAL``, and 8 % more packets."""

_CLUSTERS_PER_PART = 8
_LEAST_ROOM = 0.06
"""Share of free neurons below which search first works with more of them than a core has; what is too much then leaves at the least loss."""

_RESOURCES = ("neurons", "axons", "memory bits", "forwarding entries")


def partition(
    h: Hypergraph, caps: Caps, parts: int, seed: int, effort: Effort | None = None, start: Words | None = None
) -> Words:
    """Partition a network within hard limits, with few packets (lambda - 1).

    Args:
        h: the network.
        caps: what a part can hold.
        parts: how many there are; some may stay empty.
        seed: of all that is random.
        effort: None for ``NORMAL``, or ``QUICK`` for large networks.
        start: int32[n], a partition to improve, None for one of its own.

    Returns:
        int32[n], parts 0..parts-1, all within the limits.

    Raises:
        MappingError: the network does not fit, or no way was found to hold the limits.
    """
    n = len(h)
    if n > parts * caps.neurons:
        raise MappingError(
            f"mapping: {n} neurons need {math.ceil(n / caps.neurons)} cores of {caps.neurons} neurons, there are {parts};"
            f" allowed: {parts * caps.neurons} neurons; use more cores or larger ones"
        )
    if n == 0:
        return np.zeros(0, np.int32)
    large = len(h.pins) > _LARGE
    effort = effort or (QUICK if large else NORMAL)
    rng = np.random.Generator(np.random.PCG64(seed))
    nets = as_nets(h, caps)
    table = _Table(nets, caps, empty_parts(nets, caps, parts), effort)
    room = _with_room(caps, n, parts)
    given = None if start is None else _take_over(table, start)
    if given is not None and not _within(table):
        given = None
    label = _first(nets, room, parts, seed, rng) if start is None else start
    if room is not caps:
        loose = replace(table, caps=room, state=empty_parts(nets, room, parts))
        cost = _take_over(loose, label)
        for _ in range(effort.cycles):
            cost = _cycle(loose, cost, rng)
        label = loose.state.part
    cost = _take_over(table, label)
    if not _within(table):
        cost = _relieve(table, h, parts, seed)
        cost -= _search(table, cost, rng)
    for _ in range(effort.cycles if room is caps else effort.finishing):
        cost = _cycle(table, cost, rng)
    if start is not None and given is not None and given <= cost:
        return start.copy()
    return table.state.part.copy()


def _with_room(caps: Caps, vertices: int, parts: int) -> Caps:
    """The same limits, but with enough neurons a part that local search can move."""
    wanted = math.ceil(vertices / parts * (1 + _LEAST_ROOM))
    return caps if caps.neurons >= wanted else replace(caps, neurons=wanted)


@dataclass(frozen=True, slots=True)
class _Table:
    """A hypergraph, its limits and the partition at work, and how hard to work on it."""

    nets: Nets
    caps: Caps
    state: Parts
    effort: Effort


def _first(nets: Nets, caps: Caps, parts: int, seed: int, rng: np.random.Generator) -> Words:
    """A first partition: of clusters of a few vertices by recursive bisection, or of the vertices by METIS."""
    if len(nets.pins) > _LARGE:
        return metis(nets, parts, seed)
    most = max(1, caps.neurons // _MERGED)
    order = rng.permutation(len(nets.size)).astype(np.int32)
    level = coarsen(nets, order, most, NO_LIMIT, None, False) if most > 1 else None
    if level is None:
        return recursive_bisection(nets, parts, caps.neurons, seed)
    return recursive_bisection(level.nets, parts, caps.neurons, seed)[level.cluster]


def _take_over(table: _Table, label: Words) -> int:
    return int(_kernel("pins", "count").count(table.nets, table.state, label))


def _search(table: _Table, cost: int, rng: np.random.Generator) -> int:
    """Label propagation until it saves little; returns what it saved."""
    saved, kernels = 0, _kernel("refine", "propagate")
    for _ in range(table.effort.passes):
        step = int(kernels.propagate(table.nets, table.state, rng.permutation(len(table.nets.size)).astype(np.int32)))
        saved += step
        if step < table.effort.least_saved * (cost - saved):
            break
    return saved


def _cycle(table: _Table, cost: int, rng: np.random.Generator) -> int:
    """One V-cycle; returns the cost after it."""
    parts, caps = len(table.state.held), table.caps
    most = max(2, caps.neurons // _CLUSTERS_PER_PART)
    most_bits = max(int(caps.own_bits.max(initial=0)), caps.bits // _CLUSTERS_PER_PART)
    fine, label, levels = table.nets, table.state.part.copy(), []
    keep = bool(table.state.limits[LIMITED])
    while len(fine.size) > parts * _CLUSTERS_PER_PART:
        level = coarsen(fine, rng.permutation(len(fine.size)).astype(np.int32), most, most_bits, label, keep)
        if level is None or len(level.nets.size) > (1 - table.effort.least_joined) * len(fine.size):
            break
        coarse = np.zeros(len(level.nets.size), np.int32)
        coarse[level.cluster] = label
        levels.append(level)
        fine, label = level.nets, coarse
    for level in reversed(levels):
        at = replace(table, nets=level.nets, state=empty_parts(level.nets, caps, parts))
        cost = _take_over(at, label)
        cost -= _search(at, cost, rng)
        label = at.state.part[level.cluster]
    cost = _take_over(table, label)
    return cost - _search(table, cost, rng)


def _within(table: _Table) -> bool:
    return _worst(table) is None


def _worst(table: _Table) -> tuple[int, int] | None:
    """Part and resource of the first limit that is broken."""
    state, caps = table.state, table.caps
    allowed = caps.neurons, caps.axons, caps.bits, caps.entries
    for resource, (used, most) in enumerate(zip((state.held, state.axons, state.bits, state.entries), allowed, strict=True)):
        over = np.flatnonzero(used > most)
        if len(over):
            return int(over[0]), resource
    return None


def _relieve(table: _Table, h: Hypergraph, parts: int, seed: int) -> int:
    """Bring all parts within their limits: by few moves, by exchanges, or by a partition that never leaves them; returns the cost."""
    state, nets = table.state, table.nets
    kernels = _kernel("edge_cut", "losses", "relieve")
    key = np.zeros(len(h), np.int64)
    label = state.part.copy()
    for _ in range(_ROUNDS):
        worst = int(kernels.losses(nets, state, label, key))
        moved = int(kernels.relieve(nets, state, np.argsort(key, kind="stable").astype(np.int32)))
        label = state.part.copy()
        if worst < 0 or not moved:
            break
    if not _within(table) and not legalise(nets, state, seed):
        label = _legal(table, h, parts, seed)
    else:
        label = state.part.copy()
    return _take_over(table, label)


def _legal(table: _Table, h: Hypergraph, parts: int, seed: int) -> Words:
    """A partition within the limits, however many packets: from one with few axons, else in one pass."""
    if table.state.limits[LIMITED]:
        alike = replace(h, weight=np.ones(h.edges, np.int64))  # each net counts as one axon, so few of them are cut
        wide = replace(table.caps, axons=NO_LIMIT, bits=NO_LIMIT, entries=NO_LIMIT)
        _take_over(table, partition(alike, wide, parts, seed, replace(NORMAL, cycles=1)))
        if legalise(table.nets, table.state, seed):
            return table.state.part.copy()
    try:
        return stream(h, table.caps, parts, seed)
    except MappingError:
        found = _worst(table)
        assert found is not None
        part, resource = found
        used = (table.state.held, table.state.axons, table.state.bits, table.state.entries)[resource][part]
        allowed = (table.caps.neurons, table.caps.axons, table.caps.bits, table.caps.entries)[resource]
        raise MappingError(
            f"mapping: core {part} holds {used} {_RESOURCES[resource]}, allowed are {allowed}; no way was found to hold the limits"
            f" with {parts} cores; use more cores or larger ones"
        ) from None


_ROUNDS = 20


def _kernel(module: str, *entries: str) -> Any:
    return jit.load(f"nsn_mapping.partition.{module}", entries=entries)

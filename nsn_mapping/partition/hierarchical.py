"""Hierarchical partition of very large networks: groups of some hundred cores first, then each group by itself, then the borders.

Multilevel search holds several copies of a network, and its time per vertex grows once they outgrow the processor's caches. So a few passes of
streaming cut the network into groups of about 10^5 vertices; every group is partitioned as a network of its own, in which senders of other
groups are nobody; at last single vertices move across all borders. Groups do not know each other, so they are worked on by as many processes as
there are processors, with the same result.

Measured on a topic DAG of 10^6 neurons and ten groups: 8.5 of some 90 million packets go between groups. METIS on clusters of vertices, the
other way to groups that was tried, left 1.6 times as many on 2 * 10^5 neurons.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.errors import MappingError
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph, build_hypergraph, plain_caps
from nsn_mapping.partition import multilevel
from nsn_mapping.partition.pins import AXONS, BITS, ENTRIES, NEURONS, Parts, Words, as_nets, empty_parts
from nsn_mapping.partition.streaming import stream

Ints = npt.NDArray[np.int64]
Task = tuple[Hypergraph, Caps, int, int]

log = logging.getLogger(__name__)

GROUP = 100_000
"""Vertices of a group, about."""

_EFFORT = replace(multilevel.NORMAL, cycles=1)
_GROUP_PASSES = 6
_BORDER_PASSES = 3
_WORTH = 5e-3
"""A pass over the borders that saves a smaller share of the packets than this is the last one."""


def partition(h: Hypergraph, caps: Caps, parts: int, seed: int, group: int = GROUP, workers: int | None = None) -> Words:
    """Partition in two steps, in memory of a few copies of the network's arrays.

    Args:
        h: the nets.
        caps: what a part may hold. Of the limit on memory, a vertex is charged in advance with an entry for each reader in another group.
        parts: how many; all may be used.
        seed: of all that is random; the same seed gives the same parts.
        group: vertices of a group, about.
        workers: processes; None for one per processor. The result does not depend on it.

    Returns:
        int32[n], parts 0..parts - 1, all within the caps; those of a group are numbered one after the other.

    Raises:
        MappingError: the neurons do not fit the parts, or a limit cannot be held.
    """
    n = len(h)
    if n > parts * caps.neurons:
        raise MappingError(
            f"mapping: {n} neurons on {parts} cores of {caps.neurons} neurons; allowed: {parts * caps.neurons}; use more cores"
        )
    groups = min(parts, -(-n // group))
    if groups <= 1:
        return multilevel.partition(h, caps, parts, seed, _EFFORT)
    # a group may take its share of the parts, all but one of them full
    room = max(-(-n // groups), (parts // groups - 1) * caps.neurons)
    of_vertex = stream(h, plain_caps(n, room), groups, seed, _GROUP_PASSES)
    share = cores_of(np.bincount(of_vertex, minlength=groups), parts, caps.neurons)
    members = np.argsort(of_vertex, kind="stable").astype(np.int32)
    starts = np.searchsorted(of_vertex[members], np.arange(groups + 1))
    label, first = np.zeros(n, np.int32), np.cumsum(share) - share
    tasks = _tasks(h, caps, of_vertex, members, starts, share, seed)
    for g, found in enumerate(_each(tasks, os.cpu_count() or 1 if workers is None else workers)):
        label[members[starts[g] : starts[g + 1]]] = first[g] + found
        log.debug("group %d of %d: %d neurons on %d cores", g + 1, groups, len(found), share[g])
    return _borders(h, caps, parts, label)


def cores_of(size: Ints, parts: int, neurons: int) -> Ints:
    """int64[groups], how many parts each group gets: as many as it needs, the rest in proportion.

    Args:
        size: int64[groups], vertices of each group.
        parts: to give away.
        neurons: vertices of a part.

    Raises:
        MappingError: groups need more than there are.
    """
    need = -(-size // neurons)
    spare = parts - int(need.sum())
    if spare < 0:
        raise MappingError(
            f"mapping: {len(size)} groups of neurons need {int(need.sum())} cores of {neurons} neurons; allowed: {parts}; use more cores"
        )
    if not size.any():
        return need + np.where(np.arange(len(size)) == 0, spare, 0)
    wish = np.maximum(0, size * parts / int(size.sum()) - need)
    share = need + np.floor(wish * spare / max(1.0, float(wish.sum()))).astype(np.int64)
    left = parts - int(share.sum())  # fewer than there are groups: to the fullest
    share[np.argsort(-size / np.maximum(1, share), kind="stable")[:left]] += 1
    return share


def induced(h: Hypergraph, rows: Words, number: Words) -> Hypergraph:
    """Nets within some vertices; senders elsewhere are nobody.

    Args:
        h: the nets.
        rows: int32[m], ascending.
        number: int32[n], scratch, all -1 before and after.
    """
    number[rows] = np.arange(len(rows), dtype=np.int32)
    degree = h.net_start[rows + 1] - h.net_start[rows]
    begin = np.cumsum(degree) - degree
    flat = np.repeat(h.net_start[rows] - begin, degree) + np.arange(int(degree.sum()))
    used, net = np.unique(h.nets[flat], return_inverse=True)
    vertex = np.repeat(np.arange(len(rows), dtype=np.int32), degree)
    start = np.zeros(len(used) + 1, np.int64)
    np.cumsum(np.bincount(net, minlength=len(used)), out=start[1:])
    source = h.source[used]
    source = np.where(source >= 0, number[source], -1).astype(np.int32)
    number[rows] = -1
    return build_hypergraph(len(rows), start, vertex[np.argsort(net, kind="stable")], source, h.weight[used])


def _tasks(h: Hypergraph, caps: Caps, of_vertex: Words, members: Words, starts: Ints, share: Ints, seed: int) -> Iterator[Task]:
    """What each group is to be partitioned with."""
    own_bits = caps.own_bits
    if caps.bits < NO_LIMIT:
        own_bits = own_bits + caps.forward_bits * _readers_outside(h, of_vertex)
    number = np.full(len(h), -1, np.int32)
    for g in range(len(share)):
        rows = members[starts[g] : starts[g + 1]]
        inner = Caps(caps.neurons, own_bits[rows], caps.axons, caps.bits, caps.entries, caps.axon_bits, caps.forward_bits)
        yield induced(h, rows, number), inner, int(share[g]), seed


def _each(tasks: Iterator[Task], workers: int) -> Iterator[Words]:
    """Parts of every group, in order."""
    if workers <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(_one, tasks)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
        waiting = []
        for task in tasks:
            waiting.append(pool.submit(_one, task))
            if len(waiting) > 2 * workers:  # no more groups in memory than are worked on soon
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _one(task: Task) -> Words:
    return multilevel.partition(*task, _EFFORT)


def _readers_outside(h: Hypergraph, of_vertex: Words) -> Ints:
    """int64[n], readers of each vertex in other groups: entries that it can have there at most."""
    net = np.repeat(np.arange(h.edges, dtype=np.int32), np.diff(h.pin_start))
    sender = h.source[net]
    away = (sender >= 0) & (of_vertex[sender] != of_vertex[h.pins])
    return np.bincount(sender[away], minlength=len(h))


def _borders(h: Hypergraph, caps: Caps, parts: int, label: Words) -> Words:
    """Moves of single vertices between all parts."""
    nets = as_nets(h, caps)
    state = empty_parts(nets, caps, parts)
    counting = jit.load("nsn_mapping.partition.pins", entries=("count",))
    kernels = jit.load("nsn_mapping.partition.refine", entries=("propagate",))
    cost = int(counting.count(nets, state, label))
    _refuse_over(state)
    order = np.argsort(label, kind="stable").astype(np.int32)  # part by part: its nets are in the caches
    for _ in range(_BORDER_PASSES):
        saved = int(kernels.propagate(nets, state, order))
        log.debug("%d packets, %d saved at borders", cost, saved)
        cost -= saved
        if saved < _WORTH * cost:
            break
    return state.part


def _refuse_over(state: Parts) -> None:
    used = {"neurons": (state.held, NEURONS), "axons": (state.axons, AXONS), "memory bits": (state.bits, BITS)}
    for resource, (amount, word) in {**used, "forwarding entries": (state.entries, ENTRIES)}.items():
        core = int(amount.argmax())
        if amount[core] > state.limits[word]:
            raise MappingError(
                f"mapping: core {core}: {resource}: {int(amount[core])} used, {int(state.limits[word])} allowed, after partitioning in groups;"
                " use more cores, or another method"
            )

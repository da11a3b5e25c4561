"""Coarsening: vertices that share heavy nets become one, level by level, so that local search can move whole groups.

Each vertex joins the cluster with which it has the most in common: the sum over shared nets of weight / (vertices of the net - 1) (heavy-edge
rating of hypergraphs; Karypis and Kumar 1999). Nets that become equal are merged, and so are nets within one cluster where only neurons are
limited.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.partition.pins import Ints, Nets, Words

Floats = npt.NDArray[np.float64]

_STEPS = 1 << 25
_STEPS_PER_PIN = 4
"""Steps that rating may take, in all or per pin if that is more: a net costs its pins squared. Of the widest nets beyond that a vertex sees
some pins only. To leave out those of 200 to 1,000 pins made the packets 7 % more on a graph of 48,000 neurons with topics, those of 60 and
more 40 %."""

_SAMPLE = 16
"""Pins of a net that a vertex sees if it cannot see all."""

_SIXTY = (1 << 60) - 1

_KERNELS = ("join", "contract", "transpose", "merge_equal")


class Level(NamedTuple):
    """One step of coarsening.

    Attributes:
        nets: the coarser hypergraph.
        cluster: int32[n], vertex of ``nets`` for each vertex of the finer one.
    """

    nets: Nets
    cluster: Words


def coarsen(nets: Nets, order: Words, most_size: int, most_bits: int, within: Words | None, keep: bool) -> Level | None:
    """One level coarser, or None where hardly anything can be joined.

    Args:
        nets: the finer hypergraph.
        order: int32[n], the vertices in the order in which they look for a cluster.
        most_size: neurons of a cluster.
        most_bits: bits of a cluster.
        within: int32[n], only vertices with equal numbers here may join; None for no such condition.
        keep: whether nets within one cluster stay (for the limits on axons and memory).
    """
    n, kernels = len(nets.size), jit.load(__name__, entries=_KERNELS)
    cluster = np.full(n, -1, np.int32)
    scratch = np.zeros(n), np.zeros(n, np.int64), np.zeros(n, np.int32)
    limits = np.array([most_size, most_bits, _widest(nets)], np.int64)
    apart = np.zeros(n, np.int32) if within is None else within
    size, bits = nets.size.copy(), nets.bits.copy()
    clusters = kernels.join(nets, order, apart, limits, cluster, size, bits, *scratch)
    if clusters > 0.97 * n:
        return None
    return Level(contract_nets(nets, cluster, clusters, keep), cluster)


def contract_nets(nets: Nets, cluster: Words, clusters: int, keep: bool) -> Nets:
    """The hypergraph of clusters.

    Args:
        nets: the finer hypergraph.
        cluster: int32[n], 0..clusters-1.
        clusters: how many.
        keep: whether nets within one cluster stay.
    """
    kernels = jit.load(__name__, entries=_KERNELS)
    size = np.bincount(cluster, weights=nets.size, minlength=clusters).astype(np.int64)
    bits = np.zeros(clusters, np.int64)
    np.add.at(bits, cluster, nets.bits)
    edges = len(nets.source)
    start, pins = np.zeros(edges + 1, np.int64), np.zeros(len(nets.pins), np.int32)
    source, weight, copies = np.zeros(edges, np.int32), np.zeros(edges, np.int64), np.zeros(edges, np.int64)
    digest = np.zeros(edges, np.int64)
    left = kernels.contract(
        nets, cluster, int(keep), start, pins, source, weight, copies, digest, np.full(clusters, -1, np.int64)
    )
    start, source, weight, copies, digest = start[: left + 1], source[:left], weight[:left], copies[:left], digest[:left]
    pins = pins[: start[-1]]
    # Twice transposed, the pins of every net are in order, and equal nets can be told by looking.
    net_start, net_of = _transposed(kernels, start, pins, clusters)
    start, pins = _transposed(kernels, net_start, net_of, left)
    by_digest = np.argsort(digest, kind="stable").astype(np.int32)
    same = np.arange(left, dtype=np.int32)
    kernels.merge_equal(start, pins, source, weight, copies, digest, by_digest, same)
    kept = same == np.arange(left)
    if not kept.all():
        length = np.diff(start)
        pins = pins[np.repeat(kept, length)]
        start = np.concatenate([[0], np.cumsum(length[kept])]).astype(np.int64)
        source, weight, copies = source[kept], weight[kept], copies[kept]
    net_start, net_of = _transposed(kernels, start, pins, clusters)
    own = np.argsort(source, kind="stable").astype(np.int32)
    own = own[np.searchsorted(source[own], 0) :]
    own_start = np.zeros(clusters + 1, np.int64)
    np.cumsum(np.bincount(source[own], minlength=clusters), out=own_start[1:])
    loop = np.zeros(len(source), np.uint8)
    net_of_pin = np.repeat(np.arange(len(source)), np.diff(start))
    loop[net_of_pin[pins == source[net_of_pin]]] = 1
    return Nets(start, pins, source, weight, net_start, net_of, own_start, own, copies, loop, size, bits)


def _widest(nets: Nets) -> int:
    """Pins of the widest nets that rating can afford to look at."""
    width = np.bincount(np.diff(nets.pin_start))
    steps = np.cumsum(width * np.arange(len(width), dtype=np.float64) ** 2)
    return max(2, int(np.searchsorted(steps, max(_STEPS, _STEPS_PER_PIN * len(nets.pins)), side="right")) - 1)


def _transposed(kernels: object, start: Ints, other: Words, columns: int) -> tuple[Ints, Words]:
    column_start = np.zeros(columns + 1, np.int64)
    np.cumsum(np.bincount(other, minlength=columns), out=column_start[1:])
    rows = np.zeros(len(other), np.int32)
    kernels.transpose(start, other, column_start[:-1].copy(), rows)  # type: ignore[attr-defined]
    return column_start, rows


def join(
    N: Nets,
    order: Words,
    apart: Words,
    limits: Ints,
    cluster: Words,
    size: Ints,
    bits: Ints,
    score: Floats,
    stamp: Ints,
    near: Words,
) -> int:
    """Clusters of vertices; returns how many.

    Args:
        N: the nets.
        order: vertices in the order in which they are looked at.
        apart: only vertices with equal numbers join.
        limits: most neurons and bits of a cluster, widest net that is looked at as a whole.
        cluster: written; -1 before. First the vertex that leads a cluster, at the end its number.
        size: neurons of each vertex, changed to those of the cluster that it leads.
        bits: likewise.
        score: scratch, one word a vertex.
        stamp: scratch, 0.
        near: scratch.
    """
    for i in range(len(order)):
        v = order[i]
        if cluster[v] >= 0:
            continue
        found = 0
        for side in range(2):
            first = N.net_start[v] if side == 0 else N.own_start[v]
            last = N.net_start[v + 1] if side == 0 else N.own_start[v + 1]
            for j in range(first, last):
                e = N.nets[j] if side == 0 else N.own[j]
                pins = N.pin_start[e + 1] - N.pin_start[e]
                if N.weight[e] == 0:
                    continue
                others = pins if N.source[e] >= 0 and not N.loop[e] else pins - 1
                if others < 1:
                    continue
                rating = N.weight[e] / others
                if N.source[e] >= 0 and not N.loop[e] and N.source[e] != v:
                    found = rate(N.source[e], v, rating, cluster, apart, score, stamp, near, found)
                looked, at = pins, 0
                if pins > limits[2]:
                    looked, at = min(pins, _SAMPLE), v % pins
                for _ in range(looked):
                    u = N.pins[N.pin_start[e] + at]
                    at = at + 1 if at + 1 < pins else 0
                    c = cluster[u] if cluster[u] >= 0 else u
                    if stamp[c] == v + 1:
                        score[c] += rating
                    elif u != v and apart[u] == apart[v]:
                        stamp[c] = v + 1
                        score[c] = rating
                        near[found] = c
                        found += 1
        best, target = 0.0, -1
        for j in range(found):
            c = near[j]
            if c == v or size[c] + size[v] > limits[0] or bits[c] + bits[v] > limits[1]:
                continue
            value = score[c] / (size[c] * size[v])
            if target < 0 or value > best or (value == best and c < target):
                best, target = value, c
        if target >= 0:
            cluster[target] = target
            cluster[v] = target
            size[target] += size[v]
            bits[target] += bits[v]
    number = 0
    for v in range(len(cluster)):
        if cluster[v] < 0:
            cluster[v] = v
        if cluster[v] == v:
            near[v] = number
            number += 1
    for v in range(len(cluster)):
        cluster[v] = near[cluster[v]]
    return number


def rate(
    u: int, v: int, rating: float, cluster: Words, apart: Words, score: Floats, stamp: Ints, near: Words, found: int
) -> int:
    """Add what a vertex and the one that looks for a cluster share; returns the number of clusters found."""
    c = cluster[u] if cluster[u] >= 0 else u
    if stamp[c] == v + 1:
        score[c] += rating
    elif apart[u] == apart[v]:
        stamp[c] = v + 1
        score[c] = rating
        near[found] = c
        found += 1
    return found


def contract(
    N: Nets,
    cluster: Words,
    keep: int,
    start: Ints,
    pins: Words,
    source: Words,
    weight: Ints,
    copies: Ints,
    digest: Ints,
    stamp: Ints,
) -> int:
    """Nets over clusters; returns how many. All but the first three arguments are written; ``stamp`` is -1 before."""
    nets, length = 0, 0
    for e in range(len(N.source)):
        home = cluster[N.source[e]] if N.source[e] >= 0 else -1
        begin = length
        mixed = 0
        outside = False
        for i in range(N.pin_start[e], N.pin_start[e + 1]):
            c = cluster[N.pins[i]]
            if stamp[c] == e:
                continue
            stamp[c] = e
            if c == home and not keep:
                continue  # its own core costs nothing and limits nothing
            outside = outside or c != home
            pins[length] = c
            length += 1
            x = (int(c) + 1) * 2654435769  # no product leaves 63 bits: the same in compiled code and in Python
            x ^= x >> 29
            mixed = (mixed + (x & 0x7FFFFFFF) * 2246822519) & _SIXTY
        if not outside and not keep:
            length = begin
            continue
        if not keep and (N.weight[e] == 0 or (home < 0 and length - begin == 1)):
            length = begin  # costs the same wherever everybody is
            continue
        source[nets], weight[nets], copies[nets] = home, N.weight[e], N.copies[e]
        digest[nets] = mixed + (int(home) + 1) * 1640531527
        nets += 1
        start[nets] = length
    return nets


def transpose(start: Ints, other: Words, at: Ints, rows: Words) -> None:
    """Rows by column, ascending; ``at`` begins with where each column begins and is used up."""
    for row in range(len(start) - 1):
        for i in range(start[row], start[row + 1]):
            rows[at[other[i]]] = row
            at[other[i]] += 1


def merge_equal(
    start: Ints, pins: Words, source: Words, weight: Ints, copies: Ints, digest: Ints, order: Words, same: Words
) -> None:
    """Nets with the same pins and source: all weight goes to the first; ``same`` names it.

    Nets are compared with their neighbour in ``order`` only, so that some equal ones may stay two.
    """
    for i in range(1, len(order)):
        e, f = order[i], order[i - 1]
        f = same[f]
        length = start[e + 1] - start[e]
        if digest[e] != digest[f] or source[e] != source[f] or start[f + 1] - start[f] != length:
            continue
        equal = True
        for j in range(length):
            if pins[start[e] + j] != pins[start[f] + j]:
                equal = False
        if equal:
            same[e] = f
            weight[f] += weight[e]
            copies[f] += copies[e]

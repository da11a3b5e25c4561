"""Neighbourhood expansion: one core after the other is filled with the vertices that need fewest further axons for the memory they take.

A core grows from a seed. Every vertex that shares a net with it is a candidate; the next one is that with the least price of nets that the
core does not hold yet, per bit of its own memory (Mayer et al. 2018, "HYPE: Massive Hypergraph Partitioning with Neighborhood Expansion", who
count the neighbours left outside instead). A core is closed when a number of candidates in a row did not fit.

Where axons and memory are what runs out, as with stored networks, cores that share more hold more, so that fewer of them answer an axon access:
on networks that were learned from texts this beats partitions into parts of equal size, which hold every core far below its limits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipsim import jit
from nsn_mapping.partition.pins import Ints, Nets, Parts, Words, fits, move, readers
from nsn_mapping.xorshift import below

_REFUSED = 32
"""Candidates that do not fit, after which a core is closed."""

_STEPS = 1 << 30
"""Steps that an expansion may take at most, about: a net is gone through for every core that takes it up, so its pins count squared. The
largest nets beyond that make no candidates and count for nothing in the choice: nearly every core holds them anyway."""

SIZE, GROUP, CORE, NOISE = range(4)
"""Words of ``Growth.words``."""


@jit.struct
class Growth(NamedTuple):
    """Scratch of an expansion.

    Attributes:
        heap: int32[n], candidates, the cheapest first; ``at``: int32[n], place in the heap + 1, 0 for not there.
        price: int64[nets], of a net that a core does not hold yet; 0 for hubs.
        full: int64[n], price of all nets of a vertex; ``missing``: of those that the core does not hold, -1 for one that did not fit.
        seen: int64[n], the expansion of which ``missing`` is.
        group: int32[n], vertices of one group are placed before those of the next.
        words: int64[4], vertices in the heap, the group that is being placed (-1 for all), number of the expansion, and the noise.
        random: int64[4], state of the random numbers.
    """

    heap: Words
    at: Words
    price: Ints
    full: Ints
    missing: Ints
    seen: Ints
    group: Words
    words: Ints
    random: Ints


def new_growth(nets: Nets, price: Ints, group: Words, random: Ints) -> Growth:
    """Scratch for a network.

    Args:
        nets: the network.
        price: int64[nets], what a net costs that a core does not hold yet.
        group: int32[n], 0 and up, in the order in which they are to be placed.
        random: state of the random numbers.
    """
    n = len(nets.size)
    pins = np.diff(nets.pin_start)
    order = np.argsort(pins, kind="stable")
    hubs = order[np.cumsum(pins[order] ** 2) > _STEPS]
    price = price.copy()
    price[hubs] = 0
    full = np.zeros(n, np.int64)
    np.add.at(full, nets.pins, np.repeat(price, pins))
    near, heap = np.zeros(n, np.int32), np.zeros(n, np.int32)
    return Growth(near, heap, price, full, np.zeros(n, np.int64), np.zeros(n, np.int64), group, np.zeros(4, np.int64), random)


def expand_all(N: Nets, S: Parts, G: Growth, seeds: Words, limbo: int) -> bool:
    """Place vertices that are in limbo into empty parts, group by group; returns whether none stays there.

    Args:
        N: the nets.
        S: the partition; changed.
        G: scratch.
        seeds: vertices sorted by group, in each group those first that cores are to grow from; others in limbo stay there.
        limbo: the part from which vertices are taken, behind all others.
    """
    core = 0
    i = 0
    complete = True
    while i < len(seeds):
        if S.part[seeds[i]] != limbo:
            i += 1
            continue
        while core < limbo and S.held[core] > 0:
            core += 1
        if core == limbo:
            return False
        G.words[GROUP] = G.group[seeds[i]]
        if expand(N, S, G, seeds, i, len(seeds), limbo, core) == 0:
            complete = False  # it does not even fit an empty core, for the forwarding lists elsewhere have no room
            i += 1
    return complete


def expand(N: Nets, S: Parts, G: Growth, seeds: Words, first: int, last: int, limbo: int, core: int) -> int:
    """Fill one core from limbo; returns how many vertices it took.

    Args:
        N: the nets.
        S: the partition; changed.
        G: scratch; only vertices of the group in its words are taken, -1 for any.
        seeds: where to go on when no candidate is left.
        first: from which of them on; those in limbo beyond are of this group or a later one.
        last: up to which, exclusive.
        limbo: the part from which vertices are taken.
        core: the part that is filled; vertices there stay.
    """
    G.words[CORE] += 1
    G.words[SIZE] = 0
    refused, taken = 0, 0
    i = first
    while refused < _REFUSED:
        if G.words[SIZE] > 0:
            v = G.heap[0]
            remove(N, G, 0)
        else:
            while i < last and (S.part[seeds[i]] != limbo or (G.seen[seeds[i]] == G.words[CORE] and G.missing[seeds[i]] < 0)):
                i += 1
            if i == last or (G.words[GROUP] >= 0 and G.group[seeds[i]] != G.words[GROUP]):
                break
            v = seeds[i]
        if not fits(N, S, v, core):
            refused += 1
            G.seen[v] = G.words[CORE]
            G.missing[v] = -1  # not asked again for this core
            continue
        for j in range(N.net_start[v], N.net_start[v + 1]):
            e = N.nets[j]
            if G.price[e] > 0 and readers(S, e, core) == 0:
                offer(N, S, G, e, v, limbo)
        move(N, S, v, core)
        taken += 1
    while G.words[SIZE] > 0:
        remove(N, G, G.words[SIZE] - 1)
    return taken


def offer(N: Nets, S: Parts, G: Growth, e: int, v: int, limbo: int) -> None:
    """The core has a net: its readers in limbo become candidates, or cheaper ones."""
    price = G.price[e]
    for k in range(N.pin_start[e], N.pin_start[e + 1]):
        u = N.pins[k]
        if S.part[u] != limbo or u == v or (G.words[GROUP] >= 0 and G.group[u] != G.words[GROUP]):
            continue
        if G.seen[u] != G.words[CORE]:
            G.seen[u] = G.words[CORE]
            G.missing[u] = G.full[u]
            if G.words[NOISE] > 0:
                G.missing[u] += below(G.random, G.words[NOISE])
        if G.missing[u] < 0:
            continue
        G.missing[u] -= price
        if G.missing[u] < 0:
            G.missing[u] = 0
        i = G.at[u] - 1
        if i < 0:
            i = G.words[SIZE]
            G.words[SIZE] += 1
        rise(N, G, u, i)


def cheaper(N: Nets, G: Growth, u: int, v: int) -> bool:
    """Whether a candidate is to be taken before another: price per bit of its own, then number."""
    left, right = G.missing[u] * N.bits[v], G.missing[v] * N.bits[u]
    return left < right or (left == right and u < v)


def rise(N: Nets, G: Growth, v: int, i: int) -> None:
    """Put a vertex where it belongs, at a place of the heap or nearer to its top."""
    while i > 0:
        up = (i - 1) // 2
        if not cheaper(N, G, v, G.heap[up]):
            break
        G.heap[i] = G.heap[up]
        G.at[G.heap[i]] = i + 1
        i = up
    G.heap[i] = v
    G.at[v] = i + 1


def remove(N: Nets, G: Growth, i: int) -> None:
    """Take the vertex at a place of the heap out."""
    G.at[G.heap[i]] = 0
    G.words[SIZE] -= 1
    last = G.words[SIZE]
    if i == last:
        return
    v = G.heap[last]
    if i > 0 and cheaper(N, G, v, G.heap[(i - 1) // 2]):
        rise(N, G, v, i)
        return
    while 2 * i + 1 < last:
        down = 2 * i + 1
        if down + 1 < last and cheaper(N, G, G.heap[down + 1], G.heap[down]):
            down += 1
        if not cheaper(N, G, G.heap[down], v):
            break
        G.heap[i] = G.heap[down]
        G.at[G.heap[i]] = i + 1
        i = down
    G.heap[i] = v
    G.at[v] = i + 1

"""Ruin and recreate: a few cores that share nets are emptied and filled anew by neighbourhood expansion; what is no worse stays.

Schrimpf et al. 2000, "Record breaking optimization results using the ruin and recreate principle". Single moves find little where every core
is full: nothing fits anywhere. Several cores together have no such walls between them, and a new seed cuts them in other places.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipsim import jit
from nsn_mapping.partition.expand import GROUP, Growth, expand
from nsn_mapping.partition.pins import Ints, Nets, Parts, Words, best_move, move
from nsn_mapping.xorshift import below

_STEPS = 8
"""Steps from vertex to vertex over shared nets, per core, that look for one more core."""

TAKEN, ROUND, MOST = range(3)
"""Words of ``Ruin.words``."""


@jit.struct
class Ruin(NamedTuple):
    """Scratch of the search.

    Attributes:
        member: int32[parts x most], vertices of each core; ``held``: int64[parts], how many.
        core: int32[parts], those that are emptied; ``chosen``: int64[parts], the round in which each was last.
        taken, origin: int32[n], what was in them, and where.
        stamp: int64[nets], the round in which each was last counted.
        words: int64[3], vertices taken, the round, and most vertices of a core.
    """

    member: Words
    held: Ints
    core: Words
    chosen: Ints
    taken: Words
    origin: Words
    stamp: Ints
    words: Ints


def new_ruin(nets: Nets, parts: int, most: int) -> Ruin:
    """Scratch for a network on so many parts of at most so many vertices."""
    n = len(nets.size)
    most = min(most, n)
    return Ruin(
        np.zeros(parts * most, np.int32), np.zeros(parts, np.int64), np.zeros(parts, np.int32), np.zeros(parts, np.int64),
        np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(len(nets.source), np.int64), np.array([0, 0, most], np.int64),
    )  # fmt: skip


def recreate(N: Nets, S: Parts, G: Growth, R: Ruin, seeds: Words, cores: int, limbo: int, rounds: int, most: int) -> int:
    """Ruin and recreate for a number of rounds.

    Args:
        N: the nets.
        S: the partition; changed.
        G: scratch of the expansion, its random numbers used.
        R: scratch.
        seeds: int32[n], scratch.
        cores: parts 0 to cores - 1 are in use; no other is opened.
        limbo: a part that is empty before and after, and has no limits.
        rounds: how often.
        most: cores emptied at once, at most.

    Returns:
        What the sum over nets of weight x cores that hold them fell by.
    """
    for p in range(cores):
        R.held[p] = 0
    for v in range(len(S.part)):
        enlist(S, R, v)
    saved = 0
    G.words[GROUP] = -1
    for _ in range(rounds):
        saved += once(N, S, G, R, seeds, cores, limbo, most)
    return saved


def once(N: Nets, S: Parts, G: Growth, R: Ruin, seeds: Words, cores: int, limbo: int, most: int) -> int:
    """One round; returns what it saved."""
    count = choose(N, S, G, R, cores, most)
    number = 0
    for i in range(count):
        p = R.core[i]
        for j in range(p * R.words[MOST], p * R.words[MOST] + R.held[p]):
            R.taken[number] = R.member[j]
            R.origin[number] = p
            seeds[number] = R.member[j]
            number += 1
    R.words[TAKEN] = number
    before = touched(N, S, R)
    for i in range(number):
        move(N, S, R.taken[i], limbo)
    for i in range(number - 1):
        j = i + below(G.random, number - i)
        v = seeds[i]
        seeds[i] = seeds[j]
        seeds[j] = v
    for i in range(count):
        expand(N, S, G, seeds, 0, number, limbo, R.core[i])
    complete = True
    for i in range(number):
        v = seeds[i]
        if S.part[v] == limbo:
            if best_move(N, S, v):
                move(N, S, v, S.found[1])
            else:
                complete = False
                break
    if complete:
        after = touched(N, S, R)
        if after <= before:
            for i in range(count):
                R.held[R.core[i]] = 0
            for i in range(number):
                enlist(S, R, R.taken[i])
            return before - after
    for i in range(number):
        move(N, S, R.taken[i], R.origin[i])
    return 0


def choose(N: Nets, S: Parts, G: Growth, R: Ruin, cores: int, most: int) -> int:
    """Cores that share nets, into ``core``; returns how many."""
    R.words[ROUND] += 1
    R.core[0] = below(G.random, cores)
    R.chosen[R.core[0]] = R.words[ROUND]
    count = 1
    for _ in range(_STEPS * most):
        if count == most:
            break
        p = R.core[below(G.random, count)]
        if R.held[p] == 0:
            continue
        v = R.member[p * R.words[MOST] + below(G.random, R.held[p])]
        nets = N.net_start[v + 1] - N.net_start[v]
        if nets == 0:
            continue
        e = N.nets[N.net_start[v] + below(G.random, nets)]
        u = N.pins[N.pin_start[e] + below(G.random, N.pin_start[e + 1] - N.pin_start[e])]
        p = S.part[u]
        if R.chosen[p] != R.words[ROUND]:
            R.chosen[p] = R.words[ROUND]
            R.core[count] = p
            count += 1
    return count


def touched(N: Nets, S: Parts, R: Ruin) -> int:
    """Sum of weight x cores over the nets of all vertices that are taken; each net once."""
    R.words[ROUND] += 1
    cost = 0
    for i in range(R.words[TAKEN]):
        v = R.taken[i]
        for j in range(N.net_start[v], N.net_start[v + 1]):
            e = N.nets[j]
            if R.stamp[e] != R.words[ROUND]:
                R.stamp[e] = R.words[ROUND]
                cost += N.weight[e] * S.spread[e]
    return cost


def enlist(S: Parts, R: Ruin, v: int) -> None:
    """Note a vertex as one of its core's."""
    p = S.part[v]
    R.member[p * R.words[MOST] + R.held[p]] = v
    R.held[p] += 1

"""Legalisation: a partition that breaks limits is brought within them by annealing on what is too much.

Where every core is full nothing can move, but two vertices can change places. A vertex of a core that is over a limit is exchanged with one of
another core, or with a free place there; what counts is how far limits are broken, and, an eighth as much, how many axons there are at all, for
every axon that goes makes room. Worse exchanges are accepted by the rule of Metropolis while the temperature falls (simulated annealing;
Kirkpatrick et al. 1983). Packets do not count: local search saves them again later, within the limits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.hypergraph import NO_LIMIT
from nsn_mapping.partition.pins import (
    AXON_BITS,
    AXONS,
    BITS,
    ENTRIES,
    FORWARD_BITS,
    NEURONS,
    PARTS,
    Ints,
    Nets,
    Parts,
    Words,
    move,
)
from nsn_mapping.xorshift import below, coldness, draw, new_state

_UNIT = 1 << 20
"""Weight of a limit that is broken by as much as it allows."""

_HEATS = ((0.02, 100), (0.2, 100), (2.0, 400))
"""Attempts, each from where the one before ended: first temperature, in axons of a core at its limit, and exchanges tried per vertex. What is
only a little too much goes without disorder; an exchange takes about a microsecond."""

_LEAST, _MOST = 50_000, 20_000_000
"""Exchanges of an attempt."""

_STEPS = 64
_FALL = 0.93
"""Temperatures of an attempt, and what each is of the one before."""

_PLACES = 8
"""Places of all parts per vertex above which nothing is tried: limits of neurons so wide do not need exchanges."""


@jit.struct
class Places(NamedTuple):
    """Who sits where, and what is too much.

    Attributes:
        start: int64[parts + 1], first place of each part; ``member``: int32[places], vertex or -1; ``at``: int64[n], place of each vertex.
        over: int32[parts], parts over a limit, in no order; ``rank``: int32[parts], place in there + 1, 0 for none.
        near: int32[parts], parts that an exchange touches; ``stamp``: int64[parts], the exchange that touched them last.
        words: int64[8], parts over a limit, number of the exchange, parts touched by it, then weights (of ``_UNIT``): an axon at all,
            and a unit of each of the four limits.
        random: int64[4], state of the random numbers.
        cold: float64[4096], see ``coldness``.
    """

    start: Ints
    member: Words
    at: Ints
    over: Words
    rank: Words
    near: Words
    stamp: Ints
    words: Ints
    random: Ints
    cold: npt.NDArray[np.float64]


OVER, NUMBER, TOUCHED, ANY_AXON = range(4)


def legalise(nets: Nets, state: Parts, seed: int) -> bool:
    """Exchange vertices until no limit is broken.

    Args:
        nets: the hypergraph.
        state: the partition; changed.
        seed: of all that is random.

    Returns:
        Whether all limits are kept.
    """
    n, parts = len(nets.size), len(state.held)
    room = int(max(state.held.max(), min(state.limits[NEURONS], 2 * -(-n // parts))))
    if room * parts > _PLACES * n + 64:
        return False
    order = np.argsort(state.part, kind="stable").astype(np.int32)
    start = np.arange(parts + 1, dtype=np.int64) * room
    first = np.concatenate(([0], np.cumsum(np.bincount(state.part, minlength=parts))))
    at = np.zeros(n, np.int64)
    at[order] = start[state.part[order]] + np.arange(n) - first[state.part[order]]
    member = np.full(room * parts, -1, np.int32)
    member[at] = np.arange(n, dtype=np.int32)
    limits = [int(state.limits[i]) for i in (NEURONS, AXONS, BITS, ENTRIES)]
    unit = [_UNIT // max(1, most) + 1 if most < NO_LIMIT else 0 for most in limits]
    axon = unit[1] + unit[2] * int(state.limits[AXON_BITS])
    places = Places(
        start, member, at, np.zeros(parts, np.int32), np.zeros(parts, np.int32), np.zeros(parts, np.int32), np.zeros(parts, np.int64),
        np.array([0, 0, 0, axon // 8, *unit], np.int64), new_state(seed), coldness(),
    )  # fmt: skip
    axon += unit[3] + (unit[0] if axon + unit[3] == 0 else 0)
    kernel = jit.load(__name__, entries=("anneal",)).anneal
    for heat, exchanges in _HEATS:
        tries = min(_MOST, max(_LEAST, exchanges * n)) // _STEPS
        if kernel(nets, state, places, tries, _STEPS, heat * axon, _FALL):
            return True
    return False


def anneal(N: Nets, S: Parts, P: Places, tries: int, steps: int, warm: float, fall: float) -> bool:
    """Exchanges at falling temperatures; returns whether no limit is broken in the end.

    Args:
        N: the nets.
        S: the partition; changed.
        P: places of the same partition; changed.
        tries: exchanges tried at each temperature.
        steps: temperatures.
        warm: the first.
        fall: what each is of the one before.
    """
    for p in range(len(S.held)):
        note(S, P, p)
    heat = warm
    for _ in range(steps):
        for _ in range(tries):
            if P.words[OVER] == 0:
                return True
            exchange(N, S, P, heat)
        heat = heat * fall
    return P.words[OVER] == 0


def exchange(N: Nets, S: Parts, P: Places, heat: float) -> None:
    """Try to exchange a vertex of a part over a limit with another place."""
    p = P.over[below(P.random, P.words[OVER])]
    i = P.start[p] + below(P.random, P.start[p + 1] - P.start[p])
    v = P.member[i]
    if v < 0:
        return
    q = elsewhere(N, S, P, v)
    if q == p:
        return
    k = P.start[q] + below(P.random, P.start[q + 1] - P.start[q])
    u = P.member[k]
    if u < 0 and S.held[q] >= S.limits[NEURONS] and S.held[p] <= S.limits[NEURONS]:
        return
    P.words[NUMBER] += 1
    P.words[TOUCHED] = 0
    touch(P, p)
    touch(P, q)
    if S.limits[FORWARD_BITS] > 0 or S.limits[ENTRIES] < NO_LIMIT:
        touch_sources(N, S, P, v)
        if u >= 0:
            touch_sources(N, S, P, u)
    before = price(S, P)
    move(N, S, v, q)
    if u >= 0:
        move(N, S, u, p)
    worse = price(S, P) - before
    if worse > 0 and worse > heat * P.cold[draw(P.random) >> 20]:
        move(N, S, v, p)
        if u >= 0:
            move(N, S, u, q)
        return
    P.member[i] = u
    P.member[k] = v
    P.at[v] = k
    if u >= 0:
        P.at[u] = i
    for j in range(P.words[TOUCHED]):
        note(S, P, P.near[j])


def elsewhere(N: Nets, S: Parts, P: Places, v: int) -> int:
    """A part to go to: three times of four where a reader of a net of the vertex is, or of one of its own; else any."""
    kind = below(P.random, 4)
    reads, sends = N.net_start[v + 1] - N.net_start[v], N.own_start[v + 1] - N.own_start[v]
    if kind > 0 and reads + sends > 0:
        i = below(P.random, reads + sends)
        e = N.nets[N.net_start[v] + i] if i < reads else N.own[N.own_start[v] + i - reads]
        pins = N.pin_start[e + 1] - N.pin_start[e]
        if pins > 0:
            return S.part[N.pins[N.pin_start[e] + below(P.random, pins)]]
    return below(P.random, S.limits[PARTS])


def touch(P: Places, p: int) -> None:
    """Note that an exchange changes what a part takes."""
    if P.stamp[p] != P.words[NUMBER]:
        P.stamp[p] = P.words[NUMBER]
        P.near[P.words[TOUCHED]] = p
        P.words[TOUCHED] += 1


def touch_sources(N: Nets, S: Parts, P: Places, v: int) -> None:
    """Parts whose forwarding entries change when a vertex moves."""
    for j in range(N.net_start[v], N.net_start[v + 1]):
        u = N.source[N.nets[j]]
        if u >= 0:
            touch(P, S.part[u])


def price(S: Parts, P: Places) -> int:
    """What is too much in the parts that are touched, and their axons."""
    total = 0
    for j in range(P.words[TOUCHED]):
        p = P.near[j]
        total += excess(S, P, p) + P.words[ANY_AXON] * S.axons[p]
    return total


def excess(S: Parts, P: Places, p: int) -> int:
    """How far a part breaks limits, in shares of them; 0 for not at all."""
    total = 0
    if S.held[p] > S.limits[NEURONS]:
        total += P.words[4] * (S.held[p] - S.limits[NEURONS])
    if S.axons[p] > S.limits[AXONS]:
        total += P.words[5] * (S.axons[p] - S.limits[AXONS])
    if S.bits[p] > S.limits[BITS]:
        total += P.words[6] * (S.bits[p] - S.limits[BITS])
    if S.entries[p] > S.limits[ENTRIES]:
        total += P.words[7] * (S.entries[p] - S.limits[ENTRIES])
    return total


def note(S: Parts, P: Places, p: int) -> None:
    """Keep the list of parts over a limit up to date."""
    over = excess(S, P, p) > 0
    if over and P.rank[p] == 0:
        P.over[P.words[OVER]] = p
        P.words[OVER] += 1
        P.rank[p] = P.words[OVER]
    elif not over and P.rank[p] > 0:
        i = P.rank[p] - 1
        P.words[OVER] -= 1
        last = P.over[P.words[OVER]]
        P.over[i] = last
        P.rank[last] = i + 1
        P.rank[p] = 0

"""Annealing of a placed partition: vertices move and change places between cores under what their packets cost on their paths.

The cost is the sum over nets of weight x sum over the cores that read it of (distance from the source's core + a price per packet), with
a price of its own for what stays on the source's core. Limits are kept at every step. With clusters of vertices as vertices the same kernels
take whole groups along.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.partition.pins import (
    AXONS,
    BITS,
    ENTRIES,
    LIMITED,
    NEURONS,
    PARTS,
    Ints,
    Nets,
    Parts,
    Words,
    fits,
    move,
    readers,
)
from nsn_mapping.place.distance import Metric, apart
from nsn_mapping.xorshift import below, draw

_TRIES = 4
"""Partners that are looked at for a swap; the best one counts."""


@jit.struct
class Members(NamedTuple):
    """Vertices by core, in any order.

    Attributes:
        room: int64[1], places per core; 0 where swaps are not wanted.
        vertex: int32[cores x room], vertices of each core.
        many: int32[cores], how many.
        at: int32[n], place of each vertex within its core's.
    """

    room: Ints
    vertex: Words
    many: Words
    at: Words


@jit.struct
class Near(NamedTuple):
    """Cores close to each core.

    Attributes:
        start: int64[cores + 1], core: int32[...], CSR.
        packet: int64[2], price of a packet to another core however long its path, and price of one that stays on its core.
    """

    start: Ints
    core: Words
    packet: Ints


def list_members(S: Parts, M: Members) -> None:
    """Write the vertices of each core down."""
    for c in range(len(M.many)):
        M.many[c] = 0
    for v in range(len(S.part)):
        c = S.part[v]
        M.at[v] = M.many[c]
        M.vertex[c * M.room[0] + M.many[c]] = v
        M.many[c] += 1


def relocate(M: Members, v: int, a: int, b: int) -> None:
    """Write down that a vertex has gone from one core to another."""
    last = M.vertex[a * M.room[0] + M.many[a] - 1]
    M.vertex[a * M.room[0] + M.at[v]] = last
    M.at[last] = M.at[v]
    M.many[a] -= 1
    M.vertex[b * M.room[0] + M.many[b]] = v
    M.at[v] = M.many[b]
    M.many[b] += 1


def path_cost(D: Metric, packet: Ints, a: int, b: int) -> int:
    """Cost of a packet from one core to another or to itself, by the prices of ``Near.packet``."""
    return packet[1] if a == b else packet[0] + apart(D, a, b)


def placed_cost(N: Nets, S: Parts, D: Metric, packet: Ints) -> int:
    """Cost of all nets."""
    cost = 0
    for e in range(len(N.source)):
        if N.source[e] < 0:
            continue
        home = S.part[N.source[e]]
        if S.dense[e]:
            for c in range(S.limits[PARTS]):
                if S.slot_count[S.slot_start[e] + c] > 0:
                    cost += N.weight[e] * path_cost(D, packet, home, c)
        else:
            for j in range(S.slot_start[e], S.slot_start[e] + S.spread[e]):
                cost += N.weight[e] * path_cost(D, packet, home, S.slot_part[j])
    return cost


def rise_of(N: Nets, S: Parts, D: Metric, packet: Ints, v: int, b: int) -> int:
    """What the cost rises by when a vertex goes to a core."""
    a = S.part[v]
    rise = 0
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        u = N.source[e]
        if u < 0 or u == v:
            continue
        alone, new = False, True
        base = S.slot_start[e]
        if S.dense[e]:
            alone, new = S.slot_count[base + a] == 1, S.slot_count[base + b] == 0
        else:
            for j in range(base, base + S.spread[e]):
                if S.slot_part[j] == a:
                    alone = S.slot_count[j] == 1
                elif S.slot_part[j] == b:
                    new = False
        if alone:
            rise -= N.weight[e] * path_cost(D, packet, S.part[u], a)
        if new:
            rise += N.weight[e] * path_cost(D, packet, S.part[u], b)
    for i in range(N.own_start[v], N.own_start[v + 1]):
        e = N.own[i]
        base = S.slot_start[e]
        change = 0
        if S.dense[e]:
            for c in range(S.limits[PARTS]):
                if S.slot_count[base + c] > 0:
                    change += path_cost(D, packet, b, c) - path_cost(D, packet, a, c)
        else:
            for j in range(base, base + S.spread[e]):
                change += path_cost(D, packet, b, S.slot_part[j]) - path_cost(D, packet, a, S.slot_part[j])
        if N.loop[e] and readers(S, e, a) == 1:  # it takes this reader along
            change -= path_cost(D, packet, b, a)
        if N.loop[e] and readers(S, e, b) == 0:
            change += path_cost(D, packet, b, b)
        rise += N.weight[e] * change
    return rise


def target_of(N: Nets, S: Parts, W: Near, state: Ints, v: int) -> int:
    """A core that may be good for a vertex: close to its own, or one that something it is connected with is on."""
    a = S.part[v]
    kind = below(state, 4)
    if kind < 2:
        near = W.start[a + 1] - W.start[a]
        return W.core[W.start[a] + below(state, near)] if near > 0 else a
    reads, owns = N.net_start[v + 1] - N.net_start[v], N.own_start[v + 1] - N.own_start[v]
    if kind == 2 and owns > 0:
        e = N.own[N.own_start[v] + below(state, owns)]
    elif reads > 0:
        e = N.nets[N.net_start[v] + below(state, reads)]
        if N.source[e] >= 0 and draw(state) & 1:
            return S.part[N.source[e]]
    else:
        return a
    if S.dense[e]:
        pins = N.pin_start[e + 1] - N.pin_start[e]
        return S.part[N.pins[N.pin_start[e] + below(state, pins)]]
    if S.spread[e] == 0:
        return a
    return S.slot_part[S.slot_start[e] + below(state, S.spread[e])]


def within(N: Nets, S: Parts, c: int) -> bool:
    """Whether a core keeps all limits."""
    if S.held[c] > S.limits[NEURONS]:
        return False
    return not S.limits[LIMITED] or (
        S.axons[c] <= S.limits[AXONS] and S.bits[c] <= S.limits[BITS] and S.entries[c] <= S.limits[ENTRIES]
    )


def homes_within(N: Nets, S: Parts, v: int) -> bool:
    """Whether the cores that a vertex hears from keep all limits: their forwarding entries grow when it goes to a core of its own."""
    for i in range(N.net_start[v], N.net_start[v + 1]):
        u = N.source[N.nets[i]]
        if u >= 0 and not within(N, S, S.part[u]):
            return False
    return True


def partner_of(N: Nets, S: Parts, M: Members, D: Metric, packet: Ints, state: Ints, v: int, b: int) -> int:
    """Of some random vertices of a core the one that costs least to take to another vertex's core, -1: none fits."""
    a = S.part[v]
    least, best = 0, -1
    for _ in range(_TRIES):
        u = M.vertex[b * M.room[0] + below(state, M.many[b])]
        if S.held[b] - N.size[u] + N.size[v] > S.limits[NEURONS] or S.held[a] - N.size[v] + N.size[u] > S.limits[NEURONS]:
            continue
        rise = rise_of(N, S, D, packet, u, a)
        if best < 0 or rise < least:
            least, best = rise, u
    return best


def swap(N: Nets, S: Parts, M: Members, D: Metric, W: Near, state: Ints, v: int, b: int, rise: int, limit: float) -> int:
    """Let a vertex change places with one of another core, if that costs no more than allowed; returns what the cost rose by, 0 if not done.

    Args:
        N: nets.
        S: partition.
        M: members of cores.
        D: distances.
        W: neighbours, and the prices of a packet.
        state: of the random numbers.
        v: the vertex.
        b: the core that it wants to go to.
        rise: what the vertex's own move costs.
        limit: most that both together may cost.
    """
    if M.room[0] == 0 or M.many[b] == 0:
        return 0
    a, packet = S.part[v], W.packet
    u = partner_of(N, S, M, D, packet, state, v, b)
    if u < 0 or rise + rise_of(N, S, D, packet, u, a) > limit:  # what the two say to one another can only make it worse
        return 0
    move(N, S, v, b)
    both = rise + rise_of(N, S, D, packet, u, a)
    if both <= limit:
        move(N, S, u, a)
        if not S.limits[LIMITED] or (within(N, S, a) and within(N, S, b) and homes_within(N, S, v) and homes_within(N, S, u)):
            M.vertex[a * M.room[0] + M.at[v]] = u
            M.vertex[b * M.room[0] + M.at[u]] = v
            place = M.at[v]
            M.at[v] = M.at[u]
            M.at[u] = place
            return both
        move(N, S, u, b)
    move(N, S, v, a)
    return 0


def anneal_moves(
    N: Nets, S: Parts, M: Members, D: Metric, W: Near, state: Ints, cold: npt.NDArray[np.float64], proposals: int, heat: float
) -> int:
    """Propose moves and swaps at one temperature; returns what the cost rose by (negative: fell)."""
    n, packet = len(S.part), W.packet
    risen = 0
    for _ in range(proposals):
        v = below(state, n)
        b = target_of(N, S, W, state, v)
        a = S.part[v]
        if a == b:
            continue
        limit = heat * cold[draw(state) >> 20]
        rise = rise_of(N, S, D, packet, v, b)
        if fits(N, S, v, b):
            if rise <= limit:
                move(N, S, v, b)
                if M.room[0] > 0:
                    relocate(M, v, a, b)
                risen += rise
        else:
            risen += swap(N, S, M, D, W, state, v, b, rise, limit)
    return risen

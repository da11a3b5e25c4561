"""Vertices that are nowhere yet: what one saves and takes in a part, and putting it there.

A vertex's forwarding entries lie in its own part and grow with every part that its readers reach, mostly after it was put down. So room can be
kept for them: ``expected`` entries of each vertex count from the moment that it has a part.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipsim import jit
from nsn_mapping.partition.pins import (
    AXON_BITS,
    AXONS,
    BITS,
    ENTRIES,
    FORWARD_BITS,
    LIMITED,
    NEURONS,
    Ints,
    Nets,
    Parts,
    add_pull,
    readers,
)


@jit.struct
class Stay(NamedTuple):
    """Forwarding entries to come.

    Attributes:
        expected, reached: int64[n], entries that a vertex will have, and has; the first is 0 where nothing is known.
        kept: int64[parts], entries of a part, of each vertex the larger of the two.
        take: int64[4], result of ``weigh``: neurons, axons, bits and entries.
        strict: int64[1], 0 to let entries grow above the limits in parts where senders are.
    """

    expected: Ints
    reached: Ints
    kept: Ints
    take: Ints
    strict: Ints


def new_stay(parts: int, expected: Ints, strict: bool) -> Stay:
    """For an empty partition."""
    return Stay(
        expected,
        np.zeros(len(expected), np.int64),
        np.zeros(parts, np.int64),
        np.zeros(4, np.int64),
        np.array([strict], np.int64),
    )


def weigh(N: Nets, S: Parts, T: Stay, v: int, p: int) -> None:
    """What a part would have to give a vertex, in ``take``: neurons, axons, bits, entries."""
    axons, own, others = 0, 0, 0
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        if readers(S, e, p) == 0:
            u = N.source[e]
            axons += N.copies[e]
            if u == v:
                own += N.copies[e]
            elif u >= 0 and S.part[u] == p and T.reached[u] + N.copies[e] > T.expected[u]:
                others += N.copies[e]
    entries = max(T.expected[v], T.reached[v] + own) + others
    T.take[0] = N.size[v]
    T.take[1] = axons
    T.take[2] = N.bits[v] + axons * S.limits[AXON_BITS] + entries * S.limits[FORWARD_BITS]
    T.take[3] = entries


def can_hold(N: Nets, S: Parts, T: Stay, v: int, p: int) -> bool:
    """Whether a vertex fits a part, and the entries that this makes fit where the senders are."""
    if S.held[p] + N.size[v] > S.limits[NEURONS]:
        return False
    if not S.limits[LIMITED]:
        return True
    weigh(N, S, T, v, p)
    forward = S.limits[FORWARD_BITS]
    if S.axons[p] + T.take[1] > S.limits[AXONS]:
        return False
    if T.kept[p] + T.take[3] > S.limits[ENTRIES]:
        return False
    if promised(S, T, p) + T.take[2] > S.limits[BITS]:
        return False
    if not T.strict[0]:
        return True
    more = 0
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        if N.source[e] >= 0 and N.source[e] != v and readers(S, e, p) == 0:
            more += N.copies[e]
    for i in range(N.net_start[v], N.net_start[v + 1]):
        u = N.source[N.nets[i]]
        home = S.part[u] if u >= 0 else -1
        if home < 0 or home == p or T.reached[u] + N.copies[N.nets[i]] <= T.expected[u]:
            continue
        # all new entries together against each of these parts: rather too much than too little
        if T.kept[home] + more > S.limits[ENTRIES] or promised(S, T, home) + more * forward > S.limits[BITS]:
            return False
    return True


def promised(S: Parts, T: Stay, p: int) -> int:
    """Memory of a part with all expected entries."""
    return S.bits[p] + (T.kept[p] - S.entries[p]) * S.limits[FORWARD_BITS]


def put(N: Nets, S: Parts, T: Stay, v: int, p: int) -> None:
    """Put a vertex into a part, and charge what follows from it."""
    S.part[v] = p
    S.held[p] += N.size[v]
    S.bits[p] += N.bits[v]
    S.entries[p] += T.reached[v]
    S.bits[p] += T.reached[v] * S.limits[FORWARD_BITS]
    T.kept[p] += max(T.expected[v], T.reached[v])
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        if not is_new(S, e, p):
            continue
        S.axons[p] += N.copies[e]
        S.bits[p] += N.copies[e] * S.limits[AXON_BITS]
        u = N.source[e]
        if u < 0:
            continue
        T.reached[u] += N.copies[e]
        if S.part[u] >= 0:
            home = S.part[u]
            S.entries[home] += N.copies[e]
            S.bits[home] += N.copies[e] * S.limits[FORWARD_BITS]
            T.kept[home] += max(0, min(N.copies[e], T.reached[u] - T.expected[u]))


def is_new(S: Parts, e: int, p: int) -> bool:
    """Count one more reader of a net in a part; whether it is the first there."""
    base = S.slot_start[e]
    if S.dense[e]:
        S.slot_count[base + p] += 1
        if S.slot_count[base + p] > 1:
            return False
    else:
        for j in range(base, base + S.spread[e]):
            if S.slot_part[j] == p:
                S.slot_count[j] += 1
                return False
        S.slot_part[base + S.spread[e]] = p
        S.slot_count[base + S.spread[e]] = 1
    S.spread[e] += 1
    return True


def gather(N: Nets, S: Parts, v: int) -> int:
    """Parts that hold something of the nets of a vertex, in ``near``, and what it would save in each, in ``pull``.

    Returns:
        How many parts.
    """
    S.found[2] += 1
    near, hubs = 0, 0
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        home = S.part[N.source[e]] if N.source[e] >= 0 else -1
        if S.dense[e]:
            hubs += 1
        else:
            for j in range(S.slot_start[e], S.slot_start[e] + S.spread[e]):
                if S.slot_part[j] != home:
                    near = add_pull(S, near, S.slot_part[j], N.weight[e])
        if home >= 0:
            near = add_pull(S, near, home, N.weight[e])
    for i in range(N.own_start[v], N.own_start[v + 1]):
        e = N.own[i]
        if S.dense[e]:
            hubs += 1
        else:
            for j in range(S.slot_start[e], S.slot_start[e] + S.spread[e]):
                near = add_pull(S, near, S.slot_part[j], N.weight[e])
    if hubs > 0:  # a hub alone is no reason to look at a part
        for i in range(N.net_start[v], N.net_start[v + 1]):
            home = S.part[N.source[N.nets[i]]] if N.source[N.nets[i]] >= 0 else -1
            add_hub(N, S, N.nets[i], home, near)
        for i in range(N.own_start[v], N.own_start[v + 1]):
            add_hub(N, S, N.own[i], -1, near)
    return near


def add_hub(N: Nets, S: Parts, e: int, home: int, near: int) -> None:
    """Add what a net with a counter per part saves in the parts found; its sender's part has been counted."""
    if S.dense[e]:
        for j in range(near):
            if S.near[j] != home and S.slot_count[S.slot_start[e] + S.near[j]] > 0:
                S.pull[S.near[j]] += N.weight[e]

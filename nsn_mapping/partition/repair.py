"""Repair: vertices leave the parts that are over a limit, and go where they fit, into new parts at last.

Makers of partitions that know no limits (METIS), or not all of them (filling in order does not see forwarding lists grow in parts that
are closed), end with this; `stream` makes a partition of its own in this way. No move ever brings a part above a limit, so what is over
only shrinks.
"""

from __future__ import annotations

from nsn_mapping.partition.pins import AXONS, BITS, ENTRIES, NEURONS, Nets, Parts, Words, best_move, fits, move, readers


def is_over(S: Parts, p: int, share: int) -> bool:
    """Whether a part holds more than so many 64ths of its memory and forwarding entries, or more neurons or axons than it may."""
    return (
        S.held[p] > S.limits[NEURONS]
        or S.axons[p] > S.limits[AXONS]
        or S.bits[p] > S.limits[BITS] // 64 * share + S.limits[BITS] % 64 * share // 64
        or S.entries[p] > S.limits[ENTRIES] // 64 * share + S.limits[ENTRIES] % 64 * share // 64
    )


def burden(N: Nets, S: Parts, axons: Words, entries: Words) -> None:
    """What every vertex alone costs its part.

    Args:
        N: the nets.
        S: the partition.
        axons: int32[n], written: nets that no other vertex of the part reads.
        entries: int32[n], written: forwarding entries of its own nets.
    """
    for v in range(len(S.part)):
        axons[v] = 0
        for i in range(N.net_start[v], N.net_start[v + 1]):
            if readers(S, N.nets[i], S.part[v]) == 1:
                axons[v] += N.copies[N.nets[i]]
        entries[v] = 0
        for i in range(N.own_start[v], N.own_start[v + 1]):
            entries[v] += N.copies[N.own[i]] * S.spread[N.own[i]]


def evict(N: Nets, S: Parts, order: Words, limbo: int, share: int) -> int:
    """Vertices leave parts that are over a limit; the last one of a part stays. Returns how many left.

    Args:
        N: the nets.
        S: the partition; changed.
        order: vertices in the order in which they are asked to leave.
        limbo: where they go.
        share: 64ths of memory and forwarding entries that a part may keep: 64, or less to make room for entries that readers elsewhere need.
    """
    left = 0
    for i in range(len(order)):
        p = S.part[order[i]]
        if p != limbo and S.held[p] > 1 and is_over(S, p, share):
            move(N, S, order[i], limbo)
            left += 1
    return left


def house(N: Nets, S: Parts, order: Words, limbo: int) -> int:
    """Vertices in limbo go to the part that they share most with, where they fit; returns how many stay in limbo."""
    rest = 0
    for i in range(len(order)):
        if S.part[order[i]] == limbo:
            if best_move(N, S, order[i]):
                move(N, S, order[i], S.found[1])
            else:
                rest += 1
    return rest


def stream(N: Nets, S: Parts, order: Words, limbo: int) -> bool:
    """Vertices in limbo go, one by one, to the part that they share most with and that has room, else to the next empty one.

    Returns:
        Whether there were enough parts.
    """
    opened = 0
    for i in range(len(order)):
        v = order[i]
        if S.part[v] != limbo:
            continue
        if best_move(N, S, v):
            move(N, S, v, S.found[1])
            continue
        if opened > 0 and fits(N, S, v, opened - 1):  # what shares nothing fills the part that was opened last
            move(N, S, v, opened - 1)
            continue
        while opened < limbo and S.held[opened] > 0:
            opened += 1
        if opened == limbo or not fits(N, S, v, opened):
            return False
        move(N, S, v, opened)
        opened += 1
    return True


def improve(N: Nets, M: Nets, S: Parts, order: Words) -> int:
    """One pass of single moves, each to where a vertex saves most, if it saves anything; returns what that was in all.

    Moves that save nothing are left alone, unlike those of label propagation: they would fill all parts alike, and here parts are to be
    full or empty.

    Args:
        N: the nets, by which limits are kept.
        M: the nets by which gains are told: the same, or without sources, where the part of the source is not free of charge.
        S: the partition; changed.
        order: vertices that may move.
    """
    saved = 0
    for i in range(len(order)):
        if best_move(M, S, order[i]) and S.found[0] > 0:
            gain, target = S.found[0], S.found[1]
            if fits(N, S, order[i], target):
                move(N, S, order[i], target)
                saved += gain
    return saved

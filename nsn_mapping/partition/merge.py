"""Merging: a small part goes into another one that has room for all of it. No net then touches more parts than before."""

from __future__ import annotations

from nsn_mapping.partition.pins import AXON_BITS, AXONS, BITS, FORWARD_BITS, NEURONS, Ints, Nets, Parts, Words, fits, move


def pulls(N: Nets, S: Parts, members: Words, parts: int, pull: Ints, shared: Ints, stamp: Ints) -> None:
    """How much every part has to do with the vertices of one.

    Args:
        N: the nets.
        S: the partition.
        members: the vertices.
        parts: how many parts there are.
        pull: int64[parts], written: weight of the nets that the vertices read or send and the part reads.
        shared: int64[parts], written: axons that both have.
        stamp: int64[nets], scratch, the part that a net was last counted for + 1.
    """
    for p in range(parts):
        pull[p] = 0
        shared[p] = 0
    mark = S.part[members[0]] + 1
    for i in range(len(members)):
        v = members[i]
        for j in range(N.net_start[v], N.net_start[v + 1]):
            e = N.nets[j]
            if stamp[e] != mark:
                stamp[e] = mark
                pull_of(N, S, e, parts, pull, shared, N.copies[e])
        for j in range(N.own_start[v], N.own_start[v + 1]):
            pull_of(N, S, N.own[j], parts, pull, shared, 0)


def pull_of(N: Nets, S: Parts, e: int, parts: int, pull: Ints, shared: Ints, copies: int) -> None:
    """Count one net for the parts that read it."""
    base = S.slot_start[e]
    if S.dense[e]:
        for p in range(parts):
            if S.slot_count[base + p] > 0:
                pull[p] += N.weight[e]
                shared[p] += copies
        return
    for i in range(base, base + S.spread[e]):
        if S.slot_part[i] < parts:
            pull[S.slot_part[i]] += N.weight[e]
            shared[S.slot_part[i]] += copies


def merge(N: Nets, S: Parts, members: Words, order: Words, shared: Ints) -> bool:
    """Move all vertices of a part to the first part of an order that has room for all of them; returns whether there was one.

    Args:
        N: the nets.
        S: the partition; changed if there was one.
        members: all vertices of the part.
        order: parts to be tried.
        shared: int64[parts], axons that each has in common with the vertices.
    """
    small = S.part[members[0]]
    for i in range(len(order)):
        p = order[i]
        if p == small or S.held[p] == 0 or S.held[p] + S.held[small] > S.limits[NEURONS]:
            continue
        if S.axons[p] + S.axons[small] - shared[p] > S.limits[AXONS]:
            continue
        saved = shared[p] * (
            S.limits[AXON_BITS] + S.limits[FORWARD_BITS]
        )  # of the lists perhaps elsewhere: the most that can be saved
        if S.bits[p] + S.bits[small] - saved > S.limits[BITS]:
            continue
        moved = 0
        while moved < len(members) and fits(N, S, members[moved], p):
            move(N, S, members[moved], p)
            moved += 1
        if moved == len(members):
            return True
        while moved > 0:
            moved -= 1
            move(N, S, members[moved], small)
    return False

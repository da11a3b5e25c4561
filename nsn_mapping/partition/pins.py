"""Readers of every net in every part: what local search works on.

For a net e and a part p, ``readers`` is the number of vertices of p that read e. Nets with few pins keep a short list of (part, readers),
in no particular order; nets with many keep a counter for every part. One move costs time in proportion to the nets of the vertex and the
length of their lists, never to the number of parts.

The cost of a partition is the sum over nets of weight x parts with readers, other than the source's own (hypergraph lambda - 1 with the source
as a pin; Catalyurek and Aykanat 1999). Every gain below is exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

_DENSE_FROM = 24
_DENSE_SHARE = 4
"""Nets with at least as many pins as a quarter of the parts (24 at least) keep a counter for every part."""

NEURONS, AXONS, BITS, ENTRIES, AXON_BITS, FORWARD_BITS, PARTS, LIMITED = range(8)
"""Words of ``Parts.limits``."""


@jit.struct
class Nets(NamedTuple):
    """A hypergraph, of vertices or of clusters of vertices, as kernels see it.

    Attributes:
        pin_start, pins, source, weight, net_start, nets, own_start, own: as in ``Hypergraph``.
        copies: int64[nets], original nets that one net stands for (axons count each of them).
        loop: uint8[nets], 1 where the source is one of the pins.
        size: int64[n], neurons of a vertex.
        bits: int64[n], memory of a vertex wherever it is.
    """

    pin_start: Ints
    pins: Words
    source: Words
    weight: Ints
    net_start: Ints
    nets: Words
    own_start: Ints
    own: Words
    copies: Ints
    loop: npt.NDArray[np.uint8]
    size: Ints
    bits: Ints


@jit.struct
class Parts(NamedTuple):
    """A partition and what follows from it.

    Attributes:
        part: int32[n].
        slot_start: int64[nets + 1], where a net's list, or its counters, begin.
        slot_part, slot_count: int32[slots], part and readers of the lists; counters of dense nets are in ``slot_count``.
        spread: int32[nets], parts with readers.
        dense: uint8[nets], 1 for a counter per part.
        held, axons, bits, entries: int64[parts], what each part takes of every limit.
        limits: int64[8], see ``NEURONS`` and the words after it.
        pull, stamp: int64[parts], scratch of ``best_move``.
        near: int32[parts], scratch: parts that a vertex is connected with.
        found: int64[4], results of ``best_move``: gain, part, and the scratch's own count.
    """

    part: Words
    slot_start: Ints
    slot_part: Words
    slot_count: Words
    spread: Words
    dense: npt.NDArray[np.uint8]
    held: Ints
    axons: Ints
    bits: Ints
    entries: Ints
    limits: Ints
    pull: Ints
    stamp: Ints
    near: Words
    found: Ints


def as_nets(h: Hypergraph, caps: Caps) -> Nets:
    """A hypergraph whose vertices are single neurons."""
    n = len(h)
    net_of_pin = np.repeat(np.arange(h.edges, dtype=np.int64), np.diff(h.pin_start))
    loop = np.zeros(h.edges, np.uint8)
    loop[net_of_pin[h.pins == h.source[net_of_pin]]] = 1
    return Nets(
        h.pin_start, h.pins, h.source, h.weight, h.net_start, h.nets, h.own_start, h.own,
        np.ones(h.edges, np.int64), loop, np.ones(n, np.int64), caps.own_bits,
    )  # fmt: skip


def is_limited(caps: Caps) -> bool:
    """Whether anything but neurons is limited."""
    return min(caps.axons, caps.bits, caps.entries) < NO_LIMIT


def empty_parts(nets: Nets, caps: Caps, parts: int) -> Parts:
    """The layout for a number of parts, with nothing counted; see ``count``."""
    pins = np.diff(nets.pin_start)
    dense = pins >= max(_DENSE_FROM, parts // _DENSE_SHARE)
    room = np.where(dense, parts, pins)
    start = np.zeros(len(pins) + 1, np.int64)
    np.cumsum(room, out=start[1:])
    words = [caps.neurons, caps.axons, caps.bits, caps.entries, caps.axon_bits, caps.forward_bits, parts, int(is_limited(caps))]
    held, axons, bits, entries, pull, stamp = (np.zeros(parts, np.int64) for _ in range(6))
    return Parts(
        np.zeros(len(nets.size), np.int32), start, np.zeros(start[-1], np.int32), np.zeros(start[-1], np.int32),
        np.zeros(len(pins), np.int32), dense.astype(np.uint8), held, axons, bits, entries, np.array(words, np.int64), pull, stamp,
        np.zeros(parts, np.int32), np.zeros(4, np.int64),
    )  # fmt: skip


def count(N: Nets, S: Parts, label: Words) -> int:
    """Take a partition over, whatever was there before; returns its cost."""
    for p in range(S.limits[PARTS]):
        S.held[p] = 0
        S.axons[p] = 0
        S.bits[p] = 0
        S.entries[p] = 0
    for v in range(len(S.part)):
        S.part[v] = label[v]
        S.held[S.part[v]] += N.size[v]
        S.bits[S.part[v]] += N.bits[v]
    for i in range(len(S.slot_count)):
        S.slot_count[i] = 0
    cost = 0
    for e in range(len(S.spread)):
        S.spread[e] = 0
        home = S.part[N.source[e]] if N.source[e] >= 0 else -1
        for i in range(N.pin_start[e], N.pin_start[e + 1]):
            enter(N, S, e, S.part[N.pins[i]])
        cost += N.weight[e] * S.spread[e]
        if home >= 0 and readers(S, e, home) > 0:
            cost -= N.weight[e]
    return cost


def readers(S: Parts, e: int, p: int) -> int:
    """Vertices of a part that read a net."""
    base = S.slot_start[e]
    if S.dense[e]:
        return S.slot_count[base + p]
    for i in range(base, base + S.spread[e]):
        if S.slot_part[i] == p:
            return S.slot_count[i]
    return 0


def enter(N: Nets, S: Parts, e: int, p: int) -> None:
    """One more reader of a net in a part."""
    base = S.slot_start[e]
    if S.dense[e]:
        S.slot_count[base + p] += 1
        if S.slot_count[base + p] > 1:
            return
    else:
        for i in range(base, base + S.spread[e]):
            if S.slot_part[i] == p:
                S.slot_count[i] += 1
                return
        S.slot_part[base + S.spread[e]] = p
        S.slot_count[base + S.spread[e]] = 1
    S.spread[e] += 1
    reach(N, S, e, p, N.copies[e])


def leave(N: Nets, S: Parts, e: int, p: int) -> None:
    """One reader of a net less in a part."""
    base = S.slot_start[e]
    if S.dense[e]:
        S.slot_count[base + p] -= 1
        if S.slot_count[base + p] > 0:
            return
    else:
        i = base
        while S.slot_part[i] != p:
            i += 1
        S.slot_count[i] -= 1
        if S.slot_count[i] > 0:
            return
        last = base + S.spread[e] - 1
        S.slot_part[i] = S.slot_part[last]
        S.slot_count[i] = S.slot_count[last]
        S.slot_count[last] = 0
    S.spread[e] -= 1
    reach(N, S, e, p, -N.copies[e])


def reach(N: Nets, S: Parts, e: int, p: int, copies: int) -> None:
    """Charge (or give back) the axons of a net in a part, and the forwarding entries where its source is."""
    S.axons[p] += copies
    S.bits[p] += copies * S.limits[AXON_BITS]
    if N.source[e] >= 0:
        home = S.part[N.source[e]]
        S.entries[home] += copies
        S.bits[home] += copies * S.limits[FORWARD_BITS]


def move(N: Nets, S: Parts, v: int, b: int) -> None:
    """Take a vertex from its part to another."""
    a = S.part[v]
    for i in range(N.net_start[v], N.net_start[v + 1]):
        leave(N, S, N.nets[i], a)  # first, for a list has room for as many parts as the net has pins
        enter(N, S, N.nets[i], b)
    S.part[v] = b
    S.held[a] -= N.size[v]
    S.held[b] += N.size[v]
    S.bits[a] -= N.bits[v]
    S.bits[b] += N.bits[v]
    for i in range(N.own_start[v], N.own_start[v + 1]):
        copies = N.copies[N.own[i]] * S.spread[N.own[i]]
        S.entries[a] -= copies
        S.entries[b] += copies
        S.bits[a] -= copies * S.limits[FORWARD_BITS]
        S.bits[b] += copies * S.limits[FORWARD_BITS]


def fits(N: Nets, S: Parts, v: int, b: int) -> bool:
    """Whether a vertex can go to a part so that no part ends above a limit that it keeps now, nor further above one that it breaks.

    Forwarding entries that grow in third parts are counted together against each of them: a move may be refused that would just fit.
    """
    if S.held[b] + N.size[v] > S.limits[NEURONS]:
        return False
    if not S.limits[LIMITED]:
        return True
    a = S.part[v]
    axons, entries_a, entries_b, third = 0, 0, 0, 0
    freed = 0
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        copies = N.copies[e]
        new = copies if readers(S, e, b) == 0 else 0
        old = copies if readers(S, e, a) == 1 else 0
        axons += new
        freed += old
        u = N.source[e]
        if u == v:
            entries_b += new - old
        elif u >= 0 and new != old:
            if S.part[u] == a:
                entries_a += new - old
            elif S.part[u] == b:
                entries_b += new - old
            elif new > old:
                third += new - old
    for i in range(N.own_start[v], N.own_start[v + 1]):
        carried = N.copies[N.own[i]] * S.spread[N.own[i]]
        entries_a -= carried
        entries_b += carried
    forward = S.limits[FORWARD_BITS]
    if S.axons[b] + axons > S.limits[AXONS] and axons > 0:
        return False
    if S.entries[b] + entries_b > S.limits[ENTRIES] and entries_b > 0:
        return False
    if S.entries[a] + entries_a > S.limits[ENTRIES] and entries_a > 0:
        return False
    more = N.bits[v] + axons * S.limits[AXON_BITS] + entries_b * forward
    if S.bits[b] + more > S.limits[BITS] and more > 0:
        return False
    more = -N.bits[v] - freed * S.limits[AXON_BITS] + entries_a * forward
    if S.bits[a] + more > S.limits[BITS] and more > 0:
        return False
    if third > 0:
        for i in range(N.net_start[v], N.net_start[v + 1]):
            u = N.source[N.nets[i]]
            if u >= 0 and S.part[u] != a and S.part[u] != b:
                home = S.part[u]
                if S.entries[home] + third > S.limits[ENTRIES] or S.bits[home] + third * forward > S.limits[BITS]:
                    return False
    return True


def gain_of(N: Nets, S: Parts, v: int, b: int) -> int:
    """What the cost falls by when a vertex goes to a part."""
    a = S.part[v]
    gain = 0
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        alone, new = readers(S, e, a) == 1, readers(S, e, b) == 0
        home = S.part[N.source[e]] if N.source[e] >= 0 else -1
        if N.source[e] == v:  # its own core stays free of charge, wherever that is
            gain += N.weight[e] * (int(alone) - int(new))
        else:
            if alone and home != a:
                gain += N.weight[e]
            if new and home != b:
                gain -= N.weight[e]
    for i in range(N.own_start[v], N.own_start[v + 1]):
        e = N.own[i]
        if not N.loop[e]:
            gain += N.weight[e] * (int(readers(S, e, b) > 0) - int(readers(S, e, a) > 0))
    return gain


def add_pull(S: Parts, near: int, p: int, by: int) -> int:
    """A part pulls the vertex that is looked at, harder by so much; returns how many parts do (``near`` so far)."""
    if S.stamp[p] != S.found[2]:
        S.stamp[p] = S.found[2]
        S.pull[p] = 0
        S.near[near] = p
        near += 1
    S.pull[p] += by
    return near


def draw_by_reads(N: Nets, S: Parts, v: int) -> int:
    """Let the nets that a vertex reads draw it; returns how many parts do, and leaves in ``found[0]`` the gain of a move to any other one.

    Nets that are kept part by part draw alike in all parts they reach; see ``draw_by_hubs``.
    """
    a = S.part[v]
    near, base = 0, 0
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        w = N.weight[e]
        base -= w
        home = S.part[N.source[e]] if N.source[e] >= 0 else -1
        pays = N.source[e] == v or home != a
        if S.dense[e]:
            if S.slot_count[S.slot_start[e] + a] == 1 and pays:
                base += w
            if home >= 0 and home != a:
                near = add_pull(S, near, home, 0)
            continue
        known = False
        for j in range(S.slot_start[e], S.slot_start[e] + S.spread[e]):
            p = S.slot_part[j]
            if p == a:
                if S.slot_count[j] == 1 and pays:
                    base += w
                continue
            if p == home:
                known = True
            near = add_pull(S, near, p, w)
        if home >= 0 and home != a and not known:
            near = add_pull(S, near, home, w)
    S.found[0] = base
    return near


def draw_by_sends(N: Nets, S: Parts, v: int, near: int) -> int:
    """Let the nets that a vertex sends draw it; returns how many parts do, and adds to ``found[0]``."""
    a = S.part[v]
    for i in range(N.own_start[v], N.own_start[v + 1]):
        e = N.own[i]
        w = N.weight[e]
        if N.loop[e]:
            continue
        if S.dense[e]:
            if S.slot_count[S.slot_start[e] + a] > 0:
                S.found[0] -= w
            continue
        for j in range(S.slot_start[e], S.slot_start[e] + S.spread[e]):
            p = S.slot_part[j]
            if p == a:
                S.found[0] -= w
                continue
            near = add_pull(S, near, p, w)
    return near


def draw_by_hubs(N: Nets, S: Parts, v: int, near: int) -> None:
    """Add what nets draw that are kept part by part, in the parts that others have found."""
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        if S.dense[e]:
            home = S.part[N.source[e]] if N.source[e] >= 0 else -1
            for j in range(near):
                p = S.near[j]
                if p == home or S.slot_count[S.slot_start[e] + p] > 0:
                    S.pull[p] += N.weight[e]
    for i in range(N.own_start[v], N.own_start[v + 1]):
        e = N.own[i]
        if S.dense[e] and not N.loop[e]:
            for j in range(near):
                p = S.near[j]
                if S.slot_count[S.slot_start[e] + p] > 0:
                    S.pull[p] += N.weight[e]


def best_move(N: Nets, S: Parts, v: int) -> bool:
    """The part with room where a vertex saves most (or costs least), among those that it is connected with.

    Equal gains are decided by room, then by number. Gain and part are left in ``found``.

    Returns:
        Whether there is such a part.
    """
    S.found[2] += 1
    near = draw_by_sends(N, S, v, draw_by_reads(N, S, v))
    draw_by_hubs(N, S, v, near)
    best, room, target = 0, 0, -1
    for j in range(near):
        p = S.near[j]
        free = S.limits[NEURONS] - S.held[p]
        if free < N.size[v]:
            continue
        gain = S.pull[p]
        if target < 0 or gain > best or (gain == best and (free > room or (free == room and p < target))):
            if S.limits[LIMITED] and not fits(N, S, v, p):
                continue
            best, room, target = gain, free, p
    S.found[0] += best
    S.found[1] = target
    return target >= 0

"""Routers and links: a packet's way from injection to its endpoint, one event per hop."""

from __future__ import annotations

import numpy as np

from chipsim.engines.compiled.digest import HALF, add, hash3
from chipsim.engines.compiled.layout import (
    ARRIVE,
    ARRIVE_LIST,
    BASE,
    CONCENTRATION,
    COPIES,
    COUNT,
    DELIVER,
    DETAIL_A,
    DETAIL_B,
    DETAIL_C,
    DROPPED,
    E_EJECT,
    E_FLITS,
    E_HEAD,
    E_INJECT,
    E_ORDER,
    E_SEQUENCE,
    E_TAIL,
    E_TILE,
    EJECT_LIST,
    END,
    ERROR,
    FAR_AT,
    FLIT_MASK,
    FLIT_UNITS,
    FLITS_L,
    FREE,
    FREE_TOKEN,
    FREE_TOKENS,
    HEAD,
    HIGH,
    HOPS,
    HOPS_EW,
    HOPS_NS,
    HOST,
    HOST_FLITS,
    HOST_UNITS,
    KEY_MASK,
    KIND_MASK,
    KIND_SHIFT,
    LATENCY,
    LEFT,
    LINK_LIST,
    LOCAL_UNITS,
    LOSS,
    LOSSES,
    LOW,
    NEURON_SHIFT,
    NEVER,
    NO_ENTRY,
    NOW,
    ORDER,
    PACKETS_L,
    PORT_SHIFT,
    REFERENCES,
    SEEN,
    SENT,
    SEQUENCE_MASK,
    SIDE,
    SIZE,
    SOURCE_MASK,
    SOURCE_SHIFT,
    STEP_OF,
    STEP_SHIFT,
    T_DEST,
    T_INFO,
    T_INJECTED,
    T_KEY,
    T_NEXT,
    T_PAYLOAD,
    T_TILE,
    T_WAY,
    TAIL,
    UNIT,
    WAIT,
    WAIT_MAX,
    WAY_MASK,
    WORK,
)
from chipsim.engines.compiled.queue import near_time, put, put_from, sort_list, turn, unmark
from chipsim.engines.compiled.routes import find_entry
from chipsim.engines.compiled.tables import Endpoints, Entries, Links, Places, Rows, Slots, Tokens
from chipsim.model.digest import DROP, HOP
from chipsim.model.messages import F0, LAYER, TREE
from chipsim.model.state import Ints
from chipsim.plan.plan import NSN, QUEUED
from chipsim.topology import PORTS

ROUTER = QUEUED
"""Fidelity of the routers; a copy of this module is compiled for each."""

PROGRAM = NSN
"""What the cores run; likewise."""

INLINE = ("take_token", "free_token", "to_link", "to_endpoint", "direction", "cross", "eject", "glide")

LOCAL_PORT = 4
HERE = 4
TOWARDS = np.array([HERE, 3, 2, 1, 1, 1, 0, 0, 0], np.int64)
"""Port by 3 x (0 same column, 1 westwards, 2 eastwards) + (0 same row, 1 northwards, 2 southwards)."""
WHOLE_KEY = (1 << 63) - 1


def take_token(S: Ints, T: Tokens) -> int:
    """A token that was free."""
    i = S[FREE_TOKEN]
    S[FREE_TOKEN] = T[i, T_NEXT]
    S[FREE_TOKENS] -= 1
    return i


def free_token(S: Ints, T: Tokens, i: int) -> None:
    """Give a token back."""
    T[i, T_NEXT] = S[FREE_TOKEN]
    S[FREE_TOKEN] = i
    S[FREE_TOKENS] += 1


def inject(
    S: Ints, P: Ints, T: Tokens, E: Endpoints, slots: Slots, map_: Ints, far: Ints,
    source: int, dest: int, kind: int, flits: int, at: int, payload: int, step: int, neuron: int,
) -> bool:  # fmt: skip
    """Send a packet from an endpoint at a time that is now or later; False if a fault takes it at once."""
    sequence = E[source, E_SEQUENCE]
    E[source, E_SEQUENCE] = sequence + 1
    S[SENT + kind] += 1
    if P[LOSSES] > 0:
        number = S[SEEN + kind]
        S[SEEN + kind] = number + 1
        for i in range(P[LOSSES]):
            if P[LOSS + 2 * i] == kind and P[LOSS + 2 * i + 1] == number:
                S[DROPPED + kind] += 1
                add(S, hash3(DROP, at * P[UNIT], source, sequence))
                return False
    start = at
    if ROUTER == QUEUED:
        start = max(at, E[source, E_INJECT])
        E[source, E_INJECT] = start + flits * P[FLIT_UNITS]
    latency = P[LOCAL_UNITS]
    if source == P[HOST]:
        S[HOST_FLITS] += flits
        latency = P[HOST_UNITS]
    E[source, E_FLITS] += flits
    i = take_token(S, T)
    T[i, T_KEY] = LOCAL_PORT << PORT_SHIFT | source << SOURCE_SHIFT | sequence
    T[i, T_DEST] = dest
    T[i, T_INFO] = flits | kind << KIND_SHIFT | step << STEP_SHIFT
    T[i, T_INJECTED] = at
    T[i, T_PAYLOAD] = payload
    T[i, T_TILE] = E[source, E_TILE]
    way = neuron << NEURON_SHIFT
    if dest >= 0:
        way |= E[dest, E_TILE]
    T[i, T_WAY] = way
    S[WORK] += 1
    T[i, T_NEXT] = put(S, P, slots, map_, far, ARRIVE, i, start + latency)
    return True


def to_link(T: Tokens, L: Links, S: Ints, link: int, i: int) -> None:
    """Into the list of those that want a link in this instant."""
    T[i, T_NEXT] = 0
    tail = L[link, TAIL]
    if L[link, HEAD] == 0:
        L[link, HEAD] = i
        L[link, ORDER] = S[LINK_LIST] << 1
        S[LINK_LIST] = link + 1
    else:
        T[tail, T_NEXT] = i
        if T[tail, T_KEY] > T[i, T_KEY]:
            L[link, ORDER] |= 1
    L[link, TAIL] = i


def to_endpoint(T: Tokens, E: Endpoints, S: Ints, endpoint: int, i: int) -> None:
    """Into the list of those that leave the router for an endpoint in this instant."""
    T[i, T_NEXT] = 0
    tail = E[endpoint, E_TAIL]
    if E[endpoint, E_HEAD] == 0:
        E[endpoint, E_HEAD] = i
        E[endpoint, E_ORDER] = S[EJECT_LIST] << 1
        S[EJECT_LIST] = endpoint + 1
    else:
        T[tail, T_NEXT] = i
        if T[tail, T_KEY] > T[i, T_KEY]:
            E[endpoint, E_ORDER] |= 1
    E[endpoint, E_TAIL] = i


def arrive(
    S: Ints, P: Ints, T: Tokens, L: Links, E: Endpoints, place: Places, rows: Rows, table: Entries
) -> int:  # fmt: skip
    """Every packet that arrived at a router in this instant goes to the outputs that it needs; returns how many are left for lack of tokens."""
    reserve = PORTS + P[CONCENTRATION]
    i = S[ARRIVE_LIST]
    count = 0
    while i != 0:
        after = T[i, T_NEXT]
        tile = T[i, T_TILE]
        if T[i, T_DEST] == TREE:
            if S[FREE_TOKENS] < reserve:
                break
            if not branch(S, P, T, L, E, rows, table, tile, i):
                break
        else:
            there = T[i, T_WAY] & WAY_MASK
            port = direction(place, tile, there)
            if port == HERE:
                to_endpoint(T, E, S, T[i, T_DEST], i)
            else:
                to_link(T, L, S, tile * PORTS + port, i)
        i = after
        count += 1
    S[ARRIVE_LIST] = i
    S[LEFT] -= count
    return i


def branch(S: Ints, P: Ints, T: Tokens, L: Links, E: Endpoints, rows: Rows, table: Entries, tile: int, i: int) -> bool:
    """A packet on a tree: one copy for each output that the router's table names."""
    layer, neuron = 0, T[i, T_WAY] >> NEURON_SHIFT
    if PROGRAM == NSN:
        layer, neuron = rows[T[i, T_PAYLOAD], LAYER], rows[T[i, T_PAYLOAD], F0]
    entry = find_entry(table, tile, layer, neuron)
    mask = table[entry, 2]
    if mask == 0:
        S[ERROR], S[DETAIL_A], S[DETAIL_B], S[DETAIL_C] = NO_ENTRY, tile, layer, neuron
        return False
    copies = 0
    for bit in range(PORTS + P[CONCENTRATION]):
        if mask >> bit & 1:
            one = i
            if copies > 0:
                one = take_token(S, T)
                for word in range(T_KEY, T_WAY + 1):
                    T[one, word] = T[i, word]
            copies += 1
            if bit < PORTS:
                to_link(T, L, S, tile * PORTS + bit, one)
            else:
                to_endpoint(T, E, S, tile * P[CONCENTRATION] + bit - PORTS, one)
    S[COPIES + (T[i, T_INFO] >> KIND_SHIFT & KIND_MASK)] += copies - 1
    S[WORK] += copies - 1
    if PROGRAM == NSN:
        rows[T[i, T_PAYLOAD], REFERENCES] += copies - 1
    return True


def direction(place: Places, tile: int, there: int) -> int:
    """Port towards another tile, along x first, or ``HERE``: ``model.route.xy_port`` from coordinates and without a branch to guess wrong."""
    x, y = place[there, 0] - place[tile, 0], place[there, 1] - place[tile, 1]
    across = (x > 0) * 2 + (x < 0)
    down = (y > 0) * 2 + (y < 0)
    return TOWARDS[across * 3 + down]


def cross(
    S: Ints, P: Ints, T: Tokens, L: Links, slots: Slots, map_: Ints, far: Ints, link: int, i: int,
    now: int, base: int, size: int, unit: int, flit: int,
) -> int:  # fmt: skip
    """A packet takes a link, behind what is queued there; returns the hash of the hop."""
    port = link & 3
    flits = T[i, T_INFO] & FLIT_MASK
    start = now
    if ROUTER == QUEUED:
        start = max(now, L[link, FREE])
        L[link, WAIT] += start - now
        L[link, WAIT_MAX] = max(L[link, WAIT_MAX], start - now)
        L[link, FREE] = start + flits * flit
    L[link, PACKETS_L] += 1
    L[link, FLITS_L] += flits
    key = T[i, T_KEY]
    T[i, T_KEY] = (key & KEY_MASK) | port << PORT_SHIFT
    T[i, T_TILE] = (link >> 2) + P[STEP_OF + port]
    T[i, T_NEXT] = put_from(S, P, slots, map_, far, ARRIVE, i, start + P[LATENCY + port], base, size)
    return hash3(HOP, start * unit, link << 32 | key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK)


def eject(S: Ints, P: Ints, T: Tokens, E: Endpoints, slots: Slots, map_: Ints, far: Ints, endpoint: int, i: int) -> None:
    """A packet leaves the network for an endpoint, which has it when the last flit is there."""
    flits = T[i, T_INFO] & FLIT_MASK
    start = S[NOW]
    if ROUTER == QUEUED:
        start = max(start, E[endpoint, E_EJECT])
        E[endpoint, E_EJECT] = start + flits * P[FLIT_UNITS]
    latency = P[LOCAL_UNITS]
    if endpoint == P[HOST]:
        S[HOST_FLITS] += flits
        latency = P[HOST_UNITS]
    E[endpoint, E_FLITS] += flits
    T[i, T_DEST] = endpoint
    due = start + latency + (flits - 1) * P[FLIT_UNITS]
    T[i, T_NEXT] = put(S, P, slots, map_, far, DELIVER, i, due)


def leave(S: Ints, P: Ints, T: Tokens, L: Links, E: Endpoints, slots: Slots, map_: Ints, far: Ints) -> None:
    """Every link and local port of this instant takes its packets in the order (input port, source, sequence number)."""
    now, base, size, unit, flit = S[NOW], S[BASE], P[SIZE], P[UNIT], P[FLIT_UNITS]
    low, high, count, across = 0, 0, 0, 0
    link = S[LINK_LIST] - 1
    while link >= 0:
        order = L[link, ORDER]
        i = L[link, HEAD]
        L[link, HEAD] = 0
        if order & 1:
            i = sort_list(T, i, T_NEXT, T_KEY, WHOLE_KEY)
        while i != 0:
            after = T[i, T_NEXT]
            h = cross(S, P, T, L, slots, map_, far, link, i, now, base, size, unit, flit)
            low += h & HALF
            high += h >> 32 & HALF
            count += 1
            across += ~link >> 1 & 1
            i = after
        link = (order >> 1) - 1
    S[LINK_LIST] = 0
    note_hops(S, low, high, count, across)
    endpoint = S[EJECT_LIST] - 1
    while endpoint >= 0:
        order = E[endpoint, E_ORDER]
        i = E[endpoint, E_HEAD]
        E[endpoint, E_HEAD] = 0
        if order & 1:
            i = sort_list(T, i, T_NEXT, T_KEY, WHOLE_KEY)
        while i != 0:
            after = T[i, T_NEXT]
            eject(S, P, T, E, slots, map_, far, endpoint, i)
            i = after
        endpoint = (order >> 1) - 1
    S[EJECT_LIST] = 0


def note_hops(S: Ints, low: int, high: int, count: int, across: int) -> None:
    """Add hops and their hashes to the totals."""
    S[LOW] += low
    S[HIGH] += high
    S[COUNT] += count
    S[HOPS] += count
    S[HOPS_EW] += across
    S[HOPS_NS] += count - across


def glide(
    S: Ints, P: Ints, T: Tokens, L: Links, E: Endpoints, slots: Slots, map_: Ints, far: Ints, place: Places, rows: Rows, table: Entries,
    limit: int, other: int,
) -> int:  # fmt: skip
    """Move on through the instants in which nothing happens but in the network.

    Args:
        limit: not up to this time; ``other``: nor this, when something else begins that is not in the queue.

    Returns:
        When something is due next, ``NEVER`` if nothing is; -1 if tokens ran out in the middle of an instant.

    Most instants of a fine clock hold a single packet at a single router: it needs no lists and no order.
    """
    size, unit, flit = P[SIZE], P[UNIT], P[FLIT_UNITS]
    low, high, count, across, left = 0, 0, 0, 0, S[LEFT]
    at = NEVER
    while True:
        at = near_time(S, P, map_)
        if S[FAR_AT] <= at and S[FAR_AT] <= other and S[FAR_AT] != NEVER:
            turn(S, P, T, E, slots, map_, far)
            continue
        if at >= other or at >= limit or left <= 0:
            at = min(at, other)
            break
        slot = at & (size - 1)
        if slots[slot, DELIVER] != 0 or slots[slot, END] != 0 or slots[slot, SIDE] != 0:
            break
        i = slots[slot, ARRIVE]
        S[NOW] = at
        S[BASE] = at
        slots[slot, ARRIVE] = 0
        unmark(map_, 0, slot)
        if T[i, T_NEXT] != 0 or T[i, T_DEST] == TREE:
            S[ARRIVE_LIST] = i
            S[LEFT] = left
            if arrive(S, P, T, L, E, place, rows, table) != 0:
                at = -1
                break
            left = S[LEFT]
            leave(S, P, T, L, E, slots, map_, far)
            continue
        left -= 1
        tile = T[i, T_TILE]
        port = direction(place, tile, T[i, T_WAY] & WAY_MASK)
        if port == HERE:
            eject(S, P, T, E, slots, map_, far, T[i, T_DEST], i)
            continue
        link = tile * PORTS + port
        h = cross(S, P, T, L, slots, map_, far, link, i, at, at, size, unit, flit)
        low += h & HALF
        high += h >> 32 & HALF
        count += 1
        across += ~link >> 1 & 1
    S[LEFT] = left
    note_hops(S, low, high, count, across)
    return at

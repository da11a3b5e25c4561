"""Routers and links: a packet's way from injection to its endpoint, one event per hop."""

from __future__ import annotations

from chipsim.engines.compiled.digest import FACTOR, HALF, add, close, fold, hash3
from chipsim.engines.compiled.layout import (
    ARRIVE,
    ARRIVE_LIST,
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
    ERROR,
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
    KIND_MASK,
    KIND_SHIFT,
    LATENCY,
    LEFT,
    LINK_LIST,
    LOCAL_UNITS,
    LOSS,
    LOSSES,
    LOW,
    NO_ENTRY,
    NOW,
    ORDER,
    PACKETS_L,
    NEURON_SHIFT,
    PORT_SHIFT,
    REFERENCES,
    SEEN,
    SENT,
    SEQUENCE_MASK,
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
from chipsim.engines.compiled.queue import Table, put, sort_list
from chipsim.engines.compiled.routes import find_entry
from chipsim.model.digest import DROP, HOP
from chipsim.model.messages import F0, LAYER, TREE
from chipsim.model.state import Ints
from chipsim.plan.plan import NSN, QUEUED
from chipsim.topology import PORTS

ROUTER = QUEUED
"""Fidelity of the routers; a copy of this module is compiled for each."""

PROGRAM = NSN
"""What the cores run; likewise."""

LOCAL_PORT = 4
OWN_ALL = (1 << 63) - 1
KEY_ONLY = (1 << 60) - 1


def take_token(S: Ints, T: Table) -> int:
    """A token that was free."""
    i = S[FREE_TOKEN]
    S[FREE_TOKEN] = T[i, T_NEXT]
    S[FREE_TOKENS] -= 1
    return i


def free_token(S: Ints, T: Table, i: int) -> None:
    """Give a token back."""
    T[i, T_NEXT] = S[FREE_TOKEN]
    S[FREE_TOKEN] = i
    S[FREE_TOKENS] += 1


def inject(
    S: Ints, P: Ints, T: Table, E: Table, slots: Table, map_: Ints, far: Table,
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


def to_link(T: Table, L: Table, S: Ints, link: int, i: int) -> None:
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


def to_endpoint(T: Table, E: Table, S: Ints, endpoint: int, i: int) -> None:
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
    S: Ints, P: Ints, T: Table, L: Table, E: Table, place: Table, rows: Table, table: Table
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
            if there == tile:
                to_endpoint(T, E, S, T[i, T_DEST], i)
            else:
                x, y, to_x, to_y = place[tile, 0], place[tile, 1], place[there, 0], place[there, 1]
                if to_x > x:
                    port = 0
                elif to_x < x:
                    port = 1
                elif to_y > y:
                    port = 2
                else:
                    port = 3
                to_link(T, L, S, tile * PORTS + port, i)
        i = after
        count += 1
    S[ARRIVE_LIST] = i
    S[LEFT] -= count
    return i


def branch(S: Ints, P: Ints, T: Table, L: Table, E: Table, rows: Table, table: Table, tile: int, i: int) -> bool:
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


def leave(
    S: Ints, P: Ints, T: Table, L: Table, E: Table, slots: Table, map_: Ints, far: Table,
) -> None:  # fmt: skip
    """Every link and local port of this instant takes its packets in the order (input port, source, sequence number)."""
    now, unit, flit = S[NOW], P[UNIT], P[FLIT_UNITS]
    low, high, count, across = S[LOW], S[HIGH], 0, 0
    link = S[LINK_LIST] - 1
    while link >= 0:
        order = L[link, ORDER]
        i = L[link, HEAD]
        L[link, HEAD] = 0
        if order & 1:
            i = sort_list(T, i, T_NEXT, T_KEY, OWN_ALL)
        port = link & 3
        latency = P[LATENCY + port]
        tile = (link >> 2) + P[STEP_OF + port]
        while i != 0:
            after = T[i, T_NEXT]
            flits = T[i, T_INFO] & FLIT_MASK
            start = now
            if ROUTER == QUEUED:
                free = L[link, FREE]
                if free > now:
                    start = free
                    L[link, WAIT] += free - now
                    if free - now > L[link, WAIT_MAX]:
                        L[link, WAIT_MAX] = free - now
                L[link, FREE] = start + flits * flit
            L[link, PACKETS_L] += 1
            L[link, FLITS_L] += flits
            key = T[i, T_KEY]
            source = key >> SOURCE_SHIFT & SOURCE_MASK
            h = close(fold(fold(fold(HOP * FACTOR, start * unit), link << 32 | source), key & SEQUENCE_MASK))
            low += h & HALF
            high += h >> 32 & HALF
            count += 1
            if port < 2:
                across += 1
            T[i, T_KEY] = (key & KEY_ONLY) | port << PORT_SHIFT
            T[i, T_TILE] = tile
            T[i, T_NEXT] = put(S, P, slots, map_, far, ARRIVE, i, start + latency)
            i = after
        link = (order >> 1) - 1
    S[LINK_LIST] = 0
    S[LOW], S[HIGH] = low, high
    S[COUNT] += count
    S[HOPS] += count
    S[HOPS_EW] += across
    S[HOPS_NS] += count - across
    endpoint = S[EJECT_LIST] - 1
    while endpoint >= 0:
        order = E[endpoint, E_ORDER]
        i = E[endpoint, E_HEAD]
        E[endpoint, E_HEAD] = 0
        if order & 1:
            i = sort_list(T, i, T_NEXT, T_KEY, OWN_ALL)
        latency = P[LOCAL_UNITS]
        if endpoint == P[HOST]:
            latency = P[HOST_UNITS]
        while i != 0:
            after = T[i, T_NEXT]
            flits = T[i, T_INFO] & FLIT_MASK
            start = now
            if ROUTER == QUEUED:
                start = max(now, E[endpoint, E_EJECT])
                E[endpoint, E_EJECT] = start + flits * flit
            if endpoint == P[HOST]:
                S[HOST_FLITS] += flits
            E[endpoint, E_FLITS] += flits
            T[i, T_DEST] = endpoint
            T[i, T_NEXT] = put(
                S, P, slots, map_, far, DELIVER, i, start + latency + (flits - 1) * flit
            )  # fmt: skip
            i = after
        endpoint = (order >> 1) - 1
    S[EJECT_LIST] = 0

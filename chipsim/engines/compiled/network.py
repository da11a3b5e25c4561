"""Routers and links: a packet's way from injection to its endpoint, one event per hop."""

from __future__ import annotations

from chipsim.engines.compiled.digest import HALF, add, hash3
from chipsim.engines.compiled.layout import (
    ARRIVE,
    ARRIVE_LIST,
    BASE,
    CAUSE_SHIFT,
    CONCENTRATION,
    COPIES,
    COUNT,
    DELIVER,
    DETAIL_A,
    DETAIL_B,
    DETAIL_C,
    DROPPED,
    E_DEAD,
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
    FAULTY,
    FLIT_MASK,
    FLIT_UNITS,
    FLITS_L,
    FREE,
    FREE_ROW,
    FREE_ROWS,
    FREE_TOKEN,
    FREE_TOKENS,
    HEAD,
    HIGH,
    HOLD_UNITS,
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
    LOSS_SEED,
    LOSSES,
    LOST,
    LOW,
    NEURON_SHIFT,
    NEVER,
    NO_ENTRY,
    NO_WAY_ON,
    NOW,
    NSN,
    ORDER,
    PACKETS_L,
    PORT_SHIFT,
    PORTS_OF,
    REFERENCES,
    RETRY_UNITS,
    ROW_NEXT,
    SEEN,
    SENT,
    SEQUENCE_MASK,
    SIDE,
    SIZE,
    SOUND,
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
    TILE_MASK,
    UNIT,
    W_DIES,
    W_GAP,
    W_HOLD,
    W_LATENCY,
    W_LOSES,
    W_TO,
    WAIT,
    WAIT_MAX,
    WAIT_SHIFT,
    WAY_MASK,
    WORK,
)
from chipsim.engines.compiled.queue import near_time, put, put_from, sort_list, turn, unmark
from chipsim.engines.compiled.routes import HERE, direction, find_entry
from chipsim.engines.compiled.tables import Endpoints, Entries, Links, Places, Rows, Slots, Tokens, Ways
from chipsim.engines.compiled.wormhole import join
from chipsim.machine.digest import DROP, HOP
from chipsim.machine.ints import Ints
from chipsim.machine.message import F0, LAYER, TREE
from chipsim.machine.raw import CUT, DEAD_CORE, FLIT_LOSS, UNREACHABLE
from chipsim.noc import PORTS
from chipsim.noc.loss import lost
from chipsim.noc.plan import QUEUED, WORMHOLE
from chipsim.noc.routing import DATELINE, NO_WAY, TABLE, TORUS, Routing, next_port, tie_coin
from chipsim.noc.routing import HERE as THERE

ROUTER = QUEUED
"""Fidelity of the routers; a copy of this module is compiled for each."""

PROGRAM = NSN
"""What the cores run; likewise."""

GRID = 1
"""1: a plain mesh, x first; 0: any topology and routing, from tables; likewise."""

INLINE = ("take_token", "free_token", "release_row", "to_link", "to_endpoint", "cross", "pass_on", "eject", "glide")

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


def release_row(S: Ints, rows: Rows, row: int) -> None:
    """One holder of a message less."""
    rows[row, REFERENCES] -= 1
    if rows[row, REFERENCES] == 0:
        rows[row, ROW_NEXT] = S[FREE_ROW]
        S[FREE_ROW] = row
        S[FREE_ROWS] += 1


def note_drop(S: Ints, P: Ints, cause: int, kind: int, at: int, source: int, sequence: int) -> None:
    """A damaged network drops a packet."""
    S[DROPPED + kind] += 1
    S[LOST + cause] += 1
    add(S, hash3(DROP, at * P[UNIT], source, sequence))


def drop(S: Ints, P: Ints, T: Tokens, rows: Rows, i: int, cause: int) -> None:
    """A packet on its way is dropped now."""
    key = T[i, T_KEY]
    note_drop(
        S, P, cause, T[i, T_INFO] >> KIND_SHIFT & KIND_MASK, S[NOW], key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK
    )
    S[WORK] -= 1
    if PROGRAM == NSN:
        release_row(S, rows, T[i, T_PAYLOAD])
    free_token(S, T, i)


def mark(T: Tokens, i: int, cause: int) -> None:
    """A packet is going to be dropped."""
    T[i, T_INFO] = T[i, T_INFO] & SOUND | (cause + 1) << CAUSE_SHIFT


def is_cut_off(R: Routing, tile: int, dest: int) -> bool:
    """Does no way lead from a router to another?"""
    if R.kind != TABLE:
        return False
    return R.table[tile * R.routers + dest] == NO_WAY


def trouble(P: Ints, T: Tokens, L: Links, W: Ways, link: int, i: int, flits: int) -> int:
    """Units that a link takes longer for a packet since it loses flits; a packet that it loses for good is marked."""
    threshold = W[link, W_LOSES] >> 1
    if threshold == 0:
        return 0
    if P[RETRY_UNITS] > 0:
        return lost(P[LOSS_SEED], link, L[link, FLITS_L], flits, threshold) * P[RETRY_UNITS]
    if lost(P[LOSS_SEED], link, L[link, PACKETS_L] << 16, flits, threshold) != 0:
        mark(T, i, FLIT_LOSS)
    return 0


def ends_here(S: Ints, P: Ints, T: Tokens, E: Endpoints, R: Routing, rows: Rows, tile: int, i: int) -> bool:
    """Whether a packet that arrives at a router of a damaged network is dropped there."""
    if T[i, T_INFO] >> CAUSE_SHIFT == CUT + 1:
        drop(S, P, T, rows, i, CUT)
        return True
    if T[i, T_DEST] >= 0:
        if is_cut_off(R, tile, E[T[i, T_DEST], E_TILE]):
            drop(S, P, T, rows, i, UNREACHABLE)
            return True
    return False


def inject(
    S: Ints, P: Ints, T: Tokens, E: Endpoints, R: Routing, slots: Slots, map_: Ints, far: Ints,
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
    if GRID == 0:
        if P[FAULTY] != 0:
            if E[source, E_DEAD] != 0:
                note_drop(S, P, DEAD_CORE, kind, at, source, sequence)
                return False
            if dest >= 0:
                if is_cut_off(R, E[source, E_TILE], E[dest, E_TILE]):
                    note_drop(S, P, UNREACHABLE, kind, at, source, sequence)
                    return False
    start = at
    if ROUTER == QUEUED:
        start = max(at, E[source, E_INJECT])
        E[source, E_INJECT] = start + flits * P[HOLD_UNITS]
    latency = P[LOCAL_UNITS]
    if source == P[HOST]:
        S[HOST_FLITS] += flits
        latency = P[HOST_UNITS]
    E[source, E_FLITS] += flits
    i = take_token(S, T)
    T[i, T_KEY] = P[PORTS_OF] << PORT_SHIFT | source << SOURCE_SHIFT | sequence
    T[i, T_DEST] = dest
    T[i, T_INFO] = flits | kind << KIND_SHIFT | step << STEP_SHIFT
    T[i, T_INJECTED] = at
    T[i, T_PAYLOAD] = payload
    T[i, T_TILE] = (start - at) << WAIT_SHIFT | E[source, E_TILE]
    way = neuron << NEURON_SHIFT
    if GRID == 1:
        if dest >= 0:
            way |= E[dest, E_TILE]
    T[i, T_WAY] = way
    S[WORK] += 1
    if ROUTER == WORMHOLE:
        if dest >= 0:
            T[i, T_WAY] = way | E[dest, E_TILE]
        if at > S[NOW]:
            T[i, T_NEXT] = put(S, P, slots, map_, far, ARRIVE, i, at)
        else:
            join(S, P, T, E, i)
        return True
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
    S: Ints, P: Ints, T: Tokens, L: Links, E: Endpoints, place: Places, R: Routing, rows: Rows, table: Entries
) -> int:  # fmt: skip
    """Every packet that arrived at a router in this instant goes to the outputs that it needs; returns the first that is left, for lack of
    tokens or for an error, or 0.
    """
    reserve = P[PORTS_OF] + P[CONCENTRATION]
    i = S[ARRIVE_LIST]
    count = 0
    while i != 0:
        after = T[i, T_NEXT]
        tile = T[i, T_TILE] & TILE_MASK
        if GRID == 0:
            if P[FAULTY] != 0:
                if ends_here(S, P, T, E, R, rows, tile, i):
                    i = after
                    count += 1
                    continue
        if T[i, T_DEST] == TREE:
            if S[FREE_TOKENS] < reserve:
                break
            if not branch(S, P, T, L, E, rows, table, tile, i):
                break
        else:
            if GRID == 1:
                port = direction(place, tile, T[i, T_WAY] & WAY_MASK)
                if port == HERE:
                    to_endpoint(T, E, S, T[i, T_DEST], i)
                else:
                    to_link(T, L, S, tile * PORTS + port, i)
            if GRID == 0:
                port = way_on(S, T, E, R, tile, i)
                if port < 0:
                    break
                if port == THERE:
                    to_endpoint(T, E, S, T[i, T_DEST], i)
                else:
                    to_link(T, L, S, tile * P[PORTS_OF] + port, i)
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
    copies, ports = 0, PORTS
    if GRID == 0:
        ports = P[PORTS_OF]
    for bit in range(ports + P[CONCENTRATION]):
        if mask >> bit & 1:
            one = i
            if copies > 0:
                one = take_token(S, T)
                for word in range(T_KEY, T_WAY + 1):
                    T[one, word] = T[i, word]
            copies += 1
            if bit < ports:
                to_link(T, L, S, tile * ports + bit, one)
            else:
                to_endpoint(T, E, S, tile * P[CONCENTRATION] + bit - ports, one)
    S[COPIES + (T[i, T_INFO] >> KIND_SHIFT & KIND_MASK)] += copies - 1
    S[WORK] += copies - 1
    if PROGRAM == NSN:
        rows[T[i, T_PAYLOAD], REFERENCES] += copies - 1
    return True


def way_on(S: Ints, T: Tokens, E: Endpoints, R: Routing, tile: int, i: int) -> int:
    """Port that a packet to one endpoint takes, or ``THERE``; -1 with an error noted where the table knows none."""
    source, dest = T[i, T_KEY] >> SOURCE_SHIFT & SOURCE_MASK, E[T[i, T_DEST], E_TILE]
    coin = 0
    if R.kind == TORUS or R.kind == DATELINE:
        coin = tie_coin(R.seed, source, T[i, T_KEY] & SEQUENCE_MASK)
    port = next_port(R, tile, dest, E[source, E_TILE], coin)
    if port < 0:
        S[ERROR], S[DETAIL_A], S[DETAIL_B], S[DETAIL_C] = NO_WAY_ON, tile, dest, source
    return port


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
    T[i, T_TILE] += P[STEP_OF + port]  # what is above the tile's number stays
    T[i, T_NEXT] = put_from(S, P, slots, map_, far, ARRIVE, i, start + P[LATENCY + port], base, size)
    return hash3(HOP, start * unit, link << 32 | key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK)


def pass_on(
    S: Ints, P: Ints, T: Tokens, L: Links, W: Ways, slots: Slots, map_: Ints, far: Ints, link: int, i: int,
    now: int, base: int, size: int, unit: int,
) -> int:  # fmt: skip
    """As ``cross``, where each link has its own end, latency and time per flit; behind a slower link a packet goes on without gaps."""
    flits = T[i, T_INFO] & FLIT_MASK
    start, late = now, 0
    if P[FAULTY] != 0:
        late = trouble(P, T, L, W, link, i, flits)
    if ROUTER == QUEUED:
        start = max(now, L[link, FREE])
        L[link, WAIT] += start - now
        L[link, WAIT_MAX] = max(L[link, WAIT_MAX], start - now)
        if W[link, W_HOLD] != 0:
            L[link, FREE] = start + flits * W[link, W_HOLD] + late
    L[link, PACKETS_L] += 1
    L[link, FLITS_L] += flits
    key = T[i, T_KEY]
    T[i, T_KEY] = (key & KEY_MASK) | link % P[PORTS_OF] << PORT_SHIFT
    T[i, T_TILE] = (T[i, T_TILE] & ~TILE_MASK) | W[link, W_TO] >> 1
    T[i, T_WAY] += 1
    there = start + W[link, W_LATENCY] + (flits - 1) * W[link, W_GAP] + late
    if P[FAULTY] != 0:
        if W[link, W_DIES] <= there:
            mark(T, i, CUT)
    T[i, T_NEXT] = put_from(S, P, slots, map_, far, ARRIVE, i, there, base, size)
    return hash3(HOP, start * unit, link << 32 | key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK)


def eject(S: Ints, P: Ints, T: Tokens, E: Endpoints, slots: Slots, map_: Ints, far: Ints, endpoint: int, i: int) -> None:
    """A packet leaves the network for an endpoint, which has it when the last flit is there."""
    flits = T[i, T_INFO] & FLIT_MASK
    start = S[NOW]
    if ROUTER == QUEUED:
        start = max(start, E[endpoint, E_EJECT])
        E[endpoint, E_EJECT] = start + flits * P[HOLD_UNITS]
    latency = P[LOCAL_UNITS]
    if endpoint == P[HOST]:
        S[HOST_FLITS] += flits
        latency = P[HOST_UNITS]
    E[endpoint, E_FLITS] += flits
    T[i, T_DEST] = endpoint
    due = start + latency + (flits - 1) * P[FLIT_UNITS]
    T[i, T_NEXT] = put(S, P, slots, map_, far, DELIVER, i, due)


def leave(
    S: Ints, P: Ints, T: Tokens, L: Links, W: Ways, E: Endpoints, slots: Slots, map_: Ints, far: Ints
) -> None:  # fmt: skip
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
            if GRID == 1:
                h = cross(S, P, T, L, slots, map_, far, link, i, now, base, size, unit, flit)
                across += ~link >> 1 & 1
            if GRID == 0:
                h = pass_on(S, P, T, L, W, slots, map_, far, link, i, now, base, size, unit)
                across += W[link, W_TO] & 1
            low += h & HALF
            high += h >> 32 & HALF
            count += 1
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
    S: Ints, P: Ints, T: Tokens, L: Links, W: Ways, E: Endpoints, slots: Slots, map_: Ints, far: Ints, place: Places, R: Routing,
    rows: Rows, table: Entries, limit: int, other: int,
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
        if GRID == 0:
            if P[FAULTY] != 0:
                break
        i = slots[slot, ARRIVE]
        S[NOW] = at
        S[BASE] = at
        slots[slot, ARRIVE] = 0
        unmark(map_, 0, slot)
        if T[i, T_NEXT] != 0 or T[i, T_DEST] == TREE:
            S[ARRIVE_LIST] = i
            S[LEFT] = left
            if arrive(S, P, T, L, E, place, R, rows, table) != 0:
                at = -1
                break
            left = S[LEFT]
            leave(S, P, T, L, W, E, slots, map_, far)
            continue
        left -= 1
        tile = T[i, T_TILE] & TILE_MASK
        if GRID == 1:
            port = direction(place, tile, T[i, T_WAY] & WAY_MASK)
            if port == HERE:
                eject(S, P, T, E, slots, map_, far, T[i, T_DEST], i)
                continue
            link = tile * PORTS + port
            h = cross(S, P, T, L, slots, map_, far, link, i, at, at, size, unit, flit)
            across += ~link >> 1 & 1
        if GRID == 0:
            port = way_on(S, T, E, R, tile, i)
            if port < 0:
                S[ARRIVE_LIST] = i
                at = -1
                break
            if port == THERE:
                eject(S, P, T, E, slots, map_, far, T[i, T_DEST], i)
                continue
            link = tile * P[PORTS_OF] + port
            h = pass_on(S, P, T, L, W, slots, map_, far, link, i, at, at, size, unit)
            across += W[link, W_TO] & 1
        low += h & HALF
        high += h >> 32 & HALF
        count += 1
    S[LEFT] = left
    note_hops(S, low, high, count, across)
    return at

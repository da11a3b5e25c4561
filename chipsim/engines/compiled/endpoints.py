"""Inboxes, the list of endpoints with something to do in this instant, and what every operation has in common."""

from __future__ import annotations

from chipsim.engines.compiled.digest import add, hash3
from chipsim.engines.compiled.layout import (
    BUSY,
    CAUSE_SHIFT,
    CLOCK_UNITS,
    CORES,
    DELIVER_LIST,
    DELIVERED,
    E_AWAY,
    E_BUSY,
    E_DEAD,
    E_EDGE,
    E_END,
    E_FIRST,
    E_INBOX,
    E_INBOX_TAIL,
    E_NEW,
    E_NEW_TAIL,
    E_NEXT,
    E_OPERATIONS,
    E_READY_NEXT,
    E_RECEIVED,
    E_SPAN,
    E_STATE,
    E_TILE,
    END,
    ENTERED_SHIFT,
    FAULTY,
    FLIT_MASK,
    FLIT_UNITS,
    HOPS_SHIFT,
    IN_READY,
    KEEP_PACKETS,
    KEY_MASK,
    KIND_MASK,
    KIND_SHIFT,
    LAST,
    LEFT,
    LOGGED,
    NOW,
    NSN,
    PACKET_LIST,
    READY,
    SEQUENCE_MASK,
    SINKS,
    SOURCE_MASK,
    SOURCE_SHIFT,
    T_DEST,
    T_INFO,
    T_INJECTED,
    T_KEY,
    T_NEXT,
    T_TILE,
    T_WAY,
    TICK_UNITS,
    TRAFFIC,
    UNIT,
    UNSORTED,
    WAIT_SHIFT,
    WAY_MASK,
    WINDOW,
    WORK,
)
from chipsim.engines.compiled.network import drop, free_token, inject
from chipsim.engines.compiled.queue import put, sort_list
from chipsim.engines.compiled.tables import Actions, Endpoints, Log, Packets, Places, Rows, Slots, Tokens
from chipsim.machine.actions import ACTIONS
from chipsim.machine.digest import DELIVERY, OPERATION
from chipsim.machine.ints import Ints
from chipsim.machine.raw import DEAD_CORE
from chipsim.noc.plan import QUEUED, WORMHOLE
from chipsim.noc.routing import Routing
from chipsim.programs.packets.messages import DATA

GRID, ROUTER, PROGRAM = 1, QUEUED, NSN
"""As in ``network``."""

INLINE = ("make_ready", "take_first", "take_new", "deliver", "note_operation", "end_operation", "waits_for_edge", "is_late")


def make_ready(S: Ints, E: Endpoints, endpoint: int) -> None:
    """Into the list of those that are looked at in the compute phase."""
    if not E[endpoint, E_STATE] & IN_READY:
        E[endpoint, E_STATE] |= IN_READY
        E[endpoint, E_READY_NEXT] = S[READY]
        S[READY] = endpoint + 1


def deliver(
    S: Ints, P: Ints, T: Tokens, E: Endpoints, R: Routing, slots: Slots, map_: Ints, far: Ints, rows: Rows, log: Log, place: Places,
    traffic: Packets,
) -> bool:  # fmt: skip
    """Messages whose last flit is there enter the inbox of their endpoint; False if the log has no room for them."""
    now, unit = S[NOW], P[UNIT]
    i = S[DELIVER_LIST]
    while i != 0:
        if P[KEEP_PACKETS] and S[LOGGED] >= len(log):
            S[DELIVER_LIST] = i
            return False
        after = T[i, T_NEXT]
        key = T[i, T_KEY] & KEY_MASK
        endpoint, kind = T[i, T_DEST], T[i, T_INFO] >> KIND_SHIFT & KIND_MASK
        source, sequence = key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK
        if GRID == 0:
            if P[FAULTY] != 0:
                cause = T[i, T_INFO] >> CAUSE_SHIFT
                if cause != 0 or E[endpoint, E_DEAD] != 0:
                    drop(S, P, T, rows, i, cause - 1 if cause != 0 else DEAD_CORE)
                    i = after
                    continue
        S[DELIVERED + kind] += 1
        E[endpoint, E_RECEIVED] += 1
        add(S, hash3(DELIVERY, now * unit, endpoint << 32 | source, sequence))
        if P[KEEP_PACKETS]:
            if GRID == 1:
                here, there = E[source, E_TILE], E[endpoint, E_TILE]
                hops = abs(place[here, 0] - place[there, 0]) + abs(place[here, 1] - place[there, 1])
            if GRID == 0:
                hops = T[i, T_WAY] & WAY_MASK
            entered = T[i, T_INJECTED] + (T[i, T_TILE] >> WAIT_SHIFT)
            if ROUTER == WORMHOLE:
                hops = T[i, T_TILE] >> HOPS_SHIFT & FLIT_MASK
                clock = P[CLOCK_UNITS]
                entered = ((T[i, T_INJECTED] + clock - 1) // clock + (T[i, T_TILE] >> ENTERED_SHIFT)) * clock
            n = S[LOGGED]
            S[LOGGED] = n + 1
            log[n, 0] = PACKET_LIST
            log[n, 1] = T[i, T_INJECTED] * unit
            log[n, 2] = now * unit
            log[n, 3] = kind
            log[n, 4] = source
            log[n, 5] = endpoint
            log[n, 6] = sequence
            log[n, 7] = T[i, T_INFO] & FLIT_MASK
            log[n, 8] = hops
            log[n, 9] = entered * unit
        if PROGRAM == TRAFFIC:
            if P[SINKS] > 0:
                S[LEFT] -= 1
                S[LAST] = now
                S[WORK] -= 1
                free_token(S, T, i)
                if P[WINDOW] > 0:
                    answered(S, P, T, E, R, slots, map_, far, traffic, source)
                i = after
                continue
        T[i, T_KEY] = key
        T[i, T_TILE] = now
        T[i, T_NEXT] = 0
        tail = E[endpoint, E_NEW_TAIL]
        if E[endpoint, E_NEW] == 0:
            E[endpoint, E_NEW] = i
        else:
            T[tail, T_NEXT] = i
            if T[tail, T_KEY] > key:
                E[endpoint, E_STATE] |= UNSORTED
        E[endpoint, E_NEW_TAIL] = i
        make_ready(S, E, endpoint)
        S[LEFT] -= 1
        S[LAST] = now
        i = after
    S[DELIVER_LIST] = 0
    return True


def answered(
    S: Ints, P: Ints, T: Tokens, E: Endpoints, R: Routing, slots: Slots, map_: Ints, far: Ints, traffic: Packets, source: int
) -> None:  # fmt: skip
    """A packet of a source with a window is delivered: what waits for that comes next."""
    n = E[source, E_FIRST] - 1
    if n < 0:
        E[source, E_AWAY] -= 1
        return
    E[source, E_FIRST] = traffic[n, 0]
    at = S[NOW] + P[FLIT_UNITS]
    inject(S, P, T, E, R, slots, map_, far, source, traffic[n, 2], DATA, traffic[n, 3], at, 0, 0, 0)


def take_new(T: Tokens, E: Endpoints, endpoint: int) -> None:
    """What came in this instant goes behind what was there, in the order (source, sequence number)."""
    new = E[endpoint, E_NEW]
    if new == 0:
        return
    tail = E[endpoint, E_NEW_TAIL]
    if E[endpoint, E_STATE] & UNSORTED:
        E[endpoint, E_STATE] &= ~UNSORTED
        new = sort_list(T, new, T_NEXT, T_KEY, KEY_MASK)
        tail = new
        while T[tail, T_NEXT] != 0:
            tail = T[tail, T_NEXT]
    if E[endpoint, E_INBOX] == 0:
        E[endpoint, E_INBOX] = new
    else:
        T[E[endpoint, E_INBOX_TAIL], T_NEXT] = new
    E[endpoint, E_INBOX_TAIL] = tail
    E[endpoint, E_NEW] = 0


def take_first(T: Tokens, E: Endpoints, endpoint: int) -> int:
    """The first message of an inbox."""
    i = E[endpoint, E_INBOX]
    E[endpoint, E_INBOX] = T[i, T_NEXT]
    return i


def waits_for_edge(S: Ints, P: Ints, T: Tokens, E: Endpoints, endpoint: int) -> int:
    """Time until an idle endpoint may take the first message of its inbox: for a clocked core, until the next edge.

    What had come by the edge that its batch belongs to is handled without waiting.
    """
    tick = P[TICK_UNITS]
    if tick == 0 or endpoint >= P[CORES]:
        return 0
    wait = -S[NOW] % tick
    if wait > 0 and T[E[endpoint, E_INBOX], T_TILE] <= E[endpoint, E_EDGE] - 1:
        return 0
    return wait


def note_operation(
    S: Ints, P: Ints, E: Endpoints, actions: Actions, act: Ints, endpoint: int, kind: int, begin: int, span: int
) -> None:
    """An operation is counted and recorded."""
    unit = P[UNIT]
    for action in range(ACTIONS):
        actions[endpoint, action] += act[action]
    E[endpoint, E_BUSY] += span
    E[endpoint, E_OPERATIONS] += 1
    add(S, hash3(OPERATION, begin * unit, (begin + span) * unit, endpoint << 8 | kind))
    S[LEFT] -= 1


def end_operation(
    S: Ints, P: Ints, E: Endpoints, slots: Slots, map_: Ints, far: Ints, endpoint: int, begin: int, span: int
) -> None:
    """The end of an operation is made due."""
    E[endpoint, E_SPAN] = span
    E[endpoint, E_END] = begin + span
    E[endpoint, E_STATE] = (E[endpoint, E_STATE] & ~3) | BUSY
    E[endpoint, E_NEXT] = put(S, P, slots, map_, far, END, endpoint + 1, begin + span)


def is_late(S: Ints, P: Ints, E: Endpoints, endpoint: int) -> bool:
    """Whether the operation that ends now took its batch over the next edge."""
    beyond = E[endpoint, E_EDGE] - 1 + P[TICK_UNITS]
    return P[TICK_UNITS] > 0 and endpoint < P[CORES] and S[NOW] > beyond >= S[NOW] - E[endpoint, E_SPAN]

"""Neurosemantic cores: an operation runs a program of ``chipsim.machine``; what it leaves is recorded and sent when it ends."""

from __future__ import annotations

from chipsim.engines.compiled.digest import add, add_decision, begin, close, fold, hash3
from chipsim.engines.compiled.layout import (
    ALERTS,
    CORES,
    DETAIL_A,
    DETAIL_B,
    DETAIL_C,
    DETAIL_D,
    E_BANK,
    E_OUT,
    E_OUT_ROWS,
    E_TILE,
    ENTRIES,
    ERROR,
    FIRST_ITEM,
    FLITS_OF,
    FREE_ROW,
    FREE_ROWS,
    GROW_FLITS,
    GROWTHS,
    HOST,
    ITEMS,
    KEEP_SPIKES,
    KIND_MASK,
    KIND_SHIFT,
    LOGGED,
    NEXT_ITEM,
    NOTE,
    NOW,
    OFFER_AT,
    OFFERED,
    OVERRUNS,
    REFERENCES,
    ROW_NEXT,
    SPIKE_LIST,
    T_INFO,
    T_PAYLOAD,
    TABLE_FULL,
    TABLE_LIMIT,
    TAKEN_ITEMS,
    UNIT,
    UNITS_OF,
    UNSTOREDS,
    WAITS,
    WINNERS,
)
from chipsim.engines.compiled.network import inject, release_row
from chipsim.engines.compiled.routes import add_entry, clear_entry
from chipsim.engines.compiled.tables import Endpoints, Entries, Log, Rows, Slots, Tokens
from chipsim.ids import LAYER_SHIFT
from chipsim.machine.actions import A_SENT, ACTIONS, TIMED
from chipsim.machine.digest import GROWTH, MIGRATION, PAIR, WINNER, WRITE
from chipsim.machine.digest import SPIKE as SPIKE_RECORD
from chipsim.machine.ints import Ints
from chipsim.machine.message import DEST, F0, F1, F2, F3, F4, KIND, LAYER, ROW, TRACE
from chipsim.noc.routing import Routing
from chipsim.programs.nsn.messages import (
    ALERT,
    GROW,
    IMPORT,
    ITEM,
    SPIKE,
    T_CLEAR,
    T_GROWTH,
    T_MOVED,
    T_PAIR,
    T_ROUTE,
    T_UNSTORED,
    T_WAIT,
    T_WINNER,
    T_WRITE,
    TAKEN,
    used_words,
)
from chipsim.programs.nsn.program import core_message
from chipsim.programs.nsn.slots import server_message
from chipsim.programs.nsn.state import SATURATE, Constants, Core, Root, Server

INLINE = ("begin_operation", "take_row", "release")


def log_row(S: Ints, log: Log, name: int, a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: int) -> None:
    """One row for a list of the results; the caller has seen to room."""
    n = S[LOGGED]
    S[LOGGED] = n + 1
    log[n, 0] = name
    log[n, 1], log[n, 2], log[n, 3], log[n, 4] = a, b, c, d
    log[n, 5], log[n, 6], log[n, 7], log[n, 8] = e, f, g, h


def begin_operation(
    P: Ints, S: Ints, T: Tokens, E: Endpoints, M: Rows, K: Constants, mem: Core, roots: Root, servers: Server,
    message: Ints, out: Ints, act: Ints, endpoint: int, token: int,
) -> int:  # fmt: skip
    """Run the program on a message that a token brought: state changes now, rows wait for the end; returns the duration in units."""
    row = T[token, T_PAYLOAD]
    for word in range(used_words(M[row, KIND])):
        message[word] = M[row, word]
    release_row(S, M, row)
    for action in range(ACTIONS):
        act[action] = 0
    out[0] = 0
    if endpoint < P[CORES]:
        core_message(K, mem, E[endpoint, E_BANK] - 1, roots, message[LAYER], message, out, act)
    else:
        server_message(K, servers, endpoint - P[CORES], message, out, act)
    rows = out[0]
    head, sent = 0, 0
    for n in range(rows - 1, -1, -1):
        row = take_row(S, M)
        base = 1 + n * ROW
        for word in range(used_words(out[base])):
            M[row, word] = out[base + word]
        M[row, ROW_NEXT] = head
        M[row, REFERENCES] = 1
        if M[row, DEST] != TRACE:
            sent += 1
        head = row
    E[endpoint, E_OUT] = head
    E[endpoint, E_OUT_ROWS] = rows
    act[A_SENT] = sent
    span = 0
    for action in range(TIMED):
        span += act[action] * P[UNITS_OF + action]
    return max(1, span)


def take_row(S: Ints, M: Rows) -> int:
    """A message row that was free."""
    row = S[FREE_ROW]
    S[FREE_ROW] = M[row, ROW_NEXT]
    S[FREE_ROWS] -= 1
    return row


def release(
    S: Ints, P: Ints, T: Tokens, E: Endpoints, R: Routing, slots: Slots, map_: Ints, far: Ints,
    M: Rows, log: Log, waiting: Ints, table: Entries, entries: Ints, endpoint: int,
) -> None:  # fmt: skip
    """An operation has ended: traced rows become records, the others messages."""
    now = S[NOW] * P[UNIT]
    row = E[endpoint, E_OUT]
    E[endpoint, E_OUT] = 0
    if row != 0 and M[row, DEST] != TRACE:
        kind, layer, neuron = M[row, KIND], M[row, LAYER], M[row, F0]
        if kind == SPIKE or (kind == ITEM and neuron >> LAYER_SHIFT == layer - 1):
            add(S, hash3(SPIKE_RECORD, now, endpoint << 8 | layer, neuron))
            if P[KEEP_SPIKES]:
                log_row(S, log, SPIKE_LIST, now, endpoint, layer, neuron, 0, 0, 0, 0)
    while row != 0:
        after = M[row, ROW_NEXT]
        if M[row, DEST] == TRACE:
            note(S, P, M, log, waiting, E[endpoint, E_TILE], table, entries, now, endpoint, row)
            release_row(S, M, row)
        else:
            kind = M[row, KIND]
            size = P[FLITS_OF + kind]
            if kind in (GROW, IMPORT):
                size += P[GROW_FLITS + M[row, F2]]
            if not inject(
                S, P, T, E, R, slots, map_, far,
                endpoint, M[row, DEST], kind, size, S[NOW], row, 0, 0,
            ):  # fmt: skip
                release_row(S, M, row)
        row = after


def note(
    S: Ints, P: Ints, M: Rows, log: Log, waiting: Ints, tile: int, table: Entries, entries: Ints, now: int, core: int, row: int
) -> None:  # fmt: skip
    """Record what a program traced."""
    what, layer = M[row, KIND], M[row, LAYER]
    a, b, c, d, e = M[row, F0], M[row, F1], M[row, F2], M[row, F3], M[row, F4]
    if what == T_PAIR:
        h = fold(fold(fold(begin(PAIR), layer), a), b)
        add_decision(S, close(fold(fold(h, c), d)))
    elif what == T_WINNER:
        h = fold(fold(fold(begin(WINNER), layer), a), b)
        add_decision(S, close(fold(fold(h, c), d)))
        add(S, close(fold(fold(fold(fold(begin(WINNER), now), layer), a), b)))
        log_row(S, log, WINNERS, now, layer, a, b, c, d, e, core)
    elif what == T_WAIT:
        if b < 0:
            waiting[layer] = now
        else:
            log_row(S, log, WAITS, layer, a, waiting[layer], now, b, 0, 0, 0)
    elif what == T_WRITE:
        h = fold(fold(fold(begin(WRITE), now), core << 8 | layer), a)
        add(S, close(fold(fold(h, b), c)))
    elif what == T_GROWTH:
        add(S, close(fold(fold(fold(fold(begin(GROWTH), now), layer), a), b)))
        log_row(S, log, GROWTHS, now, layer, a, b, 0, 0, 0, 0)
    elif what == T_UNSTORED:
        log_row(S, log, UNSTOREDS, now, layer, a, b, 0, 0, 0, 0)
    elif what == T_ROUTE:
        fresh = add_entry(table, tile, layer, a, b)
        S[ENTRIES] += fresh
        entries[tile] += fresh
        if P[TABLE_LIMIT] > 0 and entries[tile] > P[TABLE_LIMIT]:
            S[ERROR], S[DETAIL_A], S[DETAIL_B] = TABLE_FULL, tile, entries[tile]
        h = fold(fold(fold(begin(WRITE), now), tile << 8 | layer), a)
        add(S, close(fold(h, b)))
    elif what == T_CLEAR:
        gone = clear_entry(table, tile, layer, a, b)
        S[ENTRIES] -= gone
        entries[tile] -= gone
        h = fold(fold(fold(begin(WRITE), now), tile << 8 | layer), a)
        add(S, close(fold(h, -1 - b)))
    elif what == T_MOVED:
        add(S, close(fold(fold(fold(fold(begin(MIGRATION), now), layer), a), b)))
    elif S[ERROR] == 0:
        S[ERROR], S[DETAIL_A], S[DETAIL_B], S[DETAIL_C], S[DETAIL_D] = NOTE, core, layer, a, b


def offers(
    S: Ints, P: Ints, T: Tokens, E: Endpoints, R: Routing, slots: Slots, map_: Ints, far: Ints,
    M: Rows, K: Constants,
    code: Ints, time: Ints, flags: Ints, event: Ints, offer: Ints, offered: Ints,
) -> None:  # fmt: skip
    """The host offers the next item if its event is due and the item before was taken."""
    i = S[NEXT_ITEM]
    if i >= P[ITEMS] or S[TAKEN_ITEMS] < i:
        return
    unit = P[UNIT]
    now = S[NOW] * unit
    number = event[i]
    if number == S[OFFERED]:
        due = now if offer[number] == SATURATE else offer[number]
        if due > now:
            S[OFFER_AT] = due // unit
            return
        if due < now:
            S[OVERRUNS] += 1
        offered[number] = due
        S[OFFERED] += 1
    S[NEXT_ITEM] = i + 1
    item = P[FIRST_ITEM] + i
    add(S, hash3(SPIKE_RECORD, now, P[HOST] << 8, code[i]))
    row = take_row(S, M)
    for word in range(ROW):
        M[row, word] = 0
    M[row, KIND] = ITEM
    M[row, DEST] = K.root_core[0]
    M[row, F0] = code[i]
    M[row, F1] = -1
    M[row, F2] = time[i]
    M[row, F3] = flags[i]
    M[row, F4] = item
    M[row, F4 + 1] = item
    M[row, REFERENCES] = 1
    if not inject(
        S, P, T, E, R, slots, map_, far,
        P[HOST], M[row, DEST], ITEM, P[FLITS_OF + ITEM], S[NOW], row, 0, 0,
    ):  # fmt: skip
        release_row(S, M, row)


def take_at_host(S: Ints, P: Ints, T: Tokens, M: Rows, log: Log, token: int) -> bool:
    """What the chip sent to the host; True if it was an acknowledgement."""
    row, kind = T[token, T_PAYLOAD], T[token, T_INFO] >> KIND_SHIFT & KIND_MASK
    if kind == ALERT:
        log_row(
            S, log, ALERTS, S[NOW] * P[UNIT], M[row, F0], M[row, F1], M[row, F2], M[row, F3], M[row, F4], 0, 0
        )  # fmt: skip
    elif kind == TAKEN:
        S[TAKEN_ITEMS] += 1
    release_row(S, M, row)
    return kind == TAKEN

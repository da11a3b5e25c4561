"""The event loop: instant by instant, phase by phase, as the model's contract says.

``advance`` goes on until nothing is due, a time is reached, its share of events is used up, or an array is too small. In the last case it comes
back in the middle of an instant, between two components; the caller makes the array larger and calls again.
"""

from __future__ import annotations

from chipsim.engines.compiled.endpoints import (
    deliver,
    end_operation,
    is_late,
    make_ready,
    note_operation,
    take_first,
    take_new,
    waits_for_edge,
)
from chipsim.engines.compiled.layout import (
    AHEAD,
    ARRIVE,
    ARRIVE_LIST,
    ARRIVING,
    AT_LIMIT,
    BARRIER_PACE,
    BASE,
    BETWEEN,
    C_DUE,
    COMPUTING,
    CORES,
    CURSOR,
    DELIVER,
    DELIVER_LIST,
    DELIVERING,
    E_AWAY,
    E_BANK,
    E_EDGE,
    E_FIRST,
    E_INBOX,
    E_LAST,
    E_LATE,
    E_NEXT,
    E_OUT_ROWS,
    E_READY_NEXT,
    E_SIDE_NEXT,
    E_STATE,
    EJECTION,
    EMPTY,
    END,
    END_LIST,
    ENDING,
    ENTRIES,
    ERROR,
    FAILED,
    FAR_AT,
    FIRED,
    FREE_ROWS,
    FREE_TOKENS,
    HOPS_EW,
    HOPS_NS,
    HOST,
    IN_READY,
    KIND_MASK,
    KIND_SHIFT,
    LAST,
    LATE_SPIKES,
    LEFT,
    LIF,
    LIMIT,
    LOGGED,
    LOSSES,
    NEED_BANK,
    NEED_ENTRIES,
    NEED_LOG,
    NEED_ROWS,
    NEED_TOKENS,
    NET_AT,
    NEVER,
    NOW,
    NSN,
    OFFER_AT,
    OFFERING,
    ONE_BY_ONE,
    PACKETS,
    PHASE,
    READY,
    RUNNING,
    SIDE,
    SIDE_LIST,
    SIZE,
    SLICE,
    STANDSTILL,
    STATUS,
    STEP,
    STEP_AT,
    STEPPING,
    STEPS,
    STUCK,
    SYNC_UNITS,
    SYNOPS,
    T_INFO,
    TICK_UNITS,
    TRAFFIC,
    UNITS_OF,
    UPDATED,
    USED_CORES,
    WAITING,
    WINDOW,
    WORK,
)
from chipsim.engines.compiled.network import arrive, free_token, glide, inject, leave
from chipsim.engines.compiled.nsn import begin_operation, offers, release, take_at_host
from chipsim.engines.compiled.queue import near_time, put, turn, unmark
from chipsim.engines.compiled.spiking import begin_step, ended, take_spike, work
from chipsim.engines.compiled.tables import (
    Actions,
    Bids,
    Branches,
    Endpoints,
    Entries,
    Flits,
    Links,
    Log,
    Packets,
    Places,
    Ports,
    Requests,
    Routers,
    Rows,
    Slots,
    Spiking,
    Tokens,
    Totals,
    Ways,
)
from chipsim.engines.compiled.wormhole import arbitrate, join_all, land, taken
from chipsim.machine.actions import A_MESSAGE, ACTIONS
from chipsim.machine.ints import Ints
from chipsim.machine.message import ROW
from chipsim.noc.plan import QUEUED, WORMHOLE
from chipsim.noc.routing import Routing
from chipsim.programs.nsn.state import Constants, Core, Root, Server
from chipsim.programs.packets.messages import DATA

PROGRAM = NSN
"""What the cores run; a copy of this module is compiled for each program and each fidelity of the routers."""

ROUTER = QUEUED

INLINE = ("told", "leave_ready")

STOOD_STILL = -2
"""Instead of a time: flits are left, and nothing will ever move them."""

MOST_NOTES = 32
"""Rows that one operation can leave in the log at most."""


def told(S: Ints, traffic: Packets) -> int:
    """When something begins that is not in the queue: an offer of the host, a step, a packet of given traffic; ``NEVER`` if nothing does."""
    at = NEVER
    if PROGRAM == NSN:
        if S[OFFER_AT] >= 0:
            at = S[OFFER_AT]
    if PROGRAM == LIF:
        if S[STEP_AT] >= 0:
            at = S[STEP_AT]
    if PROGRAM == TRAFFIC:
        if S[CURSOR] < len(traffic):
            at = traffic[S[CURSOR], 0]
    return at


def next_time(S: Ints, P: Ints, T: Tokens, E: Endpoints, slots: Slots, map_: Ints, far: Ints, other: int) -> int:
    """When something is due next, in the queue, in wormhole routers or, told as ``other``, elsewhere; ``NEVER`` if nothing is."""
    at = min(near_time(S, P, map_), other)
    while S[FAR_AT] != NEVER and S[FAR_AT] <= at and (S[NET_AT] < 0 or S[FAR_AT] <= S[NET_AT]):
        turn(S, P, T, E, slots, map_, far)
        at = min(near_time(S, P, map_), other)
    if S[NET_AT] >= 0:
        if S[STANDSTILL] != 0:
            return STOOD_STILL
        at = min(at, S[NET_AT])
    return at


def open_instant(S: Ints, P: Ints, slots: Slots, map_: Ints, at: int) -> None:
    """Time moves on; what is due is taken out of the queue."""
    S[NOW] = at
    S[BASE] = at
    slot = at & (P[SIZE] - 1)
    S[ARRIVE_LIST] = slots[slot, ARRIVE]
    S[DELIVER_LIST] = slots[slot, DELIVER]
    S[END_LIST] = slots[slot, END]
    S[SIDE_LIST] = slots[slot, SIDE]
    for kind in range(4):
        slots[slot, kind] = 0
    unmark(map_, 0, slot)


def advance(
    S: Ints, P: Ints, T: Tokens, L: Links, W: Ways, E: Endpoints, slots: Slots, map_: Ints, far: Ints,
    place: Places, R: Routing, actions: Actions, act: Ints, log: Log, table: Entries, entries: Ints,
    M: Rows, K: Constants, mem: Core, roots: Root, servers: Server, message: Ints, out: Ints, waiting: Ints,
    code: Ints, time: Ints, flags: Ints, event: Ints, offer: Ints, offered: Ints,
    C: Spiking, number: Ints, core: Ints, first: Ints, kind: Ints, potential: Ints, bias: Ints, threshold: Ints,
    start_of: Ints, target: Ints, weight: Ints, delay: Ints, sums: Ints,
    input_next: Ints, input_start: Ints, input_step: Ints, steps: Totals, most: int, traffic: Packets,
    Q: Routers, N: Ports, V: Ints, U: Ints, F: Flits, ring: Ints, active: Ints, B: Branches, X: Requests, Y: Bids,
    best: Ints, busy: Ints,
) -> None:  # fmt: skip
    """Run until there is a reason to come back, left in ``S[STATUS]``.

    Args:
        S, P, T, L, W, E, C: scalars, parameters, tokens, links, what is behind them, endpoints and spiking cores, see ``layout``.
        slots, map_, far: the queue (``queue``).
        place: x and y of tiles; R: the routing, where there is no grid.
        actions: counted, by endpoint; act: of one operation.
        log: rows for the results; table, entries: multicast entries and how many each tile has.
        M ... offered: neurosemantic network (``nsn``).
        C ... most: spiking network (``spiking``); steps: totals at the begin of each step; most: packets that a neuron can send at once.
        traffic: packets to send, times in units.
        Q ... best: wormhole routers (``fabric``).
    """
    S[STATUS] = RUNNING
    while True:
        if S[PHASE] == BETWEEN:
            if ROUTER == WORMHOLE:
                at = next_time(S, P, T, E, slots, map_, far, told(S, traffic))
                if at == STOOD_STILL:
                    S[STATUS] = STUCK
                    return
            if ROUTER != WORMHOLE:
                at = glide(S, P, T, L, W, E, slots, map_, far, place, R, M, table, S[LIMIT], told(S, traffic))
            if at < 0:
                S[PHASE] = ARRIVING
                S[STATUS] = FAILED if S[ERROR] != 0 else NEED_TOKENS
                return
            if at == NEVER:
                S[STATUS] = EMPTY
                return
            if at >= S[LIMIT]:
                S[STATUS] = AT_LIMIT
                return
            if S[LEFT] <= 0:
                S[STATUS] = SLICE
                return
            open_instant(S, P, slots, map_, at)
            S[PHASE] = DELIVERING

        if S[PHASE] == DELIVERING:
            if ROUTER == WORMHOLE:
                join_all(S, P, T, E, S[ARRIVE_LIST])
                S[ARRIVE_LIST] = 0
                if S[NET_AT] == S[NOW]:
                    land(S, P, T, E, Q, N, V, U, F, ring, active)
            if S[DELIVER_LIST] != 0:
                if not deliver(S, P, T, E, R, slots, map_, far, M, log, place, traffic):
                    S[STATUS] = NEED_LOG
                    return
            if PROGRAM == NSN:
                if P[LOSSES] > 0 and S[END_LIST] != 0:  # a fault counts messages in the order of their senders
                    sort_ends(S, E)
            S[PHASE] = ENDING

        if S[PHASE] == ENDING:
            while S[END_LIST] != 0:
                endpoint = S[END_LIST] - 1
                if PROGRAM == NSN:
                    rows = E[endpoint, E_OUT_ROWS]
                    if S[FREE_TOKENS] < rows:
                        S[STATUS] = NEED_TOKENS
                        return
                    if S[LOGGED] + min(rows, MOST_NOTES) + 1 >= len(log):
                        S[STATUS] = NEED_LOG
                        return
                    if 2 * (S[ENTRIES] + 2) > len(table):
                        S[STATUS] = NEED_ENTRIES
                        return
                S[END_LIST] = E[endpoint, E_NEXT]
                S[LAST] = S[NOW]
                E[endpoint, E_STATE] &= ~3
                if PROGRAM == NSN:
                    release(
                        S, P, T, E, R, slots, map_, far, M, log, waiting,
                        table, entries, endpoint,
                    )  # fmt: skip
                    if is_late(S, P, E, endpoint):
                        E[endpoint, E_LATE] += 1
                if PROGRAM != NSN:
                    S[WORK] -= E[endpoint, E_OUT_ROWS]
                if E[endpoint, E_INBOX] != 0:
                    make_ready(S, E, endpoint)
            while S[SIDE_LIST] != 0:
                endpoint = S[SIDE_LIST] - 1
                S[SIDE_LIST] = E[endpoint, E_SIDE_NEXT]
                if PROGRAM == NSN:
                    E[endpoint, E_STATE] &= ~3
                if PROGRAM == LIF:
                    S[LAST] = S[NOW]
                    ended(S, C, first, E[endpoint, E_BANK] - 1)
                make_ready(S, E, endpoint)
            if S[ERROR] != 0:
                S[STATUS] = FAILED
                return
            S[PHASE] = OFFERING

        if S[PHASE] == OFFERING:
            if PROGRAM == NSN:
                if S[OFFER_AT] == S[NOW]:
                    if S[FREE_TOKENS] < 1:
                        S[STATUS] = NEED_TOKENS
                        return
                    if S[FREE_ROWS] < 1:
                        S[STATUS] = NEED_ROWS
                        return
                    S[OFFER_AT] = -1
                    offers(
                        S, P, T, E, R, slots, map_, far, M, K,
                        code, time, flags, event, offer, offered,
                    )  # fmt: skip
            if PROGRAM == TRAFFIC:
                n = S[CURSOR]
                while n < len(traffic) and traffic[n, 0] == S[NOW]:
                    if S[FREE_TOKENS] < 1:
                        S[CURSOR] = n
                        S[STATUS] = NEED_TOKENS
                        return
                    if not P[WINDOW] or has_room(P, E, traffic, n):
                        inject(
                            S, P, T, E, R, slots, map_, far,
                            traffic[n, 1], traffic[n, 2], DATA, traffic[n, 3], S[NOW], 0, 0, 0,
                        )  # fmt: skip
                    n += 1
                S[CURSOR] = n
            S[PHASE] = ARRIVING

        if S[PHASE] == ARRIVING:
            if ROUTER == WORMHOLE:
                if S[NET_AT] == S[NOW]:
                    if not arbitrate(
                        S, P, T, L, W, E, M, table, place, Q, N, V, U, F, ring, active, B, X, Y, best, busy, R,
                    ):  # fmt: skip
                        S[STATUS] = FAILED if S[ERROR] != 0 else NEED_TOKENS
                        return
            if S[ARRIVE_LIST] != 0:
                if arrive(S, P, T, L, E, place, R, M, table) != 0:
                    S[STATUS] = FAILED if S[ERROR] != 0 else NEED_TOKENS
                    return
                leave(
                    S, P, T, L, W, E, slots, map_, far,
                )  # fmt: skip
            S[PHASE] = STEPPING

        if S[PHASE] == STEPPING:
            if PROGRAM == LIF:
                if S[STEP_AT] == S[NOW]:
                    S[STEP_AT] = -1
                    note_step(S, steps)
                    S[STEP] += 1
                    S[CURSOR] = 0
                    for u in range(P[USED_CORES]):
                        if begin_step(S, C, E, u):
                            C[u, C_DUE] = 1
                            make_ready(S, E, C[u, 0])
                    if P[TICK_UNITS] > 0 and S[STEP] < P[STEPS]:
                        S[STEP_AT] = S[NOW] + P[TICK_UNITS]
                    if S[ERROR] != 0:
                        S[STATUS] = FAILED
                        return
            S[PHASE] = COMPUTING

        while S[READY] != 0:
            endpoint = S[READY] - 1
            if S[LOGGED] + 2 >= len(log):
                S[STATUS] = NEED_LOG
                return
            if PROGRAM == LIF:
                u = E[endpoint, E_BANK] - 1
                if C[u, C_DUE]:
                    if S[FREE_TOKENS] < most:
                        S[STATUS] = NEED_TOKENS
                        return
                    C[u, C_DUE] = 0
                    work(
                        S, P, T, E, C, R, slots, map_, far, log, actions, act,
                        number, core, first, kind, potential, bias, threshold, start_of, target, sums,
                        input_next, input_start, input_step, u,
                    )  # fmt: skip
            take_new(T, E, endpoint)
            if E[endpoint, E_INBOX] == 0 or E[endpoint, E_STATE] & 3 != 0:
                leave_ready(S, E, endpoint)
                continue
            if PROGRAM == NSN:
                if endpoint == P[HOST]:
                    if S[FREE_TOKENS] < 1:
                        S[STATUS] = NEED_TOKENS
                        return
                    if S[FREE_ROWS] < 1:
                        S[STATUS] = NEED_ROWS
                        return
                    token = take_first(T, E, endpoint)
                    if ROUTER == WORMHOLE:
                        if P[EJECTION] > 0:
                            taken(S, P, E, F, ring, N, endpoint)
                    if take_at_host(S, P, T, M, log, token):
                        offers(
                            S, P, T, E, R, slots, map_, far, M, K,
                            code, time, flags, event, offer, offered,
                        )  # fmt: skip
                    free_token(S, T, token)
                    continue
                wait = waits_for_edge(S, P, T, E, endpoint)
                if wait > 0:
                    E[endpoint, E_STATE] = (E[endpoint, E_STATE] & ~3) | WAITING
                    E[endpoint, E_SIDE_NEXT] = put(
                        S, P, slots, map_, far, SIDE, endpoint + 1, S[NOW] + wait
                    )  # fmt: skip
                    leave_ready(S, E, endpoint)
                    continue
                if S[FREE_ROWS] < len(out) // ROW:
                    S[STATUS] = NEED_ROWS
                    return
                if endpoint < P[CORES] and E[endpoint, E_BANK] == 0:
                    S[STATUS] = NEED_BANK
                    return
                if P[TICK_UNITS] > 0 and S[NOW] % P[TICK_UNITS] == 0:
                    E[endpoint, E_EDGE] = S[NOW] + 1
            token = take_first(T, E, endpoint)
            if ROUTER == WORMHOLE:
                if P[EJECTION] > 0:
                    taken(S, P, E, F, ring, N, endpoint)
            what = T[token, T_INFO] >> KIND_SHIFT & KIND_MASK
            span = 1
            if PROGRAM == NSN:
                span = begin_operation(
                    P, S, T, E, M, K, mem, roots, servers, message, out, act, endpoint, token
                )  # fmt: skip
            if PROGRAM == LIF:
                span = take_spike(
                    S, P, T, C, act, first, start_of, target, weight, delay, sums, E[endpoint, E_BANK] - 1, token
                )  # fmt: skip
            if PROGRAM == TRAFFIC:
                for action in range(ACTIONS):
                    act[action] = 0
                act[A_MESSAGE] = 1
                span = max(1, P[UNITS_OF + A_MESSAGE])
            free_token(S, T, token)
            begin = S[NOW]
            note_operation(S, P, E, actions, act, endpoint, what, begin, span)
            if PROGRAM != NSN:
                # what waits in the inbox is begun ahead of time: it sends nothing, and nothing that comes later is taken before it
                E[endpoint, E_OUT_ROWS] = 1
                single = S[ONE_BY_ONE]
                if PROGRAM == LIF:
                    if P[BARRIER_PACE] == 0:
                        single = 1  # a step may begin in between
                while E[endpoint, E_INBOX] != 0 and begin + span < S[LIMIT] and single == 0:
                    begin += span
                    token = take_first(T, E, endpoint)
                    if PROGRAM == LIF:
                        span = take_spike(
                            S, P, T, C, act, first, start_of, target, weight, delay, sums, E[endpoint, E_BANK] - 1, token
                        )  # fmt: skip
                    free_token(S, T, token)
                    note_operation(S, P, E, actions, act, endpoint, what, begin, span)
                    E[endpoint, E_OUT_ROWS] += 1
                    S[AHEAD] = max(S[AHEAD], begin)
            end_operation(S, P, E, slots, map_, far, endpoint, begin, span)
            leave_ready(S, E, endpoint)

        if PROGRAM == LIF:
            if P[BARRIER_PACE] > 0 and S[WORK] == 0 and S[STEP] < P[STEPS] and S[STEP_AT] < 0:
                S[STEP_AT] = S[NOW] + P[SYNC_UNITS]
        S[PHASE] = BETWEEN


def has_room(P: Ints, E: Endpoints, traffic: Packets, n: int) -> bool:
    """Whether a source may send its next packet; if not, the row joins those that wait, and its time is the next such row from then on."""
    source = traffic[n, 1]
    if E[source, E_AWAY] < P[WINDOW]:
        E[source, E_AWAY] += 1
        return True
    if E[source, E_FIRST] == 0:
        E[source, E_FIRST] = n + 1
    else:
        traffic[E[source, E_LAST] - 1, 0] = n + 1
    E[source, E_LAST] = n + 1
    traffic[n, 0] = 0
    return False


def leave_ready(S: Ints, E: Endpoints, endpoint: int) -> None:
    """Out of the list of those with something to do; it is the first of it."""
    E[endpoint, E_STATE] &= ~IN_READY
    S[READY] = E[endpoint, E_READY_NEXT]


def sort_ends(S: Ints, E: Endpoints) -> None:
    """Put the operations that end now in the order of their endpoints: by insertion, for only runs with faults need it."""
    rest = S[END_LIST]
    first = 0
    while rest != 0:
        one = rest
        rest = E[one - 1, E_NEXT]
        if first == 0 or one < first:
            E[one - 1, E_NEXT] = first
            first = one
        else:
            before = first
            while E[before - 1, E_NEXT] != 0 and E[before - 1, E_NEXT] < one:
                before = E[before - 1, E_NEXT]
            E[one - 1, E_NEXT] = E[before - 1, E_NEXT]
            E[before - 1, E_NEXT] = one
    S[END_LIST] = first


def note_step(S: Ints, steps: Totals) -> None:
    """Totals at the begin of a step."""
    n = S[STEP]
    steps[n, 0] = S[NOW]
    steps[n, 1] = S[LAST]
    steps[n, 2] = S[FIRED]
    steps[n, 3] = S[UPDATED]
    steps[n, 4] = S[PACKETS]
    steps[n, 5] = S[HOPS_EW]
    steps[n, 6] = S[HOPS_NS]
    steps[n, 7] = S[SYNOPS]
    steps[n, 8] = S[LATE_SPIKES]

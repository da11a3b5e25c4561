"""Wormhole routers: a cycle of everything that holds flits, from landing to transfer (the prose is in ``chipsim.model``).

Only routers with flits, endpoints with packets to send and flits on links cost anything. A flit is one word, its packet: which flit of
the packet it is follows from how many have left the FIFO before. What rows hold is in ``layout``.
"""

from __future__ import annotations

from chipsim.engines.compiled.digest import add, hash3
from chipsim.engines.compiled.layout import (
    ACTIVE,
    ATOMIC,
    B_NEXT,
    B_OUT,
    B_RANGE,
    B_SENT,
    B_TOKEN,
    B_VC,
    BUFFER,
    CHOICE,
    CLASS_RANGE,
    CLOCK_UNITS,
    CONCENTRATION,
    COPIES,
    CREDITS,
    DELIVER_LIST,
    DETAIL_A,
    DETAIL_B,
    DETAIL_C,
    E_EJECT,
    E_FLITS,
    E_HEAD,
    E_HELD,
    E_HELD_TAIL,
    E_INJECT,
    E_ORDER,
    E_PORT,
    E_TAIL,
    E_TILE,
    E_WAITING,
    EJECTION,
    ENTERED_SHIFT,
    ERROR,
    ESCAPE,
    ESCAPE_BIT,
    ESCAPE_SHIFT,
    F_NEXT,
    F_TOKEN,
    F_VC,
    F_WHERE,
    FIFO,
    FLIT_MASK,
    FLITS_L,
    FLYING,
    FREE_BRANCH,
    FREE_FLIT,
    FREE_TOKEN,
    FREE_TOKENS,
    HALVES,
    HELD,
    HOPS,
    HOPS_EW,
    HOPS_NS,
    HOPS_SHIFT,
    HOST,
    HOST_FLITS,
    KIND_MASK,
    KIND_SHIFT,
    LEFT,
    LOCAL_PORTS,
    MOST_COPIES,
    MOVED,
    N_ACCEPT,
    N_ACT,
    N_BACK,
    N_BACK_CYCLES,
    N_CREDIT,
    N_CYCLES,
    N_FRESH,
    N_GRANT,
    N_LINK,
    N_MULTI,
    N_PERIOD,
    N_ROUTER,
    N_TAKE,
    N_TO,
    N_TURN,
    N_WAIT,
    NET_AT,
    NET_CURSOR,
    NEURON_SHIFT,
    NO_ENTRY,
    NOW,
    OUT_MASK,
    PACKETS_L,
    PHASE,
    PLAIN,
    POINTER_MASK,
    POINTER_SHIFT,
    PORTS_OF,
    R_FIRST,
    R_FLITS,
    R_MOST,
    R_PORTS,
    R_SUM,
    R_WORK,
    REFERENCES,
    RING,
    ROUTE_CYCLES,
    SENDERS,
    SEQUENCE_MASK,
    SOURCE_MASK,
    SOURCE_SHIFT,
    SPECULATIVE,
    STALL_CREDIT,
    STALL_SWITCH,
    STALL_VC,
    STANDSTILL,
    STEPPING,
    T_DEST,
    T_INFO,
    T_INJECTED,
    T_KEY,
    T_NEXT,
    T_PAYLOAD,
    T_TILE,
    T_WAY,
    TOUCHED,
    UNIT,
    USED_BRANCHES,
    USED_FLITS,
    V_ACCEPT,
    V_BRANCH,
    V_COUNT,
    V_FLITS,
    V_HEAD,
    V_OUT,
    V_RANGE,
    V_SENT,
    V_TOKEN,
    VC_SHIFT,
    VCS,
    W_TO,
    WAY_MASK,
    WORK,
    X_BRANCH,
    X_ELIGIBLE,
    X_IN,
    X_MOVED,
    X_OUT,
    X_RANGE,
    X_TAKEN,
    X_VC,
    Y_IN,
    Y_OUT,
    Y_REQUEST,
    Y_SPECULATIVE,
    Y_VC,
    Y_WON,
)
from chipsim.engines.compiled.queue import lowest_bit
from chipsim.engines.compiled.routes import direction, find_entry
from chipsim.engines.compiled.tables import (
    Bids,
    Branches,
    Endpoints,
    Entries,
    Flits,
    Links,
    Places,
    Ports,
    Requests,
    Routers,
    Rows,
    Tokens,
    Ways,
)
from chipsim.model.digest import HOP
from chipsim.model.messages import F0, LAYER, TREE
from chipsim.model.routing import Routing, half, next_port, permitted, tie_coin
from chipsim.model.state import Ints
from chipsim.plan.plan import LIF, NSN

PROGRAM = NSN
"""What the cores run; a copy of this module is compiled for each."""

INLINE = (
    "take_flit", "give_flit", "due", "land_flit", "land_credit", "come_front", "eject", "router", "ask", "request", "contend", "bid",
    "allocate", "give", "switch", "move", "pop", "follow", "first_from", "fetch", "win", "pass_through",
)  # fmt: skip

AT_ONCE = 32
"""Routers whose memory is looked at together, before they are worked through."""

MANY = 512
"""Routers with flits from which on that pays: fewer stay in the cache by themselves."""

NONE_YET = 1 << 40
"""A distance on a ring of pointers that nothing has."""


def take_flit(S: Ints, F: Flits) -> int:
    """A row for a flit or a credit on its way."""
    i = S[FREE_FLIT]
    if i != 0:
        S[FREE_FLIT] = F[i, F_NEXT]
        return i
    S[USED_FLITS] += 1
    return S[USED_FLITS]


def give_flit(S: Ints, F: Flits, i: int) -> None:
    """Give a row back."""
    F[i, F_NEXT] = S[FREE_FLIT]
    S[FREE_FLIT] = i


def due(S: Ints, P: Ints, F: Flits, ring: Ints, credit: int, cycle: int, where: int, vc: int, token: int) -> None:
    """A flit (``credit`` 0) or a credit (1) lands in a cycle to come."""
    i = take_flit(S, F)
    at = 2 * (cycle & (P[RING] - 1)) + credit
    F[i, F_NEXT] = ring[at]
    F[i, F_WHERE] = where
    F[i, F_VC] = vc
    F[i, F_TOKEN] = token
    ring[at] = i
    S[FLYING] += 1


def wake(S: Ints, P: Ints) -> None:
    """Something for the routers to see: at this edge, or if they have acted in this instant or it is none, at the next."""
    if S[NET_AT] == S[NOW] and S[PHASE] < STEPPING:
        S[STANDSTILL] = 0
        return
    clock = P[CLOCK_UNITS]
    edge = S[NOW] + -S[NOW] % clock
    if edge == S[NOW] and S[PHASE] >= STEPPING:
        edge += clock
    S[STANDSTILL] = 0
    if S[NET_AT] < 0 or S[NET_AT] > edge:
        S[NET_AT] = edge


def join(S: Ints, P: Ints, T: Tokens, E: Endpoints, i: int) -> None:
    """A packet joins the source queue of its endpoint."""
    source = T[i, T_KEY] >> SOURCE_SHIFT & SOURCE_MASK
    T[i, T_NEXT] = 0
    T[i, T_TILE] = 0
    if E[source, E_HEAD] == 0:
        E[source, E_HEAD] = i
        E[source, E_ORDER] = S[SENDERS]
        S[SENDERS] = source + 1
    else:
        T[E[source, E_TAIL], T_NEXT] = i
    E[source, E_TAIL] = i
    wake(S, P)


def join_all(S: Ints, P: Ints, T: Tokens, E: Endpoints, i: int) -> None:
    """Packets whose release was set ahead join their source queues."""
    while i != 0:
        after = T[i, T_NEXT]
        join(S, P, T, E, i)
        i = after


def taken(S: Ints, P: Ints, E: Endpoints, F: Flits, ring: Ints, N: Ports, endpoint: int) -> None:
    """An endpoint has taken a message: the longest waiting credit that it holds back goes to the router."""
    E[endpoint, E_WAITING] -= 1
    i = E[endpoint, E_HELD]
    if i == 0:
        return
    E[endpoint, E_HELD] = F[i, F_NEXT]
    clock = P[CLOCK_UNITS]
    cycle = (S[NOW] + clock - 1) // clock
    due(S, P, F, ring, 1, cycle + N[E[endpoint, E_PORT], N_BACK_CYCLES], E[endpoint, E_PORT], F[i, F_VC], 0)
    give_flit(S, F, i)
    S[STANDSTILL] = 0
    at = (cycle + N[E[endpoint, E_PORT], N_BACK_CYCLES]) * clock
    if S[NET_AT] < 0 or S[NET_AT] > at:
        S[NET_AT] = at


def land(
    S: Ints, P: Ints, T: Tokens, E: Endpoints, R: Routers, N: Ports, V: Ints, U: Ints, F: Flits, ring: Ints, active: Ints
) -> None:  # fmt: skip
    """Flits and credits that are due: into FIFOs, to outputs, and last flits to their endpoints, which have the packet then."""
    cycle = S[NOW] // P[CLOCK_UNITS]
    vcs, buffer, wait = P[VCS], P[BUFFER], P[ROUTE_CYCLES]
    slot = 2 * (cycle & (P[RING] - 1))
    landed = 0
    i = ring[slot + 1]
    ring[slot + 1] = 0
    while i != 0:
        after = F[i, F_NEXT]
        land_credit(P, N, U, vcs, buffer, F[i, F_WHERE], F[i, F_VC])
        give_flit(S, F, i)
        landed += 1
        i = after
    i = ring[slot]
    ring[slot] = 0
    while i != 0:
        after = F[i, F_NEXT]
        where = F[i, F_WHERE]
        if where >= 0:
            land_flit(S, T, R, N, V, active, vcs, FIFO + buffer, buffer, wait, where, F[i, F_VC], F[i, F_TOKEN])
            give_flit(S, F, i)
        else:
            eject(S, P, T, E, N, F, ring, cycle, -1 - where, i)
        landed += 1
        i = after
    S[FLYING] -= landed


def land_credit(P: Ints, N: Ports, U: Ints, vcs: int, buffer: int, port: int, vc: int) -> None:
    """A credit counts for an output; with atomic reuse the last of them frees the channel."""
    at = port * vcs + vc
    left = U[at] + 1
    U[at] = left
    N[port, N_CREDIT] |= 1 << vc
    if P[ATOMIC] and left & (HELD | CREDITS) == buffer:
        N[port, N_TAKE] |= 1 << vc


def land_flit(
    S: Ints, T: Tokens, R: Routers, N: Ports, V: Ints, active: Ints, vcs: int, row: int, buffer: int, wait: int,
    port: int, vc: int, token: int,
) -> None:  # fmt: skip
    """A flit joins the FIFO of its channel."""
    at = (port * vcs + vc) * row
    count = V[at + V_COUNT]
    place = V[at + V_HEAD] + count
    if place >= buffer:
        place -= buffer
    V[at + FIFO + place] = token
    V[at + V_COUNT] = count + 1
    r = N[port, N_ROUTER]
    flits = R[r, R_FLITS]
    R[r, R_FLITS] = flits + 1
    if flits == 0:
        active[S[ACTIVE]] = r
        S[ACTIVE] += 1
    if V[at + V_TOKEN] == 0:
        come_front(T, N, V, port, at, vc, token, wait)
        R[r, R_WORK] |= 1 << (port - R[r, R_FIRST])


def come_front(T: Tokens, N: Ports, V: Ints, port: int, at: int, vc: int, token: int, wait: int) -> None:
    """A head is first in its FIFO; with ``wait`` a cycle passes before it asks for a channel."""
    V[at + V_TOKEN] = token
    V[at + V_SENT] = 0
    V[at + V_OUT] = 0
    V[at + V_FLITS] = T[token, T_INFO] & FLIT_MASK
    if wait != 0:
        N[port, N_FRESH] |= 1 << vc
    else:
        N[port, N_WAIT] |= 1 << vc


def eject(S: Ints, P: Ints, T: Tokens, E: Endpoints, N: Ports, F: Flits, ring: Ints, cycle: int, endpoint: int, i: int) -> None:
    """A flit is at its endpoint; the last one makes the packet delivered. The row goes back, or keeps the credit that is held back."""
    token, vc = F[i, F_TOKEN], F[i, F_VC]
    flits = T[token, T_INFO] & FLIT_MASK
    T[token, T_TILE] += 1
    E[endpoint, E_FLITS] += 1
    port = E[endpoint, E_PORT]
    if endpoint == P[HOST]:
        S[HOST_FLITS] += 1
    if T[token, T_TILE] & FLIT_MASK == flits:
        T[token, T_DEST] = endpoint
        T[token, T_NEXT] = S[DELIVER_LIST]
        S[DELIVER_LIST] = token
        if P[EJECTION] > 0:
            E[endpoint, E_WAITING] += 1
            if E[endpoint, E_WAITING] > P[EJECTION]:
                F[i, F_NEXT] = 0
                if E[endpoint, E_HELD] == 0:
                    E[endpoint, E_HELD] = i
                else:
                    F[E[endpoint, E_HELD_TAIL], F_NEXT] = i
                E[endpoint, E_HELD_TAIL] = i
                return
    due(S, P, F, ring, 1, cycle + N[port, N_BACK_CYCLES], port, vc, 0)
    give_flit(S, F, i)


def arbitrate(
    S: Ints, P: Ints, T: Tokens, L: Links, W: Ways, E: Endpoints, rows: Rows, table: Entries, place: Places,
    R: Routers, N: Ports, V: Ints, U: Ints, F: Flits, ring: Ints, active: Ints, B: Branches, X: Requests, Y: Bids,
    best: Ints, busy: Ints, routing: Routing,
) -> bool:  # fmt: skip
    """Arbitration and transfer of every router with flits, then of every endpoint with packets to send; False if tokens ran out in between."""
    cycle = S[NOW] // P[CLOCK_UNITS]
    vcs, buffer, speculative = P[VCS], P[BUFFER], P[SPECULATIVE]
    row = FIFO + buffer
    n = S[NET_CURSOR]
    while n < S[ACTIVE]:
        if n & AT_ONCE - 1 == 0 and S[ACTIVE] > MANY:
            S[TOUCHED] += fetch(P, T, E, place, L, R, N, V, U, active, vcs, row, n, min(n + AT_ONCE, S[ACTIVE]))
        if S[FREE_TOKENS] < P[MOST_COPIES]:
            S[NET_CURSOR] = n
            return False
        router(
            S, P, T, L, W, E, rows, table, place, R, N, V, U, F, ring, B, X, Y, best, busy, routing, vcs, row, buffer, speculative,
            cycle, active[n],
        )  # fmt: skip
        if S[ERROR] != 0:
            return False
        n += 1
    S[NET_CURSOR] = 0
    kept = 0
    for n in range(S[ACTIVE]):
        r = active[n]
        active[kept] = r
        kept += R[r, R_FLITS] != 0
    S[LEFT] -= S[ACTIVE] + 1
    S[ACTIVE] = kept
    send(S, P, T, E, N, U, F, ring, cycle)
    if kept != 0 or S[SENDERS] != 0:
        S[NET_AT] = S[NOW] + P[CLOCK_UNITS]
        if S[MOVED] == 0 and S[FLYING] == 0:
            S[STANDSTILL] = 1
    elif S[FLYING] != 0:
        ahead = 1
        while ring[2 * ((cycle + ahead) & (P[RING] - 1))] == 0 and ring[2 * ((cycle + ahead) & (P[RING] - 1)) + 1] == 0:
            ahead += 1
        S[NET_AT] = S[NOW] + ahead * P[CLOCK_UNITS]
    else:
        S[NET_AT] = -1
    S[MOVED] = 0
    return True


def fetch(
    P: Ints, T: Tokens, E: Endpoints, place: Places, L: Links, R: Routers, N: Ports, V: Ints, U: Ints, active: Ints,
    vcs: int, row: int, begin: int, end: int,
) -> int:  # fmt: skip
    """Look at what a block of routers is going to need, all at once: on large networks waiting for memory is what takes the time."""
    seen = 0
    for n in range(begin, end):
        r = active[n]
        first, mask = R[r, R_FIRST], R[r, R_WORK]
        while mask != 0:
            port = first + lowest_bit(mask)
            mask &= mask - 1
            vc = N[port, N_WAIT] | N[port, N_ACT]
            if vc != 0:
                at = (port * vcs + lowest_bit(vc)) * row
                token = V[at + V_TOKEN]
                out = (V[at + V_OUT] & OUT_MASK) - 1
                there = T[token, T_WAY] & WAY_MASK
                if out < 0 and P[PLAIN] and T[token, T_DEST] != TREE:
                    out = E[T[token, T_DEST], E_PORT] - first if there == r else direction(place, r, there)
                    V[at + V_OUT] = out + 1
                    V[at + V_RANGE] = P[CLASS_RANGE + (T[token, T_INFO] >> KIND_SHIFT & KIND_MASK)]
                if out >= 0:
                    seen += N[first + out, N_CREDIT] + U[(first + out) * vcs] + L[r * P[PORTS_OF], FLITS_L]
    return seen


def send(S: Ints, P: Ints, T: Tokens, E: Endpoints, N: Ports, U: Ints, F: Flits, ring: Ints, cycle: int) -> None:
    """Each endpoint with something to send puts a flit on its way into the router, if it can."""
    endpoint, before = S[SENDERS] - 1, -1
    while endpoint >= 0:
        token = E[endpoint, E_HEAD]
        after = E[endpoint, E_ORDER] - 1
        port = P[LOCAL_PORTS] + endpoint
        sent = E[endpoint, E_INJECT]
        vc = E[endpoint, E_EJECT]
        can = False
        if sent == 0:
            kind = T[token, T_INFO] >> KIND_SHIFT & KIND_MASK
            ready = N[port, N_TAKE] & N[port, N_CREDIT] & P[CLASS_RANGE + kind]
            if ready != 0:
                vc = first_from(ready, vc)
                can = True
                N[port, N_TAKE] &= ~(1 << vc)
                U[port * P[VCS] + vc] |= HELD
                edge = (T[token, T_INJECTED] + P[CLOCK_UNITS] - 1) // P[CLOCK_UNITS]
                T[token, T_TILE] = (cycle - edge) << ENTERED_SHIFT
        else:
            can = N[port, N_CREDIT] >> vc & 1 != 0
        gone = False
        if can:
            S[MOVED] = 1
            at = port * P[VCS] + vc
            U[at] -= 1
            if U[at] & CREDITS == 0:
                N[port, N_CREDIT] &= ~(1 << vc)
            due(S, P, F, ring, 0, cycle + N[port, N_CYCLES], N[port, N_TO], vc, token)
            sent += 1
            if sent == T[token, T_INFO] & FLIT_MASK:
                sent = 0
                U[at] &= ~HELD
                if P[ATOMIC] == 0:
                    N[port, N_TAKE] |= 1 << vc
                vc += 1
                if vc == P[VCS]:
                    vc = 0
                E[endpoint, E_HEAD] = T[token, T_NEXT]
                gone = E[endpoint, E_HEAD] == 0
            E[endpoint, E_INJECT] = sent
            E[endpoint, E_EJECT] = vc
        if gone:
            if before < 0:
                S[SENDERS] = after + 1
            else:
                E[before, E_ORDER] = after + 1
        else:
            before = endpoint
        endpoint = after


def first_from(mask: int, start: int) -> int:
    """The first set bit from a place on, going round; the mask is not 0."""
    above = mask >> start << start
    return lowest_bit(above if above != 0 else mask)


def router(
    S: Ints, P: Ints, T: Tokens, L: Links, W: Ways, E: Endpoints, rows: Rows, table: Entries, place: Places,
    R: Routers, N: Ports, V: Ints, U: Ints, F: Flits, ring: Ints, B: Branches, X: Requests, Y: Bids,
    best: Ints, busy: Ints, routing: Routing, vcs: int, row: int, buffer: int, speculative: int, cycle: int, r: int,
) -> None:  # fmt: skip
    """One cycle of one router: who asks, who is given a channel, who wins the switch, and what leaves."""
    first, ports = R[r, R_FIRST], R[r, R_PORTS]
    flits = R[r, R_FLITS]
    R[r, R_SUM] += flits
    if flits > R[r, R_MOST]:
        R[r, R_MOST] = flits
    requests, bids, ins, outs, clash = 0, 0, 0, 0, 0
    work = R[r, R_WORK]
    while work != 0:
        p = lowest_bit(work)
        work &= work - 1
        port = first + p
        mask = N[port, N_WAIT]
        while mask != 0:
            vc = lowest_bit(mask)
            mask &= mask - 1
            before = requests
            requests = ask(
                S, P, T, E, rows, table, place, N, V, U, B, X, routing, vcs, r, first, p, vc, (port * vcs + vc) * row, requests
            )  # fmt: skip
            if requests == before:
                if S[ERROR] != 0:
                    return
                continue
            out = 1 << X[before, X_OUT]
            clash |= (outs & out) | (ins >> p & 1)
            outs |= out
            ins |= 1 << p
        begin = bids
        mask = N[port, N_ACT]
        while mask != 0:
            vc = lowest_bit(mask)
            mask &= mask - 1
            at = (port * vcs + vc) * row
            if V[at + V_COUNT] != 0:
                way = V[at + V_OUT]
                out, given = (way & OUT_MASK) - 1, way >> VC_SHIFT
                bids = contend(S, L, N, Y, busy, first, port, p, begin, bids, out, given, vc, -1, cycle)
                clash |= (outs >> out & 1) | (ins >> p & 1)
                outs |= 1 << out
                ins |= 1 << p
        if N[port, N_MULTI] != 0:
            clash = 1
            mask = N[port, N_MULTI]
            while mask != 0:
                vc = lowest_bit(mask)
                mask &= mask - 1
                at = (port * vcs + vc) * row
                branch = V[at + V_BRANCH]
                while branch != 0:
                    out, given = B[branch, B_OUT], B[branch, B_VC] - 1
                    if given < 0:
                        requests = request(X, requests, p, vc, out, B[branch, B_RANGE], branch)
                    elif B[branch, B_SENT] < V[at + V_FLITS] and B[branch, B_SENT] - V[at + V_SENT] < V[at + V_COUNT]:
                        bids = contend(S, L, N, Y, busy, first, port, p, begin, bids, out, given, vc, branch, cycle)
                    branch = B[branch, B_NEXT]
        if N[port, N_FRESH] != 0:
            S[MOVED] = 1
            N[port, N_WAIT] |= N[port, N_FRESH]
            N[port, N_FRESH] = 0
    if clash == 0:
        for i in range(bids):
            win(N, Y, first, i)
        for i in range(requests):
            bids = pass_through(S, L, N, V, U, X, Y, busy, vcs, row, first, i, bids, speculative, cycle)
        requests = 0
    elif requests != 0:
        allocate(N, V, U, X, vcs, row, first, ports, requests)
        if speculative != 0:
            for i in range(requests):
                if X[i, X_ELIGIBLE] != 0 and (N[first + X[i, X_OUT], N_PERIOD] == 1 or busy[first + X[i, X_OUT]] <= cycle):
                    bids = bid(L, N, Y, first + X[i, X_IN], X[i, X_IN], 0, bids, X[i, X_OUT], X[i, X_VC], 1, i, -1)
        give(S, N, V, U, B, X, vcs, row, first, requests)
    if bids != 0:
        if clash != 0:
            switch(N, Y, best, first, ports, bids)
        for i in range(bids):
            p, out, vc = Y[i, Y_IN], Y[i, Y_OUT], Y[i, Y_VC]
            branch = Y[i, Y_REQUEST]
            if Y[i, Y_SPECULATIVE] != 0:
                if Y[i, Y_WON] == 0:
                    continue
                given = X[branch, X_TAKEN]
                if given < 0 or N[first + out, N_CREDIT] >> given & 1 == 0:
                    continue
                X[branch, X_MOVED] = 1
                branch = X[branch, X_BRANCH]
            elif Y[i, Y_WON] == 0:
                if N[first + out, N_LINK] >= 0:
                    L[N[first + out, N_LINK], STALL_SWITCH] += 1
                continue
            if branch < 0:
                port = first + p
                at = (port * vcs + vc) * row
                token, number = V[at + V_TOKEN], V[at + V_SENT]
                last = number + 1 == V[at + V_FLITS]
                move(
                    S, P, T, L, W, N, U, F, ring, busy, vcs, first + out, V[at + V_OUT] >> VC_SHIFT, token, number, last, cycle
                )
                V[at + V_SENT] = number + 1
                pop(S, P, R, N, V, F, ring, buffer, r, port, at, vc, cycle)
                if last:
                    N[port, N_ACT] &= ~(1 << vc)
                    follow(P, T, R, N, V, r, p, port, at, vc)
            else:
                go_on_branch(
                    S, P, T, L, W, R, N, V, U, F, ring, B, busy, vcs, row, buffer, r, first, p, vc, out, branch, cycle
                )  # fmt: skip
    for i in range(requests):
        if X[i, X_MOVED] == 0:
            note_stall(L, N, X, busy, speculative, first + X[i, X_OUT], X[i, X_TAKEN], cycle)


def note_stall(L: Links, N: Ports, X: Requests, busy: Ints, speculative: int, port: int, given: int, cycle: int) -> None:
    """A head that asked for a channel has not left: why?"""
    link = N[port, N_LINK]
    if link < 0:
        return
    if given < 0:
        L[link, STALL_VC] += 1
    elif speculative != 0:
        free = N[port, N_PERIOD] == 1 or busy[port] <= cycle or busy[port] == cycle + N[port, N_PERIOD]
        if free and N[port, N_CREDIT] >> given & 1 != 0:
            L[link, STALL_SWITCH] += 1
        else:
            L[link, STALL_CREDIT] += 1


def contend(
    S: Ints, L: Links, N: Ports, Y: Bids, busy: Ints, first: int, port: int, p: int, begin: int, bids: int, out: int, given: int,
    vc: int, branch: int, cycle: int,
) -> int:  # fmt: skip
    """The next flit of a branch that has its channel asks for the switch; returns how many bid now."""
    waits = N[first + out, N_PERIOD] != 1 and busy[first + out] > cycle
    if waits or N[first + out, N_CREDIT] >> given & 1 == 0:
        if N[first + out, N_LINK] >= 0:
            L[N[first + out, N_LINK], STALL_CREDIT] += 1
        if waits:
            S[MOVED] = 1  # time alone will help
        return bids
    return bid(L, N, Y, port, p, begin, bids, out, vc, 0, branch, N[first + out, N_LINK])


def request(X: Requests, n: int, p: int, vc: int, out: int, range_: int, branch: int) -> int:
    """A branch asks for a channel; returns how many ask now."""
    X[n, X_IN] = p
    X[n, X_VC] = vc
    X[n, X_OUT] = out
    X[n, X_RANGE] = range_
    X[n, X_BRANCH] = branch
    X[n, X_TAKEN] = -1
    X[n, X_MOVED] = 0
    return n + 1


def ask(
    S: Ints, P: Ints, T: Tokens, E: Endpoints, rows: Rows, table: Entries, place: Places, N: Ports, V: Ints, U: Ints, B: Branches,
    X: Requests, routing: Routing, vcs: int, r: int, first: int, p: int, vc: int, at: int, n: int,
) -> int:  # fmt: skip
    """A head in front asks for a channel of the output that it needs, or of each output of its tree."""
    known = V[at + V_OUT] & OUT_MASK
    if known != 0 and P[CHOICE] == 0:
        return request(X, n, p, vc, known - 1, V[at + V_RANGE], -1)
    token = V[at + V_TOKEN]
    if known != 0 and T[token, T_DEST] == TREE:
        return request(X, n, p, vc, known - 1, V[at + V_RANGE], -1)
    kind = T[token, T_INFO] >> KIND_SHIFT & KIND_MASK
    range_ = P[CLASS_RANGE + kind]
    if T[token, T_DEST] == TREE:
        out = spread(S, P, T, rows, table, N, V, B, r, first + p, at, vc, token, range_)
        if out < 0:
            return n  # its branches ask when those of the port are looked at, which comes next
    else:
        there = T[token, T_WAY] & WAY_MASK
        if there == r:
            out = E[T[token, T_DEST], E_PORT] - first
        elif P[PLAIN]:
            out = direction(place, r, there)
        else:
            found = way_out(P, T, E, N, U, routing, vcs, first, p, vc, r, there, token, range_)
            out = found & ESCAPE_BIT - 1
            range_ = found >> ESCAPE_SHIFT
    V[at + V_OUT] = out + 1
    V[at + V_RANGE] = range_
    return request(X, n, p, vc, out, range_, -1)


def way_out(
    P: Ints, T: Tokens, E: Endpoints, N: Ports, U: Ints, routing: Routing, vcs: int, first: int, p: int, vc: int,
    r: int, there: int, token: int, range_: int,
) -> int:  # fmt: skip
    """Output that a packet asks for | channels of it << ESCAPE_SHIFT, by any routing but x first on a plain mesh."""
    source = T[token, T_KEY] >> SOURCE_SHIFT & SOURCE_MASK
    home = E[source, E_TILE]
    if P[CHOICE] != 0:
        escape = range_ & -range_
        out = choose(P, N, U, routing, vcs, first, p, vc, r, there, home, range_)
        if P[CHOICE] == ESCAPE:
            if out >= ESCAPE_BIT:
                return out - ESCAPE_BIT | escape << ESCAPE_SHIFT
            range_ &= ~escape
        return out | range_ << ESCAPE_SHIFT
    coin = 0
    if P[HALVES] != 0:
        coin = tie_coin(routing.seed, source, T[token, T_KEY] & SEQUENCE_MASK)
    out = next_port(routing, r, there, home, coin)
    if P[HALVES] != 0:
        which = half(routing, r, out, there, home, coin)
        if which >= 0:
            lo = lowest_bit(range_)
            count = 0
            while range_ >> (lo + count) & 1 != 0:
                count += 1
            low = (1 << (lo + count - count // 2)) - (1 << lo)
            range_ = low if which == 0 else range_ & ~low
    return out | range_ << ESCAPE_SHIFT


def choose(
    P: Ints, N: Ports, U: Ints, routing: Routing, vcs: int, first: int, p: int, vc: int, r: int, there: int, home: int, range_: int
) -> int:  # fmt: skip
    """The output that a head asks for where its routing leaves a choice; plus ESCAPE_BIT where it asks for the escape channel."""
    escape = next_port(routing, r, there, home, 0)
    if P[CHOICE] == ESCAPE:
        if 1 << vc == range_ & -range_ and p < P[PORTS_OF]:
            return escape + ESCAPE_BIT
        range_ &= range_ - 1
    mask = permitted(routing, r, there, home)
    found, most = lowest_bit(mask), 0
    while mask != 0:
        out = lowest_bit(mask)
        mask &= mask - 1
        free = N[first + out, N_TAKE] & range_
        score = 0
        while free != 0:
            at = lowest_bit(free)
            free &= free - 1
            score += (U[(first + out) * vcs + at] & CREDITS) + 1
        if score > most:
            found, most = out, score
    if most == 0 and P[CHOICE] == ESCAPE:
        return escape + ESCAPE_BIT
    return found


def spread(
    S: Ints, P: Ints, T: Tokens, rows: Rows, table: Entries, N: Ports, V: Ints, B: Branches,
    r: int, port: int, at: int, vc: int, token: int, range_: int,
) -> int:  # fmt: skip
    """The outputs that a packet on a tree needs: the one, or -1 and branches with a copy of the packet each."""
    layer, neuron = 0, T[token, T_WAY] >> NEURON_SHIFT
    if PROGRAM == NSN:
        layer, neuron = rows[T[token, T_PAYLOAD], LAYER], rows[T[token, T_PAYLOAD], F0]
    mask = table[find_entry(table, r, layer, neuron), 2]
    if mask == 0:
        S[ERROR], S[DETAIL_A], S[DETAIL_B], S[DETAIL_C] = NO_ENTRY, r, layer, neuron
        return 0
    if mask & (mask - 1) == 0:
        out = 0
        while mask >> out & 1 == 0:
            out += 1
        return out
    copies, head = 0, 0
    for bit in range(P[PORTS_OF] + P[CONCENTRATION] - 1, -1, -1):
        if mask >> bit & 1:
            one = S[FREE_TOKEN]
            S[FREE_TOKEN] = T[one, T_NEXT]
            S[FREE_TOKENS] -= 1
            for word in range(T_KEY, T_WAY + 1):
                T[one, word] = T[token, word]
            branch = S[FREE_BRANCH]
            if branch != 0:
                S[FREE_BRANCH] = B[branch, B_NEXT]
            else:
                S[USED_BRANCHES] += 1
                branch = S[USED_BRANCHES]
            B[branch, B_NEXT] = head
            B[branch, B_OUT] = bit
            B[branch, B_VC] = 0
            B[branch, B_RANGE] = range_
            B[branch, B_SENT] = 0
            B[branch, B_TOKEN] = one
            head = branch
            copies += 1
    V[at + V_BRANCH] = head
    N[port, N_WAIT] &= ~(1 << vc)
    N[port, N_MULTI] |= 1 << vc
    S[COPIES + (T[token, T_INFO] >> KIND_SHIFT & KIND_MASK)] += copies - 1
    S[WORK] += copies - 1
    if PROGRAM == NSN:
        rows[T[token, T_PAYLOAD], REFERENCES] += copies - 1
    return -1


def allocate(N: Ports, V: Ints, U: Ints, X: Requests, vcs: int, row: int, first: int, ports: int, requests: int) -> None:
    """Channels are granted to those that ask: output channels first, each to one input; then each input takes one."""
    seen, twice = 0, 0
    for i in range(requests):
        out = X[i, X_OUT]
        twice |= seen & 1 << out
        seen |= 1 << out
    trees = 0
    for i in range(requests):
        out = X[i, X_OUT]
        port = first + out
        free = N[port, N_TAKE] & X[i, X_RANGE]
        X[i, X_ELIGIBLE] = free & N[port, N_CREDIT]
        trees += X[i, X_BRANCH] >= 0
        if free == 0:
            continue
        at = ((first + X[i, X_IN]) * vcs + X[i, X_VC]) * row
        if twice >> out & 1 != 0:
            free = granted(U, X, vcs, port, ports * vcs, requests, i, out, free)
            if free == 0:
                continue
        start = V[at + V_ACCEPT] - out * vcs
        if start < 0 or start >= vcs:
            start = 0
        X[i, X_TAKEN] = first_from(free, start)
    if trees > 1:
        take_one(V, X, vcs, row, first, ports * vcs, requests)


def granted(U: Ints, X: Requests, vcs: int, port: int, inputs: int, requests: int, i: int, out: int, free: int) -> int:
    """Of the free channels that a request asks for, those that are granted to it and not to another."""
    mine = 0
    while free != 0:
        vc = lowest_bit(free)
        free &= free - 1
        pointer = U[port * vcs + vc] >> POINTER_SHIFT & POINTER_MASK
        own = X[i, X_IN] * vcs + X[i, X_VC] - pointer
        own += inputs * (own < 0)
        nearest = 1
        for j in range(requests):
            if X[j, X_OUT] == out and X[j, X_RANGE] >> vc & 1 != 0:
                other = X[j, X_IN] * vcs + X[j, X_VC] - pointer
                other += inputs * (other < 0)
                if other < own:
                    nearest = 0
                    break
        mine |= nearest << vc
    return mine


def take_one(V: Ints, X: Requests, vcs: int, row: int, first: int, inputs: int, requests: int) -> None:
    """Branches of one packet were granted channels apart; the packet takes the one nearest to its pointer in this cycle."""
    for i in range(requests):
        if X[i, X_TAKEN] < 0:
            continue
        pointer = V[((first + X[i, X_IN]) * vcs + X[i, X_VC]) * row + V_ACCEPT]
        own = X[i, X_OUT] * vcs + X[i, X_TAKEN] - pointer
        own += inputs * (own < 0)
        for j in range(requests):
            if X[j, X_IN] == X[i, X_IN] and X[j, X_VC] == X[i, X_VC] and X[j, X_TAKEN] >= 0:
                other = X[j, X_OUT] * vcs + X[j, X_TAKEN] - pointer
                other += inputs * (other < 0)
                if other < own:
                    X[i, X_TAKEN] = -1
                    break


def bid(
    L: Links, N: Ports, Y: Bids, port: int, p: int, begin: int, n: int, out: int, vc: int, speculative: int, request_of: int, link: int
) -> int:  # fmt: skip
    """A flit asks for the switch; of an input's channels that ask for one output, one stays. Returns how many bid now."""
    for i in range(begin, n):
        if Y[i, Y_OUT] == out and Y[i, Y_IN] == p:
            turn = N[port, N_TURN]
            stays = speculative > Y[i, Y_SPECULATIVE]
            if speculative == Y[i, Y_SPECULATIVE]:
                mine, other = vc - turn, Y[i, Y_VC] - turn
                stays = mine > other if (mine < 0) == (other < 0) else mine < 0
            if speculative == 0 and link >= 0:  # one of the two has to wait; heads that speculate are counted elsewhere
                L[link, STALL_SWITCH] += 1
            if not stays:
                Y[i, Y_VC] = vc
                Y[i, Y_REQUEST] = request_of
            return n
    Y[n, Y_IN] = p
    Y[n, Y_OUT] = out
    Y[n, Y_VC] = vc
    Y[n, Y_SPECULATIVE] = speculative
    Y[n, Y_REQUEST] = request_of
    return n + 1


def give(S: Ints, N: Ports, V: Ints, U: Ints, B: Branches, X: Requests, vcs: int, row: int, first: int, requests: int) -> None:
    """Granted and accepted channels belong to their packets."""
    for i in range(requests):
        given = X[i, X_TAKEN]
        if given < 0:
            continue
        S[MOVED] = 1
        p, vc, out = X[i, X_IN], X[i, X_VC], X[i, X_OUT]
        at = ((first + p) * vcs + vc) * row
        to = (first + out) * vcs + given
        U[to] = (U[to] & CREDITS) | HELD | p * vcs + vc + 1 << POINTER_SHIFT
        V[at + V_ACCEPT] = out * vcs + given + 1
        N[first + out, N_TAKE] &= ~(1 << given)
        if X[i, X_BRANCH] >= 0:
            B[X[i, X_BRANCH], B_VC] = given + 1
        else:
            V[at + V_OUT] = out + 1 | given << VC_SHIFT
            N[first + p, N_WAIT] &= ~(1 << vc)
            N[first + p, N_ACT] |= 1 << vc


def switch(N: Ports, Y: Bids, best: Ints, first: int, ports: int, bids: int) -> None:
    """Each output grants to one input, each input accepts one output: rows of ``Y`` that won have Y_WON set."""
    ins, outs, met = 0, 0, 0
    for i in range(bids):
        p, out = 1 << Y[i, Y_IN], 1 << Y[i, Y_OUT]
        met |= ins & p | outs & out
        ins |= p
        outs |= out
        Y[i, Y_WON] = 1
    if met != 0:
        match(N, Y, best, first, ports, bids)
    for i in range(bids):
        if Y[i, Y_WON] != 0:
            win(N, Y, first, i)


def win(N: Ports, Y: Bids, first: int, i: int) -> None:
    """A bid is granted and accepted: pointers move behind it."""
    p, out = Y[i, Y_IN], Y[i, Y_OUT]
    Y[i, Y_WON] = 1
    N[first + out, N_GRANT] = p + 1
    N[first + p, N_ACCEPT] = out + 1
    N[first + p, N_TURN] = Y[i, Y_VC] + 1


def pass_through(
    S: Ints, L: Links, N: Ports, V: Ints, U: Ints, X: Requests, Y: Bids, busy: Ints, vcs: int, row: int, first: int, i: int, bids: int,
    speculative: int, cycle: int,
) -> int:  # fmt: skip
    """A head in a router where nobody meets anybody: it takes a channel if one is free, and the switch is its own."""
    p, vc, out = X[i, X_IN], X[i, X_VC], X[i, X_OUT]
    port = first + out
    free = N[port, N_TAKE] & X[i, X_RANGE]
    if free == 0:
        note_stall(L, N, X, busy, speculative, port, -1, cycle)
        return bids
    S[MOVED] = 1
    at = ((first + p) * vcs + vc) * row
    start = V[at + V_ACCEPT] - out * vcs
    given = first_from(free, start if 0 <= start < vcs else 0)
    credit = N[port, N_CREDIT]
    U[port * vcs + given] = (U[port * vcs + given] & CREDITS) | HELD | p * vcs + vc + 1 << POINTER_SHIFT
    V[at + V_ACCEPT] = out * vcs + given + 1
    V[at + V_OUT] = out + 1 | given << VC_SHIFT
    N[port, N_TAKE] &= ~(1 << given)
    N[first + p, N_WAIT] &= ~(1 << vc)
    N[first + p, N_ACT] |= 1 << vc
    if speculative == 0:
        return bids
    if free & credit != 0 and (N[port, N_PERIOD] == 1 or busy[port] <= cycle):
        Y[bids, Y_IN] = p
        Y[bids, Y_OUT] = out
        Y[bids, Y_VC] = vc
        Y[bids, Y_SPECULATIVE] = 0
        Y[bids, Y_REQUEST] = -1
        win(N, Y, first, bids)
        if credit >> given & 1 != 0:
            return bids + 1
    note_stall(L, N, X, busy, speculative, port, given, cycle)
    return bids


def match(N: Ports, Y: Bids, best: Ints, first: int, ports: int, bids: int) -> None:
    """Of bids that meet at an output, the input nearest to its pointer; then of an input's, the output nearest to its own."""
    for i in range(bids):
        best[Y[i, Y_OUT]] = NONE_YET
        best[ports + Y[i, Y_IN]] = NONE_YET
    for i in range(bids):
        out = Y[i, Y_OUT]
        away = Y[i, Y_IN] - N[first + out, N_GRANT]
        away += ports * (away < 0)
        best[out] = min(best[out], away)
    for i in range(bids):
        p, out = Y[i, Y_IN], Y[i, Y_OUT]
        away = p - N[first + out, N_GRANT]
        away += ports * (away < 0)
        if away == best[out]:
            away = out - N[first + p, N_ACCEPT]
            away += ports * (away < 0)
            best[ports + p] = min(best[ports + p], away)
        else:
            Y[i, Y_WON] = 0
    for i in range(bids):
        if Y[i, Y_WON] != 0:
            p = Y[i, Y_IN]
            away = Y[i, Y_OUT] - N[first + p, N_ACCEPT]
            away += ports * (away < 0)
            Y[i, Y_WON] = away == best[ports + p]


def go_on_branch(
    S: Ints, P: Ints, T: Tokens, L: Links, W: Ways, R: Routers, N: Ports, V: Ints, U: Ints, F: Flits, ring: Ints, B: Branches,
    busy: Ints, vcs: int, row: int, buffer: int, r: int, first: int, p: int, vc: int, out: int, branch: int, cycle: int,
) -> None:  # fmt: skip
    """A flit leaves on one of several branches; it leaves the FIFO with the last of them."""
    port = first + p
    at = (port * vcs + vc) * row
    number, flits = B[branch, B_SENT], V[at + V_FLITS]
    last = number + 1 == flits
    move(S, P, T, L, W, N, U, F, ring, busy, vcs, first + out, B[branch, B_VC] - 1, B[branch, B_TOKEN], number, last, cycle)
    B[branch, B_SENT] = number + 1
    least = flits
    one = V[at + V_BRANCH]
    while one != 0:
        least = min(least, B[one, B_SENT])
        one = B[one, B_NEXT]
    if least == V[at + V_SENT]:
        return
    V[at + V_SENT] = least
    pop(S, P, R, N, V, F, ring, buffer, r, port, at, vc, cycle)
    if least == flits:
        one = V[at + V_BRANCH]
        while one != 0:
            after = B[one, B_NEXT]
            B[one, B_NEXT] = S[FREE_BRANCH]
            S[FREE_BRANCH] = one
            one = after
        token = V[at + V_TOKEN]  # its copies are on their way, each on its own
        T[token, T_NEXT] = S[FREE_TOKEN]
        S[FREE_TOKEN] = token
        S[FREE_TOKENS] += 1
        N[port, N_MULTI] &= ~(1 << vc)
        follow(P, T, R, N, V, r, p, port, at, vc)


def move(
    S: Ints, P: Ints, T: Tokens, L: Links, W: Ways, N: Ports, U: Ints, F: Flits, ring: Ints, busy: Ints, vcs: int,
    port: int, given: int, token: int, number: int, last: bool, cycle: int,
) -> None:  # fmt: skip
    """A flit goes through the switch and onto a link, or to an endpoint."""
    to = port * vcs + given
    left = U[to] - 1
    if left & CREDITS == 0:
        N[port, N_CREDIT] &= ~(1 << given)
    if last:
        left &= ~HELD
        if P[ATOMIC] == 0:
            N[port, N_TAKE] |= 1 << given
    U[to] = left
    if N[port, N_PERIOD] != 1:
        busy[port] = cycle + N[port, N_PERIOD]
    due(S, P, F, ring, 0, cycle + N[port, N_CYCLES], N[port, N_TO], given, token)
    S[MOVED] = 1
    link = N[port, N_LINK]
    if link >= 0:
        L[link, FLITS_L] += 1
        if number == 0:
            L[link, PACKETS_L] += 1
            S[HOPS] += 1
            if PROGRAM == LIF:
                S[HOPS_EW] += W[link, W_TO] & 1
                S[HOPS_NS] += 1 - (W[link, W_TO] & 1)
            T[token, T_TILE] += 1 << HOPS_SHIFT
        key = T[token, T_KEY]
        start = (cycle + 1) * P[CLOCK_UNITS] * P[UNIT]
        add(S, hash3(HOP, start, link << 32 | key >> SOURCE_SHIFT & SOURCE_MASK, number << 40 | key & SEQUENCE_MASK))


def pop(
    S: Ints, P: Ints, R: Routers, N: Ports, V: Ints, F: Flits, ring: Ints, buffer: int, r: int, port: int, at: int, vc: int, cycle: int
) -> None:  # fmt: skip
    """A flit leaves its FIFO; its credit goes back."""
    head = V[at + V_HEAD] + 1
    if head == buffer:
        head = 0
    V[at + V_HEAD] = head
    V[at + V_COUNT] -= 1
    R[r, R_FLITS] -= 1
    due(S, P, F, ring, 1, cycle + N[port, N_BACK_CYCLES], N[port, N_BACK], vc, 0)


def follow(P: Ints, T: Tokens, R: Routers, N: Ports, V: Ints, r: int, p: int, port: int, at: int, vc: int) -> None:
    """The packet in front has left; the head behind it, if there is one, comes to the front in the next cycle."""
    if V[at + V_COUNT] != 0:
        come_front(T, N, V, port, at, vc, V[at + FIFO + V[at + V_HEAD]], P[ROUTE_CYCLES])
    else:
        V[at + V_TOKEN] = 0
        if N[port, N_WAIT] | N[port, N_ACT] | N[port, N_MULTI] | N[port, N_FRESH] == 0:
            R[r, R_WORK] &= ~(1 << p)

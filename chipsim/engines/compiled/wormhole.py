"""Wormhole routers: a cycle of everything that holds flits, from landing to transfer (the prose is in ``chipsim.machine``).

Only routers with flits, endpoints with packets to send and flits on links cost anything. A flit is one word, its packet: which flit of
the packet it is follows from how many have left the FIFO before. What rows hold is in ``layout``.
"""

from __future__ import annotations

from chipsim.engines.compiled.channels import allocate, ask, first_from, give, pass_through, request
from chipsim.engines.compiled.crossbar import bid, contend, switch, win
from chipsim.engines.compiled.flits import (
    come_front,
    due,
    follow,
    give_flit,
    move,
    note_stall,
    pop,
)
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
    CAUSE_SHIFT,
    CLASS_RANGE,
    CLOCK_UNITS,
    CREDITS,
    DELIVER_LIST,
    E_DEAD,
    E_EJECT,
    E_FLITS,
    E_HEAD,
    E_HELD,
    E_HELD_TAIL,
    E_INJECT,
    E_ORDER,
    E_PORT,
    E_TAIL,
    E_WAITING,
    EJECTION,
    ENDPOINTS,
    ENTERED_SHIFT,
    ERROR,
    F_NEXT,
    F_TOKEN,
    F_VC,
    F_WHERE,
    FIFO,
    FLIT_MASK,
    FLITS_L,
    FLYING,
    FREE_BRANCH,
    FREE_TOKEN,
    FREE_TOKENS,
    HELD,
    HELD_BACK,
    HOST,
    HOST_FLITS,
    KEY_MASK,
    KIND_MASK,
    KIND_SHIFT,
    LEFT,
    LOCAL_PORTS,
    MOST_COPIES,
    MOVED,
    N_ACT,
    N_BACK_CYCLES,
    N_CREDIT,
    N_CYCLES,
    N_FRESH,
    N_LINK,
    N_MULTI,
    N_PERIOD,
    N_ROUTER,
    N_TAKE,
    N_TO,
    N_WAIT,
    NET_AT,
    NET_CURSOR,
    NOW,
    OUT_MASK,
    PHASE,
    PLAIN,
    PORTS_OF,
    R_FIRST,
    R_FLITS,
    R_MOST,
    R_PORTS,
    R_SUM,
    R_WORK,
    RING,
    ROUTE_CYCLES,
    SENDERS,
    SOURCE_MASK,
    SOURCE_SHIFT,
    SPECULATIVE,
    STALL_SWITCH,
    STANDSTILL,
    STEPPING,
    T_DEST,
    T_INFO,
    T_INJECTED,
    T_KEY,
    T_NEXT,
    T_TILE,
    T_WAY,
    TOUCHED,
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
    WAY_MASK,
    X_BRANCH,
    X_ELIGIBLE,
    X_IN,
    X_MOVED,
    X_OUT,
    X_TAKEN,
    X_VC,
    Y_IN,
    Y_OUT,
    Y_REQUEST,
    Y_SPECULATIVE,
    Y_VC,
    Y_WON,
)
from chipsim.engines.compiled.queue import lowest_bit, sort_list
from chipsim.engines.compiled.routes import direction
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
from chipsim.machine.ints import Ints
from chipsim.machine.message import TREE
from chipsim.noc.routing import Routing

INLINE = ("land_credit", "land_flit", "eject", "fetch", "router")

AT_ONCE = 32
"""Routers whose memory is looked at together, before they are worked through."""

MANY = 1 << 14
"""Ports from which on that pays: those of fewer stay in the cache by themselves."""


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
    """Packets whose release was set ahead join their source queues, those of one source in the order of their numbers."""
    if i != 0 and T[i, T_NEXT] != 0:
        i = sort_list(T, i, T_NEXT, T_KEY, KEY_MASK)
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
    S[HELD_BACK] -= 1
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


def free_rear(S: Ints, T: Tokens, token: int) -> None:
    """The rest of a cut packet has been drained."""
    T[token, T_NEXT] = S[FREE_TOKEN]
    S[FREE_TOKEN] = token
    S[FREE_TOKENS] += 1


def eject(S: Ints, P: Ints, T: Tokens, E: Endpoints, N: Ports, F: Flits, ring: Ints, cycle: int, endpoint: int, i: int) -> None:
    """A flit is at its endpoint; the last one makes the packet delivered. The row goes back, or keeps the credit that is held back."""
    token, vc = F[i, F_TOKEN], F[i, F_VC]
    flits = T[token, T_INFO] & FLIT_MASK
    T[token, T_TILE] += 1
    if endpoint >= P[ENDPOINTS]:
        port = endpoint - P[ENDPOINTS]
        if T[token, T_TILE] & FLIT_MASK == flits:
            free_rear(S, T, token)
        due(S, P, F, ring, 1, cycle + N[port, N_CYCLES] - 1, port, vc, 0)
        give_flit(S, F, i)
        return
    E[endpoint, E_FLITS] += 1
    port = E[endpoint, E_PORT]
    if endpoint == P[HOST]:
        S[HOST_FLITS] += 1
    if T[token, T_TILE] & FLIT_MASK == flits:
        T[token, T_DEST] = endpoint
        T[token, T_NEXT] = S[DELIVER_LIST]
        S[DELIVER_LIST] = token
        if P[EJECTION] > 0:
            E[endpoint, E_WAITING] += T[token, T_INFO] >> CAUSE_SHIFT == 0 and E[endpoint, E_DEAD] == 0
            if E[endpoint, E_WAITING] > P[EJECTION] and T[token, T_INFO] >> CAUSE_SHIFT == 0 and E[endpoint, E_DEAD] == 0:
                F[i, F_NEXT] = 0
                if E[endpoint, E_HELD] == 0:
                    E[endpoint, E_HELD] = i
                else:
                    F[E[endpoint, E_HELD_TAIL], F_NEXT] = i
                E[endpoint, E_HELD_TAIL] = i
                S[HELD_BACK] += 1
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
        if n & AT_ONCE - 1 == 0 and P[LOCAL_PORTS] > MANY:
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
        if S[MOVED] == 0 and S[FLYING] == 0 and S[HELD_BACK] == 0:
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
                S, P, T, W, E, rows, table, place, N, V, U, B, X, routing, vcs, r, first, p, vc, (port * vcs + vc) * row, requests
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

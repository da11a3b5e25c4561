"""Virtual channels of a wormhole router: which output a head needs, and who is given which channel."""

from __future__ import annotations

from chipsim.engines.compiled.crossbar import win
from chipsim.engines.compiled.flits import note_stall
from chipsim.engines.compiled.layout import (
    B_NEXT,
    B_OUT,
    B_RANGE,
    B_SENT,
    B_TOKEN,
    B_VC,
    CAUSE_SHIFT,
    CHOICE,
    CLASS_RANGE,
    CONCENTRATION,
    COPIES,
    CREDITS,
    DETAIL_A,
    DETAIL_B,
    DETAIL_C,
    E_PORT,
    E_TILE,
    ERROR,
    ESCAPE,
    ESCAPE_BIT,
    ESCAPE_SHIFT,
    FAULTY,
    FREE_BRANCH,
    FREE_TOKEN,
    FREE_TOKENS,
    HALVES,
    HELD,
    KIND_MASK,
    KIND_SHIFT,
    MOVED,
    N_ACT,
    N_CREDIT,
    N_MULTI,
    N_PERIOD,
    N_TAKE,
    N_WAIT,
    NEURON_SHIFT,
    NO_ENTRY,
    NSN,
    ORDERED,
    OUT_MASK,
    PLAIN,
    POINTER_MASK,
    POINTER_SHIFT,
    PORTS_OF,
    REFERENCES,
    SEQUENCE_MASK,
    SOUND,
    SOURCE_MASK,
    SOURCE_SHIFT,
    T_DEST,
    T_INFO,
    T_KEY,
    T_NEXT,
    T_PAYLOAD,
    T_WAY,
    USED_BRANCHES,
    V_ACCEPT,
    V_BRANCH,
    V_OUT,
    V_RANGE,
    V_TOKEN,
    VC_SHIFT,
    W_LOSES,
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
)
from chipsim.engines.compiled.queue import lowest_bit
from chipsim.engines.compiled.routes import direction, find_entry
from chipsim.engines.compiled.tables import (
    Bids,
    Branches,
    Endpoints,
    Entries,
    Links,
    Places,
    Ports,
    Requests,
    Rows,
    Tokens,
    Ways,
)
from chipsim.machine.ints import Ints
from chipsim.machine.message import F0, LAYER, TREE
from chipsim.machine.raw import CUT, UNREACHABLE
from chipsim.noc.routing import Routing, half, next_port, permitted, tie_coin

PROGRAM = NSN
"""What the cores run; a copy of this module is compiled for each."""

INLINE = ("request", "ask", "first_from", "allocate", "give", "pass_through")


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
    S: Ints, P: Ints, T: Tokens, W: Ways, E: Endpoints, rows: Rows, table: Entries, place: Places, N: Ports, V: Ints, U: Ints, B: Branches,
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
        out = spread(S, P, T, E, rows, table, N, V, B, routing, r, first + p, at, vc, token, range_)
        if out < 0:
            return n  # its branches ask when those of the port are looked at, which comes next
        range_ = range_on_tree(P, T, E, routing, r, out, token, range_)
    else:
        there = T[token, T_WAY] & WAY_MASK
        if there == r:
            out = E[T[token, T_DEST], E_PORT] - first
        elif P[PLAIN]:
            out = direction(place, r, there)
        else:
            found = way_out(P, T, W, E, N, U, routing, vcs, first, p, vc, r, there, token, range_)
            out = found & ESCAPE_BIT - 1
            range_ = found >> ESCAPE_SHIFT
    V[at + V_OUT] = out + 1
    V[at + V_RANGE] = range_
    return request(X, n, p, vc, out, range_, -1)


def way_out(
    P: Ints, T: Tokens, W: Ways, E: Endpoints, N: Ports, U: Ints, routing: Routing, vcs: int, first: int, p: int, vc: int,
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
    if P[FAULTY] != 0:
        out = diverted(P, T, W, r, p, out, token)
    if P[HALVES] != 0 and out < P[PORTS_OF]:
        range_ = halved(range_, half(routing, r, out, there, home, coin))
    return out | range_ << ESCAPE_SHIFT


def halved(range_: int, which: int) -> int:
    """The channels of a range that are in a half of it; all of them if ``which`` is negative."""
    if which < 0:
        return range_
    lo = lowest_bit(range_)
    count = 0
    while range_ >> (lo + count) & 1 != 0:
        count += 1
    low = (1 << (lo + count - count // 2)) - (1 << lo)
    return low if which == 0 else range_ & ~low


def range_on_tree(P: Ints, T: Tokens, E: Endpoints, routing: Routing, r: int, out: int, token: int, range_: int) -> int:
    """Channels of an output that a packet on a tree may take; it has no one destination, so halves go by the dateline."""
    if P[HALVES] == 0 or out >= P[PORTS_OF]:
        return range_
    return halved(range_, half(routing, r, out, -1, E[T[token, T_KEY] >> SOURCE_SHIFT & SOURCE_MASK, E_TILE], 0))


def diverted(P: Ints, T: Tokens, W: Ways, r: int, p: int, out: int, token: int) -> int:
    """In a damaged network: the output, or where there is no way on the one to the first endpoint, which drops the packet."""
    cause = -1
    if out < 0:
        cause = UNREACHABLE
    elif P[ORDERED] != 0 and p < P[PORTS_OF]:
        here = r * P[PORTS_OF]
        if W[here + p, W_LOSES] & W[here + out, W_LOSES] & 1 != 0:
            cause = CUT
    if cause < 0:
        return out
    if T[token, T_INFO] >> CAUSE_SHIFT != CUT + 1:
        T[token, T_INFO] = T[token, T_INFO] & SOUND | (cause + 1) << CAUSE_SHIFT
    return P[PORTS_OF]


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
    S: Ints, P: Ints, T: Tokens, E: Endpoints, rows: Rows, table: Entries, N: Ports, V: Ints, B: Branches, routing: Routing,
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
            B[branch, B_RANGE] = range_on_tree(P, T, E, routing, r, bit, token, range_)
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


def first_from(mask: int, start: int) -> int:
    """The first set bit from a place on, going round; the mask is not 0."""
    above = mask >> start << start
    return lowest_bit(above if above != 0 else mask)


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

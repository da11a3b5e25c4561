"""The switch of a wormhole router: who asks for an output, and who is let through."""

from __future__ import annotations

from chipsim.engines.compiled.layout import (
    MOVED,
    N_ACCEPT,
    N_CREDIT,
    N_GRANT,
    N_LINK,
    N_PERIOD,
    N_TURN,
    STALL_CREDIT,
    STALL_SWITCH,
    Y_IN,
    Y_OUT,
    Y_REQUEST,
    Y_SPECULATIVE,
    Y_VC,
    Y_WON,
)
from chipsim.engines.compiled.tables import Bids, Links, Ports
from chipsim.machine.ints import Ints

INLINE = ("contend", "bid", "win", "switch")

NONE_YET = 1 << 40
"""A distance on a ring of pointers that nothing has."""


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


def win(N: Ports, Y: Bids, first: int, i: int) -> None:
    """A bid is granted and accepted: pointers move behind it."""
    p, out = Y[i, Y_IN], Y[i, Y_OUT]
    Y[i, Y_WON] = 1
    N[first + out, N_GRANT] = p + 1
    N[first + p, N_ACCEPT] = out + 1
    N[first + p, N_TURN] = Y[i, Y_VC] + 1


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

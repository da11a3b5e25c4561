"""The switch of a wormhole router: who asks for an output, and who is let through."""

from __future__ import annotations

from chipsim.engines.compiled.layout import Network

INLINE = ("bid", "contend", "set_bid", "switch", "win")

NONE_YET = 1 << 40
"""A distance on a ring of pointers that nothing has."""


def contend(
    m: Network, first: int, p: int, begin: int, bids: int, out: int, given: int, vc: int, branch: int, cycle: int
) -> int:  # fmt: skip
    """The next flit of a branch that has its channel asks for the switch; returns how many bid now."""
    to = m.ports[first + out]
    waits = to.period != 1 and m.busy[first + out] > cycle
    if waits or to.credit >> given & 1 == 0:
        if to.link >= 0:
            m.stalls[to.link].credit += 1
        if waits:
            m.moved = 1  # time alone will help
        return bids
    return bid(m, first + p, p, begin, bids, out, vc, 0, branch, to.link)


def bid(
    m: Network, port: int, p: int, begin: int, n: int, out: int, vc: int, speculative: int, request_of: int, link: int
) -> int:  # fmt: skip
    """A flit asks for the switch; of an input's channels that ask for one output, one stays. Returns how many bid now."""
    for i in range(begin, n):
        y = m.bids[i]
        if y.out == out and y.input == p:
            turn = m.ports[port].turn
            stays = speculative > y.speculative
            if speculative == y.speculative:
                mine, other = vc - turn, y.vc - turn
                stays = mine > other if (mine < 0) == (other < 0) else mine < 0
            if speculative == 0 and link >= 0:  # one of the two has to wait; heads that speculate are counted elsewhere
                m.stalls[link].switch += 1
            if not stays:
                y.vc = vc
                y.request = request_of
            return n
    set_bid(m, n, p, out, vc, speculative, request_of)
    return n + 1


def set_bid(m: Network, n: int, p: int, out: int, vc: int, speculative: int, request_of: int) -> None:
    """Write a bid down."""
    y = m.bids[n]
    y.input = p
    y.out = out
    y.vc = vc
    y.speculative = speculative
    y.request = request_of


def win(m: Network, first: int, i: int) -> None:
    """A bid is granted and accepted: pointers move behind it."""
    y = m.bids[i]
    y.won = 1
    m.ports[first + y.out].grant = y.input + 1
    into = m.ports[first + y.input]
    into.accept = y.out + 1
    into.turn = y.vc + 1


def switch(m: Network, first: int, ports: int, bids: int) -> None:
    """Each output grants to one input, each input accepts one output: bids that won have ``won`` set."""
    ins, outs, met = 0, 0, 0
    for i in range(bids):
        p, out = 1 << m.bids[i].input, 1 << m.bids[i].out
        met |= ins & p | outs & out
        ins |= p
        outs |= out
        m.bids[i].won = 1
    if met != 0:
        match(m, first, ports, bids)
    for i in range(bids):
        if m.bids[i].won != 0:
            win(m, first, i)


def match(m: Network, first: int, ports: int, bids: int) -> None:
    """Of bids that meet at an output, the input nearest to its pointer; then of an input's, the output nearest to its own."""
    for i in range(bids):
        m.best[m.bids[i].out] = NONE_YET
        m.best[ports + m.bids[i].input] = NONE_YET
    for i in range(bids):
        out = m.bids[i].out
        away = m.bids[i].input - m.ports[first + out].grant
        away += ports * (away < 0)
        m.best[out] = min(m.best[out], away)
    for i in range(bids):
        p, out = m.bids[i].input, m.bids[i].out
        away = p - m.ports[first + out].grant
        away += ports * (away < 0)
        if away == m.best[out]:
            away = out - m.ports[first + p].accept
            away += ports * (away < 0)
            m.best[ports + p] = min(m.best[ports + p], away)
        else:
            m.bids[i].won = 0
    for i in range(bids):
        if m.bids[i].won != 0:
            p = m.bids[i].input
            away = m.bids[i].out - m.ports[first + p].accept
            away += ports * (away < 0)
            m.bids[i].won = away == m.best[ports + p]

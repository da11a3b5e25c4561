"""The switch of a wormhole router: who asks for an output, and who is let through."""

from __future__ import annotations

from chipsim.engines.compiled.layout import Network

INLINE = ("contend", "request_switch", "set_switch_request", "switch", "win")

NONE_YET = 1 << 40
"""A distance on a ring of pointers that nothing has."""


def contend(
    m: Network, first: int, p: int, begin: int, switch_requests: int, out: int, given: int, vc: int, branch: int, cycle: int
) -> int:  # fmt: skip
    """The next flit of a branch that has its channel asks for the switch; returns how many requests there are now."""
    to = m.ports[first + out]
    waits = to.period != 1 and m.busy[first + out] > cycle
    if waits or to.credit >> given & 1 == 0:
        if to.link >= 0:
            m.stalls[to.link].credit += 1
        if waits:
            m.moved = 1  # time alone will help
        return switch_requests
    return request_switch(m, first + p, p, begin, switch_requests, out, vc, 0, branch, to.link)


def request_switch(
    m: Network, port: int, p: int, begin: int, n: int, out: int, vc: int, speculative: int, request_of: int, link: int
) -> int:  # fmt: skip
    """A flit asks for the switch; of an input's channels that ask for one output, one stays. Returns how many requests there are now."""
    for i in range(begin, n):
        y = m.switch_requests[i]
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
    set_switch_request(m, n, p, out, vc, speculative, request_of)
    return n + 1


def set_switch_request(m: Network, n: int, p: int, out: int, vc: int, speculative: int, request_of: int) -> None:
    """Write a request for the switch down."""
    y = m.switch_requests[n]
    y.input = p
    y.out = out
    y.vc = vc
    y.speculative = speculative
    y.request = request_of


def win(m: Network, first: int, i: int) -> None:
    """A request is granted and accepted: pointers move behind it."""
    y = m.switch_requests[i]
    y.won = 1
    m.ports[first + y.out].grant = y.input + 1
    into = m.ports[first + y.input]
    into.accept = y.out + 1
    into.turn = y.vc + 1


def switch(m: Network, first: int, ports: int, switch_requests: int) -> None:
    """Each output grants to one input, each input accepts one output: requests that won have ``won`` set."""
    ins, outs, met = 0, 0, 0
    for i in range(switch_requests):
        p, out = 1 << m.switch_requests[i].input, 1 << m.switch_requests[i].out
        met |= ins & p | outs & out
        ins |= p
        outs |= out
        m.switch_requests[i].won = 1
    if met != 0:
        match(m, first, ports, switch_requests)
    for i in range(switch_requests):
        if m.switch_requests[i].won != 0:
            win(m, first, i)


def match(m: Network, first: int, ports: int, switch_requests: int) -> None:
    """Of requests that meet at an output, the input nearest to its pointer; then of an input's, the output nearest to its own."""
    for i in range(switch_requests):
        m.best[m.switch_requests[i].out] = NONE_YET
        m.best[ports + m.switch_requests[i].input] = NONE_YET
    for i in range(switch_requests):
        out = m.switch_requests[i].out
        away = m.switch_requests[i].input - m.ports[first + out].grant
        away += ports * (away < 0)
        m.best[out] = min(m.best[out], away)
    for i in range(switch_requests):
        p, out = m.switch_requests[i].input, m.switch_requests[i].out
        away = p - m.ports[first + out].grant
        away += ports * (away < 0)
        if away == m.best[out]:
            away = out - m.ports[first + p].accept
            away += ports * (away < 0)
            m.best[ports + p] = min(m.best[ports + p], away)
        else:
            m.switch_requests[i].won = 0
    for i in range(switch_requests):
        if m.switch_requests[i].won != 0:
            p = m.switch_requests[i].input
            away = m.switch_requests[i].out - m.ports[first + p].accept
            away += ports * (away < 0)
            m.switch_requests[i].won = away == m.best[ports + p]

"""Virtual channels of a wormhole router: who is given which channel."""

from __future__ import annotations

from chipsim.engines.compiled.bits import first_from
from chipsim.engines.compiled.crossbar import set_switch_request, win
from chipsim.engines.compiled.flits import is_free, note_stall
from chipsim.engines.compiled.layout import (
    CREDITS,
    HELD,
    POINTER_MASK,
    POINTER_SHIFT,
    V_ACCEPT,
    V_OUT,
    VC_SHIFT,
    Network,
)
from chipsim.jit import lowest_bit

INLINE = ("allocate", "give", "pass_through", "request_vc")


def request_vc(m: Network, n: int, p: int, vc: int, out: int, range_: int, branch: int) -> int:
    """A branch asks for a channel; returns how many ask now."""
    x = m.vc_requests[n]
    x.input = p
    x.vc = vc
    x.out = out
    x.range = range_
    x.branch = branch
    x.taken = -1
    x.moved = 0
    return n + 1


def allocate(m: Network, vcs: int, row: int, first: int, ports: int, vc_requests: int) -> None:
    """Channels are granted to those that ask: output channels first, each to one input; then each input takes one."""
    seen, twice = 0, 0
    for i in range(vc_requests):
        out = m.vc_requests[i].out
        twice |= seen & 1 << out
        seen |= 1 << out
    trees = 0
    for i in range(vc_requests):
        x = m.vc_requests[i]
        out = x.out
        port = first + out
        free = m.ports[port].take & x.range
        x.eligible = free & m.ports[port].credit
        trees += x.branch >= 0
        if free == 0:
            continue
        at = ((first + x.input) * vcs + x.vc) * row
        if twice >> out & 1 != 0:
            free = granted(m, vcs, port, ports * vcs, vc_requests, i, out, free)
            if free == 0:
                continue
        start = m.inputs[at + V_ACCEPT] - out * vcs
        if start < 0 or start >= vcs:
            start = 0
        x.taken = first_from(free, start)
    if trees > 1:
        take_one(m, vcs, row, first, ports * vcs, vc_requests)


def granted(m: Network, vcs: int, port: int, inputs: int, vc_requests: int, i: int, out: int, free: int) -> int:
    """Of the free channels that a VC request asks for, those that are granted to it and not to another."""
    mine = 0
    x = m.vc_requests[i]
    while free != 0:
        vc = lowest_bit(free)
        free &= free - 1
        pointer = m.outputs[port * vcs + vc] >> POINTER_SHIFT & POINTER_MASK
        own = x.input * vcs + x.vc - pointer
        own += inputs * (own < 0)
        nearest = 1
        for j in range(vc_requests):
            y = m.vc_requests[j]
            if y.out == out and y.range >> vc & 1 != 0:
                other = y.input * vcs + y.vc - pointer
                other += inputs * (other < 0)
                if other < own:
                    nearest = 0
                    break
        mine |= nearest << vc
    return mine


def take_one(m: Network, vcs: int, row: int, first: int, inputs: int, vc_requests: int) -> None:
    """Branches of one packet were granted channels apart; the packet takes the one nearest to its pointer in this cycle."""
    for i in range(vc_requests):
        x = m.vc_requests[i]
        if x.taken < 0:
            continue
        pointer = m.inputs[((first + x.input) * vcs + x.vc) * row + V_ACCEPT]
        own = x.out * vcs + x.taken - pointer
        own += inputs * (own < 0)
        for j in range(vc_requests):
            y = m.vc_requests[j]
            if y.input == x.input and y.vc == x.vc and y.taken >= 0:
                other = y.out * vcs + y.taken - pointer
                other += inputs * (other < 0)
                if other < own:
                    x.taken = -1
                    break


def give(m: Network, vcs: int, row: int, first: int, vc_requests: int) -> None:
    """Granted and accepted channels belong to their packets."""
    for i in range(vc_requests):
        x = m.vc_requests[i]
        given = x.taken
        if given < 0:
            continue
        m.moved = 1
        at = ((first + x.input) * vcs + x.vc) * row
        take(m, vcs, first + x.out, given, x.input * vcs + x.vc)
        m.inputs[at + V_ACCEPT] = x.out * vcs + given + 1
        if x.branch >= 0:
            m.branches[x.branch].vc = given + 1
        else:
            m.inputs[at + V_OUT] = x.out + 1 | given << VC_SHIFT
            p = m.ports[first + x.input]
            p.wait &= ~(1 << x.vc)
            p.act |= 1 << x.vc


def take(m: Network, vcs: int, port: int, given: int, channel: int) -> None:
    """A channel of an output belongs to the packet in front of a channel of an input."""
    to = port * vcs + given
    m.outputs[to] = (m.outputs[to] & CREDITS) | HELD | channel + 1 << POINTER_SHIFT
    m.ports[port].take &= ~(1 << given)


def pass_through(m: Network, vcs: int, row: int, first: int, i: int, switch_requests: int, cycle: int) -> int:
    """A head in a router where nobody meets anybody: it takes a channel if one is free, and the switch is its own."""
    x = m.vc_requests[i]
    p, vc, out = x.input, x.vc, x.out
    port = first + out
    free = m.ports[port].take & x.range
    if free == 0:
        note_stall(m, port, -1, cycle)
        return switch_requests
    m.moved = 1
    at = ((first + p) * vcs + vc) * row
    start = m.inputs[at + V_ACCEPT] - out * vcs
    given = first_from(free, start if 0 <= start < vcs else 0)
    credit = m.ports[port].credit
    take(m, vcs, port, given, p * vcs + vc)
    m.inputs[at + V_ACCEPT] = out * vcs + given + 1
    m.inputs[at + V_OUT] = out + 1 | given << VC_SHIFT
    into = m.ports[first + p]
    into.wait &= ~(1 << vc)
    into.act |= 1 << vc
    if m.speculative == 0:
        return switch_requests
    if free & credit != 0 and is_free(m, port, cycle):
        set_switch_request(m, switch_requests, p, out, vc, 0, -1)
        win(m, first, switch_requests)
        if credit >> given & 1 != 0:
            return switch_requests + 1
    note_stall(m, port, given, cycle)
    return switch_requests

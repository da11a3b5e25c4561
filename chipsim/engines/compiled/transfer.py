"""Wormhole routers: what has won the switch leaves."""

from __future__ import annotations

from chipsim.engines.compiled.flits import follow, move, pop
from chipsim.engines.compiled.layout import V_BRANCH, V_FLITS, V_OUT, V_PACKET, V_SENT, VC_SHIFT, Network
from chipsim.machine.tally import free_packet

INLINE = ("transfer",)


def transfer(m: Network, vcs: int, row: int, buffer: int, r: int, first: int, i: int, cycle: int) -> None:
    """The flit of a switch request leaves, if that has won and, where it was made ahead of a channel, the channel has a credit."""
    y = m.switch_requests[i]
    branch, out = y.request, m.ports[first + y.out]
    if y.speculative != 0:
        if y.won == 0:
            return
        x = m.vc_requests[branch]
        if x.taken < 0 or out.credit >> x.taken & 1 == 0:
            return
        x.moved = 1
        branch = x.branch
    elif y.won == 0:
        if out.link >= 0:
            m.stalls[out.link].switch += 1
        return
    if branch >= 0:
        go_on_branch(m, vcs, row, buffer, r, first, i, branch, cycle)
        return
    v = m.inputs
    port, vc = first + y.input, y.vc
    at = (port * vcs + vc) * row
    number = v[at + V_SENT]
    last = number + 1 == v[at + V_FLITS]
    move(m, vcs, first + y.out, v[at + V_OUT] >> VC_SHIFT, v[at + V_PACKET], number, last, cycle)
    v[at + V_SENT] = number + 1
    pop(m, buffer, r, port, at, vc, cycle)
    if last:
        m.ports[port].act &= ~(1 << vc)
        follow(m, r, port, at, vc)


def go_on_branch(
    m: Network, vcs: int, row: int, buffer: int, r: int, first: int, i: int, branch: int, cycle: int
) -> None:  # fmt: skip
    """A flit leaves on one of several branches; it leaves the FIFO with the last of them."""
    y, b, v = m.switch_requests[i], m.branches[branch], m.inputs
    port, vc = first + y.input, y.vc
    at = (port * vcs + vc) * row
    number, flits = b.sent, v[at + V_FLITS]
    move(m, vcs, first + y.out, b.vc - 1, b.packet, number, number + 1 == flits, cycle)
    b.sent = number + 1
    least = flits
    one = v[at + V_BRANCH]
    while one != 0:
        least = min(least, m.branches[one].sent)
        one = m.branches[one].next
    if least == v[at + V_SENT]:
        return
    v[at + V_SENT] = least
    pop(m, buffer, r, port, at, vc, cycle)
    if least == flits:
        one = v[at + V_BRANCH]
        while one != 0:
            after = m.branches[one].next
            m.branches[one].next = m.free_branch
            m.free_branch = one
            one = after
        free_packet(m, v[at + V_PACKET])  # its copies are on their way, each on its own
        m.ports[port].multi &= ~(1 << vc)
        follow(m, r, port, at, vc)

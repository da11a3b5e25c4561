"""Wormhole routers: a cycle of everything that holds flits, after landing (the prose is in ``chipsim.machine``).

Only routers with flits, endpoints with packets to send and flits on links cost anything. A flit is one word, its packet: which flit of
the packet it is follows from how many have left the FIFO before. What rows hold is in ``layout``.
"""

from __future__ import annotations

from chipsim.engines.compiled.asking import ask
from chipsim.engines.compiled.channels import allocate, give, pass_through, request_vc
from chipsim.engines.compiled.crossbar import contend, request_switch, switch, win
from chipsim.engines.compiled.flits import is_free, note_stall
from chipsim.engines.compiled.layout import (
    FIFO,
    OUT_MASK,
    V_BRANCH,
    V_COUNT,
    V_FLITS,
    V_OUT,
    V_PACKET,
    V_RANGE,
    V_SENT,
    VC_SHIFT,
    Network,
)
from chipsim.engines.compiled.routes import direction
from chipsim.engines.compiled.sending import send
from chipsim.engines.compiled.transfer import transfer
from chipsim.jit import lowest_bit
from chipsim.machine.message import TREE

INLINE = ("fetch", "router")

AT_ONCE = 32
"""Routers whose memory is looked at together, before they are worked through."""

MANY = 1 << 12
"""Ports from which on that pays: those of fewer stay in the cache by themselves."""

SWITCH_REQUESTS_SHIFT, COUNT_MASK = 32, (1 << 32) - 1


def arbitrate(m: Network) -> bool:
    """Arbitration and transfer of every router with flits, then of every endpoint with packets to send; False if rows for those ran out."""
    cycle = m.now // m.clock_units
    vcs, buffer = m.vcs, m.buffer
    row = FIFO + buffer
    n = m.net_cursor
    while n < m.active_routers:
        if n & (AT_ONCE - 1) == 0 and m.local_ports > MANY:
            m.touched += fetch(m, vcs, row, n, min(n + AT_ONCE, m.active_routers))
        if m.free_packets < m.most_copies:
            m.net_cursor = n
            return False
        router(m, vcs, row, buffer, cycle, m.active[n])
        if m.error != 0:
            return False
        n += 1
    m.net_cursor = 0
    kept = 0
    for n in range(m.active_routers):
        r = m.active[n]
        m.active[kept] = r
        kept += m.routers[r].flits != 0
    m.left -= m.active_routers + 1
    m.active_routers = kept
    send(m, cycle)
    set_next(m, cycle)
    m.moved = 0
    return True


def set_next(m: Network, cycle: int) -> None:
    """When the routers act next, or that they are in a deadlock."""
    if m.active_routers != 0 or m.senders != 0:
        m.net_at = m.now + m.clock_units
        if m.moved == 0 and m.flying == 0 and m.held_back == 0:
            m.deadlocked = 1
    elif m.flying != 0:
        ahead, last = 1, m.ring_size - 1
        while m.ring[2 * (cycle + ahead & last)] == 0 and m.ring[2 * (cycle + ahead & last) + 1] == 0:
            ahead += 1
        m.net_at = m.now + ahead * m.clock_units
    else:
        m.net_at = -1


def fetch(m: Network, vcs: int, row: int, begin: int, end: int) -> int:
    """Look at what a block of routers is going to need, all at once: on large networks waiting for memory is what takes the time."""
    seen = 0
    v = m.inputs
    for n in range(begin, end):
        r = m.active[n]
        first, mask = m.routers[r].first, m.routers[r].work
        while mask != 0:
            port = first + lowest_bit(mask)
            mask &= mask - 1
            vc = m.ports[port].wait | m.ports[port].act
            if vc != 0:
                at = (port * vcs + lowest_bit(vc)) * row
                t = m.packets[v[at + V_PACKET]]
                out = (v[at + V_OUT] & OUT_MASK) - 1
                there = t.route
                if out < 0 and m.plain != 0 and t.dest != TREE:
                    out = m.endpoints[t.dest].port - first if there == r else direction(m, r, there)
                    v[at + V_OUT] = out + 1
                    v[at + V_RANGE] = m.message_class_range[t.kind]
                if out >= 0:
                    seen += m.ports[first + out].credit + m.outputs[(first + out) * vcs] + m.links[r * m.ports_of].flits
    return seen


def router(m: Network, vcs: int, row: int, buffer: int, cycle: int, r: int) -> None:
    """One cycle of one router: who asks, who is given a channel, who wins the switch, and what leaves."""
    first = m.routers[r].first
    note_queue(m, r)
    v = m.inputs
    vc_requests, switch_requests, ins, outs, clash = 0, 0, 0, 0, 0
    work = m.routers[r].work
    while work != 0:
        p = lowest_bit(work)
        work &= work - 1
        port = m.ports[first + p]
        base = (first + p) * vcs
        mask = port.wait
        while mask != 0:
            vc = lowest_bit(mask)
            mask &= mask - 1
            before = vc_requests
            vc_requests = ask(m, vcs, r, first, p, vc, (base + vc) * row, vc_requests)
            if vc_requests == before:
                if m.error != 0:
                    return
                continue
            out = 1 << m.vc_requests[before].out
            clash |= (outs & out) | (ins >> p & 1)
            outs |= out
            ins |= 1 << p
        begin = switch_requests
        mask = port.act
        while mask != 0:
            vc = lowest_bit(mask)
            mask &= mask - 1
            at = (base + vc) * row
            if v[at + V_COUNT] != 0:
                way = v[at + V_OUT]
                to = (way & OUT_MASK) - 1
                switch_requests = contend(m, first, p, begin, switch_requests, to, way >> VC_SHIFT, vc, -1, cycle)
                clash |= (outs >> to & 1) | (ins >> p & 1)
                outs |= 1 << to
                ins |= 1 << p
        if port.multi != 0:
            clash = 1
            both = ask_branches(m, vcs, row, first, p, begin, switch_requests, vc_requests, cycle)
            switch_requests, vc_requests = both >> SWITCH_REQUESTS_SHIFT, both & COUNT_MASK
        if port.fresh != 0:
            m.moved = 1
            port.wait |= port.fresh
            port.fresh = 0
    switch_requests = grant(m, vcs, row, r, vc_requests, switch_requests, clash, cycle)
    if clash == 0:
        vc_requests = 0
    for i in range(switch_requests):
        transfer(m, vcs, row, buffer, r, first, i, cycle)
    for i in range(vc_requests):
        x = m.vc_requests[i]
        if x.moved == 0:
            note_stall(m, first + x.out, x.taken, cycle)


def note_queue(m: Network, r: int) -> None:
    """Flits in a router's FIFOs are counted."""
    router = m.routers[r]
    flits = router.flits
    router.sum += flits
    if flits > router.most:
        router.most = flits


def ask_branches(
    m: Network, vcs: int, row: int, first: int, p: int, begin: int, switch_requests: int, vc_requests: int, cycle: int
) -> int:
    """Branches of the packets on trees in front of an input ask, for a channel or for the switch; gives both counts in one word."""
    v = m.inputs
    mask = m.ports[first + p].multi
    while mask != 0:
        vc = lowest_bit(mask)
        mask &= mask - 1
        at = ((first + p) * vcs + vc) * row
        branch = v[at + V_BRANCH]
        while branch != 0:
            b = m.branches[branch]
            given = b.vc - 1
            if given < 0:
                vc_requests = request_vc(m, vc_requests, p, vc, b.out, b.range, branch)
            elif b.sent < v[at + V_FLITS] and b.sent - v[at + V_SENT] < v[at + V_COUNT]:
                switch_requests = contend(m, first, p, begin, switch_requests, b.out, given, vc, branch, cycle)
            branch = b.next
    return switch_requests << SWITCH_REQUESTS_SHIFT | vc_requests


def grant(m: Network, vcs: int, row: int, r: int, vc_requests: int, switch_requests: int, clash: int, cycle: int) -> int:
    """Channels for those that ask, and the switch; returns how many switch requests there are, of which those that won are marked."""
    first, ports = m.routers[r].first, m.routers[r].ports
    if clash == 0:
        for i in range(switch_requests):
            win(m, first, i)
        for i in range(vc_requests):
            switch_requests = pass_through(m, vcs, row, first, i, switch_requests, cycle)
        return switch_requests
    if vc_requests != 0:
        allocate(m, vcs, row, first, ports, vc_requests)
        if m.speculative != 0:
            for i in range(vc_requests):
                x = m.vc_requests[i]
                if x.eligible != 0 and is_free(m, first + x.out, cycle):
                    switch_requests = request_switch(m, first + x.input, x.input, 0, switch_requests, x.out, x.vc, 1, i, -1)
        give(m, vcs, row, first, vc_requests)
    if switch_requests != 0:
        switch(m, first, ports, switch_requests)
    return switch_requests

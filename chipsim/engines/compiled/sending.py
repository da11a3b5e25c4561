"""Wormhole routers: packets wait at their endpoint and go in flit by flit; credits that an endpoint holds back go out."""

from __future__ import annotations

from chipsim.engines.compiled.bits import first_from
from chipsim.engines.compiled.flits import due, give_flit
from chipsim.engines.compiled.layout import CREDITS, HELD, STEPPING, Network
from chipsim.engines.compiled.queue import sort_list
from chipsim.machine.state import KEY_MASK, SOURCE_MASK, SOURCE_SHIFT


def wake(m: Network) -> None:
    """Something for the routers to see: at this edge, or if they have acted in this instant or it is none, at the next."""
    if m.net_at == m.now and m.phase < STEPPING:
        return
    clock = m.clock_units
    edge = m.now + -m.now % clock
    if edge == m.now and m.phase >= STEPPING:
        edge += clock
    if m.net_at < 0 or m.net_at > edge:
        m.net_at = edge


def join(m: Network, i: int) -> None:
    """A packet joins the source queue of its endpoint."""
    t = m.packets[i]
    source = t.key >> SOURCE_SHIFT & SOURCE_MASK
    m.next[i] = 0
    t.tile = 0
    t.when = 0
    e = m.endpoints[source]
    if e.head == 0:
        e.head = i
        e.order = m.senders
        m.senders = source + 1
    else:
        m.next[e.tail] = i
    e.tail = i
    wake(m)


def join_all(m: Network, i: int) -> None:
    """Packets whose release was set ahead join their source queues, those of one source in the order of their numbers."""
    if i != 0 and m.next[i] != 0:
        i = sort_list(m, i, KEY_MASK)
    while i != 0:
        after = m.next[i]
        join(m, i)
        i = after


def taken(m: Network, endpoint: int) -> None:
    """An endpoint has taken a message: the longest waiting credit that it holds back goes to the router."""
    e = m.endpoints[endpoint]
    e.waiting -= 1
    i = e.held
    if i == 0:
        return
    e.held = m.flits[i].next
    m.held_back -= 1
    clock, back = m.clock_units, m.ports[e.port].back_cycles
    cycle = (m.now + clock - 1) // clock
    due(m, 1, cycle + back, e.port, m.flits[i].vc, 0)
    give_flit(m, i)
    at = (cycle + back) * clock
    if m.net_at < 0 or m.net_at > at:
        m.net_at = at


def send(m: Network, cycle: int) -> None:
    """Each endpoint with something to send puts a flit on its way into the router, if it can."""
    endpoint, before = m.senders - 1, -1
    while endpoint >= 0:
        e = m.endpoints[endpoint]
        after = e.order - 1
        if can_send(m, endpoint, cycle) and send_flit(m, endpoint, cycle):
            if before < 0:
                m.senders = after + 1
            else:
                m.endpoints[before].order = after + 1
        else:
            before = endpoint
        endpoint = after


def can_send(m: Network, endpoint: int, cycle: int) -> bool:
    """Whether an endpoint's next flit has a channel and a credit; a head takes a channel."""
    e, port = m.endpoints[endpoint], m.ports[m.local_ports + endpoint]
    if e.sending != 0:
        return port.credit >> e.vc & 1 != 0
    t = m.packets[e.head]
    ready = port.take & port.credit & m.message_class_range[t.kind]
    if ready == 0:
        return False
    e.vc = first_from(ready, e.vc)
    port.take &= ~(1 << e.vc)
    m.outputs[(m.local_ports + endpoint) * m.vcs + e.vc] |= HELD
    t.when = cycle - (t.injected + m.clock_units - 1) // m.clock_units
    return True


def send_flit(m: Network, endpoint: int, cycle: int) -> bool:
    """The next flit of an endpoint leaves; whether that was its last packet."""
    e, port = m.endpoints[endpoint], m.ports[m.local_ports + endpoint]
    packet, vc = e.head, e.vc
    t = m.packets[packet]
    m.moved = 1
    at = (m.local_ports + endpoint) * m.vcs + vc
    m.outputs[at] -= 1
    if m.outputs[at] & CREDITS == 0:
        port.credit &= ~(1 << vc)
    due(m, 0, cycle + port.cycles, port.to, vc, packet)
    e.sending += 1
    if e.sending != t.flits:
        return False
    e.sending = 0
    m.outputs[at] &= ~HELD
    if m.atomic == 0:
        port.take |= 1 << vc
    e.vc = vc + 1 if vc + 1 < m.vcs else 0
    e.head = m.next[packet]
    return e.head == 0

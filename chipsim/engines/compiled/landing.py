"""Wormhole routers: flits and credits that land at the begin of a cycle."""

from __future__ import annotations

from chipsim.engines.compiled.flits import come_front, due, give_flit
from chipsim.engines.compiled.layout import CREDITS, FIFO, HELD, V_COUNT, V_HEAD, V_PACKET, Network
from chipsim.jit import prefetch
from chipsim.machine.tally import free_packet

INLINE = ("land_at_endpoint", "land_credit", "land_flit", "look_ahead", "look_at")

AHEAD = 4
"""How many flits ahead memory is asked: on large networks waiting for it is what takes the time."""


def land(m: Network) -> None:
    """Flits and credits that are due: into FIFOs, to outputs, and last flits to their endpoints, which have the packet then."""
    cycle = m.now // m.clock_units
    vcs, buffer, wait = m.vcs, m.buffer, m.route_cycles
    slot = 2 * (cycle & (m.ring_size - 1))
    landed = 0
    i = m.ring[slot + 1]
    m.ring[slot + 1] = 0
    ahead = look_ahead(m, vcs, buffer, i)
    while i != 0:
        f = m.flits[i]
        after = f.next
        ahead = look_at(m, vcs, buffer, ahead)
        land_credit(m, vcs, buffer, f.where, f.vc)
        give_flit(m, i)
        landed += 1
        i = after
    i = m.ring[slot]
    m.ring[slot] = 0
    ahead = look_ahead(m, vcs, buffer, i)
    while i != 0:
        f = m.flits[i]
        after, where = f.next, f.where
        ahead = look_at(m, vcs, buffer, ahead)
        if where >= 0:
            land_flit(m, vcs, buffer, wait, where, f.vc, f.packet)
            give_flit(m, i)
        else:
            land_at_endpoint(m, cycle, -1 - where, i)
        landed += 1
        i = after
    m.flying -= landed


def look_ahead(m: Network, vcs: int, buffer: int, i: int) -> int:
    """Ask memory for what the first of a list need; returns the one after them."""
    for _ in range(AHEAD):
        i = look_at(m, vcs, buffer, i)
    return i


def look_at(m: Network, vcs: int, buffer: int, i: int) -> int:
    """Ask memory for what a flit or credit is going to need; returns the one after it."""
    f = m.flits[i]
    port = max(f.where, 0)
    prefetch(m.inputs, (port * vcs + f.vc) * (FIFO + buffer))
    prefetch(m.ports, port)
    return f.next


def land_credit(m: Network, vcs: int, buffer: int, port: int, vc: int) -> None:
    """A credit counts for an output; with atomic reuse the last of them frees the channel."""
    at = port * vcs + vc
    left = m.outputs[at] + 1
    m.outputs[at] = left
    m.ports[port].credit |= 1 << vc
    if m.atomic != 0 and left & (HELD | CREDITS) == buffer:
        m.ports[port].take |= 1 << vc


def land_flit(m: Network, vcs: int, buffer: int, wait: int, port: int, vc: int, packet: int) -> None:
    """A flit joins the FIFO of its channel."""
    v = m.inputs
    at = (port * vcs + vc) * (FIFO + buffer)
    count = v[at + V_COUNT]
    place = v[at + V_HEAD] + count
    if place >= buffer:
        place -= buffer
    v[at + FIFO + place] = packet
    v[at + V_COUNT] = count + 1
    r = m.ports[port].router
    router = m.routers[r]
    flits = router.flits
    router.flits = flits + 1
    if flits == 0:
        m.active[m.active_routers] = r
        m.active_routers += 1
    if v[at + V_PACKET] == 0:
        come_front(m, port, at, vc, packet, wait)
        router.work |= 1 << (port - router.first)


def land_at_endpoint(m: Network, cycle: int, endpoint: int, i: int) -> None:
    """A flit is at its endpoint; the last one makes the packet delivered. The row goes back, or keeps the credit that is held back."""
    f = m.flits[i]
    t = m.packets[f.packet]
    t.landed += 1
    if endpoint >= len(m.endpoints):  # what drains of a cut packet
        port = endpoint - len(m.endpoints)
        if t.landed == t.flits:
            free_packet(m, f.packet)
        due(m, 1, cycle + m.ports[port].cycles - 1, port, f.vc, 0)
        give_flit(m, i)
        return
    e = m.endpoints[endpoint]
    e.flits += 1
    m.local_flits += 1
    port = e.port
    if endpoint == m.host:
        m.host_flits += 1
    if t.landed == t.flits:
        t.dest = endpoint
        m.next[f.packet] = m.deliver_list
        m.deliver_list = f.packet
        if m.ejection > 0 and t.cause == 0 and e.dead == 0:
            e.waiting += 1
            if e.waiting > m.ejection:
                f.next = 0
                if e.held == 0:
                    e.held = i
                else:
                    m.flits[e.held_tail].next = i
                e.held_tail = i
                m.held_back += 1
                return
    due(m, 1, cycle + m.ports[port].back_cycles, port, f.vc, 0)
    give_flit(m, i)

"""Flits on links and in FIFOs: how they leave, travel and come to the front."""

from __future__ import annotations

from chipsim.engines.compiled.layout import (
    CREDITS,
    FIFO,
    HELD,
    LOSSY,
    V_COUNT,
    V_FLITS,
    V_HEAD,
    V_OUT,
    V_PACKET,
    V_SENT,
    Network,
)
from chipsim.machine.digest import HOP
from chipsim.machine.raw import CUT, FLIT_LOSS
from chipsim.machine.state import SEQUENCE_MASK, SOURCE_MASK, SOURCE_SHIFT
from chipsim.machine.tally import add, hash3
from chipsim.noc.loss import lost

INLINE = ("come_front", "due", "follow", "give_flit", "move", "pop", "take_flit")


def take_flit(m: Network) -> int:
    """A row for a flit or a credit on its way."""
    i = m.free_flit
    if i != 0:
        m.free_flit = m.flits[i].next
        return i
    m.used_flits += 1
    return m.used_flits


def give_flit(m: Network, i: int) -> None:
    """Give a row back."""
    m.flits[i].next = m.free_flit
    m.free_flit = i


def due(m: Network, credit: int, cycle: int, where: int, vc: int, packet: int) -> None:
    """A flit (``credit`` 0) or a credit (1) lands in a cycle to come."""
    i = take_flit(m)
    f = m.flits[i]
    at = 2 * (cycle & (m.ring_size - 1)) + credit
    f.next = m.ring[at]
    f.where = where
    f.vc = vc
    f.packet = packet
    m.ring[at] = i
    m.flying += 1


def come_front(m: Network, port: int, at: int, vc: int, packet: int, wait: int) -> None:
    """A head is first in its FIFO; with ``wait`` a cycle passes before it asks for a channel."""
    v = m.inputs
    v[at + V_PACKET] = packet
    v[at + V_SENT] = 0
    v[at + V_OUT] = 0
    v[at + V_FLITS] = m.packets[packet].flits
    if wait != 0:
        m.ports[port].fresh |= 1 << vc
    else:
        m.ports[port].wait |= 1 << vc


def move(m: Network, vcs: int, port: int, given: int, packet: int, number: int, last: bool, cycle: int) -> None:
    """A flit goes through the switch and onto a link, or to an endpoint."""
    out = m.ports[port]
    to = port * vcs + given
    left = m.outputs[to] - 1
    if left & CREDITS == 0:
        out.credit &= ~(1 << given)
    if last:
        left &= ~HELD
        if m.atomic == 0:
            out.take |= 1 << given
    m.outputs[to] = left
    late = 0
    if out.period != 1:
        late = hold(m, port, packet, number, cycle)
    due(m, 0, cycle + out.cycles + late, out.to, given, packet)
    m.moved = 1
    link = out.link
    if link >= 0:
        t = m.packets[packet]
        m.links[link].flits += 1
        if number == 0:
            m.links[link].packets += 1
            m.hops += 1
            m.hops_ew += out.across
            m.hops_ns += 1 - out.across
            t.tile += 1
        else:
            m.tails_ew += out.across
            m.tails_ns += 1 - out.across
        start = (cycle + 1) * m.clock_units * m.unit
        add(m, hash3(HOP, start, link << 32 | t.key >> SOURCE_SHIFT & SOURCE_MASK, number << 40 | t.key & SEQUENCE_MASK))


def hold(m: Network, port: int, packet: int, number: int, cycle: int) -> int:
    """A link is taken for longer than a cycle, or can lose the flit; returns the cycles by which that is late."""
    period, late = m.ports[port].period, 0
    if period >= LOSSY:
        period -= LOSSY
        link = m.ports[port].link
        m.busy[(len(m.busy) >> 1) + port] = cycle
        threshold = m.link_specs[link].loses >> 1
        if m.retry_cycles > 0:
            late = lost(m.loss_seed, link, m.links[link].flits, 1, threshold) * m.retry_cycles
        elif number == 0 and lost(m.loss_seed, link, m.links[link].packets << 16, m.packets[packet].flits, threshold) != 0:
            if m.packets[packet].cause != CUT + 1:
                m.packets[packet].cause = FLIT_LOSS + 1
    m.busy[port] = cycle + period + late
    return late


def pop(m: Network, buffer: int, r: int, port: int, at: int, vc: int, cycle: int) -> None:
    """A flit leaves its FIFO; its credit goes back."""
    v, p = m.inputs, m.ports[port]
    head = v[at + V_HEAD] + 1
    if head == buffer:
        head = 0
    v[at + V_HEAD] = head
    v[at + V_COUNT] -= 1
    m.routers[r].flits -= 1
    back = p.back
    over = 1 if back < m.local_ports else 0  # a router's output; behind those stand endpoints, and what a dead link leaves
    p.credits += over
    m.credits += over
    due(m, 1, cycle + p.back_cycles, back, vc, 0)


def follow(m: Network, r: int, port: int, at: int, vc: int) -> None:
    """The packet in front has left; the head behind it, if there is one, comes to the front in the next cycle."""
    v = m.inputs
    if v[at + V_COUNT] != 0:
        come_front(m, port, at, vc, v[at + FIFO + v[at + V_HEAD]], m.route_cycles)
    else:
        v[at + V_PACKET] = 0
        p = m.ports[port]
        if p.wait | p.act | p.multi | p.fresh == 0:
            m.routers[r].work &= ~(1 << (port - m.routers[r].first))


def was_taken(m: Network, port: int, cycle: int) -> bool:
    """Whether a link has been taken in this very cycle."""
    period = m.ports[port].period
    if period >= LOSSY:
        return m.busy[(len(m.busy) >> 1) + port] == cycle
    return m.busy[port] == cycle + period


def is_free(m: Network, port: int, cycle: int) -> bool:
    """Whether an output's link takes a flit in this cycle."""
    return m.ports[port].period == 1 or m.busy[port] <= cycle


def note_stall(m: Network, port: int, given: int, cycle: int) -> None:
    """A head that asked for a channel has not left: why?"""
    link = m.ports[port].link
    if link < 0:
        return
    if given < 0:
        m.stalls[link].vc += 1
    elif m.speculative != 0:
        if (is_free(m, port, cycle) or was_taken(m, port, cycle)) and m.ports[port].credit >> given & 1 != 0:
            m.stalls[link].switch += 1
        else:
            m.stalls[link].credit += 1

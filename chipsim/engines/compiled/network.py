"""Routers and links that are not wormhole routers: a packet's way from arrival to its endpoint, one event per hop."""

from __future__ import annotations

from chipsim.engines.compiled.layout import ARRIVE, DELIVER, END, GRID, ROUTER, SIDE, Network
from chipsim.engines.compiled.queue import near_time, put, put_from, sort_list, turn, unmark
from chipsim.engines.compiled.routes import HERE, direction, find_entry
from chipsim.engines.compiled.sources import copied, drop, is_cut_off, note_copies
from chipsim.jit import prefetch
from chipsim.machine.digest import HOP
from chipsim.machine.message import TREE
from chipsim.machine.raw import CUT, FLIT_LOSS, UNREACHABLE
from chipsim.machine.state import (
    KEY_MASK,
    NEVER,
    NO_ENTRY,
    NO_ROUTE,
    PORT_SHIFT,
    SEQUENCE_MASK,
    SOURCE_MASK,
    SOURCE_SHIFT,
)
from chipsim.machine.tally import HALF, hash3
from chipsim.noc import PORTS
from chipsim.noc.loss import lost
from chipsim.noc.plan import QUEUED
from chipsim.noc.routing import DATELINE, TABLE, TORUS, next_port, tie_bits
from chipsim.noc.routing import HERE as THERE

INLINE = ("cross", "eject", "pass_on", "to_endpoint", "to_link")

WHOLE_KEY = (1 << 63) - 1


def trouble(m: Network, link: int, i: int, flits: int) -> int:
    """Units that a link takes longer for a packet since it loses flits; a packet that it loses for good is marked."""
    threshold = m.link_specs[link].loses >> 1
    if threshold == 0:
        return 0
    if m.retry_units > 0:
        return lost(m.loss_seed, link, m.links[link].flits, flits, threshold) * m.retry_units
    if lost(m.loss_seed, link, m.links[link].packets << 16, flits, threshold) != 0:
        m.packets[i].cause = FLIT_LOSS + 1
    return 0


def ends_here(m: Network, tile: int, i: int) -> bool:
    """Whether a packet that arrives at a router of a damaged network is dropped there."""
    t = m.packets[i]
    if t.cause == CUT + 1:
        drop(m, i, CUT)
        return True
    if t.dest >= 0 and is_cut_off(m, tile, m.endpoints[t.dest].tile):
        drop(m, i, UNREACHABLE)
        return True
    return False


def to_link(m: Network, link: int, i: int) -> None:
    """Into the list of those that want a link in this instant."""
    t, to = m.packets[i], m.links[link]
    m.next[i] = 0
    if to.head == 0:
        to.head = i
        to.order = m.link_list << 1
        m.link_list = link + 1
    else:
        m.next[to.tail] = i
        if to.last > t.key:
            to.order |= 1
    to.tail = i
    to.last = t.key


def to_endpoint(m: Network, endpoint: int, i: int) -> None:
    """Into the list of those that leave the router for an endpoint in this instant."""
    t, to = m.packets[i], m.endpoints[endpoint]
    m.next[i] = 0
    if to.head == 0:
        to.head = i
        to.order = m.eject_list << 1
        m.eject_list = endpoint + 1
    else:
        m.next[to.tail] = i
        if to.last > t.key:
            to.order |= 1
    to.tail = i
    to.last = t.key


def arrive(m: Network) -> int:
    """Every packet that arrived at a router in this instant goes to the outputs that it needs; returns the first that is left, for lack of
    packets or for an error, or 0.
    """
    reserve = m.ports_of + m.concentration
    i = m.arrive_list
    ahead = m.next[m.next[i]]
    count = 0
    while i != 0:
        t = m.packets[i]
        after, tile = m.next[i], t.tile
        ahead = m.next[ahead]
        prefetch(m.packets, ahead)
        if GRID == 0:
            if m.faulty != 0 and ends_here(m, tile, i):
                i = after
                count += 1
                continue
        if t.dest == TREE:
            if m.free_packets < reserve:
                break
            if not branch(m, tile, i):
                break
        else:
            if GRID == 1:
                port = direction(m, tile, t.route)
                if port == HERE:
                    to_endpoint(m, t.dest, i)
                else:
                    to_link(m, tile * PORTS + port, i)
            if GRID == 0:
                port = output_port(m, tile, i)
                if port < 0:
                    break
                if port == THERE:
                    to_endpoint(m, t.dest, i)
                else:
                    to_link(m, tile * m.ports_of + port, i)
        i = after
        count += 1
    m.arrive_list = i
    m.left -= count
    return i


def branch(m: Network, tile: int, i: int) -> bool:
    """A packet on a tree: one copy for each output that the router's table names."""
    t = m.packets[i]
    mask = m.table[find_entry(m, tile, t.layer, t.tree)].mask
    if mask == 0:
        m.error, m.detail_a, m.detail_b, m.detail_c = NO_ENTRY, tile, t.layer, t.tree
        return False
    m.lookups[tile] += 1
    m.looked_up += 1
    copies, ports = 0, PORTS
    if GRID == 0:
        ports = m.ports_of
    for bit in range(ports + m.concentration):
        if mask >> bit & 1 != 0:
            one = i
            if copies > 0:
                one = copied(m, i)
            copies += 1
            if bit < ports:
                to_link(m, tile * ports + bit, one)
            else:
                to_endpoint(m, tile * m.concentration + bit - ports, one)
    note_copies(m, i, copies - 1)
    return True


def output_port(m: Network, tile: int, i: int) -> int:
    """Port that a packet to one endpoint takes, or ``THERE``; -1 with an error noted where the table knows none."""
    t, r = m.packets[i], m.routing
    source, dest = t.key >> SOURCE_SHIFT & SOURCE_MASK, m.endpoints[t.dest].tile
    ties = 0
    if r.kind == TABLE:
        m.lookups[tile] += 1
        m.looked_up += 1
    if r.kind == TORUS or r.kind == DATELINE:
        ties = tie_bits(r.seed, source, t.key & SEQUENCE_MASK)
    port = next_port(r, tile, dest, m.endpoints[source].tile, ties)
    if port < 0:
        m.error, m.detail_a, m.detail_b, m.detail_c = NO_ROUTE, tile, dest, source
    return port


def cross(m: Network, link: int, i: int, now: int, base: int, size: int, unit: int, flit: int) -> int:
    """A packet takes a link of a mesh, behind what is queued there; returns the hash of the hop."""
    t, to = m.packets[i], m.links[link]
    port = link & 3
    flits, key = t.flits, t.key
    start = now
    if ROUTER == QUEUED:
        start = max(now, to.free)
        to.wait += start - now
        to.wait_max = max(to.wait_max, start - now)
        to.free = start + flits * flit
    to.packets += 1
    to.flits += flits
    t.key = key & KEY_MASK | port << PORT_SHIFT
    t.tile += m.step_of[port]
    m.next[i] = put_from(m, ARRIVE, i, start + m.latency[port], base, size)
    return hash3(HOP, start * unit, link << 32 | key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK)


def pass_on(m: Network, link: int, i: int, now: int, base: int, size: int, unit: int) -> int:
    """As ``cross``, where each link has its own end, latency and time per flit; behind a slower link a packet goes on without gaps."""
    t, to, spec = m.packets[i], m.links[link], m.link_specs[link]
    flits, key = t.flits, t.key
    start, late = now, 0
    if m.faulty != 0:
        late = trouble(m, link, i, flits)
    if ROUTER == QUEUED:
        start = max(now, to.free)
        to.wait += start - now
        to.wait_max = max(to.wait_max, start - now)
        if spec.hold != 0:
            to.free = start + flits * spec.hold + late
    to.packets += 1
    to.flits += flits
    t.key = key & KEY_MASK | link % m.ports_of << PORT_SHIFT
    t.tile = spec.to >> 1
    t.route += 1
    there = start + spec.latency + (flits - 1) * spec.gap + late
    if m.faulty != 0 and spec.dies <= there:
        t.cause = CUT + 1
    m.next[i] = put_from(m, ARRIVE, i, there, base, size)
    return hash3(HOP, start * unit, link << 32 | key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK)


def eject(m: Network, endpoint: int, i: int) -> None:
    """A packet leaves the network for an endpoint, which has it when the last flit is there."""
    t, e = m.packets[i], m.endpoints[endpoint]
    flits = t.flits
    start = m.now
    if ROUTER == QUEUED:
        start = max(start, e.eject)
        e.eject = start + flits * m.hold_units
    latency = m.local_units
    if endpoint == m.host:
        m.host_flits += flits
        latency = m.host_units
    e.flits += flits
    m.local_flits += flits
    t.dest = endpoint
    m.next[i] = put(m, DELIVER, i, start + latency + (flits - 1) * m.flit_units)


def leave(m: Network) -> None:
    """Every link and local port of this instant takes its packets in the order (input port, source, sequence number)."""
    now, base, size, unit, flit = m.now, m.base, m.size, m.unit, m.flit_units
    low, high, count, across, h = 0, 0, 0, 0, 0
    link = m.link_list - 1
    while link >= 0:
        order, i = m.links[link].order, m.links[link].head
        m.links[link].head = 0
        if order & 1 != 0:
            i = sort_list(m, i, WHOLE_KEY)
        while i != 0:
            after = m.next[i]
            if GRID == 1:
                h = cross(m, link, i, now, base, size, unit, flit)
                across += ~link >> 1 & 1
            if GRID == 0:
                h = pass_on(m, link, i, now, base, size, unit)
                across += m.link_specs[link].to & 1
            low += h & HALF
            high += h >> 32 & HALF
            count += 1
            i = after
        link = (order >> 1) - 1
    m.link_list = 0
    note_hops(m, low, high, count, across)
    leave_routers(m)


def leave_routers(m: Network) -> None:
    """The same for local ports."""
    endpoint = m.eject_list - 1
    while endpoint >= 0:
        order, i = m.endpoints[endpoint].order, m.endpoints[endpoint].head
        m.endpoints[endpoint].head = 0
        if order & 1 != 0:
            i = sort_list(m, i, WHOLE_KEY)
        while i != 0:
            after = m.next[i]
            eject(m, endpoint, i)
            i = after
        endpoint = (order >> 1) - 1
    m.eject_list = 0


def note_hops(m: Network, low: int, high: int, count: int, across: int) -> None:
    """Add hops and their hashes to the totals."""
    m.low += low
    m.high += high
    m.count += count
    m.hops += count
    m.hops_ew += across
    m.hops_ns += count - across


def glide(m: Network, limit: int, other: int) -> int:
    """Move on through the instants in which nothing happens but in the network.

    Args:
        m: the machine.
        limit: not up to this time.
        other: nor this, when something else begins that is not in the queue.

    Returns:
        When something is due next, ``NEVER`` if nothing is; -1 if packets ran out in the middle of an instant.

    Most instants of a fine clock hold a single packet at a single router: it needs no lists and no order.
    """
    size, unit, flit = m.size, m.unit, m.flit_units
    low, high, count, across, left, h = 0, 0, 0, 0, m.left, 0
    at = NEVER
    while True:
        at = near_time(m)
        if m.far_at <= at and m.far_at <= other and m.far_at != NEVER:
            turn(m)
            continue
        if at >= other or at >= limit or left <= 0:
            at = min(at, other)
            break
        slot = 4 * (at & (size - 1))
        if m.slots[slot + DELIVER] != 0 or m.slots[slot + END] != 0 or m.slots[slot + SIDE] != 0:
            break
        if GRID == 0:
            if m.faulty != 0:
                break
        i = m.slots[slot + ARRIVE]
        m.now = at
        m.base = at
        m.slots[slot + ARRIVE] = 0
        unmark(m, 0, slot >> 2)
        t = m.packets[i]
        if m.next[i] != 0 or t.dest == TREE:
            m.arrive_list = i
            m.left = left
            if arrive(m) != 0:
                at = -1
                break
            left = m.left
            leave(m)
            continue
        left -= 1
        if GRID == 1:
            port = direction(m, t.tile, t.route)
            if port == HERE:
                eject(m, t.dest, i)
                continue
            link = t.tile * PORTS + port
            h = cross(m, link, i, at, at, size, unit, flit)
            across += ~link >> 1 & 1
        if GRID == 0:
            port = output_port(m, t.tile, i)
            if port < 0:
                m.arrive_list = i
                at = -1
                break
            if port == THERE:
                eject(m, t.dest, i)
                continue
            link = t.tile * m.ports_of + port
            h = pass_on(m, link, i, at, at, size, unit)
            across += m.link_specs[link].to & 1
        low += h & HALF
        high += h >> 32 & HALF
        count += 1
    m.left = left
    note_hops(m, low, high, count, across)
    return at

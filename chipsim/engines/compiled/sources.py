"""How packets enter the network, and how they are copied and dropped in it."""

from __future__ import annotations

from chipsim.engines.compiled.layout import ARRIVE, GRID, ROUTER, Network
from chipsim.engines.compiled.queue import put
from chipsim.engines.compiled.sending import join
from chipsim.machine.digest import DROP
from chipsim.machine.raw import DEAD_CORE, UNREACHABLE
from chipsim.machine.state import PORT_SHIFT, SEQUENCE_MASK, SOURCE_MASK, SOURCE_SHIFT
from chipsim.machine.tally import add, free_packet, hash3, take_packet
from chipsim.noc.plan import QUEUED, WORMHOLE
from chipsim.noc.routing import NO_PATH, TABLE


def note_drop(m: Network, cause: int, kind: int, at: int, source: int, sequence: int) -> None:
    """A damaged network drops a packet."""
    m.dropped[kind] += 1
    m.lost[cause] += 1
    add(m, hash3(DROP, at * m.unit, source, sequence))


def drop(m: Network, i: int, cause: int) -> None:
    """A packet on its way is dropped now."""
    key = m.packets[i].key
    note_drop(m, cause, m.packets[i].kind, m.now, key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK)
    m.work -= 1
    m.program.held(m, i, -1)
    free_packet(m, i)


def is_cut_off(m: Network, tile: int, dest: int) -> bool:
    """Does no way lead from a router to another?"""
    r = m.routing
    if r.kind != TABLE:
        return False
    return r.table[tile * r.routers + dest] == NO_PATH


def is_lost(m: Network, kind: int, at: int, source: int, sequence: int) -> bool:
    """Whether a fault takes a message: every source counts those of the kind that it sends."""
    taken = False
    for i in range(m.losses):
        if m.loss[3 * i] == kind:
            place = i * (m.host + 1) + source
            if m.seen[place] == m.loss[3 * i + 1] and (m.loss[3 * i + 2] < 0 or m.loss[3 * i + 2] == source):
                taken = True
            m.seen[place] += 1
    if taken:
        m.dropped[kind] += 1
        add(m, hash3(DROP, at * m.unit, source, sequence))
    return taken


def is_refused(m: Network, dest: int, kind: int, at: int, source: int, sequence: int) -> bool:
    """Whether a damaged network drops a packet as it is sent."""
    e = m.endpoints[source]
    if e.dead != 0:
        note_drop(m, DEAD_CORE, kind, at, source, sequence)
        return True
    if dest >= 0 and is_cut_off(m, e.tile, m.endpoints[dest].tile):
        note_drop(m, UNREACHABLE, kind, at, source, sequence)
        return True
    return False


def inject(
    m: Network, source: int, dest: int, kind: int, flits: int, at: int, payload: int, tree: int, layer: int
) -> bool:  # fmt: skip
    """Send a packet from an endpoint at a time that is now or later; False if a fault takes it at once."""
    e = m.endpoints[source]
    sequence = e.sequence
    e.sequence = sequence + 1
    m.sent[kind] += 1
    if m.losses > 0 and is_lost(m, kind, at, source, sequence):
        return False
    if GRID == 0:
        if m.faulty != 0 and is_refused(m, dest, kind, at, source, sequence):
            return False
    start = at
    if ROUTER == QUEUED and m.hold_units > 0:  # without a grid, ideal routers are queued ones that nothing holds
        start = max(at, e.inject)
        e.inject = start + flits * m.hold_units
    latency = m.local_units
    if source == m.host:
        m.host_flits += flits
        latency = m.host_units
    e.flits += flits
    m.local_flits += flits
    i = take_packet(m)
    t = m.packets[i]
    t.key = m.ports_of << PORT_SHIFT | source << SOURCE_SHIFT | sequence
    t.injected = at
    t.when = start - at
    t.payload = payload
    t.tree = tree
    t.dest = dest
    t.tile = e.tile
    t.route = 0
    if GRID == 1 or ROUTER == WORMHOLE:
        if dest >= 0:
            t.route = m.endpoints[dest].tile
    t.flits = flits
    t.landed = 0
    t.kind = kind
    t.cause = 0
    t.layer = layer
    m.work += 1
    if ROUTER == WORMHOLE:
        if at > m.now:
            m.next[i] = put(m, ARRIVE, i, at)
        else:
            join(m, i)
        return True
    m.next[i] = put(m, ARRIVE, i, start + latency)
    return True


def copied(m: Network, i: int) -> int:
    """A copy of a packet."""
    one = take_packet(m)
    t, c = m.packets[i], m.packets[one]
    c.key = t.key
    c.injected = t.injected
    c.when = t.when
    c.payload = t.payload
    c.tree = t.tree
    c.dest = t.dest
    c.tile = t.tile
    c.route = t.route
    c.flits = t.flits
    c.landed = t.landed
    c.kind = t.kind
    c.cause = t.cause
    c.layer = t.layer
    return one


def note_copies(m: Network, i: int, more: int) -> None:
    """So many copies of a packet were made."""
    m.copies[m.packets[i].kind] += more
    m.work += more
    m.program.held(m, i, more)

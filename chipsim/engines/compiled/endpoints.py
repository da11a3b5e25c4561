"""Endpoints: packets come in, operations begin and end."""

from __future__ import annotations

from chipsim.engines.compiled.layout import END, GRID, OWN, ROUTER, SIDE, Network
from chipsim.engines.compiled.queue import put, sort_list
from chipsim.engines.compiled.sending import taken
from chipsim.engines.compiled.sources import drop
from chipsim.jit import prefetch
from chipsim.machine.actions import ACTIONS
from chipsim.machine.digest import DELIVERY, OPERATION
from chipsim.machine.raw import DEAD_CORE
from chipsim.machine.state import (
    BUSY,
    DUE,
    IN_READY,
    KEY_MASK,
    LOG,
    NEED_LOG,
    PACKET_LIST,
    RUNNING,
    SEQUENCE_MASK,
    SOURCE_MASK,
    SOURCE_SHIFT,
    STATE,
    UNSORTED,
    WAITING,
)
from chipsim.machine.tally import add, count_actions, count_all_actions, free_packet, hash3, log_is_full, make_ready
from chipsim.noc.plan import WORMHOLE

INLINE = ("end_operation", "enter", "note_operation", "take_first", "take_new", "waits_for_edge")


def deliver(m: Network) -> bool:
    """Messages whose last flit is there enter the inbox of their endpoint; False if the log has no room for them."""
    now, unit = m.now, m.unit
    i = m.deliver_list
    ahead = m.next[m.next[i]]
    while i != 0:
        t = m.packets[i]
        if m.keep_packets != 0 and log_is_full(m, -1):
            m.deliver_list = i
            return False
        after, endpoint, key = m.next[i], t.dest, t.key
        ahead = m.next[ahead]
        prefetch(m.packets, ahead)
        source = key >> SOURCE_SHIFT & SOURCE_MASK
        if GRID == 0:
            if m.faulty != 0 and (t.cause != 0 or m.endpoints[endpoint].dead != 0):
                drop(m, i, t.cause - 1 if t.cause != 0 else DEAD_CORE)
                i = after
                continue
        m.delivered[t.kind] += 1
        m.endpoints[endpoint].received += 1
        add(m, hash3(DELIVERY, now * unit, endpoint << 32 | source, key & SEQUENCE_MASK))
        if m.keep_packets != 0:
            log_packet(m, i)
        m.left -= 1
        m.last = now
        if m.sinks != 0:
            m.work -= 1
            free_packet(m, i)
            if m.answers != 0:
                m.program.answered(m, endpoint, source)
        else:
            enter(m, endpoint, i)
        i = after
    m.deliver_list = 0
    return True


def enter(m: Network, endpoint: int, i: int) -> None:
    """A packet is at its endpoint, which will look at it in this instant."""
    t, e = m.packets[i], m.endpoints[endpoint]
    t.key &= KEY_MASK
    t.when = m.now
    m.next[i] = 0
    if e.new == 0:
        e.new = i
    else:
        m.next[e.new_tail] = i
        if e.new_last > t.key:
            e.state |= UNSORTED
    e.new_tail = i
    e.new_last = t.key
    make_ready(m, endpoint)


def log_packet(m: Network, i: int) -> None:
    """A delivered packet goes to the list of packets."""
    t = m.packets[i]
    source = t.key >> SOURCE_SHIFT & SOURCE_MASK
    hops, entered = t.route, t.injected + t.when
    if GRID == 1:
        here, there = m.place[m.endpoints[source].tile], m.place[m.endpoints[t.dest].tile]
        hops = abs(here.x - there.x) + abs(here.y - there.y)
    if ROUTER == WORMHOLE:
        hops = t.tile
        entered = ((t.injected + m.clock_units - 1) // m.clock_units + t.when) * m.clock_units
    log, at = m.log, m.logged * LOG
    m.logged += 1
    log[at] = PACKET_LIST
    log[at + 1] = t.injected * m.unit
    log[at + 2] = m.now * m.unit
    log[at + 3] = t.kind
    log[at + 4] = source
    log[at + 5] = t.dest
    log[at + 6] = t.key & SEQUENCE_MASK
    log[at + 7] = t.flits
    log[at + 8] = hops
    log[at + 9] = entered * m.unit


def take_new(m: Network, endpoint: int) -> None:
    """What came in this instant goes behind what was there, in the order (source, sequence number)."""
    e = m.endpoints[endpoint]
    new, tail = e.new, e.new_tail
    if new == 0:
        return
    if e.state & UNSORTED != 0:
        e.state &= ~UNSORTED
        new = sort_list(m, new, KEY_MASK)
        tail = new
        while m.next[tail] != 0:
            tail = m.next[tail]
    if e.inbox == 0:
        e.inbox = new
    else:
        m.next[e.inbox_tail] = new
    e.inbox_tail = tail
    e.new = 0


def take_first(m: Network, endpoint: int) -> None:
    """The first message of an inbox is out of it and its row free; in wormhole networks a credit may go back."""
    e = m.endpoints[endpoint]
    i = e.inbox
    e.inbox = m.next[i]
    if ROUTER == WORMHOLE:
        if m.ejection > 0:
            taken(m, endpoint)
    free_packet(m, i)
    prefetch(m.packets, e.inbox)


def leave_ready(m: Network, endpoint: int) -> None:
    """Out of the list of those with something to do; it is the first of it."""
    m.endpoints[endpoint].state &= ~IN_READY
    m.ready = m.endpoints[endpoint].ready_next


def compute(m: Network) -> int:
    """Everyone with something to do does it; ``RUNNING``, or what there was no room for."""
    while m.ready != 0:
        endpoint = m.ready - 1
        e = m.endpoints[endpoint]
        if log_is_full(m, 1):
            return NEED_LOG
        if e.state & DUE != 0:
            need = m.program.work(m, endpoint)
            if need != RUNNING:
                return need
            e.state &= ~DUE
        take_new(m, endpoint)
        if e.inbox == 0 or e.state & STATE != 0 or waits_for_edge(m, endpoint):
            leave_ready(m, endpoint)
            continue
        packet = e.inbox
        kind = m.packets[packet].kind
        span = m.program.begin(m, endpoint, packet)
        if span < 0:
            return -span
        take_first(m, endpoint)
        if span == 0:
            m.work -= 1
            continue
        operate(m, endpoint, kind, span)
        leave_ready(m, endpoint)
    return RUNNING


def operate(m: Network, endpoint: int, kind: int, span: int) -> None:
    """An operation has begun. What waits in the inbox may be begun ahead of time: it sends nothing, and nothing that comes later is taken
    before it.
    """
    e = m.endpoints[endpoint]
    begin = m.now
    note_operation(m, endpoint, kind, begin, span)
    e.taken = 1
    if m.ahead_allowed != 0 and m.one_by_one == 0:
        while e.inbox != 0 and begin + span < m.limit:
            begin += span
            kind = m.packets[e.inbox].kind
            span = m.program.begin(m, endpoint, e.inbox)
            take_first(m, endpoint)
            note_operation(m, endpoint, kind, begin, span)
            e.taken += 1
            m.ahead = max(m.ahead, begin)
    if OWN > 0:
        count_all_actions(m, endpoint, ACTIONS + OWN)
    else:
        count_actions(m, endpoint)
    e.span = span
    e.end = begin + span
    e.state = e.state & ~STATE | BUSY
    e.next = put(m, END, endpoint + 1, begin + span)


def note_operation(m: Network, endpoint: int, kind: int, begin: int, span: int) -> None:
    """An operation is counted and recorded."""
    e, unit = m.endpoints[endpoint], m.unit
    e.busy += span
    e.operations += 1
    add(m, hash3(OPERATION, begin * unit, (begin + span) * unit, endpoint << 8 | kind))
    m.left -= 1


def waits_for_edge(m: Network, endpoint: int) -> bool:
    """Whether an idle endpoint may not take the first message of its inbox yet: a clocked core waits for the next edge.

    What had come by the edge that its batch belongs to is handled without waiting.
    """
    period = m.edge_units
    if period == 0:
        return False
    e, wait = m.endpoints[endpoint], 0
    if endpoint < m.cores:
        wait = -m.now % period
        if wait > 0 and m.packets[e.inbox].when <= e.edge - 1:
            wait = 0
    if wait > 0:
        e.state = e.state & ~STATE | WAITING
        e.side_next = put(m, SIDE, endpoint + 1, m.now + wait)
        return True
    if m.now % period == 0:
        e.edge = m.now + 1
    return False


def is_late(m: Network, endpoint: int) -> bool:
    """Whether the operation that ends now took its batch over the next edge."""
    if m.edge_units == 0 or endpoint >= m.cores:
        return False
    e = m.endpoints[endpoint]
    beyond = e.edge - 1 + m.edge_units
    return m.now > beyond >= m.now - e.span

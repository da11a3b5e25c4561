"""The event loop: instant by instant, phase by phase, as the model's contract says.

``advance`` goes on until nothing is due, a time is reached, its share of events is used up, or an array is too small. In the last case it comes
back in the middle of an instant, between two components; the caller makes the array larger and calls again.
"""

from __future__ import annotations

from chipsim.engines.compiled.endpoints import compute, deliver, is_late
from chipsim.engines.compiled.landing import land
from chipsim.engines.compiled.layout import (
    ARRIVE,
    ARRIVING,
    BETWEEN,
    COMPUTING,
    DELIVER,
    DELIVERING,
    END,
    ENDING,
    OFFERING,
    ROUTER,
    SIDE,
    STEPPING,
    Network,
)
from chipsim.engines.compiled.network import arrive, glide, leave
from chipsim.engines.compiled.queue import end_side, near_time, schedule, turn, unmark
from chipsim.engines.compiled.routes import add_entries, add_entry, clear_entry
from chipsim.engines.compiled.sending import join_all
from chipsim.engines.compiled.sources import inject
from chipsim.engines.compiled.wormhole import arbitrate
from chipsim.machine.state import (
    AT_LIMIT,
    DEADLOCKED,
    EMPTY,
    FAILED,
    NEED_LOG,
    NEED_PACKETS,
    NEVER,
    RUNNING,
    SLICE,
    STATE,
    WAITING,
)
from chipsim.machine.tally import make_ready
from chipsim.noc.plan import WORMHOLE

__all__ = ["add_entries", "add_entry", "advance", "clear_entry", "end_side", "inject", "schedule"]
EXPORTS = tuple(__all__)

STOOD_STILL = -2
"""Instead of a time: flits are left, and nothing will ever move them."""


def advance(m: Network) -> None:
    """Run until there is a reason to come back, left in ``m.status``."""
    m.status = RUNNING
    while m.status == RUNNING:
        if m.phase == BETWEEN:
            m.status = next_instant(m)
        if m.status == RUNNING and m.phase == DELIVERING:
            m.status = receive(m)
        if m.status == RUNNING and m.phase == ENDING:
            m.status = end_operations(m)
        if m.status == RUNNING and m.phase == OFFERING:
            m.status = offer(m)
        if m.status == RUNNING and m.phase == ARRIVING:
            m.status = route(m)
        if m.status == RUNNING and m.phase == STEPPING:
            m.status = begin_step(m)
        if m.status == RUNNING and m.phase == COMPUTING:
            m.status = compute(m)
            if m.status == RUNNING:
                if m.work == 0 and m.sync_units > 0 and m.step < m.steps and m.step_at == NEVER:
                    m.step_at = m.now + m.sync_units
                m.phase = BETWEEN


def next_instant(m: Network) -> int:
    """Time moves on to when something is due; without wormhole routers, through the instants in which there is only the network."""
    told = min(m.offer_at, m.step_at)
    if ROUTER == WORMHOLE:
        at = next_time(m, told)
        if at == STOOD_STILL:
            return DEADLOCKED
    if ROUTER != WORMHOLE:
        at = glide(m, m.limit, told)
        if at < 0:
            m.phase = ARRIVING
            return FAILED if m.error != 0 else NEED_PACKETS
    if m.error != 0:
        return FAILED
    if at == NEVER:
        return EMPTY
    if at >= m.limit:
        return AT_LIMIT
    if m.left <= 0:
        return SLICE
    open_instant(m, at)
    m.phase = DELIVERING
    return RUNNING


def next_time(m: Network, told: int) -> int:
    """When something is due next, in the queue, in wormhole routers or, told, elsewhere; ``NEVER`` if nothing is."""
    at = min(near_time(m), told)
    while m.far_at != NEVER and m.far_at <= at and (m.net_at < 0 or m.far_at <= m.net_at):
        turn(m)
        at = min(near_time(m), told)
    if m.net_at >= 0:
        if m.deadlocked != 0:
            return STOOD_STILL
        at = min(at, m.net_at)
    return at


def open_instant(m: Network, at: int) -> None:
    """What is due is taken out of the queue."""
    m.now = at
    m.base = at
    slot = at & (m.size - 1)
    m.arrive_list = m.slots[4 * slot + ARRIVE]
    m.deliver_list = m.slots[4 * slot + DELIVER]
    m.end_list = m.slots[4 * slot + END]
    m.side_list = m.slots[4 * slot + SIDE]
    for kind in range(4):
        m.slots[4 * slot + kind] = 0
    unmark(m, 0, slot)


def receive(m: Network) -> int:
    """Packets, flits and credits land."""
    if ROUTER == WORMHOLE:
        join_all(m, m.arrive_list)
        m.arrive_list = 0
        if m.net_at == m.now:
            land(m)
    if m.deliver_list != 0 and not deliver(m):
        return NEED_LOG
    m.phase = ENDING
    return RUNNING


def end_operations(m: Network) -> int:
    """Operations that end release their outputs."""
    while m.end_list != 0:
        endpoint = m.end_list - 1
        need = m.program.release(m, endpoint)
        if need != RUNNING:
            return need
        e = m.endpoints[endpoint]
        m.end_list = e.next
        m.last = m.now
        m.work -= e.taken
        e.state &= ~STATE
        if is_late(m, endpoint):
            e.late += 1
        if e.inbox != 0:
            make_ready(m, endpoint)
    while m.side_list != 0:
        endpoint = m.side_list - 1
        e = m.endpoints[endpoint]
        m.side_list = e.side_next
        if e.state & STATE == WAITING:
            e.state &= ~STATE
        else:
            m.last = m.now
            m.program.side(m, endpoint)
        make_ready(m, endpoint)
    if m.error != 0:
        return FAILED
    m.phase = OFFERING
    return RUNNING


def offer(m: Network) -> int:
    """The outside world sends."""
    if m.offer_at == m.now:
        need = m.program.offer(m)
        if need != RUNNING:
            return need
    m.phase = ARRIVING
    return RUNNING


def route(m: Network) -> int:
    """Routers act."""
    if ROUTER == WORMHOLE:
        if m.net_at == m.now and not arbitrate(m):
            return FAILED if m.error != 0 else NEED_PACKETS
    if m.arrive_list != 0:
        if arrive(m) != 0:
            return FAILED if m.error != 0 else NEED_PACKETS
        leave(m)
    m.phase = STEPPING
    return RUNNING


def begin_step(m: Network) -> int:
    """A step begins, if this is its time."""
    if m.step_at == m.now:
        need = m.program.step(m)
        if need != RUNNING:
            return need
        m.step += 1
        m.step_at = NEVER
        if m.tick_units > 0 and m.step < m.steps:
            m.step_at = m.now + m.tick_units
        if m.error != 0:
            return FAILED
    m.phase = COMPUTING
    return RUNNING

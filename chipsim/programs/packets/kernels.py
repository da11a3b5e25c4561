"""Given packets leave their sources at given times; a core takes each in by an operation, or sinks take them at once."""

from __future__ import annotations

from chipsim.jit.records import I64, Column, Handle
from chipsim.machine.actions import A_MESSAGE
from chipsim.machine.hooks import held, release, side, step, work
from chipsim.machine.state import NEED_PACKETS, NEVER, RUNNING, Machine
from chipsim.programs.packets.messages import DATA

__all__ = ["answered", "begin", "held", "offer", "release", "side", "step", "work"]
EXPORTS = tuple(__all__)

TIME, SOURCE, TARGET, FLITS = range(4)
COLUMNS = 4


class Given(Handle):
    """What the program keeps.

    Attributes:
        window: packets of one source on the way at most, 0: no limit.
        cursor, count: next packet, and how many there are.
        traffic: time, source, destination, flits of each; of one that waits, for room in the window or for its release, its time is 1 + the
            next such one.
        away: packets of each source that are on the way or released; first, last: 1 + those of its packets that wait for room.
        released: with a window, 1 + when each packet is released; next, latest: 1 + those that a delivery has released, but not yet.
    """

    window: I64
    cursor: I64
    count: I64
    traffic: Column[I64]
    away: Column[I64]
    first: Column[I64]
    last: Column[I64]
    released: Column[I64]
    next: I64
    latest: I64


def begin(m: Machine, endpoint: int, packet: int) -> int:
    """A packet is taken in."""
    m.act[A_MESSAGE] += 1
    return max(1, m.action_units[A_MESSAGE])


def offer(m: Machine) -> int:
    """Packets whose time has come are sent."""
    own: Given = m.own
    traffic = own.traffic
    while own.next != 0 and own.released[own.next - 1] == m.now + 1:
        if m.free_packets < 1:
            return NEED_PACKETS
        n = own.next - 1
        own.next = traffic[n * COLUMNS + TIME]
        send(m, n)
    n = own.cursor
    while n < own.count and traffic[n * COLUMNS + TIME] == m.now:
        if m.free_packets < 1:
            own.cursor = n
            return NEED_PACKETS
        if own.window == 0 or has_room(m, n):
            send(m, n)
        n += 1
    own.cursor = n
    m.offer_at = traffic[n * COLUMNS + TIME] if n < own.count else NEVER
    if own.next != 0:
        m.offer_at = min(m.offer_at, own.released[own.next - 1] - 1)
    return RUNNING


def send(m: Machine, n: int) -> None:
    """A packet leaves now."""
    own: Given = m.own
    row = n * COLUMNS
    source, dest, flits = own.traffic[row + SOURCE], own.traffic[row + TARGET], own.traffic[row + FLITS]
    m.services.inject(m, source, dest, DATA, flits, m.now, 0, 0, 0)


def has_room(m: Machine, n: int) -> bool:
    """Whether a source may send its next packet; if not, the packet joins those that wait."""
    own: Given = m.own
    source = own.traffic[n * COLUMNS + SOURCE]
    if own.away[source] < own.window:
        own.away[source] += 1
        own.released[n] = m.now + 1
        return True
    if own.first[source] == 0:
        own.first[source] = n + 1
    else:
        own.traffic[(own.last[source] - 1) * COLUMNS + TIME] = n + 1
    own.last[source] = n + 1
    own.traffic[n * COLUMNS + TIME] = 0
    return False


def answered(m: Machine, endpoint: int, source: int) -> None:
    """A packet of a source with a window is delivered: what waits for that is released a ``flit_time`` from now, as the last so far."""
    own: Given = m.own
    n = own.first[source] - 1
    if n < 0:
        own.away[source] -= 1
        return
    own.first[source] = own.traffic[n * COLUMNS + TIME]
    own.released[n] = m.now + m.flit_units + 1
    own.traffic[n * COLUMNS + TIME] = 0
    if own.next == 0:
        own.next = n + 1
    else:
        own.traffic[(own.latest - 1) * COLUMNS + TIME] = n + 1
    own.latest = n + 1
    m.offer_at = min(m.offer_at, m.now + m.flit_units)

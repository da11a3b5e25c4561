"""Kernels that the engine and programs share: hashes and their sums, the log, free rows of packets, what operations count."""

from __future__ import annotations

from chipsim.jit import prefetch, wrap
from chipsim.machine.actions import ACTIONS, TIMED
from chipsim.machine.digest import MULTIPLIER
from chipsim.machine.state import DUE, IN_READY, LOG, Machine

FACTOR = MULTIPLIER - (1 << 64)
HALF = 0xFFFFFFFF
INLINE = ("add", "begin", "close", "fold", "free_packet", "hash3", "make_ready", "take_packet")


def begin(kind: int) -> int:
    """Hash of a record of a kind, before its fields."""
    return wrap(kind * FACTOR)


def fold(h: int, word: int) -> int:
    """Take a field in."""
    h = wrap((h ^ word) * FACTOR)
    return h ^ (h >> 32 & HALF)


def close(h: int) -> int:
    """The finished hash."""
    h = wrap(h * FACTOR)
    return h ^ (h >> 29 & 0x7FFFFFFFF)


def hash3(kind: int, a: int, b: int, c: int) -> int:
    """Hash of a record with three fields."""
    return close(fold(fold(fold(begin(kind), a), b), c))


def add(m: Machine, h: int) -> None:
    """Add a hash to the digest; in halves, which cannot overflow within a slice."""
    m.low += h & HALF
    m.high += h >> 32 & HALF
    m.count += 1


def add_decision(m: Machine, h: int) -> None:
    """Add a hash to the functional part."""
    m.low_decided += h & HALF
    m.high_decided += h >> 32 & HALF


def log_row(m: Machine, name: int, a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: int) -> None:
    """One row for a list of the results; the caller has seen to room."""
    log = m.log
    at = m.logged * LOG
    m.logged += 1
    log[at] = name
    log[at + 1] = a
    log[at + 2] = b
    log[at + 3] = c
    log[at + 4] = d
    log[at + 5] = e
    log[at + 6] = f
    log[at + 7] = g
    log[at + 8] = h


def log_is_full(m: Machine, rows: int) -> bool:
    """Whether the log has no room for more than so many rows."""
    return (m.logged + rows + 1) * LOG >= len(m.log)


def take_packet(m: Machine) -> int:
    """A row for a packet that was free."""
    i = m.free_packet
    m.free_packet = m.next[i]
    m.free_packets -= 1
    prefetch(m.packets, m.next[m.next[m.free_packet]])
    return i


def free_packet(m: Machine, i: int) -> None:
    """Free the row of a packet."""
    m.next[i] = m.free_packet
    m.free_packet = i
    m.free_packets += 1


def make_ready(m: Machine, endpoint: int) -> None:
    """Into the list of those that are looked at in the compute phase."""
    e = m.endpoints[endpoint]
    if e.state & IN_READY == 0:
        e.state |= IN_READY
        e.ready_next = m.ready
        m.ready = endpoint + 1


def make_due(m: Machine, endpoint: int) -> None:
    """The other side of an endpoint has something to begin in the compute phase."""
    m.endpoints[endpoint].state |= DUE
    make_ready(m, endpoint)


def duration(m: Machine) -> int:
    """Units that the counted actions take."""
    act, units = m.act, m.action_units
    span = 0
    for action in range(TIMED):
        span += act[action] * units[action]
    return span


def count_all_actions(m: Machine, endpoint: int, counted: int) -> None:
    """As `count_actions`, with those of the program's own; ``counted``: how many in all."""
    act, actions = m.act, m.actions
    at = endpoint * counted
    for action in range(counted):
        actions[at + action] += act[action]
        act[action] = 0


def count_actions(m: Machine, endpoint: int) -> None:
    """What an operation counted goes to its endpoint."""
    act, actions = m.act, m.actions
    at = endpoint * ACTIONS
    for action in range(ACTIONS):
        actions[at + action] += act[action]
        act[action] = 0

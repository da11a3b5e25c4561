"""A sleeper reads a layer's input from the tape: the longest vector at each item or the item alone, and counts or notes what it reads."""

from __future__ import annotations

from chipsim.ids import neuron_id
from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F1, F2, F3, F4
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.interval import interval_class
from chipsim.programs.nsn.sleep_messages import COUNT, USE, WALK
from chipsim.programs.nsn.sleep_roll import ask, get, home_of, node_core, put
from chipsim.programs.nsn.sleep_rows import A_NODE, SIZES, UNIT, WINDOW
from chipsim.programs.nsn.sleep_stages import (
    COUNTING,
    COUNTS,
    DO_READ,
    DO_READ_OVER,
    FETCHING,
    USES,
    USING,
    WALKING,
    WRITING,
)
from chipsim.programs.nsn.state import PAIRS, Constants

NEVER = -1


def begin_reading(m: Core, c: int, mode: int) -> None:
    """From the first item on, for a purpose."""
    s = m.sleepers[c]
    s.mode = mode
    s.at = 0
    s.held = 0
    s.out = 0
    s.left_size = 0
    s.last_left = NEVER
    s.todo = DO_READ


def do_read(K: Constants, m: Core, c: int, out: Ints, act: Ints) -> None:
    """The next unit."""
    s = m.sleepers[c]
    s.pos = 0
    s.best = 0
    s.size = 1
    s.node = s.layer
    look(K, m, c, out, act)


def look(K: Constants, m: Core, c: int, out: Ints, act: Ints) -> None:
    """Go on with the next item, if it may be part of the vector."""
    s = m.sleepers[c]
    number = s.at + s.pos
    if number == s.items:
        if s.pos == 0:
            s.todo = DO_READ_OVER
        else:
            unit(K, m, c, out, act)
        return
    if s.pos == s.held:
        s.stage = FETCHING
        get(K, m, c, number, out)
        return
    act[A_READ] += 1
    item = m.window[c * WINDOW + number % WINDOW]
    if s.made == 0 or item.id < 0 or (s.pos > 0 and not joined(K, m, c, number)):
        unit(K, m, c, out, act)
        return
    cls = class_of(K, m, c, number) if s.pos > 0 else 0
    s.stage = WALKING
    ask(K, out, home_of(K, m, c, A_NODE, s.node, item.id, cls), WALK, s.node, item.id, cls)


def fetched(K: Constants, m: Core, c: int, msg: Row, act: Ints) -> None:
    """An item of the tape comes into the window."""
    s = m.sleepers[c]
    item = m.window[c * WINDOW + (s.at + s.held) % WINDOW]
    item.id = msg[F1]
    item.end = msg[F2]
    item.start = msg[F3]
    item.begins = msg[F4]
    s.held += 1
    act[A_WRITE] += 1


def gap(K: Constants, m: Core, c: int, number: int) -> int:
    """The interval before an item: exact ones from end to end, the others from end to start."""
    here, before = m.window[c * WINDOW + number % WINDOW], m.window[c * WINDOW + (number - 1) % WINDOW]
    return (here.end if K.gaps < 0 else here.start) - before.end


def class_of(K: Constants, m: Core, c: int, number: int) -> int:
    """Class of the interval before an item."""
    return interval_class(gap(K, m, c, number), K.interval, K.unit)


def joined(K: Constants, m: Core, c: int, number: int) -> bool:
    """May a vector go on to an item from the one before?"""
    if m.window[c * WINDOW + number % WINDOW].begins:
        return False
    return K.max_gap == 0 or gap(K, m, c, number) <= K.max_gap


def walked(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """A beginning of vectors goes on with the item, or none does."""
    s = m.sleepers[c]
    if msg[F1] == 0:
        unit(K, m, c, out, act)
        return
    s.node = msg[F1]
    s.pos += 1
    if msg[F2] > 0:
        s.best = msg[F1]
        s.size = s.pos
        s.ordinal = msg[F3] - 1
    if s.pos == PAIRS:
        unit(K, m, c, out, act)
    else:
        look(K, m, c, out, act)


def unit(K: Constants, m: Core, c: int, out: Ints, act: Ints) -> None:
    """A unit ends: it is counted with the one before it, noted, or written."""
    s = m.sleepers[c]
    at, size = s.at, s.size
    here, last = m.window[c * WINDOW + at % WINDOW], m.window[c * WINDOW + (at + size - 1) % WINDOW]
    s.todo = DO_READ
    act[A_READ] += 1
    s.at += size
    s.held -= size
    if s.mode == COUNTS:
        right = UNIT + s.best * SIZES + size if s.best else here.id
        pair(K, m, c, at, right, size, out)
    elif s.mode == USES:
        if s.best:
            s.todo = 0
            s.stage = USING
            ask(K, out, node_core(K, s.best), USE, s.best, last.end)
    else:
        s.todo = 0
        s.stage = WRITING
        fired = neuron_id(s.layer, s.ordinal) if s.best else here.id
        put(K, m, c, out, s.out, fired, last.end, here.start, here.begins)
        s.out += 1


def pair(K: Constants, m: Core, c: int, at: int, right: int, size: int, out: Ints) -> None:
    """Count a unit with the one before it, unless it overlaps with the digram that was counted just before."""
    s = m.sleepers[c]
    left = s.left
    fits = s.left_size > 0 and s.left_size + size <= PAIRS and joined(K, m, c, at)
    s.left = right
    s.left_size = size
    if not fits:
        s.last_left = NEVER
        return
    cls = class_of(K, m, c, at)
    if s.last_left == left and s.last_right == right and s.last_cls == cls:
        s.last_left = NEVER
        return
    s.last_left = left
    s.last_right = right
    s.last_cls = cls
    s.todo = 0
    s.stage = COUNTING
    ask(K, out, home_of(K, m, c, left, 0, right, cls), COUNT, left, right, cls, at)

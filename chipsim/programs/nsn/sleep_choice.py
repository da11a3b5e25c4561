"""Passes of a sleep: of the digrams that were counted, the most frequent first, those that are frequent enough become vectors."""

from __future__ import annotations

from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F1, F2, F3, F4, F5
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.sleep_messages import BEST, FORGET, UP
from chipsim.programs.nsn.sleep_reading import begin_reading
from chipsim.programs.nsn.sleep_roll import ask, bed, node_core
from chipsim.programs.nsn.sleep_rows import NODES, SIZES, UNIT
from chipsim.programs.nsn.sleep_stages import (
    CHOOSING,
    CHOOSING_ANEW,
    COUNTS,
    DO_ENTER,
    DO_LAYER,
    DO_PASS_OVER,
    DO_PICK,
    DO_PICKED,
    DO_REPLACE,
    DO_USES,
    FLATTENING,
    FORGETTING,
)
from chipsim.programs.nsn.state import PAIRS, Constants

MOST = 1 << 40
"""More than anything is counted."""


def do_choose(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Ask the first home core for its best digram."""
    s = m.sleepers[c]
    s.home = 0
    s.stage = CHOOSING
    ask(K, out, bed(K, m, c, 0), BEST, MOST, -1)


def keep_choice(K: Constants, m: Core, c: int, home: int, msg: Row, act: Ints) -> None:
    """What a home core has to offer."""
    one = m.picks[c * K.key_homes + home]
    one.count = msg[F1]
    one.place = msg[F2]
    one.left = msg[F3]
    one.right = msg[F4]
    one.cls = msg[F5]
    act[A_WRITE] += 1


def chosen(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """The best digram of a home core; when all are known the vectors are made."""
    s = m.sleepers[c]
    keep_choice(K, m, c, s.home, msg, act)
    s.home += 1
    if s.home < s.homes:
        ask(K, out, bed(K, m, c, s.home), BEST, MOST, -1)
        return
    if s.threshold == 0:
        plan_passes(K, m, c)
    s.todo = DO_PICK


def plan_passes(K: Constants, m: Core, c: int) -> None:
    """Thresholds: the commonest digram's count, then five sevenths of the one before, down to the least; no pass if it is below that."""
    s, most = m.sleepers[c], 0
    for home in range(m.sleepers[c].homes):
        most = max(most, m.picks[c * K.key_homes + home].count)
    s.threshold = most
    s.runs = 0
    if most >= K.often:
        s.runs = 1
        while most > K.often:
            most = max(K.often, 5 * most // 7)
            s.runs += 1
    else:
        s.threshold = MOST


def do_pick(K: Constants, m: Core, c: int, out: Ints, act: Ints) -> None:
    """The best digram of all: the pairs of its right unit, then those of the left one, become a vector."""
    s, best = m.sleepers[c], 0
    for home in range(1, s.homes):
        a, b = m.picks[c * K.key_homes + home], m.picks[c * K.key_homes + best]
        if a.count > b.count or (a.count == b.count and a.place < b.place):
            best = home
    act[A_READ] += m.sleepers[c].homes
    one = m.picks[c * K.key_homes + best]
    if one.count == 0 or one.count < s.threshold:
        s.todo = DO_PASS_OVER
        return
    s.pick = best
    s.part = PAIRS
    if one.right >= UNIT:
        s.stage = FLATTENING
        node = (one.right - UNIT) // SIZES
        ask(K, out, node_core(K, node), UP, node)
        return
    add_part(m, c, one.right, one.cls)
    flat(K, m, c)


def add_part(m: Core, c: int, neuron: int, cls: int) -> None:
    """A pair before those that are known."""
    s = m.sleepers[c]
    s.part -= 1
    part = m.parts[c * PAIRS + s.part]
    part.id = neuron
    part.cls = cls


def flattened(K: Constants, m: Core, c: int, msg: Row, out: Ints) -> None:
    """A pair of the right unit, from the last one on."""
    s = m.sleepers[c]
    add_part(m, c, msg[F2], msg[F3])
    if msg[F1] >= NODES:
        ask(K, out, node_core(K, msg[F1]), UP, msg[F1])
    else:
        m.parts[c * PAIRS + s.part].cls = m.picks[c * K.key_homes + s.pick].cls
        flat(K, m, c)


def flat(K: Constants, m: Core, c: int) -> None:
    """The left unit is an item alone, or a node from which the vector goes on."""
    s = m.sleepers[c]
    left = m.picks[c * K.key_homes + s.pick].left
    if left < UNIT:
        add_part(m, c, left, 0)
        s.parent = s.layer
    else:
        s.parent = (left - UNIT) // SIZES
    s.number = s.made + 1
    s.old = 0
    s.then = DO_PICKED
    s.todo = DO_ENTER


def do_picked(K: Constants, m: Core, c: int, out: Ints) -> None:
    """The vector is there; its home core is asked for its next digram."""
    s = m.sleepers[c]
    s.made += s.freed
    one = m.picks[c * K.key_homes + s.pick]
    s.stage = CHOOSING_ANEW
    ask(K, out, bed(K, m, c, s.pick), BEST, one.count, one.place)


def do_pass_over(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Counters are forgotten."""
    s = m.sleepers[c]
    s.home = 0
    s.stage = FORGETTING
    ask(K, out, bed(K, m, c, 0), FORGET)


def forgotten(K: Constants, m: Core, c: int, out: Ints) -> None:
    """When all are, the next pass begins, or the layer's vectors are used."""
    s = m.sleepers[c]
    s.home += 1
    if s.home < s.homes:
        ask(K, out, bed(K, m, c, s.home), FORGET)
        return
    s.run += 1
    s.threshold = max(K.often, 5 * s.threshold // 7)
    next_pass(K, m, c)


def next_pass(K: Constants, m: Core, c: int) -> None:
    """Count for the next pass if it is the layer's."""
    s = m.sleepers[c]
    if s.run < s.runs and K.asleep + (K.layers + 1 - K.asleep) * s.run // s.runs == s.layer:
        begin_reading(m, c, COUNTS)
    else:
        s.todo = DO_USES if s.made > 0 else DO_LAYER


def do_layer(K: Constants, m: Core, c: int) -> None:
    """The next layer, or when all are done the old network is replaced."""
    s = m.sleepers[c]
    s.layer += 1
    s.made = 0
    if s.layer > K.layers:
        s.todo = DO_REPLACE
    else:
        next_pass(K, m, c)

"""Behind the passes of a layer: vectors that fire less than twice are freed, the others get their ordinals."""

from __future__ import annotations

from chipsim.machine.actions import A_READ
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, emit
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.messages import MAKE
from chipsim.programs.nsn.sleep_choice import keep_choice
from chipsim.programs.nsn.sleep_messages import GIVE, LIST, RESET, SWEEP
from chipsim.programs.nsn.sleep_reading import begin_reading
from chipsim.programs.nsn.sleep_roll import ask, bed, node_core
from chipsim.programs.nsn.sleep_stages import (
    ASKING_ORDINAL,
    DO_GROW,
    DO_LIST,
    DO_ORDINALS,
    DO_USES,
    GIVING,
    GROWS,
    LISTING,
    LISTING_ANEW,
    RESETTING,
    SETTING_ORDINAL,
    SWEEPING,
    USES,
)
from chipsim.programs.nsn.state import Constants

ORDINAL_ONLY = -1
"""In place of a position: the root is asked for its next ordinal, or told."""


def do_uses(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Begin to count how often each vector fires."""
    s = m.sleepers[c]
    s.home = 0
    s.stage = RESETTING
    ask(K, out, bed(K, m, c, 0), RESET, s.layer)


def reset(K: Constants, m: Core, c: int, out: Ints) -> None:
    """When all home cores have, the layer's input is read."""
    s = m.sleepers[c]
    s.home += 1
    if s.home < s.homes:
        ask(K, out, bed(K, m, c, s.home), RESET, s.layer)
    else:
        begin_reading(m, c, USES)


def sweep(K: Constants, m: Core, c: int, out: Ints) -> None:
    """The reading is over: free what fired less than twice."""
    s = m.sleepers[c]
    s.home = 0
    s.freed = 0
    s.stage = SWEEPING
    ask(K, out, bed(K, m, c, 0), SWEEP, s.layer)


def swept(K: Constants, m: Core, c: int, msg: Row, out: Ints) -> None:
    """If any was freed, read again; else ordinals are given."""
    s = m.sleepers[c]
    s.freed += msg[F1]
    s.home += 1
    if s.home < s.homes:
        ask(K, out, bed(K, m, c, s.home), SWEEP, s.layer)
    else:
        s.todo = DO_USES if s.freed > 0 else DO_ORDINALS


def tell_root(K: Constants, m: Core, c: int, ordinal: int, out: Ints) -> None:
    """Ask the layer's root for its next ordinal (-1), or set it."""
    layer = m.sleepers[c].layer
    emit(out, MAKE, K.root_core[layer], layer, ORDINAL_ONLY, 0, 0, 0, ordinal)


def do_ordinals(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Ask for the layer's next ordinal."""
    m.sleepers[c].stage = ASKING_ORDINAL
    tell_root(K, m, c, -1, out)


def ordinal_known(m: Core, c: int, msg: Row) -> None:
    """The first ordinal that the layer has never given."""
    s = m.sleepers[c]
    s.following = msg[F0]
    s.todo = DO_LIST


def do_list(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Ask the first home core for the first of the layer's vectors."""
    s = m.sleepers[c]
    s.home = 0
    s.stage = LISTING
    ask(K, out, bed(K, m, c, 0), LIST, s.layer, 0)


def listed(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """The first vector of a home core."""
    s = m.sleepers[c]
    keep_choice(K, m, c, s.home, msg, act)
    s.home += 1
    if s.home < s.homes:
        ask(K, out, bed(K, m, c, s.home), LIST, s.layer, 0)
    else:
        take_first(K, m, c, out, act)


def first_made(K: Constants, m: Core, c: int, act: Ints) -> int:
    """Home core of the vector that was made first of those that are left, -1: none is left."""
    best = -1
    for home in range(m.sleepers[c].homes):
        number = m.picks[c * K.key_homes + home].count
        if number > 0 and (best < 0 or number < m.picks[c * K.key_homes + best].count):
            best = home
    act[A_READ] += m.sleepers[c].homes
    return best


def take_first(K: Constants, m: Core, c: int, out: Ints, act: Ints) -> None:
    """Give the next vector an ordinal if it has none, or grow its neuron."""
    s = m.sleepers[c]
    s.pick = first_made(K, m, c, act)
    if s.mode == GROWS:
        s.todo = DO_GROW
        return
    if s.pick < 0:
        s.stage = SETTING_ORDINAL
        tell_root(K, m, c, s.following, out)
        return
    one = m.picks[c * K.key_homes + s.pick]
    if one.left == 0:
        s.stage = GIVING
        ask(K, out, node_core(K, one.place), GIVE, one.place, s.following)
        s.following += 1
    else:
        list_anew(K, m, c, out)


def list_anew(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Ask the home core of the vector that was taken for the next one."""
    s = m.sleepers[c]
    s.stage = LISTING_ANEW
    ask(K, out, bed(K, m, c, s.pick), LIST, s.layer, m.picks[c * K.key_homes + s.pick].count)


def listed_anew(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """The next vector of that home core."""
    keep_choice(K, m, c, m.sleepers[c].pick, msg, act)
    take_first(K, m, c, out, act)

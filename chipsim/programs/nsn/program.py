"""What a core does with a message: the one place that knows which program handles which kind."""

from __future__ import annotations

from chipsim.machine.actions import A_MESSAGE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, KIND, LAYER
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.depart import depart, history, imported, joined, kept, relinked, split, take_in, withdrawn, wrote
from chipsim.programs.nsn.grow import grow
from chipsim.programs.nsn.hear import hear
from chipsim.programs.nsn.home import asked
from chipsim.programs.nsn.inhibit import child_vote, inhibit, spread
from chipsim.programs.nsn.keyed import key_open, key_probe, key_write
from chipsim.programs.nsn.link import add_child, link, relink, set_home, set_parent, set_route
from chipsim.programs.nsn.match import child_answer, spike
from chipsim.programs.nsn.messages import (
    ADD_CHILD,
    ANSWER,
    ASK,
    CLEAR_ROUTE,
    CONTEST,
    CROWDED,
    DEPART,
    DEPARTED,
    ERASE,
    ESCAPED,
    FIRE,
    GROW,
    HEAR,
    HISTORY,
    IMPORT,
    IMPORTED,
    INHIBIT,
    ITEM,
    JOINED,
    KEEPER,
    KEPT,
    KEY_OPEN,
    KEY_PROBE,
    KEY_WRITE,
    LINK,
    MADE,
    MAKE,
    MOVED,
    PAUSE,
    PRESENT,
    PRIME,
    READY,
    RECORD,
    RECORDED,
    RELINK,
    RELINKED,
    RESUME,
    SET_HOME,
    SET_NODE,
    SET_PARENT,
    SET_ROUTE,
    SETTLED,
    SPIKE,
    SPLIT,
    TOLD,
    UNLINK,
    UNLINKED,
    VOTE,
    VOTED,
    WITHDRAW,
    WITHDRAWN,
    WROTE,
)
from chipsim.programs.nsn.present import fire, present
from chipsim.programs.nsn.record import keep, keeper, record, recorded
from chipsim.programs.nsn.root import root_message
from chipsim.programs.nsn.sleeper import begin_sleep, told
from chipsim.programs.nsn.state import ROOM, SCALARS, USED, Constants, Root
from chipsim.programs.nsn.sums import child_sum, sum_spike
from chipsim.programs.nsn.unlink import clear_route, set_node, unlink
from chipsim.programs.nsn.withdraw import erase, take_back, unlinked

TO_ROOTS = (READY, DEPARTED, PAUSE, MOVED, RESUME, SETTLED, CROWDED, PRIME, VOTED, MAKE)
"""Kinds with a second header which are for roots."""


def core_message(K: Constants, m: Core, c: int, r: Root, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """Handle one message at a core.

    ``m`` and ``c`` are the core's memory and its base; ``r`` and ``b`` those of the role that the message's layer names, used only by
    messages to a root. Outputs go to ``out``, counted actions to ``act``.
    """
    kind = msg[KIND]
    act[A_MESSAGE] += 1
    if kind == SPIKE:
        if K.sums[msg[LAYER]]:
            sum_spike(K, m, c, msg, out, act)
        else:
            spike(K, m, c, msg, out, act)
    elif kind == ANSWER:
        if K.sums[msg[LAYER]]:
            child_sum(K, m, c, msg, out, act)
        else:
            child_answer(K, m, c, msg, out, act)
    elif kind == PRESENT:
        present(K, m, c, msg, out, act)
    elif kind == KEY_PROBE:
        key_probe(K, m, c, msg, out, act)
    elif kind == FIRE:
        fire(K, m, c, msg, out, act)
    elif kind == GROW:
        grow(K, m, c, msg, out, act)
    elif kind == LINK:
        link(K, m, c, msg, out, act)
    elif kind == WROTE:
        wrote(K, m, c, msg, out, act)
    elif kind == SET_PARENT:
        set_parent(K, m, c, msg, out, act)
    elif kind == SET_ROUTE:
        set_route(K, m, c, msg, out, act)
    elif kind == ADD_CHILD:
        add_child(K, m, c, msg, out, act)
    elif kind == KEY_WRITE:
        key_write(K, m, c, msg, out, act)
    elif kind == KEY_OPEN:
        key_open(K, m, c, msg, out, act)
    elif kind == ERASE:
        erase(K, m, c, msg, out, act)
    elif kind == HEAR:
        hear(r, b, act)
    elif kind == RECORD:
        keep(K, m, c, msg, out, act)
    elif kind in (VOTE, CONTEST, INHIBIT):
        contest_message(K, m, c, msg, out, act)
    elif kind == ASK:
        asked(K, m, c, msg, out, act)
    elif kind in (TOLD, MADE):
        told(K, m, c, r, b, msg, out, act)
    elif kind in (RECORDED, KEEPER) or (kind == ITEM and msg[LAYER] == K.layers + 1):
        keeper_message(K, m, c, r, b, msg, out, act)
    elif kind >= ESCAPED and kind not in TO_ROOTS:
        move_message(K, m, c, msg, out, act)
    else:
        used = b * SCALARS + USED
        own = m.ledgers[c]
        own.used -= r.scalar[used]  # a root shares its core's memory: it is told the room, and what it takes is charged
        r.scalar[b * SCALARS + ROOM] = K.memory_bits - own.used - r.scalar[used]
        root_message(K, r, b, msg[LAYER], msg, out, act)
        own.used += r.scalar[used]


def contest_message(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """Handle a message about candidates that drop out bit by bit, at a core."""
    kind = msg[KIND]
    if kind == VOTE:
        child_vote(K, m, c, msg, out, act)
    elif kind == CONTEST:
        spread(K, m, c, msg, out, act)
    else:
        inhibit(K, m, c, msg, out, act)


def keeper_message(K: Constants, m: Core, c: int, r: Root, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """Handle a message to the record keeper; behind the last item the network may sleep."""
    kind = msg[KIND]
    if kind == ITEM:
        record(K, m, c, r, b, msg, out, act)
    elif kind == RECORDED:
        recorded(K, r, b, msg[LAYER], msg[F0], msg[F1], out)
    else:
        keeper(K, r, b, msg[LAYER], msg[F0], out, act)
    begin_sleep(K, m, c, r, b, out)


def move_message(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """Handle a message about neurons that move, at a core."""
    kind = msg[KIND]
    if kind == SPLIT:
        split(K, m, c, msg, out, act)
    elif kind == DEPART:
        depart(K, m, c, msg, out, act)
    elif kind == IMPORT:
        take_in(K, m, c, msg, out, act)
    elif kind == IMPORTED:
        imported(K, m, c, msg, out, act)
    elif kind == JOINED:
        joined(K, m, c, msg, out, act)
    elif kind == HISTORY:
        history(K, m, c, msg, out, act)
    elif kind == KEPT:
        kept(K, m, c, msg, out, act)
    elif kind == RELINK:
        relink(K, m, c, msg, out, act)
    elif kind == RELINKED:
        relinked(K, m, c, msg, out, act)
    elif kind == SET_HOME:
        set_home(K, m, c, msg, out, act)
    elif kind == UNLINK:
        unlink(K, m, c, msg, out, act)
    elif kind == UNLINKED:
        unlinked(K, m, c, msg, out, act)
    elif kind == SET_NODE:
        set_node(K, m, c, msg, out, act)
    elif kind == CLEAR_ROUTE:
        clear_route(K, m, c, msg, out, act)
    elif kind == WITHDRAW:
        take_back(K, m, c, msg, out, act)
    elif kind == WITHDRAWN:
        withdrawn(K, m, c, msg, out, act)

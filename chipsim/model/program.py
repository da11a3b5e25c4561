"""What a core does with a message: the one place that knows which program handles which kind."""

from __future__ import annotations

from chipsim.model.grow import erase, grow
from chipsim.model.keyed import key_open, key_probe, key_write
from chipsim.model.link import add_child, link, set_parent, set_route, wrote
from chipsim.model.match import child_answer, spike
from chipsim.model.messages import (
    ADD_CHILD,
    ANSWER,
    ERASE,
    FIRE,
    GROW,
    ITEM,
    KEY_OPEN,
    KEY_PROBE,
    KEY_WRITE,
    KIND,
    LAYER,
    LINK,
    PRESENT,
    SET_PARENT,
    SET_ROUTE,
    SPIKE,
    WROTE,
)
from chipsim.model.present import fire, present
from chipsim.model.record import record
from chipsim.model.root import root_message
from chipsim.model.state import A_MESSAGE, ROOM, SCALARS, USED, Constants, Core, Ints, Root, Row


def core_message(K: Constants, m: Core, c: int, r: Root, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """Handle one message at a core.

    ``m`` and ``c`` are the core's memory and its base; ``r`` and ``b`` those of the role that the message's layer names, used only by
    messages to a root. Outputs go to ``out``, counted actions to ``act``.
    """
    kind = msg[KIND]
    act[A_MESSAGE] += 1
    if kind == SPIKE:
        spike(K, m, c, msg, out, act)
    elif kind == ANSWER:
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
    elif kind == ITEM and msg[LAYER] > K.layers:
        record(K, m, c, r, b, msg, out, act)
    else:
        used = b * SCALARS + USED
        m.used[c] -= r.scalar[used]  # a root shares its core's memory: it is told the room, and what it takes is charged
        r.scalar[b * SCALARS + ROOM] = K.memory_bits - m.used[c] - r.scalar[used]
        root_message(K, r, b, msg[LAYER], msg, out, act)
        m.used[c] += r.scalar[used]

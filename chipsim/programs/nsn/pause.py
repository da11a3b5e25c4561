"""The layers above stop while neurons of a layer move: nobody presents a neuron, or links to it, that is between two cores.

PAUSE goes from root to root upwards, each passing it on at its next *safe point*: when it waits for items or is between two segments, it
has no question open and no item on the way. The topmost tells the root of the layer. MOVED takes a new address the same way to the items
that roots have buffered, RESUME lets them go on. A root that moves neurons of its own first ends that, so of two that want to stop the same
roots the upper one goes first, and neither waits for the other.
"""

from __future__ import annotations

from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, emit
from chipsim.programs.nsn.messages import MOVED, PAUSE, SETTLED
from chipsim.programs.nsn.state import (
    HELD,
    HOLD,
    NEED_END,
    NEED_ITEM,
    NEED_NEXT,
    NEED_RUN,
    PHASE,
    RECEIVED,
    RESTART,
    RING,
    SCALARS,
    START,
    Constants,
    Root,
)


def at_rest(phase: int) -> bool:
    """Is it a phase in which a root waits for items alone?"""
    return phase in (NEED_ITEM, NEED_NEXT, NEED_RUN, NEED_END, RESTART)


def upwards(K: Constants, kind: int, layer: int, mover: int, f0: int, f1: int, out: Ints) -> None:
    """Pass something on to the root above ``layer``, or tell the root of the layer whose neurons move that all have it."""
    if layer == K.layers:
        emit(out, SETTLED, K.root_core[mover], mover)
    elif kind == MOVED:
        emit(out, MOVED, K.root_core[layer + 1], layer + 1, f0, f1, mover)
    else:
        emit(out, kind, K.root_core[layer + 1], layer + 1, mover)


def pause(K: Constants, r: Root, b: int, layer: int, msg: Row, out: Ints) -> None:
    """PAUSE: at once if the root waits for items, else when it comes to a safe point."""
    s = b * SCALARS
    r.scalar[s + HOLD] = 1 + msg[F0]
    if at_rest(r.scalar[s + PHASE]):
        hold(K, r, b, layer, out)


def hold(K: Constants, r: Root, b: int, layer: int, out: Ints) -> None:
    """This root stands; on to the next."""
    s = b * SCALARS
    mover = r.scalar[s + HOLD] - 1
    r.scalar[s + HOLD] = 0
    upwards(K, PAUSE, layer, mover, 0, 0, out)


def between_segments(K: Constants, r: Root, b: int, layer: int, out: Ints) -> None:
    """This root stands before its next segment."""
    r.scalar[b * SCALARS + PHASE] = HELD
    hold(K, r, b, layer, out)


def moved(K: Constants, r: Root, b: int, layer: int, msg: Row, out: Ints, act: Ints) -> None:
    """MOVED: items of the neuron that are buffered here get its new address."""
    s = b * SCALARS
    for number in range(r.scalar[s + START], r.scalar[s + RECEIVED]):
        i = b * RING + number % RING
        act[A_READ] += 1
        if r.item_id[i] == msg[F0]:
            r.item_address[i] = msg[F1]
            act[A_WRITE] += 1
    upwards(K, MOVED, layer, msg[F2], msg[F0], msg[F1], out)

"""A root grows neurons that a sleep has made: it is given a vector pair by pair, and an ordinal; nothing fires."""

from __future__ import annotations

from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, emit
from chipsim.programs.nsn.interval import class_floor
from chipsim.programs.nsn.items import class_at, item
from chipsim.programs.nsn.keyed import START_NODE, home_core
from chipsim.programs.nsn.messages import KEY_PROBE, MADE
from chipsim.programs.nsn.neurogenesis import ask_slot
from chipsim.programs.nsn.state import (
    ALLOCATING,
    COVER,
    MAKING,
    NODE,
    ORDINAL,
    PAIRS,
    PATH,
    PHASE,
    POSITION,
    PROBE,
    SCALARS,
    SCORE,
    SEEKING,
    Constants,
    Root,
)


def make(K: Constants, r: Root, b: int, layer: int, msg: Row, out: Ints, act: Ints) -> None:
    """MAKE: take a pair, and behind the last one grow; or, in place of a position -1, tell the next ordinal, or set it."""
    s, position, ordinal = b * SCALARS, msg[F0], msg[F4]
    if position < 0:
        if ordinal >= 0:
            r.scalar[s + ORDINAL] = ordinal
        say(K, r.scalar[s + ORDINAL], out)
        return
    i = item(r, b, position)
    # the buffer has times: pairs are given such as make their classes
    before = r.item_time[item(r, b, position - 1)] if position > 0 else 0
    r.item_id[i] = msg[F1]
    r.item_address[i] = msg[F2]
    r.item_time[i] = before + class_floor(msg[F3], K.interval, K.unit)
    r.item_start[i] = r.item_time[i]
    r.item_flags[i] = 0
    r.item_needed[i] = -1
    act[A_WRITE] += 2
    if position + 1 < msg[F5]:
        say(K, -1, out)
        return
    r.scalar[s + MAKING] = 1 + r.scalar[s + ORDINAL]
    r.scalar[s + ORDINAL] = ordinal
    r.scalar[s + COVER] = msg[F5]
    r.scalar[s + SCORE] = 0
    r.scalar[s + PATH] = 0
    if K.keyed:
        r.scalar[s + POSITION] = 0
        r.scalar[s + NODE] = START_NODE
        r.scalar[s + PROBE] += 1
        r.scalar[s + PHASE] = SEEKING
        seek(K, r, b, layer, out, act)
    else:
        grow_made(K, r, b, layer, out, act)


def say(K: Constants, value: int, out: Ints) -> None:
    """MADE: to the sleeper."""
    keeper = K.layers + 1
    emit(out, MADE, K.root_core[keeper], keeper, value)


def seek(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Ask for the entry of the next pair: what is there is not written again."""
    s = b * SCALARS
    position, node = r.scalar[s + POSITION], r.scalar[s + NODE]
    neuron, cls = r.item_id[item(r, b, position)], class_at(K, r, b, layer, position, position)
    act[A_READ] += 1
    emit(
        out, KEY_PROBE, home_core(K, layer, node, neuron, cls), layer, node, neuron, cls, position, r.scalar[s + PROBE]
    )  # fmt: skip


def sought(K: Constants, r: Root, b: int, layer: int, node: int, out: Ints, act: Ints) -> None:
    """KEY_RESULT: on to the next pair, or the first that is not known has been found."""
    s = b * SCALARS
    position = r.scalar[s + POSITION]
    if node >= 0:
        r.scalar[s + NODE] = node
        r.path[b * PAIRS + position] = node
        r.scalar[s + PATH] = position + 1
        r.scalar[s + POSITION] = position + 1
        if position + 1 < r.scalar[s + COVER]:
            seek(K, r, b, layer, out, act)
            return
    grow_made(K, r, b, layer, out, act)


def grow_made(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """As for a neuron at first sight."""
    r.scalar[b * SCALARS + PHASE] = ALLOCATING
    ask_slot(K, r, b, layer, -1, 0, out, act)

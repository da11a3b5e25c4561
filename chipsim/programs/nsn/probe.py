"""Probing: present items one after the other until no stored vector can be completed, and cut the layer's input into segments (NSN §4)."""

from __future__ import annotations

from chipsim.ids import UNSTORED
from chipsim.machine.actions import A_READ
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F4, F5, F6, emit
from chipsim.network.rules import COVER as COVER_RULE
from chipsim.network.rules import CUT, PASS, UNIT
from chipsim.network.stimulus import END_SEGMENT
from chipsim.programs.nsn.answers import candidates_of, duel, horizon_of, packed, retold
from chipsim.programs.nsn.decide import leftover, reserve_residuals, unstored, win
from chipsim.programs.nsn.items import NO, WAITS, YES, boundary, class_at, have, item
from chipsim.programs.nsn.keyed import START_NODE, home_core
from chipsim.programs.nsn.messages import KEY_PROBE, PRESENT
from chipsim.programs.nsn.neurogenesis import ask_slot
from chipsim.programs.nsn.prime import NOTHING, primed, primed_in
from chipsim.programs.nsn.state import (
    ALLOCATING,
    ASKED,
    AT,
    BIT,
    COVER,
    EXPECTED,
    HEARD_SCORE,
    NEED_END,
    NEED_ITEM,
    NEED_NEXT,
    NEED_PRIME,
    NEED_RUN,
    NO_BIT,
    NODE,
    PAIRS,
    PATH,
    PHASE,
    POSITION,
    PRIMED_A,
    PRIMED_B,
    PRIMED_C,
    PROBE,
    ROUNDS,
    SCALARS,
    SCORE,
    UNTIL,
    WIN_ADDRESS,
    WIN_COUNT,
    WIN_COVER,
    WIN_FIRST,
    WIN_ORDINAL,
    WIN_WORD,
    Constants,
    Root,
)
from chipsim.programs.nsn.wta import RESPONSE


def begin(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """A new segment at item START."""
    if have(K, r, b, layer, 0, NEED_ITEM, out, act):
        attend(K, r, b, layer, out, act)


def attend(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Read the segment's first item, once the layer's recursive networks have told what they expect."""
    s = b * SCALARS
    if 0 < layer <= K.layers and K.networks and not primed(K, r, b, layer, act):
        r.scalar[s + PHASE] = NEED_PRIME
        return
    r.scalar[s + PATH] = 0
    r.scalar[s + SCORE] = 0
    if r.item_id[item(r, b, 0)] == UNSTORED:
        r.scalar[s + AT] = 1
        to_end(K, r, b, layer, out, act)
        return
    probe(K, r, b, layer, 0, out, act)


def probe(K: Constants, r: Root, b: int, layer: int, at: int, out: Ints, act: Ints) -> None:
    """Present items one after the other from START + at."""
    s = b * SCALARS
    r.scalar[s + AT] = at
    r.scalar[s + POSITION] = 0
    r.scalar[s + PROBE] += 1
    r.scalar[s + WIN_COVER] = 0
    r.scalar[s + HEARD_SCORE] = 0
    r.scalar[s + WIN_ORDINAL] = -1
    r.scalar[s + WIN_WORD] = 0
    r.scalar[s + UNTIL] = -1
    r.scalar[s + NODE] = START_NODE
    ask(K, r, b, layer, out, act)


def ask(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Present one item: the lower neuron spikes to its readers, or the home core of the key is asked."""
    s = b * SCALARS
    position = r.scalar[s + POSITION]
    index = r.scalar[s + AT] + position
    i = item(r, b, index)
    cls = class_at(K, r, b, layer, index, position)
    neuron = r.item_id[i]
    r.scalar[s + PHASE] = ASKED
    r.scalar[s + BIT] = NO_BIT
    act[A_READ] += 1
    if K.keyed or layer == 0:
        node = r.scalar[s + NODE]
        home = home_core(K, layer, node, neuron, cls)
        emit(out, KEY_PROBE, home, layer, node, neuron, cls, position, r.scalar[s + PROBE])
    else:
        address = r.item_address[i]
        if K.scores and position == 0:
            cls = r.scalar[s + AT]  # the first pair has no interval: its field says where in the segment the probe began
        emit(
            out, PRESENT, address // K.slots, layer, address % K.slots, neuron, cls, position, r.scalar[s + PROBE], 0,
            r.scalar[s + PRIMED_A], r.scalar[s + PRIMED_B], r.scalar[s + PRIMED_C],
        )  # fmt: skip


def heard(
    K: Constants, r: Root, b: int, layer: int, ordinal: int, address: int, is_open: int, node: int, out: Ints, act: Ints
) -> None:
    """All answers to the presented item are in."""
    s = b * SCALARS
    r.scalar[s + ROUNDS] += 1
    position, at = r.scalar[s + POSITION], r.scalar[s + AT]
    ends = r.item_flags[item(r, b, at + position)] & END_SEGMENT
    if ordinal >= 0 and (K.reading[layer] != CUT or ends):
        if K.networks:
            contend(r, b, packed(0, (1 << position + 1) - 1, 0, primed_in(r, b, ordinal), 0, 1), 0, 0, ordinal, address)
        else:  # complete vectors of one start are of different lengths: the longest responds most
            r.scalar[s + WIN_COVER] = position + 1
            r.scalar[s + WIN_ORDINAL] = ordinal
            r.scalar[s + WIN_ADDRESS] = address
            seen = candidates_of(r.scalar[s + WIN_WORD])
            r.scalar[s + WIN_WORD] = packed(0, 0, 0, 0, RESPONSE if seen else 0, seen + 1)
    if node >= 0:
        r.scalar[s + NODE] = node
        if at == 0:
            r.path[b * PAIRS + position] = node
            r.scalar[s + PATH] = position + 1
    r.scalar[s + POSITION] = position + 1
    if not is_open or position + 1 == PAIRS or K.reading[layer] == UNIT or (K.reading[layer] == CUT and ends):
        probed(K, r, b, layer, out, act)
    else:
        go_on(K, r, b, layer, out, act)


def contend(r: Root, b: int, word: int, count: int, first: int, ordinal: int, address: int) -> None:
    """The best candidate that is complete at the presented item, if there is one, against the best of those that are shorter."""
    s = b * SCALARS
    before, cover = r.scalar[s + WIN_WORD], r.scalar[s + POSITION] + 1
    seen = candidates_of(before) + candidates_of(word)
    won = duel(
        cover, word, count, first, ordinal,
        r.scalar[s + WIN_COVER], before, r.scalar[s + WIN_COUNT], r.scalar[s + WIN_FIRST], r.scalar[s + WIN_ORDINAL],
    )  # fmt: skip
    if ordinal >= 0 and won > 0:
        r.scalar[s + WIN_COVER] = cover
        r.scalar[s + WIN_ORDINAL] = ordinal
        r.scalar[s + WIN_ADDRESS] = address
        r.scalar[s + WIN_COUNT] = count
        r.scalar[s + WIN_FIRST] = first
        before = word
    r.scalar[s + WIN_WORD] = retold(before, 0, abs(won) - 1, seen)


def summed(K: Constants, r: Root, b: int, layer: int, msg: Row, ordinal: int, word: int, out: Ints, act: Ints) -> None:
    """All answers to the presented item are in, of vectors that sum: the best candidate is compared with those of other lengths, and the probe
    goes on while an answer has told of a vector that could still be complete behind the next item.
    """
    s = b * SCALARS
    r.scalar[s + ROUNDS] += 1
    position, horizon = r.scalar[s + POSITION], horizon_of(word)
    contend(r, b, word, msg[F5], msg[F6], ordinal, msg[F4])
    if horizon > 0:
        r.scalar[s + UNTIL] = max(r.scalar[s + UNTIL], min(horizon - 2, position + horizon - K.least[horizon]))
    r.scalar[s + POSITION] = position + 1
    if position > r.scalar[s + UNTIL] or position + 1 == PAIRS:
        probed(K, r, b, layer, out, act)
    else:
        go_on(K, r, b, layer, out, act)


def go_on(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Present the next item of the probe unless a boundary is in between."""
    s = b * SCALARS
    index = r.scalar[s + AT] + r.scalar[s + POSITION]
    if K.reading[layer] == CUT:
        stop = WAITS
        if have(K, r, b, layer, index, NEED_NEXT, out, act):
            stop = YES if r.item_id[item(r, b, index)] == UNSTORED else NO
    else:
        stop = boundary(K, r, b, layer, index, NEED_NEXT, out, act)
    if stop == NO:
        ask(K, r, b, layer, out, act)
    elif stop == YES:
        probed(K, r, b, layer, out, act)


def probed(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """A probe has ended: a winner closes the segment, or ends the run before it; otherwise the item passes up, or the run grows by one."""
    s = b * SCALARS
    at = r.scalar[s + AT]
    r.scalar[s + EXPECTED] = NOTHING
    if r.scalar[s + WIN_COVER] > 0:
        if at == 0:
            win(K, r, b, layer, out, act)
        else:
            run_ends(K, r, b, layer, out, act)
        return
    if K.reading[layer] == PASS:
        leftover(K, r, b, layer, out, act)
        return
    r.scalar[s + SCORE] = max(r.scalar[s + SCORE], r.scalar[s + HEARD_SCORE])
    r.scalar[s + AT] = at + 1
    if K.reading[layer] >= COVER_RULE:
        extend(K, r, b, layer, out, act)
    else:
        to_end(K, r, b, layer, out, act)


def extend(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Does the run of unknown items go on to item START + AT?"""
    at = r.scalar[b * SCALARS + AT]
    if at == PAIRS:
        run_ends(K, r, b, layer, out, act)
        return
    stop = boundary(K, r, b, layer, at, NEED_RUN, out, act)
    if stop == NO:
        probe(K, r, b, layer, at, out, act)
    elif stop == YES:
        run_ends(K, r, b, layer, out, act)


def to_end(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """An unknown event reaches to where the data ends it."""
    s = b * SCALARS
    while K.reading[layer] == CUT and not r.item_flags[item(r, b, r.scalar[s + AT] - 1)] & END_SEGMENT:
        if not have(K, r, b, layer, r.scalar[s + AT], NEED_END, out, act):
            return
        r.scalar[s + AT] += 1
    run_ends(K, r, b, layer, out, act)


def run_ends(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """The run of AT items becomes a neuron; a single item that was left over passes up as itself."""
    s = b * SCALARS
    if r.scalar[s + AT] == 1 and K.reading[layer] >= COVER_RULE:
        leftover(K, r, b, layer, out, act)
        return
    r.scalar[s + COVER] = r.scalar[s + AT]
    for p in range(r.scalar[s + AT]):
        if r.item_id[item(r, b, p)] == UNSTORED:  # an event with a field value for which there was no room
            unstored(K, r, b, layer, out, act)
            return
    if not reserve_residuals(K, r, b, layer, 0):
        unstored(K, r, b, layer, out, act)
        return
    r.scalar[s + PHASE] = ALLOCATING
    ask_slot(K, r, b, layer, -1, 0, out, act)

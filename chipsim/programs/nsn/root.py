"""The root of a layer: buffers the layer's items and decides segment by segment (NSN §2, §4).

A machine that is moved by messages alone. It waits in exactly one phase (``state.PHASE_NAMES``); what it needs from cores, slot server or
the layer above it asks for (``probe``, ``neurogenesis``, ``decide``), and goes on when the answer is in. It never looks at chip time.
"""

from __future__ import annotations

from chipsim.machine.actions import A_ROUND, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, F6, F7, F8, KIND, TRACE, emit
from chipsim.programs.nsn.answers import horizon_of, level_of, retold
from chipsim.programs.nsn.contest import voted
from chipsim.programs.nsn.items import taken_by
from chipsim.programs.nsn.keyed import START_NODE
from chipsim.programs.nsn.making import make, sought
from chipsim.programs.nsn.messages import (
    ANSWER_WORDS,
    CROWDED,
    E_PHASE,
    ERASED,
    ESCAPED,
    GROWN,
    ITEM,
    KEY_RESULT,
    KEY_WROTE,
    LINKED,
    MAKE,
    MOVED,
    PAUSE,
    PRIME,
    READY,
    RESULT,
    RESUME,
    SETTLED,
    SLOT,
    T_ERROR,
    T_WAIT,
    TAKEN,
    VOTED,
)
from chipsim.programs.nsn.migrate import NO_JOB, begin_batch, crowded, departed, ready, settled, slot_for
from chipsim.programs.nsn.neurogenesis import erased, fire_new, got_slot, grown, linked, written
from chipsim.programs.nsn.pause import at_rest, between_segments, hold, moved, pause, upwards
from chipsim.programs.nsn.prime import take_prime
from chipsim.programs.nsn.probe import attend, begin, extend, go_on, heard, summed, to_end
from chipsim.programs.nsn.state import (
    ALLOCATING,
    ANSWERS,
    ASKED,
    AT,
    AWAITED,
    BIT,
    COMPLETE,
    COVER,
    DECIDED,
    DEEPEST,
    ERASING,
    EXPECTED,
    FIRING,
    GROWING,
    HEARD_SCORE,
    HELD,
    HOLD,
    HORIZON,
    IDLE,
    JOB,
    LAST_LEVEL,
    LINKING,
    MOVING,
    NEED_END,
    NEED_ITEM,
    NEED_NEXT,
    NEED_PRIME,
    NEED_RUN,
    OPENING,
    OWED,
    PHASE,
    POSITION,
    RECEIVED,
    RESTART,
    RING,
    SCALARS,
    SEEKING,
    START,
    WRITING,
    Constants,
    Root,
)


def root_message(K: Constants, r: Root, b: int, layer: int, msg: Row, out: Ints, act: Ints) -> None:
    """Handle one message to the root of a layer; ``b`` is where the layer's state begins in the bundle."""
    s = b * SCALARS
    kind, phase = msg[KIND], r.scalar[s + PHASE]
    if kind == ITEM:
        take_item(K, r, b, layer, msg, out, act)
    elif kind == RESULT and phase == ASKED:
        result(K, r, b, layer, msg, out, act)
    elif kind == KEY_RESULT and phase == ASKED:
        act[A_ROUND] += 1
        heard(K, r, b, layer, msg[F1], msg[F2], msg[F3], msg[F0], out, act)
    elif kind == SLOT and phase == ALLOCATING:
        got_slot(K, r, b, layer, msg[F0], msg[F1], out, act)
    elif kind == GROWN and phase == GROWING:
        grown(K, r, b, layer, msg[F0], msg[F1], out, act)
    elif kind == LINKED and phase == LINKING:
        linked(K, r, b, layer, msg[F0], out, act)
    elif kind == KEY_RESULT and phase == SEEKING:
        sought(K, r, b, layer, msg[F0], out, act)
    elif kind == MAKE and phase in (NEED_ITEM, RESTART):
        make(K, r, b, layer, msg, out, act)
    elif kind == KEY_WROTE and phase == WRITING:
        written(K, r, b, layer, msg[F0], out, act)
    elif kind == KEY_WROTE and phase == OPENING:
        fire_new(K, r, b, layer, out, act)
    elif kind == ERASED and phase == ERASING:
        erased(K, r, b, layer, out, act)
    elif kind == TAKEN and phase == FIRING:
        next_segment(K, r, b, layer, out, act)
    elif kind == PRIME:
        take_prime(K, r, b, msg, act)
        if phase == NEED_PRIME:
            attend(K, r, b, layer, out, act)
    elif kind == VOTED and phase == ASKED:
        if voted(K, r, b, layer, msg, out, act):
            answered(K, r, b, layer, msg, -1, r.scalar[s + HORIZON], out, act)
    elif kind >= ESCAPED or (kind == SLOT and phase == MOVING):
        migration(K, r, b, layer, msg, out, act)
    else:
        emit(out, T_ERROR, TRACE, layer, E_PHASE, kind, phase)
    if r.scalar[s + HOLD] and at_rest(r.scalar[s + PHASE]):
        hold(K, r, b, layer, out)


def result(K: Constants, r: Root, b: int, layer: int, msg: Row, out: Ints, act: Ints) -> None:
    """RESULT: the combined answer of all cores, or in a contest that of the one that is left."""
    s = b * SCALARS
    word = msg[F7]
    if r.scalar[s + BIT] == ANSWERS:
        word = retold(word, r.scalar[s + HORIZON], max(level_of(word), r.scalar[s + LAST_LEVEL]), r.scalar[s + COMPLETE])
    else:
        act[A_ROUND] += 1
        if K.networks:  # else answers have no such word
            r.scalar[s + EXPECTED] = msg[ANSWER_WORDS - 1]
        r.scalar[s + HEARD_SCORE] = max(r.scalar[s + HEARD_SCORE], msg[F8])
    answered(K, r, b, layer, msg, msg[F3], word, out, act)


def answered(K: Constants, r: Root, b: int, layer: int, msg: Row, ordinal: int, word: int, out: Ints, act: Ints) -> None:
    """The presented item is answered by all: with the neuron of the message, or none."""
    if K.sums[layer]:
        summed(K, r, b, layer, msg, ordinal, word, out, act)
    else:
        heard(K, r, b, layer, ordinal, msg[F4], horizon_of(word), START_NODE, out, act)


def take_item(K: Constants, r: Root, b: int, layer: int, msg: Row, out: Ints, act: Ints) -> None:
    """ITEM: into the buffer; goes on if the machine waited for it. TAKEN is withheld while the buffer is full."""
    s = b * SCALARS
    number = r.scalar[s + RECEIVED]
    i = b * RING + number % RING
    r.item_id[i] = msg[F0]
    r.item_address[i] = msg[F1]
    r.item_time[i] = msg[F2]
    r.item_flags[i] = msg[F3]
    r.item_needed[i] = msg[F5]
    r.item_start[i] = msg[F6]
    act[A_WRITE] += 2
    if msg[F4] != number:
        emit(out, T_ERROR, TRACE, layer, E_PHASE, ITEM, msg[F4])
        return
    r.scalar[s + RECEIVED] = number + 1
    depth = number + 1 - r.scalar[s + START]
    r.scalar[s + DEEPEST] = max(r.scalar[s + DEEPEST], depth)
    if depth < RING:
        emit(out, TAKEN, taken_by(K, layer), K.below[layer], number)
    else:
        r.scalar[s + OWED] = 1
    resume(K, r, b, layer, out, act)


def resume(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Go on after an item came in, if that was what the machine waited for."""
    s = b * SCALARS
    phase, start = r.scalar[s + PHASE], r.scalar[s + START]
    if phase == NEED_ITEM:
        wanted = start
    elif phase == RESTART:  # loaded with undecided items, none of which could be decided without this one
        wanted = r.scalar[s + RECEIVED] - 1
    elif phase == NEED_NEXT:
        wanted = start + r.scalar[s + AT] + r.scalar[s + POSITION]
    elif phase in (NEED_RUN, NEED_END):
        wanted = start + r.scalar[s + AT]
    else:
        return
    if r.scalar[s + RECEIVED] <= wanted:
        return
    emit(out, T_WAIT, TRACE, layer, wanted, r.item_needed[b * RING + wanted % RING])
    if phase in (NEED_ITEM, RESTART):
        begin(K, r, b, layer, out, act)
    elif phase == NEED_NEXT:
        go_on(K, r, b, layer, out, act)
    elif phase == NEED_RUN:
        extend(K, r, b, layer, out, act)
    else:
        to_end(K, r, b, layer, out, act)


def next_segment(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """TAKEN by the last who had to: the segment is done; make room, acknowledge what waited for room, and begin the next."""
    s = b * SCALARS
    r.scalar[s + AWAITED] -= 1
    if r.scalar[s + AWAITED] > 0:
        return
    r.scalar[s + START] += r.scalar[s + COVER]
    r.scalar[s + DECIDED] += 1
    if r.scalar[s + OWED]:
        r.scalar[s + OWED] = 0
        emit(out, TAKEN, taken_by(K, layer), K.below[layer], r.scalar[s + RECEIVED] - 1)
    if r.scalar[s + HOLD]:
        between_segments(K, r, b, layer, out)
    else:
        after_hold(K, r, b, layer, out, act)


def after_hold(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Between two segments: neurons that are to move, then the next segment."""
    s = b * SCALARS
    r.scalar[s + PHASE] = IDLE
    if r.scalar[s + JOB] != NO_JOB:
        begin_batch(K, r, b, layer, out)
    else:
        begin(K, r, b, layer, out, act)


def migration(K: Constants, r: Root, b: int, layer: int, msg: Row, out: Ints, act: Ints) -> None:
    """What a root hears of neurons that move: of its own layer, while it moves them, or of a layer below."""
    s = b * SCALARS
    kind, phase = msg[KIND], r.scalar[s + PHASE]
    if kind == PAUSE:
        pause(K, r, b, layer, msg, out)
    elif kind == MOVED:
        moved(K, r, b, layer, msg, out, act)
    elif kind == RESUME:
        upwards(K, RESUME, layer, msg[F0], 0, 0, out)
        if phase == HELD:
            after_hold(K, r, b, layer, out, act)
    elif kind == CROWDED:
        crowded(r, b, msg[F0])
    elif phase != MOVING:
        emit(out, T_ERROR, TRACE, layer, E_PHASE, kind, phase)
    elif kind == SETTLED:
        if settled(K, r, b, layer, out, act):
            begin(K, r, b, layer, out, act)
    elif kind == READY:
        ready(K, r, b, layer, msg[F0], out)
    elif kind == SLOT:
        slot_for(K, r, b, layer, msg[F0], out)
    else:
        departed(K, r, b, layer, msg[F0], msg[F1], msg[F2], out)

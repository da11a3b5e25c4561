"""The root of a layer: buffers the layer's items and decides segment by segment (NSN §2, §4).

A machine that is moved by messages alone. It waits in exactly one phase (``state.PHASE_NAMES``); what it needs from cores, slot server or
the layer above it asks for, and goes on when the answer is in. It never looks at the time of the chip.
"""

from __future__ import annotations

from chipsim.ids import UNSTORED, neuron_id
from chipsim.model.interval import class_floor, interval_class
from chipsim.model.keyed import home_core
from chipsim.model.messages import (
    ALERT,
    ALLOC,
    E_FULL,
    E_PHASE,
    ERASE,
    ERASED,
    F0,
    F1,
    F2,
    F3,
    F4,
    F5,
    F7,
    FIRE,
    GROW,
    GROWN,
    ITEM,
    KEY_OPEN,
    KEY_PROBE,
    KEY_RESULT,
    KEY_WRITE,
    KEY_WROTE,
    KIND,
    LINK,
    LINKED,
    PRESENT,
    RESULT,
    SLOT,
    T_ERROR,
    T_GROWTH,
    T_PAIR,
    T_UNSTORED,
    T_WAIT,
    T_WINNER,
    TAKEN,
    TRACE,
    emit,
)
from chipsim.model.state import (
    A_READ,
    A_ROUND,
    A_WRITE,
    ADDRESS,
    ALLOCATING,
    ASKED,
    AT,
    COVER,
    CURSOR,
    DECIDED,
    DEEPEST,
    EPISODES,
    ERASING,
    FIRING,
    GROWING,
    IDLE,
    LINKING,
    LOST,
    MASK,
    NEED_END,
    NEED_ITEM,
    NEED_NEXT,
    NEED_RUN,
    NEEDED,
    NODE,
    OPENING,
    ORDINAL,
    OWED,
    PAIRS,
    PATH,
    PHASE,
    POSITION,
    PROBE,
    RECEIVED,
    RESERVED,
    RESIDUALS,
    RESTART,
    RING,
    ROOM,
    ROUNDS,
    SCALARS,
    START,
    UNSTORED_COUNT,
    USED,
    WIN_ADDRESS,
    WIN_COVER,
    WIN_ORDINAL,
    WRITING,
    Constants,
    Ints,
    Root,
    Row,
)
from chipsim.network.rules import COVER as COVER_RULE
from chipsim.network.rules import CUT, EXACT, UNIT
from chipsim.network.stimulus import END_EPISODE, END_SEGMENT

START_NODE = -1
WAITS, NO, YES = -1, 0, 1
ALERT_NEW, ALERT_ALL = 1, 2


def root_message(K: Constants, r: Root, b: int, layer: int, msg: Row, out: Ints, act: Ints) -> None:
    """Handle one message to the root of a layer; ``b`` is where the layer's state begins in the bundle."""
    s = b * SCALARS
    kind, phase = msg[KIND], r.scalar[s + PHASE]
    if kind == ITEM:
        take_item(K, r, b, layer, msg, out, act)
    elif kind == RESULT and phase == ASKED:
        act[A_ROUND] += 1
        heard(K, r, b, layer, msg[F3], msg[F4], msg[F7], START_NODE, out, act)
    elif kind == KEY_RESULT and phase == ASKED:
        act[A_ROUND] += 1
        heard(K, r, b, layer, msg[F1], msg[F2], msg[F3], msg[F0], out, act)
    elif kind == SLOT and phase == ALLOCATING:
        got_slot(K, r, b, layer, msg[F0], out, act)
    elif kind == GROWN and phase == GROWING:
        grown(K, r, b, layer, msg[F0], msg[F1], out, act)
    elif kind == LINKED and phase == LINKING:
        linked(K, r, b, layer, msg[F0], out, act)
    elif kind == KEY_WROTE and phase == WRITING:
        written(K, r, b, layer, msg[F0], out, act)
    elif kind == KEY_WROTE and phase == OPENING:
        fire_new(K, r, b, layer, out, act)
    elif kind == ERASED and phase == ERASING:
        unstored(K, r, b, layer, out, act)
    elif kind == TAKEN and phase == FIRING:
        next_segment(K, r, b, layer, out, act)
    else:
        emit(out, T_ERROR, TRACE, layer, E_PHASE, kind, phase)


# -- items -------------------------------------------------------------------------------------------------------------------


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
    act[A_WRITE] += 2
    if msg[F4] != number:
        emit(out, T_ERROR, TRACE, layer, E_PHASE, ITEM, msg[F4])
        return
    r.scalar[s + RECEIVED] = number + 1
    depth = number + 1 - r.scalar[s + START]
    r.scalar[s + DEEPEST] = max(r.scalar[s + DEEPEST], depth)
    if depth < RING:
        emit(out, TAKEN, taken_by(K, layer), layer - 1, number)
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


def taken_by(K: Constants, layer: int) -> int:
    """Who sends items to a layer: the root below, or the host."""
    return K.root_core[layer - 1] if layer > 0 else K.host


def have(r: Root, b: int, layer: int, index: int, phase: int, out: Ints, act: Ints) -> bool:
    """True if item START + index is there; otherwise wait for it in a phase."""
    s = b * SCALARS
    number = r.scalar[s + START] + index
    if number < r.scalar[s + RECEIVED]:
        needed = r.item_needed[b * RING + number % RING]
        r.scalar[s + NEEDED] = max(r.scalar[s + NEEDED], needed)
        act[A_READ] += 1
        return True
    r.scalar[s + PHASE] = phase
    emit(out, T_WAIT, TRACE, layer, number, -1)
    return False


def item(r: Root, b: int, index: int) -> int:
    """Where item START + index is in the ring."""
    return b * RING + (r.scalar[b * SCALARS + START] + index) % RING


def boundary(K: Constants, r: Root, b: int, layer: int, index: int, phase: int, out: Ints, act: Ints) -> int:
    """May a segment go on from item START + index - 1 to START + index? NO, YES (a boundary), or WAITS."""
    if r.item_flags[item(r, b, index - 1)] & END_EPISODE:
        return YES
    if not have(r, b, layer, index, phase, out, act):
        return WAITS
    here, before = item(r, b, index), item(r, b, index - 1)
    gap = r.item_time[here] - r.item_time[before]
    if r.item_id[here] == UNSTORED or (K.max_gap > 0 and gap > K.max_gap):
        return YES
    return NO


# -- probing -----------------------------------------------------------------------------------------------------------------


def begin(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """A new segment at item START."""
    s = b * SCALARS
    if not have(r, b, layer, 0, NEED_ITEM, out, act):
        return
    r.scalar[s + PATH] = 0
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
    r.scalar[s + WIN_ORDINAL] = -1
    r.scalar[s + NODE] = START_NODE
    ask(K, r, b, layer, out, act)


def class_at(K: Constants, r: Root, b: int, index: int, position: int) -> int:
    """Interval class of item START + index, presented at a position of a vector."""
    if position == 0:
        return 0
    here, before = item(r, b, index), item(r, b, index - 1)
    return interval_class(r.item_time[here] - r.item_time[before], K.interval, K.unit)


def ask(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Present one item: the lower neuron spikes to its readers, or the home core of the key is asked."""
    s = b * SCALARS
    position = r.scalar[s + POSITION]
    index = r.scalar[s + AT] + position
    i = item(r, b, index)
    cls = class_at(K, r, b, index, position)
    neuron = r.item_id[i]
    r.scalar[s + PHASE] = ASKED
    act[A_READ] += 1
    if K.keyed or layer == 0:
        node = r.scalar[s + NODE]
        home = home_core(K, layer, node, neuron, cls)
        emit(out, KEY_PROBE, home, layer, node, neuron, cls, position, r.scalar[s + PROBE])
    else:
        address = r.item_address[i]
        emit(out, PRESENT, address // K.slots, layer, address % K.slots, neuron, cls, position, r.scalar[s + PROBE])


def heard(
    K: Constants, r: Root, b: int, layer: int, ordinal: int, address: int, is_open: int, node: int, out: Ints, act: Ints
) -> None:
    """All answers to the presented item are in."""
    s = b * SCALARS
    r.scalar[s + ROUNDS] += 1
    position, at = r.scalar[s + POSITION], r.scalar[s + AT]
    ends = r.item_flags[item(r, b, at + position)] & END_SEGMENT
    if ordinal >= 0 and (K.reading[layer] != CUT or ends):
        r.scalar[s + WIN_COVER] = position + 1
        r.scalar[s + WIN_ORDINAL] = ordinal
        r.scalar[s + WIN_ADDRESS] = address
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


def go_on(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Present the next item of the probe unless a boundary is in between."""
    s = b * SCALARS
    index = r.scalar[s + AT] + r.scalar[s + POSITION]
    if K.reading[layer] == CUT:
        stop = WAITS
        if have(r, b, layer, index, NEED_NEXT, out, act):
            stop = YES if r.item_id[item(r, b, index)] == UNSTORED else NO
    else:
        stop = boundary(K, r, b, layer, index, NEED_NEXT, out, act)
    if stop == NO:
        ask(K, r, b, layer, out, act)
    elif stop == YES:
        probed(K, r, b, layer, out, act)


def probed(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """A probe has ended: a winner closes the segment, or ends the run before it; otherwise the run grows by one item."""
    s = b * SCALARS
    at = r.scalar[s + AT]
    if r.scalar[s + WIN_COVER] > 0:
        if at == 0:
            win(K, r, b, layer, out, act)
        else:
            run_ends(K, r, b, layer, out, act)
        return
    r.scalar[s + AT] = at + 1
    if K.reading[layer] == COVER_RULE:
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
        if not have(r, b, layer, r.scalar[s + AT], NEED_END, out, act):
            return
        r.scalar[s + AT] += 1
    run_ends(K, r, b, layer, out, act)


def run_ends(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """The run of AT items becomes a neuron; a single item that was left over passes up as itself."""
    s = b * SCALARS
    if r.scalar[s + AT] == 1 and K.reading[layer] == COVER_RULE:
        leftover(K, r, b, layer, out, act)
        return
    r.scalar[s + COVER] = r.scalar[s + AT]
    for p in range(r.scalar[s + AT]):
        if r.item_id[item(r, b, p)] == UNSTORED:  # an event with a field value for which there was no room
            unstored(K, r, b, layer, out, act)
            return
    if not reserve_residuals(K, r, b, layer):
        unstored(K, r, b, layer, out, act)
        return
    r.scalar[s + PHASE] = ALLOCATING
    ask_slot(K, r, b, layer, -1, 0, out)


# -- growing -----------------------------------------------------------------------------------------------------------------


def ask_slot(K: Constants, r: Root, b: int, layer: int, refused: int, why: int, out: Ints) -> None:
    """Ask the slot server of the root's region."""
    server = K.cores + K.root_region[layer]
    emit(out, ALLOC, server, layer, r.scalar[b * SCALARS + COVER], refused, 0, K.root_core[layer], why)


def got_slot(K: Constants, r: Root, b: int, layer: int, address: int, out: Ints, act: Ints) -> None:
    """SLOT: send the vector to the chosen core; without a slot the novelty is only flagged."""
    s = b * SCALARS
    if address < 0:
        unstored(K, r, b, layer, out, act)
        return
    r.scalar[s + ADDRESS] = address
    r.scalar[s + PHASE] = GROWING
    cover = r.scalar[s + COVER]
    base = emit(out, GROW, address // K.slots, layer, address % K.slots, r.scalar[s + ORDINAL], cover, K.root_core[layer])
    for p in range(cover):
        out[base + F3 + 1 + 2 * p] = r.item_id[item(r, b, p)]
        out[base + F3 + 2 + 2 * p] = class_at(K, r, b, p, p)
        act[A_READ] += 1


def grown(K: Constants, r: Root, b: int, layer: int, stored: int, mask: int, out: Ints, act: Ints) -> None:
    """GROWN: link what is new to the core, or write the keyed entries; a core without room is told to the slot server."""
    s = b * SCALARS
    if not stored:
        r.scalar[s + PHASE] = ALLOCATING
        ask_slot(K, r, b, layer, r.scalar[s + ADDRESS] // K.slots, mask, out)
        return
    if K.keyed or layer == 0:
        r.scalar[s + CURSOR] = min(r.scalar[s + PATH], r.scalar[s + COVER])
        write_key(K, r, b, layer, out, act)
        return
    r.scalar[s + MASK] = mask
    link_next(K, r, b, layer, out, act)


def link_next(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Ask the core of the next lower neuron to forward to the new reader, one at a time."""
    s = b * SCALARS
    mask = r.scalar[s + MASK]
    if mask == 0:
        fire_new(K, r, b, layer, out, act)
        return
    p = 0
    while not mask >> p & 1:
        p += 1
    r.scalar[s + MASK] = mask & ~(1 << p)
    r.scalar[s + PHASE] = LINKING
    i = item(r, b, p)
    address = r.item_address[i]
    child = r.scalar[s + ADDRESS] // K.slots
    act[A_READ] += 1
    emit(out, LINK, address // K.slots, layer, address % K.slots, r.item_id[i], child, K.root_core[layer])


def linked(K: Constants, r: Root, b: int, layer: int, done: int, out: Ints, act: Ints) -> None:
    """LINKED: next one; if there was no room for the link the neuron could never be completed, so it is erased."""
    if done:
        link_next(K, r, b, layer, out, act)
    else:
        erase(K, r, b, layer, out)


def erase(K: Constants, r: Root, b: int, layer: int, out: Ints) -> None:
    """Take a neuron back that cannot be reached."""
    s = b * SCALARS
    r.scalar[s + PHASE] = ERASING
    address = r.scalar[s + ADDRESS]
    emit(out, ERASE, address // K.slots, layer, address % K.slots, K.root_core[layer])


def write_key(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Write the entry of pair CURSOR below what the first probe reached; the last one holds the neuron."""
    s = b * SCALARS
    p, cover = r.scalar[s + CURSOR], r.scalar[s + COVER]
    r.scalar[s + PHASE] = WRITING
    act[A_READ] += 1
    if p == cover:  # the whole vector is a known partial match: only the neuron is new
        node = r.path[b * PAIRS + p - 1]
        emit(
            out,
            KEY_WRITE,
            node // K.keys,
            layer,
            node,
            0,
            0,
            0,
            r.scalar[s + ORDINAL],
            r.scalar[s + ADDRESS],
            0,
            K.root_core[layer],
        )
        return
    parent = r.path[b * PAIRS + p - 1] if p > 0 else START_NODE
    neuron, cls = r.item_id[item(r, b, p)], class_at(K, r, b, p, p)
    last = p + 1 == cover
    emit(
        out, KEY_WRITE, home_core(K, layer, parent, neuron, cls), layer, -1, parent, neuron, cls,
        r.scalar[s + ORDINAL] if last else -1, r.scalar[s + ADDRESS] if last else -1, 0 if last else 1, K.root_core[layer],
    )  # fmt: skip


def written(K: Constants, r: Root, b: int, layer: int, node: int, out: Ints, act: Ints) -> None:
    """KEY_WROTE: next entry; when all stand, the partial match that they extend is opened."""
    s = b * SCALARS
    p = r.scalar[s + CURSOR]
    if node < 0:
        erase(K, r, b, layer, out)
        return
    if p < r.scalar[s + COVER]:
        r.path[b * PAIRS + p] = node
        r.scalar[s + CURSOR] = p + 1
        if p + 1 < r.scalar[s + COVER]:
            write_key(K, r, b, layer, out, act)
            return
        known = r.scalar[s + PATH]
        if known > 0:
            r.scalar[s + PHASE] = OPENING
            node = r.path[b * PAIRS + known - 1]
            emit(out, KEY_OPEN, node // K.keys, layer, node, K.root_core[layer])
            return
    fire_new(K, r, b, layer, out, act)


# -- firing ------------------------------------------------------------------------------------------------------------------


def reserve_residuals(K: Constants, r: Root, b: int, layer: int) -> bool:
    """Take room for what the classes of the segment's intervals leave out; without it the occurrence could not be replayed."""
    s = b * SCALARS
    if K.interval == EXACT or K.reading[layer] != COVER_RULE:
        return True
    bits = (r.scalar[s + COVER] - 1) * K.bits_residual
    # and one word for the length of the episode's list; after a length that was lost nothing that needs it is kept any more
    if bits + K.bits_residual > r.scalar[s + ROOM] or r.scalar[s + LOST]:
        return False
    r.scalar[s + USED] += bits
    r.scalar[s + ROOM] -= bits
    r.scalar[s + RESERVED] = bits
    return True


def win(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """A stored neuron covers the segment."""
    s = b * SCALARS
    r.scalar[s + COVER] = r.scalar[s + WIN_COVER]
    r.scalar[s + ADDRESS] = r.scalar[s + WIN_ADDRESS]
    if not reserve_residuals(K, r, b, layer):
        unstored(K, r, b, layer, out, act)
        return
    fire(K, r, b, layer, r.scalar[s + WIN_ORDINAL], 0, out, act)


def fire_new(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """The neuron that was grown fires at first sight."""
    s = b * SCALARS
    ordinal = r.scalar[s + ORDINAL]
    r.scalar[s + ORDINAL] = ordinal + 1
    emit(out, T_GROWTH, TRACE, layer, ordinal, r.scalar[s + ADDRESS])
    fire(K, r, b, layer, ordinal, 1, out, act)


def fire(K: Constants, r: Root, b: int, layer: int, ordinal: int, new: int, out: Ints, act: Ints) -> None:
    """Tell the neuron's core; its spike goes up, and the next layer acknowledges it to this root."""
    s = b * SCALARS
    address = r.scalar[s + ADDRESS]
    last = item(r, b, r.scalar[s + COVER] - 1)
    flags = r.item_flags[last] if layer == 0 else r.item_flags[last] & END_EPISODE
    keep_residuals(K, r, b, layer, out, act)
    decided(K, r, b, layer, neuron_id(layer, ordinal), new, out)
    emit(
        out, FIRE, address // K.slots, layer, address % K.slots, r.item_time[last], flags,
        r.scalar[s + DECIDED], r.scalar[s + NEEDED],
    )  # fmt: skip


def leftover(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """A single item that nothing covers passes up as itself."""
    s = b * SCALARS
    r.scalar[s + COVER] = 1
    i = item(r, b, 0)
    act[A_READ] += 1
    decided(K, r, b, layer, r.item_id[i], 0, out)
    send_up(K, r, b, layer, r.item_id[i], r.item_address[i], out)


def unstored(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """No room: nothing is overwritten, the novelty is flagged, and a hole passes up (``on_full``)."""
    s = b * SCALARS
    r.scalar[s + USED] -= r.scalar[s + RESERVED]
    r.scalar[s + ROOM] += r.scalar[s + RESERVED]
    r.scalar[s + RESERVED] = 0
    if K.stop_when_full:
        emit(out, T_ERROR, TRACE, layer, E_FULL, r.scalar[s + START])
    r.scalar[s + UNSTORED_COUNT] += 1
    act[A_WRITE] += 1
    emit(out, T_UNSTORED, TRACE, layer, r.scalar[s + START], r.scalar[s + COVER])
    decided(K, r, b, layer, UNSTORED, 1, out)
    send_up(K, r, b, layer, UNSTORED, -1, out)


def send_up(K: Constants, r: Root, b: int, layer: int, neuron: int, address: int, out: Ints) -> None:
    """An item for the layer above that no neuron of this layer fires."""
    s = b * SCALARS
    last = item(r, b, r.scalar[s + COVER] - 1)
    flags = r.item_flags[last] if layer == 0 else r.item_flags[last] & END_EPISODE
    emit(
        out, ITEM, K.root_core[layer + 1], layer + 1, neuron, address, r.item_time[last], flags,
        r.scalar[s + DECIDED], r.scalar[s + NEEDED],
    )  # fmt: skip


def decided(K: Constants, r: Root, b: int, layer: int, fired: int, new: int, out: Ints) -> None:
    """Record the decision, alert the host if asked to, and wait for the layer above."""
    s = b * SCALARS
    start, cover = r.scalar[s + START], r.scalar[s + COVER]
    emit(out, T_WINNER, TRACE, layer, start, fired, cover, new, r.scalar[s + NEEDED])
    for p in range(cover):
        emit(out, T_PAIR, TRACE, layer, start, p, r.item_id[item(r, b, p)], class_at(K, r, b, p, p))
    if r.item_flags[item(r, b, cover - 1)] & END_EPISODE:
        end_of_episode(K, r, b, layer)
    if layer == 1 and (K.alerts == ALERT_ALL or (K.alerts == ALERT_NEW and new)):
        emit(out, ALERT, K.host, layer, fired, r.item_time[item(r, b, cover - 1)], start, start + cover - 1, new)
    r.scalar[s + PHASE] = FIRING


def end_of_episode(K: Constants, r: Root, b: int, layer: int) -> None:
    """Note how many residuals the layer has kept up to here; where there are none by rule, the note takes no memory."""
    s = b * SCALARS
    bits = 0 if K.interval == EXACT or K.reading[layer] != COVER_RULE else K.bits_residual
    if bits > r.scalar[s + ROOM]:
        r.scalar[s + LOST] = 1
    if r.scalar[s + LOST]:
        return
    r.scalar[s + USED] += bits
    r.scalar[s + ROOM] -= bits
    r.residual_end[b * K.residuals + r.scalar[s + EPISODES]] = r.scalar[s + RESIDUALS]
    r.scalar[s + EPISODES] += 1


def keep_residuals(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Store what the classes of this occurrence leave out, so that replay is exact (NSN §3)."""
    s = b * SCALARS
    if K.interval == EXACT or K.reading[layer] != COVER_RULE:
        return
    for p in range(1, r.scalar[s + COVER]):
        interval = r.item_time[item(r, b, p)] - r.item_time[item(r, b, p - 1)]
        cls = interval_class(interval, K.interval, K.unit)
        r.residual[b * K.residuals + r.scalar[s + RESIDUALS]] = interval - class_floor(cls, K.interval, K.unit)
        r.scalar[s + RESIDUALS] += 1
        act[A_WRITE] += 1
    r.scalar[s + RESERVED] = 0


def next_segment(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """TAKEN: the segment is done; make room, acknowledge what waited for room, and begin the next."""
    s = b * SCALARS
    r.scalar[s + START] += r.scalar[s + COVER]
    r.scalar[s + DECIDED] += 1
    r.scalar[s + PHASE] = IDLE
    if r.scalar[s + OWED]:
        r.scalar[s + OWED] = 0
        emit(out, TAKEN, taken_by(K, layer), layer - 1, r.scalar[s + RECEIVED] - 1)
    begin(K, r, b, layer, out, act)

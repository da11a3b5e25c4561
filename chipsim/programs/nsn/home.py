"""Home cores of a sleep: they keep the tape, beginnings of vectors, names and counters, and answer the sleeper one question at a time."""

from __future__ import annotations

from chipsim.ids import neuron_id
from chipsim.jit.records import Rows
from chipsim.machine.actions import A_PAIR, A_READ, A_SYNOP, A_UPDATE, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, F6, emit
from chipsim.network.stimulus import END_EPISODE
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.keyed import first_bucket, insert_key, key_hash
from chipsim.programs.nsn.messages import TOLD
from chipsim.programs.nsn.sleep_messages import (
    BEST,
    CALL,
    CLEAR,
    COUNT,
    DROP,
    END,
    ENTER,
    ENTRY,
    FIND,
    FORGET,
    GET,
    GIVE,
    KEEP,
    LIST,
    NAME,
    PUT,
    RESET,
    ROOM_LEFT,
    SWEEP,
    UP,
    USE,
    WALK,
    WHO,
)
from chipsim.programs.nsn.sleep_rows import A_NAME, A_NODE, NODES, NOTE_BUCKETS, Counter
from chipsim.programs.nsn.state import KEY_BUCKETS, PAIRS, Constants
from chipsim.programs.nsn.withdraw import withdraw


def asked(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """ASK: one question of the sleeper, or one thing to keep."""
    op = msg[F0]
    if op in (ENTER, WALK, UP, NAME, FIND):
        asked_for_note(K, m, c, op, msg, out, act)
    elif op in (COUNT, BEST, FORGET):
        asked_for_counter(K, m, c, op, msg, out, act)
    elif op in (RESET, SWEEP, LIST, GIVE, USE, WHO):
        asked_for_vector(K, m, c, op, msg, out, act)
    elif op in (PUT, GET):
        asked_for_tape(K, m, c, op, msg, out, act)
    else:
        asked_for_core(K, m, c, op, msg, out, act)
    dream = m.dreams[c]
    dream.peak = max(dream.peak, m.ledgers[c].used)


def tell(K: Constants, out: Ints, op: int, a: int = 0, b: int = 0, x: int = 0, y: int = 0, z: int = 0) -> None:
    """TOLD: the answer."""
    keeper = K.layers + 1
    emit(out, TOLD, K.root_core[keeper], keeper, op, a, b, x, y, z)


def take(K: Constants, m: Core, c: int, bits: int) -> bool:
    """Take room for something to keep; the last sixteenth is left to links."""
    own = m.ledgers[c]
    if own.used + bits > K.growth_bits:
        return False
    own.used += bits
    m.dreams[c].bits += bits
    return True


def bucket_of(K: Constants, what: int, parent: int, neuron: int, cls: int) -> int:
    """Bucket of a note or counter within its home core."""
    return key_hash(what, parent, neuron, cls) // K.key_homes % NOTE_BUCKETS


def find_note(K: Constants, m: Core, c: int, what: int, parent: int, neuron: int, cls: int, act: Ints) -> int:
    """The note, or -1; each one compared is a synaptic operation."""
    i = m.note_buckets[c * NOTE_BUCKETS + bucket_of(K, what, parent, neuron, cls)] - 1
    while i >= 0:
        act[A_SYNOP] += 1
        note = m.notes[c * K.notes + i]
        if note.id == neuron and note.parent == parent and note.cls == cls and note.what == what:
            return i
        i = note.next - 1
    return -1


def add_note(K: Constants, m: Core, c: int, what: int, parent: int, neuron: int, cls: int, bits: int) -> int:
    """A new note, or -1 without room."""
    dream, bucket = m.dreams[c], c * NOTE_BUCKETS + bucket_of(K, what, parent, neuron, cls)
    i = dream.notes
    if i >= K.notes or not take(K, m, c, bits):
        return -1
    note = m.notes[c * K.notes + i]
    note.what = what
    note.parent = parent
    note.id = neuron
    note.cls = cls
    note.number = 0
    note.ordinal = 0
    note.uses = 0
    note.layer = 0
    note.next = m.note_buckets[bucket]
    m.note_buckets[bucket] = i + 1
    dream.notes = i + 1
    return i


def asked_for_note(K: Constants, m: Core, c: int, op: int, msg: Row, out: Ints, act: Ints) -> None:
    """ENTER, WALK and UP go along beginnings of vectors; NAME and FIND keep where ids are."""
    if op == UP:
        note = m.notes[c * K.notes + (msg[F1] - NODES) % K.notes]
        act[A_READ] += 1
        tell(K, out, UP, note.parent, note.id, note.cls)
        return
    what = A_NODE if op in (ENTER, WALK) else A_NAME
    parent, neuron, cls = msg[F1], msg[F2], msg[F3]
    if what == A_NAME:
        parent, neuron, cls = 0, msg[F1], 0
    i = find_note(K, m, c, what, parent, neuron, cls, act)
    me = NODES + m.ledgers[c].number * K.notes
    if op == ENTER:
        enter(K, m, c, i, msg, out, act)
    elif op == WALK:
        act[A_READ] += 1
        if i < 0:
            tell(K, out, WALK)
        else:
            note = m.notes[c * K.notes + i]
            tell(K, out, WALK, me + i, note.number, note.ordinal)
    elif op == FIND:
        act[A_READ] += 1
        note = m.notes[c * K.notes + i]
        tell(K, out, FIND, note.number, note.ordinal)
    else:
        if i < 0:
            i = add_note(K, m, c, A_NAME, 0, neuron, 0, K.bits_name)
        act[A_WRITE] += 1
        if i >= 0:
            note = m.notes[c * K.notes + i]
            note.number = msg[F2]
            note.ordinal = msg[F3]
        tell(K, out, NAME, 1 if i >= 0 else 0, m.ledgers[c].number)


def enter(K: Constants, m: Core, c: int, i: int, msg: Row, out: Ints, act: Ints) -> None:
    """ENTER: a beginning of a vector, made if there is none; the number of a vector that is complete there, and of a neuron its ordinal."""
    if i < 0:
        i = add_note(K, m, c, A_NODE, msg[F1], msg[F2], msg[F3], K.bits_node)
        if i < 0:
            tell(K, out, ENTER, 0, m.ledgers[c].number)
            return
        act[A_PAIR] += 1
    note, made = m.notes[c * K.notes + i], 0
    note.layer = msg[F4]
    if msg[F5] > 0 and note.number == 0:
        note.number = msg[F5]
        made = 1
    if msg[F6] > 0:
        note.ordinal = msg[F6]
    act[A_WRITE] += 1
    tell(K, out, ENTER, NODES + m.ledgers[c].number * K.notes + i, made)


def asked_for_counter(K: Constants, m: Core, c: int, op: int, msg: Row, out: Ints, act: Ints) -> None:
    """COUNT a digram; the BEST one behind another; FORGET them all."""
    dream = m.dreams[c]
    if op == COUNT:
        tell(K, out, COUNT, count(K, m, c, msg[F1], msg[F2], msg[F3], msg[F4], act), m.ledgers[c].number)
    elif op == BEST:
        best = -1
        for i in range(dream.counters):
            act[A_READ] += 1
            one = m.counters[c * K.counters + i]
            behind = one.count < msg[F1] or (one.count == msg[F1] and one.place > msg[F2])
            if behind and (best < 0 or comes_before(m.counters, c * K.counters + i, c * K.counters + best)):
                best = i
        if best < 0:
            tell(K, out, BEST)
        else:
            one = m.counters[c * K.counters + best]
            tell(K, out, BEST, one.count, one.place, one.left, one.right, one.cls)
    else:
        act[A_WRITE] += dream.counters
        own = m.ledgers[c]
        own.used -= dream.counters * K.bits_counter
        dream.bits -= dream.counters * K.bits_counter
        dream.counters = 0
        for i in range(NOTE_BUCKETS):
            m.counter_buckets[c * NOTE_BUCKETS + i] = 0
        tell(K, out, FORGET)


def count(K: Constants, m: Core, c: int, left: int, right: int, cls: int, place: int, act: Ints) -> int:
    """Count a digram; 0 without room for it."""
    dream, bucket = m.dreams[c], c * NOTE_BUCKETS + bucket_of(K, left, 0, right, cls)
    i = m.counter_buckets[bucket] - 1
    while i >= 0:
        act[A_SYNOP] += 1
        one = m.counters[c * K.counters + i]
        if one.left == left and one.right == right and one.cls == cls:
            one.count += 1
            act[A_UPDATE] += 1
            return 1
        i = one.next - 1
    i = dream.counters
    if i >= K.counters or not take(K, m, c, K.bits_counter):
        return 0
    one = m.counters[c * K.counters + i]
    one.left = left
    one.right = right
    one.cls = cls
    one.count = 1
    one.place = place
    one.next = m.counter_buckets[bucket]
    m.counter_buckets[bucket] = i + 1
    dream.counters = i + 1
    act[A_WRITE] += 1
    return 1


def comes_before(counters: Rows[Counter], i: int, j: int) -> bool:
    """Is a digram more frequent than another, or as frequent and counted earlier?"""
    a, b = counters[i], counters[j]
    return a.count > b.count or (a.count == b.count and a.place < b.place)


def asked_for_vector(K: Constants, m: Core, c: int, op: int, msg: Row, out: Ints, act: Ints) -> None:
    """Vectors of a layer: RESET, SWEEP and LIST look at all notes of the core; GIVE, USE and WHO at one."""
    if op in (GIVE, USE, WHO):
        note = m.notes[c * K.notes + (msg[F1] - NODES) % K.notes]
        if op == GIVE:
            note.ordinal = msg[F2] + 1
            act[A_WRITE] += 1
        elif op == USE:
            if note.uses == 0:
                note.first = msg[F2]
                act[A_WRITE] += 1
            note.uses += 1
            note.last = msg[F2]
            act[A_UPDATE] += 1
        else:
            act[A_READ] += 1
        tell(K, out, op, note.ordinal, note.uses, note.first, note.last)
        return
    found, best = 0, -1
    for i in range(m.dreams[c].notes):
        act[A_READ] += 1
        note = m.notes[c * K.notes + i]
        if note.what == A_NODE and note.layer == msg[F1] and note.number > 0:
            if op == RESET:
                note.uses = 0
                act[A_WRITE] += 1
            elif op == SWEEP:
                if note.uses < 2:
                    note.number = 0
                    act[A_WRITE] += 1
                    found += 1
            elif note.number > msg[F2] and (best < 0 or note.number < m.notes[c * K.notes + best].number):
                best = i
    if op == LIST and best >= 0:
        note = m.notes[c * K.notes + best]
        tell(K, out, LIST, note.number, NODES + m.ledgers[c].number * K.notes + best, note.ordinal)
    else:
        tell(K, out, op, found)


def asked_for_tape(K: Constants, m: Core, c: int, op: int, msg: Row, out: Ints, act: Ints) -> None:
    """PUT an item on the tape, or GET one."""
    dream = m.dreams[c]
    i = msg[F1]
    if op == GET:
        item = m.tape[c * K.tape + i]
        act[A_READ] += 1
        tell(K, out, GET, item.id, item.end, item.start, item.begins)
        return
    if i >= dream.tape:
        if i >= K.tape or not take(K, m, c, K.bits_tape):
            tell(K, out, PUT, 0, m.ledgers[c].number)
            return
        dream.tape = i + 1
    item = m.tape[c * K.tape + i]
    item.id = msg[F2]
    item.end = msg[F3]
    item.start = msg[F4]
    item.begins = msg[F5]
    act[A_WRITE] += 1
    tell(K, out, PUT, 1)


def asked_for_core(K: Constants, m: Core, c: int, op: int, msg: Row, out: Ints, act: Ints) -> None:
    """What a core stores beside a sleep: neurons, entries of records and keys; and at the END what it kept for the sleep goes."""
    own, dream = m.ledgers[c], m.dreams[c]
    if op == CALL:
        call(K, m, c, msg[F1], out, act)
    elif op == ROOM_LEFT:
        act[A_READ] += 1
        tell(K, out, ROOM_LEFT, max(0, K.memory_bits - own.used))
    elif op == ENTRY:
        read_entry(K, m, c, msg[F1], msg[F2], out, act)
    elif op == DROP:
        withdraw(K, m, c, m.neurons[c * K.slots + msg[F1]].layer, msg[F1], TOLD, K.root_core[K.layers + 1], out, act)
    elif op == KEEP:
        s = c * K.slots + msg[F1]
        one = m.neurons[s]
        one.activations = msg[F2]
        one.first = msg[F3]
        m.last[s] = msg[F4]
        act[A_WRITE] += 1
        tell(K, out, KEEP)
    elif op == CLEAR:
        own.used -= dream.record_bits
        dream.record_bits = 0
        act[A_WRITE] += 1
        m.kept[c].entries = 0
        m.kept[c].before = 0
        drop_keys(K, m, c, msg[F1], act)
        tell(K, out, CLEAR)
    else:
        own.used -= dream.bits
        tell(K, out, END, dream.peak)
        dream.notes = 0
        dream.counters = 0
        dream.tape = 0
        dream.bits = 0
        for i in range(NOTE_BUCKETS):
            m.note_buckets[c * NOTE_BUCKETS + i] = 0
            m.counter_buckets[c * NOTE_BUCKETS + i] = 0
        act[A_WRITE] += 1


def call(K: Constants, m: Core, c: int, slot: int, out: Ints, act: Ints) -> None:
    """CALL: the next neuron of the core from a slot on, and its vector; 0 if there is none."""
    neurons, first = min(K.slots, len(m.neurons) - c * K.slots), slot
    while slot < neurons and m.neurons[c * K.slots + slot].k == 0:
        slot += 1
    if slot >= neurons:
        act[A_READ] += K.slots - first  # those that nothing was ever stored in included
        tell(K, out, CALL)
        return
    one, keeper = m.neurons[c * K.slots + slot], K.layers + 1
    act[A_READ] += slot - first + 1 + one.k
    base = emit(
        out, TOLD, K.root_core[keeper], keeper, CALL, slot + 1, neuron_id(one.layer, one.ordinal), one.k,
    ) + F4  # fmt: skip
    for p in range(one.k):
        pair = m.pairs[(c * K.slots + slot) * PAIRS + p]
        out[base + 2 * p] = pair.id
        out[base + 2 * p + 1] = pair.cls


def read_entry(K: Constants, m: Core, c: int, i: int, begins: int, out: Ints, act: Ints) -> None:
    """ENTRY: an entry of a record, and the core that keeps those before; flags -1 behind the last."""
    kept = m.kept[c]
    act[A_READ] += 1
    if i < 0 or i >= kept.entries:
        tell(K, out, ENTRY, 0, 0, -1, kept.before)
        return
    entry = m.records[c * K.records + i]
    m.dreams[c].record_bits += K.bits_first if begins else K.bits_record
    tell(K, out, ENTRY, entry.id, entry.word, entry.flags & END_EPISODE, kept.before)


def drop_keys(K: Constants, m: Core, c: int, base: int, act: Ints) -> None:
    """Entries of the layers from ``base`` on go, and the others are written anew, one after the other."""
    own, n = m.ledgers[c], m.ledgers[c].keys
    if n == 0:
        return
    for i in range(n if K.keyed else KEY_BUCKETS):
        m.key_buckets[first_bucket(K, c) + i] = 0
    own.keys = 0
    own.used -= n * K.bits_key
    for i in range(n):
        old = m.keys[c * K.keys + i]
        act[A_READ] += 1
        if old.layer < base:
            insert_key(K, m, c, old.layer, old.parent, old.id, old.cls, old.ordinal, old.address, old.open, act)
            act[A_WRITE] += 1

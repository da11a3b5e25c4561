"""Taking a neuron out of a core: its rows go, then every axon that nobody holds any more is unlinked from its neuron and freed.

What becomes free (rows, axons, forwarding lists, their members) is threaded into lists and taken first when something new is stored.
"""

from __future__ import annotations

from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, LAYER, emit
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.match import axon_bucket, find_axon
from chipsim.programs.nsn.messages import DEPARTED, ERASED, TOLD, UNLINK, WITHDRAWN
from chipsim.programs.nsn.sleep_messages import DROP
from chipsim.programs.nsn.state import AXON_BUCKETS, PAIRS, UNLINKED, Constants


def erase(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """ERASE: a neuron that could not be linked is taken out. Where slots are not used again its rows and bits stay lost, and are counted."""
    if K.reuse:
        withdraw(K, m, c, msg[LAYER], msg[F0], ERASED, msg[F1], out, act)
        return
    m.neurons[c * K.slots + msg[F0]].k = 0
    act[A_WRITE] += 1
    emit(out, ERASED, msg[F1], msg[LAYER])


def take_back(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """WITHDRAW: a neuron that was to move here finds no room for a link; the room for its lists is given back."""
    m.ledgers[c].used -= msg[F2]
    withdraw(K, m, c, msg[LAYER], msg[F0], WITHDRAWN, msg[F1], out, act)


def withdraw(K: Constants, m: Core, c: int, layer: int, slot: int, kind: int, asker: int, out: Ints, act: Ints) -> None:
    """Take a neuron out; the asker gets a message of a kind when all is undone."""
    s, j = c * K.slots + slot, c * K.numbers + layer
    own, one, going = m.ledgers[c], m.neurons[s], m.removals[j]
    k = one.k
    own.used -= K.bits_neuron + k * K.bits_pair
    if layer > 0 and not K.keyed:
        for p in range(k):
            drop_row(K, m, c, find_axon(K, m, c, layer, m.pairs[s * PAIRS + p].id, act), slot, p, act)
        own.used -= k * K.bits_row
    one.k = 0
    m.scores[j].barred = 0
    going.slot = slot
    going.pairs = k
    going.pair = 0
    going.kind = kind
    going.asker = asker
    act[A_WRITE] += 1
    go_on(K, m, c, layer, out, act)


def go_on(K: Constants, m: Core, c: int, layer: int, out: Ints, act: Ints) -> None:
    """Unlink the next axon without rows; when there is none, answer."""
    me, going = m.ledgers[c].number, m.removals[c * K.numbers + layer]
    s = c * K.slots + going.slot
    while K.tracks and layer > 0 and going.pair < going.pairs:
        neuron = m.pairs[s * PAIRS + going.pair].id
        i = find_axon(K, m, c, layer, neuron, act)
        if i >= 0 and m.axons[c * K.axons + i].rows == 0:
            if m.axons[c * K.axons + i].parent != UNLINKED:
                home = m.homes[c * K.axons + i]
                emit(out, UNLINK, home // K.slots, layer, home % K.slots, neuron, me, me)
                return
            drop_axon(K, m, c, i, act)
        going.pair += 1
    if going.kind == TOLD:
        emit(out, TOLD, going.asker, K.layers + 1, DROP)
    elif going.kind == DEPARTED:
        emit(out, DEPARTED, going.asker, layer, m.neurons[s].ordinal, going.slot, 1)
    else:
        emit(out, going.kind, going.asker, layer)


def unlinked(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """UNLINKED: nobody spikes to the axon any more."""
    going = m.removals[c * K.numbers + msg[LAYER]]
    neuron = m.pairs[(c * K.slots + going.slot) * PAIRS + going.pair].id
    drop_axon(K, m, c, find_axon(K, m, c, msg[LAYER], neuron, act), act)
    go_on(K, m, c, msg[LAYER], out, act)


def drop_row(K: Constants, m: Core, c: int, axon: int, slot: int, position: int, act: Ints) -> None:
    """A holder row of an axon goes."""
    own, of, base = m.ledgers[c], m.axons[c * K.axons + axon], c * K.rows
    i, before = of.first[position] - 1, -1
    while m.rows[base + i].slot != slot:
        before = i
        i = m.rows[base + i].next - 1
        act[A_READ] += 1
    row = m.rows[base + i]
    if before < 0:
        of.first[position] = row.next
    else:
        m.rows[base + before].next = row.next
    row.next = own.free_row
    own.free_row = i + 1
    own.rows -= 1
    of.rows -= 1
    act[A_WRITE] += 1


def drop_axon(K: Constants, m: Core, c: int, axon: int, act: Ints) -> None:
    """An axon goes."""
    own, one, base = m.ledgers[c], m.axons[c * K.axons + axon], c * K.axons
    bucket = c * AXON_BUCKETS + axon_bucket(one.layer, one.id)
    before, i = -1, m.axon_buckets[bucket] - 1
    while i != axon:
        before = i
        i = m.axons[base + i].next - 1
        act[A_READ] += 1
    if before < 0:
        m.axon_buckets[bucket] = one.next
    else:
        m.axons[base + before].next = one.next
    one.layer = -1
    one.next = own.free_axon
    own.free_axon = axon + 1
    own.axons -= 1
    own.used -= K.bits_axon
    act[A_WRITE] += 1

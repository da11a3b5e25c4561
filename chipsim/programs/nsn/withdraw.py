"""Taking a neuron out of a core: its rows go, then every axon that nobody holds any more is unlinked from its neuron and freed.

What becomes free (rows, axons, forwarding lists, their members) is threaded into lists and taken first when something new is stored.
"""

from __future__ import annotations

from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, LAYER, emit
from chipsim.programs.nsn.match import axon_bucket, find_axon
from chipsim.programs.nsn.messages import DEPARTED, ERASED, UNLINK, WITHDRAWN
from chipsim.programs.nsn.state import AXON_BUCKETS, PAIRS, UNLINKED, Constants, Core


def erase(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """ERASE: a neuron that could not be linked is taken out. Where slots are not used again its rows and bits stay lost, and are counted."""
    if K.reuse:
        withdraw(K, m, c, msg[LAYER], msg[F0], ERASED, msg[F1], out, act)
        return
    m.k[c * K.slots + msg[F0]] = 0
    act[A_WRITE] += 1
    emit(out, ERASED, msg[F1], msg[LAYER])


def take_back(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """WITHDRAW: a neuron that was to move here finds no room for a link; the room for its lists is given back."""
    m.used[c] -= msg[F2]
    withdraw(K, m, c, msg[LAYER], msg[F0], WITHDRAWN, msg[F1], out, act)


def withdraw(K: Constants, m: Core, c: int, layer: int, slot: int, kind: int, asker: int, out: Ints, act: Ints) -> None:
    """Take a neuron out; the asker gets a message of a kind when all is undone."""
    s = c * K.slots + slot
    j = c * (K.layers + 2) + layer
    k = m.k[s]
    m.used[c] -= K.bits_neuron + k * K.bits_pair
    if layer > 0 and not K.keyed:
        for p in range(k):
            drop_row(K, m, c, find_axon(K, m, c, layer, m.vector_id[s * PAIRS + p], act), slot, p, act)
        m.used[c] -= k * K.bits_row
    m.k[s] = 0
    m.barred[j] = 0
    m.out_slot[j] = slot
    m.out_pairs[j] = k
    m.out_pair[j] = 0
    m.out_kind[j] = kind
    m.out_asker[j] = asker
    act[A_WRITE] += 1
    go_on(K, m, c, layer, out, act)


def go_on(K: Constants, m: Core, c: int, layer: int, out: Ints, act: Ints) -> None:
    """Unlink the next axon without rows; when there is none, answer."""
    j = c * (K.layers + 2) + layer
    s = c * K.slots + m.out_slot[j]
    while K.batch and layer > 0 and m.out_pair[j] < m.out_pairs[j]:
        neuron = m.vector_id[s * PAIRS + m.out_pair[j]]
        axon = find_axon(K, m, c, layer, neuron, act)
        a = c * K.axons + axon
        if axon >= 0 and m.axon_rows[a] == 0:
            if m.axon_parent[a] != UNLINKED:
                home = m.axon_home[a]
                emit(out, UNLINK, home // K.slots, layer, home % K.slots, neuron, m.self_core[c], m.self_core[c])
                return
            drop_axon(K, m, c, axon, act)
        m.out_pair[j] += 1
    if m.out_kind[j] == DEPARTED:
        emit(out, DEPARTED, m.out_asker[j], layer, m.ordinal[s], m.out_slot[j], 1)
    else:
        emit(out, m.out_kind[j], m.out_asker[j], layer)


def unlinked(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """UNLINKED: nobody spikes to the axon any more."""
    j = c * (K.layers + 2) + msg[LAYER]
    neuron = m.vector_id[(c * K.slots + m.out_slot[j]) * PAIRS + m.out_pair[j]]
    drop_axon(K, m, c, find_axon(K, m, c, msg[LAYER], neuron, act), act)
    go_on(K, m, c, msg[LAYER], out, act)


def drop_row(K: Constants, m: Core, c: int, axon: int, slot: int, position: int, act: Ints) -> None:
    """A holder row of an axon goes."""
    a = c * K.axons + axon
    row = m.axon_row[a * PAIRS + position]
    before = -1
    while m.row_slot[c * K.rows + row] != slot:
        before = row
        row = m.row_next[c * K.rows + row]
        act[A_READ] += 1
    if before < 0:
        m.axon_row[a * PAIRS + position] = m.row_next[c * K.rows + row]
    else:
        m.row_next[c * K.rows + before] = m.row_next[c * K.rows + row]
    m.row_next[c * K.rows + row] = m.row_free[c]
    m.row_free[c] = row
    m.row_count[c] -= 1
    m.axon_rows[a] -= 1
    act[A_WRITE] += 1


def drop_axon(K: Constants, m: Core, c: int, axon: int, act: Ints) -> None:
    """An axon goes."""
    a = c * K.axons + axon
    bucket = c * AXON_BUCKETS + axon_bucket(m.axon_layer[a], m.axon_id[a])
    before, i = -1, m.axon_bucket[bucket]
    while i != axon:
        before = i
        i = m.axon_next[c * K.axons + i]
        act[A_READ] += 1
    if before < 0:
        m.axon_bucket[bucket] = m.axon_next[a]
    else:
        m.axon_next[c * K.axons + before] = m.axon_next[a]
    m.axon_layer[a] = -1
    m.axon_next[a] = m.axon_free[c]
    m.axon_free[c] = axon
    m.axon_count[c] -= 1
    m.used[c] -= K.bits_axon
    act[A_WRITE] += 1

"""A neuron moves to another core, step by step, each acknowledged; run by the core that it leaves.

The new core stores the vector and makes room for its forwarding lists (IMPORT); the neurons that it names link the new core if need be
(LINK, as in growth); its history follows (HISTORY). From then on nothing can fail. Its forwarding lists go over member by member: with
multicast the old tree is taken back, leaf by leaf from the last, and each reader learns the new address and is linked anew from the new
core (RELINK). Last the neuron is taken out here, and axons that nobody else holds are unlinked (``withdraw``).

Meanwhile the neuron's layer decides nothing, and the layers above present nothing (``migrate``, ``pause``): nobody sees the neuron twice
or not at all.
"""

from __future__ import annotations

from chipsim.ids import neuron_id
from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, LAYER, TRACE, emit
from chipsim.programs.nsn.bisect import bisect
from chipsim.programs.nsn.grow import FIRST_PAIR, store
from chipsim.programs.nsn.link import AGAIN, FROM_CORE, TREE_BACK, link_on, member_at
from chipsim.programs.nsn.match import find_axon
from chipsim.programs.nsn.messages import (
    DEPARTED,
    FIRST_NAMED,
    HISTORY,
    IMPORT,
    IMPORTED,
    KEPT,
    LAST,
    LINK,
    READY,
    RELINK,
    T_WRITE,
    WITHDRAW,
)
from chipsim.programs.nsn.state import PAIRS, Constants, Core
from chipsim.programs.nsn.unlink import clear_way, drop_list, unlink_on
from chipsim.programs.nsn.withdraw import withdraw


def split(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SPLIT: choose the neurons of the layer that are to leave."""
    layer = msg[LAYER]
    j = c * (K.layers + 2) + layer
    m.go_scan[j] = 0
    count = bisect(K, m, c, layer, 0 if msg[F1] else K.least_gain, msg, FIRST_NAMED, msg[F2], act)
    m.barred[j] = 1 if count == 0 else 0
    emit(out, READY, msg[F0], layer, count)


def depart(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """DEPART: the next neuron that was chosen goes to an address."""
    layer = msg[LAYER]
    j = c * (K.layers + 2) + layer
    slot = m.go_scan[j]
    while slot < K.slots and not (m.leave[c * K.slots + slot] and m.layer[c * K.slots + slot] == layer):
        slot += 1
    act[A_READ] += 1 + slot - m.go_scan[j]
    m.go_scan[j] = slot
    if slot == K.slots:
        emit(out, DEPARTED, msg[F1], layer, -1, -1, 0)
        return
    s = c * K.slots + slot
    m.leave[s] = 0
    m.go_slot[j] = slot
    m.go_address[j] = msg[F0]
    m.go_root[j] = msg[F1]
    k = m.k[s]
    base = emit(out, IMPORT, msg[F0] // K.slots, layer, msg[F0] % K.slots, m.ordinal[s], k, m.self_core[c])
    for p in range(k):
        out[base + FIRST_PAIR + 2 * p] = m.vector_id[s * PAIRS + p]
        out[base + FIRST_PAIR + 2 * p + 1] = m.vector_class[s * PAIRS + p]
        act[A_READ] += 1
    out[base + F0 + LAST] = list_bits(K, m, c, slot, act)


def list_bits(K: Constants, m: Core, c: int, slot: int, act: Ints) -> int:
    """Bits of all forwarding lists of a neuron."""
    bits, i = 0, m.slot_list[c * K.slots + slot]
    while i >= 0:
        bits += K.bits_list + m.list_size[c * K.lists + i] * K.bits_member
        i = m.list_next[c * K.lists + i]
        act[A_READ] += 1
    return bits


def take_in(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """IMPORT: store a vector that comes from another core, and take room for its forwarding lists."""
    layer, slot = msg[LAYER], msg[F0]
    room = msg[F0 + LAST]
    m.used[c] += room
    mask = store(K, m, c, slot, layer, msg[F1], msg, FIRST_PAIR, 2, msg[F2], act)
    if mask < 0:
        m.used[c] -= room
        act[A_READ] += 1
    else:
        s = c * K.slots + slot
        m.leave[s] = 0
        act[A_WRITE] += 1
        for p in range(msg[F2]):
            emit(out, T_WRITE, TRACE, layer, p, m.vector_id[s * PAIRS + p], m.vector_class[s * PAIRS + p])
    emit(out, IMPORTED, msg[F3], layer, mask)


def imported(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """IMPORTED: link what is new there; without room there the neuron stays."""
    layer = msg[LAYER]
    j = c * (K.layers + 2) + layer
    if msg[F0] < 0:
        stays(K, m, c, layer, out)
        return
    m.go_mask[j] = msg[F0]
    join_next(K, m, c, layer, out, act)


def stays(K: Constants, m: Core, c: int, layer: int, out: Ints) -> None:
    """Tell the root that the neuron could not move; a core that cannot be split does not score."""
    j = c * (K.layers + 2) + layer
    m.barred[j] = 1
    slot = m.go_slot[j]
    emit(out, DEPARTED, m.go_root[j], layer, m.ordinal[c * K.slots + slot], slot, 0)


def join_next(K: Constants, m: Core, c: int, layer: int, out: Ints, act: Ints) -> None:
    """Ask the core of the next lower neuron to link the new core; then the history follows."""
    j = c * (K.layers + 2) + layer
    s, mask = c * K.slots + m.go_slot[j], m.go_mask[j]
    there = m.go_address[j]
    if mask == 0:
        emit(
            out, HISTORY, there // K.slots, layer, there % K.slots, m.activations[s], m.first[s], m.last[s], m.self_core[c]
        )  # fmt: skip
        act[A_READ] += 1
        return
    p = 0
    while not mask >> p & 1:
        p += 1
    m.go_mask[j] = mask & ~(1 << p)
    neuron = m.vector_id[s * PAIRS + p]
    home = m.axon_home[c * K.axons + find_axon(K, m, c, layer, neuron, act)]
    emit(out, LINK, home // K.slots, layer, home % K.slots, neuron, there // K.slots, m.self_core[c], FROM_CORE)


def joined(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """JOINED: the next link; if there was no room for it the new core takes back what it stored."""
    layer = msg[LAYER]
    if msg[F0]:
        join_next(K, m, c, layer, out, act)
        return
    j = c * (K.layers + 2) + layer
    there, bits = m.go_address[j], list_bits(K, m, c, m.go_slot[j], act)
    emit(out, WITHDRAW, there // K.slots, layer, there % K.slots, m.self_core[c], bits)


def withdrawn(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """WITHDRAWN: the neuron is here alone again."""
    stays(K, m, c, msg[LAYER], out)


def history(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """HISTORY: count and times of a neuron that has come."""
    s = c * K.slots + msg[F0]
    m.activations[s] = msg[F1]
    m.first[s] = msg[F2]
    m.last[s] = msg[F3]
    act[A_WRITE] += 1
    emit(out, KEPT, msg[F4], msg[LAYER])


def kept(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """KEPT: the neuron stands there; now its forwarding lists."""
    m.go_list[c * (K.layers + 2) + msg[LAYER]] = -1
    hand_over(K, m, c, msg[LAYER], out, act)


def hand_over(K: Constants, m: Core, c: int, layer: int, out: Ints, act: Ints) -> None:
    """Go on with the forwarding lists, one after the other; when none is left the neuron is taken out."""
    j = c * (K.layers + 2) + layer
    slot = m.go_slot[j]
    s = c * K.slots + slot
    while m.slot_list[s] >= 0:
        i = m.slot_list[s]
        if m.go_list[j] != i:
            begin_list(K, m, c, layer, i)
        if clear_next(K, m, c, i, out, act) or relink_next(K, m, c, layer, i, out, act):
            return
        f = c * K.lists + i
        m.used[c] -= K.bits_list + m.list_size[f] * K.bits_member
        m.member_next[c * K.members + m.list_last[f]] = m.member_free[c]
        m.member_free[c] = m.list_first[f]
        m.member_count[c] -= m.list_size[f]
        drop_list(K, m, c, i, slot)
        m.go_list[j] = -1
        act[A_WRITE] += 1
    withdraw(K, m, c, layer, slot, DEPARTED, m.go_root[j], out, act)


def begin_list(K: Constants, m: Core, c: int, layer: int, i: int) -> None:
    """Begin with a list: its tree is taken back from the last member on."""
    j = c * (K.layers + 2) + layer
    f = c * K.lists + i
    m.go_list[j] = i
    m.go_member[j] = 0
    h = c * (K.layers + 2) + m.list_layer[f]
    m.link_slot[h] = m.go_slot[j]
    m.link_id[h] = neuron_id(layer, m.ordinal[c * K.slots + m.go_slot[j]])
    m.link_stage[h] = TREE_BACK
    m.link_index[h] = m.list_size[f]
    m.link_tile[h] = -1


def clear_next(K: Constants, m: Core, c: int, i: int, out: Ints, act: Ints) -> bool:
    """Ask the next router of a list's multicast tree to give it up; False: none is left."""
    reader = m.list_layer[c * K.lists + i]
    h = c * (K.layers + 2) + reader
    while K.multicast and m.link_index[h] >= 0:
        if m.link_index[h] < m.list_size[c * K.lists + i]:
            child = member_at(K, m, c, i, m.link_index[h])
            act[A_READ] += 1
            if clear_way(K, m, c, reader, i, m.link_index[h], child, out, act):
                return True
        m.link_index[h] -= 1
        if m.link_index[h] >= 0:
            m.link_tile[h] = member_at(K, m, c, i, m.link_index[h]) // K.concentration
    return False


def relink_next(K: Constants, m: Core, c: int, layer: int, i: int, out: Ints, act: Ints) -> bool:
    """Have the new core link the next member of a list; False: none is left."""
    j = c * (K.layers + 2) + layer
    f, there = c * K.lists + i, m.go_address[j]
    if m.go_member[j] == m.list_size[f]:
        return False
    child = member_at(K, m, c, i, m.go_member[j])
    act[A_READ] += 1 + m.go_member[j]
    m.go_member[j] += 1
    neuron = neuron_id(layer, m.ordinal[c * K.slots + m.go_slot[j]])
    emit(
        out,
        RELINK,
        there // K.slots,
        m.list_layer[f],
        there % K.slots,
        neuron,
        child,
        m.self_core[c],
        m.list_use[f] if K.scores else 0,
    )
    return True


def relinked(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """RELINKED: the next member."""
    hand_over_on(K, m, c, msg[LAYER], out, act)


def hand_over_on(K: Constants, m: Core, c: int, reader: int, out: Ints, act: Ints) -> None:
    """Go on with a list of readers on a layer."""
    slot = m.link_slot[c * (K.layers + 2) + reader]
    hand_over(K, m, c, m.layer[c * K.slots + slot], out, act)


def wrote(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """WROTE: the next step of whatever the core does for a forwarding list."""
    stage = m.link_stage[c * (K.layers + 2) + msg[LAYER]]
    if stage <= AGAIN:
        link_on(K, m, c, msg[LAYER], out, act)
    elif stage < TREE_BACK:
        unlink_on(K, m, c, msg[LAYER], out, act)
    else:
        hand_over_on(K, m, c, msg[LAYER], out, act)

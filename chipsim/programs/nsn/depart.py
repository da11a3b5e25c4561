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
from chipsim.programs.nsn.core import Core
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
from chipsim.programs.nsn.state import PAIRS, Constants
from chipsim.programs.nsn.unlink import clear_way, drop_list, unlink_on
from chipsim.programs.nsn.withdraw import withdraw


def split(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SPLIT: choose the neurons of the layer that are to leave."""
    layer = msg[LAYER]
    j = c * K.numbers + layer
    m.departures[j].scan = 0
    count = bisect(K, m, c, layer, 0 if msg[F1] else K.least_gain, msg, FIRST_NAMED, msg[F2], act)
    m.scores[j].barred = 1 if count == 0 else 0
    emit(out, READY, msg[F0], layer, count)


def depart(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """DEPART: the next neuron that was chosen goes to an address."""
    layer = msg[LAYER]
    going = m.departures[c * K.numbers + layer]
    slot = going.scan
    while slot < K.slots and not (m.cuts[c * K.slots + slot].leave and m.neurons[c * K.slots + slot].layer == layer):
        slot += 1
    act[A_READ] += 1 + slot - going.scan
    going.scan = slot
    if slot == K.slots:
        emit(out, DEPARTED, msg[F1], layer, -1, -1, 0)
        return
    s = c * K.slots + slot
    m.cuts[s].leave = 0
    going.slot = slot
    going.address = msg[F0]
    going.root = msg[F1]
    k = m.neurons[s].k
    base = emit(out, IMPORT, msg[F0] // K.slots, layer, msg[F0] % K.slots, m.neurons[s].ordinal, k, m.ledgers[c].number)
    for p in range(k):
        pair = m.pairs[s * PAIRS + p]
        out[base + FIRST_PAIR + 2 * p] = pair.id
        out[base + FIRST_PAIR + 2 * p + 1] = pair.cls
        act[A_READ] += 1
    out[base + F0 + LAST] = list_bits(K, m, c, slot, act)


def list_bits(K: Constants, m: Core, c: int, slot: int, act: Ints) -> int:
    """Bits of all forwarding lists of a neuron."""
    bits, i = 0, m.neurons[c * K.slots + slot].list - 1
    while i >= 0:
        bits += K.bits_list + m.lists[c * K.lists + i].size * K.bits_member
        i = m.lists[c * K.lists + i].next - 1
        act[A_READ] += 1
    return bits


def take_in(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """IMPORT: store a vector that comes from another core, and take room for its forwarding lists."""
    layer, slot = msg[LAYER], msg[F0]
    room = msg[F0 + LAST]
    m.ledgers[c].used += room
    mask = store(K, m, c, slot, layer, msg[F1], msg, FIRST_PAIR, 2, msg[F2], act)
    if mask < 0:
        m.ledgers[c].used -= room
        act[A_READ] += 1
    else:
        s = c * K.slots + slot
        m.cuts[s].leave = 0
        act[A_WRITE] += 1
        for p in range(msg[F2]):
            pair = m.pairs[s * PAIRS + p]
            emit(out, T_WRITE, TRACE, layer, p, pair.id, pair.cls)
    emit(out, IMPORTED, msg[F3], layer, mask)


def imported(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """IMPORTED: link what is new there; without room there the neuron stays."""
    layer = msg[LAYER]
    j = c * K.numbers + layer
    if msg[F0] < 0:
        stays(K, m, c, layer, out)
        return
    m.departures[j].mask = msg[F0]
    join_next(K, m, c, layer, out, act)


def stays(K: Constants, m: Core, c: int, layer: int, out: Ints) -> None:
    """Tell the root that the neuron could not move; a core that cannot be split does not score."""
    j = c * K.numbers + layer
    m.scores[j].barred = 1
    slot = m.departures[j].slot
    emit(out, DEPARTED, m.departures[j].root, layer, m.neurons[c * K.slots + slot].ordinal, slot, 0)


def join_next(K: Constants, m: Core, c: int, layer: int, out: Ints, act: Ints) -> None:
    """Ask the core of the next lower neuron to link the new core; then the history follows."""
    going = m.departures[c * K.numbers + layer]
    s, mask = c * K.slots + going.slot, going.mask
    there = going.address
    if mask == 0:
        one = m.neurons[s]
        emit(
            out, HISTORY, there // K.slots, layer, there % K.slots, one.activations, one.first, m.last[s], m.ledgers[c].number
        )  # fmt: skip
        act[A_READ] += 1
        return
    p = 0
    while not mask >> p & 1:
        p += 1
    going.mask = mask & ~(1 << p)
    neuron = m.pairs[s * PAIRS + p].id
    home = m.homes[c * K.axons + find_axon(K, m, c, layer, neuron, act)]
    emit(out, LINK, home // K.slots, layer, home % K.slots, neuron, there // K.slots, m.ledgers[c].number, FROM_CORE)


def joined(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """JOINED: the next link; if there was no room for it the new core takes back what it stored."""
    layer = msg[LAYER]
    if msg[F0]:
        join_next(K, m, c, layer, out, act)
        return
    j = c * K.numbers + layer
    there, bits = m.departures[j].address, list_bits(K, m, c, m.departures[j].slot, act)
    emit(out, WITHDRAW, there // K.slots, layer, there % K.slots, m.ledgers[c].number, bits)


def withdrawn(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """WITHDRAWN: the neuron is here alone again."""
    stays(K, m, c, msg[LAYER], out)


def history(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """HISTORY: count and times of a neuron that has come."""
    s = c * K.slots + msg[F0]
    m.neurons[s].activations = msg[F1]
    m.neurons[s].first = msg[F2]
    m.last[s] = msg[F3]
    act[A_WRITE] += 1
    emit(out, KEPT, msg[F4], msg[LAYER])


def kept(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """KEPT: the neuron stands there; now its forwarding lists."""
    m.departures[c * K.numbers + msg[LAYER]].list = -1
    hand_over(K, m, c, msg[LAYER], out, act)


def hand_over(K: Constants, m: Core, c: int, layer: int, out: Ints, act: Ints) -> None:
    """Go on with the forwarding lists, one after the other; when none is left the neuron is taken out."""
    going = m.departures[c * K.numbers + layer]
    slot = going.slot
    s = c * K.slots + slot
    while m.neurons[s].list > 0:
        i = m.neurons[s].list - 1
        if going.list != i:
            begin_list(K, m, c, layer, i)
        if clear_next(K, m, c, i, out, act) or relink_next(K, m, c, layer, i, out, act):
            return
        f = c * K.lists + i
        m.ledgers[c].used -= K.bits_list + m.lists[f].size * K.bits_member
        m.members[c * K.members + m.lists[f].last - 1].next = m.ledgers[c].free_member
        m.ledgers[c].free_member = m.lists[f].first
        m.ledgers[c].members -= m.lists[f].size
        drop_list(K, m, c, i, slot)
        going.list = -1
        act[A_WRITE] += 1
    withdraw(K, m, c, layer, slot, DEPARTED, going.root, out, act)


def begin_list(K: Constants, m: Core, c: int, layer: int, i: int) -> None:
    """Begin with a list: its tree is taken back from the last member on."""
    going = m.departures[c * K.numbers + layer]
    f = c * K.lists + i
    going.list = i
    going.member = 0
    link = m.links[c * K.numbers + m.lists[f].layer]
    link.slot = going.slot
    link.id = neuron_id(layer, m.neurons[c * K.slots + going.slot].ordinal)
    link.stage = TREE_BACK
    link.index = m.lists[f].size
    link.tile = -1


def clear_next(K: Constants, m: Core, c: int, i: int, out: Ints, act: Ints) -> bool:
    """Ask the next router of a list's multicast tree to give it up; False: none is left."""
    reader = m.lists[c * K.lists + i].layer
    link = m.links[c * K.numbers + reader]
    while K.multicast and link.index >= 0:
        if link.index < m.lists[c * K.lists + i].size:
            child = member_at(K, m, c, i, link.index)
            act[A_READ] += 1
            if clear_way(K, m, c, reader, i, link.index, child, out, act):
                return True
        link.index -= 1
        if link.index >= 0:
            link.tile = member_at(K, m, c, i, link.index) // K.concentration
    return False


def relink_next(K: Constants, m: Core, c: int, layer: int, i: int, out: Ints, act: Ints) -> bool:
    """Have the new core link the next member of a list; False: none is left."""
    going = m.departures[c * K.numbers + layer]
    f, there = c * K.lists + i, going.address
    if going.member == m.lists[f].size:
        return False
    child = member_at(K, m, c, i, going.member)
    act[A_READ] += 1 + going.member
    going.member += 1
    neuron = neuron_id(layer, m.neurons[c * K.slots + going.slot].ordinal)
    emit(
        out,
        RELINK,
        there // K.slots,
        m.lists[f].layer,
        there % K.slots,
        neuron,
        child,
        m.ledgers[c].number,
        m.lists[f].use if K.scores else 0,
    )
    return True


def relinked(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """RELINKED: the next member."""
    hand_over_on(K, m, c, msg[LAYER], out, act)


def hand_over_on(K: Constants, m: Core, c: int, reader: int, out: Ints, act: Ints) -> None:
    """Go on with a list of readers on a layer."""
    slot = m.links[c * K.numbers + reader].slot
    hand_over(K, m, c, m.neurons[c * K.slots + slot].layer, out, act)


def wrote(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """WROTE: the next step of whatever the core does for a forwarding list."""
    stage = m.links[c * K.numbers + msg[LAYER]].stage
    if stage <= AGAIN:
        link_on(K, m, c, msg[LAYER], out, act)
    elif stage < TREE_BACK:
        unlink_on(K, m, c, msg[LAYER], out, act)
    else:
        hand_over_on(K, m, c, msg[LAYER], out, act)

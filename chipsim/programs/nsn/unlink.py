"""Unlinking: a core that no longer holds an axon leaves the forwarding list, the reduction tree and the multicast tree of its neuron.

Run by the lower neuron's core. The last member of the list takes the place of the one that goes, so that the list stays a heap without
holes; those whose parent or children change are told both. Then routers on the way to the core that left give up what no other
member's way uses. All this happens while the layer presents nothing, so that no packet sees half of it.
"""

from __future__ import annotations

from chipsim.machine.actions import A_READ, A_TABLE, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, LAYER, TRACE, emit
from chipsim.noc.xy import LOCAL, LOCAL_BIT, previous_tile, xy_port
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.link import BRANCH, NODES, member_at, on_tree
from chipsim.programs.nsn.match import find_axon
from chipsim.programs.nsn.messages import CLEAR_ROUTE, SET_NODE, T_CLEAR, UNLINKED, WROTE
from chipsim.programs.nsn.present import find_list
from chipsim.programs.nsn.state import Constants


def unlink(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """UNLINK: the member leaves the list; then those are told whose place in the tree changes."""
    layer, slot, child = msg[LAYER], msg[F0], msg[F2]
    one = m.links[c * K.numbers + layer]
    one.slot = slot
    one.id = msg[F1]
    one.child = child
    one.root = msg[F3]
    one.stage = NODES
    one.tile = child // K.concentration
    one.index = drop_member(K, m, c, layer, slot, child, act)
    one.step = 0
    m.ledgers[c].used -= K.bits_member + (K.bits_list if find_list(K, m, c, layer, msg[F0], act) < 0 else 0)
    unlink_on(K, m, c, layer, out, act)


def drop_member(K: Constants, m: Core, c: int, layer: int, slot: int, child: int, act: Ints) -> int:
    """Take a core out of the list of (layer, slot), the last one taking its place; which place that was."""
    own, i, base = m.ledgers[c], find_list(K, m, c, layer, slot, act), c * K.members
    one = m.lists[c * K.lists + i]
    n, before, index, found, place = one.first - 1, -1, 0, -1, -1
    while m.members[base + n].next > 0:
        if m.members[base + n].core == child:
            found, place = n, index
        before = n
        n = m.members[base + n].next - 1
        index += 1
        act[A_READ] += 1
    member = m.members[base + n]
    if found >= 0:
        m.members[base + found].core = member.core
    else:
        place = index
    if before >= 0:
        m.members[base + before].next = 0
        one.last = before + 1
    one.size -= 1
    member.next = own.free_member
    own.free_member = n + 1
    own.members -= 1
    if one.size == 0:
        drop_list(K, m, c, i, slot)
    act[A_WRITE] += 2
    return place


def drop_list(K: Constants, m: Core, c: int, i: int, slot: int) -> None:
    """An empty list goes."""
    base, own, neuron = c * K.lists, m.ledgers[c], m.neurons[c * K.slots + slot]
    one = m.lists[base + i]
    if neuron.list == i + 1:
        neuron.list = one.next
    else:
        before = m.lists[base + neuron.list - 1]
        while before.next != i + 1:
            before = m.lists[base + before.next - 1]
        before.next = one.next
    one.next = own.free_list
    own.free_list = i + 1
    own.lists -= 1


def place_told(step: int, index: int, size: int, arity: int) -> int:
    """Which place of a heap is told of a change at a step, -1: none; the last of size + 1 went to place ``index``.

    First the one that the last place hung on, then the place itself, then those that hang on it.
    """
    if step == 0:
        return (size - 1) // arity if size > 0 else -1
    place = index if step == 1 else arity * index + step - 1
    return place if place < size else -1


def unlink_on(K: Constants, m: Core, c: int, layer: int, out: Ints, act: Ints) -> None:
    """The next step of unlinking."""
    one = m.links[c * K.numbers + layer]
    i = find_list(K, m, c, layer, one.slot, act)
    size = m.lists[c * K.lists + i].size if i >= 0 else 0
    while one.stage == NODES and one.step < K.arity + 2:
        place = place_told(one.step, one.index, size, K.arity)
        one.step += 1
        if place >= 0:
            parent = member_at(K, m, c, i, (place - 1) // K.arity) if place > 0 else -1
            children = max(0, min(K.arity, size - 1 - K.arity * place))
            act[A_READ] += 1 + place
            emit(out, SET_NODE, member_at(K, m, c, i, place), layer, one.id, parent, children, m.ledgers[c].number)
            return
    one.stage = BRANCH
    if clear_way(K, m, c, layer, i, size, one.child, out, act):
        return
    emit(out, UNLINKED, one.root, layer)


def clear_way(K: Constants, m: Core, c: int, layer: int, i: int, size: int, child: int, out: Ints, act: Ints) -> bool:
    """Ask the next router on the way back from a core to give it up, unless one of the first ``size`` members uses it; False: none is left."""
    me, one = m.ledgers[c].number, m.links[c * K.numbers + layer]
    tile = one.tile
    if not K.multicast or tile < 0:
        return False
    source, leaf = me // K.concentration, child // K.concentration
    port = xy_port(tile, leaf, K.width, K.height, K.column)
    if port != LOCAL and on_tree(K, m, c, i, source, tile, port, size, act):
        return False
    bit = 1 << (LOCAL_BIT + child % K.concentration) if port == LOCAL else 1 << port
    one.tile = previous_tile(source, tile, K.width, K.height, K.column)
    emit(out, CLEAR_ROUTE, tile * K.concentration, layer, one.id, bit, me)
    return True


def set_node(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SET_NODE: parent and children of an axon in the reduction tree."""
    axon = m.axons[c * K.axons + find_axon(K, m, c, msg[LAYER], msg[F0], act)]
    axon.parent = msg[F1]
    axon.children = msg[F2]
    act[A_WRITE] += 1
    emit(out, WROTE, msg[F3], msg[LAYER])


def clear_route(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """CLEAR_ROUTE: the core takes a bit out of an entry of its tile's router."""
    act[A_TABLE] += 1
    emit(out, T_CLEAR, TRACE, msg[LAYER], msg[F0], msg[F1])
    emit(out, WROTE, msg[F2], msg[LAYER])

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
from chipsim.programs.nsn.link import BRANCH, NODES, member_at, on_tree
from chipsim.programs.nsn.match import find_axon
from chipsim.programs.nsn.messages import CLEAR_ROUTE, SET_NODE, T_CLEAR, UNLINKED, WROTE
from chipsim.programs.nsn.present import find_list
from chipsim.programs.nsn.state import Constants, Core


def unlink(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """UNLINK: the member leaves the list; then those are told whose place in the tree changes."""
    layer, slot, child = msg[LAYER], msg[F0], msg[F2]
    j = c * (K.layers + 2) + layer
    m.link_slot[j] = slot
    m.link_id[j] = msg[F1]
    m.link_child[j] = child
    m.link_root[j] = msg[F3]
    m.link_stage[j] = NODES
    m.link_tile[j] = child // K.concentration
    m.link_index[j] = drop_member(K, m, c, layer, slot, child, act)
    m.link_step[j] = 0
    m.used[c] -= K.bits_member + (K.bits_list if find_list(K, m, c, layer, msg[F0], act) < 0 else 0)
    unlink_on(K, m, c, layer, out, act)


def drop_member(K: Constants, m: Core, c: int, layer: int, slot: int, child: int, act: Ints) -> int:
    """Take a core out of the list of (layer, slot), the last one taking its place; which place that was."""
    i = find_list(K, m, c, layer, slot, act)
    f, base = c * K.lists + i, c * K.members
    member, before, index, found, place = m.list_first[f], -1, 0, -1, -1
    while m.member_next[base + member] >= 0:
        if m.member_core[base + member] == child:
            found, place = member, index
        before = member
        member = m.member_next[base + member]
        index += 1
        act[A_READ] += 1
    if found >= 0:
        m.member_core[base + found] = m.member_core[base + member]
    else:
        place = index
    if before >= 0:
        m.member_next[base + before] = -1
        m.list_last[f] = before
    m.list_size[f] -= 1
    m.member_next[base + member] = m.member_free[c]
    m.member_free[c] = member
    m.member_count[c] -= 1
    if m.list_size[f] == 0:
        drop_list(K, m, c, i, slot)
    act[A_WRITE] += 2
    return place


def drop_list(K: Constants, m: Core, c: int, i: int, slot: int) -> None:
    """An empty list goes."""
    base = c * K.lists
    if m.slot_list[c * K.slots + slot] == i:
        m.slot_list[c * K.slots + slot] = m.list_next[base + i]
    else:
        before = m.slot_list[c * K.slots + slot]
        while m.list_next[base + before] != i:
            before = m.list_next[base + before]
        m.list_next[base + before] = m.list_next[base + i]
    m.list_next[base + i] = m.list_free[c]
    m.list_free[c] = i
    m.list_count[c] -= 1


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
    j = c * (K.layers + 2) + layer
    i = find_list(K, m, c, layer, m.link_slot[j], act)
    size = m.list_size[c * K.lists + i] if i >= 0 else 0
    while m.link_stage[j] == NODES and m.link_step[j] < K.arity + 2:
        place = place_told(m.link_step[j], m.link_index[j], size, K.arity)
        m.link_step[j] += 1
        if place >= 0:
            parent = member_at(K, m, c, i, (place - 1) // K.arity) if place > 0 else -1
            children = max(0, min(K.arity, size - 1 - K.arity * place))
            act[A_READ] += 1 + place
            emit(out, SET_NODE, member_at(K, m, c, i, place), layer, m.link_id[j], parent, children, m.self_core[c])
            return
    m.link_stage[j] = BRANCH
    if clear_way(K, m, c, layer, i, size, m.link_child[j], out, act):
        return
    emit(out, UNLINKED, m.link_root[j], layer)


def clear_way(K: Constants, m: Core, c: int, layer: int, i: int, size: int, child: int, out: Ints, act: Ints) -> bool:
    """Ask the next router on the way back from a core to give it up, unless one of the first ``size`` members uses it; False: none is left."""
    j = c * (K.layers + 2) + layer
    tile = m.link_tile[j]
    if not K.multicast or tile < 0:
        return False
    source, leaf = m.self_core[c] // K.concentration, child // K.concentration
    port = xy_port(tile, leaf, K.width, K.height, K.column)
    if port != LOCAL and on_tree(K, m, c, i, source, tile, port, size, act):
        return False
    bit = 1 << (LOCAL_BIT + child % K.concentration) if port == LOCAL else 1 << port
    m.link_tile[j] = previous_tile(source, tile, K.width, K.height, K.column)
    emit(out, CLEAR_ROUTE, tile * K.concentration, layer, m.link_id[j], bit, m.self_core[c])
    return True


def set_node(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SET_NODE: parent and children of an axon in the reduction tree."""
    a = c * K.axons + find_axon(K, m, c, msg[LAYER], msg[F0], act)
    m.axon_parent[a] = msg[F1]
    m.axon_children[a] = msg[F2]
    act[A_WRITE] += 1
    emit(out, WROTE, msg[F3], msg[LAYER])


def clear_route(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """CLEAR_ROUTE: the core takes a bit out of an entry of its tile's router."""
    act[A_TABLE] += 1
    emit(out, T_CLEAR, TRACE, msg[LAYER], msg[F0], msg[F1])
    emit(out, WROTE, msg[F2], msg[LAYER])

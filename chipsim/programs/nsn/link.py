"""Linking a core to a lower neuron: parent in the reduction tree, branch of the multicast tree, forwarding list.

Run by the lower neuron's core, one link per layer at a time (the layer's root asks for the next when this one is acknowledged). Leaf
first, root last: the new reader learns its parent, routers on the way back from it take up the branch until the old tree is met, the
parent learns of its child, and only then the list has the new member. A packet sent before sees the old tree, one sent later the whole new.

A list that moves with its neuron is linked anew from the new core (RELINK): readers learn the new address and routers the new ways; who
answers to whom stays. The steps of taking links back are in ``unlink``.
"""

from __future__ import annotations

from chipsim.machine.actions import A_READ, A_TABLE, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, LAYER, TRACE, emit
from chipsim.noc.xy import LOCAL, LOCAL_BIT, previous_tile, xy_port, xy_uses
from chipsim.programs.nsn.match import find_axon
from chipsim.programs.nsn.messages import (
    ADD_CHILD,
    CROWDED,
    JOINED,
    LINKED,
    RELINKED,
    SET_HOME,
    SET_PARENT,
    SET_ROUTE,
    T_ROUTE,
    WROTE,
)
from chipsim.programs.nsn.present import find_list
from chipsim.programs.nsn.state import Constants, Core

ROUTES, CHILD, AGAIN, NODES, BRANCH, TREE_BACK = range(1, 7)
"""What a core does for a forwarding list: link a reader (its way, then its parent), link it again from here, unlink a reader (those whose
place changes, then its way), take a tree back."""

TELL_EVERY = 32
"""Links after which a crowded core speaks up again."""

FROM_ROOT, FROM_CORE = 0, 1
"""Who asks for a link: the root of a layer that grows, or a core that a neuron leaves."""


def member_at(K: Constants, m: Core, c: int, i: int, index: int) -> int:
    """The index-th member (from 0) of a forwarding list."""
    member = m.list_first[c * K.lists + i]
    while index > 0:
        member = m.member_next[c * K.members + member]
        index -= 1
    return m.member_core[c * K.members + member]


def parent_index(size: int, arity: int) -> int:
    """Index of the member that the next one (number ``size`` from 0) reports to in a heap of the given arity; -1: the root."""
    return (size - 1) // arity if size > 0 else -1


def add_member(K: Constants, m: Core, c: int, layer: int, slot: int, child: int) -> None:
    """Append to the forwarding list of (layer, slot), making the list if need be; its bits are charged by the caller."""
    base = c * K.lists
    i = m.slot_list[c * K.slots + slot]
    while i >= 0 and m.list_layer[base + i] != layer:
        i = m.list_next[base + i]
    member = m.member_free[c]
    if member >= 0:
        m.member_free[c] = m.member_next[c * K.members + member]
    else:  # all that were ever taken are in use
        member = m.member_count[c]
    if i < 0:
        i = m.list_free[c]
        if i >= 0:
            m.list_free[c] = m.list_next[base + i]
        else:
            i = m.list_count[c]
        m.list_layer[base + i] = layer
        m.list_next[base + i] = m.slot_list[c * K.slots + slot]
        m.list_first[base + i] = -1
        m.list_size[base + i] = 0
        if K.scores:
            m.list_use[base + i] = 0
        m.slot_list[c * K.slots + slot] = i
        m.list_count[c] += 1
    m.member_core[c * K.members + member] = child
    m.member_next[c * K.members + member] = -1
    if m.list_first[base + i] < 0:
        m.list_first[base + i] = member
    else:
        m.member_next[c * K.members + m.list_last[base + i]] = member
    m.list_last[base + i] = member
    m.list_size[base + i] += 1
    m.member_count[c] += 1


def link(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """LINK: begin; the new reader is told its parent. Room for the member is taken at once, so that a link that began also ends."""
    layer, slot, neuron, child = msg[LAYER], msg[F0], msg[F1], msg[F2]
    me = m.self_core[c]
    i = find_list(K, m, c, layer, slot, act)
    size = m.list_size[c * K.lists + i] if i >= 0 else 0
    bits = K.bits_member + (0 if size > 0 else K.bits_list)
    if K.batch and m.used[c] + bits > K.growth_bits:
        tell(K, m, c, slot, out)
    if m.used[c] + bits > K.memory_bits:
        emit(out, JOINED if msg[F4] == FROM_CORE else LINKED, msg[F3], layer, 0)
        return
    m.used[c] += bits
    up = parent_index(size, K.arity)
    parent = member_at(K, m, c, i, up) if up >= 0 else -1
    act[A_READ] += 1 + max(up, 0)
    j = c * (K.layers + 2) + layer
    m.link_slot[j] = slot
    m.link_id[j] = neuron
    m.link_child[j] = child
    m.link_root[j] = msg[F3]
    m.link_stage[j] = ROUTES
    m.link_step[j] = msg[F4]
    m.link_tile[j] = child // K.concentration
    use = m.list_use[c * K.lists + i] if K.scores and i >= 0 else 0
    emit(out, SET_PARENT, child, layer, neuron, parent, me, slot, use)


def tell(K: Constants, m: Core, c: int, slot: int, out: Ints) -> None:
    """The core has no room for neurons any more, only for links: the root of the layer is asked to split it, now and then."""
    layer = m.layer[c * K.slots + slot]
    j = c * (K.layers + 2) + layer
    if layer > 0 and m.crowded[j] % TELL_EVERY == 0:
        emit(out, CROWDED, K.root_core[layer], layer, m.self_core[c])
    m.crowded[j] += 1


def relink(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """RELINK: a reader of a neuron that has moved here; room for it was taken when the neuron came."""
    layer, slot, neuron, child = msg[LAYER], msg[F0], msg[F1], msg[F2]
    j = c * (K.layers + 2) + layer
    m.link_slot[j] = slot
    m.link_id[j] = neuron
    m.link_child[j] = child
    m.link_root[j] = msg[F3]
    m.link_stage[j] = AGAIN
    m.link_tile[j] = child // K.concentration
    m.link_use[j] = msg[F4]
    emit(out, SET_HOME, child, layer, neuron, m.self_core[c] * K.slots + slot, m.self_core[c])


def on_tree(K: Constants, m: Core, c: int, i: int, source: int, tile: int, port: int, first: int, act: Ints) -> bool:
    """True if the path of one of the first members leaves ``tile`` through ``port``."""
    if i < 0:
        return False
    member = m.list_first[c * K.lists + i]
    while member >= 0 and first > 0:
        first -= 1
        act[A_READ] += 1
        leaf = m.member_core[c * K.members + member] // K.concentration
        if xy_uses(source, leaf, tile, port, K.width, K.height, K.column):
            return True
        member = m.member_next[c * K.members + member]
    return False


def link_on(K: Constants, m: Core, c: int, layer: int, out: Ints, act: Ints) -> None:
    """The next step of a link."""
    j = c * (K.layers + 2) + layer
    me, slot, neuron, child = m.self_core[c], m.link_slot[j], m.link_id[j], m.link_child[j]
    source, leaf = me // K.concentration, child // K.concentration
    i = find_list(K, m, c, layer, slot, act)
    tile = m.link_tile[j]
    size = m.list_size[c * K.lists + i] if i >= 0 else 0
    if m.link_stage[j] != CHILD and K.multicast and tile >= 0:
        port = xy_port(tile, leaf, K.width, K.height, K.column)
        if port == LOCAL or not on_tree(K, m, c, i, source, tile, port, size, act):
            bit = 1 << (LOCAL_BIT + child % K.concentration) if port == LOCAL else 1 << port
            m.link_tile[j] = previous_tile(source, tile, K.width, K.height, K.column)
            emit(out, SET_ROUTE, tile * K.concentration, layer, neuron, bit, me)
            return
    up = parent_index(size, K.arity)
    if m.link_stage[j] == ROUTES and up >= 0:
        m.link_stage[j] = CHILD
        act[A_READ] += 1 + up
        emit(out, ADD_CHILD, member_at(K, m, c, i, up), layer, neuron, me)
        return
    act[A_WRITE] += 1
    add_member(K, m, c, layer, slot, child)
    if m.link_stage[j] == AGAIN:
        if K.scores:
            m.list_use[c * K.lists + find_list(K, m, c, layer, slot, act)] = m.link_use[j]
        emit(out, RELINKED, m.link_root[j], layer)
    else:
        emit(out, JOINED if m.link_step[j] == FROM_CORE else LINKED, m.link_root[j], layer, 1)


def set_parent(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SET_PARENT: where the answers of an axon go."""
    axon = find_axon(K, m, c, msg[LAYER], msg[F0], act)
    m.axon_parent[c * K.axons + axon] = msg[F1]
    if K.scores:
        m.axon_use[c * K.axons + axon] = msg[F4]
    if K.batch:
        m.axon_home[c * K.axons + axon] = msg[F2] * K.slots + msg[F3]
    act[A_WRITE] += 1
    emit(out, WROTE, msg[F2], msg[LAYER])


def set_home(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SET_HOME: the neuron of an axon has moved."""
    axon = find_axon(K, m, c, msg[LAYER], msg[F0], act)
    m.axon_home[c * K.axons + axon] = msg[F1]
    act[A_WRITE] += 1
    emit(out, WROTE, msg[F2], msg[LAYER])


def add_child(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """ADD_CHILD: one more answer to wait for."""
    axon = find_axon(K, m, c, msg[LAYER], msg[F0], act)
    m.axon_children[c * K.axons + axon] += 1
    act[A_WRITE] += 1
    emit(out, WROTE, msg[F1], msg[LAYER])


def set_route(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SET_ROUTE: the core writes an entry of its tile's router."""
    act[A_TABLE] += 1
    emit(out, T_ROUTE, TRACE, msg[LAYER], msg[F0], msg[F1])
    emit(out, WROTE, msg[F2], msg[LAYER])

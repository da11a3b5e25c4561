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
from chipsim.programs.nsn.core import Core
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
from chipsim.programs.nsn.state import Constants

ROUTES, CHILD, AGAIN, NODES, BRANCH, TREE_BACK = range(1, 7)
"""What a core does for a forwarding list: link a reader (its way, then its parent), link it again from here, unlink a reader (those whose
place changes, then its way), take a tree back."""

TELL_EVERY = 32
"""Links after which a crowded core speaks up again."""

FROM_ROOT, FROM_CORE = 0, 1
"""Who asks for a link: the root of a layer that grows, or a core that a neuron leaves."""


def member_at(K: Constants, m: Core, c: int, i: int, index: int) -> int:
    """The index-th member (from 0) of a forwarding list."""
    member = m.members[c * K.members + m.lists[c * K.lists + i].first - 1]
    while index > 0:
        member = m.members[c * K.members + member.next - 1]
        index -= 1
    return member.core


def parent_index(size: int, arity: int) -> int:
    """Index of the member that the next one (number ``size`` from 0) reports to in a heap of the given arity; -1: the root."""
    return (size - 1) // arity if size > 0 else -1


def add_member(K: Constants, m: Core, c: int, layer: int, slot: int, child: int) -> None:
    """Append to the forwarding list of (layer, slot), making the list if need be; its bits are charged by the caller."""
    own, neuron, lists, members = m.ledgers[c], m.neurons[c * K.slots + slot], c * K.lists, c * K.members
    i = neuron.list - 1
    while i >= 0 and m.lists[lists + i].layer != layer:
        i = m.lists[lists + i].next - 1
    n = own.free_member - 1
    if n >= 0:
        own.free_member = m.members[members + n].next
    else:  # all that were ever taken are in use
        n = own.members
    if i < 0:
        i = own.free_list - 1
        if i >= 0:
            own.free_list = m.lists[lists + i].next
        else:
            i = own.lists
        fresh = m.lists[lists + i]
        fresh.layer = layer
        fresh.next = neuron.list
        fresh.first = 0
        fresh.size = 0
        fresh.use = 0
        neuron.list = i + 1
        own.lists += 1
    one, member = m.lists[lists + i], m.members[members + n]
    member.core = child
    member.next = 0
    if one.first == 0:
        one.first = n + 1
    else:
        m.members[members + one.last - 1].next = n + 1
    one.last = n + 1
    one.size += 1
    own.members += 1


def link(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """LINK: begin; the new reader is told its parent. Room for the member is taken at once, so that a link that began also ends."""
    layer, slot, neuron, child = msg[LAYER], msg[F0], msg[F1], msg[F2]
    own = m.ledgers[c]
    i = find_list(K, m, c, layer, slot, act)
    size = m.lists[c * K.lists + i].size if i >= 0 else 0
    bits = K.bits_member + (0 if size > 0 else K.bits_list)
    if K.batch and own.used + bits > K.growth_bits:
        tell(K, m, c, slot, out)
    if own.used + bits > K.memory_bits:
        emit(out, JOINED if msg[F4] == FROM_CORE else LINKED, msg[F3], layer, 0)
        return
    own.used += bits
    up = parent_index(size, K.arity)
    parent = member_at(K, m, c, i, up) if up >= 0 else -1
    act[A_READ] += 1 + max(up, 0)
    one = m.links[c * K.numbers + layer]
    one.slot = slot
    one.id = neuron
    one.child = child
    one.root = msg[F3]
    one.stage = ROUTES
    one.step = msg[F4]
    one.tile = child // K.concentration
    use = m.lists[c * K.lists + i].use if K.scores and i >= 0 else 0
    emit(out, SET_PARENT, child, layer, neuron, parent, own.number, slot, use)


def tell(K: Constants, m: Core, c: int, slot: int, out: Ints) -> None:
    """The core has no room for neurons any more, only for links: the root of the layer is asked to split it, now and then."""
    layer = m.neurons[c * K.slots + slot].layer
    score = m.scores[c * K.numbers + layer]
    if layer > 0 and score.crowded % TELL_EVERY == 0:
        emit(out, CROWDED, K.root_core[layer], layer, m.ledgers[c].number)
    score.crowded += 1


def relink(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """RELINK: a reader of a neuron that has moved here; room for it was taken when the neuron came."""
    layer, slot, neuron, child = msg[LAYER], msg[F0], msg[F1], msg[F2]
    me, one = m.ledgers[c].number, m.links[c * K.numbers + layer]
    one.slot = slot
    one.id = neuron
    one.child = child
    one.root = msg[F3]
    one.stage = AGAIN
    one.tile = child // K.concentration
    one.use = msg[F4]
    emit(out, SET_HOME, child, layer, neuron, me * K.slots + slot, me)


def on_tree(K: Constants, m: Core, c: int, i: int, source: int, tile: int, port: int, first: int, act: Ints) -> bool:
    """True if the path of one of the first members leaves ``tile`` through ``port``."""
    if i < 0:
        return False
    n = m.lists[c * K.lists + i].first - 1
    while n >= 0 and first > 0:
        member = m.members[c * K.members + n]
        first -= 1
        act[A_READ] += 1
        leaf = member.core // K.concentration
        if xy_uses(source, leaf, tile, port, K.width, K.height, K.column):
            return True
        n = member.next - 1
    return False


def link_on(K: Constants, m: Core, c: int, layer: int, out: Ints, act: Ints) -> None:
    """The next step of a link."""
    one = m.links[c * K.numbers + layer]
    me, slot, neuron, child = m.ledgers[c].number, one.slot, one.id, one.child
    source, leaf = me // K.concentration, child // K.concentration
    i = find_list(K, m, c, layer, slot, act)
    tile = one.tile
    size = m.lists[c * K.lists + i].size if i >= 0 else 0
    if one.stage != CHILD and K.multicast and tile >= 0:
        port = xy_port(tile, leaf, K.width, K.height, K.column)
        if port == LOCAL or not on_tree(K, m, c, i, source, tile, port, size, act):
            bit = 1 << (LOCAL_BIT + child % K.concentration) if port == LOCAL else 1 << port
            one.tile = previous_tile(source, tile, K.width, K.height, K.column)
            emit(out, SET_ROUTE, tile * K.concentration, layer, neuron, bit, me)
            return
    up = parent_index(size, K.arity)
    if one.stage == ROUTES and up >= 0:
        one.stage = CHILD
        act[A_READ] += 1 + up
        emit(out, ADD_CHILD, member_at(K, m, c, i, up), layer, neuron, me)
        return
    act[A_WRITE] += 1
    add_member(K, m, c, layer, slot, child)
    if one.stage == AGAIN:
        if K.scores:
            m.lists[c * K.lists + find_list(K, m, c, layer, slot, act)].use = one.use
        emit(out, RELINKED, one.root, layer)
    else:
        emit(out, JOINED if one.step == FROM_CORE else LINKED, one.root, layer, 1)


def set_parent(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SET_PARENT: where the answers of an axon go."""
    a = c * K.axons + find_axon(K, m, c, msg[LAYER], msg[F0], act)
    m.axons[a].parent = msg[F1]
    if K.scores:
        m.axons[a].use = msg[F4]
    if K.tracks:
        m.homes[a] = msg[F2] * K.slots + msg[F3]
    act[A_WRITE] += 1
    emit(out, WROTE, msg[F2], msg[LAYER])


def set_home(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SET_HOME: the neuron of an axon has moved."""
    axon = find_axon(K, m, c, msg[LAYER], msg[F0], act)
    m.homes[c * K.axons + axon] = msg[F1]
    act[A_WRITE] += 1
    emit(out, WROTE, msg[F2], msg[LAYER])


def add_child(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """ADD_CHILD: one more answer to wait for."""
    axon = find_axon(K, m, c, msg[LAYER], msg[F0], act)
    m.axons[c * K.axons + axon].children += 1
    act[A_WRITE] += 1
    emit(out, WROTE, msg[F1], msg[LAYER])


def set_route(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SET_ROUTE: the core writes an entry of its tile's router."""
    act[A_TABLE] += 1
    emit(out, T_ROUTE, TRACE, msg[LAYER], msg[F0], msg[F1])
    emit(out, WROTE, msg[F2], msg[LAYER])

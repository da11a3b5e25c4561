"""The lower neuron's core: spike on demand of a root (associative matching), and fire for a decision."""

from __future__ import annotations

from chipsim.ids import neuron_id
from chipsim.machine.actions import A_READ, A_SPIKE, A_UPDATE, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, LAYER, TREE, emit
from chipsim.programs.nsn.messages import ITEM, RESULT, SPIKE
from chipsim.programs.nsn.state import USE_MOST, Constants, Core


def find_list(K: Constants, m: Core, c: int, layer: int, slot: int, act: Ints) -> int:
    """The forwarding list of (layer, slot), or -1."""
    i = m.slot_list[c * K.slots + slot]
    base = c * K.lists
    while i >= 0:
        act[A_READ] += 1
        if m.list_layer[base + i] == layer:
            return i
        i = m.list_next[base + i]
    return -1


def present(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """PRESENT: the neuron spikes to every core that holds its axon on the layer; with no such core the answer is known here."""
    layer, slot = msg[LAYER], msg[F0]
    i = find_list(K, m, c, layer, slot, act)
    if i < 0:
        emit(out, RESULT, K.root_core[layer], layer, msg[F1], msg[F3], msg[F4], -1, -1, 0, 0, 0)
        return
    act[A_SPIKE] += 1
    if K.scores:
        f = c * K.lists + i
        m.list_use[f] = min(m.list_use[f] + 1, USE_MOST)
        act[A_WRITE] += 1
    if K.multicast:
        emit(out, SPIKE, TREE, layer, msg[F1], msg[F2], msg[F3], msg[F4])
        return
    member = m.list_first[c * K.lists + i]
    while member >= 0:
        act[A_READ] += 1
        emit(out, SPIKE, m.member_core[c * K.members + member], layer, msg[F1], msg[F2], msg[F3], msg[F4])
        member = m.member_next[c * K.members + member]


def fire(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """FIRE: the winner counts its activation, keeps its times (NG12), and its spike is an item for the layer above."""
    layer, time = msg[LAYER], msg[F1]
    s = c * K.slots + msg[F0]
    if m.activations[s] == 0:
        m.first[s] = time
        act[A_WRITE] += 1
    m.activations[s] += 1
    m.last[s] = time
    act[A_UPDATE] += 1
    act[A_SPIKE] += 1
    neuron = neuron_id(layer, m.ordinal[s])
    address = m.self_core[c] * K.slots + msg[F0]
    emit(out, ITEM, K.root_core[layer + 1], layer + 1, neuron, address, time, msg[F2], msg[F3], msg[F4])

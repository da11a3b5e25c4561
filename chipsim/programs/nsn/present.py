"""The lower neuron's core: spike on demand of a root (associative matching), and fire for a decision."""

from __future__ import annotations

from chipsim.ids import neuron_id
from chipsim.machine.actions import A_NULL, A_READ, A_SPIKE, A_UPDATE, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, F6, F7, F8, LAYER, TREE, emit
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.hear import pass_up, tell_listeners
from chipsim.programs.nsn.match import result_of_none
from chipsim.programs.nsn.messages import SPIKE
from chipsim.programs.nsn.state import USE_MOST, Constants


def find_list(K: Constants, m: Core, c: int, layer: int, slot: int, act: Ints) -> int:
    """The forwarding list of (layer, slot), or -1."""
    i = m.neurons[c * K.slots + slot].list - 1
    base = c * K.lists
    while i >= 0:
        act[A_READ] += 1
        one = m.lists[base + i]
        if one.layer == layer:
            return i
        i = one.next - 1
    return -1


def present(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """PRESENT: the neuron spikes to every core that holds its axon on the layer; with no such core the answer is known here."""
    layer, slot = msg[LAYER], msg[F0]
    i = find_list(K, m, c, layer, slot, act)
    if i < 0:
        act[A_NULL] += 1
        result_of_none(K, layer, msg[F1], msg[F3], msg[F4], out)
        return
    act[A_SPIKE] += 1
    one = m.lists[c * K.lists + i]
    if K.scores:
        one.use = min(one.use + 1, USE_MOST)
        act[A_WRITE] += 1
    if K.multicast:
        emit(out, SPIKE, TREE, layer, msg[F1], msg[F2], msg[F3], msg[F4], 0, 0, msg[F6], msg[F7], msg[F8])
        return
    n = one.first - 1
    while n >= 0:
        member = m.members[c * K.members + n]
        act[A_READ] += 1
        emit(out, SPIKE, member.core, layer, msg[F1], msg[F2], msg[F3], msg[F4], 0, 0, msg[F6], msg[F7], msg[F8])
        n = member.next - 1


def fire(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """FIRE: the winner counts its activation, keeps its times (NG12), and its spike is an item for the layer above and for networks."""
    layer, time = msg[LAYER], msg[F1]
    s = c * K.slots + msg[F0]
    one = m.neurons[s]
    if one.activations == 0:
        one.first = time
        act[A_WRITE] += 1
    one.activations += 1
    m.last[s] = time
    act[A_UPDATE] += 1
    act[A_SPIKE] += 1
    neuron = neuron_id(layer, one.ordinal)
    address = m.ledgers[c].number * K.slots + msg[F0]
    pass_up(K, layer, neuron, address, time, msg[F2], msg[F3], msg[F4], msg[F5], out)
    tell_listeners(K, layer, neuron, time, out)

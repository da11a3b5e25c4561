"""Who hears of what a layer or recursive network fires beside the layer above: the layer's recursive networks, and listeners (NSN §10, §12)."""

from __future__ import annotations

from chipsim.machine.actions import A_WRITE
from chipsim.machine.ints import Ints
from chipsim.machine.message import emit
from chipsim.programs.nsn.messages import HEAR, ITEM, TAKEN
from chipsim.programs.nsn.state import RECEIVED, SCALARS, Constants, Root


def takers(K: Constants, layer: int) -> int:
    """How many take what a layer's root passes up before it goes on; a recursive network's root waits for its own neuron, or for itself."""
    return 1 + K.networks if 0 < layer <= K.layers else 1


def pass_up(
    K: Constants, layer: int, neuron: int, address: int, time: int, flags: int, number: int, needed: int, start: int, out: Ints
) -> None:
    """An output of a layer is an item for the layer above, or the record keeper, and for its recursive networks."""
    if layer > K.layers:
        emit(out, TAKEN, K.root_core[layer], layer, number)
        return
    emit(out, ITEM, K.root_core[layer + 1], layer + 1, neuron, address, time, flags, number, needed, start)
    if layer > 0:
        for n in range(K.networks):
            to = K.layers + 2 + (layer - 1) * K.networks + n
            emit(out, ITEM, K.root_core[to], to, neuron, address, time, flags, number, needed, start)


def tell_listeners(K: Constants, layer: int, neuron: int, time: int, out: Ints) -> None:
    """A neuron that fires is heard by those who listen to its layer; none of them answers."""
    for n in range(K.listeners):
        if K.listened[n] == layer:
            emit(out, HEAR, K.root_core[K.numbers + n], K.numbers + n, neuron, time)


def hear(r: Root, b: int, act: Ints) -> None:
    """HEAR: a listener counts."""
    r.scalar[b * SCALARS + RECEIVED] += 1
    act[A_WRITE] += 1

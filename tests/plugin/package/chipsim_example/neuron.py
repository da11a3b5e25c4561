"""A neuron in one file: it fires above its threshold, then is silent for some steps, and forgets what arrives."""

from __future__ import annotations

from chipsim.jit.records import I32, I64, Column, Handle
from chipsim.network.neurons import NeuronModel, Quantity
from chipsim.programs.snn.state import FIRES, LOOKED_AT, UPDATED, Neurons


class Silent(Handle):
    """What each neuron has beside potential, bias and threshold.

    Attributes:
        silence: steps of silence after a spike; left: those that are left.
    """

    silence: Column[I32]
    left: Column[I64]


def update(n: Neurons, at: int, step: int, weights: int, arrived: bool) -> int:
    """A step of the neuron at a position; the weights that arrived are summed up."""
    own: Silent = n.model
    if own.left[at] > 0:
        own.left[at] -= 1
        return LOOKED_AT
    v = n.potential[at] + n.bias[at] + weights
    if v > n.threshold[at]:
        n.potential[at] = 0
        own.left[at] = own.silence[at]
        return FIRES
    n.potential[at] = v
    return UPDATED


SILENT = NeuronModel(
    about="integrate and fire, then silent for some steps",
    update=update,
    own=Silent,
    parameters=(Quantity("silence", "steps of silence after a spike", default=3, high=1000),),
    state=(Quantity("left", "steps of silence that are left"),),
    bits=112,
)

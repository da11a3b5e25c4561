"""Leaky integrate-and-fire in fixed point, with a reset potential, a refractory time and a leak of each neuron.

In each step from the second on the potential decays, and is cut toward zero to 1/64, as ``lif`` has it; the bias and what arrived for this
step are added, and the sum saturates; above the threshold the neuron fires, its potential becomes that of the reset, and for so many steps
it then stays there and forgets what arrives. It is updated in its refractory time too, which is counted.
"""

from __future__ import annotations

from chipsim.jit.records import I32, I64, Column, Handle
from chipsim.network.neurons import NeuronModel, Quantity
from chipsim.network.spiking import OWN_LEAK_BITS
from chipsim.programs.snn.neurons.lif import decay
from chipsim.programs.snn.state import FIRES, LOOKED_AT, UPDATED, Neurons

INLINE = ("update",)
"""For ``chipsim.jit``: part of its callers."""

MOST = 2**37
"""Where potentials saturate, in steps: with 24 digits of a leak the product stays within 62 bits."""


class Refractory(Handle):
    """What each neuron has beside potential, bias and threshold.

    Attributes:
        reset: potential after a spike; refractory: steps that it stays there; left: those that are left.
        own_leak: what remains of a potential in a step, in 65536ths; -1 for the leak of the network.
    """

    reset: Column[I64]
    refractory: Column[I32]
    own_leak: Column[I32]
    left: Column[I32]


def update(n: Neurons, at: int, step: int, weights: int, arrived: bool) -> int:
    """A neuron's step; see ``NeuronModel.update``."""
    own: Refractory = n.model
    if own.left[at] > 0:
        own.left[at] -= 1
        return UPDATED
    v, bias = n.potential[at], n.bias[at]
    active = v != 0 or arrived or bias != 0
    if step > 1:
        if own.own_leak[at] < 0:
            v = decay(v, n.leak, n.leak_shift, n.coarse)
        else:
            v = decay(v, own.own_leak[at], OWN_LEAK_BITS, n.coarse)
    v = max(-MOST, min(MOST, v + bias + weights))
    if v > n.threshold[at]:
        n.potential[at] = own.reset[at]
        own.left[at] = own.refractory[at]
        return FIRES
    n.potential[at] = v
    return UPDATED if active else LOOKED_AT


LIF_REFRACTORY = NeuronModel(
    about="leaky integrate-and-fire in fixed point with a reset potential, a refractory time and a leak of each neuron",
    update=update,
    own=Refractory,
    parameters=(
        Quantity("reset", "potential after a spike", low=-(2**31), high=2**31 - 1, real=True),
        Quantity("refractory", "steps after a spike in which nothing happens", high=2**16 - 1),
        Quantity(
            "own_leak",
            "65536ths of a potential that remain in a step, -1 for the network's leak",
            default=-1,
            low=-1,
            high=2**16,
        ),
    ),
    state=(Quantity("left", "steps of the refractory time that are left", high=2**16 - 1),),
    bits=128,
)

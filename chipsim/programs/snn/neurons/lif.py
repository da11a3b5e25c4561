"""Leaky integrate-and-fire in fixed point (as SANA-FE's Loihi model, without refractory time).

From the second step on the potential decays, and is cut toward zero to 1/64; the bias and what arrived for this step are added; above the
threshold the neuron fires and its potential becomes 0. It is updated if the potential was not 0, something arrived, the bias is not 0, or
it fires.
"""

from __future__ import annotations

from chipsim.network.neurons import NeuronModel
from chipsim.programs.snn.state import FIRES, LOOKED_AT, UPDATED, Neurons

INLINE = ("decay", "update")
"""For ``chipsim.jit``: part of their callers."""


def decay(potential: int, leak: int, shift: int, coarse: int) -> int:
    """Potential x leak / 2^shift, cut toward zero to a multiple of 2^coarse."""
    if potential < 0:
        return -((-potential * leak >> (shift + coarse)) << coarse)
    return (potential * leak >> (shift + coarse)) << coarse


def update(n: Neurons, at: int, step: int, weights: int, arrived: bool) -> int:
    """A neuron's step; see ``NeuronModel.update``."""
    v, bias = n.potential[at], n.bias[at]
    active = v != 0 or arrived or bias != 0
    if step > 1:
        v = decay(v, n.leak, n.leak_shift, n.coarse)
    v += bias + weights
    if v > n.threshold[at]:
        n.potential[at] = 0
        return FIRES
    n.potential[at] = v
    return UPDATED if active else LOOKED_AT


LIF = NeuronModel(
    about="leaky integrate-and-fire in fixed point; fires above its threshold and begins again at 0", update=update
)

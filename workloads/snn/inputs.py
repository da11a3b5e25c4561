"""Input spikes in the order in which the engines take them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def in_order(step: Ints, neuron: Ints) -> tuple[Ints, Ints, tuple[int, int, int, int] | None]:
    """Input spikes by neuron, then by step, and the first of them that is there twice, since an input fires once in a step.

    Args:
        step: int64[spikes], of each spike.
        neuron: int64[spikes], its input.

    Returns:
        Both sorted; of the first pair that is alike the two places in what was given, the input and the step, or None.
    """
    order = np.lexsort((step, neuron))
    step, neuron = step[order], neuron[order]
    twice = np.flatnonzero((step[1:] == step[:-1]) & (neuron[1:] == neuron[:-1]))
    if not len(twice):
        return step, neuron, None
    first, second = sorted(order[twice[0] : twice[0] + 2].tolist())
    return step, neuron, (first, second, int(neuron[twice[0]]), int(step[twice[0]]))

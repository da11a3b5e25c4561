"""Fill parts in the order of creation: (layer, ordinal)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nsn_mapping.partition.fill import fill_in_order
from nsn_mapping.problem import Problem


def partition(problem: Problem, seed: int) -> npt.NDArray[np.int32]:
    """Partition by filling in order; what came together into the network stays together.

    Args:
        problem: the network and what a core can hold.
        seed: not used, there is nothing random in it.

    Returns:
        int32[neurons], parts 0..parts-1, every one within the caps.

    Raises:
        MappingError: the network does not fit the chip.
    """
    del seed
    return fill_in_order(problem, np.arange(len(problem)))

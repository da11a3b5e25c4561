"""Fill parts in a shuffled order: the baseline that any partitioner has to beat."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nsn_mapping.partition.fill import fill_in_order
from nsn_mapping.problem import Problem


def partition(problem: Problem, seed: int) -> npt.NDArray[np.int32]:
    """Partition by filling in an order shuffled by PCG64.

    Args:
        problem: the network and what a core can hold.
        seed: of the shuffle.

    Returns:
        int32[neurons], parts 0..parts-1, every one within the caps.

    Raises:
        MappingError: the network does not fit the chip.
    """
    return fill_in_order(problem, np.random.Generator(np.random.PCG64(seed)).permutation(len(problem)))

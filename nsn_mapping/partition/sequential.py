"""Fill parts in the order of creation: (layer, ordinal)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nsn_mapping.partition.fill import fill_labels
from nsn_mapping.partition.parts import check_possible, from_labels
from nsn_mapping.partition.repair import repair
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
    check_possible(problem)
    labels, excess = fill_labels(problem, range(len(problem)))
    if not excess and int(labels.max(initial=-1)) < problem.cores:
        return labels.astype(np.int32)
    parts = from_labels(problem, labels)
    repair(parts)
    return parts.result()

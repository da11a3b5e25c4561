"""Stored networks in one pass: neurons one by one, each to the part that shares most of its axons and has room.

Greedy streaming (Stanton and Kliot 2012) with the gain of hypergraphs (FREIGHT; Eyubov, Faraj and Schulz 2023). Layers come from the top
down: the forwarding lists of a neuron are as long as they will be once all that reads it has its part.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nsn_mapping.partition.possible import too_few_cores
from nsn_mapping.partition.table import merge, new_table, result, stream, top_down
from nsn_mapping.problem import Problem


def partition(problem: Problem, seed: int) -> npt.NDArray[np.int32]:
    """Partition in one pass.

    Args:
        problem: the network and what a core can hold.
        seed: not used, there is nothing random in it.

    Returns:
        int32[neurons], parts 0..parts-1, every one within the caps.

    Raises:
        MappingError: the network does not fit the chip.
    """
    del seed
    table = new_table(problem)
    enough = stream(table, top_down(problem))
    if enough and table.used > problem.cores:
        merge(table)
    if not enough or table.used > problem.cores:
        raise too_few_cores(problem, max(table.used, problem.cores + 1), "the partition that was found")
    return result(table)

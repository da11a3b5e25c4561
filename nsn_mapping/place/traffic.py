"""What parts say to one another: the matrix that placers look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nsn_mapping.place.blocks import Blocks, from_pairs
from nsn_mapping.problem import Problem


@dataclass(frozen=True, slots=True)
class Traffic:
    """Messages between parts.

    Attributes:
        blocks: axon accesses sent from the part of the lower neuron to the other parts that hold its axons, as often as they are read.
        depth: float64[parts], mean layer of the neurons of a part.
    """

    blocks: Blocks
    depth: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.depth)


def part_traffic(problem: Problem, part: npt.NDArray[np.int32]) -> Traffic:
    """Messages between the parts of a partition.

    Args:
        problem: the network.
        part: int32[neurons], parts without holes.
    """
    parts = int(part.max(initial=-1)) + 1
    net = np.repeat(np.arange(len(problem.net_owner), dtype=np.int64), np.diff(problem.pin_start))
    touched = np.unique(net * max(1, parts) + part[problem.pins])
    net, reader = touched // max(1, parts), touched % max(1, parts)
    known = problem.net_owner[net] >= 0
    net, reader = net[known], reader[known]
    messages = np.zeros((parts, parts), dtype=np.int64)
    if len(net):
        np.add.at(messages, (part[problem.net_owner[net]], reader), problem.net_weight[net])
    size = np.maximum(1, np.bincount(part, minlength=parts))
    sender, reader = np.nonzero(messages)
    blocks = from_pairs(sender.astype(np.int32), reader.astype(np.int32), messages[sender, reader], parts)
    return Traffic(blocks, np.bincount(part, weights=problem.layer, minlength=parts) / size)

"""Force-directed descent: every part goes where the packets pull it, one tile at a time, by changing places with a neighbour.

The second half of the recipe that Jin et al. (ASPLOS 2023) use for billions of neurons, after a Hilbert curve. Time is in proportion to the
pairs of parts that talk, times the sweeps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.place.blocks import Blocks
from nsn_mapping.place.boards import seating
from nsn_mapping.place.seats import Seats, metric

Words = npt.NDArray[np.int32]

SWEEPS = 60


def descend(blocks: Blocks, seats: Seats, seat: Words, sweeps: int = SWEEPS) -> Words:
    """Swap neighbours, and move into free seats beside, while the cost falls.

    Args:
        blocks: packets between parts.
        seats: where they can be.
        seat: int32[parts], the start.
        sweeps: over all parts, at most.

    Returns:
        int32[parts], seats.
    """
    board = seating(blocks, seats, seat)
    jit.load("nsn_mapping.place.swaps", entries=("anneal_swaps", "descend_swaps")).descend_swaps(
        board, metric(seats), 1, sweeps
    )
    return board.seat

"""Force-directed descent: every part goes where the packets pull it, one tile at a time, by changing places with a neighbour.

The second half of the recipe that Jin et al. (ASPLOS 2023) use for billions of neurons, after a Hilbert curve. Time is in proportion to the
pairs of parts that talk, times the sweeps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.place.blocks import Blocks
from nsn_mapping.place.seats import Seats, metric, seats_at
from nsn_mapping.place.swaps import Seating

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


def seating(blocks: Blocks, seats: Seats, seat: Words) -> Seating:
    """Parts on seats as the kernels of ``swaps`` take them."""
    at, holder = seats_at(seats), np.full(len(seats), -1, np.int32)
    holder[seat] = np.arange(len(seat))
    own = seat.astype(np.int32).copy()
    return Seating(
        blocks.start, blocks.other, blocks.packets, own, holder, seats.x, seats.y, at.ravel(), np.array(at.shape, np.int64)
    )

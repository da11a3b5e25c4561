"""Force-directed descent: every part goes where the packets pull it, one tile at a time, by changing places with a neighbour.

The second half of the recipe that Jin et al. (ASPLOS 2023) use for billions of neurons, after a Hilbert curve. Time is in proportion to the
pairs of parts that talk, times the sweeps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.config.mapping import Placer
from nsn_mapping.place.blocks import Blocks
from nsn_mapping.place.boards import assignment
from nsn_mapping.place.fiedler import place_along
from nsn_mapping.place.sites import Sites, metric

Words = npt.NDArray[np.int32]

SWEEPS = 60


def descend(blocks: Blocks, sites: Sites, site: Words, sweeps: int = SWEEPS) -> Words:
    """Swap neighbours, and move into free sites beside, while the cost falls.

    Args:
        blocks: packets between parts.
        sites: where they can be.
        site: int32[parts], the start.
        sweeps: over all parts, at most.

    Returns:
        int32[parts], sites.
    """
    board = assignment(blocks, sites, site)
    jit.load("nsn_mapping.place.swaps", entries=("anneal_swaps", "descend_swaps")).descend_swaps(
        board, metric(sites), 1, sweeps
    )
    return board.site


def place(blocks: Blocks, sites: Sites, seed: int, effort: float = 1.0) -> Words:
    """Fiedler order on the Hilbert curve, then swaps of neighbours while they save anything.

    Args:
        blocks: packets between parts.
        sites: at least as many as there are parts, and what paths between them cost.
        seed: not used, there is nothing random in it.
        effort: not used, it ends by itself.

    Returns:
        int32[parts], sites, all different.
    """
    del seed, effort
    return descend(blocks, sites, place_along(blocks, sites))


FORCE = Placer(
    name="force",
    about="Fiedler order along a Hilbert curve, then neighbours change places while that saves anything",
    search=place,
)

"""The outcome of a run of given packets beside the chip's counters.

A snapshot of such a run has one array, ``offered``: int64[1].
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PacketsRun:
    """What is the packets' own in a raw run.

    Attributes:
        offered: packets that were due; with a window some may still wait.
        released: with a window, int64[packets]: ps at which each packet of the plan was released, -1: not yet; else empty.
    """

    offered: int
    released: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

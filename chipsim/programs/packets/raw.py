"""The outcome of a run of given packets beside the chip's counters.

A snapshot of such a run has one array, ``offered``: int64[1].
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PacketsRun:
    """What is the packets' own in a raw run.

    Attributes:
        offered: packets that were due; with a window some may still wait.
    """

    offered: int

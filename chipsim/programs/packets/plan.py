"""Packets to be sent, lowered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.plan.forecast import PACKET_BYTES, Forecast
from chipsim.plan.plan import Plan

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PacketsPlan:
    """What is the packets' own in a plan.

    Attributes:
        traffic: int64[packets, 4]: time ps, source core, destination core, flits; sorted by time, packets of one time in order of sending.
        window: packets of one source that may be on the way at once, where traffic is absorbed (``Plan.sinks``); 0 for no limit. What is due
            beyond that waits.
    """

    traffic: Ints
    window: int = 0

    def forecast(self, plan: Plan) -> Forecast:
        """What its run needs beside the chip."""
        return Forecast((("packets", len(self.traffic) * PACKET_BYTES),), "fewer packets")

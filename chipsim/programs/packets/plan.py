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
        sinks: 1 if traffic is absorbed as it is delivered, 0 if a core takes each packet in by an operation.
        window: packets of one source that may be on the way at once, where traffic is absorbed; 0 for no limit. What is due beyond that waits.
    """

    traffic: Ints
    sinks: int = 0
    window: int = 0

    def forecast(self, plan: Plan) -> Forecast:
        """What its run needs beside the chip."""
        return Forecast((("packets", len(self.traffic) * PACKET_BYTES),), "fewer packets")

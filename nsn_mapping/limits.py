"""What one core can hold, and the two match modes: words that makers and checkers of mappings share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Match = Literal["associative", "keyed"]
MATCHES: tuple[Match, ...] = ("associative", "keyed")


@dataclass(frozen=True, slots=True)
class CoreLimits:
    """What one core can hold.

    Attributes:
        neurons: neuron slots.
        axons: input lines, None where the chip has no such limit.
        memory_bits: bits of core memory.
    """

    neurons: int
    axons: int | None
    memory_bits: int

"""Ranges of whole numbers that engines keep in fields of few bits: what a plan needs of each, held to what there is, or refused by name.

Every field with its range stands in ``docs/limits.md``, with the tests at the limit and one above.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from chipsim.errors import SimulationError
from chipsim.machine.state import MOST_SENT, SOURCE_MASK
from chipsim.plan.plan import Ints, Plan

MOST_I32, MOST_SUM_PS = (1 << 31) - 1, 1 << 62
"""Of a field of 32 bits; of times that are added up."""


class Range(NamedTuple):
    """A number that a run needs, and how large it may be.

    Attributes:
        what: it counts, as it follows the number in a sentence.
        found: in the plan.
        most: that there is room for.
    """

    what: str
    found: int
    most: int


def of_every_engine(plan: Plan) -> tuple[Range, ...]:
    """What no engine takes more of: digests and the order of packets go by it."""
    return (Range("endpoints (cores, slot servers and the host)", plan.endpoints, SOURCE_MASK + 1),)


def refuse_beyond(ranges: Iterable[Range], who: str, advice: str) -> None:
    """Refuse what is beyond its range.

    Args:
        ranges: of a plan.
        who: takes no more.
        advice: what to do.

    Raises:
        SimulationError: how many of what there are, and how many are taken.
    """
    for what, found, most in ranges:
        if found > most:
            raise SimulationError(f"{found} {what}; {who} up to {most}; {advice}")


def check_every_engine(plan: Plan) -> None:
    """Refuse what no engine takes. Raises SimulationError."""
    refuse_beyond(of_every_engine(plan), "engines take", "use a smaller chip")


def check_sequence(sent: int) -> None:
    """Refuse a source that sends more packets than there are numbers for. Raises SimulationError."""
    if sent > MOST_SENT:
        raise SimulationError(f"{sent} packets from one source; engines take up to {MOST_SENT}; end the run earlier (until)")


def check_sum(most_ps: float) -> None:
    """Refuse times of a link that add up to more than is counted. Raises SimulationError."""
    if most_ps >= MOST_SUM_PS:
        raise SimulationError(
            f"waiting for one link adds up to {most_ps:.3g} ps; engines count up to {MOST_SUM_PS} ps; end the run earlier (until)"
        )


def waiting_ps(waited: Ints, packets: Ints, longest: Ints, unit: int) -> Ints:
    """How long the packets of each link have waited in all.

    Args:
        waited: int64[links], units, which may have wrapped.
        packets: int64[links] that have crossed it.
        longest: int64[links], units that one of them waited at most.
        unit: ps.

    Returns:
        int64[links], ps.

    Raises:
        SimulationError: packets x longest says that the sum may have wrapped.
    """
    check_sum(float((packets.astype(np.float64) * longest).max(initial=0)) * unit)
    return waited * unit

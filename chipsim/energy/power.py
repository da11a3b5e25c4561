"""Power of cores: what is held against the budget, on average and in the hottest core.

Held against the budget is static power and what cores, routers and links do, those between chips included; what crosses to the host is not
the chip's. Of a run that does the same at any pace power is affine in its rate: static power, and an energy per event times the rate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.energy.account import W_PER_MW, Account, Line, budgeted, price
from chipsim.noc import Mesh

MW_PER_PJ_PER_S = 1e-9

RUN, SATURATED, CHECK = "run", "saturated", "check"
"""What a point was measured for: the run that was asked for, the same events as fast as the chip takes them, the same at a rate worked out."""


@dataclass(frozen=True, slots=True)
class Point:
    """Power at a rate, measured.

    Attributes:
        what: ``run``, ``saturated`` or ``check``.
        rate_hz: events per second; 0 where there were none.
        mean_mw: power per powered core; hottest_mw: of the core that draws most; core: its number.
        of: of a check, the limit that it was run for.
    """

    what: str
    rate_hz: float
    mean_mw: float
    hottest_mw: float
    core: int
    of: str = ""

    def told(self) -> dict[str, Any]:
        """As in ``summary.json``."""
        return {
            "what": self.what,
            "rate_hz": self.rate_hz,
            "mean_mw": self.mean_mw,
            "hottest_mw": self.hottest_mw,
            "core": self.core,
        } | ({"of": self.of} if self.of else {})


def mean_power_mw(chip: ChipSpec, mesh: Mesh, spent: Account) -> float:
    """Mean power per powered core in mW: static plus what cores, routers and links spent over the time covered."""
    return mean_power_of(price(chip.power.static_per_core), spent.lines, spent.seconds, mesh.cores)


def mean_power_of(static_mw: float, lines: Iterable[Line], seconds: float, cores: int) -> float:
    """The same from the lines of an account, of a run or of a part of it."""
    return static_mw + (budgeted(lines) / seconds / cores / W_PER_MW if seconds else 0.0)


def core_power_mw(chip: ChipSpec, spent: Account) -> npt.NDArray[np.float64]:
    """Power of each core in mW, with its share of its tile's router, slot server and outgoing links."""
    static = price(chip.power.static_per_core)
    dynamic = spent.core_pj + spent.tile_pj
    return static + (dynamic * MW_PER_PJ_PER_S / spent.seconds if spent.seconds else np.zeros_like(dynamic))


def point(what: str, chip: ChipSpec, mesh: Mesh, spent: Account, events: int) -> Point:
    """What a run says of power at its rate.

    Args:
        what: ``run``, ``saturated`` or ``check``.
        chip: where it ran.
        mesh: its shape.
        spent: its account.
        events: how many happened.
    """
    each = core_power_mw(chip, spent)
    hottest = int(each.argmax())
    rate = events / spent.seconds if spent.seconds else 0.0
    return Point(what, rate, mean_power_mw(chip, mesh, spent), float(each[hottest]), hottest)

"""What each constant of the chip does to the verdict: the power of the same run with one constant at either end of its plausible range.

The run's counters are priced again by the one account that there is. Times and capacities are not moved: with others it would be another run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chipsim.config.chip import ChipSpec
from chipsim.config.constant import Constant
from chipsim.energy.account import Account, account
from chipsim.energy.power import RUN, Point, point
from chipsim.machine.actions import TABLE, Action
from chipsim.machine.raw import RawRun
from chipsim.plan.plan import Plan

STATIC_POWER = "power.static_per_core"

Ends = tuple[Point, Point]
"""A run's power with a constant at the lowest and at the highest plausible value."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run, as its claim is worked out.

    Attributes:
        chip: with its prices.
        plan: what ran: its mesh, its network, where servers stand.
        raw: counters.
        table: what they count.
        events: how many happened of what rates count.
    """

    chip: ChipSpec
    plan: Plan
    raw: RawRun
    events: int
    table: tuple[Action, ...] = TABLE

    def spent(self, chip: ChipSpec | None = None) -> Account:
        """Its account, at the prices of its chip or of another."""
        plan = self.plan
        return account(chip or self.chip, plan.mesh, self.raw, plan.noc, self.table, plan.endpoint_tile)

    def at(self, chip: ChipSpec | None = None) -> Point:
        """Its power, at the prices of its chip or of another."""
        priced = chip or self.chip
        return point(RUN, priced, self.plan.mesh, self.spent(priced), self.events)


def influence(ran: Ran) -> dict[str, Ends]:
    """Power of a run with each price and power of its chip that has a plausible range at either end of that, all others as they are."""
    return {
        path: _ends(ran, path, constant.range)
        for path, constant in ran.chip.constants().items()
        if is_price(path) and constant.range
    }


def is_price(path: str) -> bool:
    """Whether a constant is a price or a power; the budget is the question, no assumption."""
    return path == STATIC_POWER or path.startswith("energy.") or (path.startswith("noc.levels.") and path.endswith(".hop"))


def _ends(ran: Ran, path: str, span: tuple[float, float]) -> Ends:
    low, high = (ran.at(_with_value(ran.chip, path.split("."), end)) for end in span)
    return low, high


def _with_value(part: Any, path: list[str], value: Any) -> Any:
    """A description with another value of the constant at a path; the rest is shared."""
    if isinstance(part, Constant):
        return part.model_copy(update={"value": value})
    head, rest = path[0], path[1:]
    if isinstance(part, (list, tuple)):
        return type(part)(_with_value(one, rest, value) if i == int(head) else one for i, one in enumerate(part))
    return part.model_copy(update={head: _with_value(getattr(part, head), rest, value)})

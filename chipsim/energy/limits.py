"""How many events per second each resource allows, and how that is known.

A limit is *measured* where a run reached it, *interpolated* where it lies between measured points, *out of reach* where something else
ends before, and *extrapolated* where the chip was not driven to what it can do. The events of the run offered as fast as the chip takes them
(the saturated pass) say how far it goes; power is affine in the rate, so with budget b, static power s and a core that draws P at the rate r
the budget is used up at r (b - s) / (P - s).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chipsim.energy.power import CHECK, SATURATED, Point
from chipsim.programs.base import Limits

MEASURED, INTERPOLATED, OUT_OF_REACH, EXTRAPOLATED = "measured", "interpolated", "out_of_reach", "extrapolated"

MEAN_POWER, HOTTEST_CORE, CORE_TIME, LINK, MEMORY = "mean_power", "hottest_core", "core_time", "link", "memory"

POWER = (MEAN_POWER, HOTTEST_CORE)
"""Limits that the budget sets."""

NEAR = 0.02
"""A check has met the budget if it is off by no more than this share of it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What one resource allows.

    Attributes:
        rate_hz: events per second, None where it sets no limit; 0 where not even a chip at rest keeps it.
        how: ``measured``, ``interpolated``, ``out_of_reach`` or ``extrapolated``.
        more: what else there is to say of it.
    """

    rate_hz: float | None
    how: str
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def in_reach(self) -> bool:
        """Whether the chip comes to it, as far as is known."""
        return self.rate_hz is not None and self.how != OUT_OF_REACH

    def told(self) -> dict[str, Any]:
        """As in ``summary.json``."""
        return {"rate_hz": self.rate_hz, "how": self.how, **self.more}


@dataclass(frozen=True, slots=True)
class Measured:
    """The points of a run: itself, and what was run to know its limits.

    Attributes:
        points: in the order in which they were run; the first is the run.
    """

    points: tuple[Point, ...]

    @property
    def run(self) -> Point:
        """The run that was asked for."""
        return self.points[0]

    @property
    def saturated(self) -> Point | None:
        """The point at which the chip was driven to what it can do; None where it was not."""
        return next((one for one in self.points if one.what == SATURATED), None)

    @property
    def fastest_hz(self) -> float:
        """The highest rate of all; a run that is cut short may have a higher one than the saturated pass."""
        return max(one.rate_hz for one in self.points)

    def told(self) -> list[dict[str, Any]]:
        """As in ``summary.json``."""
        return [one.told() for one in self.points]


def power_of(name: str, at: Point) -> float:
    """The power that a limit is about, in mW."""
    return at.mean_mw if name == MEAN_POWER else at.hottest_mw


def rate_at(budget_mw: float, static_mw: float, name: str, known: Point) -> float | None:
    """Events per second at which the budget is used up, worked out from one point; None where no event costs anything."""
    room, spent = budget_mw - static_mw, power_of(name, known) - static_mw
    if room <= 0:
        return 0.0
    return known.rate_hz * room / spent if spent > 0 and known.rate_hz > 0 else None


def known_point(name: str, budget_mw: float, measured: Measured) -> Point:
    """The point from which a limit is worked out: the fastest, unless a check shows that power is not affine so far; then the best check."""
    top = measured.saturated or measured.run
    checks = checks_of(name, budget_mw, measured)
    return top if not checks or checks[0] <= NEAR else _best(name, budget_mw, measured)


def checks_of(name: str, budget_mw: float, measured: Measured) -> list[float]:
    """How far from the budget, as shares of it, the passes were that were to use it up; in the order in which they were run."""
    return [abs(power_of(name, one) / budget_mw - 1) for one in measured.points if one.what == CHECK and one.of == name]


def _best(name: str, budget_mw: float, measured: Measured) -> Point:
    """The check that came nearest to the budget."""
    checks = [one for one in measured.points if one.what == CHECK and one.of == name]
    return min(checks, key=lambda one: abs(power_of(name, one) - budget_mw))


def power_limit(name: str, budget_mw: float, static_mw: float, measured: Measured, bounds: Limits) -> Limit:
    """At which rate the mean core, or the hottest one, has used up its budget."""
    known = known_point(name, budget_mw, measured)
    rate = rate_at(budget_mw, static_mw, name, known)
    if rate is None:
        return Limit(None, OUT_OF_REACH)
    if rate == 0.0:
        return Limit(0.0, MEASURED)
    more: dict[str, Any] = {"core": known.core} if name == HOTTEST_CORE else {}
    if checks_of(name, budget_mw, measured):
        check = _best(name, budget_mw, measured)
        more |= {"checked_hz": check.rate_hz, "checked_mw": power_of(name, check)}
    if measured.saturated is not None:
        return Limit(rate, INTERPOLATED if rate <= measured.fastest_hz else OUT_OF_REACH, more)
    if rate <= measured.run.rate_hz:
        return Limit(rate, INTERPOLATED, more)
    least = min(bounds.rates.values(), default=rate)
    return Limit(rate, EXTRAPOLATED if rate <= least else OUT_OF_REACH, more)


def time_limits(measured: Measured, bounds: Limits) -> dict[str, Limit]:
    """What cores, links and the program's own resources allow by their time.

    Where the chip was driven to what it can do, the resource with the least bound is what held it: its limit is the rate that was reached.
    """
    top = measured.saturated
    reached = set(bounds.reached)
    if top is not None and bounds.rates:
        reached |= {min(bounds.rates, key=lambda name: (bounds.rates[name], name))}
    fastest = measured.fastest_hz
    found = {}
    for name, rate in bounds.rates.items():
        if name in reached:
            found[name] = Limit(fastest, MEASURED)
        elif reached:
            found[name] = Limit(max(rate, fastest), OUT_OF_REACH)
        else:
            found[name] = Limit(rate, EXTRAPOLATED)
    return found


def memory_limit(bounds: Limits) -> Limit:
    """Memory is no rate: it lasts for a number of events, 0 where novelties found no room."""
    if bounds.unstored:
        return Limit(None, MEASURED, {"events": 0})
    return Limit(None, OUT_OF_REACH, {"events": bounds.memory_events})

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

MEAN_POWER, HOTTEST_CORE, CORE_TIME, LINK, ROUND_TRIP, MEMORY = (
    "mean_power", "hottest_core", "core_time", "link", "round_trip", "memory",
)  # fmt: skip

POWER = (MEAN_POWER, HOTTEST_CORE)
"""Limits that the budget sets."""

NEAR = 0.02
"""A check has met the budget if it is off by no more than this share of what static power leaves of it."""

BUSY = 0.8
"""Share of the time from which on a resource is what held a saturated pass; short runs begin and end with less to do."""


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
        """The highest rate that was measured; that of the run only where there is no other, for a run that was cut says little of its pace."""
        return max(one.rate_hz for one in self.points[1:] or self.points)

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


def off(name: str, budget_mw: float, static_mw: float, at: Point) -> float:
    """How far a point is from using up the budget, as a share of what static power leaves of it."""
    return abs(power_of(name, at) - budget_mw) / (budget_mw - static_mw)


def checks_of(name: str, measured: Measured) -> list[Point]:
    """The passes that were to use up the budget of a limit, in the order in which they were run."""
    return [one for one in measured.points if one.what == CHECK and one.of == name]


def known_point(name: str, budget_mw: float, static_mw: float, measured: Measured) -> tuple[Point, Point | None]:
    """The point from which a limit is worked out, and the best check of it, None without any.

    That is the saturated pass, else the run; where the best check is off, power is not affine so far, and it is that check.
    """
    top = measured.saturated or measured.run
    best = min(checks_of(name, measured), key=lambda one: off(name, budget_mw, static_mw, one), default=None)
    return (top if best is None or off(name, budget_mw, static_mw, best) <= NEAR else best), best


def power_limit(name: str, budget_mw: float, static_mw: float, measured: Measured, bounds: Limits) -> Limit:
    """At which rate the mean core, or the hottest one, has used up its budget."""
    if budget_mw <= static_mw:
        return Limit(0.0, MEASURED)
    known, check = known_point(name, budget_mw, static_mw, measured)
    rate = rate_at(budget_mw, static_mw, name, known)
    if rate is None:
        return Limit(None, OUT_OF_REACH)
    more: dict[str, Any] = {"core": known.core} if name == HOTTEST_CORE else {}
    if check is not None:
        more |= {"checked_hz": check.rate_hz, "checked_mw": power_of(name, check)}
    if measured.saturated is not None:
        return Limit(rate, INTERPOLATED if rate <= measured.fastest_hz else OUT_OF_REACH, more)
    if rate <= measured.run.rate_hz:
        return Limit(rate, INTERPOLATED, more)
    least = min(bounds.rates.values(), default=rate)
    return Limit(rate, EXTRAPOLATED if rate <= least else OUT_OF_REACH, more)


def time_limits(measured: Measured, bounds: Limits) -> dict[str, Limit]:
    """What cores, links and the program's own resources allow by their time.

    Where the chip was driven to what it can do, the resource with the least bound held it, if it was busy nearly all the time: its limit is
    the rate that was reached. Else events waited for each other while nothing was busy: that is the limit ``round_trip``.
    """
    fastest, rates = measured.fastest_hz, dict(bounds.rates)
    least = min(rates, key=lambda name: (rates[name], name), default=None)
    reached = set(bounds.reached)
    if measured.saturated is not None and least is not None:
        if fastest < BUSY * rates[least]:
            rates[least := ROUND_TRIP] = fastest
        reached.add(least)
    if reached:
        return {
            name: Limit(fastest, MEASURED) if name in reached else Limit(max(rate, fastest), OUT_OF_REACH)
            for name, rate in rates.items()
        }
    return {name: Limit(rate, EXTRAPOLATED if name == least else OUT_OF_REACH) for name, rate in rates.items()}


def memory_limit(bounds: Limits) -> Limit:
    """Memory is no rate: it lasts for a number of events, 0 where novelties found no room."""
    if bounds.unstored:
        return Limit(None, MEASURED, {"events": 0})
    return Limit(None, OUT_OF_REACH, {"events": bounds.memory_events})

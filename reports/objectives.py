"""What points of a sweep are held against each other by: the one table of objectives, all of them better when lower."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chipsim.quantity import digits, si

Row = Mapping[str, Any]
"""A point: swept keys and figures of its summary by dotted name, as in ``points.parquet``."""

EVENT = "event"
"""What energies are per where no program says so in ``claim.rate_of``."""


@dataclass(frozen=True, slots=True)
class Objective:
    """One thing to have little of.

    Attributes:
        name: short, as in ``--json``.
        title: what it is called; ``{event}`` stands for what the program that ran counts as its event.
        short: the same in a head of a narrow column.
        path: the figure of the summary, or what is computed from which.
        unit: of its values; empty for a count.
        value: of a point; None where the point has no such figure.
        direction: which values are better.
    """

    name: str
    title: str
    short: str
    path: str
    unit: str
    value: Callable[[Row], float | None]
    direction: str = "lower"

    def called(self, event: str = EVENT) -> str:
        """The title for runs whose event is so called."""
        return self.title.format(event=event)

    def head(self, event: str = EVENT) -> str:
        """The short title, likewise."""
        return self.short.format(event=event)

    def text(self, value: float | None, significant: int = 4) -> str:
        """A value for people."""
        if value is None or not math.isfinite(value):
            return "–"
        return (
            f"{digits(value, significant)} {self.unit}".strip()
            if self.unit in ("", "mW")
            else si(value, self.unit, significant)
        )


def figure(row: Row, path: str) -> float | None:
    """A number of a point; None where it has none."""
    found = row.get(path)
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not math.isfinite(found):
        return None
    return float(found)


def events(row: Row) -> int | None:
    """How many events a point had, of what ``claim.rate_of`` says; None where nothing counts them."""
    rate, seconds = figure(row, "claim.rate_hz"), figure(row, "sim_time_s")
    return None if rate is None or seconds is None else round(rate * seconds)


def energy_per_event(row: Row) -> float | None:
    """Joules, static power of all powered cores included, per event."""
    joules, number = figure(row, "energy_j.total"), events(row)
    return joules / number if joules is not None and number else None


def service(row: Row) -> float | None:
    """Mean seconds from offer to answer without the wait for later input."""
    return figure(row, "service_s.mean")


def cores(row: Row) -> float | None:
    """Cores that hold neurons."""
    return figure(row, "mapping.cores_used")


def energy_delay(row: Row) -> float | None:
    """Energy per event times mean service."""
    joules, seconds = energy_per_event(row), service(row)
    return None if joules is None or seconds is None else joules * seconds


_PER_EVENT = "energy_j.total / (claim.rate_hz * sim_time_s)"

OBJECTIVES = (
    Objective("energy", "energy per {event}", "energy/{event}", _PER_EVENT, "J", energy_per_event),
    Objective("latency", "mean service", "service", "service_s.mean", "s", service),
    Objective("cores", "cores used", "cores", "mapping.cores_used", "", cores),
    Objective("energy_delay", "energy-delay product", "energy-delay", f"{_PER_EVENT} * service_s.mean", "J s", energy_delay),
)
"""All objectives in the order in which they are told; the front of Pareto is over these."""


def dynamic(row: Row) -> float | None:
    """Joules without static power."""
    whole, static = figure(row, "energy_j.total"), figure(row, "energy_j.static")
    return None if whole is None or static is None else whole - static


def read(path: str) -> Callable[[Row], float | None]:
    """What reads a figure of a point."""
    return lambda row: figure(row, path)


FURTHER = (
    Objective("dynamic", "energy without static", "dynamic", "energy_j.total - energy_j.static", "J", dynamic),
    Objective("tail", "service, 99 of 100", "tail", "service_s.p99", "s", read("service_s.p99")),
    Objective("power", "power per core", "power", "power_per_core_mw.mean", "mW", read("power_per_core_mw.mean")),
    Objective("hops", "hops", "hops", "counts.hops", "", read("counts.hops")),
    Objective(
        "most", "{event}s per second, at most", "at most", "claim.max_rate_hz", "/s", read("claim.max_rate_hz"), "higher"
    ),
)
"""Figures that the page shows beside the objectives."""


def event_of(rows: Sequence[Row]) -> str:
    """What the programs of these points call their event; ``event`` where they differ or say nothing."""
    found = {str(row["claim.rate_of"]) for row in rows if row.get("claim.rate_of")}
    return found.pop() if len(found) == 1 else EVENT

"""Constants by what they do to the verdict: the power of a core with one of them at either end of its plausible range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chipsim.lookup import Summary, Tables, number, numbers, texts
from chipsim.programs.told import Sheet, sheet
from chipsim.quantity import digits, si

KEY = "influence"
W_PER_MW = 1e-3


@dataclass(frozen=True, slots=True)
class Moved:
    """A constant, and mW per core at the ends of its range.

    Attributes:
        path: which.
        value, low, high: of the constant, as text with a unit.
        grade, source: how it is known.
        sourced: whether there is a published source for its range.
        mean, hottest: power of the mean core and of the hottest one at the low and the high end.
        row: in the table of constants.
    """

    path: str
    value: str
    low: str
    high: str
    grade: str
    source: str
    sourced: bool
    mean: tuple[float, float]
    hottest: tuple[float, float]
    row: int

    @property
    def width(self) -> float:
        """By how much it moves the core that it moves more, the mean one or the hottest one; mW."""
        return max(abs(high - low) for low, high in (self.mean, self.hottest))


def moved(tables: Tables) -> list[Moved]:
    """Constants with a plausible range, the one that moves a core's power most first; equal ones in the order of the chip file."""
    ends = [numbers(tables, "constants", f"{core}_{end}_mw") for core in ("mean", "hottest") for end in ("low", "high")]
    words = [texts(tables, "constants", name) for name in ("path", "value", "grade", "source", "range", "range_source")]
    found = []
    for row, (path, value, grade, source, span, whence) in enumerate(zip(*words, strict=True)):
        a, b, c, d = (float(end[row]) for end in ends)
        low, _, high = span.partition(" to ")
        if np.isfinite(a):
            found.append(Moved(path, value, low, high, grade, source, bool(whence), (a, b), (c, d), row))
    return sorted(found, key=lambda one: -one.width)


def influence_sheet(summary: Summary, tables: Tables) -> Sheet:
    """Those that move anything, with figures."""
    told = [one for one in moved(tables) if one.width > 0]
    now = [number(summary, f"power_per_core_mw.{name}") or 0.0 for name in ("mean", "max")]
    cells = [
        [one.path for one in told],
        [one.low for one in told],
        [one.value for one in told],
        [one.high for one in told],
        [_by(one.mean, now[0]) for one in told],
        [_by(one.hottest, now[1]) for one in told],
        [one.grade for one in told],
        [one.source for one in told],
    ]
    heads = ("constant", "low", "value", "high", "mean core", "hottest core", "grade", "source")
    return sheet(KEY, "Constants by what they move", heads, cells, (False, *5 * (True,), False, False), _note(*now))


def by_influence(tables: Tables) -> list[int]:
    """Rows of the table of constants: those that move the power of a core first, the widest first, then the others as they stand."""
    first = [one.row for one in moved(tables) if one.width > 0]
    return first + [row for row in range(len(texts(tables, "constants", "path"))) if row not in set(first)]


def change(mw: float) -> str:
    """A change of power, given in mW, with its sign."""
    return f"{'+' if mw > 0 else '−'}{si(abs(mw) * W_PER_MW, 'W')}" if mw else "0"


def _note(mean: float, hottest: float) -> str:
    return (
        f"By how much the power of the mean core ({digits(mean, 5)} mW in this run) and of the hottest one ({digits(hottest, 5)} mW) changes"
        " with one constant at the low and at the high end of its range, all others as they are: the counters of this run, priced again."
    )


def _by(ends: tuple[float, float], now: float) -> str:
    return f"{change(ends[0] - now)} to {change(ends[1] - now)}"

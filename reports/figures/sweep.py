"""Figures of a sweep: energy against latency, and what each swept key does to the main figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator

from chipsim.quantity import digits, si
from reports.figures.base import (
    BLUE,
    GREEN,
    MUTED,
    ORANGE,
    PURPLE,
    RED,
    SEQUENTIAL,
    SKY,
    NothingToDrawError,
    new_figure,
    spans_decades,
)

Row = dict[str, Any]

_COLOURS = (BLUE, ORANGE, GREEN, RED, SKY, PURPLE)
_MARKERS = ("o", "s", "^", "D", "v", "P")
_MOST_LEGEND = 12
_LONG = 26  # characters of all ticks of a panel above which they are slanted


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of the summary that a sweep is looked at for.

    Attributes:
        key: its column; title: what it is called; unit: of its values, empty for a count.
    """

    key: str
    title: str
    unit: str

    def text(self, value: float | None) -> str:
        """A value for people."""
        if value is None or not np.isfinite(value):
            return "–"
        return f"{digits(value, 4)} mW" if self.unit == "mW" else si(value, self.unit).strip()


ENERGY = Measure("energy_j.total", "energy in all", "J")
DYNAMIC = Measure("energy_j.dynamic", "energy without static", "J")
MEDIAN = Measure("service_s.p50", "service, median", "s")
TAIL = Measure("service_s.p99", "service, 99 of 100", "s")
POWER = Measure("power_per_core_mw.mean", "power per core", "mW")
HOPS = Measure("counts.hops", "hops", "")
RATE = Measure("claim.max_rate_hz", "events per second, at most", "/s")
MEASURES = (ENERGY, DYNAMIC, MEDIAN, TAIL, POWER, HOPS, RATE)
_BUDGET = "power_per_core_mw.budget"


def column(rows: Sequence[Row], key: str) -> npt.NDArray[np.float64]:
    """A figure over rows as float64, NaN where a row has none."""
    if key == DYNAMIC.key:
        return column(rows, ENERGY.key) - column(rows, "energy_j.static")
    found = [row.get(key) for row in rows]
    return np.array([np.nan if one is None or isinstance(one, str) else float(one) for one in found])


def values_of(rows: Sequence[Row], path: str) -> list[str]:
    """Values of a swept key that rows have, in their order."""
    return list(dict.fromkeys(str(row[path]) for row in rows))


def draw_tradeoff(rows: Sequence[Row], paths: Sequence[str]) -> Figure:
    """Energy, in all and without static, over the median latency; one mark per point.

    The first swept key is told by colour, the second by shape.
    """
    x = column(rows, MEDIAN.key)
    panels = [one for one in (ENERGY, DYNAMIC) if np.isfinite(column(rows, one.key) + x).any()]
    if not panels:
        raise NothingToDrawError("No point of this sweep has both an energy and a latency.")
    swept = [path for path in paths if len(values_of(rows, path)) > 1]
    figure, axes = new_figure(4.2, len(panels))
    figure.set_layout_engine("constrained")  # the only one that knows legends outside of all axes
    for axis, measure in zip(axes, panels, strict=True):
        _marks(axis, x, column(rows, measure.key), rows, swept)
        axis.set(xlabel=MEDIAN.title, title=measure.title)
        _scale(axis, "x", x, MEDIAN)
        _scale(axis, "y", column(rows, measure.key), measure)
        axis.grid(True)
    for place, (path, where) in enumerate(zip(swept[:2], ("outside lower left", "outside lower right"), strict=False)):
        handles = _legend(place, values_of(rows, path))
        legend = figure.legend(handles=handles, loc=where, ncols=4, fontsize=8.5, title=path, title_fontsize=8.5)
        legend.set_alignment("left")
    return figure


def draw_effect(rows: Sequence[Row], path: str) -> Figure:
    """The main figures over the values of one key: mean over all other keys, and from the least to the most."""
    values = values_of(rows, path)
    groups = (
        (ENERGY,),
        (DYNAMIC,),
        (MEDIAN, TAIL),
        (POWER,),
        (HOPS,),
        (RATE,),
    )
    shown = [
        group
        for group in groups
        if any(np.isfinite(column(rows, measure.key)).any() and np.nanmax(column(rows, measure.key)) > 0 for measure in group)
    ]
    if not shown:
        raise NothingToDrawError("No point of this sweep has energy, latency, power or hops.")
    across = min(3, len(shown))
    down = -(-len(shown) // across)
    slanted = sum(len(_cut(one)) + 2 for one in values) > _LONG
    figure = Figure(figsize=(10.0, (2.9 if slanted else 2.5) * down))
    grid = figure.subplots(down, across, squeeze=False).ravel()
    for axes, group in zip(grid, shown, strict=False):
        for measure, colour in zip(group, (BLUE, ORANGE), strict=False):
            _effect(axes, rows, path, values, measure, colour)
        every = np.concatenate([column(rows, key) for measure in group for key in (measure.key, *_beside(measure))])
        _scale(axes, "y", every, group[0])
        axes.set_title(group[0].title if len(group) == 1 else "latency")
        axes.set_xticks(range(len(values)), [_cut(one) for one in values], fontsize=8.5)
        axes.tick_params(axis="x", labelrotation=30 if slanted else 0)
        axes.set_xlim(-0.4, len(values) - 0.6)
        axes.grid(axis="y")
        if len(group) > 1:
            axes.legend(fontsize=8.5, loc="best")
        if group[0] is POWER and np.isfinite(budget := column(rows, _BUDGET)).any():
            for one in np.unique(budget[np.isfinite(budget)]):
                axes.axhline(float(one), color=RED, linewidth=1.4)
            axes.set_title("power per core; the line is the budget")
    for axes in grid[len(shown) :]:
        axes.set_axis_off()
    return figure


def _beside(measure: Measure) -> tuple[str, ...]:
    """Columns that a panel shows beside its own."""
    return (_BUDGET,) if measure is POWER else ()


def _effect(axes: Axes, rows: Sequence[Row], path: str, values: list[str], measure: Measure, colour: str) -> None:
    found = column(rows, measure.key)
    groups = [found[[str(row[path]) == value for row in rows]] for value in values]
    places = [place for place, group in enumerate(groups) if np.isfinite(group).any()]
    if not places:
        return
    mean = [float(np.nanmean(groups[place])) for place in places]
    low, high = ([float(limit(groups[place])) for place in places] for limit in (np.nanmin, np.nanmax))
    axes.vlines(places, low, high, color=colour, linewidth=5, alpha=0.22)
    axes.plot(places, mean, "o-", color=colour, linewidth=1.8, markersize=5, label=measure.title.removeprefix("latency, "))


def _scale(axes: Axes, which: str, values: npt.NDArray[np.float64], measure: Measure) -> None:
    """From zero, so that what changes little looks like it; logarithmic where the values span decades."""
    axis, limits = (axes.xaxis, axes.set_xlim) if which == "x" else (axes.yaxis, axes.set_ylim)
    finite = values[np.isfinite(values)]
    positive = finite[finite > 0]
    if spans_decades(finite) and len(positive) == len(finite):
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        limits(positive.min() / 1.5, positive.max() * 1.5)
        axis.set_minor_locator(NullLocator())
    elif len(positive):
        limits(0, positive.max() * 1.12)
    axis.set_major_formatter(FuncFormatter(lambda value, _: measure.text(value)))


def _marks(
    axes: Axes, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], rows: Sequence[Row], swept: Sequence[str]
) -> None:
    first = values_of(rows, swept[0]) if swept else []
    second = values_of(rows, swept[1]) if len(swept) > 1 else []
    for place, row in enumerate(rows):
        if np.isfinite(x[place] + y[place]):
            colour = _colour(first.index(str(row[swept[0]])), len(first)) if first else BLUE
            marker = _MARKERS[second.index(str(row[swept[1]])) % len(_MARKERS)] if second else "o"
            axes.plot(x[place], y[place], marker, color=colour, markersize=7, alpha=0.85, markeredgewidth=0)


def _colour(place: int, count: int) -> Any:
    return _COLOURS[place] if count <= len(_COLOURS) else SEQUENTIAL(place / (count - 1))


def _legend(place: int, values: list[str]) -> list[Line2D]:
    """Entries for the values of one key; too many are left to the table."""
    handles = []
    for number, value in enumerate(values[:_MOST_LEGEND]):
        colour = _colour(number, len(values)) if place == 0 else MUTED
        marker = "o" if place == 0 else _MARKERS[number % len(_MARKERS)]
        handles.append(Line2D([], [], linestyle="", marker=marker, color=colour, markersize=7, label=_cut(value)))
    return handles


def _cut(text: str) -> str:
    return text if len(text) <= 22 else text[:20] + "…"

"""Figures of a sweep: energy against latency with all swept keys told apart, what each key does, and what two do together."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from reports.answer import matched
from reports.figures import hover
from reports.figures.base import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RED,
    SEQUENTIAL,
    SKY,
    WIDTH,
    NothingToDrawError,
    colour_bar,
    ink_on,
    log_ticks,
    spans_decades,
)
from reports.objectives import Objective

Row = Mapping[str, Any]

_COLOURS = (BLUE, ORANGE, GREEN, RED, SKY, PURPLE)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
_SIZES = (8.0, 5.5, 11.0, 4.0, 14.0)
_RING = 14.0
_MOST_PANELS = 6
_ACROSS = 3
_SHARE_OF_WIDTH = (0.0, 0.5, 0.8, 1.0)  # of a page, that so many panels side by side take
_MOST_LEGEND = 12
_LONG = 22  # characters of all ticks of a panel above which they are slanted
_MOST_WRITTEN = 60  # cells of a heat map up to which each has its value in it
_MARGIN = 0.07  # of the range of the data, free on either side
_NUMBER = re.compile(r"[-+]?\.?\d[\d.,_]*(e[-+]?\d+)?\s*[^\W\d]*$", re.IGNORECASE)  # with or without a unit


@dataclass(frozen=True, slots=True)
class Encoding:
    """Which swept key is told by what; a key that is not told stands in ``untold``."""

    colour: str | None
    marker: str | None
    panel: str | None
    size: str | None
    filled: str | None
    untold: tuple[str, ...]

    def told(self) -> tuple[tuple[str, str | None], ...]:
        """By what each key is told, in words for a reader."""
        return (
            ("colour", self.colour),
            ("shape", self.marker),
            ("the panel", self.panel),
            ("size", self.size),
            ("full or hollow", self.filled),
        )


def encoding(rows: Sequence[Row], keys: Sequence[str]) -> Encoding:
    """Colour for the key with the most values, then markers, panels, sizes and hollow marks for those that have few enough."""
    swept = sorted((key for key in keys if len(values_of(rows, key)) > 1), key=lambda key: -len(values_of(rows, key)))
    room = {"colour": len(rows), "marker": len(_MARKERS), "panel": _MOST_PANELS, "size": len(_SIZES), "filled": 2}
    told: dict[str, str] = {}
    for key in swept:
        free = next((name for name, most in room.items() if name not in told and len(values_of(rows, key)) <= most), None)
        if free is not None:
            told[free] = key
    untold = tuple(key for key in swept if key not in told.values())
    return Encoding(told.get("colour"), told.get("marker"), told.get("panel"), told.get("size"), told.get("filled"), untold)


def column(rows: Sequence[Row], measure: Objective) -> npt.NDArray[np.float64]:
    """A figure over rows as float64, NaN where a row has none."""
    return np.array([np.nan if (one := measure.value(row)) is None else one for row in rows])


def values_of(rows: Sequence[Row], key: str) -> list[str]:
    """Values of a swept key that rows have, in their order."""
    return list(dict.fromkeys(str(row[key]) for row in rows))


def draw_tradeoff(
    rows: Sequence[Row], keys: Sequence[str], across: Objective, up: Objective, front: frozenset[int], event: str
) -> Figure:
    """One objective over another, one mark per point; points that no other beats (by number) have a ring."""
    x, y = column(rows, across), column(rows, up)
    if not np.isfinite(x + y).any():
        raise NothingToDrawError(f"No point of this sweep has both {up.called(event)} and {across.called(event)}.")
    code = encoding(rows, keys)
    panels: list[str | None] = [None] if code.panel is None else [*values_of(rows, code.panel)]
    cells = len(panels) + 1
    wide = min(_ACROSS, cells)
    figure = Figure(figsize=(WIDTH, 3.5 * -(-cells // wide)))
    grid = figure.subplots(-(-cells // wide), wide, squeeze=False).ravel()
    for axes, value in zip(grid, panels, strict=False):
        shown = np.array([value is None or str(row[str(code.panel)]) == value for row in rows])
        _marks(axes, np.where(shown, x, np.nan), y, rows, code)
        here = np.flatnonzero(shown & np.isfinite(x + y)).tolist()
        said = [
            f"point {rows[at]['number']}: {', '.join(f'{_tail(key)} {rows[at][key]}' for key in keys)}; "
            f"{across.text(x[at])}, {up.text(y[at])}"
            for at in here
        ]
        hover.points(axes, x[here], y[here], said)
        ringed = [place for place, row in enumerate(rows) if row["number"] in front and shown[place]]
        axes.plot(x[ringed], y[ringed], "o", color="none", markeredgecolor=INK, markersize=_RING, markeredgewidth=1.3)
        axes.set(xlabel=across.called(event), ylabel=up.called(event))
        axes.set_title("all points" if value is None else f"{_tail(str(code.panel))}: {_cut(value)}")
        fit(axes, "x", x, across)
        fit(axes, "y", y, up)
        axes.grid(True)
    _legends(grid[len(panels)], rows, code, bool(front))
    grid[len(panels)].set_axis_off()
    for axes in grid[cells:]:
        figure.delaxes(axes)
    return figure


def draw_effects(
    rows: Sequence[Row], keys: Sequence[str], measure: Objective, event: str, swept: Sequence[str] | None = None
) -> Figure:
    """A figure over the values of each key, side by side on one scale: mean over all other keys, and from the least to the most.

    ``swept`` are all keys of the sweep, ``keys`` by default: where points are missing, only what can be compared is drawn.
    """
    every = column(rows, measure)
    if not keys or not np.isfinite(every).any():
        raise NothingToDrawError(f"No point of this sweep has a figure for {measure.called(event)}.")
    slanted = {key: sum(len(_cut(one)) + 2 for one in values_of(rows, key)) > _LONG for key in keys}
    figure = Figure(figsize=(WIDTH * _SHARE_OF_WIDTH[min(len(keys), _ACROSS)], 2.7 if any(slanted.values()) else 2.3))
    for axes, key in zip(figure.subplots(1, len(keys), squeeze=False)[0], keys, strict=True):
        compared = _compared(rows, (key,), swept or keys, measure)
        values = values_of(compared, key)
        groups = [column([row for row in compared if str(row[key]) == value], measure) for value in values]
        places = [place for place, group in enumerate(groups) if np.isfinite(group).any()]
        mean, low, high = ([float(each(groups[place])) for place in places] for each in (np.nanmean, np.nanmin, np.nanmax))
        axes.vlines(places, low, high, color=BLUE, linewidth=6, alpha=0.25)
        joined = all(_NUMBER.match(value) for value in values)  # between names there is nothing
        axes.plot(places, mean, "o-" if joined else "o", color=BLUE, linewidth=1.8, markersize=5)
        said = [f"{values[place]}|{measure.text(one)}" for place, one in zip(places, mean, strict=True)]
        hover.points(axes, places, mean, said, f"{_tail(key)} {{0}}: mean {{1}}")
        axes.set_xticks(range(len(values)), [_cut(one) for one in values], fontsize=8.5)
        axes.tick_params(axis="x", labelrotation=30 if slanted[key] else 0)
        axes.set_xlim(-0.4, len(values) - 0.6)
        axes.set(xlabel=_tail(key), title=measure.called(event))
        fit(axes, "y", every, measure)
        axes.grid(axis="y")
    return figure


def draw_interaction(
    rows: Sequence[Row], pairs: Sequence[tuple[str, str]], measure: Objective, swept: Sequence[str] | None = None
) -> Figure:
    """Means of a figure by the values of two keys, one map per pair of keys, all on one scale of colours; ``swept`` as for effects."""
    keys = swept or tuple(dict.fromkeys(key for pair in pairs for key in pair))
    compared = [_compared(rows, pair, keys, measure) for pair in pairs]
    tables = [_means(some, measure, *pair) for some, pair in zip(compared, pairs, strict=True)]
    every = np.concatenate([table.ravel() for table in tables])
    every = every[np.isfinite(every)]
    if not len(every):
        raise NothingToDrawError(f"No point of this sweep has a figure for {measure.called()}.")
    low, high = float(every.min()), float(every.max())
    scale = LogNorm(low, high) if low > 0 and spans_decades(every) else Normalize(low, high)
    figure = Figure(figsize=(WIDTH * _SHARE_OF_WIDTH[len(pairs)], 1.3 + 0.42 * max(table.shape[0] for table in tables)))
    grid = figure.subplots(1, len(pairs), squeeze=False)[0]
    for axes, pair, table, some in zip(grid, pairs, tables, compared, strict=True):
        drawn = axes.imshow(table, cmap=SEQUENTIAL, norm=scale, aspect="auto", interpolation="none")
        first, second = (values_of(some, key) for key in pair)
        said = [
            [
                f"{one}|{other}|{measure.text(value)}" if np.isfinite(value) else ""
                for other, value in zip(second, row, strict=True)
            ]
            for one, row in zip(first, table, strict=True)
        ]
        corners = (-0.5, -0.5, len(second) - 0.5, len(first) - 0.5)
        hover.cells(axes, corners, said, f"{_tail(pair[0])} {{0}}, {_tail(pair[1])} {{1}}: {{2}}")
        axes.set_yticks(range(len(first)), [_cut(one) for one in first], fontsize=8.5)
        axes.set_xticks(range(len(second)), [_cut(one) for one in second], fontsize=8.5)
        axes.tick_params(length=0)
        axes.tick_params(axis="x", labelrotation=30 if sum(len(_cut(one)) + 2 for one in second) > _LONG else 0)
        axes.set(xlabel=_tail(pair[1]), ylabel=_tail(pair[0]), title=f"{_tail(pair[0])} × {_tail(pair[1])}")
        for spine in axes.spines.values():
            spine.set_visible(False)
        if table.size <= _MOST_WRITTEN:
            for (down, right), value in np.ndenumerate(table):
                if np.isfinite(value):
                    axes.text(
                        right, down, measure.text(float(value)), ha="center", va="center", fontsize=8.5,
                        color=ink_on(SEQUENTIAL(scale(value))),
                    )  # fmt: skip
        else:
            colour_bar(axes, drawn, measure.text)
    return figure


def _compared(rows: Sequence[Row], compared: Sequence[str], swept: Sequence[str], measure: Objective) -> list[Row]:
    """Points with a figure between which nothing but some keys differs on the whole."""
    return matched([row for row in rows if measure.value(row) is not None], compared, swept)


def _means(rows: Sequence[Row], measure: Objective, down: str, right: str) -> npt.NDArray[np.float64]:
    """float64[values of one key, values of another]; NaN where no point has the figure."""
    first, second, found = values_of(rows, down), values_of(rows, right), column(rows, measure)
    table = np.full((len(first), len(second)), np.nan)
    for place, one in enumerate(first):
        for where, other in enumerate(second):
            group = found[[str(row[down]) == one and str(row[right]) == other for row in rows]]
            if np.isfinite(group).any():
                table[place, where] = np.nanmean(group)
    return table


def fit(axes: Axes, which: str, values: npt.NDArray[np.float64], measure: Objective) -> None:
    """Limits that fit the data; logarithmic where the values span decades."""
    axis, limits = (axes.xaxis, axes.set_xlim) if which == "x" else (axes.yaxis, axes.set_ylim)
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    if low > 0 and spans_decades(finite):
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        more = (high / low) ** _MARGIN
        limits(low / more, high * more)
        axis.set_ticks(log_ticks(low / more, high * more, 5))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
    else:
        more = _MARGIN * (high - low) if high > low else 0.1 * abs(high) or 1.0
        limits(low - more, high + more)
        axis.set_major_locator(MaxNLocator(4, integer=not measure.unit and float(low).is_integer()))
    steps = (high - low) / 4
    apart = 3 if steps <= 0 else max(3, 1 + math.ceil(math.log10(max(abs(low), abs(high)) / steps)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: measure.text(value, apart)))  # no two ticks read the same


def _marks(axes: Axes, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], rows: Sequence[Row], code: Encoding) -> None:
    """All points that have both figures; those that look alike at once."""
    orders = [
        {value: at for at, value in enumerate(values_of(rows, key))} if key is not None else {}
        for key in (code.colour, code.marker, code.size, code.filled)
    ]
    keys = (code.colour, code.marker, code.size, code.filled)
    groups: dict[tuple[int, ...], list[int]] = {}
    for place, row in enumerate(rows):
        if np.isfinite(x[place] + y[place]):
            look = tuple(order[str(row[key])] if key is not None else 0 for key, order in zip(keys, orders, strict=True))
            groups.setdefault(look, []).append(place)
    for (shade, marker, size, hollow), places in groups.items():
        colour = _colour(shade, len(orders[0])) if code.colour is not None else BLUE
        axes.plot(
            x[places], y[places], _MARKERS[marker], color=colour, markersize=_SIZES[size], alpha=0.85, linestyle="",
            markeredgewidth=1.4 if hollow else 0, markerfacecolor="none" if hollow else colour,
        )  # fmt: skip


def _colour(place: int, count: int) -> Any:
    return _COLOURS[place] if count <= len(_COLOURS) else SEQUENTIAL(place / (count - 1))


def _legends(axes: Axes, rows: Sequence[Row], code: Encoding, rings: bool) -> None:
    """What colours, markers and sizes stand for, one below the other; too many values are left to the table."""
    handles: list[Line2D] = []

    def head(text: str) -> None:
        handles.append(Line2D([], [], linestyle="", label=text))

    def entry(text: str, marker: str, colour: Any, size: float = 7.0, **more: Any) -> None:
        handles.append(Line2D([], [], linestyle="", marker=marker, color=colour, markersize=size, label=_cut(text), **more))

    for what, key in (("colour", code.colour), ("marker", code.marker), ("size", code.size), ("filled", code.filled)):
        if key is None:
            continue
        head(_tail(key))
        values = values_of(rows, key)
        for place, value in enumerate(values[:_MOST_LEGEND]):
            colour = _colour(place, len(values)) if what == "colour" else MUTED
            hollow = {"markerfacecolor": "none", "markeredgewidth": 1.4} if what == "filled" and place else {}
            marker = _MARKERS[place] if what == "marker" else "o"
            entry(value, marker, colour, _SIZES[place] if what == "size" else 7.0, **hollow)
        if len(values) > _MOST_LEGEND:
            head(f"and {len(values) - _MOST_LEGEND} more")
    if rings:
        entry("no point beats it", "o", "none", 10.0, markeredgecolor=INK, markeredgewidth=1.3)
    axes.legend(handles=handles, loc="upper left", fontsize=8.5, ncols=2 if len(handles) > 14 else 1, borderaxespad=0)


def _tail(key: str) -> str:
    return key.rpartition(".")[2]


def _cut(text: str) -> str:
    return text if len(text) <= 22 else text[:20] + "…"

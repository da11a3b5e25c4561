"""Lines through measured points that do not pretend: no line over a gap, a thin dashed one where a point says less than others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from chipsim.quantity import digits, si
from reports.figures import hover

Numbers = npt.NDArray[np.float64]

NAN = float("nan")


def stroke(
    axes: Axes,
    x: Numbers,
    y: Numbers,
    joined: Sequence[bool],
    firm: Sequence[bool],
    marker: str = "o",
    unit: str = "",
    hollow: str = "",
    **style: Any,
) -> None:
    """Draw points and what lies between them.

    Args:
        axes: where.
        x: float64[points], ascending.
        y: float64[points]; NaN where there is no value, which ends a line.
        joined: for each point but the last, whether the next one is its neighbour: nothing that was asked for is missing between them.
        firm: for each point, whether it counts in full; others are crosses, and lines to and between them are dashed.
        marker: of firm points.
        unit: of y, for what points say; empty where the axes say it.
        hollow: how the lines of what is not measured are dashed; its marks are hollow. Empty for what is.
        style: colour, label and the like of the line.
    """
    label = style.pop("label", None)
    mark: dict[str, Any] = {"marker": marker, "markersize": 5 if hollow else 4} | (
        {"markerfacecolor": "none"} if hollow else {}
    )
    for solid, dashes in ((True, hollow or "-"), (False, (0, (3, 2)))):
        way = runs(x, y, joined, firm, solid)
        axes.plot(way[0], way[1], linestyle=dashes, linewidth=1.5 if solid and not hollow else 1.0, **style)
    sure = np.asarray(firm, bool)
    axes.plot(x[sure], y[sure], linestyle="", **mark, **style)
    axes.plot(x[~sure], y[~sure], marker="x", markersize=5, linestyle="", **style)
    there = np.flatnonzero(np.isfinite(y))
    if label and len(there):  # a legend names what is there
        said = [f"{si(y[at], unit, 5) if unit else digits(y[at], 5)}|{digits(x[at], 5)}" for at in there]
        hover.points(axes, x[there], y[there], said, f"{label}: {{0}} at {{1}}")
        axes.plot([], [], linestyle=hollow or "-", linewidth=1.5, label=label, **mark, **style)


def runs(
    x: Numbers, y: Numbers, joined: Sequence[bool], firm: Sequence[bool], solid: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The line of one kind as one path with NaN at its gaps: between firm neighbours if solid, else between neighbours that are not both."""
    way: list[tuple[float, float]] = []
    for here in range(len(x) - 1):
        there = here + 1
        if not joined[here] or np.isnan(y[here]) or np.isnan(y[there]) or (firm[here] and firm[there]) != solid:
            continue
        if way and way[-1] == (x[here], y[here]):
            way.append((x[there], y[there]))
        else:
            way += [(NAN, NAN), (x[here], y[here]), (x[there], y[there])]
    found = np.array(way, np.float64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def joined_by(asked: Sequence[float], got: Sequence[float]) -> list[bool]:
    """For each value that was got but the last, whether no other that was asked for lies between it and the next one; both ascending."""
    missing = sorted(set(asked) - set(got))
    return [not any(low < one < high for one in missing) for low, high in pairwise(got)]

"""How a count grows: slopes in log-log over lengths or sizes, one for each stretch of text, and their mean with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FEWEST_LENGTHS = 3
"""That a slope is fitted over; through two any line goes."""

FEWEST_ITEMS = 16
"""That a layer reads in every stretch at a length that its slope is fitted over: of a few items the floor of one decides."""

_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""97.5 % quantiles of Student's t by degrees of freedom from 1; the last of these for more of them is a little too wide."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A slope.

    Attributes:
        slope: mean over stretches.
        low, high: its 95 % interval over stretches (Student's t); None of one stretch.
        stretches: how many; x: what it is fitted over.
        first, last: mean slopes between the two least and the two greatest x, which tell a curve from a line.
    """

    slope: float
    low: float | None
    high: float | None
    stretches: int
    x: tuple[int, ...]
    first: float
    last: float


def slope_of(x: Sequence[float], y: Sequence[float]) -> float:
    """Least squares of ln y on ln x; both above 0, at least two different x."""
    a, b = np.log(np.asarray(x, np.float64)), np.log(np.asarray(y, np.float64))
    a -= a.mean()
    return float((a @ (b - b.mean())) / (a @ a))


def interval(values: Sequence[float]) -> tuple[float, float | None, float | None]:
    """Mean and 95 % interval of values that are taken to be independent; no interval of one."""
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return mean, None, None
    spread = math.sqrt(math.fsum((one - mean) ** 2 for one in values) / (count - 1) / count)
    half = _T[min(count - 1, len(_T)) - 1] * spread
    return mean, mean - half, mean + half


def fit(counts: Mapping[int, Mapping[int, float]], items: Mapping[int, Mapping[int, float]] | None = None) -> Fit | None:
    """The slope of a count.

    Args:
        counts: by stretch, by length.
        items: likewise what the layer read, where that may be too few to tell; lengths with fewer than `FEWEST_ITEMS` are left out.

    Returns:
        None where fewer than `FEWEST_LENGTHS` lengths are left at which every stretch counted something.
    """
    kept = sorted(
        length
        for length in set.intersection(*(set(one) for one in counts.values()))
        if all(one[length] > 0 for one in counts.values())
        and (items is None or all(one[length] >= FEWEST_ITEMS for one in items.values()))
    ) if counts else []  # fmt: skip
    if len(kept) < FEWEST_LENGTHS:
        return None
    rows = [[one[length] for length in kept] for one in counts.values()]
    mean, low, high = interval([slope_of(kept, row) for row in rows])
    first = interval([slope_of(kept[:2], row[:2]) for row in rows])[0]
    last = interval([slope_of(kept[-2:], row[-2:]) for row in rows])[0]
    return Fit(mean, low, high, len(rows), tuple(kept), first, last)

"""Integer histograms with a fixed rule, merged by addition: quantiles are the same on every engine and for any number of parts.

A value below 64 has a bin of its own; above, each power of two is cut into 32 bins, so a bin is at most 1/32 of its value wide. A
quantile q of n values is the upper edge of the bin that holds value number ceil(q n), but never more than the largest value seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

S_PER_PS = 1e-12

FINE = 64
STEPS = 32
_BITS = 5


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts per bin, with the exact sum and maximum.

    Attributes:
        bins: int64[b], bin numbers, ascending; counts: int64[b].
        total: number of values; sum: their sum; largest: the largest (0 without values).
    """

    bins: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    total: int
    sum: int
    largest: int

    @property
    def mean(self) -> float | None:
        """Mean, None without values."""
        return self.sum / self.total if self.total else None

    def quantile(self, q: float) -> int | None:
        """Upper edge of the bin that holds value number ceil(q n), at most the largest value; None without values."""
        if not self.total:
            return None
        rank = max(1, int(np.ceil(q * self.total)))
        at = int(np.searchsorted(np.cumsum(self.counts), rank))
        return min(int(edges(self.bins[at : at + 1])[1][0]), self.largest)


def bin_of(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Bin number of each value (>= 0)."""
    _, exponent = np.frexp(values.astype(np.float64))
    # frexp rounds above 2^53; shifting down first keeps the leading bits exact
    shift = np.maximum(exponent - 1 - _BITS, 0)
    top = values >> shift
    over = top >= FINE  # rounding up to the next power of two in the float
    shift, top = np.where(over, shift + 1, shift), np.where(over, top >> 1, top)
    under = (top < STEPS) & (shift > 0)
    shift = np.where(under, shift - 1, shift)
    top = values >> shift
    return np.asarray(shift * STEPS + top)


def edges(bins: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Smallest and largest value of each bin."""
    shift = np.maximum(bins // STEPS - 1, 0)
    top = bins - shift * STEPS
    return top << shift, ((top + 1) << shift) - 1


def histogram(values: npt.NDArray[np.int64]) -> Histogram:
    """Histogram of whole numbers >= 0."""
    bins, counts = np.unique(bin_of(values), return_counts=True)
    return Histogram(bins, counts.astype(np.int64), len(values), sum(values.tolist()), int(values.max()) if len(values) else 0)


def merge(a: Histogram, b: Histogram) -> Histogram:
    """Histogram of the values of both."""
    bins = np.union1d(a.bins, b.bins)
    counts = np.zeros(len(bins), np.int64)
    for part in (a, b):
        counts[np.searchsorted(bins, part.bins)] += part.counts
    return Histogram(bins, counts, a.total + b.total, a.sum + b.sum, max(a.largest, b.largest))


def quantiles_s(h: Histogram) -> dict[str, float | None]:
    """Mean and quantiles of a histogram of ps, in seconds; None without values."""

    def seconds(ps: float | None) -> float | None:
        return None if ps is None else ps * S_PER_PS

    return {
        "mean": seconds(h.mean),
        "p50": seconds(h.quantile(0.5)),
        "p95": seconds(h.quantile(0.95)),
        "p99": seconds(h.quantile(0.99)),
        "max": seconds(h.largest if h.total else None),
    }

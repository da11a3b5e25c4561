"""Numbers of a spiking network on their common step: how fine it can be, and what rounding to it does to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.network.spiking import QUANTUM, Quantised
from workloads.snn.fixed import Floats, to_fixed

MOST_WEIGHT = 2**31 - 1
"""Largest weight, in steps."""


def finest(wanted: int, largest: float, least: int = QUANTUM) -> int:
    """Binary digits behind the point, as many as wanted or as leave room for the largest weight in 31 bits; never fewer than ``least``."""
    return max(least, min(wanted, 31 - int(np.frexp(largest)[1]))) if largest else wanted


class Quantiser:
    """Rounds values to the nearest multiple of 2^-fraction, and keeps count of what that does to them."""

    __slots__ = ("_fraction", "_rounded", "_saturated", "_sum", "_values", "_worst")

    def __init__(self, fraction: int) -> None:
        self._fraction = fraction
        self._values = self._rounded = self._saturated = 0
        self._worst = self._sum = 0.0

    def weights(self, taken: Floats, given: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Weights in steps, at most 31 bits and a sign.

        Args:
            taken: as they are read.
            given: as the archive has them.
        """
        whole = to_fixed(taken, self._fraction)
        held = np.clip(whole, -MOST_WEIGHT, MOST_WEIGHT)
        self._saturated += int((held != whole).sum())
        self._look(held, given)
        return held

    def values(self, taken: Floats, given: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Potentials or biases in steps."""
        whole = to_fixed(taken, self._fraction)
        self._look(whole, given)
        return whole

    def found(self) -> Quantised:
        """What rounding has done so far."""
        mean = self._sum / self._values if self._values else 0.0
        return Quantised(2.0**-self._fraction, self._values, self._rounded, self._worst, mean, self._saturated)

    def _look(self, whole: npt.NDArray[np.int64], given: npt.NDArray[Any]) -> None:
        if not len(whole):
            return
        error = np.abs(np.ldexp(whole.astype(np.float64), -self._fraction) - given.astype(np.float64))
        self._values += len(whole)
        self._rounded += int(np.count_nonzero(error))
        self._worst = max(self._worst, float(error.max()))
        self._sum += float(error.sum())

"""From given numbers to whole ones: how many binary digits are needed, whether they suffice, and what a leak is as a fraction.

Numbers that are not whole are taken as 32-bit floats, as the peers' files have them; from there on everything is exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.network.spiking import MOST_DIGITS, QUANTUM

Floats = npt.NDArray[np.float64]

MANTISSA = 24
"""Binary digits of a 32-bit float."""

_NEVER = 2**62
"""Stands for any threshold that no potential within bounds reaches."""


def as_floats(values: npt.NDArray[Any]) -> Floats:
    """The values as 32-bit floats have them (whole numbers as they are), kept in 64 bits."""
    if values.dtype.kind == "f" and values.dtype.itemsize > 4:
        with np.errstate(over="ignore"):  # what becomes infinite is refused with its place
            values = values.astype(np.float32)
    return values.astype(np.float64)


def digits_needed(values: Floats, known: int = QUANTUM) -> int:
    """Binary digits behind the point that hold all values exactly, at least ``known``; finite values only."""
    scaled = np.ldexp(values, known)
    off = values[scaled != np.rint(scaled)]
    if not len(off):
        return known
    mantissa, exponent = np.frexp(off)
    whole = np.abs(np.ldexp(mantissa, 53)).astype(np.int64)
    trailing = np.frexp((whole & -whole).astype(np.float64))[1] - 1
    return max(known, int((53 - exponent - trailing).max()))


def first_too_fine(values: Floats) -> int:
    """Index of the first value that is no multiple of 2^-``MOST_DIGITS``, -1 without."""
    scaled = np.ldexp(values, MOST_DIGITS)
    off = np.flatnonzero(scaled != np.rint(scaled))
    return int(off[0]) if len(off) else -1


def to_fixed(values: Floats, fraction: int) -> npt.NDArray[np.int64]:
    """Multiples of 2^-fraction; the values are known to be some, and within 2^62 of them."""
    return np.ldexp(values, fraction).astype(np.int64)


def floor_fixed(values: Floats, fraction: int) -> npt.NDArray[np.int64]:
    """Thresholds rounded down, which changes no comparison with whole potentials; out of reach stays out of reach."""
    return np.clip(np.floor(np.ldexp(values, fraction)), -float(_NEVER), float(_NEVER)).astype(np.int64)


def leak_fraction(leak: float, coarse: int) -> tuple[int, int]:
    """A leak factor in [0, 1] as (numerator, shift), exactly.

    Args:
        leak: taken as a 32-bit float.
        coarse: digits that the decayed potential is cut by; where the shift of both reaches 63 digits, everything decays to 0.
    """
    mantissa, exponent = np.frexp(np.float32(leak))
    numerator, shift = int(np.ldexp(np.float64(mantissa), MANTISSA)), MANTISSA - int(exponent)
    while numerator and numerator % 2 == 0 and shift > 0:
        numerator, shift = numerator // 2, shift - 1
    return (numerator, shift) if numerator and shift + coarse <= 62 else (0, 0)

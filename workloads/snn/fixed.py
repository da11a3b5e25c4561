"""From given numbers to whole ones: how many binary digits are needed, whether they suffice, and what a leak is as a fraction.

Numbers that are no multiples of 1/64 are taken as 32-bit floats, as the peers' files have them; from there on everything is exact, or
rounded to the nearest multiple of the step with the error told (``workloads.snn.quantise``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.network.spiking import MOST_DIGITS, QUANTUM

Floats = npt.NDArray[np.float64]

EXACT = 2**53
"""Up to it every whole number is a 64-bit float."""

MANTISSA = 24
"""Binary digits of a 32-bit float."""

FINITE = "finite numbers: numpy.flatnonzero(~numpy.isfinite(a)) says where others are in an array a, numpy.nan_to_num(a) makes them 0"
"""What an array may hold, and what to do about the rest."""

_NEVER = 2**62
"""Stands for any threshold that no potential within bounds reaches."""


def as_floats(values: npt.NDArray[Any], where: str, reach: int | None = None, offset: int = 0) -> Floats:
    """The values in 64 bits: exact where they are multiples of 1/64, whole numbers among them; others as 32-bit floats have them.

    Args:
        values: numbers of any kind.
        where: file and key, for the message.
        reach: whole numbers as large as that are never reached, so that their last digits are of no matter.
        offset: number of the first of them in the array that the message names.

    Raises:
        WorkloadError: a whole number has no exact place in 64 bits of float; names it.
    """
    if values.dtype.kind in "iu" and values.dtype.itemsize > 4:
        for at in np.flatnonzero((values > EXACT) | (values < -EXACT) if values.dtype.kind == "i" else values > EXACT).tolist():
            given = int(values[at])
            if int(float(given)) != given and (reach is None or abs(given) < reach):
                raise WorkloadError(
                    f"{where}[{offset + at}] is {given}; allowed: whole numbers up to 2^53 = {EXACT}, which are held exactly"
                )
    found = values.astype(np.float64)
    if values.dtype.kind == "f" and values.dtype.itemsize > 4:
        with np.errstate(over="ignore", invalid="ignore"):  # what becomes infinite is refused with its place
            scaled = np.ldexp(found, QUANTUM)
            single = found.astype(np.float32).astype(np.float64)
            found = np.where((scaled == np.rint(scaled)) | (single == 0), found, single)
    return found


def digits_needed(values: Floats, known: int = QUANTUM) -> int:
    """Binary digits behind the point that hold all values exactly, at least ``known``, at most ``MOST_DIGITS``; finite values only."""
    scaled = np.ldexp(values, known)
    off = values[scaled != np.rint(scaled)]
    if not len(off):
        return known
    mantissa, exponent = np.frexp(off)
    whole = np.abs(np.ldexp(mantissa, 53)).astype(np.int64)
    trailing = np.frexp((whole & -whole).astype(np.float64))[1] - 1
    return max(known, min(MOST_DIGITS, int((53 - exponent - trailing).max())))


def first_too_fine(values: Floats) -> int:
    """Index of the first value that is no multiple of 2^-``MOST_DIGITS``, -1 without."""
    scaled = np.ldexp(values, MOST_DIGITS)
    off = np.flatnonzero(scaled != np.rint(scaled))
    return int(off[0]) if len(off) else -1


def to_fixed(values: Floats, fraction: int) -> npt.NDArray[np.int64]:
    """The nearest multiples of 2^-fraction, of ties the even one; the values are known to be within 2^62 of them."""
    return np.rint(np.ldexp(values, fraction)).astype(np.int64)


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

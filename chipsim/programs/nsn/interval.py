"""Interval classes, as the chip computes them (IN10): exact, or floor(log2(1 + interval / unit)) by counting shifts."""

from __future__ import annotations

from chipsim.network.rules import EXACT


def interval_class(interval: int, mode: int, unit: int) -> int:
    """Class of an interval of event time; the unit of exact classes is 1 but for recursive networks."""
    if mode == EXACT:
        return interval // unit
    steps = (unit + interval) // unit
    result = 0
    while steps > 1:
        steps >>= 1
        result += 1
    return result


def class_floor(interval_class: int, mode: int, unit: int) -> int:
    """Smallest interval of a class."""
    if mode == EXACT:
        return interval_class
    return ((1 << interval_class) - 1) * unit

"""Equality of two values, and their ratio: no tolerance."""

from __future__ import annotations

import math
from typing import Any


def same(a: Any, b: Any) -> bool:
    """Whether two values of a result are equal: a truth value is no number, and what is no number equals itself."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return bool(a == b)


def ratio(a: Any, b: Any) -> float | None:
    """How many times the first the second is; None where one is no number, or the first is 0."""
    if any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in (a, b)) or a == 0:
        return None
    try:
        return float(b / a)
    except OverflowError:
        return None

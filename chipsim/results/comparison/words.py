"""Values as text: six digits, a unit where the name of the figure tells it, and never equal texts for different values."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

ABSENT = "absent"

_UNITS = {"s": "s", "j": "J", "w": "W", "hz": "Hz", "mw": "mW"}
_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p"))


def texts(key: str, values: Sequence[Any], absent: Sequence[int] = ()) -> list[str]:
    """Values of a setting or figure as text.

    Args:
        key: its dotted name; a part that ends in ``_s``, ``_j``, ``_w``, ``_mw`` or ``_hz`` tells the unit.
        values: in the order of the results.
        absent: numbers of the results that do not have it.
    """
    unit = _unit(key)
    short = [ABSENT if n in absent else _short(value, unit) for n, value in enumerate(values)]
    alike = dict(zip(short, values, strict=True))
    if all(text == ABSENT or value == alike[text] for text, value in zip(short, values, strict=True)):
        return short
    return [ABSENT if n in absent else _whole(value) for n, value in enumerate(values)]


def times(ratio: float | None) -> str:
    """A ratio with four digits, or as many as tell how far from 1 it is; nothing where there is none."""
    if ratio is None:
        return ""
    off = abs(ratio - 1)
    if not 0 < off < 1e-2:
        return f"{ratio:.4g}"
    return f"{ratio:.{min(15, 1 - math.floor(math.log10(off)))}f}"


def span(least: float | None, most: float | None) -> str:
    """Ratios from the least to the greatest."""
    if least is None or most is None:
        return ""
    return times(least) if times(least) == times(most) else f"{times(least)} to {times(most)}"


def _unit(key: str) -> str:
    for part in reversed(key.split(".")):
        end = part.rpartition("_")[2] if "_" in part else ""
        if end in _UNITS:
            return _UNITS[end]
    return ""


def _short(value: Any, unit: str) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return _whole(value)
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float) or not math.isfinite(value):
        return _whole(value)
    if unit == "mW":  # the budget is said in it
        return f"{value:.6g} mW"
    if unit and value:
        for size, prefix in _PREFIXES:
            if abs(value) >= size:
                return f"{value / size:.6g} {prefix}{unit}"
    return f"{value:.6g}"


def _whole(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:
        return str(value)

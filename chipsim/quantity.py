"""Numbers for people on a page: three significant digits, a prefix, a unit; a missing number says so."""

from __future__ import annotations

import math

UNKNOWN = "unknown"

_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"), (1e-15, "f"))


def digits(value: float | None, significant: int = 3) -> str:
    """A plain decimal with the given significant digits and thousands separators, e.g. ``1,240`` or ``0.0312``."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    # Round first: 999.6 has three digits before the point but reads as 1,000.
    rounded = float(f"{value:.{significant - 1}e}")
    places = max(0, significant - 1 - math.floor(math.log10(abs(rounded))))
    if places > 8:
        return f"{rounded:.{significant - 1}e}"
    text = f"{rounded:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def si(value: float | None, unit: str, significant: int = 3) -> str:
    """A quantity given in its base unit, with a prefix, e.g. ``si(8.2e-4, "W")`` is ``820 µW``."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value == 0:
        return f"0 {unit}"
    rounded = abs(float(f"{value:.{significant - 1}e}"))
    factor, prefix = next(((f, p) for f, p in _PREFIXES if rounded >= f), _PREFIXES[-1])
    return f"{digits(value / factor, significant)} {prefix}{unit}"


def short(value: float | None, significant: int = 3) -> str:
    """A large number in few characters, e.g. ``1.17 M``."""
    return si(value, "", significant).strip()


def exact(value: float) -> str:
    """A number of things: whole ones as they are, a mean with one digit behind the point from 100 on, else with three digits."""
    if float(value).is_integer():
        return count(value)
    return digits(value) if abs(value) < 100 else f"{value:,.1f}"


def count(value: float | None) -> str:
    """A whole number with thousands separators."""
    return UNKNOWN if value is None or not math.isfinite(value) else f"{round(value):,}"


def plural(value: float | None, noun: str) -> str:
    """A count with its noun, e.g. ``1 neuron`` or ``2,048 events``."""
    number = count(value)
    return f"{number} {noun}{'' if number == '1' else 's'}"


def rate(value: float | None, of: str = "events") -> str:
    """A rate per second in words, e.g. ``12.3 million events/s``."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if value >= size:
            return f"{digits(value / size)}{word} {of}/s"
    return f"{digits(value)} {of}/s"


def percent(share: float | None) -> str:
    """A share as per cent; what is not nothing is not printed as 0, and what is not all not as 100."""
    if share is None or not math.isfinite(share):
        return UNKNOWN
    if 0 < share < 5e-6:
        return "< 0.0005 %"
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    return f"{digits(100 * share, 2 if abs(share) < 0.1 else 3)} %"

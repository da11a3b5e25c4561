"""Numbers for people at a terminal, which may have nothing but ASCII: three digits, a prefix, a unit; a missing number says so."""

from __future__ import annotations

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p"))


def si(value: float | None, unit: str) -> str:
    """Three significant digits with a prefix: ``si(7.08e-06, "s")`` is ``7.08 us``; an unknown value is ``unknown``."""
    if value is None:
        return "unknown"
    if value == 0:
        return f"0 {unit}"
    for size, prefix in _PREFIXES:
        if abs(value) >= size * 0.9995:  # what rounds to 1000 belongs to the next prefix
            return f"{_digits(value / size)} {prefix}{unit}"
    return f"{value:.3g} {unit}"


def rate(value: float | None, what: str) -> str:
    """A number of things per second in words: ``rate(1.06e6, "events/s")`` is ``1.06 million events/s``."""
    if value is None:
        return "unknown"
    for size, word in ((1e12, "trillion "), (1e9, "billion "), (1e6, "million ")):
        if value >= size * 0.9995:
            return f"{_digits(value / size)} {word}{what}"
    return f"{_digits(value) if value < 1000 else f'{value:,.0f}'} {what}"


def count(value: float | None) -> str:
    """A whole number with thousands apart."""
    return "unknown" if value is None else f"{round(value):,}"


def percent(share: float | None) -> str:
    """A share in percent with a digit that still says something."""
    if share is None:
        return "unknown"
    value = 100 * share
    if 99 < value < 100:
        return "over 99.9 %" if value > 99.95 else f"{value:.1f} %"
    if value == 0 or value >= 9.95:
        return f"{value:.0f} %"
    return f"{value:.1f} %" if value >= 0.095 else f"{value:.1g} %"


def plural(number: int, one: str, many: str = "") -> str:
    """``1 core``, ``2 cores``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _digits(value: float) -> str:
    text = f"{value:.3g}"
    return f"{value:.0f}" if "e" in text else text

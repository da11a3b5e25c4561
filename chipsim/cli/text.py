"""Text for people: numbers with prefixes, columns, labelled lines within the width of the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p"))
_NARROW, _WIDE = 60, 110
"""Least and most columns that text is laid out for; longer lines are hard to read."""


def width() -> int:
    """Columns to lay text out for; 80 where there is no terminal."""
    return max(_NARROW, min(_WIDE, shutil.get_terminal_size((80, 24)).columns))


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


def labelled(label: str, text: str, indent: int = 9) -> str:
    """A line with its label in a column of its own; what does not fit goes on below the text."""
    return textwrap.fill(
        text,
        width=width(),
        initial_indent=label.ljust(indent),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """A table: columns as wide as their widest cell, the last one wrapped at the width of the terminal.

    Args:
        header: names of the columns.
        rows: cells as text.
        right: numbers of the columns that are aligned to the right.
    """
    rows = [tuple(header), *(tuple(row) for row in rows)]
    flush = set(right)
    last = len(header) - 1
    widths = [max(len(row[n]) for row in rows) for n in range(last)]
    indent = sum(widths) + 2 * len(widths)
    lines = []
    for row in rows:
        cells = [cell.rjust(w) if n in flush else cell.ljust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=False))]
        lines += _wrap("".join(f"{cell}  " for cell in cells), row[last], indent)
    return lines


def _wrap(lead: str, text: str, indent: int) -> list[str]:
    room = width() - indent
    if room < 24:  # too narrow for a column: below, a little to the right
        lines = textwrap.wrap(text, width() - 6, break_on_hyphens=False) if text else []
        return [lead.rstrip(), *(f"      {line}" for line in lines)]
    lines = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
    return [(lead + lines[0]).rstrip(), *(" " * indent + line for line in lines[1:])]


def _digits(value: float) -> str:
    text = f"{value:.3g}"
    return f"{value:.0f}" if "e" in text else text

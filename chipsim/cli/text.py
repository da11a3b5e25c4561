"""Text for people: columns and labelled lines within the width of the terminal."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Sequence

from chipsim.cli.output import own_stdout

_NO_TERMINAL = 80
_NARROW, _WIDE = 60, 110
"""Least and most columns that text is laid out for; longer lines are hard to read."""


def width() -> int:
    """Columns to lay text out for; 80 where there is no terminal."""
    return max(_NARROW, min(_WIDE, _columns()))


def _columns() -> int:
    """Of the terminal that is printed on; ``COLUMNS`` has the first word."""
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    try:
        return os.get_terminal_size(own_stdout().fileno()).columns or _NO_TERMINAL
    except (AttributeError, ValueError, OSError):
        return _NO_TERMINAL


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

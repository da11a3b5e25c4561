"""Text for people: columns and labelled lines within the width of the terminal, commands to copy whole."""

from __future__ import annotations

import os
import re
import shlex
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from chipsim.cli.output import own_stdout

_NO_TERMINAL = sys.maxsize
"""Columns of a file or pipe: whoever searches it or cuts it up needs whole lines."""

_UNKNOWN = 80
"""Columns of a terminal that does not say how wide it is."""

_NARROW, _WIDE = 60, 110
"""Least and most columns that text is laid out for on a terminal; longer lines are hard to read."""

_KEPT = "\x1f"
"""Stands for a blank at which no line ends."""

_QUOTED = re.compile(r"`[^`]*`")


def width() -> int:
    """Columns to lay text out for; without end where there is no terminal."""
    columns = _columns()
    return columns if columns == _NO_TERMINAL else max(_NARROW, min(_WIDE, columns))


def _columns() -> int:
    """Of the terminal that is printed on; ``COLUMNS`` has the first word."""
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    try:
        return os.get_terminal_size(own_stdout().fileno()).columns or _UNKNOWN
    except (AttributeError, ValueError, OSError):
        return _NO_TERMINAL


def command(*words: str | Path) -> str:
    """A command to copy: words quoted as a shell needs it, on one line wherever it stands in a text."""
    return unbroken(shlex.join(map(str, words)))


def unbroken(text: str | Path) -> str:
    """A text, such as a path to copy, that stays on one line."""
    return str(text).replace(" ", _KEPT)


def labelled(label: str, text: str, indent: int = 9) -> str:
    """A line with its label in a column of its own; what does not fit goes on below the text, commands stay whole."""
    lead = label.ljust(indent)
    return _blanks("\n".join(_lines(text, width(), lead, " " * indent) or [lead.rstrip()]))


def suggested(label: str, text: str, why: str, indent: int = 9) -> str:
    """A command to try on a line of its own, and below it what it is good for."""
    return f"{labelled(label, text, indent)}\n{labelled('', why, indent)}"


def _lines(text: str, room: int, first: str = "", further: str = "") -> list[str]:
    """A text in lines; what stands in backquotes, and commands, are not broken."""
    kept = _QUOTED.sub(lambda found: unbroken(found[0]), text)
    return textwrap.wrap(
        kept, room, initial_indent=first, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )


def _blanks(line: str) -> str:
    return line.replace(_KEPT, " ")


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
    return [_blanks(line) for line in lines]


def _wrap(lead: str, text: str, indent: int) -> list[str]:
    room = width() - indent
    if room < 24:  # too narrow for a column: below, a little to the right
        lines = _lines(text, width() - 6) if text else []
        return [lead.rstrip(), *(f"      {line}" for line in lines)]
    lines = _lines(text, room) or [""]
    return [(lead + lines[0]).rstrip(), *(" " * indent + line for line in lines[1:])]

"""Where a cell of comma-separated text stands, for messages."""

from __future__ import annotations


def place_of(record: str, column: int) -> tuple[int, int]:
    """Line (from 0) and column (from 1) where a value of a record starts.

    Args:
        record: its text, line ends within quotes included.
        column: number of the value, from 0; the record has as many.
    """
    quoted = False
    commas = position = 0
    while commas < column and position < len(record):
        quoted ^= record[position] == '"'
        commas += record[position] == "," and not quoted
        position += 1
    before = record[:position]
    return before.count("\n"), position - before.rfind("\n")

"""Event logs as comma-separated values with a header row (RFC 4180)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from chipsim.cells import place_of
from chipsim.errors import WorkloadError
from workloads.formats.clock import Clock, tick
from workloads.formats.files import read_lines
from workloads.formats.log import LogEvent
from workloads.formats.reading import Reading


def read_csv(path: Path, time: str = "time", time_scale: float = 1.0, reading: Reading | None = None) -> Iterator[LogEvent]:
    """Read the events of a CSV log.

    Args:
        path: The file: a header row with the names of the columns, then a row per event, oldest first; empty lines are skipped.
        time: Name of the column with the time; its styles are those of ``workloads.formats.clock``.
        time_scale: Units of event time in a second; fractions of a unit are cut off.
        reading: Where skipped lines, late events and the like are counted.

    Yields:
        An event per row, with every column as a field (the time too).

    Raises:
        WorkloadError: what ``read_lines`` refuses, a header without the time or with a name twice or empty, a row with too
            many or too few values, broken quotes, a value above csv's limit of 131,072 characters, a bad time, times too
            far out of order.
    """
    taken: list[str] = []  # lines of the record being read

    def lines() -> Iterator[str]:
        for line in read_lines(path):
            taken.append(line.text + "\n")
            yield taken[-1]

    rows = csv.reader(lines(), strict=True)
    clock = Clock(scale=Decimal(str(time_scale)))
    reading = reading or Reading()
    header: list[str] = []
    while True:
        taken.clear()
        start = rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise WorkloadError(
                f"{path}:{start}: this row is not CSV: {error}; quote a value that holds commas, quotes or line ends, "
                "and double the quotes in it"
            ) from None
        if row is None:
            break
        if not row:
            reading.skipped += 1
            continue
        if not header:
            header = row
            _refuse_bad_header(header, time, path, start, "".join(taken))
            column = header.index(time)
            continue
        if len(row) != len(header):
            raise WorkloadError(
                f"{path}:{start}: the row has {len(row)} values, the header names {len(header)} columns "
                f"({', '.join(header)[:200]}); give every row as many values, empty ones included"
            )
        try:
            clock = tick(clock, row[column], reading, start)
        except ValueError as error:
            line, place = place_of("".join(taken), column)
            raise WorkloadError(f"{path}:{start + line}:{place}: column {time!r}: {error}") from None
        yield LogEvent(clock.last, dict(zip(header, row, strict=True)), row[column], start)
    if not header:
        raise WorkloadError(f"{path}: there is no header row; the first line must name the columns, among them {time!r}")


def _refuse_bad_header(header: list[str], time: str, path: Path, start: int, record: str) -> None:
    """Refuse a header that does not name every column, each once, the time among them."""
    seen: set[str] = set()
    for number, name in enumerate(header):
        if name.strip() and name not in seen:
            seen.add(name)
            continue
        line, column = place_of(record, number)
        place = f"{path}:{start + line}:{column}"
        if name.strip():
            raise WorkloadError(f"{place}: the header names the column {name!r} twice; rename one of them")
        raise WorkloadError(f"{place}: column {number + 1} of the header has no name; the first line must name every column")
    if time not in header:
        names = ", ".join(repr(name) for name in header)[:300]
        hint = ""
        if header[0].lstrip().startswith(("{", "[")):
            hint = " (JSON? workload.format=jsonl reads one object per line)"
        elif len(header) == 1:
            hint = " (is the separator not a comma?)"
        raise WorkloadError(
            f"{path}:{start}:1: no column {time!r} for the time; columns found: {names}{hint}; name it in workload.time"
        )

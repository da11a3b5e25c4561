"""One row per point: what it was set to, what became of it, and every figure of its summary."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipsim.errors import ChipsimError
from chipsim.results.flat import flat
from chipsim.results.store import SUMMARY, read_summary, refused
from chipsim.sweep.folder import CSV, DONE, FAILURE, INTERRUPTED, POINTS, TABLE, read_failure
from chipsim.sweep.points import Point
from reports import objectives
from reports.file import write_text

if TYPE_CHECKING:
    import pyarrow as pa

OWN = ("number", "status", "exit_code", "reason", "folder")
"""Columns that are the sweep's own; the swept keys follow, what the answer goes by (`ANSWERED`), then the figures."""

ANSWERED: Mapping[str, Callable[[objectives.Row], float | int | None]] = {
    "events": objectives.events,
    "energy": objectives.energy_per_event,
    "energy_delay": objectives.energy_delay,
}
"""Columns that the sweep's answer computes of the figures, by the names that they have there; they follow the swept keys."""

_RENAMED = "summary."

Row = dict[str, Any]


def row_of(folder: Path, point: Point) -> Row:
    """The row of a point, from its folder alone.

    A figure whose name is taken by another column (``status``, or a swept ``seed``) is found as ``summary.status``.
    """
    where = folder / POINTS / point.folder
    row: Row = {"number": point.number, "status": INTERRUPTED, "exit_code": None, "reason": "not run to its end"}
    figures: dict[str, Any] = {}
    if (where / SUMMARY).is_file():
        try:
            figures = dict(flat(read_summary(where)))
        except ChipsimError as error:
            row |= {"status": FAILURE, "exit_code": error.exit_code, "reason": str(error)}
        else:
            row |= {"status": DONE, "exit_code": 0, "reason": None}
    elif where.is_dir() and (where / "point.json").is_file():
        row |= {"status": FAILURE, **read_failure(where)}
    row |= {"folder": f"{POINTS}/{point.folder}", **point.settings}
    if row["status"] == DONE:
        row |= {name: value(figures) for name, value in ANSWERED.items()}
    taken = {*OWN, *point.settings, *ANSWERED}
    return row | {(_RENAMED + name if name in taken else name): value for name, value in figures.items()}


def write_points(folder: Path, rows: Sequence[Row]) -> Path:
    """Write ``points.parquet`` and, for those who read text, ``points.csv``: whoever looks sees the old table or the whole new one.

    A column of Parquet is whole numbers, numbers, truth values or text, whatever holds all of its values in all points; null where a point
    has none; in CSV an empty field. Raises UsageError where they cannot be written.
    """
    import pyarrow.parquet as pq  # half a second, for sweeps only

    table = arrow_of(rows)
    path = folder / TABLE
    part = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        pq.write_table(table, part, write_page_checksum=True)
        part.replace(path)
    except OSError as error:
        raise refused(path, error) from error
    finally:
        part.unlink(missing_ok=True)
    try:
        write_text(folder / CSV, _csv(table.column_names, rows))
    except OSError as error:
        raise refused(folder / CSV, error) from error
    return path


def arrow_of(rows: Sequence[Row]) -> pa.Table:
    """The table of points as Arrow: columns as `write_points` has them."""
    import pyarrow as pa

    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: _column([row.get(name) for row in rows], pa) for name in names})


def _csv(names: Sequence[str], rows: Sequence[Row]) -> str:
    """Rows under a line of names, RFC 4180 but for the ends of lines; numbers in as many digits as they need to come back the same."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([["" if (value := row.get(name)) is None else _text(value) for name in names] for row in rows])
    return out.getvalue()


def _column(values: list[Any], pa: Any) -> Any:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):
        return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) and math.isfinite(value) else str(value)

"""Reading a run folder: the summary and the flat tables that figures and pages are made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import UsageError

Table = Mapping[str, npt.NDArray[Any]]
"""Columns by name, all of one length."""
Tables = Mapping[str, Table]
Summary = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its folder tells it.

    Attributes:
        folder: the run folder.
        summary: object of ``summary.json``.
        tables: table name to columns; a table that the run did not write is absent.
    """

    folder: Path
    summary: Summary
    tables: Tables


def read_run(folder: Path) -> Run:
    """Summary and tables of a run folder.

    Raises:
        UsageError: the folder or its ``summary.json`` is missing, or a file in it cannot be read.
    """
    path = folder / "summary.json"
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; give a run folder, as `chipsim run` names it on its last line")
    if not path.is_file():
        raise UsageError(f"{folder}: not a run folder, it has no summary.json; give a folder that `chipsim run` has written")
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read ({error}); run again to make a new folder") from error
    if not isinstance(summary, dict):
        raise UsageError(f"{path}: found {type(summary).__name__}, allowed: one JSON object; run again to make a new folder")
    return Run(folder, summary, {file.stem: _table(file) for file in sorted(folder.glob("*.parquet"))})


def _table(path: Path) -> Table:
    """Columns of a Parquet file as numpy arrays; text as objects, a missing number as NaN."""
    import pyarrow  # takes a quarter of a second to import
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise UsageError(f"{path}: cannot be read as Parquet ({error}); run again to make a new folder") from error
    return {name: table.column(name).to_numpy() for name in table.column_names}


def rows(tables: Tables, name: str) -> int:
    """Length of a table, 0 when it is absent."""
    table = tables.get(name, {})
    return len(next(iter(table.values()))) if table else 0


def numbers(tables: Tables, name: str, column: str) -> npt.NDArray[np.float64]:
    """A numeric column as float64; NaN where the table or a number is missing (then as long as the table is)."""
    found = tables.get(name, {}).get(column)
    if found is None:
        return np.full(rows(tables, name), np.nan)
    return np.array([np.nan if value is None else float(value) for value in found], dtype=np.float64)


def texts(tables: Tables, name: str, column: str) -> list[str]:
    """A text column; empty text where the table's column is missing."""
    found = tables.get(name, {}).get(column)
    return [""] * rows(tables, name) if found is None else ["" if value is None else str(value) for value in found]


def value(summary: Summary, path: str) -> Any:
    """What stands at a dotted path of the summary, None where any part of it is missing."""
    found: Any = summary
    for key in path.split("."):
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found


def number(summary: Summary, path: str) -> float | None:
    """Like `value` for a finite number."""
    found = value(summary, path)
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not np.isfinite(found):
        return None
    return float(found)

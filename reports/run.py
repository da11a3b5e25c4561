"""A run as reports see it: the summary and the flat tables that figures and pages are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.results.store import read_run

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


def load_run(folder: Path) -> Run:
    """Summary and tables of a run folder.

    Raises:
        UsageError: it is not a run folder, or a file of it is broken.
    """
    summary, tables = read_run(folder)
    return Run(folder, summary, tables)


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


def counted(summary: Summary) -> str:
    """What rates count, in the plural: ``events``, of a spiking network ``spikes``, of given packets ``packets``."""
    return f"{value(summary, 'claim.rate_of') or 'event'}s"

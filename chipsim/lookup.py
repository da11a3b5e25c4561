"""What stands in a summary and in the tables of a run, by name; what is missing there is no error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Columns = dict[str, Any]
"""A table that is being made: columns by name, numpy arrays or lists of equal length."""

Table = Mapping[str, npt.NDArray[Any]]
"""Columns by name, all of one length."""
Tables = Mapping[str, Table]
Summary = Mapping[str, Any]


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

"""``csv``: a header and a line per row, for spreadsheets and for whoever has no Parquet."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chipsim.config.sink import Sink

_ROWS = 10_000
"""That are turned into Python's numbers at a time."""


def write(path: Path, table: Mapping[str, Any]) -> None:
    """Write columns to a CSV file: UTF-8, commas, what is missing empty."""
    rows = len(next(iter(table.values()))) if table else 0
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(table)
        for begin in range(0, rows, _ROWS):
            out.writerows(zip(*(_part(values, begin) for values in table.values()), strict=True))


def _part(values: Any, begin: int) -> list[Any]:
    part = values[begin : begin + _ROWS]
    return part.tolist() if isinstance(part, np.ndarray) else list(part)


CSV = Sink(".csv", write)

"""A sink in one file: tables of a run as lines of JSON, one object per row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chipsim.config.sink import Sink


def write(path: Path, table: Mapping[str, Any]) -> None:
    """Write a table; what is of numpy becomes what is of Python."""
    columns = [column.tolist() if hasattr(column, "tolist") else list(column) for column in table.values()]
    with path.open("w", encoding="utf-8") as file:
        for row in zip(*columns, strict=True):
            file.write(json.dumps(dict(zip(table, row, strict=True)), ensure_ascii=False) + "\n")


LINES = Sink(".jsonl", write)

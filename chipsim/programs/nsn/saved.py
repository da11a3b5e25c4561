"""Memories of cores as arrays: tables by name, as words in a snapshot, and as the objects that interpreted code takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from chipsim.errors import WorkloadError
from chipsim.jit.records import Array, fields_of, new_row, values_of
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.sizes import FILLED, core_sizes
from chipsim.programs.nsn.state import Constants

Tables = Mapping[str, Array]
"""By name: an array [cores, rows] of records, or of numbers where a table is a column."""


def new_tables(K: Constants, cores: int) -> dict[str, Array]:
    """Empty memories."""
    fields = fields_of(Core)
    return {name: np.zeros((cores, size), fields[name].dtype) for name, size in core_sizes(K).items()}


def to_words(tables: Tables) -> Array:
    """Memories as int64[cores, words]: table after table, field after field."""
    parts = [column.reshape(len(column), prod(column.shape[1:])) for table in tables.values() for column in _columns(table)]
    return np.concatenate(parts, axis=1).astype(np.int64)


def from_words(K: Constants, words: Array) -> dict[str, Array]:
    """Memories from what `to_words` made of them.

    Raises:
        WorkloadError: another version made it of other memories.
    """
    tables, begin = new_tables(K, len(words)), 0
    if words.shape[1:] != to_words(new_tables(K, 0)).shape[1:]:
        raise WorkloadError(
            "a snapshot of another version of chipsim, whose cores keep other memories; run the experiment again"
        )
    for table in tables.values():
        for column in _columns(table):
            end = begin + prod(column.shape[1:])
            column[...] = words[:, begin:end].reshape(column.shape)
            begin = end
    return tables


def _columns(table: Array) -> Iterator[Array]:
    """The fields of a table, as views."""
    yield from [table] if table.dtype.names is None else [table[name] for name in table.dtype.names]


def from_cores(K: Constants, cores: Sequence[Core]) -> dict[str, Array]:
    """Memories of cores that are objects."""
    tables = new_tables(K, len(cores))
    for name, table in tables.items():
        for i, core in enumerate(cores):
            rows: Any = getattr(core, name)
            table[i, : len(rows)] = rows if table.dtype.names is None else [values_of(row) for row in rows]
    return tables


def to_core(tables: Tables, i: int) -> Core:
    """One of the memories as an object whose tables are lists; long ones end with the last row in which anything was ever written."""
    core = Core()
    for name, field in fields_of(Core).items():
        rows = tables[name][i]
        if field.kind is None:
            setattr(core, name, rows.tolist())
            continue
        if name in FILLED:
            written = np.flatnonzero(rows.view(np.uint8).reshape(len(rows), rows.itemsize).any(axis=1))
            rows = rows[: written[-1] + 1 if len(written) else 0]
        setattr(core, name, [new_row(field.kind, row.item()) for row in rows])
    return core

"""Two tables row by row: which columns differ, in how many rows, and where first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chipsim.results.comparison.machine import is_machine
from chipsim.results.comparison.places import is_place
from chipsim.results.comparison.ranking import rank
from chipsim.results.comparison.same import same

if TYPE_CHECKING:
    import pyarrow as pa

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

POINTS = "points"
"""Table of a sweep, a curve or a scaling run, which has what is a summary elsewhere: its columns are told in that order."""

_BINS = ("layer", "lower_ps")
"""Columns that name a bin of a histogram, where the last is there."""


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """A column that differs.

    Attributes:
        name: the column.
        rows: rows in which it differs.
        least, most: the least and the greatest ratio to the first result over those rows; None where none is a number.
    """

    name: str
    rows: int
    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class FirstRow:
    """The first row that differs.

    Attributes:
        number: its place in the first result's table, from 0.
        where: columns that name the row.
        values: per column that differs, both values.
    """

    number: int
    where: dict[str, Any]
    values: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class TableDifference:
    """A table that differs from the first result's.

    Attributes:
        name: of the table.
        other: number of the result, from 1.
        rows: rows of the first and of the other; None for a result that has no such table.
        differing: rows of both with different values.
        unmatched: rows of the first without a partner in the other, and the other way round.
        columns: those that differ; lost: columns that only one of the two has.
        first: the first row that differs, None where only the numbers of rows or the columns do.
    """

    name: str
    other: int
    rows: tuple[int | None, int | None]
    differing: int = 0
    unmatched: tuple[int, int] = (0, 0)
    columns: tuple[ColumnDifference, ...] = ()
    lost: tuple[str, ...] = ()
    first: FirstRow | None = None


def compare_tables(name: str, other: int, a: pa.Table, b: pa.Table, keys: Sequence[str]) -> TableDifference | None:
    """Hold a table against the first result's; columns that are the machine's own are left out.

    Args:
        name: of the table.
        other: number of the result that ``b`` is of.
        a: the first result's.
        b: the other's.
        keys: columns by which rows are matched; bins of a histogram by their lower end; others by place, and so where rows share a key.

    Returns:
        None where both are equal.
    """
    columns = [column for column in a.column_names if not is_machine(column)]
    others = [column for column in b.column_names if not is_machine(column)]
    lost = tuple(column for column in dict.fromkeys((*columns, *others)) if (column in columns) != (column in others))
    keys = [key for key in keys or (_BINS if _BINS[-1] in columns else ()) if key in columns and key in others]
    left, right = _matched(a, b, keys)
    unmatched = len(a) - len(left), len(b) - len(right)
    in_order = unmatched == (0, 0) and bool(np.array_equal(left, right))
    if not in_order:
        a, b = a.take(left), b.take(right)
    any_row = np.zeros(len(left), np.bool_)
    differ: dict[str, Flags] = {}
    for column in columns:
        if column not in lost:
            flags = _differing(a[column], b[column])
            if flags.any():
                differ[column] = flags
                any_row |= flags
    if not differ and not lost and unmatched == (0, 0):
        return None
    order = sorted(differ, key=rank) if name == POINTS else list(differ)
    first = None
    if differ:
        at = int(np.argmax(any_row))
        where = {key: a[key][at].as_py() for key in keys}
        if not where and columns and columns[0] not in differ and columns[0] not in lost:
            where = {columns[0]: a[columns[0]][at].as_py()}
        values = {column: (a[column][at].as_py(), b[column][at].as_py()) for column in order if differ[column][at]}
        first = FirstRow(int(left[at]), where, values)
    told = tuple(
        ColumnDifference(column, int(differ[column].sum()), *_ratios(column, a[column], b[column], differ[column]))
        for column in order
    )
    rows = len(left) + unmatched[0], len(right) + unmatched[1]
    return TableDifference(name, other, rows, int(any_row.sum()), unmatched, told, lost, first)


def _matched(a: pa.Table, b: pa.Table, keys: Sequence[str]) -> tuple[Rows, Rows]:
    """Numbers of the rows of both that belong together, in the order of the first table."""
    if keys:
        here, there = (
            {row: number for number, row in enumerate(zip(*(map(str, one[key].to_pylist()) for key in keys), strict=True))}
            for one in (a, b)
        )
        if len(here) == len(a) and len(there) == len(b):
            both = [(number, there[row]) for row, number in here.items() if row in there]
            pairs = np.array(both, np.int64).reshape(-1, 2)
            return pairs[:, 0], pairs[:, 1]
    rows = np.arange(min(len(a), len(b)), dtype=np.int64)
    return rows, rows


def _differing(a: pa.ChunkedArray, b: pa.ChunkedArray) -> Flags:
    """Per row whether two columns differ; two values that are missing, or no number, are equal."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if a.type == b.type and (pa.types.is_primitive(a.type) or pa.types.is_string(a.type)):
        flags = pc.fill_null(pc.not_equal(a, b), False)
        flags = pc.or_(flags, pc.xor(pc.is_null(a), pc.is_null(b)))
        if pa.types.is_floating(a.type):
            flags = pc.and_not(flags, pc.fill_null(pc.and_(pc.is_nan(a), pc.is_nan(b)), False))
        return np.asarray(flags.to_numpy(zero_copy_only=False) if isinstance(flags, pa.Array) else flags.to_numpy(), np.bool_)
    return np.array([not same(one, two) for one, two in zip(a.to_pylist(), b.to_pylist(), strict=True)], np.bool_)


def _ratios(column: str, a: pa.ChunkedArray, b: pa.ChunkedArray, flags: Flags) -> tuple[float | None, float | None]:
    """Least and greatest ratio over the rows that differ; none of what says which, where or when."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if is_place(column) or not all(pa.types.is_integer(one.type) or pa.types.is_floating(one.type) for one in (a, b)):
        return None, None
    places = np.flatnonzero(flags)
    here, there = (pc.cast(one.take(places), pa.float64(), safe=False).to_numpy() for one in (a, b))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = there / here
    found = found[np.isfinite(found)]
    return (float(found.min()), float(found.max())) if len(found) else (None, None)

"""Hashes of many records at once, equal to those of ``chipsim.machine.digest.record_hash`` one by one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from chipsim.machine.digest import MULTIPLIER, WORD

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]


def sum_of_rows(kind: int, columns: Iterable[Ints]) -> int:
    """Sum of ``record_hash(kind, row)`` over rows given by columns of equal length."""
    h: Words | None = None
    for column in columns:
        h = mixed(begun(kind, len(column)) if h is None else h, column)
    assert h is not None
    return total_of(h)


def begun(kind: int, rows: int) -> Words:
    """uint64[rows], hashes of records of a kind before any of their words."""
    return np.full(rows, kind * MULTIPLIER & WORD, np.uint64)


def mixed(h: Words, column: Ints) -> Words:
    """The hashes with one more word each."""
    h = (h ^ column.astype(np.int64).view(np.uint64)) * np.uint64(MULTIPLIER)
    return h ^ (h >> np.uint64(32))


def total_of(h: Words) -> int:
    """The hashes with their last step, added up without overflow."""
    h = h * np.uint64(MULTIPLIER)
    h ^= h >> np.uint64(29)
    return (int((h >> np.uint64(32)).sum()) << 32) + int((h & np.uint64(0xFFFFFFFF)).sum())

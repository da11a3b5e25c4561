"""Synapses as rows of sources, in blocks: what is needed beside the rows themselves does not grow with the network.

A block is sorted by keys that carry their own place (row, target, place in the block), so that plain sorting of whole numbers is stable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Column = npt.NDArray[Any]

BLOCK = 2**20
"""Synapses that are worked on at a time."""

_KEY_BITS = 63


def row_blocks(start: Ints, block: int = BLOCK, most_rows: int = BLOCK) -> Iterator[tuple[int, int]]:
    """Rows [begin, end) with about ``block`` synapses together, at most ``most_rows`` rows; a longer row is a block of its own."""
    begin, rows = 0, len(start) - 1
    while begin < rows:
        end = int(np.searchsorted(start, start[begin] + block, "right")) - 1
        end = min(max(end, begin + 1), begin + most_rows, rows)
        yield begin, end
        begin = end


def place(cursor: Ints, source: Ints, given: tuple[Column, ...], rows: tuple[Column, ...]) -> None:
    """Put synapses, given in any order, at the ends of the rows of their sources, in the order given.

    Args:
        cursor: int64[N], where the next synapse of each source goes; moved on.
        source: int64[n], n at most ``BLOCK``.
        given: columns of n values.
        rows: the columns of all rows that they are put into.
    """
    n = len(source)
    if n == 0:
        return
    order = None
    if np.any(source[1:] < source[:-1]):
        bits = BLOCK.bit_length()
        key = np.sort((source << bits) | np.arange(n))
        order, source = key & ((1 << bits) - 1), key >> bits
    first = np.flatnonzero(np.concatenate([[True], source[1:] != source[:-1]]))
    size = np.diff(np.append(first, n))
    at = np.arange(n) + np.repeat(cursor[source[first]] - first, size)
    cursor[source[first]] += size
    for column, row in zip(given, rows, strict=True):
        row[at] = column if order is None else column[order]


def sort_rows(start: Ints, target: Column, others: tuple[Column, ...]) -> None:
    """Sort every row by target, in place, equal targets in their order.

    Args:
        start: int64[N + 1].
        target: int32[S], 0 or more.
        others: columns of S values that go with the targets.
    """
    target_bits = max(1, int(target.max(initial=0)).bit_length())
    most_rows = 1 << max(0, _KEY_BITS - target_bits - (BLOCK.bit_length()))
    for begin, end in row_blocks(start, BLOCK, most_rows):
        low, high = int(start[begin]), int(start[end])
        if high - low < 2:
            continue
        row = np.repeat(np.arange(end - begin), np.diff(start[begin : end + 1]))
        key = (row << target_bits) | target[low:high]
        if not np.any(key[1:] < key[:-1]):
            continue
        if not others:
            target[low:high] = np.sort(key) & ((1 << target_bits) - 1)
            continue
        place_bits = (high - low).bit_length()
        if int(key.max()).bit_length() + place_bits <= _KEY_BITS:
            key = np.sort((key << place_bits) | np.arange(high - low))
            order = key & ((1 << place_bits) - 1)
        else:
            order = np.argsort(key, kind="stable")
        for column in (target, *others):
            column[low:high] = column[low:high][order]


def permuted(start: Ints, target: Column, others: tuple[Column, ...], order: Ints) -> tuple[Ints, Column, tuple[Column, ...]]:
    """The rows under other names: row ``order[p]`` becomes row p, and targets are renamed likewise.

    Args:
        start: int64[N + 1].
        target: int32[S].
        others: columns of S values.
        order: int64[N], a permutation.

    Returns:
        New start, target and other columns, rows sorted by target.
    """
    position = np.empty(len(order), np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    moved = np.concatenate([[0], np.cumsum(np.diff(start)[order])]).astype(np.int64)
    renamed = np.empty_like(target)
    columns = tuple(np.empty_like(column) for column in others)
    for begin, end in row_blocks(moved):
        low, high = int(moved[begin]), int(moved[end])
        size = np.diff(moved[begin : end + 1])
        at = np.arange(low, high) + np.repeat(start[order[begin:end]] - moved[begin:end], size)
        renamed[low:high] = position[target[at]]
        for new, old in zip(columns, others, strict=True):
            new[low:high] = old[at]
    sort_rows(moved, renamed, columns)
    return moved, renamed, columns

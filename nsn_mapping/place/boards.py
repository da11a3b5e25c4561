"""Placed parts as the kernels take them, and what a placement costs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nsn_mapping.place.blocks import Blocks
from nsn_mapping.place.seats import Seats, metric, seats_at
from nsn_mapping.place.slopes import Board
from nsn_mapping.place.swaps import Seating

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]


def seating(blocks: Blocks, seats: Seats, seat: Words) -> Seating:
    """Parts on seats as the kernels of ``swaps`` take them."""
    at, holder = seats_at(seats), np.full(len(seats), -1, np.int32)
    holder[seat] = np.arange(len(seat))
    own = seat.astype(np.int32).copy()
    return Seating(
        blocks.start, blocks.other, blocks.packets, own, holder, seats.x, seats.y, at.ravel(), np.array(at.shape, np.int64)
    )


def board_of(blocks: Blocks, seats: Seats, seat: Words, matrix: Ints) -> Board:
    """Parts on a mesh as the kernels of ``slopes`` take them; slopes are not counted yet. ``matrix``: ``dense(blocks, parts)``, flat."""
    at, parts = seats_at(seats), len(blocks)
    width, height = len(seats.along_x), len(seats.along_y)
    return Board(
        matrix,
        matrix.reshape(parts, parts).sum(axis=1),
        seat.astype(np.int32).copy(),
        holder_of(seats, seat),
        seats.x,
        seats.y,
        at.ravel(),
        np.array([parts, *at.shape], np.int64),
        np.diff(seats.along_x),
        np.diff(seats.along_y),
        np.zeros(width * parts, np.int64),
        np.zeros(height * parts, np.int64),
    )


def holder_of(seats: Seats, seat: Words) -> Words:
    """int32[seats], part on each seat, -1 for none."""
    holder = np.full(len(seats), -1, np.int32)
    holder[seat] = np.arange(len(seat))
    return holder


def total_cost(blocks: Blocks, seats: Seats, seat: npt.NDArray[np.integer]) -> int:
    """Cost of all ways: packets x distance."""
    a = seat[np.repeat(np.arange(len(blocks)), np.diff(blocks.out_start))]
    b = seat[blocks.to]
    D = metric(seats)
    if seats.table.size:
        return int((blocks.sent * seats.table[seats.tile[a], seats.tile[b]]).sum())
    return int((blocks.sent * (np.abs(D.x[a] - D.x[b]) + np.abs(D.y[a] - D.y[b]))).sum())


def unit_of(seats: Seats) -> float:
    """Cost of a typical link."""
    if seats.table.size:
        away = seats.table[seats.table > 0]
        return float(away.min()) if len(away) else 1.0
    gaps = np.concatenate((np.diff(seats.along_x), np.diff(seats.along_y)))
    return float(np.sort(gaps)[len(gaps) // 2]) if len(gaps) else 1.0

"""Swap annealing on a mesh, up to a few thousand parts: what a swap saves is read off, not summed over all other parts.

On a mesh the distance of a part to all that it talks to is a sum over columns and one over rows, and it changes from one column to the next by
the packets that lie behind less those that lie ahead. So for every column the packets of each part that end in it or before it are kept (its
*slopes*), the same for rows. A proposed swap of two parts some steps apart then takes a few reads however many others they talk to; a swap that
is made adds two rows of the traffic matrix to the slopes of the columns and rows between. Few proposals are accepted, so that this is some
fifty times faster than summing distances.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.place.swaps import site_near
from nsn_mapping.xorshift import below, draw

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]


@jit.struct
class Board(NamedTuple):
    """Parts on a mesh.

    Attributes:
        packets: int64[parts^2], packets between parts in both directions, row after row, nothing on the diagonal.
        total: int64[parts], sums of its rows.
        site: int32[parts], where each part is.
        holder: int32[sites], part on each site, -1 for none.
        x, y: int32[sites], column and row.
        at: int32[width x height x depth], site at a place, -1 for none; as many deep as tiles have cores.
        size: int64[4], parts, width, height, depth.
        gap_x, gap_y: int64, cost of a step from each column or row to the next.
        slope_x, slope_y: int64[width x parts], int64[height x parts], packets of a part that end in a column (row) or before it.
    """

    packets: Ints
    total: Ints
    site: Words
    holder: Words
    x: Words
    y: Words
    at: Words
    size: Ints
    gap_x: Ints
    gap_y: Ints
    slope_x: Ints
    slope_y: Ints


def count_slopes(B: Board) -> None:
    """Count the slopes of a placement, whatever was there before."""
    parts, width, height = B.size[0], B.size[1], B.size[2]
    for i in range(len(B.slope_x)):
        B.slope_x[i] = 0
    for i in range(len(B.slope_y)):
        B.slope_y[i] = 0
    for p in range(parts):
        column, row = B.x[B.site[p]] * parts, B.y[B.site[p]] * parts
        for k in range(parts):
            B.slope_x[column + k] += B.packets[p * parts + k]
            B.slope_y[row + k] += B.packets[p * parts + k]
    for i in range(parts, parts * width):
        B.slope_x[i] += B.slope_x[i - parts]
    for i in range(parts, parts * height):
        B.slope_y[i] += B.slope_y[i - parts]


def pull(B: Board, part: int, s: int) -> int:
    """What the cost rises by when a part goes to a site while all others stay."""
    parts = B.size[0]
    total = B.total[part]
    rise = 0
    a, b = B.x[B.site[part]], B.x[s]
    if a < b:
        for c in range(a, b):
            rise += B.gap_x[c] * (2 * B.slope_x[c * parts + part] - total)
    else:
        for c in range(b, a):
            rise -= B.gap_x[c] * (2 * B.slope_x[c * parts + part] - total)
    a, b = B.y[B.site[part]], B.y[s]
    if a < b:
        for c in range(a, b):
            rise += B.gap_y[c] * (2 * B.slope_y[c * parts + part] - total)
    else:
        for c in range(b, a):
            rise -= B.gap_y[c] * (2 * B.slope_y[c * parts + part] - total)
    return rise


def between(B: Board, s: int, t: int) -> int:
    """Cost of a packet between two sites."""
    cost = 0
    for c in range(min(B.x[s], B.x[t]), max(B.x[s], B.x[t])):
        cost += B.gap_x[c]
    for c in range(min(B.y[s], B.y[t]), max(B.y[s], B.y[t])):
        cost += B.gap_y[c]
    return cost


def shift(slope: Ints, packets: Ints, to: int, row: int, parts: int, sign: int) -> None:
    """Add a row of the matrix to, or take it from, the slopes of a column or row of tiles."""
    if sign > 0:
        for k in range(parts):
            slope[to + k] += packets[row + k]
    else:
        for k in range(parts):
            slope[to + k] -= packets[row + k]


def carry(B: Board, part: int, s: int, t: int) -> None:
    """Bring the slopes of all others up to date when a part goes from one site to another."""
    parts = B.size[0]
    a, b = B.x[s], B.x[t]
    for c in range(min(a, b), max(a, b)):
        shift(B.slope_x, B.packets, c * parts, part * parts, parts, -1 if a < b else 1)
    a, b = B.y[s], B.y[t]
    for c in range(min(a, b), max(a, b)):
        shift(B.slope_y, B.packets, c * parts, part * parts, parts, -1 if a < b else 1)


def rise_of(B: Board, part: int, t: int) -> int:
    """What the cost rises by when a part goes to a site and whoever sits there to the part's."""
    s, q = B.site[part], B.holder[t]
    rise = pull(B, part, t)
    if q >= 0:
        rise += pull(B, q, s) + 2 * B.packets[part * B.size[0] + q] * between(B, s, t)
    return rise


def exchange(B: Board, part: int, t: int) -> None:
    """Take a part to a site, and whoever sits there to the part's."""
    s, q = B.site[part], B.holder[t]
    carry(B, part, s, t)
    B.site[part] = t
    B.holder[t] = part
    B.holder[s] = q
    if q >= 0:
        carry(B, q, t, s)
        B.site[q] = s


def anneal_slopes(B: Board, state: Ints, cold: npt.NDArray[np.float64], proposals: int, heat: float, radius: int) -> int:
    """Propose swaps at one temperature with partners within a radius.

    Args:
        B: the placement; changed.
        state: of the random numbers.
        cold: see ``nsn_mapping.xorshift.coldness``.
        proposals: how many.
        heat: the temperature, in units of cost.
        radius: columns and rows that a part goes at most.

    Returns:
        How many in a million were made of those with another site.
    """
    parts, width, height, depth = B.size[0], B.size[1], B.size[2], B.size[3]
    tried, made = 1, 0
    for _ in range(proposals):
        part = below(state, parts)
        s = B.site[part]
        t = site_near(B.at, width, height, depth, B.x[s], B.y[s], radius, state)
        if t < 0 or t == s:
            continue
        tried += 1
        limit = heat * cold[draw(state) >> 20]
        q = B.holder[t]
        rise = pull(B, part, t)
        if q >= 0:
            rise += pull(B, q, s)
        if rise > limit:  # the packets between the two can only make it worse
            continue
        if q >= 0:
            rise += 2 * B.packets[part * parts + q] * between(B, s, t)
            if rise > limit:
                continue
        exchange(B, part, t)
        made += 1
    return made * 1_000_000 // tried


def descend_slopes(B: Board, sweeps: int) -> int:
    """Make, for part after part, the best swap with any site, until none saves anything; returns what the cost fell by."""
    parts, sites = B.size[0], len(B.holder)
    saved = 0
    for _ in range(sweeps):
        before = saved
        for part in range(parts):
            best, target = 0, -1
            for t in range(sites):
                if t != B.site[part]:
                    rise = rise_of(B, part, t)
                    if rise < best:
                        best, target = rise, t
            if target >= 0:
                exchange(B, part, target)
                saved -= best
        if saved == before:
            break
    return saved

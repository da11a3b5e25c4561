"""Swaps of parts on any chip: what a swap saves is summed over whom the two parts talk to.

The kernels of the force-directed descent and of the annealing that works with any distances and any number of parts; on a mesh with a few
thousand parts ``slopes`` is faster.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.place.distance import Metric, apart
from nsn_mapping.xorshift import below, draw

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]


@jit.struct
class Assignment(NamedTuple):
    """Parts on sites.

    Attributes:
        start, other, packets: as in ``Blocks``.
        site: int32[parts], where each part is.
        holder: int32[sites], part on each site, -1 for none.
        x, y: int32[sites], column and row.
        at: int32[width x height x depth], site at a place, -1 for none.
        size: int64[3], width, height, depth.
    """

    start: Ints
    other: Words
    packets: Ints
    site: Words
    holder: Words
    x: Words
    y: Words
    at: Words
    size: Ints


def rise_of(B: Assignment, D: Metric, part: int, t: int) -> int:
    """What the cost rises by when a part goes to a site and whoever sits there to the part's."""
    s, q = B.site[part], B.holder[t]
    rise = 0
    for i in range(B.start[part], B.start[part + 1]):
        k = B.other[i]
        if k != q:
            rise += B.packets[i] * (apart(D, t, B.site[k]) - apart(D, s, B.site[k]))
    if q >= 0:
        for i in range(B.start[q], B.start[q + 1]):
            k = B.other[i]
            if k != part:
                rise += B.packets[i] * (apart(D, s, B.site[k]) - apart(D, t, B.site[k]))
    return rise


def exchange(B: Assignment, part: int, t: int) -> None:
    """Take a part to a site, and whoever sits there to the part's."""
    s, q = B.site[part], B.holder[t]
    B.site[part] = t
    B.holder[t] = part
    B.holder[s] = q
    if q >= 0:
        B.site[q] = s


def site_near(at: Words, width: int, height: int, depth: int, x: int, y: int, radius: int, state: Ints) -> int:
    """Draw a site within a radius of a place in x and in y; -1 where there is none at what was drawn."""
    window = 2 * radius + 1
    x += below(state, window) - radius
    y += below(state, window) - radius
    if x < 0 or y < 0 or x >= width or y >= height:
        return -1
    return at[(x * height + y) * depth + (below(state, depth) if depth > 1 else 0)]


def anneal_swaps(
    B: Assignment, D: Metric, state: Ints, cold: npt.NDArray[np.float64], proposals: int, heat: float, radius: int
) -> int:
    """Propose swaps at one temperature with partners within a radius; returns how many in a million were made of those with another site."""
    parts, width, height, depth = len(B.site), B.size[0], B.size[1], B.size[2]
    tried, made = 1, 0
    for _ in range(proposals):
        part = below(state, parts)
        s = B.site[part]
        t = site_near(B.at, width, height, depth, B.x[s], B.y[s], radius, state)
        if t < 0 or t == s:
            continue
        tried += 1
        limit = heat * cold[draw(state) >> 20]
        if rise_of(B, D, part, t) <= limit:
            exchange(B, part, t)
            made += 1
    return made * 1_000_000 // tried


def descend_swaps(B: Assignment, D: Metric, radius: int, sweeps: int) -> int:
    """Part after part, make the best swap with a site within a radius, until none saves anything; returns what the cost fell by."""
    width, height, depth = B.size[0], B.size[1], B.size[2]
    saved = 0
    for _ in range(sweeps):
        before = saved
        for part in range(len(B.site)):
            s = B.site[part]
            best, target = 0, -1
            for x in range(max(0, B.x[s] - radius), min(width, B.x[s] + radius + 1)):
                for y in range(max(0, B.y[s] - radius), min(height, B.y[s] + radius + 1)):
                    for j in range(depth):
                        t = B.at[(x * height + y) * depth + j]
                        if t >= 0 and t != s:
                            rise = rise_of(B, D, part, t)
                            if rise < best:
                                best, target = rise, t
            if target >= 0:
                exchange(B, part, target)
                saved -= best
        if saved == before:
            break
    return saved

"""Swap annealing for the busiest link: the sum over links of the fourth power of their load takes the place of the hops.

The largest load itself says nothing about swaps that leave the busiest link alone. The fourth power is led by the busiest links and changes
with every packet. Loads are those of unicasts that go along the row first, then along the column; a swap takes the packets of two parts off
their paths and puts them on the new ones.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.xorshift import below, draw

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

EAST, WEST, SOUTH, NORTH = 0, 1, 2, 3


@jit.struct
class Paths(NamedTuple):
    """Parts on a mesh and the loads of its links.

    Attributes:
        out_start, to, sent: CSR, packets from each part.
        in_start, frm, got: CSR, packets to each part.
        site: int32[parts]; ``holder``: int32[sites], -1 for none.
        x, y: int32[sites], column and row.
        load: int64[width x height x 4], packets that leave a tile to the east, west, south and north.
        size: int64[3], width, height, packets that count as one before the fourth power.
    """

    out_start: Ints
    to: Words
    sent: Ints
    in_start: Ints
    frm: Words
    got: Ints
    site: Words
    holder: Words
    x: Words
    y: Words
    load: Ints
    size: Ints


MOST_LOAD = 1 << 13
"""Units that a load counts as at most; their fourth powers over all links of a path stay far below 2^63."""


def add(B: Paths, link: int, packets: int) -> int:
    """Change the load of a link; returns what the sum of fourth powers rose by."""
    old = min(B.load[link] // B.size[2], MOST_LOAD)
    B.load[link] += packets
    new = min(B.load[link] // B.size[2], MOST_LOAD)
    return new * new * new * new - old * old * old * old


def send(B: Paths, s: int, t: int, packets: int) -> int:
    """Put packets on their path between two sites (or take them off); returns what the sum of fourth powers rose by."""
    rise = 0
    height, row = B.size[1], B.y[s]
    for x in range(B.x[s], B.x[t]):
        rise += add(B, (x * height + row) * 4 + EAST, packets)
    for x in range(B.x[t], B.x[s]):
        rise += add(B, ((x + 1) * height + row) * 4 + WEST, packets)
    column = B.x[t]
    for y in range(B.y[s], B.y[t]):
        rise += add(B, (column * height + y) * 4 + SOUTH, packets)
    for y in range(B.y[t], B.y[s]):
        rise += add(B, (column * height + y + 1) * 4 + NORTH, packets)
    return rise


def count_load(B: Paths) -> int:
    """Count all loads; returns the largest."""
    for i in range(len(B.load)):
        B.load[i] = 0
    for p in range(len(B.site)):
        for i in range(B.out_start[p], B.out_start[p + 1]):
            send(B, B.site[p], B.site[B.to[i]], B.sent[i])
    most = 0
    for i in range(len(B.load)):
        most = max(most, B.load[i])
    return most


def put(B: Paths, part: int, other: int, sign: int) -> int:
    """Put all packets of a part on their paths (sign 1), or take them off (-1), but those from and to another part."""
    rise = 0
    for i in range(B.out_start[part], B.out_start[part + 1]):
        if B.to[i] != other:
            rise += send(B, B.site[part], B.site[B.to[i]], sign * B.sent[i])
    for i in range(B.in_start[part], B.in_start[part + 1]):
        if B.frm[i] != other:
            rise += send(B, B.site[B.frm[i]], B.site[part], sign * B.got[i])
    return rise


def exchange(B: Paths, part: int, t: int) -> int:
    """Take a part to a site and whoever sits there to the part's; returns what the sum of fourth powers rose by."""
    s, q = B.site[part], B.holder[t]
    rise = put(B, part, -1, -1)
    if q >= 0:
        rise += put(B, q, part, -1)
        B.site[q] = s
    B.site[part] = t
    B.holder[t] = part
    B.holder[s] = q
    rise += put(B, part, -1, 1)
    if q >= 0:
        rise += put(B, q, part, 1)
    return rise


def anneal_links(B: Paths, state: Ints, cold: npt.NDArray[np.float64], proposals: int, heat: float) -> int:
    """Propose swaps of any two sites at one temperature; returns what the sum of fourth powers rose by."""
    risen = 0
    for _ in range(proposals):
        part = below(state, len(B.site))
        s, t = B.site[part], below(state, len(B.holder))
        if s == t:
            continue
        limit = heat * cold[draw(state) >> 20]
        rise = exchange(B, part, t)
        if rise > limit:
            exchange(B, part, s)
        else:
            risen += rise
    return risen

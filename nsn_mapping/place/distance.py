"""How far apart sites are, for kernels: along the two sides of a mesh, or looked up in a table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]


@jit.struct
class Metric(NamedTuple):
    """Distances between sites.

    On a mesh with X-then-Y routing the price of a path is the distance in x plus the distance in y, also where links between chips or boards
    cost more than others: columns and rows then lie further apart there.

    Attributes:
        x, y: int64[sites], where a site is, in units of cost.
        table: int64[tiles^2], distance between any two tiles, row after row; empty on a mesh.
        tile: int32[sites], row of the table; empty on a mesh.
        side: int64[1], tiles of the table.
    """

    x: Ints
    y: Ints
    table: Ints
    tile: Words
    side: Ints


def apart(D: Metric, a: int, b: int) -> int:
    """Cost of one packet between two sites."""
    if len(D.table) > 0:
        return D.table[D.tile[a] * D.side[0] + D.tile[b]]
    return abs(D.x[a] - D.x[b]) + abs(D.y[a] - D.y[b])

"""A two-dimensional mesh of tiles; each tile has one router and ``concentration`` cores.

Tiles are numbered row by row, ``tile = y * width + x``, or column by column, ``tile = x * height + y``; nobody but this class and
``model/route.py`` turns a tile's number into a place. Core ``c`` sits on tile ``c // concentration``. North is towards
smaller y. Link ``tile * 4 + port`` leaves a router through that port; links that would leave the mesh do not exist, their
numbers stay unused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # the class alone is wanted in many places that know no descriptions
    from chipsim.config.chip import NocSpec

EAST, WEST, SOUTH, NORTH = 0, 1, 2, 3
PORTS = 4
"""Directions that a router has links to."""

_STEP = ((1, 0), (-1, 0), (0, 1), (0, -1))

Ints = npt.NDArray[np.int64]
Whole = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Width x height tiles with ``concentration`` cores each, numbered by rows or, with ``column``, by columns."""

    width: int
    height: int
    concentration: int = 1
    column: bool = False

    @property
    def tiles(self) -> int:
        """Number of tiles, and of routers."""
        return self.width * self.height

    @property
    def cores(self) -> int:
        """Number of cores."""
        return self.tiles * self.concentration

    @property
    def link_ids(self) -> int:
        """Size of the link number space (some numbers are unused at the rim)."""
        return self.tiles * PORTS

    def tile_of(self, core: int) -> int:
        """Tile that a core sits on."""
        return core // self.concentration

    @overload
    def xy(self, tile: int) -> tuple[int, int]: ...
    @overload
    def xy(self, tile: Whole) -> tuple[Ints, Ints]: ...
    def xy(self, tile: Any) -> tuple[Any, Any]:
        """Column and row of a tile, or of each tile of an array."""
        if self.column:
            return tile // self.height, tile % self.height
        return tile % self.width, tile // self.width

    @overload
    def tile_at(self, x: int, y: int) -> int: ...
    @overload
    def tile_at(self, x: Whole, y: Whole) -> Ints: ...
    def tile_at(self, x: Any, y: Any) -> Any:
        """Tile in column x, row y, or the tiles of arrays of them."""
        return x * self.height + y if self.column else y * self.width + x

    def neighbour(self, tile: int, port: int) -> int:
        """Tile behind a port, or -1 at the rim."""
        x, y = self.xy(tile)
        x, y = x + _STEP[port][0], y + _STEP[port][1]
        return self.tile_at(x, y) if 0 <= x < self.width and 0 <= y < self.height else -1

    def neighbours(self, tile: Whole, port: Whole) -> Ints:
        """As ``neighbour``, for arrays of tiles and ports."""
        step = np.array(_STEP, np.int64)[port]
        x, y = self.xy(tile)
        x, y = x + step[:, 0], y + step[:, 1]
        inside = (x >= 0) & (x < self.width) & (y >= 0) & (y < self.height)
        return np.where(inside, self.tile_at(x, y), -1)

    def links(self) -> Iterator[tuple[int, int, int, int]]:
        """All directed links as (link, from tile, to tile, port); on a large mesh use ``neighbours`` on the links that matter."""
        for tile in range(self.tiles):
            for port in range(PORTS):
                other = self.neighbour(tile, port)
                if other >= 0:
                    yield tile * PORTS + port, tile, other, port

    @overload
    def distance(self, a: int, b: int) -> int: ...
    @overload
    def distance(self, a: Whole, b: Whole) -> Ints: ...
    def distance(self, a: Any, b: Any) -> Any:
        """Hops between two tiles by the shortest way, or between the tiles of two arrays pair by pair."""
        (ax, ay), (bx, by) = self.xy(a), self.xy(b)
        return abs(ax - bx) + abs(ay - by)


def mesh_of(noc: NocSpec) -> Mesh:
    """The mesh that a chip describes; layers lie below each other, and what is no mesh is counted off like one."""
    return Mesh(noc.width, noc.height * noc.depth, noc.concentration, noc.tile_order == "column")

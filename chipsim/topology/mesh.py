"""A two-dimensional mesh of tiles; each tile has one router and ``concentration`` cores.

Tiles are numbered row by row, ``tile = y * width + x``; core ``c`` sits on tile ``c // concentration``. North is towards
smaller y. Link ``tile * 4 + port`` leaves a router through that port; links that would leave the mesh do not exist, their
numbers stay unused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

EAST, WEST, SOUTH, NORTH = 0, 1, 2, 3
PORTS = 4
"""Directions that a router has links to."""

_STEP = ((1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True, slots=True)
class Mesh:
    """Width x height tiles with ``concentration`` cores each."""

    width: int
    height: int
    concentration: int = 1

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

    def xy(self, tile: int) -> tuple[int, int]:
        """Column and row of a tile."""
        return tile % self.width, tile // self.width

    def tile_at(self, x: int, y: int) -> int:
        """Tile in column x, row y."""
        return y * self.width + x

    def neighbour(self, tile: int, port: int) -> int:
        """Tile behind a port, or -1 at the rim."""
        x, y = self.xy(tile)
        x, y = x + _STEP[port][0], y + _STEP[port][1]
        return self.tile_at(x, y) if 0 <= x < self.width and 0 <= y < self.height else -1

    def links(self) -> Iterator[tuple[int, int, int, int]]:
        """All directed links as (link, from tile, to tile, port)."""
        for tile in range(self.tiles):
            for port in range(PORTS):
                other = self.neighbour(tile, port)
                if other >= 0:
                    yield tile * PORTS + port, tile, other, port

    def distance(self, a: int, b: int) -> int:
        """Hops between two tiles by the shortest way."""
        (ax, ay), (bx, by) = self.xy(a), self.xy(b)
        return abs(ax - bx) + abs(ay - by)

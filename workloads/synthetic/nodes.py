"""Where the nodes of a pattern are: cores on a grid of tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.noc import mesh_of

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Nodes:
    """Cores that send and take packets; core ``c`` sits on tile ``c // concentration``.

    Attributes:
        width, height, depth: tiles in each dimension; the planes lie below each other, line by line.
        concentration: cores per tile.
        column: whether tiles are numbered by columns through all planes, and not line by line.
    """

    width: int
    height: int
    depth: int = 1
    concentration: int = 1
    column: bool = False

    @property
    def count(self) -> int:
        """Number of nodes."""
        return self.width * self.height * self.depth * self.concentration

    def places(self, node: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Column, row, plane and number within the tile of each node."""
        tile, local = node // self.concentration, node % self.concentration
        lines = self.height * self.depth
        x, line = (tile // lines, tile % lines) if self.column else (tile % self.width, tile // self.width)
        return x, line % self.height, line // self.height, local

    def at(self, x: Ints, y: Ints, z: Ints, local: Ints) -> Ints:
        """The node at each place."""
        line = z * self.height + y
        tile = x * (self.height * self.depth) + line if self.column else line * self.width + x
        return tile * self.concentration + local


def nodes_of(chip: ChipSpec) -> Nodes:
    """Who sends and takes packets: the cores of a chip, where their tiles are."""
    noc, mesh = chip.noc, mesh_of(chip.noc)
    return Nodes(noc.width, noc.height, noc.depth, noc.concentration, mesh.column)

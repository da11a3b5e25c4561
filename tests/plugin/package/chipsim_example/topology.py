"""A topology in one file: a hypercube, whose routers are joined where their numbers differ in one bit."""

from __future__ import annotations

import numpy as np

from chipsim.config.noc import NocSpec
from chipsim.config.topology import Topology
from chipsim.errors import ConfigError
from chipsim.noc.fabric import Links


def lay(noc: NocSpec) -> Links:
    """Its links: port k of a router leads to the one whose number differs in bit k, and comes back by port k.

    Raises:
        ConfigError: the number of tiles is no power of 2.
    """
    tiles = noc.tiles
    if tiles & (tiles - 1):
        raise ConfigError(
            f"chip.noc: {tiles} tiles in a hypercube; allowed: 2, 4, 8, ...; set chip.noc.width and chip.noc.height"
        )
    ports = max(1, tiles.bit_length() - 1)
    number, port = np.arange(tiles, dtype=np.int64)[:, None], np.arange(ports, dtype=np.int64)
    to = np.where(number ^ 1 << port < tiles, number ^ 1 << port, -1)
    back = np.where(to >= 0, port, -1)
    return Links(ports, to.ravel(), back.ravel(), np.zeros(to.size, np.int64))


HYPERCUBE = Topology(lay, ("ecube", "updown", "table"))

"""Rows and columns, open at the rim."""

from __future__ import annotations

from chipsim.config.noc import NocSpec
from chipsim.config.topology import Topology
from chipsim.noc.fabric import Links, extent, grid_links


def lay(noc: NocSpec) -> Links:
    """Its links."""
    return grid_links(noc, extent(noc), wraps=False, ports=4)


MESH = Topology(lay, ("xy", "yx", "west-first", "odd-even", "adaptive", "table", "updown"), grid=True, levels=True)

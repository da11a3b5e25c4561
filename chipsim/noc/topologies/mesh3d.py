"""Rows, columns and layers, open at the rim."""

from __future__ import annotations

from chipsim.config.noc import NocSpec
from chipsim.config.topology import Topology
from chipsim.noc.fabric import Links, extent, grid_links


def lay(noc: NocSpec) -> Links:
    """Its links."""
    return grid_links(noc, extent(noc), wraps=False, ports=6)


MESH3D = Topology(lay, ("xy", "table", "updown"), grid=True, layers=True, levels=True)

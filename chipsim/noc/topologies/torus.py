"""Rows, columns and layers, each joined at its ends."""

from __future__ import annotations

from chipsim.config.noc import NocSpec
from chipsim.config.topology import Topology
from chipsim.noc.fabric import Links, extent, grid_links


def lay(noc: NocSpec) -> Links:
    """Its links."""
    size = extent(noc)
    return grid_links(noc, size, wraps=True, ports=6 if size[2] > 1 else 4)


TORUS = Topology(
    lay,
    ("torus", "xy", "dateline", "table", "updown"),
    grid=True,
    wraps=True,
    layers=True,
    levels=True,
    also={"xy": "torus"},
)

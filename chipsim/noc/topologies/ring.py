"""All tiles in a row that is joined at its ends."""

from __future__ import annotations

from chipsim.config.noc import NocSpec
from chipsim.config.topology import Topology
from chipsim.noc.fabric import Links, extent, grid_links


def lay(noc: NocSpec) -> Links:
    """Its links."""
    return grid_links(noc, extent(noc), wraps=True, ports=2)


RING = Topology(lay, ("torus", "xy", "dateline", "table", "updown"), wraps=True, also={"xy": "torus"})

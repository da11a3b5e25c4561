"""A complete tree, numbered from the root level by level."""

from __future__ import annotations

import numpy as np

from chipsim.config.noc import NocSpec
from chipsim.config.topology import Topology
from chipsim.noc.fabric import Links

PARENT = 0
"""Port of a router towards the root; child j is behind port 1 + j."""


def lay(noc: NocSpec) -> Links:
    """Its links."""
    routers, arity = noc.tiles, noc.arity
    to = np.full((routers, ports(noc)), -1, np.int64)
    back = np.full_like(to, -1)
    child = np.arange(1, routers, dtype=np.int64)
    parent, port = (child - 1) // arity, 1 + (child - 1) % arity
    to[child, PARENT], back[child, PARENT] = parent, port
    to[parent, port], back[parent, port] = child, PARENT
    return Links(ports(noc), to.ravel(), back.ravel(), np.zeros(to.size, np.int64))


def ports(noc: NocSpec) -> int:
    """Links of a router at most: to its parent and its children."""
    return noc.arity + 1


TREE = Topology(lay, ("updown", "table"), ports=ports)

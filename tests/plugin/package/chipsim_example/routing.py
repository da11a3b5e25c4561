"""A routing in one file: e-cube. On a hypercube a packet goes along the lowest dimension first in which it is not there
yet, so no packets can wait for each other in a circle.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.config.topology import RoutingRule
from chipsim.errors import ConfigError
from chipsim.noc.fabric import Fabric
from chipsim.noc.routing import HERE


def table(fabric: Fabric) -> npt.NDArray[np.int64]:
    """int64[routers * routers]: the port from one router (row) towards another.

    Raises:
        ConfigError: the routers are not joined as a hypercube.
    """
    number = np.arange(fabric.routers, dtype=np.int64)
    to = fabric.to.reshape(fabric.routers, fabric.ports)
    if fabric.routers > 1 and (to != number[:, None] ^ 1 << np.arange(fabric.ports)).any():
        raise ConfigError("chip.noc.routing: found ecube, which is for hypercubes; allowed with others: table, updown")
    differ = number[:, None] ^ number
    lowest = differ & -differ
    port = np.where(differ > 0, np.log2(np.maximum(lowest, 1)).astype(np.int64), HERE)
    found: npt.NDArray[np.int64] = port.ravel()
    return found


ECUBE = RoutingRule(table=table)

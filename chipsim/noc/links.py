"""Facts about the links of a fabric that prices and counters need."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.noc.fabric import Fabric


def along_x(fabric: Fabric) -> npt.NDArray[np.bool_]:
    """bool[links], links that count, and cost, as links along x.

    On a grid these are the links through ports 0 and 1, east and west; a link that leaves through an even port enters through the odd
    port after it, and the other way round. Where links have no direction (trees, graphs) all of them count as links along x.
    """
    port = np.arange(len(fabric.to)) % max(fabric.ports, 1)
    used = fabric.to >= 0
    is_grid = bool((fabric.back[used] == port[used] ^ 1).all())
    return (port < 2) if is_grid else np.ones(len(port), bool)

"""Facts about the links of a fabric that prices and counters need."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.noc.fabric import Fabric


def is_grid(fabric: Fabric) -> bool:
    """Whether ports are directions: a link that leaves through an even port enters through the odd port after it, and the other way round."""
    used = np.flatnonzero(fabric.to >= 0)
    return bool((fabric.back[used] == used % max(fabric.ports, 1) ^ 1).all())


def along_x(fabric: Fabric) -> npt.NDArray[np.bool_]:
    """bool[links], links that count, and cost, as links along x.

    On a grid these are the links through ports 0 and 1, east and west. Where links have no direction (trees, graphs) all of them count as
    links along x.
    """
    links = len(fabric.to)
    return np.arange(links) % max(fabric.ports, 1) < 2 if is_grid(fabric) else np.ones(links, bool)

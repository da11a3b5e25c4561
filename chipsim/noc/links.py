"""Facts about the links of a fabric that prices and counters need."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.noc.fabric import Fabric
from chipsim.noc.mesh import PORTS
from chipsim.noc.plan import NocPlan


def along_x(fabric: Fabric) -> npt.NDArray[np.bool_]:
    """bool[links], links that count, and cost, as links along x.

    On a grid these are the links through ports 0 and 1, east and west; a link that leaves through an even port enters through the odd
    port after it, and the other way round. Where links have no direction (trees, graphs) all of them count as links along x.
    """
    port = np.arange(len(fabric.to)) % max(fabric.ports, 1)
    used = fabric.to >= 0
    is_grid = bool((fabric.back[used] == port[used] ^ 1).all())
    return (port < 2) if is_grid else np.ones(len(port), bool)


def link_classes(noc: NocPlan | None, links: int) -> npt.NDArray[np.int64]:
    """int64[links], what a link costs by: 0 along x and 1 across on the chip, 1 + the level of one between chips.

    Args:
        noc: topology; None on a plain mesh.
        links: how many numbers there are for links.
    """
    if noc is None:
        return (np.arange(links) % PORTS >= 2).astype(np.int64)
    level: npt.NDArray[np.int64] = noc.fabric.level
    return np.where(level > 0, 1 + level, ~along_x(noc.fabric)).astype(np.int64)


def by_class(classes: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """int64[classes], sums over the links of each class, at least two; without counts (no credits) they are 0."""
    size = max(2, int(classes.max(initial=0)) + 1)
    return np.bincount(classes[: len(counts)], counts, size).astype(np.int64)  # float64 sums, exact below 2^53

"""Where growth goes after parts were placed by a search."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.noc import Mesh
from nsn_mapping.place.curve import cores_along
from nsn_mapping.place.placement import Placement, weighted_hops
from nsn_mapping.place.sites import Sites


def grow_near(core: npt.NDArray[np.int32], mesh: Mesh, sites: Sites) -> Placement:
    """Growth goes to the cores in use along the curve, then to free ones, those closest to all in use first."""
    order = cores_along(mesh)
    order = order[np.isin(order, sites.core)]
    used = np.isin(order, core)
    free = order[~used]
    away = weighted_hops(mesh, core, np.ones(len(core), np.int64))[free]
    order = np.concatenate((order[used], free[np.argsort(away, kind="stable")]))
    return Placement(core.astype(np.int32), order.astype(np.int32))

"""Part i on core i: rows of the mesh from the top, or its columns from the left where tiles are numbered by columns."""

from __future__ import annotations

import numpy as np

from chipsim.topology import Mesh
from nsn_mapping.place.placement import Placement
from nsn_mapping.place.traffic import Traffic


def place(traffic: Traffic, mesh: Mesh, seed: int) -> Placement:
    """Place part i on core i.

    Args:
        traffic: for the number of parts.
        mesh: with at least as many cores as there are parts.
        seed: not used, there is nothing random in it.
    """
    del seed
    order = np.arange(mesh.cores, dtype=np.int32)
    return Placement(order[: len(traffic)], order)

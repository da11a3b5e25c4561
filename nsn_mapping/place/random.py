"""Parts on cores drawn at random: the baseline that any placer has to beat."""

from __future__ import annotations

import numpy as np

from chipsim.topology import Mesh
from nsn_mapping.place.placement import Placement
from nsn_mapping.place.traffic import Traffic


def place(traffic: Traffic, mesh: Mesh, seed: int) -> Placement:
    """Place the parts on the first cores of a permutation drawn with PCG64.

    Args:
        traffic: for the number of parts.
        mesh: with at least as many cores as there are parts.
        seed: of the permutation.
    """
    order = np.random.Generator(np.random.PCG64(seed)).permutation(mesh.cores).astype(np.int32)
    return Placement(order[: len(traffic)], order)

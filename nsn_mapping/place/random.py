"""Parts on cores drawn at random: the baseline that any placer has to beat."""

from __future__ import annotations

import numpy as np

from chipsim.config.mapping import Placer
from chipsim.noc import Mesh
from nsn_mapping.place.placement import Placement
from nsn_mapping.place.sites import Sites
from nsn_mapping.place.traffic import Traffic


def place(traffic: Traffic | None, parts: int, mesh: Mesh, sites: Sites, seed: int) -> Placement:
    """Place the parts on the first cores of a permutation drawn with PCG64.

    Args:
        traffic: not used.
        parts: how many.
        mesh: not used, sites have its numbers.
        sites: at least as many as there are parts.
        seed: of the permutation.
    """
    del traffic, mesh
    order = sites.core[np.random.Generator(np.random.PCG64(seed)).permutation(len(sites))]
    return Placement(order[:parts], order)


RANDOM = Placer(name="random", about="cores drawn at random: what any placer has to beat", order=place)

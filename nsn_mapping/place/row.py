"""Part i on the i-th core that can be used: rows of the mesh from the top, or its columns from the left where tiles are numbered so."""

from __future__ import annotations

from chipsim.config.mapping import Placer
from chipsim.noc import Mesh
from nsn_mapping.place.placement import Placement
from nsn_mapping.place.sites import Sites
from nsn_mapping.place.traffic import Traffic


def place(traffic: Traffic | None, parts: int, mesh: Mesh, sites: Sites, seed: int) -> Placement:
    """Place part i on the i-th core.

    Args:
        traffic: not used.
        parts: how many.
        mesh: not used, sites have its numbers.
        sites: at least as many as there are parts.
        seed: not used, there is nothing random in it.
    """
    del traffic, mesh, seed
    return Placement(sites.core[:parts], sites.core)


ROW = Placer(
    name="row",
    about="part after part, core after core, row by row (or column by column where the chip counts so)",
    order=place,
    draws=False,
)

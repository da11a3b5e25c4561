"""Placement: which core a part sits on. One placer per file, registered as an entry point of ``chipsim.placers``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.mapping import PLACERS, Objective, searching
from chipsim.errors import MappingError, PluginError
from chipsim.noc import Mesh
from nsn_mapping.place.blocks import Blocks
from nsn_mapping.place.growth import grow_near
from nsn_mapping.place.max_link import lower_max_link, refuse_other_routes
from nsn_mapping.place.placement import Placement
from nsn_mapping.place.sites import Sites, refuse_few
from nsn_mapping.place.traffic import Traffic

Words = npt.NDArray[np.int32]


def place_parts(placer: str, traffic: Traffic | None, parts: int, mesh: Mesh, sites: Sites, seed: int) -> Placement:
    """Give every part a core, and say where growth goes.

    Args:
        placer: one of ``PLACERS``.
        traffic: messages between parts; None where nobody knows them, for placers that only have an order.
        parts: how many.
        mesh: the chip.
        sites: at least as many as there are parts, what paths between them cost, and what of it placers that search minimise.
        seed: of all that is random.

    Raises:
        UsageError: the placer is not known.
        MappingError: more parts than sites, or the placer or these sites do not have the objective.
    """
    how = PLACERS.get(placer)
    if how.order is not None:
        refuse_few(sites, parts)
        ordered: Placement = how.order(traffic, parts, mesh, sites, seed)
        return ordered
    assert traffic is not None
    return grow_near(sites.core[place_blocks(traffic.blocks, sites, seed, placer, sites.objective)], mesh, sites)


def place_blocks(
    blocks: Blocks, sites: Sites, seed: int, placer: str = "anneal", objective: Objective = "hops", effort: float = 1.0
) -> Words:
    """Give every part a site of its own by a placer that searches.

    Args:
        blocks: packets between parts.
        sites: the cores that can be used and the cost of paths between them.
        seed: of all that is random.
        placer: one of ``searching()``.
        objective: ``hops`` and ``energy`` add up the cost of all paths (the sites must be priced in energy for the latter), ``link`` is the
            load of the busiest link.
        effort: how long to search; time is in proportion to it.

    Returns:
        int32[parts], sites, all different. The same for the same arguments on any machine.

    Raises:
        UsageError: the placer is not known.
        MappingError: more parts than sites, a placer that does not search, or an objective that these sites do not have.
    """
    refuse_few(sites, len(blocks))
    search = PLACERS.get(placer).search
    if search is None:
        raise MappingError(f"placer {placer} looks at no traffic; allowed: {', '.join(searching())}")
    if objective == "energy" and sites.price != "energy":
        raise MappingError(
            f"placement by energy on sites priced in {sites.price}; allowed: sites priced in energy; make them with price='energy'"
        )
    if objective == "link":
        refuse_other_routes(sites)
    if len(blocks) == 0:
        return np.zeros(0, np.int32)
    site = _checked(placer, search(blocks, sites, seed, effort), len(blocks), len(sites))
    return lower_max_link(blocks, sites, site, seed, effort) if objective == "link" else site


def _checked(placer: str, found: Any, parts: int, sites: int) -> Words:
    """Sites as a placer gives them, as int32. Raises PluginError where they are none."""
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "iu" or found.shape != (parts,):
        what = f"{found.dtype}{list(found.shape)}" if isinstance(found, np.ndarray) else type(found).__name__
        raise PluginError(f"placer {placer}: its sites are {what}; allowed: a whole number for each of {parts} parts")
    if found.min() < 0 or found.max() >= sites or len(np.unique(found)) < parts:
        raise PluginError(
            f"placer {placer}: its sites are {found.min()} to {found.max()}; allowed: 0 to {sites - 1}, each once"
        )
    return np.ascontiguousarray(found, np.int32)

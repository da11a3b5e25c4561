"""Placement for the least load of the busiest link."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.errors import MappingError
from nsn_mapping.place.blocks import Blocks
from nsn_mapping.place.boards import holder_of
from nsn_mapping.place.links import Paths
from nsn_mapping.place.sites import Sites
from nsn_mapping.xorshift import coldness, new_state

Words = npt.NDArray[np.int32]

STAGES = 60
_LINK_PROPOSALS = 300
"""Proposals per part against the busiest link, on small chips; each takes packets x path length."""


def lower_max_link(blocks: Blocks, sites: Sites, site: Words, seed: int, effort: float = 1.0) -> Words:
    """Anneal a placement for the load of the busiest link (X-then-Y, unicast); the result is never busier.

    Args:
        blocks: packets between parts.
        sites: of a mesh.
        site: int32[parts], the start.
        seed: of the proposals.
        effort: time is in proportion to it.

    Raises:
        MappingError: paths on these sites are not x first, then y.
    """
    refuse_other_routes(sites)
    if not blocks.total or len(sites) < 2:
        return site.copy()
    kernels = jit.load("nsn_mapping.place.links", entries=("anneal_links", "count_load"))
    paths = _paths(blocks, sites, site)
    before = int(kernels.count_load(paths))
    paths.size[2] = max(1, before // 512)  # 512 units on the busiest link at the start; see MOST_LOAD
    state, chance = new_state(seed, 11), coldness()
    proposals = int(effort * _LINK_PROPOSALS * min(len(blocks), 2**17 // max(1, len(blocks))))
    best, least = site.copy(), before
    heat = 512.0**4 / 50
    for _ in range(STAGES):
        kernels.anneal_links(paths, state, chance, max(1, proposals // STAGES), heat)
        heat *= 0.85
        found = int(paths.load.max())
        if found < least:
            best, least = paths.site.copy(), found
    return best


def _paths(blocks: Blocks, sites: Sites, site: Words) -> Paths:
    parts = len(blocks)
    sender = np.repeat(np.arange(parts, dtype=np.int32), np.diff(blocks.out_start))
    order = np.argsort(blocks.to, kind="stable")
    in_start = np.concatenate(([0], np.cumsum(np.bincount(blocks.to, minlength=parts)))).astype(np.int64)
    width, height = len(sites.along_x), len(sites.along_y)
    return Paths(
        blocks.out_start,
        blocks.to,
        blocks.sent,
        in_start,
        sender[order],
        blocks.sent[order],
        site.astype(np.int32).copy(),
        holder_of(sites, site),
        sites.x,
        sites.y,
        np.zeros(width * height * 4, np.int64),
        np.array([width, height, 1], np.int64),
    )


def refuse_other_routes(sites: Sites) -> None:
    """Refuse sites with distances of their own. Raises MappingError."""
    if sites.table.size:
        raise MappingError("placement by the busiest link; allowed: on a sound mesh with routing xy; place by hops here")

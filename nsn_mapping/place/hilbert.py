"""Parts in a chain along a Hilbert curve, then swapped while that saves hops.

The chain starts with the part of the lowest layers (the dictionary) and goes on with the part that says most to, and hears
most from, those before it, recent ones counting more. The first cores of the curve form a compact patch; within it pairs of
parts are swapped as long as the weighted hops fall. Measured on a learned network of 35 parts on 16 x 16 (weighted hops per
message): row 7.8, curve in part order 5.5, curve with the chain 3.3, with swaps 2.2, random 8.6.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.config.mapping import Placer
from chipsim.noc import Mesh
from nsn_mapping.place.blocks import dense
from nsn_mapping.place.curve import cores_along
from nsn_mapping.place.placement import Placement, core_distances
from nsn_mapping.place.sites import Sites
from nsn_mapping.place.traffic import Traffic

_FADE = 0.9
"""How much of the pull of the parts before remains with each step of the chain; 0.7 to 1 measured within 3 %."""

_SWEEPS = 8
_LARGEST_DESCENT = 1024
"""Parts above which swaps are left out: a sweep takes parts^2 steps and each accepted swap as many again."""


def place(traffic: Traffic | None, parts: int, mesh: Mesh, sites: Sites, seed: int) -> Placement:
    """Place parts along the curve.

    Args:
        traffic: messages between parts; None keeps their order.
        parts: how many.
        mesh: the chip, whose hops count.
        sites: at least as many as there are parts.
        seed: not used, there is nothing random in it.
    """
    del seed
    order = cores_along(mesh)
    order = order[np.isin(order, sites.core)]
    if traffic is None:
        return Placement(order[:parts], order)
    both = dense(traffic.blocks, parts).astype(np.float64)
    core = np.empty(parts, dtype=np.int32)
    core[_chain(both, traffic.depth)] = order[:parts]
    if 1 < len(core) <= _LARGEST_DESCENT:
        core = _descend(both, core, mesh)
    return Placement(core, order)


def _chain(both: npt.NDArray[np.float64], depth: npt.NDArray[np.float64]) -> list[int]:
    if len(depth) == 0:
        return []
    chain = [int(np.argmin(depth))]
    free = np.ones(len(depth), dtype=bool)
    free[chain[0]] = False
    pull = both[chain[0]].copy()
    while free.any():
        candidates = np.flatnonzero(free)
        # Most pull first; the lower layer, then the lower number, where the pull is equal.
        best = int(candidates[np.lexsort((candidates, depth[candidates], -pull[candidates]))[0]])
        chain.append(best)
        free[best] = False
        pull = pull * _FADE + both[best]
    return chain


def _descend(both: npt.NDArray[np.float64], core: npt.NDArray[np.int32], mesh: Mesh) -> npt.NDArray[np.int32]:
    """Swap pairs of parts while the sum over messages of hops falls."""
    distance = core_distances(mesh, core).astype(np.float64)
    site = np.arange(len(core))  # part -> row of ``core`` and of ``distance``
    # cost[s, p]: hops of part p's messages if it sat on site s and all others stayed; whole numbers, hence exact.
    cost = distance[:, site] @ both
    for _ in range(_SWEEPS):
        swaps = 0
        for a in range(len(core)):
            here = site[a]
            now = cost[here, a] + cost[site, np.arange(len(core))]
            then = cost[site, a] + cost[here, :] + 2 * both[a] * distance[here, site]
            b = int(np.argmin(then - now))
            if then[b] >= now[b]:
                continue
            there = site[b]
            cost += np.outer(distance[:, there] - distance[:, here], both[a] - both[b])
            site[a], site[b] = there, here
            swaps += 1
        if not swaps:
            break
    return core[site]


HILBERT = Placer(
    name="hilbert",
    about="a chain of the parts that say most to one another along a Hilbert curve, then pairs swapped; arrays: parts in their order",
    order=place,
    draws=False,
)

"""Placement of many parts in groups first: rack, board, chip, tile, without being told where those are.

Parts that talk most are joined two by two until a thousand groups or so are left; these are annealed on a coarse mesh of the chip's
proportions. Then the groups are opened level by level: members start where their group is, are spread over the finer mesh and annealed over
short paths (multilevel placement; Chan, Cong, Shinnerl, Sze and Xie 2006 for circuits). Time is in proportion to the pairs of parts that talk,
times the number of levels. Where links between chips or boards cost more, the coarse meshes have the same borders, for they are cut from the
same coordinates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.place.blocks import Blocks, from_pairs
from nsn_mapping.place.fiedler import place_along
from nsn_mapping.place.force import descend
from nsn_mapping.place.sites import Sites

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]
Search = Callable[[Blocks, Sites, Words, int, float], Words]
"""A better placement from blocks, sites, a placement, a seed and an effort."""

COARSEST = 1024
"""Groups that are placed at once."""

_STALL = 0.9
"""Coarsening ends when a level leaves more than this share of the groups."""

_PROPOSALS = 40
"""Proposals per part and level at effort 1."""

_WARM = 0.05
"""First temperature of a level, in mean packets of a group."""


def place_levels(blocks: Blocks, sites: Sites, seed: int, effort: float = 1.0, search: Search | None = None) -> Words:
    """Place parts level by level.

    Args:
        blocks: packets between parts.
        sites: of a mesh.
        seed: of the annealing.
        effort: time is in proportion to it.
        search: places the coarsest level from its place along the curve; None anneals.

    Returns:
        int32[parts], sites, all different.
    """
    from nsn_mapping.place.anneal import anneal, anneal_sparse

    levels, groups = [blocks], []
    while len(levels[-1]) > COARSEST:
        group = pair_up(levels[-1])
        count = int(group.max()) + 1
        if count > _STALL * len(group):
            break
        groups.append(group)
        levels.append(merged(levels[-1], group, count))
    mesh = sites if len(levels) == 1 else coarse_sites(sites, len(levels[-1]))
    site = place_along(levels[-1], mesh)
    if len(levels[-1]) <= 2 * COARSEST:
        site = (search or anneal)(levels[-1], mesh, site, seed, effort)
    else:
        site = descend(levels[-1], mesh, site)
    for i in range(len(levels) - 2, -1, -1):
        x, y = _spread(mesh.x[site][groups[i]], mesh.y[site][groups[i]], groups[i])
        x, y = x / len(mesh.along_x), y / len(mesh.along_y)
        mesh = sites if i == 0 else coarse_sites(sites, len(levels[i]))
        site = legal(x, y, mesh)
        proposals = int(effort * _PROPOSALS * len(levels[i]))
        site = anneal_sparse(levels[i], mesh, site, seed + i, proposals, _WARM, 2)
    return site


def pair_up(blocks: Blocks) -> Words:
    """int32[parts], group of each part: pairs that send one another most, each part looking once (heavy-edge matching)."""
    parts = len(blocks)
    mate = np.full(parts, -1, np.int32)
    degree = np.diff(blocks.start)
    order = np.argsort(degree, kind="stable").astype(np.int32)  # those with few to talk to choose first
    jit.load(__name__, entries=("match",)).match(blocks.start, blocks.other, blocks.packets, order, mate)
    single = np.flatnonzero(mate == np.arange(parts))
    mate[single[0 : len(single) // 2 * 2 : 2]] = single[1 : len(single) // 2 * 2 : 2]  # nobody talks to these any more
    mate[single[1 : len(single) // 2 * 2 : 2]] = single[0 : len(single) // 2 * 2 : 2]
    leader = np.minimum(mate, np.arange(parts))
    return np.unique(leader, return_inverse=True)[1].astype(np.int32).ravel()


def merged(blocks: Blocks, group: Words, count: int) -> Blocks:
    """Packets between groups."""
    sender = np.repeat(group, np.diff(blocks.out_start))
    return from_pairs(sender, group[blocks.to], blocks.sent, count)


def coarse_sites(sites: Sites, count: int) -> Sites:
    """A mesh of the chip's proportions with at least so many tiles; its columns and rows lie where those of the chip do."""
    width, height = len(sites.along_x), len(sites.along_y)
    across = max(1, min(width, int(np.ceil(np.sqrt(count * width / height)))))
    down = min(height, -(-count // across))
    across = max(across, -(-count // down))
    depth = -(-count // (across * down))  # tiles with several cores
    x = np.repeat(np.arange(across, dtype=np.int32), down * depth)
    y = np.tile(np.repeat(np.arange(down, dtype=np.int32), depth), across)
    core = np.arange(len(x), dtype=np.int32)
    along_x = sites.along_x[np.arange(across) * (width - 1) // max(1, across - 1)]
    along_y = sites.along_y[np.arange(down) * (height - 1) // max(1, down - 1)]
    return replace(sites, core=core, x=x, y=y, along_x=along_x, along_y=along_y, tile=(x * down + y).astype(np.int32))


def legal(x: Floats, y: Floats, sites: Sites) -> Words:
    """int32[parts], sites of their own for parts near given places: parts fill columns from left to right, in each from top to bottom.

    Args:
        x: float64[parts], places across the chip, from 0 to 1.
        y: float64[parts], down the chip.
        sites: at least as many as parts; free ones are left evenly over the columns.
    """
    parts = len(x)
    by_place = np.lexsort((sites.core, sites.y, sites.x))
    held = np.bincount(sites.x, minlength=len(sites.along_x)).astype(np.int64)
    quota = np.diff(np.concatenate(([0], np.cumsum(held) * parts // len(sites))))
    quota = np.minimum(quota, held)
    column = np.repeat(np.arange(len(held)), quota)
    by_x = np.lexsort((np.arange(parts), y, x))
    of = np.empty(parts, np.int64)
    of[by_x] = column
    by_column = np.lexsort((np.arange(parts), y, of))
    first = np.concatenate(([0], np.cumsum(held)))[:-1]
    free = held - quota
    slot = np.arange(parts) - np.concatenate(([0], np.cumsum(quota)))[:-1][column]
    site = np.empty(parts, np.int32)
    site[by_column] = by_place[first[column] + free[column] // 2 + slot]
    return site


def _spread(x: Words, y: Words, group: Words) -> tuple[Floats, Floats]:
    """Middles of tiles; the second member of a group a little aside, so that members stay together when they are put in order."""
    first = np.zeros(int(group.max()) + 1, np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    second = (first[group] != np.arange(len(group))).astype(np.float64)
    return x + 0.25 + 0.5 * second, y + 0.5 + 0.0 * second


def match(start: Ints, other: Words, packets: Ints, order: Words, mate: Words) -> None:
    """Join each part with the free one that it exchanges most packets with, itself if there is none; ``mate`` is -1 before."""
    for i in range(len(order)):
        v = order[i]
        if mate[v] >= 0:
            continue
        best, most = v, 0
        for j in range(start[v], start[v + 1]):
            u = other[j]
            if mate[u] < 0 and u != v and (packets[j] > most or (packets[j] == most and u < best)):
                best, most = u, packets[j]
        mate[v] = best
        mate[best] = v

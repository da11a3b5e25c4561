"""Placed parts as the kernels take them, and what a placement costs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nsn_mapping.place.blocks import Blocks
from nsn_mapping.place.sites import Sites, metric, sites_at
from nsn_mapping.place.slopes import Board
from nsn_mapping.place.swaps import Assignment

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]


def assignment(blocks: Blocks, sites: Sites, site: Words) -> Assignment:
    """Parts on sites as the kernels of ``swaps`` take them."""
    at, holder = sites_at(sites), np.full(len(sites), -1, np.int32)
    holder[site] = np.arange(len(site))
    own = site.astype(np.int32).copy()
    return Assignment(
        blocks.start, blocks.other, blocks.packets, own, holder, sites.x, sites.y, at.ravel(), np.array(at.shape, np.int64)
    )


def board_of(blocks: Blocks, sites: Sites, site: Words, matrix: Ints) -> Board:
    """Parts on a mesh as the kernels of ``slopes`` take them; slopes are not counted yet. ``matrix``: ``dense(blocks, parts)``, flat."""
    at, parts = sites_at(sites), len(blocks)
    width, height = len(sites.along_x), len(sites.along_y)
    return Board(
        matrix,
        matrix.reshape(parts, parts).sum(axis=1),
        site.astype(np.int32).copy(),
        holder_of(sites, site),
        sites.x,
        sites.y,
        at.ravel(),
        np.array([parts, *at.shape], np.int64),
        np.diff(sites.along_x),
        np.diff(sites.along_y),
        np.zeros(width * parts, np.int64),
        np.zeros(height * parts, np.int64),
    )


def holder_of(sites: Sites, site: Words) -> Words:
    """int32[sites], part on each site, -1 for none."""
    holder = np.full(len(sites), -1, np.int32)
    holder[site] = np.arange(len(site))
    return holder


def total_cost(blocks: Blocks, sites: Sites, site: npt.NDArray[np.integer]) -> int:
    """Cost of all paths: packets x distance."""
    a = site[np.repeat(np.arange(len(blocks)), np.diff(blocks.out_start))]
    b = site[blocks.to]
    D = metric(sites)
    if sites.table.size:
        return int((blocks.sent * sites.table[sites.tile[a], sites.tile[b]]).sum())
    return int((blocks.sent * (np.abs(D.x[a] - D.x[b]) + np.abs(D.y[a] - D.y[b]))).sum())


def unit_of(sites: Sites) -> float:
    """Cost of a typical link."""
    if sites.table.size:
        away = sites.table[sites.table > 0]
        return float(away.min()) if len(away) else 1.0
    gaps = np.concatenate((np.diff(sites.along_x), np.diff(sites.along_y)))
    return float(np.sort(gaps)[len(gaps) // 2]) if len(gaps) else 1.0

"""Swap annealing whose schedule follows what is accepted: hot enough for every graph, and slow where that one freezes.

How hot a placement must be to melt depends on how many others each part talks to and how far. A first temperature in mean packets of a part
froze twists into locally wired networks, 15 to 25 % of their hops. So annealing begins where nearly every swap is accepted, cools fast while
most are and slowly while some are, and the radius shrinks with the share accepted, which keeps that near 44 % (Lam and Delosme 1988; the steps
are those of VPR, Betz and Rose 1997). What is frozen in still differs from run to run: there are several, and the best counts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.config.mapping import Placer
from nsn_mapping.place.anneal import from_curve
from nsn_mapping.place.blocks import Blocks, dense
from nsn_mapping.place.boards import assignment, board_of, total_cost, unit_of
from nsn_mapping.place.sites import Sites, metric
from nsn_mapping.xorshift import coldness, new_state

Words = npt.NDArray[np.int32]

_HOT, _COLD = 4.0, 0.002
"""First and last temperature, in mean packets of a part times a link: wide enough for any graph, since hot stages are few."""

_AIM = 0.44
"""Share of swaps accepted that the radius aims at."""

_PROPOSALS = 300
"""Proposals per part and stage where parts are few."""

_LEAST_PROPOSALS = 60
_MOST_RUNS = 6
_SUMS, _SLOPES = 48_000_000, 12_000_000
"""Proposals of all runs together with either kernel, about, while that leaves each stage ``_LEAST_PROPOSALS`` a part."""

_STAGES = 50
"""Stages of a run, about."""

_SPARSE = 6
"""Parts that talk to fewer than one in so many others: to sum over these costs less than to keep slopes up to date."""


def place(blocks: Blocks, sites: Sites, seed: int, effort: float = 1.0) -> Words:
    """Anneal from hot; beyond ``MOST_DENSE`` parts, the coarsest of some levels. Arguments and result as of ``anneal.place``."""
    return from_curve(anneal_adaptive, blocks, sites, seed, effort)


def anneal_adaptive(blocks: Blocks, sites: Sites, start: Words, seed: int, effort: float = 1.0) -> Words:
    """Anneal a placement several times from hot; the result never costs more than the start.

    Args:
        blocks: packets between parts.
        sites: where they can be.
        start: int32[parts], a placement.
        seed: of the proposals.
        effort: time is in proportion to it.
    """
    if len(blocks) < 2 or not blocks.total:
        return start.copy()
    best, least = start.copy(), total_cost(blocks, sites, start)
    work = _SUMS if _is_sparse(blocks, sites) else _SLOPES
    share = effort * work / (_STAGES * len(blocks))  # proposals per part and stage of all runs
    per_part = max(_LEAST_PROPOSALS * min(1.0, effort), min(_PROPOSALS, share))
    for run in range(max(1, min(_MOST_RUNS, int(share / per_part)))):
        site = _run(blocks, sites, start, seed, run, int(per_part * len(blocks)))
        cost = total_cost(blocks, sites, site)
        if cost < least:
            best, least = site, cost
    return best


def _run(blocks: Blocks, sites: Sites, start: Words, seed: int, run: int, proposals: int) -> Words:
    """Once from hot to cold, then down."""
    stage, finish, site = _kernels(blocks, sites, start, seed, run)
    unit = float(blocks.packets.sum()) / len(blocks) * unit_of(sites)
    heat, far = _HOT * unit, float(max(1, max(len(sites.along_x), len(sites.along_y)) - 1))
    radius = far
    while heat > _COLD * unit:
        accepted = stage(proposals, heat, int(radius)) / 1_000_000
        heat *= _fade(accepted)
        radius = min(far, max(1.0, radius * (1 - _AIM + accepted)))
    finish()
    return site


def _fade(accepted: float) -> float:
    """What a temperature goes down by after a stage in which that share of the swaps was accepted."""
    if accepted > 0.96:
        return 0.5
    if accepted > 0.8:
        return 0.9
    return 0.95 if accepted > 0.15 else 0.8


def _kernels(
    blocks: Blocks, sites: Sites, start: Words, seed: int, run: int
) -> tuple[Callable[[int, float, int], int], Callable[[], None], Words]:
    """Annealing of a stage, descent to the end, and the sites that both change: by sums or by slopes, what is faster for these parts."""
    state, chance, parts = new_state(seed, 20 + run), coldness(), len(blocks)
    if _is_sparse(blocks, sites):
        swaps = jit.load("nsn_mapping.place.swaps", entries=("anneal_swaps", "descend_swaps"))
        placed, D = assignment(blocks, sites, start), metric(sites)
        return (
            lambda proposals, heat, radius: int(swaps.anneal_swaps(placed, D, state, chance, proposals, heat, radius)),
            lambda: swaps.descend_swaps(placed, D, 2, 8),
            placed.site,
        )
    slopes = jit.load("nsn_mapping.place.slopes", entries=("count_slopes", "anneal_slopes", "descend_slopes"))
    board = board_of(blocks, sites, start, dense(blocks, parts).ravel())
    slopes.count_slopes(board)
    return (
        lambda proposals, heat, radius: int(slopes.anneal_slopes(board, state, chance, proposals, heat, radius)),
        lambda: slopes.descend_slopes(board, 4),
        board.site,
    )


def _is_sparse(blocks: Blocks, sites: Sites) -> bool:
    return bool(sites.table.size) or len(blocks.other) * _SPARSE < len(blocks) ** 2


ADAPTIVE = Placer(
    name="adaptive",
    about="simulated annealing of swaps, several times from hot, at a schedule that follows what is accepted; for quality",
    search=place,
)

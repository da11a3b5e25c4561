"""Parts on sites by annealing at a fixed schedule.

Pairwise swaps and moves to free sites, at a falling temperature and within a falling radius, then the best swaps until none is left. Up to a
few thousand parts on a mesh the compiled kernel reads what a swap saves off tables (``slopes``); elsewhere it sums over whom the parts talk
to (``swaps``). Beyond, parts are placed in groups first (``multilevel``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.config.mapping import Placer
from nsn_mapping.place.blocks import Blocks, dense
from nsn_mapping.place.boards import assignment, board_of, total_cost, unit_of
from nsn_mapping.place.fiedler import place_along
from nsn_mapping.place.multilevel import Search, place_levels
from nsn_mapping.place.sites import Sites, metric
from nsn_mapping.xorshift import coldness, new_state

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

MOST_DENSE = 4096
"""Parts up to which traffic is kept as a full matrix."""

STAGES = 60
_HOT, _COLD = 0.3, 0.004
"""First and last temperature, in mean packets of a part."""

_LUKEWARM = 0.03
"""First temperature on many parts, which start from a good placement: to melt it would cost more than it brings."""

_MELTED = 512
"""Parts up to which annealing starts hot, from anywhere."""


def place(blocks: Blocks, sites: Sites, seed: int, effort: float = 1.0) -> Words:
    """Anneal from the Fiedler order on the curve; beyond ``MOST_DENSE`` parts, level by level.

    Args:
        blocks: packets between parts.
        sites: at least as many as there are parts, and what paths between them cost.
        seed: of the proposals.
        effort: time is in proportion to it.

    Returns:
        int32[parts], sites, all different.
    """
    return from_curve(anneal, blocks, sites, seed, effort)


def from_curve(search: Search, blocks: Blocks, sites: Sites, seed: int, effort: float) -> Words:
    """Search from the Fiedler order on the curve; beyond ``MOST_DENSE`` parts of a mesh that is for the coarsest of some levels."""
    if len(blocks) > MOST_DENSE and not sites.table.size:
        return place_levels(blocks, sites, seed, effort, search)
    return search(blocks, sites, place_along(blocks, sites), seed, effort)


def anneal(blocks: Blocks, sites: Sites, site: Words, seed: int, effort: float = 1.0) -> Words:
    """Anneal a placement; the result never costs more.

    Args:
        blocks: packets between parts.
        sites: where they can be.
        site: int32[parts], the start.
        seed: of the proposals.
        effort: time is in proportion to it.
    """
    if len(blocks) < 2 or not blocks.total:
        return site.copy()
    if len(blocks) <= MOST_DENSE and not sites.table.size:
        return _anneal_dense(blocks, sites, site, seed, effort)
    return anneal_sparse(blocks, sites, site, seed, int(effort * min(2_000_000, 20_000 * len(blocks))), _HOT, None)


def _anneal_dense(blocks: Blocks, sites: Sites, start: Words, seed: int, effort: float) -> Words:
    """Several times from hot for few parts, once from lukewarm for many; the best counts."""
    kernels = jit.load("nsn_mapping.place.slopes", entries=("count_slopes", "anneal_slopes", "descend_slopes"))
    parts, few = len(blocks), len(blocks) <= _MELTED
    matrix = dense(blocks, parts).ravel()
    unit = float(blocks.packets.sum()) / parts
    best, least = start, total_cost(blocks, sites, start)
    runs = 4 if few else 1
    proposals = int(effort * (12_000 * parts if few else min(20_000_000, 2_000 * parts)))
    first = _HOT if few else _LUKEWARM
    far = max(len(sites.along_x), len(sites.along_y)) - 1
    for run in range(runs):
        board = board_of(blocks, sites, start, matrix)
        kernels.count_slopes(board)
        state, chance = new_state(seed, run), coldness()
        for stage in range(STAGES):
            done = stage / (STAGES - 1)
            heat = unit * unit_of(sites) * first * (_COLD / first) ** done
            radius = max(1, round(far * (1 if few else 0.25) * (1 - done / 0.8)))
            kernels.anneal_slopes(board, state, chance, proposals // STAGES, heat, radius)
        kernels.descend_slopes(board, 50 if few else 1)
        cost = total_cost(blocks, sites, board.site)
        if cost < least:
            best, least = board.site, cost
    return best


def anneal_sparse(
    blocks: Blocks, sites: Sites, start: Words, seed: int, proposals: int, hot: float, radius: int | None
) -> Words:
    """Anneal with sums over whom the parts talk to; the result never costs more.

    Args:
        blocks: packets between parts.
        sites: where they can be.
        start: int32[parts], sites at the start.
        seed: of the proposals.
        proposals: how many.
        hot: first temperature, in mean packets of a part.
        radius: largest radius of a swap; None for the whole chip.
    """
    kernels = jit.load("nsn_mapping.place.swaps", entries=("anneal_swaps", "descend_swaps"))
    board, D = assignment(blocks, sites, start), metric(sites)
    unit = float(blocks.packets.sum()) / len(blocks) * unit_of(sites)
    far = max(len(sites.along_x), len(sites.along_y)) - 1 if radius is None else radius
    state, chance = new_state(seed, 7), coldness()
    stages = max(1, min(STAGES, proposals // max(1, len(blocks))))
    for stage in range(stages):
        done = stage / max(1, stages - 1)
        heat = unit * hot * (min(_COLD, hot) / hot) ** done
        kernels.anneal_swaps(board, D, state, chance, proposals // stages, heat, max(1, round(far * (1 - done / 0.8))))
    kernels.descend_swaps(board, D, 1, 4)
    return board.site if total_cost(blocks, sites, board.site) <= total_cost(blocks, sites, start) else start.copy()


ANNEAL = Placer(
    name="anneal",
    about="simulated annealing of swaps at a fixed schedule; from some thousand parts on level by level",
    search=place,
)

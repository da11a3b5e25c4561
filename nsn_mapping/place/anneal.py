"""Parts on seats by annealing: the placer for quality, and the one entry for all placers that take a sparse graph of parts.

Pairwise swaps and moves to free seats, at a falling temperature and within a falling radius, then the best swaps until none is left. Up to a
few thousand parts on a mesh the compiled kernel reads what a swap saves off tables (``slopes``); elsewhere it sums over whom the parts talk
to (``swaps``). Beyond, parts are placed in groups first (``multilevel``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.config.experiment import Objective
from chipsim.errors import MappingError
from nsn_mapping.place import force
from nsn_mapping.place.blocks import Blocks, dense
from nsn_mapping.place.fiedler import place_along
from nsn_mapping.place.links import Ways
from nsn_mapping.place.seats import Seats, metric, refuse_few, seats_at
from nsn_mapping.place.slopes import Board
from nsn_mapping.xorshift import coldness, new_state

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

METHODS = ("auto", "hilbert", "force", "anneal", "multilevel")
OBJECTIVES: tuple[Objective, ...] = ("hops", "link", "energy")

MOST_DENSE = 4096
"""Parts up to which traffic is kept as a full matrix."""

STAGES = 60
_HOT, _COLD = 0.3, 0.004
"""First and last temperature, in mean packets of a part."""

_LUKEWARM = 0.03
"""First temperature on many parts, which start from a good placement: to melt it would cost more than it brings."""

_MELTED = 512
"""Parts up to which annealing starts hot, from anywhere."""

_LINK_PROPOSALS = 300
"""Proposals per part against the busiest link, on small chips; each takes packets x way."""


def place_blocks(
    blocks: Blocks,
    seats: Seats,
    seed: int,
    method: str = "auto",
    objective: Objective = "hops",
    effort: float = 1.0,
) -> Words:
    """Give every part a seat of its own.

    Args:
        blocks: packets between parts.
        seats: the cores that can be used and the cost of ways between them.
        seed: of all that is random; ``hilbert`` and ``force`` use none.
        method: one of ``METHODS``: ``hilbert`` (Fiedler order on the curve), ``force`` (that, then force-directed descent), ``anneal``,
            ``multilevel``; ``auto`` anneals, and goes by levels beyond ``MOST_DENSE`` parts.
        objective: ``hops`` and ``energy`` add up the cost of all ways (the seats must be priced in energy for the latter), ``link`` is the
            load of the busiest link.
        effort: how long to search; time is in proportion to it.

    Returns:
        int32[parts], seats, all different. The same for the same arguments on any machine.

    Raises:
        MappingError: more parts than seats, an unknown method or objective, or an objective that these seats do not have.
    """
    refuse_few(seats, len(blocks))
    _refuse_unknown(method, objective, seats)
    if len(blocks) == 0:
        return np.zeros(0, np.int32)
    small = len(blocks) <= MOST_DENSE
    if method == "hilbert":
        seat = place_along(blocks, seats)
    elif method == "force":
        seat = force.descend(blocks, seats, place_along(blocks, seats))
    elif method == "multilevel" or (method == "auto" and not small and not seats.table.size):
        from nsn_mapping.place.multilevel import place_levels

        seat = place_levels(blocks, seats, seed, effort)
    else:
        seat = anneal(blocks, seats, place_along(blocks, seats), seed, effort)
    return quieten(blocks, seats, seat, seed, effort) if objective == "link" else seat


def anneal(blocks: Blocks, seats: Seats, seat: Words, seed: int, effort: float = 1.0) -> Words:
    """Anneal a placement; the result never costs more.

    Args:
        blocks: packets between parts.
        seats: where they can be.
        seat: int32[parts], the start.
        seed: of the proposals.
        effort: time is in proportion to it.
    """
    if len(blocks) < 2 or not blocks.total:
        return seat.copy()
    if len(blocks) <= MOST_DENSE and not seats.table.size:
        return _anneal_dense(blocks, seats, seat, seed, effort)
    return anneal_sparse(blocks, seats, seat, seed, int(effort * min(2_000_000, 20_000 * len(blocks))), _HOT, None)


def total_cost(blocks: Blocks, seats: Seats, seat: npt.NDArray[np.integer]) -> int:
    """Cost of all ways: packets x distance."""
    a = seat[np.repeat(np.arange(len(blocks)), np.diff(blocks.out_start))]
    b = seat[blocks.to]
    D = metric(seats)
    if seats.table.size:
        return int((blocks.sent * seats.table[seats.tile[a], seats.tile[b]]).sum())
    return int((blocks.sent * (np.abs(D.x[a] - D.x[b]) + np.abs(D.y[a] - D.y[b]))).sum())


def _anneal_dense(blocks: Blocks, seats: Seats, start: Words, seed: int, effort: float) -> Words:
    """Several times from hot for few parts, once from lukewarm for many; the best counts."""
    kernels = jit.load("nsn_mapping.place.slopes", entries=("count_slopes", "anneal_slopes", "descend_slopes"))
    parts, few = len(blocks), len(blocks) <= _MELTED
    matrix = dense(blocks, parts).ravel()
    unit = float(blocks.packets.sum()) / parts
    best, least = start, total_cost(blocks, seats, start)
    runs = 4 if few else 1
    proposals = int(effort * (12_000 * parts if few else min(20_000_000, 2_000 * parts)))
    first = _HOT if few else _LUKEWARM
    far = max(len(seats.along_x), len(seats.along_y)) - 1
    for run in range(runs):
        board = _board(blocks, seats, start, matrix)
        kernels.count_slopes(board)
        state, chance = new_state(seed, run), coldness()
        for stage in range(STAGES):
            done = stage / (STAGES - 1)
            heat = unit * _unit_of(seats) * first * (_COLD / first) ** done
            radius = max(1, round(far * (1 if few else 0.25) * (1 - done / 0.8)))
            kernels.anneal_slopes(board, state, chance, proposals // STAGES, heat, radius)
        kernels.descend_slopes(board, 50 if few else 1)
        cost = total_cost(blocks, seats, board.seat)
        if cost < least:
            best, least = board.seat, cost
    return best


def anneal_sparse(
    blocks: Blocks, seats: Seats, start: Words, seed: int, proposals: int, hot: float, radius: int | None
) -> Words:
    """Anneal with sums over whom the parts talk to; the result never costs more.

    Args:
        blocks: packets between parts.
        seats: where they can be.
        start: int32[parts], seats at the start.
        seed: of the proposals.
        proposals: how many.
        hot: first temperature, in mean packets of a part.
        radius: largest radius of a swap; None for the whole chip.
    """
    kernels = jit.load("nsn_mapping.place.swaps", entries=("anneal_swaps", "descend_swaps"))
    board, D = force.seating(blocks, seats, start), metric(seats)
    unit = float(blocks.packets.sum()) / len(blocks) * _unit_of(seats)
    far = max(len(seats.along_x), len(seats.along_y)) - 1 if radius is None else radius
    state, chance = new_state(seed, 7), coldness()
    stages = max(1, min(STAGES, proposals // max(1, len(blocks))))
    for stage in range(stages):
        done = stage / max(1, stages - 1)
        heat = unit * hot * (min(_COLD, hot) / hot) ** done
        kernels.anneal_swaps(board, D, state, chance, proposals // stages, heat, max(1, round(far * (1 - done / 0.8))))
    kernels.descend_swaps(board, D, 1, 4)
    return board.seat if total_cost(blocks, seats, board.seat) <= total_cost(blocks, seats, start) else start.copy()


def quieten(blocks: Blocks, seats: Seats, seat: Words, seed: int, effort: float = 1.0) -> Words:
    """Anneal a placement for the load of the busiest link (X-then-Y, unicast); the result is never busier.

    Args:
        blocks: packets between parts.
        seats: of a mesh.
        seat: int32[parts], the start.
        seed: of the proposals.
        effort: time is in proportion to it.

    Raises:
        MappingError: ways on these seats are not x first, then y.
    """
    _refuse_roundabout(seats)
    if not blocks.total or len(seats) < 2:
        return seat.copy()
    kernels = jit.load("nsn_mapping.place.links", entries=("anneal_links", "count_load"))
    ways = _ways(blocks, seats, seat)
    before = int(kernels.count_load(ways))
    ways.size[2] = max(1, before // 512)  # 512 units on the busiest link at the start; see MOST_LOAD
    state, chance = new_state(seed, 11), coldness()
    proposals = int(effort * _LINK_PROPOSALS * min(len(blocks), 2**17 // max(1, len(blocks))))
    best, least = seat.copy(), before
    heat = 512.0**4 / 50
    for _ in range(STAGES):
        kernels.anneal_links(ways, state, chance, max(1, proposals // STAGES), heat)
        heat *= 0.85
        found = int(ways.load.max())
        if found < least:
            best, least = ways.seat.copy(), found
    return best


def _board(blocks: Blocks, seats: Seats, seat: Words, matrix: Ints) -> Board:
    at, parts = seats_at(seats), len(blocks)
    width, height = len(seats.along_x), len(seats.along_y)
    return Board(
        matrix,
        matrix.reshape(parts, parts).sum(axis=1),
        seat.astype(np.int32).copy(),
        _holder(seats, seat),
        seats.x,
        seats.y,
        at.ravel(),
        np.array([parts, *at.shape], np.int64),
        np.diff(seats.along_x),
        np.diff(seats.along_y),
        np.zeros(width * parts, np.int64),
        np.zeros(height * parts, np.int64),
    )


def _ways(blocks: Blocks, seats: Seats, seat: Words) -> Ways:
    parts = len(blocks)
    sender = np.repeat(np.arange(parts, dtype=np.int32), np.diff(blocks.out_start))
    order = np.argsort(blocks.to, kind="stable")
    in_start = np.concatenate(([0], np.cumsum(np.bincount(blocks.to, minlength=parts)))).astype(np.int64)
    width, height = len(seats.along_x), len(seats.along_y)
    return Ways(
        blocks.out_start,
        blocks.to,
        blocks.sent,
        in_start,
        sender[order],
        blocks.sent[order],
        seat.astype(np.int32).copy(),
        _holder(seats, seat),
        seats.x,
        seats.y,
        np.zeros(width * height * 4, np.int64),
        np.array([width, height, 1], np.int64),
    )


def _holder(seats: Seats, seat: Words) -> Words:
    holder = np.full(len(seats), -1, np.int32)
    holder[seat] = np.arange(len(seat))
    return holder


def _unit_of(seats: Seats) -> float:
    """Cost of a typical link."""
    if seats.table.size:
        away = seats.table[seats.table > 0]
        return float(away.min()) if len(away) else 1.0
    gaps = np.concatenate((np.diff(seats.along_x), np.diff(seats.along_y)))
    return float(np.sort(gaps)[len(gaps) // 2]) if len(gaps) else 1.0


def _refuse_unknown(method: str, objective: str, seats: Seats) -> None:
    if method not in METHODS:
        raise MappingError(f"placement method {method!r:.40} is not known; allowed: {', '.join(METHODS)}")
    if objective not in OBJECTIVES:
        raise MappingError(f"placement objective {objective!r:.40} is not known; allowed: {', '.join(OBJECTIVES)}")
    if objective == "energy" and seats.price != "energy":
        raise MappingError(
            f"placement by energy on seats priced in {seats.price}; allowed: seats priced in energy; make them with price='energy'"
        )
    if objective == "link":
        _refuse_roundabout(seats)


def _refuse_roundabout(seats: Seats) -> None:
    if seats.table.size:
        raise MappingError("placement by the busiest link; allowed: on a sound mesh with routing xy; place by hops here")

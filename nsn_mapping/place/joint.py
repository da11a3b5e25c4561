"""Joint refinement: neurons move between cores by what their packets cost on their paths, not only by how many packets there are.

A partition that sends few packets is not yet one that sends them a short path. Starting from a placed partition, neurons that talk much are
joined to clusters (never across cores), clusters move by heat-bath annealing under the placed cost, and so on down to single neurons: the
multilevel scheme of partitioners with the cost of the mesh in the place of the cut. Limits are held at every step, and the result never costs
more than the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.errors import MappingError
from chipsim.noc import Mesh
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph
from nsn_mapping.partition.coarsen import coarsen
from nsn_mapping.partition.pins import Nets, Parts, as_nets, empty_parts, is_limited
from nsn_mapping.place.distance import Metric
from nsn_mapping.place.heatbath import Lines
from nsn_mapping.place.moves import Members, Near
from nsn_mapping.place.sites import Sites, mesh_sites, metric, sites_at
from nsn_mapping.xorshift import coldness, gumbel, new_state

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

SWEEPS = 40
"""Sweeps over all vertices of a level at effort 1; a third of the time is spent on single neurons."""

_HOT, _COLD = 1.5, 0.2
"""First and last temperature of single neurons, in mean weights of a net times the cost of a link."""

_POWER = 0.8
"""The temperature of clusters grows with this power of their size: the pull on a cluster grows about as fast."""

_GROW = 3
"""How much larger clusters are from one level to the next."""

_LARGEST = 50
"""Neurons of a cluster on average at which coarsening ends."""

_PRICE_STEP = 0.1
"""How fast full cores get dearer, in temperatures per sweep and cluster."""

_MOST_LOOKS = 60_000_000
"""Looks at vertices, all levels together, from effort 1 on: sweeps are fewer on large networks."""

_MOST_SITES = 2**16
"""Cores up to which swaps keep lists of members with room for a full core each."""


@dataclass(frozen=True, slots=True)
class _Board:
    """What kernels need of a chip.

    Attributes:
        sites: its cores.
        metric, near, lines: distances, neighbours, columns and rows.
    """

    sites: Sites
    metric: Metric
    near: Near
    lines: Lines


def refine_placed(
    h: Hypergraph,
    caps: Caps,
    core: npt.NDArray[np.integer[Any]],
    sites: Sites | Mesh,
    seed: int,
    effort: float = 1.0,
    packet: int = 0,
    local: int = 0,
) -> Words:
    """Move neurons between cores until the hops of their packets (what their packets cost) fall no more.

    Args:
        h: the network.
        caps: what a core can hold.
        core: int[n], core of each neuron; must be among the sites and keep the caps.
        sites: cores that can be used, and what paths between them cost; a mesh for all of its cores and hops.
        seed: of all that is random.
        effort: how long to search; time is in proportion to it.
        packet: what a packet to another core costs however far it goes, in units of the paths: 0 for hops alone. The larger, the less
            packets grow.
        local: what one costs that stays on its core.

    Returns:
        int32[n], core of each neuron, of at most the cost of ``core``. The same for the same arguments.

    Raises:
        MappingError: a neuron is on a core that cannot be used, or a limit is broken at the start.
    """
    board = _board(mesh_sites(sites) if isinstance(sites, Mesh) else sites, packet, local)
    start = _site_of(board.sites, core)
    kernels = jit.load("nsn_mapping.partition.pins", entries=("count",))
    cost_of = jit.load("nsn_mapping.place.moves", entries=_MOVES).placed_cost
    nets = as_nets(h, caps)
    parts = empty_parts(nets, caps, len(board.sites))
    kernels.count(nets, parts, start)
    _refuse_broken(parts, board.sites)
    if not len(start) or len(board.sites) < 2:
        return board.sites.core[start].astype(np.int32)
    before = cost_of(nets, parts, board.metric, board.near.packet)
    if before == 0:
        return board.sites.core[start].astype(np.int32)
    refined = _refine(nets, caps, start, board, seed, effort)
    kernels.count(nets, parts, refined)
    if cost_of(nets, parts, board.metric, board.near.packet) >= before:
        refined = start
    return board.sites.core[refined].astype(np.int32)


def placed_cost(h: Hypergraph, core: npt.NDArray[np.integer[Any]], sites: Sites, packet: int = 0, local: int = 0) -> int:
    """Sum over packets of what they cost.

    Args:
        h: the network.
        core: int[n], core of each neuron.
        sites: cores and distances.
        packet: what a packet to another core costs however far it goes.
        local: what one costs that stays on its core.
    """
    prices = np.array([packet, local], np.int64)
    nets = as_nets(h, Caps(NO_LIMIT, np.zeros(len(h), np.int64)))
    parts = empty_parts(nets, Caps(NO_LIMIT, np.zeros(len(h), np.int64)), len(sites))
    jit.load("nsn_mapping.partition.pins", entries=("count",)).count(nets, parts, _site_of(sites, core))
    return int(jit.load("nsn_mapping.place.moves", entries=_MOVES).placed_cost(nets, parts, metric(sites), prices))


_MOVES = ("anneal_moves", "placed_cost", "list_members")


def _refine(nets: Nets, caps: Caps, start: Words, board: _Board, seed: int, effort: float) -> Words:
    """Down through the levels, from clusters to neurons."""
    levels = _levels(nets, caps, start, seed)
    label = start
    for level in levels:
        label = _of_clusters(level[1], label, len(level[0].size))
    unit = _unit(nets, board)
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence([abs(seed), 77])))
    state = new_state(seed, 3)
    sizes = [1.0, *(float(level[0].size.mean()) for level in levels)]
    looks = sum(len(level[0].size) for level in levels) + len(start)
    sweeps = max(2, min(int(SWEEPS * effort), int(_MOST_LOOKS * min(1.0, effort)) // max(1, looks)))
    for i in range(len(levels), -1, -1):
        current = levels[i - 1][0] if i else nets
        parts = empty_parts(current, caps, len(board.sites))
        jit.load("nsn_mapping.partition.pins", entries=("count",)).count(current, parts, label)
        hot = _HOT * unit * sizes[i] ** _POWER
        cold = _HOT * unit * sizes[i - 1] ** _POWER if i else _COLD * unit
        members = _members(current, parts, caps, board, swaps=i == 0)
        _anneal(current, parts, members, board, sweeps, hot, cold, sizes[i], draws, state)
        label = parts.part if not i else parts.part[levels[i - 1][1]]
    return label


def _anneal(
    nets: Nets,
    parts: Parts,
    members: Members,
    board: _Board,
    sweeps: int,
    hot: float,
    cold: float,
    size: float,
    draws: np.random.Generator,
    state: Ints,
) -> None:
    """One level, from hot to cold; single neurons at last descend, with swaps."""
    last = size == 1.0
    fade = (cold / hot) ** (1 / max(1, sweeps - 1))
    heat, n = hot, len(nets.size)
    if board.sites.table.size:
        kernel, chance = jit.load("nsn_mapping.place.moves", entries=_MOVES).anneal_moves, coldness()
        for _ in range(4 * sweeps):
            kernel(nets, parts, members, board.metric, board.near, state, chance, n // 2, heat)
            heat *= fade**0.25
        for _ in range(8 if last else 0):
            kernel(nets, parts, members, board.metric, board.near, state, chance, n, 0.0)
        return
    kernels = jit.load("nsn_mapping.place.heatbath", entries=("heat_moves", "set_prices"))
    for _ in range(sweeps):
        order = draws.permutation(n).astype(np.int32)
        kernels.heat_moves(nets, parts, members, board.metric, board.near, board.lines, order, state, heat, 0)
        kernels.set_prices(parts, board.lines, int(2 * size), _PRICE_STEP * heat / size)
        heat *= fade
    if last:
        board.lines.price[:] = 0
        for _ in range(6):
            order = draws.permutation(n).astype(np.int32)
            kernels.heat_moves(
                nets, parts, members, board.metric, board.near, board.lines, order, state, 0.0, int(members.room[0] > 0)
            )


def _levels(nets: Nets, caps: Caps, start: Words, seed: int) -> list[tuple[Nets, Words]]:
    """Coarser and coarser hypergraphs, each with the cluster of every vertex of the one before."""
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence([abs(seed), 78])))
    found: list[tuple[Nets, Words]] = []
    current, label, cluster, size, reached = nets, start, np.zeros(0, np.int32), 2, 1.0
    largest = min(_LARGEST, max(1, caps.neurons // 8), max(1, len(start) // 200))
    while current.size.mean() < largest:
        order = draws.permutation(len(current.size)).astype(np.int32)
        level = coarsen(current, order, size, NO_LIMIT, label, is_limited(caps))
        if level is None:
            if size > 4 * largest:
                break
            size *= 2
            continue
        label = _of_clusters(level.cluster, label, len(level.nets.size))
        cluster = level.cluster[cluster] if len(cluster) else level.cluster
        current = level.nets
        if current.size.mean() >= _GROW * reached:
            found.append((current, cluster))
            cluster, reached = np.zeros(0, np.int32), float(current.size.mean())
        if current.size.mean() * 1.3 > size:
            size *= 2
    return found


def _of_clusters(cluster: Words, label: Words, count: int) -> Words:
    """Label of each cluster; all its vertices have the same."""
    of = np.zeros(count, np.int32)
    of[cluster] = label
    return of


def _unit(nets: Nets, board: _Board) -> float:
    """Mean weight of the nets that somebody reads, times the cost of a link."""
    read = (np.diff(nets.pin_start) > 0) & (nets.source >= 0)
    weight = float(nets.weight[read].sum()) / max(1, int(read.sum()))
    near = board.near
    if not len(near.core):
        return weight
    a = np.repeat(np.arange(len(board.sites)), np.diff(near.start))
    D = board.metric
    if len(D.table):
        length = D.table[D.tile[a].astype(np.int64) * int(D.side[0]) + D.tile[near.core]]
    else:
        length = np.abs(D.x[a] - D.x[near.core]) + np.abs(D.y[a] - D.y[near.core])
    apart = length[length > 0]
    return weight * (float(np.sort(apart)[len(apart) // 2]) if len(apart) else 1.0)


def _members(nets: Nets, parts: Parts, caps: Caps, board: _Board, swaps: bool) -> Members:
    n, sites = len(nets.size), len(board.sites)
    wanted = (swaps or bool(board.sites.table.size)) and sites <= _MOST_SITES
    room = min(caps.neurons, n) if wanted and caps.neurons * sites <= 64 * n + 2**20 else 0
    members = Members(
        np.array([room], np.int64), np.zeros(room * sites, np.int32), np.zeros(sites, np.int32), np.zeros(n, np.int32)
    )
    if room:
        jit.load("nsn_mapping.place.moves", entries=_MOVES).list_members(parts, members)
    return members


def _board(sites: Sites, packet: int, local: int = 0) -> _Board:
    return _Board(sites, metric(sites), _near(sites, packet, local), _lines(sites))


def _near(sites: Sites, packet: int, local: int) -> Near:
    """Sites on the same tile and on the tiles beside it."""
    at = sites_at(sites)
    a: list[Words] = []
    b: list[Words] = []
    width, height, depth = at.shape
    for dx, dy in ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)):
        here = at[max(0, -dx) : width - max(0, dx), max(0, -dy) : height - max(0, dy)]
        there = at[max(0, dx) : width + min(0, dx), max(0, dy) : height + min(0, dy)]
        for i in range(depth):
            for j in range(depth):
                pair = (here[:, :, i] >= 0) & (there[:, :, j] >= 0) & (here[:, :, i] != there[:, :, j])
                a.append(here[:, :, i][pair])
                b.append(there[:, :, j][pair])
    first, second = np.concatenate(a), np.concatenate(b)
    order = np.lexsort((second, first))
    start = np.concatenate(([0], np.cumsum(np.bincount(first, minlength=len(sites))))).astype(np.int64)
    return Near(start, second[order].astype(np.int32), np.array([packet, local], np.int64))


def _lines(sites: Sites) -> Lines:
    width, height, n = len(sites.along_x), len(sites.along_y), len(sites)
    at = np.ascontiguousarray(sites_at(sites)[:, :, 0]).ravel()
    size = np.array([width, height, 0], np.int64)
    gap_x, gap_y = np.diff(sites.along_x), np.diff(sites.along_y)
    a, b, c, d, e, f = (np.zeros(side, np.int64) for side in (width, height, width, height, n, n))
    return Lines(sites.x, sites.y, at, size, gap_x, gap_y, a, b, c, d, e, f, np.zeros(n, np.int32), np.zeros(n), gumbel())


def _site_of(sites: Sites, core: npt.NDArray[np.integer[Any]]) -> Words:
    """Site of each vertex. Raises MappingError where its core is none."""
    if not len(core):
        return np.zeros(0, np.int32)
    site = np.minimum(np.searchsorted(sites.core, core), len(sites) - 1)
    wrong = sites.core[site] != core
    if wrong.any():
        v = int(np.argmax(wrong))
        raise MappingError(
            f"vertex {v} is on core {int(core[v])}, which does not exist or is dead; allowed: one of the {len(sites)} cores that work;"
            " place the partition on them first"
        )
    return site.astype(np.int32)


def _refuse_broken(parts: Parts, sites: Sites) -> None:
    for name, used, allowed in zip(
        ("neurons", "axons", "memory bits", "forwarding entries"),
        (parts.held, parts.axons, parts.bits, parts.entries),
        parts.limits[:4].tolist(),
        strict=True,
    ):
        if len(used) and int(used.max()) > allowed:
            worst = int(used.argmax())
            raise MappingError(
                f"core {int(sites.core[worst])}: {int(used[worst])} {name} at the start of the refinement; allowed: {allowed};"
                " repair the partition first"
            )

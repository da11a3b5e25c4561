"""Routing tables of any topology: shortest ways, and up*/down* ways, which cannot deadlock."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.errors import ConfigError
from chipsim.noc.fabric import Fabric
from chipsim.noc.routing import HERE, NO_PATH

Ints = npt.NDArray[np.int64]

MAX_ROUTERS = 4096
"""Most routers of a topology with tables: one has routers x routers entries."""

FAR = 2**30


def shortest_table(fabric: Fabric) -> Ints:
    """Ports of shortest ways, the lowest where several are; a routing like this can deadlock on anything but a tree.

    Returns:
        int64[routers * routers], entry ``tile * routers + dest``: port, ``HERE`` or ``NO_PATH``.

    Raises:
        ConfigError: there are too many routers for tables.
    """
    refuse_many(fabric)
    return _ports_towards(fabric, _distances(fabric), fabric.to >= 0)


def updown_table(fabric: Fabric, rank: Ints | None = None) -> Ints:
    """Ports of up*/down* ways: routers have an order, breadth first from the lowest of each part; no way goes up after it went down.

    Where the destination can be reached by going down only, the shortest such way is taken, else a step up towards it.

    Args:
        fabric: the network.
        rank: int64[routers], another order than `up_down_rank`.

    Returns:
        As `shortest_table`.

    Raises:
        ConfigError: there are too many routers for tables.
    """
    refuse_many(fabric)
    n, ports = fabric.routers, fabric.ports
    rank = up_down_rank(fabric) if rank is None else rank
    to = fabric.to.reshape(n, ports)
    up = (to >= 0) & (rank[to] < rank[:, None])
    down = (to >= 0) & ~up
    by_rank = np.argsort(rank)
    fall = np.full((n, n), FAR, np.int32)  # links of the shortest way down from a router to each other
    np.fill_diagonal(fall, 0)
    for router in by_rank[::-1]:
        for port in np.flatnonzero(down[router]):
            np.minimum(fall[router], fall[to[router, port]] + 1, out=fall[router])
    table = _ports_towards(fabric, fall, down.ravel()).reshape(n, n)
    whole = fall  # links of the way that is taken, going up included; known for all above a router when its turn comes
    for router in by_rank:
        stuck = whole[router] >= FAR
        for port in np.flatnonzero(up[router]):
            length = whole[to[router, port]] + 1
            better = stuck & (length < whole[router])
            whole[router, better], table[router, better] = length[better], port
    return table.ravel()


def up_down_rank(fabric: Fabric) -> Ints:
    """int64[routers], place of each in the order of up*/down*: breadth first from the lowest router of each part, ties by number."""
    n = fabric.routers
    link = np.flatnonzero(fabric.to >= 0)
    both = fabric.to[fabric.to[link] * fabric.ports + fabric.back[link]] >= 0  # a link that is dead one way joins nothing
    source, target = link[both] // fabric.ports, fabric.to[link[both]]
    first = np.searchsorted(source, np.arange(n + 1))
    depth = np.full(n, -1, np.int64)
    part = np.zeros(n, np.int64)
    for root in range(n):
        if depth[root] >= 0:
            continue
        front, depth[root], part[root] = np.array([root], np.int64), 0, root
        while len(front):
            near = target[ranges(first[front], first[front + 1])]
            near = np.unique(near[depth[near] < 0])
            depth[near], part[near] = depth[front[0]] + 1, root
            front = near
    rank = np.empty(n, np.int64)
    rank[np.lexsort((np.arange(n), depth, part))] = np.arange(n)
    return rank


def ranges(start: Ints, end: Ints) -> Ints:
    """The numbers from each start up to its end, one after the other."""
    size = end - start
    found: Ints = np.arange(size.sum()) + np.repeat(start - (np.cumsum(size) - size), size)
    return found


def _distances(fabric: Fabric) -> npt.NDArray[np.int32]:
    """int32[routers, routers] links of a shortest way, ``FAR`` where there is none.

    All destinations at once, breadth first: each pair is looked at once per link.
    """
    n = fabric.routers
    link = np.flatnonzero(fabric.to >= 0)
    order = np.argsort(fabric.to[link], kind="stable")
    source, first = (link // fabric.ports)[order], np.searchsorted(fabric.to[link][order], np.arange(n + 1))
    distance = np.full(n * n, FAR, np.int32)
    front = np.arange(n, dtype=np.int64) * (n + 1)
    distance[front] = 0
    steps = 0
    while len(front):
        steps += 1
        router, dest = front // n, front % n
        degree = first[router + 1] - first[router]
        near = source[ranges(first[router], first[router + 1])] * n + np.repeat(dest, degree)
        near = near[distance[near] == FAR]
        mine = FAR + np.arange(len(near), dtype=np.int32)
        distance[near] = mine  # of those that name one pair the last stays, which tells them apart without sorting
        front = near[distance[near] == mine]
        distance[front] = steps
    return distance.reshape(n, n)


def _ports_towards(fabric: Fabric, distance: npt.NDArray[np.int32], usable: npt.NDArray[np.bool_]) -> Ints:
    """The lowest usable port that leads one step nearer, for each pair."""
    n, ports = fabric.routers, fabric.ports
    table = np.full((n, n), NO_PATH, np.int64)
    for port in range(ports - 1, -1, -1):
        router = np.flatnonzero(usable[port::ports])
        nearer = (distance[fabric.to[router * ports + port]] == distance[router] - 1) & (distance[router] < FAR)
        table[router] = np.where(nearer, port, table[router])
    np.fill_diagonal(table, HERE)
    return table.ravel()


def refuse_many(fabric: Fabric) -> None:
    """Raise ConfigError where there are too many routers for a table."""
    if fabric.routers > MAX_ROUTERS:
        raise ConfigError(
            f"{fabric.routers} routers with routing tables (chip.noc.routing table or updown); allowed: up to {MAX_ROUTERS}; use a smaller"
            " chip, or a mesh or torus with a routing that needs no tables"
        )

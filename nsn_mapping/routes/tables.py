"""Router tables of a mapping, compressed: made for some routers after the other, so that memory holds however many entries there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.noc import Mesh
from nsn_mapping.hypergraph import Hypergraph
from nsn_mapping.routes.compress import NODE, Room, Rows
from nsn_mapping.routes.covering import Rules, Wanted
from nsn_mapping.routes.keys import Keys, allocate_keys
from nsn_mapping.routes.multicast import Entries, Reached, count_entries, lay_entries, reached_cores

Ints = npt.NDArray[np.int64]

AT_ONCE = 2**23
"""Entries before compression that are held at a time; the routers of a range have no more together, unless it is one."""

MOST_LOOKS = 2 * 10**8
"""Entries and keys that ordered covering looks at for one router before it gives up: some tenths of a second."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Compressed tables of all routers.

    A packet takes the first entry of its router with ``packet key & mask == key``; where there is none it goes straight on.

    Attributes:
        keys: key of each net.
        used: int64[routers], entries before compression: one for every tree and router that it passes.
        start: int64[routers + 1], first entry of each router.
        key, mask, route: int64[entries], in order of priority; a route has a bit per port (0 east, 1 west, 2 south, 3 north) and, from
            bit 4 on, per core of the tile.
    """

    keys: Keys
    used: Ints
    start: Ints
    key: Ints
    mask: Ints
    route: Ints

    @property
    def compressed(self) -> Ints:
        """int64[routers], entries of each router."""
        return np.diff(self.start)


def build_tables(h: Hypergraph, core: npt.NDArray[np.integer[Any]], mesh: Mesh, target: int | None = None) -> Tables:
    """Lay multicast XY trees for all nets with a source and compress the tables of the routers.

    Args:
        h: the network.
        core: int[n], core of each vertex.
        mesh: the chip.
        target: tables that are longer after compression by prefixes go through ordered covering until they are not, or as far as that
            goes; 0 for as short as it makes them; None to leave it out.

    Raises:
        MappingError: a vertex is on no core of the mesh, or a tile has more cores than a route can name.
    """
    reached = reached_cores(h, core, mesh)
    return compress_trees(reached, allocate_keys(reached, mesh), mesh, target)


def compress_trees(reached: Reached, keys: Keys, mesh: Mesh, target: int | None = None) -> Tables:
    """As ``build_tables``, for keys that are given.

    Args:
        reached: cores of each net.
        keys: of the nets.
        mesh: the chip.
        target: as there.
    """
    used = count_entries(reached, keys.order, mesh)
    begin, parts = [np.zeros(1, np.int64)], []
    low = total = 0
    while low < mesh.tiles:
        high = low + max(1, int(np.searchsorted(np.cumsum(used[low:]), AT_ONCE, "right")))
        entries = lay_entries(reached, keys.order, keys.key, used, low, high, mesh)
        start, *columns = _compressed(entries, keys.bits)
        if target is not None:
            start, *columns = _covered(entries, keys.bits, target, start, *columns)
        begin.append(start[1:] + total)
        parts.append(columns)
        total += int(start[-1])
        low = high
    key, mask, route = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Tables(keys, used, np.concatenate(begin), key, mask, route)


def _compressed(entries: Entries, bits: int) -> tuple[Ints, ...]:
    """First entry of each router, then keys, masks and routes."""
    most = int(np.diff(entries.start).max(initial=0))
    sizes = (2 * most * NODE, most * (bits + 1), 4 * bits + 8, 2 * most + 1, *[most] * 4)
    trie, routes, stack, table, *found = (np.empty(size, np.int64) for size in sizes)
    start = np.zeros(len(entries.start), np.int64)
    most = len(entries.key)
    out = Rows(np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64), np.empty(0, np.int64))
    kernel = jit.load("nsn_mapping.routes.compress", entries=("minimise",)).minimise
    kernel(bits, entries.start, entries.key, entries.route, Room(trie, routes, stack, table), Rows(*found), start, out)
    return start, *(column[: start[-1]].copy() for column in out[:3])


def _covered(entries: Entries, bits: int, target: int, start: Ints, *columns: Ints) -> tuple[Ints, ...]:
    """As ``_compressed``, with tables longer than a target made shorter."""
    cover = jit.load("nsn_mapping.routes.covering", entries=("cover",)).cover
    size = np.diff(start)
    wanted = Wanted(entries.key, entries.route, *(np.empty(len(entries.key), np.int64) for _ in range(2)))
    uses = np.empty(int(size.max()), np.int64)
    kept = np.ones(int(start[-1]), bool)
    for router in np.flatnonzero(size > target).tolist():
        low, high = int(start[router]), int(start[router + 1])
        ends = int(entries.start[router]), int(entries.start[router + 1])
        work = np.array([MOST_LOOKS], np.int64)
        key, mask, route = (column[low:high] for column in columns)
        left = cover(high - low, target, bits, Rules(key, mask, route, uses), *ends, wanted, work)
        kept[low + left : high] = False
        size[router] = left
    return np.concatenate([[0], np.cumsum(size)]).astype(np.int64), *(column[kept] for column in columns)

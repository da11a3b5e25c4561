"""Multicast trees of the nets of a hypergraph, as entries of router tables: what each router on the way does with a packet.

The tree of a net is the union of the XY paths from its source's core to every core that holds a pin, the own one too where it does. It is
laid from the leaves: from each core that is reached back towards the source, until it meets what is there already; so a tree costs as many
steps as it has links, whatever the number of its leaves. Trees are laid for a range of routers at a time, since all of them together need not
fit into memory: 10^6 nets on 2,025 cores have tens of millions of entries before compression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.errors import MappingError
from chipsim.noc import EAST, NORTH, SOUTH, WEST, Mesh
from nsn_mapping.hypergraph import Hypergraph

Ints = npt.NDArray[np.int64]
Row = npt.NDArray[np.int32]

LOCAL_BIT = 4
"""Bits 0 to 3 of a route are ports (east, west, south, north), bit 4 + k is core k of the tile."""

STRAIGHT = 62
"""Bit of an entry that sends the packet on as it came, and nowhere else: a router does that without an entry."""

MOST_CORES = STRAIGHT - LOCAL_BIT
"""Most cores per tile that a route can name."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Which cores the nets reach.

    Attributes:
        start, cores: CSR by net (int64[nets + 1], int32), cores that hold a pin, none twice, in the order of the pins.
        home: int32[nets], core of the source, -1 for none.
    """

    start: Ints
    cores: Row
    home: Row


@dataclass(frozen=True, slots=True)
class Entries:
    """Table entries of a range of routers before compression.

    Attributes:
        low: the first router.
        start: int64[routers + 1], first entry of each.
        key: int64[entries], ascending within a router.
        route: int64[entries], ports and local cores; with bit ``STRAIGHT`` where the packet goes straight on and nowhere else.
    """

    low: int
    start: Ints
    key: Ints
    route: Ints


def reached_cores(h: Hypergraph, core: npt.NDArray[np.integer[Any]], mesh: Mesh) -> Reached:
    """Find the cores that each net reaches.

    Args:
        h: the network.
        core: int[n], core of each vertex.
        mesh: the chip.

    Raises:
        MappingError: a vertex is on no core of the mesh, or a tile has more cores than a route can name.
    """
    if mesh.concentration > MOST_CORES:
        raise MappingError(
            f"routes: {mesh.concentration} cores per tile; allowed for tables: up to {MOST_CORES}, since a route is one word; use a chip with"
            " fewer (chip.noc.concentration)"
        )
    if len(core) != len(h):
        raise MappingError(f"routes: {len(core)} cores for {len(h)} neurons; allowed: one each; map this network again")
    odd = np.flatnonzero((core < 0) | (core >= mesh.cores))
    if len(odd):
        raise MappingError(f"routes: neuron {odd[0]} is on core {core[odd[0]]}, allowed are 0..{mesh.cores - 1}; map again")
    core = np.ascontiguousarray(core, np.int32)
    kernel = jit.load(__name__, entries=("gather",)).gather
    start, cores = np.zeros(h.edges + 1, np.int64), np.empty(len(h.pins), np.int32)
    kernel(h.pin_start, h.pins, core, np.full(mesh.cores, -1, np.int64), start, cores)
    home = np.full(h.edges, -1, np.int32)
    known = h.source >= 0
    home[known] = core[h.source[known]]
    return Reached(start, cores[: start[-1]].copy(), home)


def count_entries(reached: Reached, nets: Ints, mesh: Mesh) -> Ints:
    """int64[routers], entries of each router for some nets, before compression."""
    used = np.zeros(mesh.tiles, np.int64)
    jit.load(__name__, entries=("count_trees",)).count_trees(
        nets, Reach(reached.start, reached.cores, reached.home), _lattice(mesh), used
    )
    return used


def lay_entries(reached: Reached, nets: Ints, keys: Ints, used: Ints, low: int, high: int, mesh: Mesh) -> Entries:
    """Entries of the routers ``low`` up to ``high`` (not included).

    Args:
        reached: cores of all nets.
        nets: int64[routed], nets by ascending key.
        keys: int64[nets], key of each net.
        used: int64[routers] of ``count_entries``.
        low: first router.
        high: router behind the last.
        mesh: the chip.
    """
    start = np.concatenate([[0], np.cumsum(used[low:high])]).astype(np.int64)
    key, route = np.empty(start[-1], np.int64), np.empty(start[-1], np.int64)
    at = np.zeros(mesh.tiles, np.int64)
    at[low:high] = start[:-1]
    kernel = jit.load(__name__, entries=("lay_trees",)).lay_trees
    kernel(nets, keys, Reach(reached.start, reached.cores, reached.home), _lattice(mesh), low, high, at, key, route)
    return Entries(low, start, key, route)


def _lattice(mesh: Mesh) -> Lattice:
    """What the kernels know of the mesh, and their room for one tree."""
    x, y = mesh.xy(np.arange(mesh.tiles, dtype=np.int64))
    line = mesh.height if mesh.column else mesh.width
    shape = np.array([mesh.concentration, line if mesh.column else 1, 1 if mesh.column else line, line], np.int64)
    return Lattice(
        x.astype(np.int32), y.astype(np.int32), shape, np.zeros(mesh.tiles, np.int64), np.zeros(mesh.tiles, np.int32)
    )


def gather(pin_start: Ints, pins: Row, core: Row, stamp: Ints, start: Ints, cores: Row) -> None:
    """Cores of the pins of each net, each once; ``stamp`` int64[cores] begins at -1."""
    count = 0
    for net in range(len(start) - 1):
        start[net] = count
        for i in range(pin_start[net], pin_start[net + 1]):
            c = core[pins[i]]
            if stamp[c] != net:
                stamp[c] = net
                cores[count] = c
                count += 1
    start[len(start) - 1] = count


@jit.struct
class Reach(NamedTuple):
    """Nets and what they reach: ``start`` and ``cores``, CSR, and ``home``, the core of each source; see ``Reached``."""

    start: Ints
    cores: Row
    home: Row


@jit.struct
class Lattice(NamedTuple):
    """A mesh, and room for one tree.

    Attributes:
        x, y: int32[tiles], column and row of each tile.
        shape: cores per tile; what a step east and a step south add to a tile's number; tiles of a line, numbered one after the other.
        route: int64[tiles], all 0; written: of each tile of a tree.
        tiles: int32[tiles], written: tiles of a tree.
    """

    x: Row
    y: Row
    shape: Ints
    route: Ints
    tiles: Row


def lay(home: int, begin: int, end: int, cores: Row, T: Lattice) -> int:
    """Lay one tree.

    Args:
        home: tile of the source.
        begin: where the cores begin in ``cores``.
        end: behind the last of them.
        cores: that are reached.
        T: the mesh; ``route`` and ``tiles`` are written.

    Returns:
        How many tiles the tree has.
    """
    concentration, east, south = T.shape[0], T.shape[1], T.shape[2]
    count = 0
    for i in range(begin, end):
        tile = cores[i] // concentration
        bit = LOCAL_BIT + cores[i] % concentration
        while True:
            known = T.route[tile] != 0
            if not known:
                T.tiles[count] = tile
                count += 1
            T.route[tile] |= 1 << bit
            if known or tile == home:
                break
            if T.y[tile] > T.y[home]:
                tile, bit = tile - south, SOUTH
            elif T.y[tile] < T.y[home]:
                tile, bit = tile + south, NORTH
            elif T.x[tile] > T.x[home]:
                tile, bit = tile - east, EAST
            else:
                tile, bit = tile + east, WEST
    return count


def onward(home: int, tile: int, T: Lattice) -> int:
    """Port by which a packet of a tree leaves a tile when it goes straight on; -1 at home."""
    if T.y[tile] > T.y[home]:
        return SOUTH
    if T.y[tile] < T.y[home]:
        return NORTH
    if T.x[tile] > T.x[home]:
        return EAST
    if T.x[tile] < T.x[home]:
        return WEST
    return -1


def count_trees(nets: Ints, R: Reach, T: Lattice, used: Ints) -> None:
    """Add up entries per router; see ``lay``."""
    for i in range(len(nets)):
        net = nets[i]
        count = lay(R.home[net] // T.shape[0], R.start[net], R.start[net + 1], R.cores, T)
        for j in range(count):
            used[T.tiles[j]] += 1
            T.route[T.tiles[j]] = 0


def lay_trees(nets: Ints, keys: Ints, R: Reach, T: Lattice, low: int, high: int, at: Ints, key: Ints, out: Ints) -> None:
    """Write the entries of routers low..high-1; ``at`` int64[tiles] is where the next of each goes. See ``lay``."""
    lowest, highest = low // T.shape[3], (high - 1) // T.shape[3]
    for i in range(len(nets)):
        net = nets[i]
        source = R.home[net] // T.shape[0]
        first = last = source // T.shape[3]  # lines of tiles that the tree spans
        for j in range(R.start[net], R.start[net + 1]):
            line = R.cores[j] // T.shape[0] // T.shape[3]
            first, last = min(first, line), max(last, line)
        if last < lowest or first > highest:
            continue
        count = lay(source, R.start[net], R.start[net + 1], R.cores, T)
        for j in range(count):
            tile = T.tiles[j]
            if low <= tile < high:
                port = onward(source, tile, T)
                word = T.route[tile]
                if port >= 0 and word == 1 << port:
                    word |= 1 << STRAIGHT
                key[at[tile]] = keys[net]
                out[at[tile]] = word
                at[tile] += 1
            T.route[tile] = 0

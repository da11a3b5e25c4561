"""Keys of multicasts: one per net, given so that packets which go the same way share a prefix.

A key is the block of the source's core and the place of the net within it. Blocks follow one another row by row, each as large as a power of
two asks for, so that a prefix names a core, or a piece of a row. Within a block, nets are sorted by the path that they take:
first by what their home router does with them, then by the cores that they reach in the order in which a tree meets them, column by
column. Nets with the same tree are neighbours, and so, mostly, are nets that part late.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.noc import Mesh
from nsn_mapping.routes.multicast import Reached

Ints = npt.NDArray[np.int64]

_HERE, _SOUTH, _NORTH, _EAST, _WEST = 1, 2, 4, 8, 16
"""What a home router does with a packet: deliver it there, send it on."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of the nets that are routed.

    Attributes:
        key: int64[nets], -1 for a net that nobody on the chip sends or nobody reads.
        order: int64[routed], those that have one, by ascending key.
        bits: of a key.
        core_start: int64[cores], first key of each core's block.
        core_bits: int64[cores], how many low bits number the nets of a core; -1 where it has none.
    """

    key: Ints
    order: Ints
    bits: int
    core_start: Ints
    core_bits: Ints


def allocate_keys(reached: Reached, mesh: Mesh) -> Keys:
    """Give every net that is routed its key.

    Args:
        reached: cores of each net.
        mesh: the chip.
    """
    order, home = _by_way(reached, mesh)
    held = np.bincount(home, minlength=mesh.cores).astype(np.int64)
    bits = np.array([int(nets - 1).bit_length() if nets else -1 for nets in held.tolist()], np.int64)
    start = np.zeros(mesh.cores, np.int64)
    end = 0
    for core in _by_rows(mesh)[0].tolist():
        if held[core]:
            unit = 1 << int(bits[core])
            start[core] = -(-end // unit) * unit
            end = int(start[core]) + unit
    key = np.full(len(reached.home), -1, np.int64)
    begins = np.flatnonzero(np.diff(home, prepend=-1))  # of each core's nets in the order
    size = np.diff(np.append(begins, len(home)))
    key[order] = start[home] + np.arange(len(home)) - np.repeat(begins, size)
    return Keys(key, order, max(1, (end - 1).bit_length()) if end else 1, start, bits)


def _by_rows(mesh: Mesh) -> tuple[Ints, Ints]:
    """Cores row by row, and the place of each core in that order."""
    core = np.arange(mesh.cores, dtype=np.int64)
    x, y = mesh.xy(core // mesh.concentration)
    order = np.lexsort((core, x, y))
    place = np.empty(mesh.cores, np.int64)
    place[order] = core
    return order, place


def _by_way(reached: Reached, mesh: Mesh) -> tuple[Ints, Ints]:
    """Nets that are routed in the order of their keys, and the home core of each of these."""
    size = np.diff(reached.start)
    routed = np.flatnonzero((reached.home >= 0) & (size > 0))
    wanted = np.repeat(reached.home >= 0, size)
    net, core = np.repeat(np.arange(len(size)), size)[wanted], reached.cores[wanted].astype(np.int64)
    home = reached.home[net].astype(np.int64)
    (x, y), (home_x, home_y) = mesh.xy(core // mesh.concentration), mesh.xy(home // mesh.concentration)
    across, along = x - home_x, y - home_y
    # eastward columns from near to far, then westward ones; within a column southward rows, then northward ones
    column = np.where(across < 0, mesh.width - across, across)
    row = np.where(along < 0, mesh.height - along, along)
    codes = 2 * mesh.width * 2 * mesh.height * mesh.concentration
    code = (column * 2 * mesh.height + row) * mesh.concentration + core % mesh.concentration
    way = np.where(across > 0, _EAST, _WEST)
    way[across == 0] = np.select([along == 0, along > 0], [_HERE, _SOUTH], _NORTH)[across == 0]
    begins = np.flatnonzero(np.diff(net, prepend=-1))
    ways = np.bitwise_or.reduceat(way, begins) if len(net) else way
    code = np.sort(net * codes + code) % codes
    start = np.append(begins, len(net)).astype(np.int64)
    head = _by_rows(mesh)[1][reached.home[routed]] * 32 + ways
    order = np.argsort(head, kind="stable")
    scratch = np.empty(len(order), np.int64)
    jit.load(__name__, entries=("sort_ways",)).sort_ways(head, start, code, order, scratch)
    return routed[order], reached.home[routed[order]].astype(np.int64)


def before(a: int, b: int, head: Ints, start: Ints, code: Ints) -> bool:
    """Whether net b must come before net a: by head, then by codes."""
    if head[a] != head[b]:
        return bool(head[b] < head[a])
    i, j = start[a], start[b]
    while i < start[a + 1] and j < start[b + 1]:
        if code[i] != code[j]:
            return bool(code[j] < code[i])
        i += 1
        j += 1
    return bool(start[b + 1] - start[b] < start[a + 1] - start[a])


def sort_ways(head: Ints, start: Ints, code: Ints, order: Ints, scratch: Ints) -> None:
    """Sort nets by head, then by their lists of codes; a merge sort, so equal ones stay as they are.

    Args:
        head: int64[nets], what counts first.
        start: int64[nets + 1], first code of each.
        code: of all nets.
        order: int64[nets], the nets; changed.
        scratch: as long.
    """
    count = len(order)
    width = 1
    while width < count:
        for low in range(0, count, 2 * width):
            middle, high = min(low + width, count), min(low + 2 * width, count)
            i, j = low, middle
            for k in range(low, high):
                if i < middle and (j == high or not before(order[i], order[j], head, start, code)):
                    scratch[k] = order[i]
                    i += 1
                else:
                    scratch[k] = order[j]
                    j += 1
        for k in range(count):
            order[k] = scratch[k]
        width *= 2

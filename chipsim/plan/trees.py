"""Multicast entries of a spiking network: per source the union of the x-then-y paths to the cores of its targets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from chipsim.model.link import LOCAL_BIT
from chipsim.plan.plan import Ints
from chipsim.plan.reach import Reach, axon_blocks
from chipsim.topology import EAST, NORTH, SOUTH, WEST, Mesh

MOST_ENTRIES = 2 * 10**7
"""Most steps of all paths together: beyond, tables as large as no router has would fill gigabytes."""

_AT_ONCE = 2**21


def spike_routes(start: Ints, target: npt.NDArray[np.int32], first: Ints, used: Ints, mesh: Mesh, reach: Reach) -> Ints:
    """Entries int64[entries, 4]: tile, 0, position of the source, mask of ports and local cores; by source, then tile.

    Args:
        start: int64[N + 1], first synapse of each source.
        target: int32[S], positions.
        first: int64[U + 1], position of the first neuron of each used core.
        used: int64[U], the cores.
        mesh: the chip.
        reach: how many packets and hops there are.

    Raises:
        MappingError: more entries than could be kept.
    """
    steps = reach.packets + reach.hops_ew + reach.hops_ns
    if steps > MOST_ENTRIES:
        raise MappingError(
            f"multicast: the trees of all neurons have up to {steps} routing entries, allowed {MOST_ENTRIES}; use"
            " chip.noc.cast=unicast, or a smaller network"
        )
    found = [np.zeros((0, 4), np.int64)]
    for source, core, _ in axon_blocks(start, target, first):
        home = used[np.searchsorted(first, source, "right") - 1]
        cuts = np.flatnonzero(np.diff(source)) + 1  # a tree is never cut in two
        begin = 0
        while begin < len(source):
            later = cuts[cuts >= begin + max(1, _AT_ONCE // (mesh.width + mesh.height))]
            end = int(later[0]) if len(later) else len(source)
            part = slice(begin, end)
            found.append(_entries(source[part], home[part], used[core[part]], mesh))
            begin = end
    return np.concatenate(found)


def _entries(source: Ints, home: Ints, core: Ints, mesh: Mesh) -> Ints:
    """Entries of whole trees, given as (source, its core, core reached)."""
    (hx, hy), (cx, cy) = mesh.xy(home // mesh.concentration), mesh.xy(core // mesh.concentration)
    across, along = cx - hx, cy - hy
    length = np.abs(across) + np.abs(along) + 1
    row = np.repeat(np.arange(len(source)), length)
    step = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    far = np.abs(across)[row]
    right, down = np.sign(across)[row], np.sign(along)[row]
    x = hx[row] + right * np.minimum(step, far)
    y = hy[row] + down * np.maximum(step - far, 0)
    port = np.where(step < far, np.where(right > 0, EAST, WEST), np.where(down > 0, SOUTH, NORTH))
    bit = np.where(step == length[row] - 1, LOCAL_BIT + core[row] % mesh.concentration, port)
    key = source[row] * mesh.tiles + mesh.tile_at(x, y)
    order = np.argsort(key, kind="stable")
    key = key[order]
    begin = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    mask = np.bitwise_or.reduceat(np.int64(1) << bit[order], begin)
    entry = key[begin]
    return np.stack([entry % mesh.tiles, np.zeros_like(entry), entry // mesh.tiles, mask], axis=1)

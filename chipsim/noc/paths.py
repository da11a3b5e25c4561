"""Multicast trees: the union of the paths from each tree's home to the cores that it reaches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.noc import EAST, NORTH, PORTS, SOUTH, WEST, Mesh
from chipsim.noc.hops import hops, refuse_no_path
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import XY
from chipsim.noc.xy import LOCAL_BIT

Ints = npt.NDArray[np.int64]

_AT_ONCE = 2**21
"""Steps of paths that are laid out at a time."""


def path_entries(tree: Ints, home: Ints, core: Ints, mesh: Mesh, noc: NocPlan | None = None) -> Ints:
    """Routing entries int64[entries, 3] (tree, tile, mask of output ports and local cores), by tree, then tile.

    Args:
        tree: int64[n], number of the tree, ascending.
        home: int64[n], core that the tree starts from, the same for all rows of a tree.
        core: int64[n], a core that is reached.
        mesh: the chip.
        noc: topology and routing, where it is not a plain mesh.

    Raises:
        MappingError: no way leads to a core.
    """
    found = [np.zeros((0, 3), np.int64)]
    along, other = hops(mesh, noc, home // mesh.concentration, core // mesh.concentration)
    steps = along + other + 1
    for a, b in _blocks(tree, steps):
        if noc is None or is_x_then_y(noc):
            found.append(_entries(tree[a:b], home[a:b], core[a:b], mesh))
        else:
            found.append(_laid(tree[a:b], home[a:b], core[a:b], mesh, noc, int(steps[a:b].sum())))
    return np.concatenate(found)


def is_x_then_y(noc: NocPlan) -> bool:
    """Whether paths are those of a plain mesh, whatever its links are like."""
    return noc.routing.kind == XY and noc.fabric.ports == PORTS and noc.routing.depth == 1


def _blocks(tree: Ints, steps: Ints) -> Iterator[tuple[int, int]]:
    """Ranges of rows of about _AT_ONCE steps each; no tree is cut in two."""
    if not len(tree):
        return
    done = np.cumsum(steps)
    cuts = np.concatenate([np.flatnonzero(np.diff(tree)) + 1, [len(tree)]])
    ends = done[cuts - 1]
    begin, passed = 0, 0
    while begin < len(tree):
        end = int(cuts[min(int(np.searchsorted(ends, passed + _AT_ONCE)), len(cuts) - 1)])
        yield begin, end
        begin, passed = end, int(done[end - 1])


def _entries(tree: Ints, home: Ints, core: Ints, mesh: Mesh) -> Ints:
    (hx, hy), (cx, cy) = mesh.xy(home // mesh.concentration), mesh.xy(core // mesh.concentration)
    across, along = cx - hx, cy - hy
    length = np.abs(across) + np.abs(along) + 1  # routers on the way, both ends included
    row = np.repeat(np.arange(len(tree)), length)
    step = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    far, right, down = np.abs(across)[row], np.sign(across)[row], np.sign(along)[row]
    x = hx[row] + right * np.minimum(step, far)
    y = hy[row] + down * np.maximum(step - far, 0)
    port = np.where(step < far, np.where(right > 0, EAST, WEST), np.where(down > 0, SOUTH, NORTH))
    bit = np.where(step == length[row] - 1, LOCAL_BIT + core[row] % mesh.concentration, port)
    key = (tree[row] - tree[0]) * mesh.tiles + mesh.tile_at(x, y)
    order = np.argsort(key, kind="stable")
    key = key[order]
    begin = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    mask = np.bitwise_or.reduceat(np.int64(1) << bit[order], begin)
    return np.stack([key[begin] // mesh.tiles + tree[0], key[begin] % mesh.tiles, mask], axis=1)


def _laid(tree: Ints, home: Ints, core: Ints, mesh: Mesh, noc: NocPlan, steps: int) -> Ints:
    """As ``_entries``, by following the routing."""
    routers = noc.fabric.routers
    place, path, port = np.zeros(routers, np.int64), np.zeros(routers + 1, np.int64), np.zeros(routers + 1, np.int64)
    out = np.zeros((3, steps), np.int64)
    kernel = jit.load("chipsim.noc.tree", entries=("lay_trees",))
    bundle = jit.pack(noc.routing)
    columns = (np.ascontiguousarray(one, np.int64) for one in (tree, home, core))
    count = kernel.lay_trees(bundle, noc.fabric.to, mesh.concentration, *columns, place, path, port, *out)
    if count < 0:
        refuse_no_path(int(home[-1 - count]) // mesh.concentration, int(core[-1 - count]) // mesh.concentration)
    found = out[:, :count].T
    return found[np.lexsort((found[:, 1], found[:, 0]))]

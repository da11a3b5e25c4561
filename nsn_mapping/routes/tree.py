"""Readers of every axon and the XY multicast trees to them, for the report and the checker.

An axon access of lower neuron x on layer l starts at x's home core and goes to every core that holds axon (l, x). Its tree is the
union of the XY paths: a trunk along the row of the home tile, and from it up and down the columns where readers are. As every
path takes the row first, two of them never meet again after parting, so the union is a tree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.noc import EAST, NORTH, PORTS, SOUTH, WEST, Mesh
from nsn_mapping.account import Account
from nsn_mapping.problem import Problem

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Trees:
    """One multicast tree per axon net whose lower neuron is stored.

    Attributes:
        layer: int64[trees], layer that reads.
        source: int64[trees], row of the lower neuron in the network.
        home: int64[trees], its core.
        reader_start, readers: CSR, sorted cores that hold the axon (the home core may be one of them).
        link_start, links: CSR, links of the tree (``tile * 4 + port``), none twice.
        unicast_hops: int64[trees], sum of the distances from home to each reader.
    """

    layer: Ints
    source: Ints
    home: Ints
    reader_start: Ints
    readers: Ints
    link_start: Ints
    links: Ints
    unicast_hops: Ints

    def __len__(self) -> int:
        return len(self.layer)

    @property
    def readers_per_tree(self) -> Ints:
        """int64[trees]."""
        return np.diff(self.reader_start)

    @property
    def links_per_tree(self) -> Ints:
        """int64[trees], hops of one multicast."""
        return np.diff(self.link_start)


def build_trees(problem: Problem, account: Account, core: npt.NDArray[np.int32], mesh: Mesh) -> Trees:
    """Build the XY multicast trees of a mapping.

    Args:
        problem: the network; nets of unstored lower neurons have no home and are left out.
        account: of the same mapping.
        core: int32[neurons], core of each neuron.
        mesh: the chip.
    """
    known = problem.net_owner[account.net] >= 0
    net, readers = account.net[known], account.reader[known]
    nets, tree = np.unique(net, return_inverse=True)
    tree = tree.astype(np.int64)
    source = problem.net_owner[nets]
    home = core[source].astype(np.int64)
    home_x, home_y = _xy(home, mesh)
    x, y = _xy(readers, mesh)
    tree_of_link, links = _links(tree, x, y, home_x, home_y, mesh)
    hops = np.zeros(len(nets), dtype=np.int64)
    np.add.at(hops, tree, np.abs(x - home_x[tree]) + np.abs(y - home_y[tree]))
    return Trees(
        layer=problem.net_layer[nets],
        source=source,
        home=home,
        reader_start=_starts(tree, len(nets)),
        readers=readers,
        link_start=_starts(tree_of_link, len(nets)),
        links=links,
        unicast_hops=hops,
    )


def _xy(core: Ints, mesh: Mesh) -> tuple[Ints, Ints]:
    return mesh.xy(core // mesh.concentration)


def _starts(row: Ints, rows: int) -> Ints:
    start = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(np.bincount(row, minlength=rows), out=start[1:])
    return start


def _links(tree: Ints, x: Ints, y: Ints, home_x: Ints, home_y: Ints, mesh: Mesh) -> tuple[Ints, Ints]:
    """Tree and link of every link, sorted by both."""
    trees = len(home_x)
    # Trunk: as far east and west as there are readers.
    east, west = np.zeros(trees, dtype=np.int64), np.zeros(trees, dtype=np.int64)
    np.maximum.at(east, tree, x - home_x[tree])
    np.maximum.at(west, tree, home_x[tree] - x)
    # Branches: per tree and column, as far south and north.
    columns, branch = np.unique(tree * mesh.width + x, return_inverse=True)
    owner, column = columns // mesh.width, columns % mesh.width
    south, north = np.zeros(len(columns), dtype=np.int64), np.zeros(len(columns), dtype=np.int64)
    np.maximum.at(south, branch, y - home_y[tree])
    np.maximum.at(north, branch, home_y[tree] - y)
    every = np.arange(trees, dtype=np.int64)
    runs = (
        _run(every, home_x, home_y, east, EAST, 1, 0, mesh),
        _run(every, home_x, home_y, west, WEST, -1, 0, mesh),
        _run(owner, column, home_y[owner], south, SOUTH, 0, 1, mesh),
        _run(owner, column, home_y[owner], north, NORTH, 0, -1, mesh),
    )
    which = np.concatenate([run[0] for run in runs])
    link = np.concatenate([run[1] for run in runs])
    order = np.lexsort((link, which))
    return which[order], link[order]


def _run(tree: Ints, x: Ints, y: Ints, length: Ints, port: int, step_x: int, step_y: int, mesh: Mesh) -> tuple[Ints, Ints]:
    """Tree and link of straight runs of the given lengths from (x, y) through one port."""
    row = np.repeat(np.arange(len(length), dtype=np.int64), length)
    step = np.arange(len(row), dtype=np.int64) - np.repeat(np.cumsum(length) - length, length)
    tile = mesh.tile_at(x[row] + step * step_x, y[row] + step * step_y)
    return tree[row], tile * PORTS + port

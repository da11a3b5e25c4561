"""Any topology as arrays: which router is behind each port, how far, how wide, on which level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chipsim.errors import ConfigError
from chipsim.noc.edges import read_edges

if TYPE_CHECKING:
    from chipsim.config.constant import Constant
    from chipsim.config.noc import NocSpec

Ints = npt.NDArray[np.int64]

AXES = ((0, 1), (0, -1), (1, 1), (1, -1), (2, 1), (2, -1))
"""Axis and step of each port of a grid: east, west, south, north, down, up."""

PARENT = 0
"""Port of a tree towards the root; child j is behind port 1 + j."""


@dataclass(frozen=True, slots=True)
class Fabric:
    """Routers and directed links. Link ``router * ports + port`` leaves a router through a port; not every number is in use.

    Attributes:
        routers: how many; tile numbers are router numbers.
        ports: network ports per router at most.
        to: int64[links], router behind a link, -1: no link.
        back: int64[links], port by which it enters that router, -1: no link.
        latency: int64[links] ps from the start on a link to arrival.
        flit_time: int64[links] ps that a flit holds it.
        level: int64[links], 0 within a chip, 1 between chips of a board, 2 between boards.
    """

    routers: int
    ports: int
    to: Ints
    back: Ints
    latency: Ints
    flit_time: Ints
    level: Ints


def fabric_of(noc: NocSpec) -> Fabric:
    """Routers and links that a chip describes.

    Raises:
        ConfigError: a constant of a link is unknown, or the file of edges is wrong.
    """
    if noc.topology == "graph":
        return _graph(noc)
    if noc.topology == "tree":
        to, back = _tree(noc.tiles, noc.arity)
        return _with_times(noc, noc.tiles, noc.arity + 1, to, back, np.zeros(len(to), np.int64))
    width, height, depth = extent(noc)
    wraps = noc.topology in ("torus", "ring")
    ports = 2 if noc.topology == "ring" else 6 if noc.topology == "mesh3d" or depth > 1 else 4
    to, level = _grid(noc, (width, height, depth), wraps, ports)
    back = np.where(to >= 0, np.tile(np.arange(ports, dtype=np.int64) ^ 1, width * height * depth), -1)
    return _with_times(noc, width * height * depth, ports, to, back, level)


def extent(noc: NocSpec) -> tuple[int, int, int]:
    """Routers along x, y and z; those of a ring, tree or graph are all in a row."""
    return (noc.tiles, 1, 1) if noc.topology in ("ring", "tree", "graph") else (noc.width, noc.height, noc.depth)


def by_column(noc: NocSpec) -> bool:
    """Whether the routers of a grid are numbered column by column."""
    return noc.tile_order == "column" and noc.topology not in ("ring", "tree", "graph")


def places(size: tuple[int, int, int], column: bool) -> tuple[Ints, Ints, Ints]:
    """x, y and z of the routers of a grid, int64[routers] each; layers lie below each other in ``size[1] * size[2]`` lines."""
    width, height, depth = size
    router = np.arange(width * height * depth, dtype=np.int64)
    x, line = (router // (height * depth), router % (height * depth)) if column else (router % width, router // width)
    return x, line % height, line // height


def _grid(noc: NocSpec, size: tuple[int, int, int], wraps: bool, ports: int) -> tuple[Ints, Ints]:
    """Router behind each link of a grid, -1 at the rim, and the level of the link."""
    column = by_column(noc)
    place = places(size, column)
    stride = (size[1] * size[2], 1, size[1]) if column else (1, size[0], size[0] * size[1])
    to = np.full((len(place[0]), ports), -1, np.int64)
    level = np.zeros_like(to)
    for port in range(ports):
        axis, step = AXES[port]
        if size[axis] == 1:
            continue
        at = place[axis]
        next_at = (at + step) % size[axis]
        joined = np.full(len(at), True) if wraps else (at + step >= 0) & (at + step < size[axis])
        to[:, port] = np.where(joined, np.arange(len(at)) + (next_at - at) * stride[axis], -1)
        unit = _chip_side(noc, axis)
        for number, above in enumerate(noc.levels, 1):
            level[joined & (at // unit != next_at // unit), port] = number
            unit *= (above.width, above.height, size[2])[axis]
    return to.ravel(), level.ravel()


def _chip_side(noc: NocSpec, axis: int) -> int:
    """Tiles along an axis of one chip of a hierarchy."""
    side = (noc.width, noc.height, noc.depth)[axis]
    for level in noc.levels:
        side //= (level.width, level.height, 1)[axis]
    return side


def _tree(routers: int, arity: int) -> tuple[Ints, Ints]:
    """Links of a complete tree, numbered from the root level by level."""
    to = np.full((routers, arity + 1), -1, np.int64)
    back = np.full_like(to, -1)
    child = np.arange(1, routers, dtype=np.int64)
    parent, port = (child - 1) // arity, 1 + (child - 1) % arity
    to[child, PARENT], back[child, PARENT] = parent, port
    to[parent, port], back[parent, port] = child, PARENT
    return to.ravel(), back.ravel()


def _graph(noc: NocSpec) -> Fabric:
    """Links of a file; the ports of a router are its neighbours in ascending order."""
    assert noc.edges is not None  # the description has seen to it
    edges = read_edges(noc.edges, noc.tiles, len(noc.levels))
    source = np.concatenate([edges.a, edges.b])
    target = np.concatenate([edges.b, edges.a])
    order = np.lexsort((target, source))
    degree = np.bincount(source, minlength=noc.tiles)
    ports = max(int(degree.max()), 1)
    first = np.cumsum(degree) - degree
    port = np.empty(len(order), np.int64)
    port[order] = np.arange(len(order)) - first[source[order]]
    link = source * ports + port
    to = np.full(noc.tiles * ports, -1, np.int64)
    back, level = np.full_like(to, -1), np.zeros_like(to)
    half = len(edges.a)
    to[link], level[link] = target, np.tile(edges.level, 2)
    back[link[:half]], back[link[half:]] = port[half:], port[:half]
    plain = _with_times(noc, noc.tiles, ports, to, back, level)
    for own, known in ((edges.latency, plain.latency), (edges.flit_time, plain.flit_time)):
        known[link] = np.where(np.tile(own, 2) > 0, np.tile(own, 2), known[link])
    return plain


def _with_times(noc: NocSpec, routers: int, ports: int, to: Ints, back: Ints, level: Ints) -> Fabric:
    """A fabric with the latency and flit time of each link; those of a level's links are the level's."""
    ew, ns = _known(noc.link_latency_ew, "noc.link_latency_ew"), _known(noc.link_latency_ns, "noc.link_latency_ns")
    grid = noc.topology not in ("ring", "tree", "graph")
    latency = np.tile(np.array([ew if not grid or port < 2 else ns for port in range(ports)], np.int64), routers)
    flit_time = np.full(len(to), _known(noc.flit_time, "noc.flit_time"), np.int64)
    for number, above in enumerate(noc.levels, 1):
        here = level == number
        latency[here] = _known(above.link_latency, f"noc.levels.{number - 1}.link_latency")
        flit_time[here] = _known(above.flit_time, f"noc.levels.{number - 1}.flit_time")
    return Fabric(routers, ports, to, back, latency, flit_time, level)


def _known(constant: Constant, path: str) -> int:
    if constant.value is None:
        raise ConfigError(
            f'the links need chip.{path}, which the chip leaves unknown; set it, for example --set chip.{path}="4 ns"'
        )
    return int(constant.value)

"""Any topology as arrays: which router is behind each port, how far, how wide, on which level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chipsim.errors import ConfigError

if TYPE_CHECKING:
    from chipsim.config.constant import Constant
    from chipsim.config.noc import NocSpec

Ints = npt.NDArray[np.int64]

AXES = ((0, 1), (0, -1), (1, 1), (1, -1), (2, 1), (2, -1))
"""Axis and step of each port of a grid: east, west, south, north, down, up."""


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


@dataclass(frozen=True, slots=True)
class Links:
    """How routers are joined, before times are known.

    Attributes:
        ports: network ports per router at most.
        to, back, level: int64[routers * ports], as in `Fabric`.
        latency, flit_time: int64[routers * ports] ps of links that have their own, 0 for the chip's; None where no link has.
    """

    ports: int
    to: Ints
    back: Ints
    level: Ints
    latency: Ints | None = None
    flit_time: Ints | None = None


def fabric_of(noc: NocSpec) -> Fabric:
    """Routers and links that a chip describes.

    Raises:
        ConfigError: a constant of a link is unknown, or the file of edges is wrong.
        PluginError: the topology has laid links that lead nowhere.
    """
    from chipsim.noc.check import checked_links  # which knows links, and so this module

    return _with_times(noc, checked_links(noc.topology, noc.tiles, len(noc.levels), noc.joined.lay(noc)))


def extent(noc: NocSpec) -> tuple[int, int, int]:
    """Routers along x, y and z; where they stand in no grid all are in a row."""
    return (noc.width, noc.height, noc.depth) if noc.joined.grid else (noc.tiles, 1, 1)


def by_column(noc: NocSpec) -> bool:
    """Whether the routers of a grid are numbered column by column."""
    return noc.tile_order == "column" and noc.joined.grid


def places(size: tuple[int, int, int], column: bool) -> tuple[Ints, Ints, Ints]:
    """x, y and z of the routers of a grid, int64[routers] each; layers lie below each other in ``size[1] * size[2]`` lines."""
    width, height, depth = size
    router = np.arange(width * height * depth, dtype=np.int64)
    x, line = (router // (height * depth), router % (height * depth)) if column else (router % width, router // width)
    return x, line % height, line // height


def grid_links(noc: NocSpec, size: tuple[int, int, int], wraps: bool, ports: int) -> Links:
    """The links of a grid.

    Args:
        noc: numbers of tiles, and levels.
        size: routers along x, y and z.
        wraps: whether every row is joined at its ends.
        ports: of a router: 2, 4 or 6, along x, y and z.
    """
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
    back = np.where(to.ravel() >= 0, np.tile(np.arange(ports, dtype=np.int64) ^ 1, len(to)), -1)
    return Links(ports, to.ravel(), back, level.ravel())


def _chip_side(noc: NocSpec, axis: int) -> int:
    """Tiles along an axis of one chip of a hierarchy."""
    side = (noc.width, noc.height, noc.depth)[axis]
    for level in noc.levels:
        side //= (level.width, level.height, 1)[axis]
    return side


def _with_times(noc: NocSpec, links: Links) -> Fabric:
    """A fabric with the latency and flit time of each link: its own, else those of its level."""
    ew, ns = _known(noc.link_latency_ew, "noc.link_latency_ew"), _known(noc.link_latency_ns, "noc.link_latency_ns")
    ports, routers = links.ports, noc.tiles
    latency = np.tile(np.array([ns if noc.joined.grid and port >= 2 else ew for port in range(ports)], np.int64), routers)
    flit_time = np.full(len(links.to), _known(noc.flit_time, "noc.flit_time"), np.int64)
    for number, above in enumerate(noc.levels, 1):
        here = links.level == number
        latency[here] = _known(above.link_latency, f"noc.levels.{number - 1}.link_latency")
        flit_time[here] = _known(above.flit_time, f"noc.levels.{number - 1}.flit_time")
    for own, known in ((links.latency, latency), (links.flit_time, flit_time)):
        if own is not None:
            known[own > 0] = own[own > 0]
    return Fabric(routers, ports, links.to, links.back, latency, flit_time, links.level)


def _known(constant: Constant, path: str) -> int:
    if constant.value is None:
        raise ConfigError(
            f'the links need chip.{path}, which the chip leaves unknown; set it, for example --set chip.{path}="4 ns"'
        )
    return int(constant.value)

"""Where parts can sit: the cores of a chip that work, and what a packet from one to another costs."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.faults import NetworkFault
from chipsim.config.mapping import Objective, searches, searching
from chipsim.errors import MappingError
from chipsim.machine.message import NO_KINDS
from chipsim.noc import Mesh
from chipsim.noc.build import noc_plan
from chipsim.noc.fabric import fabric_of
from chipsim.noc.hops import hops, refuse_no_path
from chipsim.noc.links import along_x
from chipsim.noc.mesh import mesh_of
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import HERE, TABLE
from chipsim.noc.usable import from_the_start, usable_cores
from nsn_mapping.energy import refuse_unpriced
from nsn_mapping.place.distance import Metric

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

log = logging.getLogger(__name__)

Price = Literal["hops", "energy"]

MOST_TILES = 4096
"""Tiles up to which distances that are no sum of two coordinates are kept in a table."""

_FJ_PER_PJ = 1000
_NO_TABLE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Sites:
    """Cores that can be used, ascending.

    Attributes:
        core: int32[sites], number of each core.
        x, y: int32[sites], column and row of its tile.
        along_x, along_y: int64[width], int64[height], where columns and rows are in units of cost; unused with a table.
        table: int64[tiles, tiles], cost of a packet between tiles where it is no sum over columns and rows; else int64[0, 0].
        tile: int32[sites].
        price: what a unit of cost is: a hop or a femtojoule.
        objective: what placement minimises; energy is the sum of these costs as hops are.
    """

    core: Words
    x: Words
    y: Words
    along_x: Ints
    along_y: Ints
    table: Ints
    tile: Words
    price: Price = "hops"
    objective: Objective = "hops"

    def __len__(self) -> int:
        return len(self.core)


def mesh_sites(mesh: Mesh, usable: Words | None = None) -> Sites:
    """Cores of a mesh, with hops as distances.

    Args:
        mesh: the chip.
        usable: int32[n], cores that can be used, ascending; None for all.
    """
    core = np.arange(mesh.cores, dtype=np.int32) if usable is None else usable
    return _sites(mesh, core, np.arange(mesh.width), np.arange(mesh.height), _NO_TABLE.reshape(0, 0), "hops")


def sites_for(
    chip: ChipSpec, placer: str, objective: Objective = "hops", faults: tuple[NetworkFault, ...] = (), seed: int = 1
) -> Sites:
    """The sites that a placer of an experiment chooses from: all cores but those that are dead from the start.

    What dies later nobody knows before. Distances are those that the placer looks at: hops on the mesh where it looks at none.

    Args:
        chip: topology, prices.
        placer: its name; those that search look at distances.
        objective: what they minimise.
        faults: of the experiment; none where they are not to be avoided.
        seed: of the network's coins.

    Raises:
        MappingError: from ``usable_sites``, or the objective is none of this placer's.
    """
    if objective == "link" and not chip.noc.is_plain_mesh:
        raise MappingError(
            f"mapping.objective: link on chip {chip.name}, a {chip.noc.topology} with routing {chip.noc.routing_name}; allowed: on a mesh with"
            " routing xy; set mapping.objective=hops"
        )
    if searches(placer):
        return replace(usable_sites(chip, faults, "energy" if objective == "energy" else "hops", seed), objective=objective)
    if objective != "hops":
        raise MappingError(
            f"placement by {objective} with placer {placer}; allowed: placer {' or '.join(searching())}, or objective hops"
        )
    return mesh_sites(mesh_of(chip.noc), usable_cores(chip, faults))


def usable_sites(chip: ChipSpec, faults: tuple[NetworkFault, ...] = (), price: Price = "hops", seed: int = 1) -> Sites:
    """The cores of a chip that work and what paths between them cost.

    On a mesh with routing ``xy`` or ``yx`` this is a sum over columns and rows. Anywhere else, and where links or routers are dead, the paths
    that packets take are followed between all pairs of tiles; where the way back is another, the mean of the two counts. Beyond ``MOST_TILES``
    there is no room for all pairs: hops are then those of a plain mesh.

    Args:
        chip: topology, prices.
        faults: of the experiment; what dies later does not count.
        price: what to count: links, or the energy of one flit on them, by level (fJ).
        seed: of the network's coins.

    Raises:
        MappingError: energy is asked for where it is not known by pairs of tiles, or no core is left.
        ConfigError: a price that is needed is unknown.
    """
    mesh = mesh_of(chip.noc)
    if price == "energy":
        refuse_unpriced(chip)
    core = usable_cores(chip, faults)
    live = tuple(fault for fault in from_the_start(faults) if fault.kind in ("dead_link", "dead_router"))
    broken = len(live) > 0
    if chip.noc.topology == "mesh" and chip.noc.routing_name in ("xy", "yx") and not broken:
        along = [_steps(chip, axis, price) for axis in (0, 1)]
        return _sites(mesh, core, along[0], along[1], _NO_TABLE.reshape(0, 0), price)
    if mesh.tiles > MOST_TILES and price == "hops":
        log.info(
            "chip %s: %d tiles, paths between more than %d are taken as on a plain mesh", chip.name, mesh.tiles, MOST_TILES
        )
        return mesh_sites(mesh, core)
    noc = noc_plan(chip, NO_KINDS, seed, live)
    by_table = noc is not None and noc.routing.kind == TABLE
    if mesh.tiles > MOST_TILES or (price == "energy" and chip.noc.levels and not by_table):
        raise MappingError(
            f"chip {chip.name}: placement by energy on {mesh.tiles} tiles of a {chip.noc.topology} with routing {chip.noc.routing_name}"
            f"{', dead links' if broken else ''}{' and levels' if chip.noc.levels else ''}; allowed: a sound mesh with routing xy, or up to"
            f" {MOST_TILES} tiles without levels or with routing table; place by hops here (mapping.objective)"
        )
    tiles = np.unique(core // mesh.concentration).astype(np.int64)
    table = np.zeros((mesh.tiles, mesh.tiles), np.int64)
    for tile in tiles:
        table[tile, tiles] = _ways(chip, mesh, noc, int(tile), tiles, price)
    return _sites(mesh, core, np.arange(mesh.width), np.arange(mesh.height), (table + table.T + 1) // 2, price)


def metric(sites: Sites) -> Metric:
    """Distances between sites as kernels take them."""
    if sites.table.size:
        nothing = np.zeros(0, np.int64)
        return Metric(nothing, nothing, sites.table.ravel(), sites.tile, np.array([len(sites.table)], np.int64))
    x, y = sites.along_x[sites.x], sites.along_y[sites.y]
    return Metric(x, y, _NO_TABLE, np.zeros(0, np.int32), np.zeros(1, np.int64))


def sites_at(sites: Sites) -> Words:
    """int32[width, height, cores of a tile], sites by place, -1 where there is none."""
    width, height = len(sites.along_x), len(sites.along_y)
    place = sites.x.astype(np.int64) * height + sites.y
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], place[order])
    slot = np.arange(len(order)) - first
    at = np.full((width * height, int(slot.max(initial=0)) + 1), -1, np.int32)
    at[place[order], slot] = order
    return at.reshape(width, height, -1)


def refuse_few(sites: Sites, parts: int) -> None:
    """Say that there are more parts than sites.

    Raises:
        MappingError: there are.
    """
    if parts > len(sites):
        raise MappingError(
            f"{parts} parts for {len(sites)} usable cores; allowed: at most as many parts as cores; use a larger chip, fewer parts, or"
            " fewer faults"
        )


def _sites(mesh: Mesh, core: Words, along_x: Ints, along_y: Ints, table: Ints, price: Price) -> Sites:
    tile = core.astype(np.int64) // mesh.concentration
    x, y = mesh.xy(tile)
    return Sites(
        core,
        x.astype(np.int32),
        y.astype(np.int32),
        along_x.astype(np.int64),
        along_y.astype(np.int64),
        np.ascontiguousarray(table, np.int64),
        tile.astype(np.int32),
        price,
    )


def _steps(chip: ChipSpec, axis: int, price: Price) -> Ints:
    """int64[width or height], where columns (axis 0) or rows (axis 1) of a mesh are."""
    side = (chip.noc.width, chip.noc.height)[axis]
    if price == "hops":
        return np.arange(side)
    unit = side
    for level in chip.noc.levels:
        unit //= (level.width, level.height)[axis]
    step = np.full(max(0, side - 1), _link_price(chip, axis))
    before = np.arange(side - 1)
    for level in chip.noc.levels:
        step[before // unit != (before + 1) // unit] = _fj(level.hop.value)
        unit *= (level.width, level.height)[axis]
    return np.concatenate(([0], np.cumsum(step)))


def _fj(pj: float | None) -> int:
    """Whole femtojoules of a price that is known."""
    assert pj is not None  # refuse_unpriced has seen it
    return round(pj * _FJ_PER_PJ)


def _link_price(chip: ChipSpec, axis: int) -> int:
    """Femtojoules of a flit on a link of the chip, along x (axis 0) or not."""
    return _fj((chip.energy.hop_ew, chip.energy.hop_ns)[axis].value)


def _ways(chip: ChipSpec, mesh: Mesh, noc: NocPlan | None, tile: int, tiles: Ints, price: Price) -> Ints:
    """int64[tiles], what ways from one tile to others cost."""
    start = np.full(len(tiles), tile, np.int64)
    if price == "hops" or noc is None or noc.routing.kind != TABLE:
        across, other = hops(mesh, noc, start, tiles)
        return across + other if price == "hops" else across * _link_price(chip, 0) + other * _link_price(chip, 1)
    cost = _link_costs(chip, noc)
    total, row, here = np.zeros(len(tiles), np.int64), np.arange(len(tiles)), start
    while len(row):
        port = noc.routing.table[here * noc.routing.routers + tiles[row]]
        if (port < 0).any() and (port[port < 0] != HERE).any():
            refuse_no_path(tile, int(tiles[row[int(np.argmax((port < 0) & (port != HERE)))]]))
        on = port != HERE
        row, here, port = row[on], here[on], port[on]
        link = here * noc.fabric.ports + port
        total[row] += cost[link]
        here = noc.fabric.to[link]
    return total


def _link_costs(chip: ChipSpec, noc: NocPlan) -> Ints:
    """int64[links], femtojoules of a flit on every link."""
    fabric = fabric_of(chip.noc)
    cost = np.where(along_x(noc.fabric), _link_price(chip, 0), _link_price(chip, 1))
    for number, level in enumerate(chip.noc.levels, 1):
        cost[fabric.level == number] = _fj(level.hop.value)
    return cost

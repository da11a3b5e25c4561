"""What a placed mapping costs on the network-on-chip: the one exact evaluator, in whole numbers.

A packet is one spike on its path to one core other than its own that holds a reader: the weighted hypergraph metric lambda-1 (Catalyurek and
Aykanat, 1999, "connectivity - 1"). Unicasts take one packet per core; a multicast takes one packet on a tree along the row of the source
and from there along the columns of its readers. Routes go X first, then Y.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.errors import MappingError
from chipsim.noc import Mesh
from nsn_mapping.count import EDGE_CUT, HOPS, PACKETS, TOTALS, TREE_LINKS, WITH_OWN, Loads, Placed, Scratch
from nsn_mapping.hypergraph import Hypergraph

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]
Whole = npt.NDArray[np.integer[Any]]

MOST = 2**62
"""Totals stay below this, so that no sum of two of them can pass 2^63."""


_ENTRIES = ("count_nets", "count_axons")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a mapping costs in the time that its weights were counted in.

    Attributes:
        packets: sum over nets of weight x (different cores, other than the source's, that hold a pin). Nets without a source on the chip
            count all cores that hold a pin.
        packets_with_own: the same with the source's own core, where it holds a pin: what the engine counts as unicasts.
        edge_cut: sum over pins on another core than their source of the weight; for comparison, nothing pays it.
        hops: sum over packets of the links on their paths; nets without a source have no path.
        tree_links: the same for one multicast per spike on its XY tree.
        max_link, max_link_tree: largest load of one directed link, with unicasts and with trees.
        largest_core: vertices of the fullest core.
        cores_used: cores with a vertex.
    """

    packets: int
    packets_with_own: int
    edge_cut: int
    hops: int
    tree_links: int
    max_link: int
    max_link_tree: int
    largest_core: int
    cores_used: int


@dataclass(frozen=True, slots=True)
class _Counted:
    """Totals, and loads of links int64[4, height, width] by port and place."""

    totals: Ints
    single: Ints
    tree: Ints


def evaluate(h: Hypergraph, core: Whole, mesh: Mesh) -> Cost:
    """Count what a mapping costs.

    Args:
        h: the network.
        core: int[n], core of each vertex, 0..mesh.cores-1.
        mesh: where the cores are.

    Returns:
        Exact whole numbers.

    Raises:
        MappingError: a vertex is on no core of the mesh, or the totals could pass 2^62.
    """
    counted = _count(h, core, mesh)
    held = np.bincount(core, minlength=1)
    return Cost(
        packets=int(counted.totals[PACKETS]),
        packets_with_own=int(counted.totals[WITH_OWN]),
        edge_cut=int(counted.totals[EDGE_CUT]),
        hops=int(counted.totals[HOPS]),
        tree_links=int(counted.totals[TREE_LINKS]),
        max_link=int(counted.single.max(initial=0)),
        max_link_tree=int(counted.tree.max(initial=0)),
        largest_core=int(held.max()),
        cores_used=int(np.count_nonzero(held)),
    )


def link_loads(h: Hypergraph, core: Whole, mesh: Mesh, tree: bool = False) -> Ints:
    """Packets over each directed link.

    Args:
        h: the network.
        core: int[n], core of each vertex.
        mesh: where the cores are.
        tree: load of multicast trees rather than of unicasts.

    Returns:
        int64[tiles * 4], by link number ``tile * 4 + port`` of ``Mesh``; 0 where there is no link.

    Raises:
        MappingError: as in ``evaluate``.
    """
    counted = _count(h, core, mesh)
    grid = counted.tree if tree else counted.single
    x, y = mesh.xy(np.arange(mesh.tiles, dtype=np.int64))
    return np.ascontiguousarray(grid[:, y, x].T).ravel()


def axons_used(h: Hypergraph, core: Whole, cores: int) -> Ints:
    """Input lines of each core: nets with a reader in it.

    Args:
        h: the network.
        core: int[n], core of each vertex, 0..cores-1.
        cores: of the chip.

    Returns:
        int64[cores].
    """
    axons = np.zeros(cores, np.int64)
    kernels = jit.load("nsn_mapping.count", entries=_ENTRIES)
    kernels.count_axons(h.pin_start, h.pins, np.ascontiguousarray(core, np.int32), np.full(cores, -1, np.int64), axons)
    return axons


def _count(h: Hypergraph, core: Whole, mesh: Mesh) -> _Counted:
    _check(h, core, mesh)
    x, y = mesh.xy(np.arange(mesh.cores, dtype=np.int64) // mesh.concentration)
    nets = Placed(h.pin_start, h.pins, h.source, h.weight, np.ascontiguousarray(core, np.int32))
    stamps = np.full(mesh.cores, -1, np.int64), np.full(mesh.width, -1, np.int64)
    scratch = Scratch(x.astype(np.int32), y.astype(np.int32), *stamps, *(np.zeros(mesh.width, np.int64) for _ in range(3)))
    loads = Loads(*(np.zeros(size, np.int64) for size in (TOTALS, 4 * mesh.tiles, 4 * mesh.tiles)))
    jit.load("nsn_mapping.count", entries=_ENTRIES).count_nets(nets, mesh.width, mesh.tiles, scratch, loads)
    return _Counted(loads.totals, _loads(loads.single, mesh), _loads(loads.tree, mesh))


def _loads(ends: Ints, mesh: Mesh) -> Ints:
    """Loads from the places where paths begin and end, each port summed in its own direction."""
    east, west, south, north = ends.reshape(4, mesh.height, mesh.width)
    return np.stack(
        [
            np.cumsum(east, axis=1),
            np.cumsum(west[:, ::-1], axis=1)[:, ::-1],
            np.cumsum(south, axis=0),
            np.cumsum(north[::-1], axis=0)[::-1],
        ]
    )


def _check(h: Hypergraph, core: Whole, mesh: Mesh) -> None:
    if core.shape != (len(h),) or core.dtype.kind not in "iu":
        raise MappingError(
            f"core: found {core.dtype}{list(core.shape)}; allowed: whole numbers, one for each of {len(h)} neurons"
        )
    wrong = np.flatnonzero((core < 0) | (core >= mesh.cores))
    if len(wrong):
        raise MappingError(
            f"core[{wrong[0]}] is {core[wrong[0]]}; allowed: 0 to {mesh.cores - 1}, cores of the {mesh.width}x{mesh.height} mesh;"
            " map again for this mesh"
        )
    refuse_overflow(h, mesh)


def refuse_overflow(h: Hypergraph, mesh: Mesh, unit: int = 1) -> None:
    """Refuse a network whose totals on a mesh might pass 2^62, whatever the mapping.

    Args:
        h: the network.
        mesh: the chip.
        unit: most that one hop, or one packet, counts as.

    Raises:
        MappingError: naming the bound and what to do.
    """
    pins = np.diff(h.pin_start)
    longest = max(1, mesh.width + mesh.height - 2)
    if float(np.sum(pins.astype(np.float64) * h.weight)) * (longest + (unit > 1)) * unit < MOST / 2:
        return
    bound = sum(int(w) * int(p) for w, p in zip(h.weight, pins, strict=True)) * (longest + (unit > 1)) * unit
    if bound >= MOST:
        what = "hops" if unit == 1 else "femtojoules"
        raise MappingError(
            f"weights: {what} on a {mesh.width}x{mesh.height} mesh may reach {bound:.3g}, allowed are fewer than 2^62; divide all spike counts"
            " by the same number"
        )

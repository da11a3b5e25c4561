"""Which cores work from the start: what is mapped, and where the entries of keys live, goes to these alone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.faults import DeadCore, DeadLink, DeadRouter, FlitLoss, NetworkFault
from chipsim.errors import ConfigError, MappingError
from chipsim.noc.fabric import fabric_of
from chipsim.noc.mesh import mesh_of

Words = npt.NDArray[np.int32]


def from_the_start(faults: Iterable[NetworkFault]) -> tuple[NetworkFault, ...]:
    """Dead links, routers and cores that are known before anything is mapped; what dies later nobody knows."""
    return tuple(fault for fault in faults if not isinstance(fault, FlitLoss) and fault.at == 0)


def usable_cores(chip: ChipSpec, faults: Iterable[NetworkFault] = ()) -> Words:
    """Cores that are not dead from the start, nor their router, nor cut off from most others by dead links and routers.

    Args:
        chip: its topology.
        faults: of the experiment.

    Returns:
        int32[cores that work], ascending, at least one.

    Raises:
        MappingError: there is none.
        ConfigError: a fault names what the chip does not have.
    """
    mesh, known = mesh_of(chip.noc), from_the_start(faults)
    joined = joined_tiles(chip, known)
    dead = np.zeros(mesh.cores, bool) if joined is None else np.repeat(~joined, mesh.concentration)
    for fault in known:
        if isinstance(fault, DeadCore):
            inside(fault.core, mesh.cores, "core", chip.name)
            dead[fault.core] = True
    if dead.all():
        raise MappingError(
            f"chip {chip.name}: all of {mesh.cores} cores are dead; allowed: at least one that works; remove faults, or map as if nothing"
            " were dead (mapping.avoid_faults=false)"
        )
    return np.flatnonzero(~dead).astype(np.int32)


def joined_tiles(chip: ChipSpec, known: Iterable[NetworkFault]) -> npt.NDArray[np.bool_] | None:
    """bool[tiles], the largest set of living routers that all reach one another, of equal sets that with the lowest number.

    Args:
        chip: its topology.
        known: what is dead from the start.

    Returns:
        None where neither links nor routers are dead: then all are joined.

    Raises:
        ConfigError: a fault names what the chip does not have.
    """
    links = [fault for fault in known if isinstance(fault, DeadLink)]
    routers = [fault for fault in known if isinstance(fault, DeadRouter)]
    if not links and not routers:
        return None
    import networkx  # slow to load, and hardly ever needed

    fabric = fabric_of(chip.noc)
    there = fabric.to >= 0
    here = np.repeat(np.arange(fabric.routers), fabric.ports)
    alive = np.ones(fabric.routers, bool)
    for router in routers:
        inside(router.router, fabric.routers, "router", chip.name)
        alive[router.router] = False
    for link in links:
        gone = (here == link.a) & (fabric.to == link.b)
        there &= ~(gone if link.one_way else gone | ((here == link.b) & (fabric.to == link.a)))
    there &= alive[here] & alive[fabric.to]
    graph = networkx.DiGraph()
    graph.add_nodes_from(np.flatnonzero(alive).tolist())
    graph.add_edges_from(zip(here[there].tolist(), fabric.to[there].tolist(), strict=True))
    sets = sorted(networkx.strongly_connected_components(graph), key=lambda one: (-len(one), min(one)))
    found = np.zeros(fabric.routers, bool)
    found[list(sets[0]) if sets else []] = True
    return found


def inside(number: int, count: int, what: str, chip: str) -> None:
    """Refuse a dead core or router that the chip of this name does not have. Raises ConfigError."""
    if number >= count:
        raise ConfigError(f"dead_{what}: found {number}; allowed: 0 to {count - 1}, the {what}s of chip {chip}")

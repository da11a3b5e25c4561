"""From network to mapping: partition, place, seat the roles, check."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from chipsim.config.experiment import Objective
from chipsim.errors import MappingError
from chipsim.network import NsnState
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping
from chipsim.programs.nsn.memory import Widths
from nsn_mapping.account import core_account
from nsn_mapping.check import check_contents, check_trees
from nsn_mapping.limits import CoreLimits, Match
from nsn_mapping.partition import PARTITIONERS
from nsn_mapping.place import PLACERS
from nsn_mapping.place.roots import place_roots
from nsn_mapping.place.searched import less_busy
from nsn_mapping.place.seats import Seats, mesh_seats
from nsn_mapping.place.traffic import part_traffic
from nsn_mapping.problem import build_problem
from nsn_mapping.routes import build_trees


def map_network(
    state: NsnState,
    mesh: Mesh,
    limits: CoreLimits,
    widths: Widths,
    match: Match,
    partitioner: str,
    placer: str,
    seed: int,
    fill: float,
    seats: Seats | None = None,
    objective: Objective = "hops",
) -> Mapping:
    """Map a stored network onto a chip.

    Args:
        state: the network; may be empty.
        mesh: the chip.
        limits: what one core can hold.
        widths: bit widths on the chip.
        match: ``associative`` or ``keyed``.
        partitioner: a key of ``PARTITIONERS``.
        placer: a key of ``PLACERS``.
        seed: of all that is random.
        fill: share of neuron slots and memory to use, the rest is for growth; 0 < fill <= 1.
        seats: cores that can be used and what ways between them cost (``seats_for``); None for all, and hops.
        objective: what placement minimises; for energy the seats must be priced in it.

    Returns:
        A mapping that has passed the independent checks.

    Raises:
        MappingError: the network does not fit, or a name is not known.
    """
    _known("mapping.partitioner", partitioner, PARTITIONERS)
    _known("mapping.placer", placer, PLACERS)
    seats = mesh_seats(mesh) if seats is None else seats
    problem = build_problem(state, len(seats), limits, widths, match, fill)
    part = PARTITIONERS[partitioner](problem, seed)
    traffic = part_traffic(problem, part)
    placement = PLACERS[placer](traffic, mesh, seats, seed)
    if objective == "link":
        placement = less_busy(placement, traffic, mesh, seats, seed)
    core = placement.core[part]
    problem = replace(problem, cores=mesh.cores)
    account = core_account(problem, core)
    dead = np.setdiff1d(np.arange(mesh.cores, dtype=np.int32), seats.core)
    fill_order = np.concatenate((placement.fill_order, dead))
    mapping = Mapping(
        core=core,
        slot=_slots(core, mesh.cores),
        roots=place_roots(
            state, core, limits.memory_bits - account.bits, limits.memory_bits, fill_order, mesh, seats.core, widths
        ),
        fill_order=fill_order,
        method=f"{partitioner}/{placer}",
    )
    check_contents(state, mapping, mesh, limits, widths.core, widths.slot, widths.entry, match, widths.interval, len(seats))
    if match == "associative":
        check_trees(state, mapping, mesh, build_trees(problem, account, core, mesh))
    return mapping


def _slots(core: npt.NDArray[np.int32], cores: int) -> npt.NDArray[np.int32]:
    """int32[neurons], 0, 1, 2, ... within each core, in the order of the network."""
    order = np.argsort(core, kind="stable")
    held = np.bincount(core, minlength=cores)
    slot = np.empty(len(core), dtype=np.int32)
    slot[order] = np.arange(len(core)) - np.repeat(np.cumsum(held) - held, held)
    return slot


def _known(where: str, name: str, allowed: Iterable[str]) -> None:
    names = sorted(allowed)
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise MappingError(f"{where}: {name!r} is not known; allowed: {', '.join(names)}{hint}")

"""From network to mapping: partition, place, place the roles, check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from chipsim.config.mapping import PARTITIONERS, PLACERS
from chipsim.network import NsnState
from chipsim.network.memory import Widths
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping
from nsn_mapping.account import core_account
from nsn_mapping.check import check_contents, check_trees
from nsn_mapping.limits import CoreLimits, Match
from nsn_mapping.methods import stored_parts
from nsn_mapping.place import place_parts
from nsn_mapping.place.roots import place_roots
from nsn_mapping.place.sites import Sites, mesh_sites
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
    sites: Sites | None = None,
) -> Mapping:
    """Map a stored network onto a chip.

    Args:
        state: the network; may be empty.
        mesh: the chip.
        limits: what one core can hold.
        widths: bit widths on the chip.
        match: ``associative`` or ``keyed``.
        partitioner: one of ``PARTITIONERS``.
        placer: one of ``PLACERS``.
        seed: of all that is random.
        fill: share of neuron slots and memory to use, the rest is for growth; 0 < fill <= 1.
        sites: cores that can be used, what paths between them cost and what of it is minimised (``sites_for``); None for all, and hops.

    Returns:
        A mapping that has passed the independent checks.

    Raises:
        UsageError: a name is not known.
        MappingError: the network does not fit.
    """
    PARTITIONERS.get(partitioner, "mapping.partitioner")
    PLACERS.get(placer, "mapping.placer")
    sites = mesh_sites(mesh) if sites is None else sites
    problem = build_problem(state, len(sites), limits, widths, match, fill)
    part = stored_parts(partitioner, problem, seed)
    traffic = part_traffic(problem, part)
    placement = place_parts(placer, traffic, len(traffic), mesh, sites, seed)
    core = placement.core[part]
    problem = replace(problem, cores=mesh.cores)
    account = core_account(problem, core)
    dead = np.setdiff1d(np.arange(mesh.cores, dtype=np.int32), sites.core)
    fill_order = np.concatenate((placement.fill_order, dead))
    mapping = Mapping(
        core=core,
        slot=_slots(core, mesh.cores),
        roots=place_roots(
            state, core, limits.memory_bits - account.bits, limits.memory_bits, fill_order, mesh, sites.core, widths
        ),
        fill_order=fill_order,
        method=f"{partitioner}/{placer}",
    )
    check_contents(state, mapping, mesh, limits, widths.core, widths.slot, widths.entry, match, widths.interval, len(sites))
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

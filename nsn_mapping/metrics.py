"""How good a mapping is: what it uses of every limit, and what an axon access costs on the network-on-chip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.network import NsnState
from chipsim.network.memory import Widths
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping
from nsn_mapping.account import core_account
from nsn_mapping.limits import CoreLimits, Match
from nsn_mapping.place.placement import weighted_hops
from nsn_mapping.problem import Problem, build_problem
from nsn_mapping.routes import Trees, build_trees

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Utilisation:
    """What a mapping uses and what its axon accesses cost, before anything runs.

    An *axon access* is a lower neuron presented to one layer that names it, as often as ``Problem.net_weight`` says. In keyed matching it
    goes to the home core of a hash, taken as any core alike, so its figures are expectations.

    Attributes:
        method: what made the mapping.
        limits: what each core allows; compare with ``neurons``, ``axons``, ``bits``.
        cores: cores of the chip.
        cores_used: cores that hold neurons.
        neurons, axons, bits: int64[cores], used per core.
        readers_per_reading: mean number of cores that an axon access reaches and that answer it, weighted by axon accesses.
        packets_per_spike: unicast packets per activation of any neuron, own core included.
        mean_hops: mean hops of such a packet.
        unicast_hops_per_reading, tree_hops_per_reading: mean link crossings of an axon access, as unicasts and on the multicast
            tree.
        max_core_fill, max_axon_fill, max_memory_fill: largest share of a core's limit that is used (axons: 0 without a limit).
    """

    method: str
    limits: CoreLimits
    cores: int
    cores_used: int
    neurons: npt.NDArray[np.int64]
    axons: npt.NDArray[np.int64]
    bits: npt.NDArray[np.int64]
    readers_per_reading: float
    packets_per_spike: float
    mean_hops: float
    unicast_hops_per_reading: float
    tree_hops_per_reading: float
    max_core_fill: float
    max_axon_fill: float
    max_memory_fill: float


Distance = Callable[[Ints, Ints], Ints]
"""Hops between tiles, pair by pair."""


def utilisation(
    state: NsnState,
    mapping: Mapping,
    mesh: Mesh,
    limits: CoreLimits,
    widths: Widths,
    match: Match,
    distance: Distance | None = None,
    homes: npt.NDArray[np.int32] | None = None,
) -> Utilisation:
    """Measure a mapping.

    Args:
        state: the network that is mapped.
        mapping: checked before.
        mesh: the chip.
        limits: what one core can hold.
        widths: bit widths on the chip.
        match: ``associative`` or ``keyed``.
        distance: hops between tiles where the chip is no plain mesh; there are no multicast trees there.
        homes: int32[n], cores that keyed entries are spread over; None for all.

    Raises:
        MappingError: from ``build_problem``.
    """
    problem = build_problem(state, mesh.cores, limits, widths, match, 1.0, None if homes is None else len(homes))
    account = core_account(problem, mapping.core)
    if match == "associative":
        cost = _tree_costs(problem, build_trees(problem, account, mapping.core, mesh), mesh, distance)
    else:
        cost = _hash_costs(problem, mapping, mesh, distance, homes)
    accesses, packets, unicast, tree = cost
    spikes = int(problem.count.sum())
    return Utilisation(
        method=mapping.method,
        limits=limits,
        cores=mesh.cores,
        cores_used=int((account.neurons > 0).sum()),
        neurons=account.neurons,
        axons=account.axons,
        bits=account.bits,
        readers_per_reading=_share(packets, accesses),
        packets_per_spike=_share(packets, spikes),
        mean_hops=_share(unicast, packets),
        unicast_hops_per_reading=_share(unicast, accesses),
        tree_hops_per_reading=_share(tree, accesses),
        max_core_fill=_share(int(account.neurons.max()), limits.neurons),
        max_axon_fill=0.0 if limits.axons is None else _share(int(account.axons.max()), limits.axons),
        max_memory_fill=_share(int(account.bits.max()), limits.memory_bits),
    )


def _tree_costs(problem: Problem, trees: Trees, mesh: Mesh, distance: Distance | None) -> tuple[float, float, float, float]:
    """Axon accesses, packets, unicast hops and tree hops, all weighted by axon accesses."""
    # One tree for each net whose lower neuron is stored, in order: every net has pins.
    weight, unicast, links = problem.net_weight[problem.net_owner >= 0], trees.unicast_hops, trees.links_per_tree
    if distance is not None:
        size = trees.readers_per_tree
        tree = np.repeat(np.arange(len(trees)), size)
        unicast = links = np.zeros(len(trees), np.int64)
        np.add.at(unicast, tree, distance(trees.home[tree] // mesh.concentration, trees.readers // mesh.concentration))
    return int(weight.sum()), int(weight @ trees.readers_per_tree), int(weight @ unicast), int(weight @ links)


def _hash_costs(
    problem: Problem, mapping: Mapping, mesh: Mesh, distance: Distance | None, homes: npt.NDArray[np.int32] | None
) -> tuple[float, float, float, float]:
    """As ``_tree_costs``, each axon access being one packet to any home core alike."""
    known = problem.net_owner >= 0
    weight = problem.net_weight[known]
    home = mapping.core[problem.net_owner[known]]
    every = np.arange(mesh.cores, dtype=np.int64) if homes is None else homes.astype(np.int64)
    if distance is None:
        mean = weighted_hops(mesh, every, np.ones(len(every), np.int64)) / len(every)
    else:
        mean = np.zeros(mesh.cores)
        for tile in np.unique(home // mesh.concentration):
            cores = slice(tile * mesh.concentration, (tile + 1) * mesh.concentration)
            mean[cores] = distance(np.full(len(every), tile), every // mesh.concentration).mean()
    accesses = int(weight.sum())
    hops = float(weight @ mean[home])
    return accesses, accesses, hops, hops


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0

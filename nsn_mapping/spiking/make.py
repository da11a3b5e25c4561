"""From spiking network to mapping: which neurons share a core, and which core that is."""

from __future__ import annotations

import logging
import math

import numpy as np
import numpy.typing as npt

from chipsim.config.experiment import SEARCHING, Objective
from chipsim.errors import ConfigError, MappingError
from chipsim.network.spiking import SpikingNetwork
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping
from nsn_mapping.choose import choose
from nsn_mapping.hypergraph import Hypergraph, plain_caps
from nsn_mapping.map_graph import METHODS
from nsn_mapping.place.curve import cores_along
from nsn_mapping.place.seats import Seats, mesh_seats
from nsn_mapping.spiking.metis import cut
from nsn_mapping.spiking.nets import to_hypergraph

Parts = npt.NDArray[np.int32]

SEARCHED = ("default", "quality", "streaming")
"""Partitioners that see the network as nets: what they lower is packets, not synapses that are cut."""

log = logging.getLogger(__name__)

PARTITIONERS = ("given", "auto", *SEARCHED, "sequential", "random", "metis")


def map_spiking(
    network: SpikingNetwork,
    mesh: Mesh,
    neurons_per_core: int,
    partitioner: str | None,
    placer: str,
    seed: int,
    fill: float,
    seats: Seats | None = None,
    objective: Objective = "hops",
) -> Mapping:
    """Map a spiking network onto a chip.

    Args:
        network: neurons by number.
        mesh: the chip.
        neurons_per_core: slots of a core.
        partitioner: one of ``PARTITIONERS``; None for ``given`` where the network names cores, else ``sequential``.
        placer: ``row``, ``hilbert``, ``random``, or ``force`` or ``anneal``, which look at the traffic; not used with ``given``.
        seed: of whatever is random, and of METIS.
        fill: share of a core's slots to use; not used with ``given``.
        seats: cores that can be used and what ways between them cost (``seats_for``), not used with ``given``; None for all, and hops.
        objective: what ``force`` and ``anneal`` minimise; for energy the seats must be priced in it.

    Returns:
        A mapping with slots in order of number within each core; it has no roles and no order of growth.

    Raises:
        ConfigError: ``given`` without cores in the archive.
        MappingError: a core is not on the chip or has too many neurons, or the chip has too few cores.
    """
    name = partitioner or ("given" if len(network.core) else "sequential")
    if name == "given":
        core, method = _given(network, mesh), "given"
    else:
        seats = mesh_seats(mesh) if seats is None else seats
        cap = max(1, math.floor(neurons_per_core * fill))
        nets = to_hypergraph(network) if name in SEARCHED or name == "auto" or placer in SEARCHING else None
        if name == "auto" and nets is not None:
            choice = choose(nets, len(seats), None)
            log.info("mapping.partitioner: auto took %s: %s", choice.picked, choice.reason)
            name = choice.picked
        part = _parts(network, nets, name, len(seats), cap, seed)
        if nets is None or placer not in SEARCHING:
            order = _order(mesh, seats, placer, seed)
        else:
            order = _placed(nets, part, seats, placer, objective, seed)
        core, method = order[part], f"{name}/{placer}"
    held = np.bincount(core, minlength=1)
    fullest = int(held.argmax())
    if held[fullest] > neurons_per_core:
        raise MappingError(
            f"{network.where}: core {fullest} has {held[fullest]} neurons, allowed {neurons_per_core} (core.neurons); "
            "spread them over more cores, raise chip.core.neurons, or set mapping.partitioner=sequential"
        )
    by_core = np.argsort(core, kind="stable")
    slot = np.empty(len(core), np.int32)
    slot[by_core] = np.arange(len(core)) - np.repeat(np.cumsum(held) - held, held)
    none = np.zeros(0, np.int32)
    return Mapping(core=core, slot=slot, roots=none, fill_order=none, method=method)


def _given(network: SpikingNetwork, mesh: Mesh) -> Parts:
    if not len(network.core):
        raise ConfigError(
            f"mapping.partitioner: found given, but {network.where} has no neuron_core; allowed: {', '.join(PARTITIONERS[1:])}"
        )
    outside = np.flatnonzero((network.core < 0) | (network.core >= mesh.cores))
    if len(outside):
        raise MappingError(
            f"{network.where}: neuron_core[{outside[0]}] is {network.core[outside[0]]}; allowed: 0 to {mesh.cores - 1}, cores of the chip;"
            " use a chip with more cores (chip.noc), or set mapping.partitioner=sequential"
        )
    return network.core


def _parts(network: SpikingNetwork, nets: Hypergraph | None, name: str, cores: int, cap: int, seed: int) -> Parts:
    """int32[neurons], parts of at most ``cap`` neurons."""
    neurons = len(network)
    parts = -(-neurons // cap)
    if parts > cores:
        raise MappingError(
            f"{network.where}: {neurons} neurons need {parts} cores of {cap} neurons each, the chip has {cores} that work; use more cores"
            " (chip.noc.width, chip.noc.height), a larger mapping.fill, or a larger chip.core.neurons"
        )
    if nets is not None and name in SEARCHED:
        return METHODS[name](nets, plain_caps(neurons, cap), parts, seed) if parts > 1 else np.zeros(neurons, np.int32)
    in_order = (np.arange(neurons) // cap).astype(np.int32)
    if name == "random":
        part = np.empty(neurons, np.int32)
        part[np.random.Generator(np.random.PCG64(seed)).permutation(neurons)] = in_order
        return part
    return cut(network, parts, cap, seed) if name == "metis" else in_order


def _order(mesh: Mesh, seats: Seats, placer: str, seed: int) -> Parts:
    """int32[seats], the core of each part."""
    if placer == "random":
        return seats.core[np.random.Generator(np.random.PCG64(seed)).permutation(len(seats))]
    if placer == "row":
        return seats.core
    along = cores_along(mesh)
    return along[np.isin(along, seats.core)]


def _placed(nets: Hypergraph, part: Parts, seats: Seats, placer: str, objective: Objective, seed: int) -> Parts:
    """int32[parts], the core of each part where its packets cost least."""
    from nsn_mapping.place.anneal import place_blocks
    from nsn_mapping.place.blocks import block_graph

    seat = place_blocks(block_graph(nets, part, int(part.max(initial=-1)) + 1), seats, seed, method=placer, objective=objective)
    return np.asarray(seats.core[seat], np.int32)

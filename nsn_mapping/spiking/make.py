"""From spiking network to mapping: which neurons share a core, and which core that is."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from chipsim.config.mapping import GIVEN, NAIVE, PARTITIONERS, searches
from chipsim.errors import ConfigError, MappingError
from chipsim.network.spiking import SpikingNetwork
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping
from chipsim.shares import share_of
from nsn_mapping.methods import sees_nets, spiking_parts
from nsn_mapping.place import place_parts
from nsn_mapping.place.blocks import block_graph
from nsn_mapping.place.sites import Sites, mesh_sites
from nsn_mapping.place.traffic import Traffic
from nsn_mapping.spiking.nets import to_hypergraph

Parts = npt.NDArray[np.int32]

log = logging.getLogger(__name__)


def map_spiking(
    network: SpikingNetwork,
    mesh: Mesh,
    neurons_per_core: int,
    partitioner: str | None,
    placer: str,
    seed: int,
    fill: float,
    sites: Sites | None = None,
) -> Mapping:
    """Map a spiking network onto a chip.

    Args:
        network: neurons by number.
        mesh: the chip.
        neurons_per_core: slots of a core.
        partitioner: a partitioner; None for ``given`` where the network names cores, else ``sequential``.
        placer: a placer; not used with ``given``.
        seed: of whatever is random, and of METIS.
        fill: share of a core's slots to use; not used with ``given``.
        sites: cores that can be used, what paths between them cost and what of it is minimised (``sites_for``), not used with ``given``;
            None for all, and hops.

    Returns:
        A mapping with slots in order of number within each core; it has no roles and no order of growth.

    Raises:
        ConfigError: ``given`` without cores in the archive.
        MappingError: a core is not on the chip or has too many neurons, or the chip has too few cores.
    """
    name = partitioner or (GIVEN if len(network.core) else NAIVE)
    if name == GIVEN:
        core, method = _given(network, mesh), GIVEN
    else:
        sites = mesh_sites(mesh) if sites is None else sites
        cap = max(1, share_of(neurons_per_core, fill))
        nets = to_hypergraph(network) if sees_nets(name) or searches(placer) else None
        picks = PARTITIONERS.get(name, "mapping.partitioner").picks
        if picks is not None:
            name, reason = picks(nets, len(sites), None)
            log.info("mapping.partitioner: %s took %s: %s", partitioner, name, reason)
        parts = _count_parts(network, len(sites), cap, neurons_per_core)
        part = spiking_parts(name, network, nets, parts, cap, seed)
        traffic = None
        if nets is not None and searches(placer):
            parts = int(part.max(initial=-1)) + 1
            traffic = Traffic(block_graph(nets, part, parts), np.zeros(parts))
        order = place_parts(placer, traffic, parts, mesh, sites, seed).core
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
            f"mapping.partitioner: found given, but {network.where} has no neuron_core; allowed:"
            f" {', '.join(name for name in PARTITIONERS.names() if name != GIVEN)}"
        )
    outside = np.flatnonzero((network.core < 0) | (network.core >= mesh.cores))
    if len(outside):
        raise MappingError(
            f"{network.where}: neuron_core[{outside[0]}] is {network.core[outside[0]]}; allowed: 0 to {mesh.cores - 1}, cores of the chip;"
            " use a chip with more cores (chip.noc), or set mapping.partitioner=sequential"
        )
    return network.core


def _count_parts(network: SpikingNetwork, cores: int, cap: int, most: int) -> int:
    """Parts of at most ``cap`` neurons that the network makes, of ``most`` that a core has. Raises MappingError: more than cores."""
    neurons = len(network)
    parts = -(-neurons // cap)
    if parts > cores:
        fits = cap < most and -(-neurons // most) <= cores
        fuller = f"; --set mapping.fill=null takes all {most:,} of a core" if fits else ""
        raise MappingError(
            f"{network.where}: {neurons} neurons need {parts} cores of {cap} neurons each, the chip has {cores} that work; use more cores"
            f" (chip.noc.width, chip.noc.height), a larger mapping.fill, or a larger chip.core.neurons{fuller}"
        )
    return parts

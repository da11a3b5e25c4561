"""Spiking networks: neurons with synapses, onto cores that hold so many of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.experiment import Experiment
from chipsim.lookup import Columns
from chipsim.noc import mesh_of
from chipsim.noc.paths import is_x_then_y
from chipsim.plan.graph import SpikingGraph, SpikingLoad
from chipsim.plan.inputs import Mapping
from chipsim.plan.over_memory import memory_warnings
from chipsim.results.tables import listed_cores
from chipsim.terminal import count
from nsn_mapping.mappers.base import Mapper, Nets, Use, usable
from nsn_mapping.mappers.tables import NAIVE, RANDOM, THIS, is_countable, mapping_tables, where_it_fits
from nsn_mapping.spiking import map_spiking
from nsn_mapping.spiking.nets import to_hypergraph


def map_network(experiment: Experiment, graph: SpikingGraph) -> Mapping:
    """Map a spiking network as the experiment says."""
    chip, spec = experiment.chip, experiment.mapping
    fill = 1.0 if spec.fill is None else spec.fill
    capacity, sites = chip.core.neurons, usable(experiment)
    return map_spiking(graph.network, mesh_of(chip.noc), capacity, spec.partitioner, spec.placer, spec.seed, fill, sites)


def use_of(experiment: Experiment, graph: SpikingGraph, mapping: Mapping) -> Use:
    """What every core holds, and what one spike of every neuron would cost."""
    chip = experiment.chip
    mesh, load = mesh_of(chip.noc), graph.load(mapping)
    held, bits = load.neurons, load.memory_bits
    core = listed_cores(mesh, held)
    x, y = mesh.xy(core // mesh.concentration)
    columns: Columns = {
        "core": core,
        "x": x,
        "y": y,
        "neurons": held[core],
        "neurons_allowed": np.full(len(core), chip.core.neurons),
        "axons": load.axons[core],
        "axons_allowed": np.full(len(core), -1),  # the lines of a given network are not limited but by memory
        "memory_bits": bits[core],
        "memory_bits_allowed": np.full(len(core), chip.core.memory_bits),
    }
    told = {
        "cores_used": load.cores_used,
        "neurons": load.neurons_in_all,
        "synapses": load.synapses,
        "packets_per_spike": load.packets / load.sources if load.sources else 0.0,
        "mean_hops": load.hops / load.packets if load.packets else 0.0,
        "tree_entries": load.tree_entries,
        "max_core_fill": float(held.max(initial=0) / chip.core.neurons),
        "max_memory_fill": float(bits.max(initial=0) / chip.core.memory_bits),
    }
    more, described = _tables(experiment, graph, mapping, load)
    traffic = (
        f"{count(told['synapses'])} synapses; {told['packets_per_spike']:.2f} unicast packets per spike of"
        f" {told['mean_hops']:.2f} hops each, the own core included"
    )
    warnings = memory_warnings(bits, held, chip.core.memory_bits, chip.core.neurons)
    return Use(told, more, {"cores": columns} | described, traffic, warnings)


def nets_of(experiment: Experiment, graph: SpikingGraph) -> Nets:
    """The network, each neuron with the targets of its spikes."""
    return Nets(to_hypergraph(graph.network))


def _tables(
    experiment: Experiment, graph: SpikingGraph, mapping: Mapping, load: SpikingLoad
) -> tuple[dict[str, Any], dict[str, Columns]]:
    """A spiking network's mapping beside naive ones, at the fill that the mapping was made with."""
    chip, spec, network, mesh = experiment.chip, experiment.mapping, graph.network, mesh_of(experiment.chip.noc)
    if not is_countable(network.synapses, mesh):
        return {}, {}
    fill, sites = 1.0 if spec.fill is None else spec.fill, usable(experiment)

    def naive(partitioner: str) -> Callable[[], npt.NDArray[np.int32]]:
        return lambda: map_spiking(network, mesh, chip.core.neurons, partitioner, "row", spec.seed, fill, sites).core

    placed = {THIS: mapping.core} | where_it_fits({NAIVE: naive("sequential"), RANDOM: naive("random")})
    plain_mesh = load.noc is None or is_x_then_y(load.noc)
    of = "one spike of every neuron"
    return mapping_tables(to_hypergraph(network), placed, mesh, of, chip, graph.flits, plain_mesh)


SPIKING = Mapper(map_network, use_of, nets_of)

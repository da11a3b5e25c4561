"""Spiking networks: neurons with synapses, onto cores that hold so many of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.experiment import Experiment
from chipsim.lookup import Columns
from chipsim.network.snn_input import SnnInput
from chipsim.network.spiking import SpikingNetwork
from chipsim.noc import mesh_of
from chipsim.noc.paths import is_x_then_y
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan
from chipsim.programs.snn.collect import neurons_held
from chipsim.programs.snn.entry import options_of
from chipsim.programs.snn.lower import build_snn_plan_and_reach
from chipsim.programs.snn.plan import SnnPlan
from chipsim.results.tables import listed_cores
from chipsim.terminal import count
from nsn_mapping.energy import spike_flits
from nsn_mapping.mappers.base import Mapper, Nets, Use, usable
from nsn_mapping.mappers.tables import NAIVE, RANDOM, THIS, is_countable, mapping_tables, where_it_fits
from nsn_mapping.spiking import map_spiking
from nsn_mapping.spiking.nets import to_hypergraph


def map_network(experiment: Experiment, given: SnnInput) -> Mapping:
    """Map a spiking network as the experiment says."""
    chip, spec = experiment.chip, experiment.mapping
    fill = 1.0 if spec.fill is None else spec.fill
    capacity, sites = chip.core.neurons, usable(experiment)
    return map_spiking(given.network, mesh_of(chip.noc), capacity, spec.partitioner, spec.placer, spec.seed, fill, sites)


def use_of(experiment: Experiment, given: SnnInput, mapping: Mapping) -> Use:
    """What every core holds, and what one spike of every neuron would cost."""
    chip = experiment.chip
    plan, reach = build_snn_plan_and_reach(chip, given.network, mapping, options_of(experiment, given))
    own: SnnPlan = plan.own
    held = neurons_held(plan)
    axons = np.zeros(plan.mesh.cores, np.int64)
    axons[own.used] = reach.axons
    core = listed_cores(plan.mesh, held)
    x, y = plan.mesh.xy(core // plan.mesh.concentration)
    columns: Columns = {
        "core": core,
        "x": x,
        "y": y,
        "neurons": held[core],
        "neurons_allowed": np.full(len(core), chip.core.neurons),
        "axons": axons[core],
        "axons_allowed": np.full(len(core), -1),  # the lines of a given network are not limited but by memory
        "memory_bits": plan.used_bits[core],
        "memory_bits_allowed": np.full(len(core), chip.core.memory_bits),
    }
    sources = int((np.diff(own.start) > 0).sum())
    told = {
        "cores_used": len(own.used),
        "neurons": own.neurons,
        "synapses": own.synapses,
        "packets_per_spike": reach.packets / sources if sources else 0.0,
        "mean_hops": (reach.hops_ew + reach.hops_ns) / reach.packets if reach.packets else 0.0,
        "tree_entries": len(plan.route) if plan.multicast else None,
        "max_core_fill": float(held.max(initial=0) / chip.core.neurons),
        "max_memory_fill": float(plan.used_bits.max(initial=0) / chip.core.memory_bits),
    }
    more, described = _tables(experiment, given.network, mapping, plan)
    traffic = (
        f"{count(told['synapses'])} synapses; {told['packets_per_spike']:.2f} unicast packets per spike of"
        f" {told['mean_hops']:.2f} hops each, the own core included"
    )
    return Use(told, more, {"cores": columns} | described, traffic)


def nets_of(experiment: Experiment, given: SnnInput) -> Nets:
    """The network, each neuron with the targets of its spikes."""
    return Nets(to_hypergraph(given.network))


def _tables(
    experiment: Experiment, network: SpikingNetwork, mapping: Mapping, plan: Plan
) -> tuple[dict[str, Any], dict[str, Columns]]:
    """A spiking network's mapping beside naive ones, at the fill that the mapping was made with."""
    chip, spec = experiment.chip, experiment.mapping
    if not is_countable(network.synapses, plan.mesh):
        return {}, {}
    fill, sites = 1.0 if spec.fill is None else spec.fill, usable(experiment)

    def naive(partitioner: str) -> Callable[[], npt.NDArray[np.int32]]:
        return lambda: map_spiking(network, plan.mesh, chip.core.neurons, partitioner, "row", spec.seed, fill, sites).core

    placed = {THIS: mapping.core} | where_it_fits({NAIVE: naive("sequential"), RANDOM: naive("random")})
    plain_mesh = plan.noc is None or is_x_then_y(plan.noc)
    of = "one spike of every neuron"
    return mapping_tables(to_hypergraph(network), placed, plan.mesh, of, chip, spike_flits(chip), plain_mesh)


SPIKING = Mapper(map_network, use_of, nets_of)

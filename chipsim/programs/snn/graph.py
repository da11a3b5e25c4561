"""What a spiking network hands its mapper: neurons with synapses, and what cores hold when it is mapped."""

from __future__ import annotations

from functools import partial

import numpy as np

from chipsim.config.experiment import Experiment
from chipsim.machine.message import spike_bits
from chipsim.network.snn_input import SnnInput
from chipsim.plan.graph import SpikingGraph, SpikingLoad
from chipsim.plan.inputs import Mapping
from chipsim.programs.snn.collect import neurons_held
from chipsim.programs.snn.lower import build_snn_plan_and_reach, options_of
from chipsim.programs.snn.plan import SnnPlan


def spiking_graph(experiment: Experiment, given: SnnInput) -> SpikingGraph:
    """The network as its mapper takes it."""
    chip = experiment.chip
    flits = -(-spike_bits(chip.noc.cores, chip.core.neurons) // chip.noc.flit_bits)
    return SpikingGraph(given.network, flits, partial(load_of, experiment, given))


def load_of(experiment: Experiment, given: SnnInput, mapping: Mapping) -> SpikingLoad:
    """What the cores hold when it is mapped so. Raises ConfigError, MappingError, SimulationError, as lowering does."""
    plan, reach = build_snn_plan_and_reach(experiment.chip, given.network, mapping, options_of(experiment, given))
    own: SnnPlan = plan.own
    axons = np.zeros(plan.mesh.cores, np.int64)
    axons[own.used] = reach.axons
    return SpikingLoad(
        neurons=neurons_held(plan),
        axons=axons,
        memory_bits=plan.used_bits,
        cores_used=len(own.used),
        neurons_in_all=own.neurons,
        synapses=own.synapses,
        sources=int((np.diff(own.start) > 0).sum()),
        packets=reach.packets,
        hops=reach.hops_ew + reach.hops_ns,
        tree_entries=len(plan.route) if plan.multicast else None,
        noc=plan.noc,
    )

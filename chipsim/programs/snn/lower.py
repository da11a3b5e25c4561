"""Building a plan from chip, spiking network and mapping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chipsim.config.chip import ChipSpec
from chipsim.config.experiment import Experiment
from chipsim.config.faults import NetworkFault
from chipsim.errors import ConfigError, MappingError, SimulationError
from chipsim.machine.actions import A_ACCESS, A_AXON, A_FIRED, A_MESSAGE, A_SENT, A_SOMA, A_SYNOP, constants_of
from chipsim.machine.message import number_bits, spike_bits
from chipsim.network.neurons import NEURONS
from chipsim.network.rows import permuted
from chipsim.network.snn_input import SnnInput
from chipsim.network.spiking import NeuronColumn, SpikingNetwork
from chipsim.noc import mesh_of
from chipsim.noc.build import noc_plan, refuse_deadlock
from chipsim.plan.chip import MAX_PS, NETWORK_CONSTANTS, chip_part, cores_and_host, refuse_unknown
from chipsim.plan.inputs import Mapping
from chipsim.plan.over_memory import over_memory
from chipsim.plan.plan import BARRIER, TICK, Ints, Plan
from chipsim.programs.snn import NAME
from chipsim.programs.snn.messages import KINDS, LIF_SPIKE
from chipsim.programs.snn.plan import SnnPlan
from chipsim.programs.snn.reach import Reach, memory_bits, reach_of
from chipsim.programs.snn.state import DROP, NEXT
from chipsim.programs.snn.trees import spike_routes

SNN_ACTIONS = (A_MESSAGE, A_AXON, A_SYNOP, A_SENT, A_ACCESS, A_SOMA, A_FIRED)
"""What its cores count that takes time or costs something."""

SNN_CONSTANTS = (*constants_of(SNN_ACTIONS), *NETWORK_CONSTANTS)
"""What a spiking network needs of a chip."""

LONGEST_PS = MAX_PS // 4
"""Clocked steps end at most 26 days after the start, which leaves the rest of int64 for what comes late."""


@dataclass(frozen=True, slots=True)
class SnnOptions:
    """What a run adds to chip, network and mapping.

    Attributes:
        until: ps or 0.
        seed: of everything random.
        check_memory: whether a core that needs more than ``core.memory`` is refused.
        faults: what is dead in the network, or loses flits.
    """

    until: int
    seed: int
    check_memory: bool
    faults: tuple[NetworkFault, ...] = ()


def options_of(experiment: Experiment, given: SnnInput) -> SnnOptions:
    """What a run adds to chip, network and mapping."""
    return SnnOptions(experiment.until or 0, experiment.seed, given.check_memory, experiment.network_faults)


def build_snn_plan(chip: ChipSpec, network: SpikingNetwork, mapping: Mapping, options: SnnOptions) -> Plan:
    """Lower a spiking network.

    Rows of synapses are shared with the network where neurons keep their order, and copied where they do not.

    Args:
        chip: with pace ``tick`` or ``barrier``.
        network: neurons by number.
        mapping: core and slot of each.
        options: of the run.

    Raises:
        ConfigError: the run needs a constant that the chip file leaves unknown, or a pace that tells steps.
        MappingError: a core's memory is exceeded (with ``check_memory``), or multicast needs too many entries.
        SimulationError: the run could exceed 106 days of chip time.
    """
    plan, _ = build_snn_plan_and_reach(chip, network, mapping, options)
    return plan


def build_snn_plan_and_reach(
    chip: ChipSpec, network: SpikingNetwork, mapping: Mapping, options: SnnOptions
) -> tuple[Plan, Reach]:
    """As `build_snn_plan`, with what the mapping costs."""
    refuse_unknown(chip, SNN_CONSTANTS)
    if chip.core.pace == "event":
        raise ConfigError(f"chip {chip.name}: core.pace is event; allowed for spiking networks: tick or barrier")
    tick = (chip.core.tick or 0) if chip.core.pace == "tick" else 0
    if tick * network.steps > LONGEST_PS:
        raise SimulationError(
            f"chip {chip.name}: {network.steps} steps of {tick} ps take more than 26 days of chip time; lower workload.steps or core.tick"
        )
    mesh = mesh_of(chip.noc)
    order = np.lexsort((mapping.slot, mapping.core))
    if np.array_equal(order, np.arange(len(order))):
        start, target, columns = network.start, network.target, (network.weight, network.delay)
    else:
        others = (network.weight, network.delay) if len(network.delay) else (network.weight,)
        start, target, moved = permuted(network.start, network.target, others, order)
        columns = (moved[0], moved[1] if len(moved) > 1 else network.delay)
    core = mapping.core[order].astype(np.int32)
    cores, begins = np.unique(core, return_index=True)
    used, first = cores.astype(np.int64), np.append(begins, len(core)).astype(np.int64)
    flits = -(-spike_bits(mesh.cores, chip.core.neurons) // chip.noc.flit_bits)
    noc = noc_plan(chip, KINDS, options.seed, options.faults)
    sound = noc_plan(chip, KINDS, options.seed) if options.faults else noc
    reach = reach_of(start, target, first, used, mesh, sound)  # as if all ways were there
    neuron_bits = NEURONS.get(network.model).bits
    bits = memory_bits(
        reach, first, neuron_bits, number_bits(chip.core.neurons), number_bits(mesh.cores), bool(len(network.delay))
    )
    used_bits = np.zeros(mesh.cores, np.int64)
    used_bits[used] = bits
    if options.check_memory:
        _refuse_over_memory(chip, used_bits, np.bincount(core, minlength=mesh.cores))
    multicast = chip.noc.cast == "multicast"
    route = spike_routes(start, target, first, used, mesh, reach, noc) if multicast else np.zeros((0, 4), np.int64)
    refuse_deadlock(chip, noc, flits if multicast else 0, route)
    _refuse_full_tables(route, chip.noc.table_entries)
    input_start, input_step = _inputs(network, order)
    tiles = len(np.unique(used // mesh.concentration))
    own = SnnPlan(
        number=order.astype(np.int64),
        core=core,
        used=used,
        first=first,
        kind=network.kind[order],
        potential=network.potential[order],
        bias=network.bias[order],
        threshold=network.threshold[order],
        fraction=network.fraction,
        leak=network.leak,
        leak_shift=network.leak_shift,
        start=start,
        target=target,
        weight=columns[0],
        delay=columns[1],
        longest=network.longest,
        input_start=input_start,
        input_step=input_step,
        steps=network.steps,
        late=NEXT if chip.core.late_spikes == "next" else DROP,
        sync=chip.core.sync.time(tiles) if chip.core.sync is not None and not tick else 0,
        flits=flits,
        model=network.model,
        columns=tuple(NeuronColumn(one.name, one.values[order]) for one in network.columns),
    )
    flits_of = np.zeros(len(KINDS.names), np.int64)
    flits_of[LIF_SPIKE] = flits
    return Plan(
        program=NAME,
        own=own,
        pace=TICK if tick else BARRIER,
        tick=tick,
        host_latency=chip.host.latency.value or 1,  # nothing goes to the host
        endpoint_tile=cores_and_host(chip, mesh),
        kinds=KINDS.names,
        flits=flits_of,
        route=route,
        used_bits=used_bits,
        until=options.until,
        fault=np.zeros((0, 7), np.int64),
        seed=options.seed,
        noc=noc,
        **chip_part(chip, mesh),
    ), reach


def _inputs(network: SpikingNetwork, order: Ints) -> tuple[Ints, Ints]:
    """Input spikes by position."""
    if not len(network.input_start):
        return network.input_start, network.input_step
    size = np.diff(network.input_start)[order]
    start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    at = np.arange(start[-1]) + np.repeat(network.input_start[order] - start[:-1], size)
    return start, network.input_step[at]


def _refuse_over_memory(chip: ChipSpec, bits: Ints, neurons: Ints) -> None:
    if said := over_memory(bits, neurons, chip.core.memory_bits, chip.core.neurons):
        raise MappingError(f"{said}; `--set workload.check_memory=false` lets it pass")


def _refuse_full_tables(route: Ints, allowed: int | None) -> None:
    if allowed is None or not len(route):
        return
    entries = np.bincount(route[:, 0])
    tile = int(entries.argmax())
    if entries[tile] > allowed:
        raise MappingError(
            f"router {tile} needs {entries[tile]} multicast entries, allowed {allowed} (chip.noc.table_entries); raise the limit or use"
            " chip.noc.cast=unicast"
        )

"""Neurosemantic networks: the input read, its first part learned, the network mapped and lowered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import chipsim
from chipsim.config.experiment import Experiment
from chipsim.config.faults import NETWORK_FAULTS, FlipBit
from chipsim.config.given import ArraysWorkload, SyntheticWorkload, TrafficWorkload
from chipsim.config.workload import GeneratedWorkload, LogWorkload, TextWorkload
from chipsim.errors import UsageError, WorkloadError
from chipsim.network import NsnState, Stimulus, longest_interval
from chipsim.network.rules import EXACT, LOG2, NsnRules, event_rules, text_rules
from chipsim.noc import mesh_of
from chipsim.noc.build import noc_plan
from chipsim.noc.classes import NSN_SENDS
from chipsim.noc.hops import hops
from chipsim.noc.paths import is_x_then_y
from chipsim.noc.usable import from_the_start, living_cores
from chipsim.pipeline.common import MappingReport, avoided, chip_summary, peak_rss, timed, usable
from chipsim.pipeline.overview import NAIVE, RANDOM, THIS, is_countable, overview, where_it_fits
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan
from chipsim.programs.nsn import memory
from chipsim.programs.nsn.lower import LONGEST_OFFER_PS, RunOptions, build_plan, fault_row
from chipsim.programs.nsn.messages import SPIKE, message_bits
from chipsim.programs.nsn.state import SATURATE
from chipsim.results.result import Table
from chipsim.results.summary import SCHEMA
from nsn_mapping import CoreLimits, check_contents, load_mapping, map_network, utilisation
from nsn_mapping.partition import PARTITIONERS
from nsn_mapping.problem import build_problem, to_hypergraph
from workloads.nsn.golden import GoldenModel
from workloads.source import build_generated, build_stimulus

Ints = npt.NDArray[np.int64]

ROOM_FOR_GROWTH = 0.9
"""Default share of a core that a mapping may use; the rest is for neurons that grow."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An experiment up to the point where an engine takes over.

    Attributes:
        stimulus: the whole input; first_item: number of its first item that runs on the chip.
        rules: how the network reads.
        golden: the golden model, having learned the items before ``first_item``; None where the network was generated.
        state: what it knows then.
        wall_s: seconds spent so far, by stage.
    """

    experiment: Experiment
    stimulus: Stimulus
    first_item: int
    rules: NsnRules
    golden: GoldenModel | None
    state: NsnState
    wall_s: dict[str, float]


def rules_of(workload: TextWorkload | LogWorkload) -> NsnRules:
    """The reading rules that a workload asks for."""
    interval = EXACT if workload.interval == "exact" else LOG2
    gap = workload.max_gap or 0
    if isinstance(workload, TextWorkload):
        return text_rules(workload.layers, interval, 1, gap)
    return event_rules(workload.layers, interval, workload.interval_unit, gap)


def nsn_workload(experiment: Experiment) -> TextWorkload | LogWorkload | GeneratedWorkload:
    """The workload of an experiment with a neurosemantic network. Raises UsageError where it has none."""
    workload = experiment.workload
    if isinstance(workload, ArraysWorkload | TrafficWorkload | SyntheticWorkload):
        raise UsageError(
            f"{experiment.name}: a workload of kind {workload.kind} has no neurosemantic network; allowed here: text, log, generated"
        )
    return workload


def prepare(experiment: Experiment) -> Prepared:
    """Read the input and let the golden model learn its first part."""
    wall: dict[str, float] = {}
    workload = nsn_workload(experiment)
    if isinstance(workload, GeneratedWorkload):
        with timed(wall, "load"):
            state, stimulus = build_generated(workload)
        rules = text_rules(state.layers, EXACT, 1, workload.max_gap or 0)
        return Prepared(experiment, stimulus, 0, rules, None, state, wall)
    with timed(wall, "load"):
        stimulus, first_item = build_stimulus(workload)
        rules = rules_of(workload)
        golden = GoldenModel(rules)
        golden.advance(stimulus, first_item, recording=False)
        state = golden.state()
    return Prepared(experiment, stimulus, first_item, rules, golden, state, wall)


def make_mapping(experiment: Experiment, state: NsnState, longest_interval: int = 0) -> Mapping:
    """Map a stored network as the experiment says, from its file or by its partitioner and placer."""
    spec, mesh = experiment.mapping, mesh_of(experiment.chip.noc)
    limits, widths = limits_and_widths(experiment, longest_interval)
    match = nsn_workload(experiment).match
    if spec.file is not None:
        mapping = load_mapping(Path(spec.file), state, mesh)
        homes = len(living_cores(experiment.chip, avoided(experiment)))
        check_contents(state, mapping, mesh, limits, widths.core, widths.slot, widths.entry, match, widths.interval, homes)
        return mapping
    fill = ROOM_FOR_GROWTH if spec.fill is None else spec.fill
    seats, partitioner = usable(experiment), spec.partitioner or "default"
    return map_network(state, mesh, limits, widths, match, partitioner, spec.placer, spec.seed, fill, seats, spec.objective)


def limits_and_widths(experiment: Experiment, longest_interval: int = 0) -> tuple[CoreLimits, memory.Widths]:
    """What one core of the chip can hold, and bit widths for interval classes up to ``longest_interval``."""
    core = experiment.chip.core
    widths = memory.widths_of(experiment.chip.noc.cores, core.neurons, longest_interval)
    return CoreLimits(core.neurons, core.axons, core.memory_bits), widths


def make_plan(prepared: Prepared, mapping: Mapping) -> Plan:
    """Lower a prepared experiment for the engines."""
    experiment, workload = prepared.experiment, nsn_workload(prepared.experiment)
    fault = [_fault(f) for f in experiment.faults if not isinstance(f, NETWORK_FAULTS)]
    options = RunOptions(
        keyed=workload.match == "keyed",
        arity=workload.wta_arity,
        alerts=workload.alerts,
        offer=_offers(workload, prepared.stimulus, prepared.first_item),
        until=experiment.until or 0,
        seed=experiment.seed,
        fault=np.array(fault, np.int64).reshape(-1, 7),
        network_faults=experiment.network_faults,
        growth=experiment.mapping.growth,
        avoid_faults=experiment.mapping.avoid_faults,
    )
    return build_plan(experiment.chip, prepared.rules, prepared.state, mapping, prepared.stimulus, prepared.first_item, options)


def map_nsn(experiment: Experiment) -> MappingReport:
    """Map without running: what every core holds of what it may, and what a reading would cost."""
    prepared = prepare(experiment)
    chip = experiment.chip
    with timed(prepared.wall_s, "map"):
        mapping = make_mapping(experiment, prepared.state, longest_interval(prepared.rules, prepared.stimulus))
    mesh = mesh_of(chip.noc)
    limits, widths = limits_and_widths(experiment, longest_interval(prepared.rules, prepared.stimulus))
    noc = noc_plan(chip, NSN_SENDS, experiment.seed, from_the_start(avoided(experiment)))
    elsewhere = None if noc is None or is_x_then_y(noc) else noc

    def distance(a: Ints, b: Ints) -> Ints:
        along, other = hops(mesh, elsewhere, a, b)
        return along + other

    match = nsn_workload(experiment).match
    homes = living_cores(chip, avoided(experiment))
    used = utilisation(prepared.state, mapping, mesh, limits, widths, match, None if elsewhere is None else distance, homes)
    core = np.arange(mesh.cores)
    x, y = mesh.xy(core // mesh.concentration)
    columns: Table = {
        "core": core,
        "x": x,
        "y": y,
        "neurons": used.neurons,
        "neurons_allowed": np.full(mesh.cores, limits.neurons),
        "axons": used.axons,
        "axons_allowed": np.full(mesh.cores, -1 if limits.axons is None else limits.axons),
        "memory_bits": used.bits,
        "memory_bits_allowed": np.full(mesh.cores, limits.memory_bits),
    }
    summary = {
        "schema": SCHEMA,
        "name": experiment.name,
        "version": chipsim.__version__,
        "chip": chip_summary(experiment),
        "mapping": {
            "method": mapping.method,
            "cores_used": used.cores_used,
            "neurons": len(prepared.state),
            "readers_per_reading": used.readers_per_reading,
            "packets_per_spike": used.readers_per_reading,
            "mean_hops": used.mean_hops,
            "unicast_hops_per_reading": used.unicast_hops_per_reading,
            "tree_hops_per_reading": used.tree_hops_per_reading if elsewhere is None else None,
            "max_core_fill": used.max_core_fill,
            "max_axon_fill": used.max_axon_fill,
            "max_memory_fill": used.max_memory_fill,
        },
    }
    tables = {"cores": columns}
    if match == "associative":  # keyed readings go to cores of a hash, wherever neurons are
        more, described = _overview(experiment, prepared.state, mapping, limits, widths, elsewhere is None)
        summary |= more
        tables |= described
    summary |= {"wall_s": prepared.wall_s, "peak_rss_bytes": peak_rss()}
    return MappingReport(experiment, mapping, summary, tables)


def _overview(
    experiment: Experiment, state: NsnState, mapping: Mapping, limits: CoreLimits, widths: memory.Widths, plain_mesh: bool
) -> tuple[dict[str, Any], dict[str, Table]]:
    """A stored network's mapping beside naive ones, at the fill that the mapping was made with."""
    chip, spec = experiment.chip, experiment.mapping
    fill = ROOM_FOR_GROWTH if spec.fill is None else spec.fill
    living = living_cores(chip, avoided(experiment))
    problem = build_problem(state, len(living), limits, widths, "associative", fill)
    if not is_countable(len(problem.pins), mesh_of(chip.noc)):
        return {}, {}
    nets = to_hypergraph(problem)[0]
    naive = {
        NAIVE: lambda: living[PARTITIONERS["sequential"](problem, spec.seed)],
        RANDOM: lambda: living[PARTITIONERS["random"](problem, spec.seed)],
    }
    flits = -(-message_bits(widths, SPIKE) // chip.noc.flit_bits)
    of = "readings of stored neurons, as often as learning has activated those that name them"
    return overview(nets, {THIS: mapping.core} | where_it_fits(naive), mesh_of(chip.noc), of, chip, flits, plain_mesh)


def _fault(fault: Any) -> list[int]:
    if isinstance(fault, FlipBit):
        return fault_row("flip_bit", fault.at, fault.core, fault.slot, fault.pair, fault.bit, int(fault.field == "interval"))
    from chipsim.programs.nsn.messages import NAMES

    if fault.message not in NAMES[1:]:
        raise UsageError(f"faults: no message is called {fault.message!r}; allowed: {', '.join(NAMES[1:])}")
    return fault_row("lose_message", NAMES.index(fault.message), fault.number)


def _offers(workload: TextWorkload | LogWorkload | GeneratedWorkload, stimulus: Stimulus, first_item: int) -> Ints:
    """When each event of the run is offered, in ps from the start of the run."""
    first_event = int(stimulus.event[first_item]) if first_item < len(stimulus) else stimulus.events
    events = stimulus.events - first_event
    if workload.rate.mode == "saturate":
        return np.full(events, SATURATE, np.int64)
    if workload.rate.period_ps is not None:
        if events * workload.rate.period_ps > LONGEST_OFFER_PS:
            raise WorkloadError(
                f"workload.rate {workload.rate}: {events} events would take more than 26 days of chip time; raise the rate"
            )
        return np.arange(events, dtype=np.int64) * workload.rate.period_ps
    first_of_event = np.searchsorted(stimulus.event, np.arange(first_event, stimulus.events))
    time = stimulus.time[first_of_event]
    scale = getattr(workload, "time_scale", 1.0)
    seconds = (time - time[0]) / (scale * workload.rate.speedup) if events else time.astype(float)
    if events and float(seconds[-1]) * 1e12 > LONGEST_OFFER_PS:
        raise WorkloadError(
            f'workload.rate {workload.rate}: the log lasts more than 26 days; use "source x 1000" or a rate in Hz'
        )
    return np.round(seconds * 1e12).astype(np.int64)

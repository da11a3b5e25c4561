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
from chipsim.config.workload import kind_of
from chipsim.errors import UsageError
from chipsim.network import NsnState, longest_interval
from chipsim.noc import mesh_of
from chipsim.noc.build import noc_plan
from chipsim.noc.hops import hops
from chipsim.noc.paths import is_x_then_y
from chipsim.noc.usable import from_the_start, living_cores
from chipsim.pipeline.common import MappingReport, avoided, chip_summary, peak_rss, timed, usable
from chipsim.pipeline.overview import NAIVE, RANDOM, THIS, is_countable, overview, where_it_fits
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan
from chipsim.programs.nsn import memory
from chipsim.programs.nsn.input import NsnInput
from chipsim.programs.nsn.kinds import STILL
from chipsim.programs.nsn.lower import RunOptions, build_plan, fault_row
from chipsim.programs.nsn.messages import SPIKE, message_bits
from chipsim.results.result import Table
from chipsim.results.summary import SCHEMA
from nsn_mapping import CoreLimits, check_contents, load_mapping, map_network, utilisation
from nsn_mapping.partition import PARTITIONERS
from nsn_mapping.problem import build_problem, to_hypergraph

Ints = npt.NDArray[np.int64]

ROOM_FOR_GROWTH = 0.9
"""Default share of a core that a mapping may use; the rest is for neurons that grow."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An experiment up to the point where an engine takes over.

    Attributes:
        given: what is read, and what the network knows before that.
        wall_s: seconds spent so far, by stage.
    """

    experiment: Experiment
    given: NsnInput
    wall_s: dict[str, float]


def prepare(experiment: Experiment) -> Prepared:
    """Read the input and let the golden model learn its first part. Raises UsageError where there is no neurosemantic network."""
    wall: dict[str, float] = {}
    kind = kind_of(experiment.workload)
    if kind.program != "nsn":
        raise UsageError(f"{experiment.name}: a workload of kind {experiment.workload.kind} has no neurosemantic network")
    with timed(wall, "load"):
        given: NsnInput = kind.read(experiment, None)
    return Prepared(experiment, given, wall)


def make_mapping(prepared: Prepared) -> Mapping:
    """Map a stored network as the experiment says, from its file or by its partitioner and placer."""
    experiment, given = prepared.experiment, prepared.given
    spec, mesh = experiment.mapping, mesh_of(experiment.chip.noc)
    limits, widths = limits_and_widths(experiment, longest_interval(given.rules, given.stimulus))
    state, match = given.state, given.match
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
    experiment, given = prepared.experiment, prepared.given
    fault = [_fault(f) for f in experiment.faults if not isinstance(f, NETWORK_FAULTS)]
    options = RunOptions(
        keyed=given.match == "keyed",
        arity=given.arity,
        alerts=given.alerts,
        offer=given.offers(given.stimulus, given.first_item),
        until=experiment.until or 0,
        seed=experiment.seed,
        fault=np.array(fault, np.int64).reshape(-1, 7),
        network_faults=experiment.network_faults,
        growth=experiment.mapping.growth,
        avoid_faults=experiment.mapping.avoid_faults,
    )
    return build_plan(experiment.chip, given.rules, given.state, mapping, given.stimulus, given.first_item, options)


def map_nsn(experiment: Experiment) -> MappingReport:
    """Map without running: what every core holds of what it may, and what a reading would cost."""
    prepared = prepare(experiment)
    chip = experiment.chip
    with timed(prepared.wall_s, "map"):
        mapping = make_mapping(prepared)
    mesh = mesh_of(chip.noc)
    limits, widths = limits_and_widths(experiment, longest_interval(prepared.given.rules, prepared.given.stimulus))
    noc = noc_plan(chip, STILL, experiment.seed, from_the_start(avoided(experiment)))
    elsewhere = None if noc is None or is_x_then_y(noc) else noc

    def distance(a: Ints, b: Ints) -> Ints:
        along, other = hops(mesh, elsewhere, a, b)
        return along + other

    match = prepared.given.match
    homes = living_cores(chip, avoided(experiment))
    used = utilisation(
        prepared.given.state, mapping, mesh, limits, widths, match, None if elsewhere is None else distance, homes
    )
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
            "neurons": len(prepared.given.state),
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
        more, described = _overview(experiment, prepared.given.state, mapping, limits, widths, elsewhere is None)
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

    if fault.message not in [name for name in NAMES if name]:
        raise UsageError(
            f"faults: no message is called {fault.message!r}; allowed: {', '.join([name for name in NAMES if name])}"
        )
    return fault_row("lose_message", NAMES.index(fault.message), fault.number)

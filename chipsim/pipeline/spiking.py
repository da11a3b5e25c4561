"""Spiking networks: read or made, mapped, lowered, run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

import chipsim
from chipsim.config.experiment import Experiment
from chipsim.config.workload import kind_of
from chipsim.energy import account
from chipsim.engines.base import Watch
from chipsim.machine.raw import RawRun
from chipsim.machine.snapshot import Snapshot
from chipsim.network.spiking import SpikingNetwork
from chipsim.noc import mesh_of
from chipsim.noc.paths import is_x_then_y
from chipsim.pipeline.common import MappingReport, chip_summary, common_summary, peak_rss, timed, usable
from chipsim.pipeline.engine import run_engine
from chipsim.pipeline.overview import NAIVE, RANDOM, THIS, is_countable, overview, where_it_fits
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan
from chipsim.programs.snn.input import SnnInput
from chipsim.programs.snn.lower import SnnOptions, build_snn_plan, build_snn_plan_and_reach
from chipsim.programs.snn.plan import SnnPlan
from chipsim.results import tables
from chipsim.results.network import network_summary, network_tables
from chipsim.results.result import Result, Table
from chipsim.results.spiking import given_summary, lif_spike_table, neurons_held, steps_table
from chipsim.results.summary import SCHEMA
from nsn_mapping.energy import spike_flits
from nsn_mapping.spiking import map_spiking
from nsn_mapping.spiking.nets import to_hypergraph


def make_spiking_mapping(experiment: Experiment, network: SpikingNetwork) -> Mapping:
    """Map a spiking network as the experiment says."""
    chip, spec = experiment.chip, experiment.mapping
    fill = 1.0 if spec.fill is None else spec.fill
    capacity, seats = chip.core.neurons, usable(experiment)
    return map_spiking(
        network, mesh_of(chip.noc), capacity, spec.partitioner, spec.placer, spec.seed, fill, seats, spec.objective
    )


def make_spiking_plan(experiment: Experiment, given: SnnInput, mapping: Mapping) -> Plan:
    """Lower a mapped spiking network for the engines."""
    return build_snn_plan(experiment.chip, given.network, mapping, _options(experiment, given))


def simulate_arrays(experiment: Experiment, watch: Watch, start: Snapshot | None, memory_limit: int | None) -> Result:
    """Run a spiking network; see ``chipsim.pipeline.simulate``."""
    wall: dict[str, float] = {}
    with timed(wall, "load"):
        given: SnnInput = kind_of(experiment.workload).read(experiment, memory_limit)
    with timed(wall, "map"):
        mapping = make_spiking_mapping(experiment, given.network)
    with timed(wall, "plan"):
        plan = make_spiking_plan(experiment, given, mapping)
        del given  # its rows are the plan's, or have been copied in another order
        plan_hash = plan.fingerprint()
    with timed(wall, "run"):
        raw = run_engine(experiment, plan, watch, start)
    return _result(experiment, mapping, plan, raw, plan_hash, wall)


def map_arrays(experiment: Experiment, memory_limit: int | None) -> MappingReport:
    """Map a spiking network without running it; see ``chipsim.pipeline.plan_mapping``."""
    wall: dict[str, float] = {}
    chip = experiment.chip
    with timed(wall, "load"):
        given: SnnInput = kind_of(experiment.workload).read(experiment, memory_limit)
    with timed(wall, "map"):
        mapping = make_spiking_mapping(experiment, given.network)
        plan, reach = build_snn_plan_and_reach(chip, given.network, mapping, _options(experiment, given))
    own: SnnPlan = plan.own
    held = neurons_held(plan)
    axons = np.zeros(plan.mesh.cores, np.int64)
    axons[own.used] = reach.axons
    core = tables.listed_cores(plan.mesh, held)
    x, y = plan.mesh.xy(core // plan.mesh.concentration)
    columns: Table = {
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
    summary: dict[str, Any] = {
        "schema": SCHEMA,
        "name": experiment.name,
        "version": chipsim.__version__,
        "chip": chip_summary(experiment),
        "mapping": {
            "method": mapping.method,
            "cores_used": len(own.used),
            "neurons": own.neurons,
            "synapses": own.synapses,
            "packets_per_spike": reach.packets / sources if sources else 0.0,
            "mean_hops": (reach.hops_ew + reach.hops_ns) / reach.packets if reach.packets else 0.0,
            "tree_entries": len(plan.route) if plan.multicast else None,
            "max_core_fill": float(held.max(initial=0) / chip.core.neurons),
            "max_memory_fill": float(plan.used_bits.max(initial=0) / chip.core.memory_bits),
        },
    }
    more, described = _overview(experiment, given.network, mapping, plan)
    summary |= more | {"wall_s": wall, "peak_rss_bytes": peak_rss()}
    return MappingReport(experiment, mapping, summary, {"cores": columns} | described)


def _overview(
    experiment: Experiment, network: SpikingNetwork, mapping: Mapping, plan: Plan
) -> tuple[dict[str, Any], dict[str, Table]]:
    """A spiking network's mapping beside naive ones, at the fill that the mapping was made with."""
    chip, spec = experiment.chip, experiment.mapping
    if not is_countable(network.synapses, plan.mesh):
        return {}, {}
    fill, seats = 1.0 if spec.fill is None else spec.fill, usable(experiment)

    def naive(partitioner: str) -> Callable[[], npt.NDArray[np.int32]]:
        return lambda: map_spiking(network, plan.mesh, chip.core.neurons, partitioner, "row", spec.seed, fill, seats).core

    placed = {THIS: mapping.core} | where_it_fits({NAIVE: naive("sequential"), RANDOM: naive("random")})
    plain_mesh = plan.noc is None or is_x_then_y(plan.noc)
    of = "one spike of every neuron"
    return overview(to_hypergraph(network), placed, plan.mesh, of, chip, spike_flits(chip), plain_mesh)


def _options(experiment: Experiment, given: SnnInput) -> SnnOptions:
    return SnnOptions(experiment.until or 0, experiment.seed, given.check_memory, experiment.network_faults)


def _result(
    experiment: Experiment, mapping: Mapping, plan: Plan, raw: RawRun, plan_hash: str, wall: dict[str, float]
) -> Result:
    chip = experiment.chip
    spent = account(chip, plan.mesh, raw, plan.noc)
    summary = common_summary(experiment, wall, raw.engine, raw.status) | given_summary(chip, plan, raw, spent)
    summary |= {"plan_hash": plan_hash, "run_cpu_s": raw.cpu_s}
    summary["noc"] = network_summary(plan, raw)
    summary["mapping"] = {"method": mapping.method, **summary.pop("mapping_run")}
    made: dict[str, Table] = {
        "cores": tables.core_table(chip, plan, raw, spent),
        "links": tables.link_table(plan, raw, spent),
        **network_tables(plan, raw),
        "steps": steps_table(chip, plan, raw),
        "energy": tables.energy_table(spent),
        "constants": tables.constant_table(chip),
    }
    if len(raw.packets) or "packets" in experiment.probes:
        made["packets"] = tables.packet_table(raw)
    if len(raw.spikes) or "spikes" in experiment.probes:
        made["spikes"] = lif_spike_table(raw)
    return Result(experiment, summary, made, mapping=mapping, snapshot=raw.snapshot)

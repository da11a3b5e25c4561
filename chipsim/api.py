"""Python entry point: an experiment in, a result out.

>>> from chipsim.api import simulate
>>> from chipsim.spec.load import load_experiment
>>> result = simulate(load_experiment("text-small", []))
>>> result.summary["nsn"]["replay_exact"]
True
"""

from __future__ import annotations

import lzma
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import chipsim
from chipsim.energy import account
from chipsim.engines.base import Watch
from chipsim.errors import UsageError, WorkloadError
from chipsim.ids import layer_of, ordinal_of
from chipsim.model import memory
from chipsim.model.state import EPISODES, LOST
from chipsim.network import NsnState, Stimulus, longest_interval
from chipsim.network.rules import EXACT, LOG2, NsnRules, event_rules, text_rules
from chipsim.plan.build import LONGEST_OFFER_PS, RunOptions, build_plan, fault_row
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import SATURATE, Plan
from chipsim.results import tables
from chipsim.results.events import event_table
from chipsim.results.histogram import histogram
from chipsim.results.latency import layer_latencies
from chipsim.results.result import Result, Table
from chipsim.results.summary import SCHEMA, layers_summary, run_summary
from chipsim.spec.experiment import Experiment, FlipBit
from chipsim.spec.workload import LogWorkload, TextWorkload
from chipsim.topology import Mesh
from chipsim.trace.functional import functional_digest, network_digest
from chipsim.trace.memory import image_of, stored_network
from chipsim.trace.raw import RawRun
from chipsim.trace.snapshot import Snapshot
from nsn_mapping import CoreLimits, check_contents, load_mapping, map_network, utilisation
from workloads.nsn.golden import GoldenModel
from workloads.nsn.replay import ReplayError, replay
from workloads.source import build_stimulus

ENGINES = ("auto", "golden", "reference")
"""Engines that exist; ``auto`` takes the fastest that can run the experiment."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An experiment up to the point where an engine takes over.

    Attributes:
        stimulus: the whole input; first_item: number of its first item that runs on the chip.
        rules: how the network reads.
        golden: the golden model, having learned the items before ``first_item``.
        state: what it knows then.
        wall_s: seconds spent so far, by stage.
    """

    experiment: Experiment
    stimulus: Stimulus
    first_item: int
    rules: NsnRules
    golden: GoldenModel
    state: NsnState
    wall_s: dict[str, float]


@dataclass(frozen=True, slots=True)
class MappingReport:
    """A mapping and what it uses; ``summary`` and ``tables`` as in a run folder."""

    experiment: Experiment
    mapping: Mapping
    summary: dict[str, Any]
    tables: dict[str, Table]


def rules_of(workload: TextWorkload | LogWorkload) -> NsnRules:
    """The reading rules that a workload asks for."""
    interval = EXACT if workload.interval == "exact" else LOG2
    gap = workload.max_gap or 0
    if isinstance(workload, TextWorkload):
        return text_rules(workload.layers, interval, 1, gap)
    return event_rules(workload.layers, interval, workload.interval_unit, gap)


def prepare(experiment: Experiment) -> Prepared:
    """Read the input and let the golden model learn its first part."""
    wall: dict[str, float] = {}
    with _timed(wall, "load"):
        stimulus, first_item = build_stimulus(experiment.workload)
        rules = rules_of(experiment.workload)
        golden = GoldenModel(rules)
        golden.advance(stimulus, first_item, recording=False)
        state = golden.state()
    return Prepared(experiment, stimulus, first_item, rules, golden, state, wall)


def make_mapping(experiment: Experiment, state: NsnState, longest_interval: int = 0) -> Mapping:
    """Map a stored network as the experiment says, from its file or by its partitioner and placer."""
    chip, spec = experiment.chip, experiment.mapping
    mesh = Mesh(chip.noc.width, chip.noc.height, chip.noc.concentration)
    limits = CoreLimits(chip.core.neurons, chip.core.axons, chip.core.memory_bits)
    widths = memory.widths_of(mesh.cores, chip.core.neurons, longest_interval)
    match = experiment.workload.match
    if spec.file is not None:
        mapping = load_mapping(Path(spec.file), state, mesh)
        check_contents(state, mapping, mesh, limits, widths.core, widths.slot, widths.entry, match, widths.interval)
        return mapping
    return map_network(state, mesh, limits, widths, match, spec.partitioner, spec.placer, spec.seed, spec.fill)


def make_plan(prepared: Prepared, mapping: Mapping) -> Plan:
    """Lower a prepared experiment for the engines."""
    experiment, workload = prepared.experiment, prepared.experiment.workload
    fault = [_fault(f) for f in experiment.faults]
    options = RunOptions(
        keyed=workload.match == "keyed",
        arity=workload.wta_arity,
        alerts=workload.alerts,
        offer=_offers(workload, prepared.stimulus, prepared.first_item),
        until=experiment.until or 0,
        seed=experiment.seed,
        fault=np.array(fault, np.int64).reshape(-1, 7),
    )
    return build_plan(experiment.chip, prepared.rules, prepared.state, mapping, prepared.stimulus, prepared.first_item, options)


def simulate(experiment: Experiment, watch: Watch | None = None, start: Snapshot | None = None) -> Result:
    """Run an experiment, from the beginning or from a snapshot of the same experiment.

    Raises:
        ConfigError: the experiment needs something unknown or malformed (exit code 3).
        MappingError: the network does not fit the chip (4).
        SimulationError: the run broke a law of the model or cannot go on (5).
    """
    watch = watch or Watch()
    if experiment.engine not in ENGINES:
        raise UsageError(f"engine {experiment.engine!r} is not in this version; allowed: {', '.join(ENGINES)}")
    prepared = prepare(experiment)
    if experiment.engine == "golden":
        return _golden_result(prepared)
    with _timed(prepared.wall_s, "map"):
        mapping = make_mapping(experiment, prepared.state, longest_interval(prepared.rules, prepared.stimulus))
    with _timed(prepared.wall_s, "plan"):
        plan = make_plan(prepared, mapping)
        plan_hash = plan.fingerprint()
    from chipsim.engines.reference import run_reference  # simpy only where it is needed

    probes = watch.probes | {name for name in experiment.probes if name in ("packets", "spikes")}
    with _timed(prepared.wall_s, "run"):
        raw = run_reference(plan, Watch(frozenset(probes), watch.progress, watch.stop), start)
    return _chip_result(prepared, mapping, plan, raw, plan_hash)


def plan_mapping(experiment: Experiment) -> MappingReport:
    """Map without running: what every core holds of what it may, and what a reading would cost."""
    prepared = prepare(experiment)
    chip = experiment.chip
    with _timed(prepared.wall_s, "map"):
        mapping = make_mapping(experiment, prepared.state, longest_interval(prepared.rules, prepared.stimulus))
    mesh = Mesh(chip.noc.width, chip.noc.height, chip.noc.concentration)
    limits = CoreLimits(chip.core.neurons, chip.core.axons, chip.core.memory_bits)
    widths = memory.widths_of(mesh.cores, chip.core.neurons, longest_interval(prepared.rules, prepared.stimulus))
    used = utilisation(prepared.state, mapping, mesh, limits, widths, experiment.workload.match)
    core = np.arange(mesh.cores)
    tile = core // mesh.concentration
    columns: Table = {
        "core": core,
        "x": tile % mesh.width,
        "y": tile // mesh.width,
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
        "chip": _chip_summary(experiment),
        "mapping": {
            "method": mapping.method,
            "cores_used": used.cores_used,
            "neurons": len(prepared.state),
            "readers_per_reading": used.readers_per_reading,
            "packets_per_spike": used.readers_per_reading,
            "mean_hops": used.mean_hops,
            "unicast_hops_per_reading": used.unicast_hops_per_reading,
            "tree_hops_per_reading": used.tree_hops_per_reading,
            "max_core_fill": used.max_core_fill,
            "max_axon_fill": used.max_axon_fill,
            "max_memory_fill": used.max_memory_fill,
        },
        "wall_s": prepared.wall_s,
        "peak_rss_bytes": _peak_rss(),
    }
    return MappingReport(experiment, mapping, summary, {"cores": columns})


# -- results -----------------------------------------------------------------------------------------------------------------


def _golden_result(prepared: Prepared) -> Result:
    with _timed(prepared.wall_s, "run"):
        prepared.golden.advance(prepared.stimulus, len(prepared.stimulus))
        state = prepared.golden.state()
    decisions = prepared.golden.decisions
    winners = np.array([(d.layer, d.id, d.cover, d.new) for d in decisions], np.int64).reshape(-1, 4)
    summary = _common_summary(prepared, "golden", "done")
    summary["functional_digest"] = functional_digest(prepared.golden.decision_digest(), state)
    summary["nsn"] = _nsn_summary(prepared, state, layers_summary(state, winners, None))
    made: dict[str, Table] = {"layers": tables.layer_table(summary["nsn"]["layers"])}
    if isinstance(prepared.experiment.workload, LogWorkload):
        rows = np.array([(d.layer, d.item, d.id, d.cover, d.new) for d in decisions], np.int64).reshape(-1, 5)
        made["events"] = _event_table(prepared, rows, state)
    return Result(prepared.experiment, summary, made, memory=image_of(state))


def _chip_result(prepared: Prepared, mapping: Mapping, plan: Plan, raw: RawRun, plan_hash: str) -> Result:
    experiment, chip = prepared.experiment, prepared.experiment.chip
    state = stored_network(raw.memory)
    spent = account(chip, plan.mesh, raw)
    latencies = layer_latencies(plan, raw)
    answered = latencies[1:]
    histograms = [histogram(one.latency_ps) for one in answered]
    winners = raw.winners[:, [1, 3, 4, 5]]
    summary = _common_summary(prepared, raw.engine, raw.status)
    summary |= run_summary(chip, plan, raw, state, spent, latencies, histograms, histogram(answered[0].wait_ps))
    summary["functional_digest"] = functional_digest(raw.decisions, state)
    summary["plan_hash"] = plan_hash
    summary["run_cpu_s"] = raw.cpu_s
    neurons_per_core = np.bincount(raw.memory.neuron[:, 0], minlength=plan.mesh.cores)
    summary["mapping"] = {
        "method": mapping.method,
        "cores_used": int((neurons_per_core > 0).sum()),
        "neurons": len(prepared.state),
        **summary.pop("mapping_run"),
        "max_core_fill": float(neurons_per_core.max(initial=0) / chip.core.neurons),
        "max_memory_fill": float(raw.memory.used_bits.max() / chip.core.memory_bits),
    }
    layers = layers_summary(state, winners, raw)
    for layer, (one, h) in enumerate(zip(answered, histograms, strict=True), 1):
        layers[layer] |= {f"latency_p{q}_s": _seconds(h.quantile(q / 100)) for q in (50, 99)} | {
            "events_decided": len(one.event)
        }
    layers[0] |= {"latency_p50_s": None, "latency_p99_s": None, "events_decided": None}
    lost = int(raw.memory.role[-1, LOST])
    summary["nsn"] = _nsn_summary(prepared, state, layers) | {"alerts": len(raw.alerts), "records_lost": lost}
    summary["nsn"]["episodes"] = int(raw.memory.role[-1, EPISODES])
    summary["nsn"]["unstored"] += lost
    made = {
        "cores": tables.core_table(chip, plan, raw, spent),
        "links": tables.link_table(plan, raw, spent),
        "layers": tables.layer_table(layers),
        "latency": tables.latency_table(histograms),
        "growth": tables.growth_table(plan, raw),
        "energy": tables.energy_table(spent),
        "constants": tables.constant_table(chip),
    }
    if isinstance(experiment.workload, LogWorkload):
        made["events"] = _event_table(prepared, raw.winners[:, 1:6], state)
        made["events"]["latency_ps"] = _by_event(answered[0].event, answered[0].latency_ps, len(made["events"]["number"]))
    if len(raw.packets) or "packets" in experiment.probes:
        made["packets"] = tables.packet_table(raw)
    if len(raw.spikes) or "spikes" in experiment.probes:
        made["spikes"] = tables.spike_table(raw)
    return Result(experiment, summary, made, _alerts(prepared, raw, state), raw.memory, mapping, raw.snapshot)


def _common_summary(prepared: Prepared, engine: str, status: str) -> dict[str, Any]:
    experiment = prepared.experiment
    return {
        "schema": SCHEMA,
        "name": experiment.name,
        "version": chipsim.__version__,
        "engine": engine,
        "status": status,
        "seed": experiment.seed,
        "digest": None,
        "functional_digest": None,
        "plan_hash": None,
        "chip": _chip_summary(experiment),
        "wall_s": prepared.wall_s,
        "peak_rss_bytes": _peak_rss(),
    }


def _chip_summary(experiment: Experiment) -> dict[str, Any]:
    chip = experiment.chip
    return {"name": chip.name, "chips": 1, "cores": chip.noc.cores, "neurons_per_core": chip.core.neurons}


def _nsn_summary(prepared: Prepared, state: NsnState, layers: list[dict[str, Any]]) -> dict[str, Any]:
    """What is stored and whether it gives the input back, exactly; sizes beside xz of the same input."""
    stimulus, chip = prepared.stimulus, prepared.experiment.chip
    w = memory.widths_of(chip.noc.cores, chip.core.neurons, longest_interval(prepared.rules, stimulus))
    k = np.diff(state.pair_start)
    pairs = int(k[state.layer > 0].sum())
    pair_bits = memory.neuron_bits(w, 1) - memory.neuron_bits(w, 0)
    symbols = int((state.layer == 0).sum())
    residuals = sum(len(r) for r in state.residuals)
    kept = sum(len(r.top) for r in state.records)
    bits = pairs * pair_bits + symbols * w.id + residuals * memory.residual_bits(w) + kept * memory.record_bits(w)
    covered = sum(r.complete for r in state.records)
    expected = _items_of_episodes(stimulus, [r.replayable for r in state.records if r.complete])
    try:
        exact = replay(state, prepared.rules) == expected if expected else None  # nothing to replay: no answer
    except ReplayError:
        exact = False
    xz_bits = 8 * len(lzma.compress(_as_text(stimulus).encode(), preset=9 | lzma.PRESET_EXTREME)) if len(stimulus) else 0
    return {
        "layers": layers,
        "stored_elements": pairs,
        "stored_bits": bits,
        "stored_bits_per_symbol": bits * max(1, len(stimulus.fields)) / len(expected) if expected else None,
        "xz_bits_per_symbol": xz_bits / stimulus.events if stimulus.events else None,
        "unstored": int(state.unstored.sum()),
        "episodes": covered,
        "replayable": sum(r.replayable for r in state.records),
        "replay_exact": exact,
        "network_digest": f"{network_digest(state):032x}",
    }


def _items_of_episodes(stimulus: Stimulus, wanted: list[bool]) -> list[tuple[int, int]]:
    """(code, time) of the items of the first episodes, those not wanted left out."""
    ends = (np.flatnonzero(stimulus.flags & 2) + 1).tolist()
    code, at, start = stimulus.code.tolist(), stimulus.time.tolist(), 0
    items: list[tuple[int, int]] = []
    for take, end in zip(wanted, ends, strict=False):
        if take:
            items += zip(code[start:end], at[start:end], strict=True)
        start = end
    return items


def _as_text(stimulus: Stimulus) -> str:
    """The input as a text of its own, for compressors: characters, or one line per event with time and fields."""
    if not stimulus.fields:
        return "".join(map(chr, stimulus.code.tolist()))
    parts = [stimulus.label(c) for c in stimulus.code.tolist()]
    width = len(stimulus.fields)
    times = stimulus.time[::width].tolist()
    return "".join(f"{t} {' '.join(parts[i * width : (i + 1) * width])}\n" for i, t in enumerate(times))


def _event_table(prepared: Prepared, decisions: Ints, state: NsnState) -> Table:
    """``decisions``: int64[rows, 5] layer, item, id, cover, new."""
    values, segments = decisions[decisions[:, 0] == 0], decisions[decisions[:, 0] == 1]
    return event_table(prepared.stimulus, prepared.first_item, values[:, [1, 2, 4]], segments[:, 1:], state)


def _by_event(event: Ints, values: Ints, size: int) -> Ints:
    column = np.full(size, -1, np.int64)
    inside = event < size
    column[event[inside]] = values[inside]
    return column


def _alerts(prepared: Prepared, raw: RawRun, state: NsnState) -> list[dict[str, Any]]:
    """Alerts with the symbols of the neuron that raised them, so that each can be read (NG11)."""
    stimulus = prepared.stimulus
    rows = []
    for at, neuron, event_time, first, last, new in raw.alerts.tolist():
        events = stimulus.event[[first, last]].tolist()
        rows.append(
            {
                "time_s": at * 1e-12,
                "event": events[0],
                "last_event": events[1],
                "event_time": event_time,
                "neuron": ordinal_of(neuron) if neuron >= 0 else None,
                "layer": layer_of(neuron) if neuron >= 0 else None,
                "new": bool(new),
                "symbols": [stimulus.label(c) for c in stimulus.code[first : last + 1].tolist()],
            }
        )
    return rows


# -- small things ------------------------------------------------------------------------------------------------------------


def _fault(fault: Any) -> list[int]:
    if isinstance(fault, FlipBit):
        return fault_row("flip_bit", fault.at, fault.core, fault.slot, fault.pair, fault.bit, int(fault.field == "interval"))
    from chipsim.model.messages import NAMES

    if fault.message not in NAMES[1:]:
        raise UsageError(f"faults: no message is called {fault.message!r}; allowed: {', '.join(NAMES[1:])}")
    return fault_row("lose_message", NAMES.index(fault.message), fault.number)


def _offers(workload: TextWorkload | LogWorkload, stimulus: Stimulus, first_item: int) -> Ints:
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


def _seconds(ps: int | None) -> float | None:
    return None if ps is None else ps * 1e-12


def _peak_rss() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@contextmanager
def _timed(wall: dict[str, float], stage: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    wall[stage] = time.perf_counter() - begin

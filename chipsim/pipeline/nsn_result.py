"""The result of a neurosemantic network's run: summary, tables and alerts."""

from __future__ import annotations

import lzma
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.energy import account
from chipsim.ids import layer_of, ordinal_of
from chipsim.machine.raw import RawRun
from chipsim.network import NsnState, Stimulus, longest_interval
from chipsim.pipeline.common import common_summary, timed
from chipsim.pipeline.nsn import Prepared
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan
from chipsim.programs.nsn import memory
from chipsim.programs.nsn.events import event_table
from chipsim.programs.nsn.functional import functional_digest, network_digest
from chipsim.programs.nsn.image import image_of, stored_network
from chipsim.programs.nsn.latency import layer_latencies
from chipsim.programs.nsn.raw import NsnRun
from chipsim.programs.nsn.state import EPISODES, LOST
from chipsim.results import tables
from chipsim.results.histogram import histogram
from chipsim.results.network import network_summary, network_tables
from chipsim.results.result import Result, Table
from chipsim.results.summary import layers_summary, run_summary

Ints = npt.NDArray[np.int64]


def golden_result(prepared: Prepared) -> Result:
    """Run the golden model alone, in software: what it decides and stores, without chip time or energy."""
    assert prepared.given.golden is not None  # the description of an experiment refuses it
    with timed(prepared.wall_s, "run"):
        prepared.given.golden.advance(prepared.given.stimulus, len(prepared.given.stimulus))
        state = prepared.given.golden.state()
    decisions = prepared.given.golden.decisions
    winners = np.array([(d.layer, d.id, d.cover, d.new) for d in decisions], np.int64).reshape(-1, 4)
    summary = common_summary(prepared.experiment, prepared.wall_s, "golden", "done")
    summary["functional_digest"] = functional_digest(prepared.given.golden.decision_digest(), state)
    summary["nsn"] = _nsn_summary(prepared, state, layers_summary(state, winners, None))
    made: dict[str, Table] = {"layers": tables.layer_table(summary["nsn"]["layers"])}
    if prepared.given.stimulus.fields:
        rows = np.array([(d.layer, d.item, d.id, d.cover, d.new) for d in decisions], np.int64).reshape(-1, 5)
        made["events"] = _event_table(prepared, rows, state)
    return Result(prepared.experiment, summary, made, memory=image_of(state))


def chip_result(prepared: Prepared, mapping: Mapping, plan: Plan, raw: RawRun, plan_hash: str) -> Result:
    """What a run on the chip has to say, from its counters and the memories that it left."""
    experiment, chip = prepared.experiment, prepared.experiment.chip
    own: NsnRun = raw.own
    state = stored_network(own.memory)
    spent = account(chip, plan.mesh, raw, plan.noc)
    latencies = layer_latencies(plan.own, own)
    answered = latencies[1:]
    histograms = [histogram(one.latency_ps) for one in answered]
    winners = own.winners[:, [1, 3, 4, 5]]
    summary = common_summary(prepared.experiment, prepared.wall_s, raw.engine, raw.status)
    summary |= run_summary(chip, plan, raw, state, spent, latencies, histograms, histogram(answered[0].wait_ps))
    summary["functional_digest"] = functional_digest(own.decisions, state)
    summary["plan_hash"] = plan_hash
    summary["run_cpu_s"] = raw.cpu_s
    summary["noc"] = network_summary(plan, raw)
    neurons_per_core = np.bincount(own.memory.neuron[:, 0], minlength=plan.mesh.cores)
    summary["mapping"] = {
        "method": mapping.method,
        "cores_used": int((neurons_per_core > 0).sum()),
        "neurons": len(prepared.given.state),
        **summary.pop("mapping_run"),
        "max_core_fill": float(neurons_per_core.max(initial=0) / chip.core.neurons),
        "max_memory_fill": float(raw.used_bits.max() / chip.core.memory_bits),
    }
    layers = layers_summary(state, winners, own)
    for layer, (one, h) in enumerate(zip(answered, histograms, strict=True), 1):
        layers[layer] |= {f"latency_p{q}_s": _seconds(h.quantile(q / 100)) for q in (50, 99)} | {
            "events_decided": len(one.event)
        }
    layers[0] |= {"latency_p50_s": None, "latency_p99_s": None, "events_decided": None}
    lost = int(own.memory.role[-1, LOST])
    summary["nsn"] = _nsn_summary(prepared, state, layers) | {"alerts": len(own.alerts), "records_lost": lost}
    summary["nsn"]["episodes"] = int(own.memory.role[-1, EPISODES])
    summary["nsn"]["unstored"] += lost
    made = {
        "cores": tables.core_table(chip, plan, raw, spent),
        "links": tables.link_table(plan, raw, spent),
        **network_tables(plan, raw),
        "layers": tables.layer_table(layers),
        "latency": tables.latency_table(histograms),
        "growth": tables.growth_table(plan, raw),
        "energy": tables.energy_table(spent),
        "constants": tables.constant_table(chip),
    }
    if prepared.given.stimulus.fields:
        made["events"] = _event_table(prepared, own.winners[:, 1:6], state)
        made["events"]["latency_ps"] = _by_event(answered[0].event, answered[0].latency_ps, len(made["events"]["number"]))
    if len(raw.packets) or "packets" in experiment.probes:
        made["packets"] = tables.packet_table(raw)
    if len(raw.spikes) or "spikes" in experiment.probes:
        made["spikes"] = tables.spike_table(raw)
    return Result(experiment, summary, made, _alerts(prepared, raw, state), own.memory, mapping, raw.snapshot)


def _nsn_summary(prepared: Prepared, state: NsnState, layers: list[dict[str, Any]]) -> dict[str, Any]:
    """What is stored and whether it gives the input back, exactly; sizes beside xz of the same input."""
    stimulus, chip = prepared.given.stimulus, prepared.experiment.chip
    w = memory.widths_of(chip.noc.cores, chip.core.neurons, longest_interval(prepared.given.rules, stimulus))
    k = np.diff(state.pair_start)
    pairs = int(k[state.layer > 0].sum())
    pair_bits = memory.neuron_bits(w, 1) - memory.neuron_bits(w, 0)
    symbols = int((state.layer == 0).sum())
    residuals = sum(len(r) for r in state.residuals)
    kept = sum(len(r.top) for r in state.records)
    bits = pairs * pair_bits + symbols * w.id + residuals * memory.residual_bits(w) + kept * memory.record_bits(w)
    covered = sum(r.complete for r in state.records)
    expected = _items_of_episodes(stimulus, [r.replayable for r in state.records if r.complete])
    exact = prepared.given.replay(state, prepared.given.rules) == expected if expected else None  # nothing to replay: no answer
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
    return event_table(prepared.given.stimulus, prepared.given.first_item, values[:, [1, 2, 4]], segments[:, 1:], state)


def _by_event(event: Ints, values: Ints, size: int) -> Ints:
    column = np.full(size, -1, np.int64)
    inside = event < size
    column[event[inside]] = values[inside]
    return column


def _alerts(prepared: Prepared, raw: RawRun, state: NsnState) -> list[dict[str, Any]]:
    """Alerts with the symbols of the neuron that raised them, so that each can be read (NG11)."""
    stimulus = prepared.given.stimulus
    rows = []
    for at, neuron, event_time, first, last, new in raw.own.alerts.tolist():
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


def _seconds(ps: int | None) -> float | None:
    return None if ps is None else ps * 1e-12

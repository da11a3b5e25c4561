"""A neurosemantic network's run summed up: what it decided, stored and grew, and how long that took; on the chip, or in software alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from chipsim.config.chip import ChipSpec
from chipsim.config.experiment import Experiment
from chipsim.machine.actions import A_AXON, A_SPIKE
from chipsim.machine.histogram import S_PER_PS, Histogram, histogram, quantiles_s
from chipsim.network import NsnState
from chipsim.network.names import NAMES, save_names
from chipsim.network.nsn_input import Decided, Ints, NsnInput
from chipsim.plan.plan import Plan
from chipsim.programs.base import Collected, Held, InSoftware, Limits, Run, Section
from chipsim.programs.nsn import NAME
from chipsim.programs.nsn.by_layer import choices_summary, growth_summary, spent_of_layers
from chipsim.programs.nsn.functional import functional_digest
from chipsim.programs.nsn.image import image_of, save_memory, stored_network
from chipsim.programs.nsn.latency import LayerLatency, layer_latencies
from chipsim.programs.nsn.messages import FIRE, HISTORY, MOVES, SPIKE
from chipsim.programs.nsn.networks import heard_of, listeners_summary, networks_summary, synchrony_summary
from chipsim.programs.nsn.pacing import root_rates
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.raw import NsnRun
from chipsim.programs.nsn.state import EPISODES, LOST, RECEIVED, ROUNDS, Constants
from chipsim.programs.nsn.stored import layers_summary, sleep_on_chip, sleep_summary, stored_summary
from chipsim.programs.nsn.tables import (
    alert_rows,
    by_event,
    decided_events,
    growth_table,
    latency_table,
    layer_table,
    spike_table,
)

MEMORY = "memory.npz"
"""Core memories at the end, in a run folder."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is worked out once: latencies per layer 0..L, histograms of latency and service for layers 1..L, the stored network at the end."""

    latencies: list[LayerLatency]
    histograms: list[Histogram]
    services: list[Histogram]
    state: NsnState

    @property
    def answered(self) -> LayerLatency:
        """Of layer 1, which answers the host."""
        return self.latencies[1]


def collect(run: Run) -> Collected:
    """A run on the chip, summed up."""
    own: NsnRun = run.raw.own
    given: NsnInput = run.given
    latencies = layer_latencies(run.plan.own, own)
    seen = _Seen(
        latencies,
        [histogram(one.latency_ps) for one in latencies[1:]],
        [histogram(one.service_ps) for one in latencies[1:]],
        stored_network(own.memory),
    )
    held = held_of(run.plan, own)
    neurons = held.neurons
    layers = _layers(seen, own)
    for layer, one in zip(layers, spent_of_layers(run.experiment.chip, own.spent[: len(layers) + 1]), strict=True):
        layer |= one
    lost = int(own.memory.keeper[LOST])
    stored = stored_summary(run.experiment.chip, given, seen.state, layers)
    stored |= {"alerts": len(own.alerts), "records_lost": lost, "episodes": int(own.memory.keeper[EPISODES])}
    stored |= choices_summary(own.memory.role[: seen.state.layers + 2])
    stored["unstored"] += lost
    stored |= _beside(
        given, seen.state, own.winners[:, [1, 3, 4, 5]], own.expected, own.memory.role[given.rules.numbers :, RECEIVED]
    )
    bits = int(run.raw.used_bits.sum()) - int(run.plan.used_bits.sum())
    if given.compaction is not None and own.slept[1]:
        stored["sleep"] = sleep_on_chip(run.experiment.chip, given, own)
    stored["growth"] = growth_summary(run.experiment.chip, own.spent, len(own.growth), bits)
    made = {
        "layers": layer_table(layers),
        "latency": latency_table(seen.histograms),
        "service": latency_table(seen.services),
        "growth": growth_table(own.growth, run.plan.own.constants.slots),
    }
    if given.stimulus.fields:
        made["events"] = decided_events(given, own.winners[:, 1:6], seen.state)
        for name, values in (("latency_ps", seen.answered.latency_ps), ("service_ps", seen.answered.service_ps)):
            made["events"][name] = by_event(seen.answered.event, values, len(made["events"]["number"]))
    if len(run.raw.spikes) or "spikes" in run.experiment.probes:
        made["spikes"] = spike_table(run.raw.spikes)
    wait = quantiles_s(histogram(seen.answered.wait_ps))
    summary = {
        "counts": _counts(run),
        "latency_layers_s": [quantiles_s(h) for h in seen.histograms],
        "service_layers_s": [quantiles_s(h) for h in seen.services],
        "lookahead_wait_s": {key: wait[key] for key in ("mean", "max")},
        "events_answered": len(seen.answered.event),
        "functional_digest": functional_digest(own.decisions, seen.state),
        "mapping": _mapping(run, neurons),
        "nsn": stored,
    }
    return Collected(
        events=own.events_in,
        neurons=len(seen.state),
        cores_used=int((neurons > 0).sum()),
        held=held,
        latency=seen.histograms[0],
        latency_of="event",
        service=seen.services[0],
        limits=_limits(run, seen, stored["unstored"]),
        sections=(Section(NAME, summary, made),),
        alerts=_alerts(given, alert_rows(given.stimulus, own.alerts)),
        files={MEMORY: partial(save_memory, own.memory), **_names(given)},
    )


def held_of(plan: Plan, own: NsnRun) -> Held:
    """What the cores hold at the end."""
    neurons = np.bincount(own.memory.neuron[:, 0], minlength=plan.mesh.cores)
    return Held(neurons, own.memory.axon_count, own.memory.key_count, _roles(plan, own.memory.keepers[1:, 0].tolist()))


def in_software(experiment: Experiment, given: NsnInput) -> InSoftware:
    """Run the golden model alone: what it decides and stores, without chip time or energy."""
    golden = given.golden
    assert golden is not None  # the description of an experiment refuses it
    golden.advance(given.stimulus, len(given.stimulus))
    state, decisions = golden.state(), golden.decisions
    told: dict[str, Any] = {}
    if given.compaction is not None:
        before, slept = state, given.compaction.sleep(state, given.rules)
        state = slept.state
        told = {
            "sleep": sleep_summary(experiment.chip, given, before, slept),
            "grammars": dict(given.compaction.grammars(state, given.rules)),
        }
    winners = np.array([(d.layer, d.id, d.cover, d.new) for d in decisions], np.int64).reshape(-1, 4)
    layers = layers_summary(state, winners, None)
    made = {"layers": layer_table(layers)}
    if given.stimulus.fields:
        rows = np.array([(d.layer, d.item, d.id, d.cover, d.new) for d in decisions], np.int64).reshape(-1, 5)
        made["events"] = decided_events(given, rows, state)
    raised = _raised(given.alerts, golden.decisions)
    stored = stored_summary(experiment.chip, given, state, layers) | {"alerts": len(raised), **golden.choices, **told}
    expected = np.array(golden.expectations, np.int64).reshape(-1, 3)
    stored |= _beside(given, state, winners, expected, heard_of(given.listeners, winners))
    return InSoftware(
        functional_digest=functional_digest(golden.decision_digest(), state),
        sections=(Section(NAME, {"nsn": stored}, made),),
        alerts=_alerts(given, alert_rows(given.stimulus, raised)),
        files={MEMORY: partial(save_memory, image_of(state)), **_names(given)},
    )


def _beside(given: NsnInput, state: NsnState, winners: Ints, expected: Ints, heard: Ints) -> dict[str, Any]:
    """What recursive networks and listeners did, where there are any."""
    told: dict[str, Any] = {}
    if given.rules.networks:
        told |= {"networks": networks_summary(state, winners), "synchrony": synchrony_summary(given.rules, expected)}
    if given.listeners:
        told["listeners"] = listeners_summary(state.layers, state.networks, given.listeners, heard)
    return told


def _raised(alerts: str, decisions: Sequence[Decided]) -> Ints:
    """What the host of a chip would be told of decisions, ``alerts`` being none, new or all: rows as in ``NsnRun``, without a time."""
    wanted = [d for d in decisions if d.layer == 1 and (alerts == "all" or (alerts == "new" and d.new))]
    rows = [(-1, d.id, d.time, d.item, d.item + d.cover - 1, d.new) for d in wanted]
    return np.array(rows, np.int64).reshape(-1, 6)


def _alerts(given: NsnInput, rows: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    return rows if rows or given.alerts != "none" else None


def _names(given: NsnInput) -> dict[str, Callable[[Path], None]]:
    """What the codes of a log stand for, as a file of the run; none where codes are characters."""
    return {NAMES: partial(save_names, given.stimulus.names)} if given.stimulus.names else {}


def _counts(run: Run) -> dict[str, Any]:
    raw, own = run.raw, run.raw.own
    return {
        "events_in": own.events_in,
        "items_in": own.items_in,
        "spikes": int(raw.actions[:, A_SPIKE].sum()) + own.items_in,
        "wta_rounds": int(own.memory.role[:, ROUNDS].sum()),
        "neurons_created": len(own.growth),
        "migrations": int(raw.sent[HISTORY]),
        "migration_packets": int(raw.sent[list(MOVES)].sum()),
        "overruns": own.overruns,
    }


def _mapping(run: Run, neurons: Any) -> dict[str, Any]:
    """Of the mapping's summary; ``neurons``: int64[cores] at the end."""
    plan, raw, chip = run.plan, run.raw, run.experiment.chip
    cores = plan.mesh.cores
    spikes = max(1, int(raw.actions[:cores, A_SPIKE].sum()) - int(raw.sent[FIRE]))
    return {
        "cores_used": int((neurons > 0).sum()),
        "neurons": len(run.given.state),
        "packets_per_spike": int(raw.delivered[SPIKE]) / spikes if raw.delivered[SPIKE] else None,
        "mean_hops": raw.hops / max(1, int(raw.sent.sum())),
        "answering_cores": int((raw.actions[:cores, A_AXON] > 0).sum()),
        "router_entries_max": int(raw.router_entries.max(initial=0)),
        "max_core_fill": float(neurons.max(initial=0) / chip.core.neurons),
        "max_memory_fill": float(raw.used_bits.max() / chip.core.memory_bits),
    }


def _limits(run: Run, seen: _Seen, unstored: int) -> Limits:
    """What roots, slots and memory allow, from what they did in this run."""
    chip: ChipSpec = run.experiment.chip
    plan, raw, own = run.plan, run.raw, run.raw.own
    lowered: NsnPlan = plan.own
    cores, events = plan.mesh.cores, own.events_in
    bits, axons = int(raw.used_bits.sum()), int(own.memory.axon_count.sum())
    free_and_grown = [
        (cores * chip.core.neurons - len(seen.state), len(own.growth)),
        (cores * lowered.constants.growth_bits - bits, bits - int(plan.used_bits.sum())),
    ]
    if chip.core.axons is not None:
        free_and_grown.append((cores * chip.core.axons - axons, axons - len(lowered.member)))
    horizons = [max(0, free) / grown for free, grown in free_and_grown if grown > 0]
    return Limits(
        rates=root_rates(plan, raw),
        memory_events=min(horizons) * events if horizons and events else None,
        unstored=unstored,
    )


def _layers(seen: _Seen, own: NsnRun) -> list[dict[str, Any]]:
    """Per layer what it did, what is stored, and its latency."""
    layers = layers_summary(seen.state, own.winners[:, [1, 3, 4, 5]], own)
    for layer, one in enumerate(seen.latencies[1:], 1):
        for name, h in (("latency", seen.histograms[layer - 1]), ("service", seen.services[layer - 1])):
            layers[layer] |= {f"{name}_p{q}_s": _seconds(h.quantile(q / 100)) for q in (50, 99)}
        layers[layer] |= {"events_decided": len(one.event)}
    layers[0] |= dict.fromkeys(("latency_p50_s", "latency_p99_s", "service_p50_s", "service_p99_s", "events_decided"))
    return layers


def _roles(plan: Plan, keepers: Sequence[int]) -> dict[int, str]:
    """What each core plays beside holding neurons, by core; ``keepers``: further ones of episode records."""
    known = plan.own.constants
    names: dict[int, list[str]] = {}
    for layer, core in enumerate(known.root_core):
        names.setdefault(core, []).append(_role(known, layer))
    for core in keepers:
        names.setdefault(core, []).append("more records")
    return {core: ", ".join(parts) for core, parts in names.items()}


def _role(known: Constants, number: int) -> str:
    """The role of a number: of a layer or recursive network, of the record keeper or of a listener."""
    if number <= known.layers:
        return f"root {number}"
    if number == known.layers + 1:
        return "records"
    if number < known.numbers:
        return f"network {known.below[number]}.{(number - known.layers - 2) % known.networks}"
    return f"listener {number - known.numbers}"


def _seconds(ps: int | None) -> float | None:
    return None if ps is None else ps * S_PER_PS

"""The summary of a run: the object of ``summary.json``."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipsim.config.chip import ChipSpec
from chipsim.energy import Account, claim
from chipsim.energy.account import S_PER_PS, SHARES, price
from chipsim.energy.claim import Rates, core_power_mw, mean_power_mw
from chipsim.ids import LAYER_SHIFT
from chipsim.machine.actions import (
    A_AXON,
    A_MESSAGE,
    A_NULL,
    A_PAIR,
    A_READ,
    A_SENT,
    A_SLOT,
    A_SPIKE,
    A_SYNOP,
    A_TABLE,
    A_UPDATE,
    A_WRITE,
)
from chipsim.machine.digest import digest_text
from chipsim.machine.raw import RawRun
from chipsim.network import NsnState
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.latency import LayerLatency
from chipsim.programs.nsn.messages import FIRE, HISTORY, MOVES, SPIKE
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.raw import NsnRun
from chipsim.programs.nsn.state import DEEPEST, LOST, ROUNDS
from chipsim.results.histogram import Histogram
from chipsim.results.links import direction_names, link_busy_ps, link_ports
from chipsim.results.tables import stored_layers

SCHEMA = 1
"""Version of the summary format."""


def latency_summary(h: Histogram) -> dict[str, float | None]:
    """Mean and quantiles in seconds."""

    def seconds(ps: float | None) -> float | None:
        return None if ps is None else ps * S_PER_PS

    return {
        "mean": seconds(h.mean),
        "p50": seconds(h.quantile(0.5)),
        "p95": seconds(h.quantile(0.95)),
        "p99": seconds(h.quantile(0.99)),
        "max": seconds(h.largest if h.total else None),
    }


def counts_summary(raw: RawRun, cores: int, own: NsnRun | None = None) -> dict[str, Any]:
    """Counted actions; ``spikes`` are input items, presentations by a neuron and firings; ``deliveries`` are arrivals at cores."""
    total = raw.actions.sum(axis=0).tolist()
    items_in = own.items_in if own else 0
    return {
        "events_in": own.events_in if own else 0,
        "items_in": items_in,
        "spikes": total[A_SPIKE] + items_in,
        "packets": int(raw.sent.sum()),
        "deliveries": int(raw.received[:cores].sum()),
        "drops": int(raw.dropped.sum()),
        "hops": raw.hops,
        "flit_hops": int(raw.link_flits.sum()),
        "synaptic_ops": total[A_SYNOP],
        "neuron_updates": total[A_UPDATE],
        "wta_rounds": int(own.memory.role[:-1, ROUNDS].sum()) if own else 0,
        "neurons_created": len(own.growth) if own else 0,
        "migrations": int(raw.sent[HISTORY]) if own else 0,
        "migration_packets": int(raw.sent[list(MOVES)].sum()) if own else 0,
        "overruns": own.overruns if own else 0,
        "late_ticks": int(raw.late_ticks.sum()),
        "axon_lookups": total[A_AXON],
        "memory_reads": total[A_READ],
        "memory_writes": total[A_WRITE],
        "pair_writes": total[A_PAIR],
        "messages_in": total[A_MESSAGE],
        "messages_out": total[A_SENT],
        "null_answers": total[A_NULL],
        "slot_ops": total[A_SLOT],
        "table_writes": total[A_TABLE],
        "records": raw.records,
        "messages": {name: int(n) for name, n in zip(raw.kinds, raw.sent, strict=True) if n},
    }


def layers_summary(state: NsnState, winners: np.ndarray[Any, np.dtype[np.int64]], own: NsnRun | None) -> list[dict[str, Any]]:
    """Per layer 0..L what was read, recognised, created and passed up in this run, and what is stored.

    Args:
        state: the stored network at the end.
        winners: int64[rows, 4] decisions of the run: layer, id, cover, new.
        own: the run, None where only the golden model ran.
    """
    neurons, mean_k = stored_layers(state)
    rows = []
    for layer in range(state.layers + 1):
        mine = winners[winners[:, 0] == layer]
        ours = (mine[:, 1] >> LAYER_SHIFT) == layer
        new = mine[:, 3].astype(bool)
        rows.append(
            {
                "layer": layer,
                "inputs": int(mine[:, 2].sum()),
                "segments": len(mine),
                "recognised": int((ours & ~new).sum()),
                "created": int((ours & new).sum()),
                "leftover": int((~ours & ~new).sum()),
                "unstored": int(state.unstored[layer]),
                "neurons": neurons[layer],
                "mean_k": mean_k[layer],
                "rounds": int(own.memory.role[layer, ROUNDS]) if own else None,
                "deepest_buffer": int(own.memory.role[layer, DEEPEST]) if own else None,
            }
        )
    return rows


def rates(chip: ChipSpec, plan: Plan, raw: RawRun, latencies: list[LayerLatency], state: NsnState) -> Rates:
    """What each resource could do at most, from what it did in this run."""
    lowered: NsnPlan = plan.own
    own: NsnRun = raw.own
    events = own.events_in

    def rate(busy_ps: int) -> float | None:
        return events / (busy_ps * S_PER_PS) if busy_ps and events else None

    cores = plan.mesh.cores
    bits, axons = int(raw.used_bits.sum()), int(own.memory.axon_count.sum())
    free_and_grown = [
        (cores * chip.core.neurons - len(state), len(own.growth)),
        (cores * lowered.constants.growth_bits - bits, bits - int(plan.used_bits.sum())),
    ]
    if chip.core.axons is not None:
        free_and_grown.append((cores * chip.core.axons - axons, axons - len(lowered.member)))
    horizons = [max(0, free) / grown for free, grown in free_and_grown if grown > 0]
    lost = int(own.memory.role[-1, LOST])
    return Rates(
        core_time=rate(int(raw.busy_ps[: plan.mesh.cores].max())),
        link=rate(int(link_busy_ps(plan, raw).max(initial=0))),
        wta_quorum=rate(max((one.service_ps for one in latencies), default=0)),
        memory_events=min(horizons) * events if horizons and events else None,
        full=bool(len(own.unstored)) or lost > 0,
    )


def run_summary(
    chip: ChipSpec,
    plan: Plan,
    raw: RawRun,
    state: NsnState,
    spent: Account,
    latencies: list[LayerLatency],
    histograms: list[Histogram],
    wait: Histogram,
) -> dict[str, Any]:
    """The chip's part of a summary: counts, latency, energy, power, claim, and what was busiest."""
    mesh = plan.mesh
    answered = latencies[1] if len(latencies) > 1 else latencies[0]
    readings = max(1, int(raw.actions[: mesh.cores, A_SPIKE].sum()) - int(raw.sent[FIRE]))
    return {
        "sim_time_s": spent.seconds,
        "counts": counts_summary(raw, mesh.cores, raw.own),
        "latency_s": latency_summary(histograms[0]),
        "latency_of": "event",
        "latency_layers_s": [latency_summary(h) for h in histograms],
        "lookahead_wait_s": {k: v for k, v in latency_summary(wait).items() if k in ("mean", "max")},
        "events_answered": len(answered.event),
        **power_summary(chip, plan, spent),
        "claim": claim(
            chip,
            mesh,
            raw,
            len(state),
            len(np.unique(raw.own.memory.neuron[:, 0])),
            rates(chip, plan, raw, latencies, state),
            raw.own.events_in,
            noc=plan.noc,
        ),
        "busiest": busiest(plan, raw),
        "mapping_run": {
            "packets_per_spike": int(raw.delivered[SPIKE]) / readings if raw.delivered[SPIKE] else None,
            "mean_hops": raw.hops / max(1, int(raw.sent.sum())),
            "answering_cores": int((raw.actions[: mesh.cores, A_AXON] > 0).sum()),
            "router_entries_max": int(raw.router_entries.max(initial=0)),
        },
        "digest": digest_text(raw.digest),
    }


def power_summary(chip: ChipSpec, plan: Plan, spent: Account) -> dict[str, Any]:
    """Energy by share, power of the chip and power per core."""
    cores, seconds = plan.mesh.cores, spent.seconds
    static = price(chip.power.static_per_core) * cores * 1e-3
    budget = price(chip.power.budget_per_core)
    return {
        "energy_j": {**{share: spent.share(share) for share in SHARES}, "total": spent.total},
        "power_w": {
            "mean": spent.total / seconds if seconds else static,
            "static": static,
            "dynamic": spent.dynamic / seconds if seconds else 0.0,
            "envelope": cores * budget * 1e-3,
        },
        "power_per_core_mw": {
            "mean": mean_power_mw(chip, plan.mesh, spent),
            "max": float(core_power_mw(chip, spent).max()),
            "budget": budget,
        },
    }


def busiest(plan: Plan, raw: RawRun) -> dict[str, Any]:
    """The core and the link that worked most, and how much of the time they did."""
    core = int(raw.busy_ps[: plan.mesh.cores].argmax())
    end = max(raw.end_ps, 1)
    found = {"core": core, "core_utilisation": int(raw.busy_ps[core]) / end}
    busy = link_busy_ps(plan, raw)
    if not busy.any():
        none = {"link": None, "link_from": None, "link_direction": None}
        return found | none | {"link_packets": 0, "link_utilisation": 0.0}
    link = int(busy.argmax())
    return found | {
        "link": link,
        "link_from": list(plan.mesh.xy(link // link_ports(plan))),
        "link_direction": direction_names(plan, np.array([link]))[0],
        "link_packets": int(raw.link_packets[link]),
        "link_utilisation": int(busy[link]) / end,
    }


__all__ = ["busiest", "counts_summary", "latency_summary", "layers_summary", "power_summary", "rates", "run_summary"]

"""A spiking network's run summed up: spikes, synaptic events, packets, steps."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from chipsim.machine.actions import A_ACCESS, A_FIRED, A_SOMA, A_SPIKE
from chipsim.machine.histogram import S_PER_PS, histogram
from chipsim.machine.raw import DONE, RawRun
from chipsim.network.spiking import NEURON, Quantised
from chipsim.plan.over_memory import memory_warnings
from chipsim.plan.plan import BARRIER, Plan
from chipsim.programs.base import Collected, Held, Ints, Limits, Run, Section
from chipsim.programs.snn import NAME
from chipsim.programs.snn.messages import LIF_SPIKE
from chipsim.programs.snn.plan import SnnPlan
from chipsim.programs.snn.raw import SnnRun
from chipsim.programs.snn.scale import TABLE, scale_summary, scale_table
from chipsim.programs.snn.steps import spike_table, steps_table

STEPS = "steps"
"""What limits a network whose steps follow each other: how long one takes."""


def collect(run: Run) -> Collected:
    """A run, summed up."""
    plan, raw, chip = run.plan, run.raw, run.experiment.chip
    lowered: SnnPlan = plan.own
    own: SnnRun = raw.own
    total = raw.actions.sum(axis=0)
    spikes, packets = int(total[A_SPIKE]), int(raw.sent.sum())
    held = neurons_held(plan)
    used = int((held > 0).sum())
    made = {"steps": steps_table(chip, plan, raw, run.flit_pj, run.credit_pj)}
    if len(raw.spikes) or "spikes" in run.experiment.probes:
        made["spikes"] = spike_table(raw.spikes)
    summary: dict[str, Any] = {
        "counts": {
            "events_in": spikes - int(total[A_FIRED]),
            "neuron_updates": int(total[A_SOMA]),
            "neuron_accesses": int(total[A_ACCESS]),
            "steps": len(own.steps),
            "late_spikes": int(own.steps[:, 9].sum()),
        },
        "mapping": {
            "cores_used": used,
            "neurons": lowered.neurons,
            "synapses": lowered.synapses,
            "packets_per_spike": int(raw.sent[LIF_SPIKE]) / spikes if spikes else None,
            "mean_hops": raw.hops / packets if packets else None,
            "max_core_fill": float(held.max(initial=0) / chip.core.neurons),
            "max_memory_fill": float(plan.used_bits.max(initial=0) / chip.core.memory_bits),
            "router_entries_max": int(raw.router_entries.max(initial=0)),
        },
    }
    summary["snn"] = {"spikes_kept": "spikes" in made}
    quantised: Quantised | None = run.given
    if quantised is not None:
        summary["snn"] |= _rounding(quantised, int(total[A_FIRED]), plan, len(own.steps), "spikes" in made)
        if quantised.scale is not None:
            made[TABLE] = scale_table(quantised.scale)
    none = np.zeros(plan.mesh.cores, np.int64)
    return Collected(
        events=spikes,
        neurons=lowered.neurons,
        cores_used=used,
        held=Held(held, none, none),
        latency=histogram(raw.packets[:, 1] - raw.packets[:, 0]),
        latency_of="packet",
        limits=_limits(plan, raw, spikes),
        sections=(Section(NAME, summary, made),),
        warnings=memory_warnings(plan.used_bits, held, chip.core.memory_bits, chip.core.neurons),
    )


def _rounding(quantised: Quantised, fired: int, plan: Plan, steps: int, kept: bool) -> dict[str, Any]:
    told = asdict(quantised)
    del told["scale"]
    if quantised.scale is None:
        return {"quantised": told}
    neurons = int(np.count_nonzero(plan.own.kind == NEURON))
    return {"quantised": told, "lif": scale_summary(quantised.scale, fired, neurons, steps, kept)}


def _limits(plan: Plan, raw: RawRun, spikes: int) -> Limits:
    """Under a barrier steps follow each other without a pause: the run is as fast as the chip can be."""
    idle = plan.until and raw.status == DONE  # the end that was set may lie long behind the last step
    if plan.pace != BARRIER or not spikes or not raw.end_ps or idle:
        return Limits()
    return Limits({STEPS: spikes / (raw.end_ps * S_PER_PS)}, frozenset({STEPS}))


def neurons_held(plan: Plan) -> Ints:
    """int64[cores], neurons of each core."""
    held = np.zeros(plan.mesh.cores, np.int64)
    held[plan.own.used] = np.diff(plan.own.first)
    return held

"""A run of packets summed up: how many there were, and how long they took."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipsim.machine.actions import A_ACCESS, A_SOMA, A_SPIKE
from chipsim.machine.histogram import histogram
from chipsim.programs.base import Collected, Held, Limits, Run, Section
from chipsim.programs.packets import NAME
from chipsim.programs.packets.plan import PacketsPlan
from chipsim.programs.packets.raw import PacketsRun


def collect(run: Run) -> Collected:
    """A run, summed up."""
    plan, raw, chip = run.plan, run.raw, run.experiment.chip
    lowered: PacketsPlan = plan.own
    own: PacketsRun = raw.own
    cores, packets, total = plan.mesh.cores, int(raw.sent.sum()), raw.actions.sum(axis=0)
    sends = np.zeros(cores, bool)
    sends[lowered.traffic[:, 1]] = True
    used = int(((raw.operations[:cores] > 0) | sends).sum())
    summary: dict[str, Any] = {
        "counts": {
            "items_in": own.offered,
            "spikes": int(total[A_SPIKE]) + own.offered,
            "events_in": packets,
            "neuron_updates": int(total[A_SOMA]),
            "neuron_accesses": int(total[A_ACCESS]),
            "steps": 0,
            "late_spikes": 0,
        },
        "mapping": {
            "cores_used": used,
            "neurons": 0,
            "synapses": 0,
            "packets_per_spike": None,
            "mean_hops": raw.hops / packets if packets else None,
            "max_core_fill": 0.0,
            "max_memory_fill": float(plan.used_bits.max(initial=0) / chip.core.memory_bits),
            "router_entries_max": int(raw.router_entries.max(initial=0)),
        },
    }
    none = np.zeros(cores, np.int64)
    return Collected(
        events=packets,
        neurons=0,
        cores_used=used,
        held=Held(none, none, none),
        latency=histogram(raw.packets[:, 1] - raw.packets[:, 0]),
        latency_of="packet",
        limits=Limits(),
        sections=(Section(NAME, summary, {}),),
    )

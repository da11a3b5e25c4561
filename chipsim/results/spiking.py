"""Results of spiking networks and of given packets: the chip's part of the summary, and the table of steps.

Rates count spikes (of a spiking network) or packets. The energy of a step is counts times prices, like the account: the network's part
is what its packets cost to send, carry and take in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.energy import Account, claim
from chipsim.energy.account import J_PER_PJ, S_PER_PS, account
from chipsim.energy.claim import Rates
from chipsim.machine.actions import A_ACCESS, A_FIRED, A_SOMA, A_SPIKE
from chipsim.machine.digest import digest_text
from chipsim.machine.raw import RawRun
from chipsim.network.spiking import INPUT
from chipsim.noc.ways import along_x
from chipsim.plan.plan import Plan
from chipsim.programs import snn
from chipsim.programs.snn.messages import LIF_SPIKE
from chipsim.results.histogram import histogram
from chipsim.results.links import link_busy_ps
from chipsim.results.result import Table
from chipsim.results.summary import busiest, counts_summary, latency_summary, power_summary

Ints = npt.NDArray[np.int64]

STEP_COLUMNS = (
    "step", "begin_ps", "end_ps", "fired", "updated", "packets", "hops_ew", "hops_ns", "synaptic_ops", "late_spikes",
)  # fmt: skip


def given_summary(chip: ChipSpec, plan: Plan, raw: RawRun, spent: Account) -> dict[str, Any]:
    """Counts, latency, energy, power, claim, and what was busiest, of a spiking network or of given packets.

    Args:
        chip: prices and budget.
        plan: what ran.
        raw: counters.
        spent: their account.
    """
    cores, spiking = plan.mesh.cores, plan.program == snn.NAME
    steps = raw.own.steps if spiking else np.zeros((0, len(STEP_COLUMNS)), np.int64)
    total = raw.actions.sum(axis=0)
    spikes, packets = int(total[A_SPIKE]), int(raw.sent.sum())
    counts = counts_summary(raw, cores)
    if not spiking:
        counts["items_in"] = raw.own.offered
        counts["spikes"] += raw.own.offered
    counts["events_in"] = spikes - int(total[A_FIRED]) if spiking else packets
    counts["neuron_updates"] = int(total[A_SOMA])
    counts |= {"neuron_accesses": int(total[A_ACCESS]), "steps": len(steps), "late_spikes": int(steps[:, 9].sum())}
    latency = latency_summary(histogram(raw.packets[:, 1] - raw.packets[:, 0]))
    events = spikes if spiking else packets
    held = neurons_held(plan)
    used = int((held > 0).sum()) if spiking else int(((raw.operations[:cores] > 0) | _sources(plan)).sum())
    neurons = plan.own.neurons if spiking else 0
    busy = int(raw.busy_ps[:cores].max(initial=0))
    carried = int(link_busy_ps(plan, raw).max(initial=0))
    rates = Rates(
        core_time=events / (busy * S_PER_PS) if busy and events else None,
        link=events / (carried * S_PER_PS) if carried and events else None,
        wta_quorum=None,
        memory_events=None,
        full=False,
    )
    return {
        "sim_time_s": spent.seconds,
        "counts": counts,
        "latency_s": latency,
        "latency_of": "packet",
        **power_summary(chip, plan, spent),
        "claim": claim(chip, plan.mesh, raw, neurons, used, rates, events, plan.noc)
        | {"rate_of": "spike" if spiking else "packet"},
        "busiest": busiest(plan, raw),
        "mapping_run": {
            "cores_used": used,
            "neurons": neurons,
            "synapses": plan.own.synapses if spiking else 0,
            "packets_per_spike": int(raw.sent[LIF_SPIKE]) / spikes if spikes else None,
            "mean_hops": raw.hops / packets if packets else None,
            "max_core_fill": float(held.max(initial=0) / chip.core.neurons),
            "max_memory_fill": float(plan.used_bits.max(initial=0) / chip.core.memory_bits),
            "router_entries_max": int(raw.router_entries.max(initial=0)),
        },
        "digest": digest_text(raw.digest),
    }


def neurons_held(plan: Plan) -> Ints:
    """int64[cores], neurons of each core."""
    held = np.zeros(plan.mesh.cores, np.int64)
    if plan.program == snn.NAME:
        held[plan.own.used] = np.diff(plan.own.first)
    return held


def steps_table(chip: ChipSpec, plan: Plan, raw: RawRun) -> Table:
    """One row per step: what happened from its begin to that of the next, what it cost, how long it took.

    ``fired`` and ``updated`` include inputs, which cost nothing but their messages. With a barrier every row is exactly one step; with a
    clock what a core does late is counted in the row of the time at which it does it.
    """
    table: Table = {name: raw.own.steps[:, column].copy() for column, name in enumerate(STEP_COLUMNS)}
    prices, flits = chip.energy, plan.own.flits

    def pj(name: str) -> float:
        return float(getattr(prices, name).value or 0.0)

    ew, ns = _hop_prices(chip, plan, raw)
    inputs, accesses = _inputs(plan, raw), _accesses(plan, raw)
    delivered = _taken_in(plan, raw, table["packets"])
    soma = (
        accesses * pj("soma_access")
        + (table["updated"] - inputs) * pj("soma_update")
        + (table["fired"] - inputs) * pj("soma_spike")
    )
    network = (
        table["packets"] * (pj("spike_out") + flits * pj("router_flit"))
        + delivered * (pj("message_in") + pj("axon_lookup") + flits * pj("router_flit"))
        + table["hops_ew"] * (flits * ew)
        + table["hops_ns"] * (flits * ns)
    )
    parts = {"synapse": table["synaptic_ops"] * pj("synaptic_op"), "soma": soma, "network": network}
    for name, part in parts.items():
        table[f"energy_{name}_j"] = part * J_PER_PJ
    table["energy_total_j"] = (parts["synapse"] + soma + network) * J_PER_PJ
    table["time_s"] = _durations(raw) * S_PER_PS
    return table


def _hop_prices(chip: ChipSpec, plan: Plan, raw: RawRun) -> tuple[float, float]:
    """Energy of a flit and hop in pJ along x, and else; with links between chips the mean over the run, for steps do not count these apart."""
    prices = [float(constant.value or 0.0) for constant in (chip.energy.hop_ew, chip.energy.hop_ns)]
    if plan.noc is not None and plan.noc.fabric.level.any():
        link_pj, along = account(chip, plan.mesh, raw, plan.noc).link_pj, along_x(plan.noc.fabric)
        for i, links in enumerate((along, ~along)):
            if crossed := int(raw.link_flits[links].sum()):
                prices[i] = float(link_pj[links].sum()) / crossed
    return prices[0], prices[1]


def lif_spike_table(raw: RawRun) -> Table:
    """Spikes of a spiking network, if probed: when, on which core, in which step, which neuron (by the number of the user's file)."""
    time, core, step, neuron = raw.spikes.T
    return {"time_ps": time, "core": core, "step": step, "neuron": neuron}


def _durations(raw: RawRun) -> Ints:
    """From the begin of each step to that of the next, of the last one to its end."""
    steps: Ints = raw.own.steps
    return np.diff(steps[:, 1], append=steps[-1:, 2]) if len(steps) else np.zeros(0, np.int64)


def _inputs(plan: Plan, raw: RawRun) -> Ints:
    """Inputs that fired in each step; the last row has what is left of all that did, since a run can end within a step."""
    rows = len(raw.own.steps)
    if not rows:
        return np.zeros(rows, np.int64)
    listed = np.bincount(plan.own.input_step, minlength=plan.own.steps + 1)[1 : rows + 1].astype(np.int64)
    total = raw.actions.sum(axis=0)
    return _with_total(listed, int(total[A_SPIKE] - total[A_FIRED]))


def _accesses(plan: Plan, raw: RawRun) -> Ints:
    """Neurons accessed in each step: all that are no inputs."""
    rows = len(raw.own.steps)
    if not rows:
        return np.zeros(rows, np.int64)
    every = int((plan.own.kind != INPUT).sum())
    return _with_total(np.full(rows, every, np.int64), int(raw.actions[:, A_ACCESS].sum()))


def _with_total(rows: Ints, total: int) -> Ints:
    rows = rows.copy()
    rows[-1] = max(0, total - int(rows[:-1].sum()))
    return rows


def _taken_in(plan: Plan, raw: RawRun, packets: Ints) -> npt.NDArray[Any]:
    """Messages taken in per step: its packets, or with multicast as many for each packet as in the whole run."""
    sent, delivered = int(raw.sent[LIF_SPIKE]), int(raw.delivered[LIF_SPIKE])
    return packets * (delivered / sent) if plan.multicast and sent else packets


def _sources(plan: Plan) -> npt.NDArray[np.bool_]:
    sends = np.zeros(plan.mesh.cores, bool)
    sends[plan.own.traffic[:, 1]] = True
    return sends

"""The steps of a spiking network, one by one: what happened, what it cost, how long it took.

The energy of a step is counts times prices, like the account: the network's part is what its packets cost to send, carry and take in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.lookup import Columns
from chipsim.machine.actions import A_ACCESS, A_FIRED, A_SPIKE
from chipsim.machine.histogram import S_PER_PS
from chipsim.machine.raw import RawRun
from chipsim.network.spiking import INPUT
from chipsim.noc.links import along_x
from chipsim.plan.plan import Plan
from chipsim.programs.snn.messages import LIF_SPIKE

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

J_PER_PJ = 1e-12

STEP_COLUMNS = (
    "step", "begin_ps", "end_ps", "fired", "updated", "packets", "hops_ew", "hops_ns", "synaptic_ops", "late_spikes",
)  # fmt: skip


def steps_table(chip: ChipSpec, plan: Plan, raw: RawRun, link_pj: Floats) -> Columns:
    """One row per step: what happened from its begin to that of the next, what it cost, how long it took.

    ``fired`` and ``updated`` include inputs, which cost nothing but their messages. With a barrier every row is exactly one step; with a
    clock what a core does late is counted in the row of the time at which it does it. ``link_pj``: float64[link numbers], energy of each link.
    """
    table: Columns = {name: raw.own.steps[:, column].copy() for column, name in enumerate(STEP_COLUMNS)}
    prices, flits = chip.energy, plan.own.flits

    def pj(name: str) -> float:
        return float(getattr(prices, name).value or 0.0)

    ew, ns = _hop_prices(chip, plan, raw, link_pj)
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


def _hop_prices(chip: ChipSpec, plan: Plan, raw: RawRun, link_pj: Floats) -> tuple[float, float]:
    """Energy of a flit and hop in pJ along x, and else; with links between chips the mean over the run, for steps do not count these apart."""
    prices = [float(constant.value or 0.0) for constant in (chip.energy.hop_ew, chip.energy.hop_ns)]
    if plan.noc is not None and plan.noc.fabric.level.any():
        along = along_x(plan.noc.fabric)
        for i, links in enumerate((along, ~along)):
            if crossed := int(raw.link_flits[links].sum()):
                prices[i] = float(link_pj[links].sum()) / crossed
    return prices[0], prices[1]


def spike_table(spikes: Ints) -> Columns:
    """Spikes of a spiking network, if probed: when, on which core, in which step, which neuron (by the number of the user's file)."""
    time, core, step, neuron = spikes.T
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

"""The steps of a spiking network, one by one: what happened, what it cost, how long it took.

The energy of a step is its own counts times prices, like the account: the network's part is what its packets cost to send, carry and take in.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.lookup import Columns
from chipsim.machine.histogram import S_PER_PS
from chipsim.machine.raw import RawRun
from chipsim.noc import PORTS
from chipsim.noc.links import along_x
from chipsim.plan.plan import Plan
from chipsim.programs.snn.raw import COLUMNS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

J_PER_PJ = 1e-12


def steps_table(chip: ChipSpec, plan: Plan, raw: RawRun, flit_pj: Floats, credit_pj: Floats) -> Columns:
    """One row per step: what happened from its begin to that of the next, what it cost, how long it took.

    The rows add up to what the whole run counted and spent, a last step that ``until`` cuts off included. ``fired`` and ``updated`` include
    inputs, which cost nothing but their messages. With a barrier every row is exactly one step; with a clock what a core does late is counted
    in the row of the time at which it does it. ``flit_pj``, ``credit_pj``: float64[link numbers], what a flit and a credit cost on each link.
    """
    table: Columns = {name: raw.own.steps[:, column].copy() for column, name in enumerate(COLUMNS)}
    prices = chip.energy

    def pj(name: str) -> float:
        return float(getattr(prices, name).value or 0.0)

    along = np.arange(len(flit_pj)) % PORTS < 2 if plan.noc is None else along_x(plan.noc.fabric)
    ew, ns = (_mean_price(flit_pj[links], raw.link_flits[links]) for links in (along, ~along))
    credit = _mean_price(credit_pj, raw.credits)
    soma = (
        table["accesses"] * pj("soma_access")
        + (table["updated"] - table["inputs"]) * pj("soma_update")
        + (table["fired"] - table["inputs"]) * pj("soma_spike")
    )
    network = (
        table["packets"] * pj("spike_out")
        + table["messages_in"] * (pj("message_in") + pj("axon_lookup"))
        + table["flits_local"] * pj("router_flit")
        + table["router_lookups"] * pj("table_read")
        + table["flits_ew"] * ew
        + table["flits_ns"] * ns
        + table["credits"] * credit
    )
    parts = {"synapse": table["synaptic_ops"] * pj("synaptic_op"), "soma": soma, "network": network}
    for name, part in parts.items():
        table[f"energy_{name}_j"] = part * J_PER_PJ
    table["energy_total_j"] = (parts["synapse"] + soma + network) * J_PER_PJ
    table["time_s"] = _durations(raw) * S_PER_PS
    return table


def _mean_price(each: Floats, counts: Ints) -> float:
    """What one costs on some links, in pJ: the price, or where links differ (between chips) the mean over the run, for steps have sums only."""
    if not len(each) or (each == each[0]).all():
        return float(each[0]) if len(each) else 0.0
    total = int(counts.sum())
    return float(counts @ each) / total if total else 0.0


def spike_table(spikes: Ints) -> Columns:
    """Spikes of a spiking network, if probed: when, on which core, in which step, which neuron (by the number of the user's file)."""
    time, core, step, neuron = spikes.T
    return {"time_ps": time, "core": core, "step": step, "neuron": neuron}


def _durations(raw: RawRun) -> Ints:
    """From the begin of each step to that of the next, of the last one to its end."""
    steps: Ints = raw.own.steps
    return np.diff(steps[:, 1], append=steps[-1:, 2]) if len(steps) else np.zeros(0, np.int64)

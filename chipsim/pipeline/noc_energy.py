"""What a network spends at a load: the account of a run, at the prices of its chip."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chipsim.config.chip import ChipSpec
from chipsim.energy import account
from chipsim.machine.raw import RawRun
from chipsim.pipeline.noc_measure import FLITS
from chipsim.plan.plan import Plan
from chipsim.programs.base import PROGRAMS
from chipsim.results.summary import power_summary

PJ_PER_J = 1e12


def spent_at(chip: ChipSpec, plan: Plan, raw: RawRun, end_ps: int) -> dict[str, Any]:
    """Joules and watts of a run, warm-up and drain included, and pJ per flit that arrived.

    Cores take packets in at once and free of charge, so what is spent is the network's, and the static power of all cores.

    Args:
        chip: its prices; all that are needed are known, or there would be no plan.
        plan: what ran.
        raw: counters and packets.
        end_ps: when the last packet arrived, or the run ended: what comes then is an idle network.

    Returns:
        ``energy_j`` by share, ``power_w`` (``mean``, ``static``, ``dynamic``) as in the summary of a run, and ``pj_per_flit``: ``dynamic``
        (routers and links) and ``total`` (with static power), both None where no flit arrived.
    """
    spent = account(
        chip, plan.mesh, replace(raw, end_ps=end_ps), plan.noc, PROGRAMS.get(plan.program).counted, plan.endpoint_tile
    )
    found = power_summary(chip, plan, spent)
    flits = int(raw.packets[:, FLITS].sum())
    each = {"dynamic": spent.dynamic, "total": spent.total}
    return {
        "energy_j": found["energy_j"],
        "power_w": {name: found["power_w"][name] for name in ("mean", "static", "dynamic")},
        "pj_per_flit": {name: joules * PJ_PER_J / flits if flits else None for name, joules in each.items()},
    }

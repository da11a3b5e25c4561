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


def spent_at(chip: ChipSpec, plan: Plan, raw: RawRun, end_ps: int, flits_hz: float) -> dict[str, Any]:
    """Joules of a run, warm-up and drain included; watts at its load, and pJ per flit.

    Watts are of the load that was measured, not of the mean over a run that fills and drains: static power, and as many flits a second as
    were accepted at what a flit that arrived took. Cores take packets in at once and free of charge, so what is spent is the network's, and
    the static power of all cores.

    Args:
        chip: its prices; all that are needed are known, or there would be no plan.
        plan: what ran.
        raw: counters and packets.
        end_ps: when the last packet arrived, or the run ended: what comes then is an idle network.
        flits_hz: flits per second that the whole network accepted in the measured window.

    Returns:
        ``energy_j`` by share as in the summary of a run, ``power_w`` (``mean``, ``static``, ``dynamic``), and ``pj_per_flit``: ``dynamic``
        (routers and links) and ``total`` (with static power); what no flit tells is None.
    """
    spent = account(
        chip, plan.mesh, replace(raw, end_ps=end_ps), plan.noc, PROGRAMS.get(plan.program).counted, plan.endpoint_tile
    )
    found = power_summary(chip, plan, spent)
    flits, static = int(raw.packets[:, FLITS].sum()), found["power_w"]["static"]
    each = spent.dynamic / flits if flits else None
    dynamic = None if each is None else each * flits_hz
    mean = None if dynamic is None else static + dynamic
    return {
        "energy_j": found["energy_j"],
        "power_w": {"mean": mean, "static": static, "dynamic": dynamic},
        "pj_per_flit": {
            "dynamic": None if each is None else each * PJ_PER_J,
            "total": None if mean is None or not flits_hz else mean / flits_hz * PJ_PER_J,
        },
    }

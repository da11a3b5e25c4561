"""The machine's part of a summary: the head, counts, energy, power, claim, and what was busiest."""

from __future__ import annotations

import math
import resource
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

import chipsim
from chipsim.config.chip import ChipSpec
from chipsim.config.experiment import Experiment
from chipsim.energy import Account, Ends, Holding, Measured, Ran, claim
from chipsim.energy.account import S_PER_PS, SHARES, price
from chipsim.energy.claim import budget_of
from chipsim.energy.limits import CORE_TIME, LINK
from chipsim.energy.power import core_power_mw, mean_power_mw
from chipsim.machine.actions import A_SPIKE, Action
from chipsim.machine.raw import RawRun
from chipsim.plan.plan import Plan
from chipsim.programs.base import Collected, Limits, Program
from chipsim.results.links import direction_names, link_busy_ps, link_ports
from chipsim.results.passes import Passes

SCHEMA = 1
"""Version of the summary format."""

NOT_COUNTED = ("events_in", "items_in", "wta_rounds", "neurons_created", "migrations", "migration_packets", "overruns")
"""Counts that every summary has, 0 where the program does not count them."""


def head(experiment: Experiment, kind: str, wall_s: dict[str, float], engine: str, status: str) -> dict[str, Any]:
    """What ran, where, how long it took; ``kind`` is the program's name."""
    return {
        "schema": SCHEMA,
        "kind": kind,
        "name": experiment.name,
        "version": chipsim.__version__,
        "engine": engine,
        "status": status,
        "seed": experiment.seed,
        "digest": None,
        "functional_digest": None,
        "plan_hash": None,
        "warnings": [],
        "chip": chip_summary(experiment),
        "wall_s": wall_s,
        "peak_rss_bytes": peak_rss(),
    }


def chip_summary(experiment: Experiment) -> dict[str, Any]:
    """The ``chip`` of a summary."""
    chip = experiment.chip
    chips = math.prod(level.width * level.height for level in chip.noc.levels)
    return {"name": chip.name, "chips": chips, "cores": chip.noc.cores, "neurons_per_core": chip.core.neurons}


def peak_rss() -> int:
    """Peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def counts_summary(raw: RawRun, cores: int, table: tuple[Action, ...]) -> dict[str, Any]:
    """What the machine counts; ``deliveries`` are arrivals at cores."""
    total = raw.actions.sum(axis=0).tolist()
    return {
        **dict.fromkeys(NOT_COUNTED, 0),
        "spikes": total[A_SPIKE],
        "packets": int(raw.sent.sum()),
        "deliveries": int(raw.received[:cores].sum()),
        "drops": int(raw.dropped.sum()),
        "hops": raw.hops,
        "flit_hops": int(raw.link_flits.sum()),
        "router_lookups": int(raw.router_lookups.sum()),
        "credits": int(raw.credits.sum()),
        "late_ticks": int(raw.late_ticks.sum()),
        **{action.name: total[action.number] for action in table if action.in_summary},
        "records": raw.records,
        "messages": {name: int(n) for name, n in zip(raw.kinds, raw.sent, strict=True) if n},
    }


def bounds_of(plan: Plan, raw: RawRun, events: int, own: Limits, sides: int) -> Limits:
    """What cores, links and the program's own resources allow, from how long each was busy in a run; ``sides`` of a core work at once."""
    busy = {
        CORE_TIME: int(raw.busy_ps[: plan.mesh.cores].max(initial=0)) / sides,
        LINK: int(link_busy_ps(plan, raw).max(initial=0)),
    }
    rates = {name: events / (ps * S_PER_PS) for name, ps in busy.items() if ps and events}
    return replace(own, rates=rates | dict(own.rates))


def claim_summary(
    ran: Ran, program: Program, collected: Collected, passes: Passes, moved: Mapping[str, Ends]
) -> dict[str, Any]:
    """The ``claim`` of a summary: does the budget per core hold, and what binds first; ``moved``: the influence of its constants."""
    plan, raw, events, own = ran.plan, ran.raw, ran.events, collected.limits
    bounds = bounds_of(plan, raw, events, own, program.sides)
    if passes.bounds:  # those of the saturated pass: nothing waits for input in it
        bounds = replace(bounds, rates={**bounds.rates, **passes.bounds})
    cores = core_counts(plan, raw, collected)
    found = claim(
        ran,
        Holding(collected.neurons, collected.cores_used, cores["in_use"], int(raw.used_bits.sum())),
        Measured((ran.at(), *passes.points)),
        bounds,
        moved,
    )
    return found | {"rate_of": program.unit, "unstored": own.unstored, "passes": passes.told()}


def core_counts(plan: Plan, raw: RawRun, collected: Collected) -> dict[str, int]:
    """Cores by what they do, one definition each.

    Returns:
        powered (all of the chip: each draws static power), neurons (hold neurons), holding (hold anything: neurons, axons, keyed entries, a
        role), worked (did an operation), in_use (hold anything or worked).
    """
    held, cores = collected.held, plan.mesh.cores
    holding = (held.neurons > 0) | (held.axons > 0) | (held.keyed > 0)
    holding[list(held.roles)] = True
    worked = raw.operations[:cores] > 0
    return {
        "powered": cores,
        "neurons": int((held.neurons > 0).sum()),
        "holding": int(holding.sum()),
        "worked": int(worked.sum()),
        "in_use": int((holding | worked).sum()),
    }


def power_summary(chip: ChipSpec, plan: Plan, spent: Account) -> dict[str, Any]:
    """Energy by share, power of the chip and power per core."""
    cores, seconds = plan.mesh.cores, spent.seconds
    static = price(chip.power.static_per_core) * cores * 1e-3
    budget = budget_of(chip)
    return {
        "energy_j": {**{share: spent.share(share) for share in SHARES}, "total": spent.total},
        "power_w": {
            "mean": spent.total / seconds if seconds else static,
            "static": static,
            "dynamic": spent.dynamic / seconds if seconds else 0.0,
            "envelope": None if budget is None else cores * budget * 1e-3,
        },
        "power_per_core_mw": {
            "mean": mean_power_mw(chip, plan.mesh, spent),
            "max": float(core_power_mw(chip, spent).max()),
            "budget": budget,
        },
    }


def core_utilisation(raw: RawRun, sides: int) -> npt.NDArray[np.float64]:
    """float64[endpoints], share of the time that each worked, mean over its sides; what an operation does beyond a set end counts up to 1."""
    share: npt.NDArray[np.float64] = np.minimum(raw.busy_ps / (sides * max(raw.end_ps, 1)), 1.0)
    return share


def busiest(plan: Plan, raw: RawRun, sides: int) -> dict[str, Any]:
    """The core and the link that worked most, and how much of the time they did; ``sides`` of a core work at once."""
    core = int(raw.busy_ps[: plan.mesh.cores].argmax())
    end = max(raw.end_ps, 1)
    found = {"core": core, "core_utilisation": float(core_utilisation(raw, sides)[core])}
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

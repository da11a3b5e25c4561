"""Does 2 mW per core hold? The bottom-up account against the budget, its inverse, and what the answer hangs on.

Held against the budget is what the chip spends: static power of all powered cores, and what cores, routers and links do; host and
interchip shares are the board's. Verdict: ``holds`` or ``fails`` if mean power per powered core is within the budget or not, and stays
so when any one assumed price moves to an end of its range; ``depends_on_assumed`` if one of them, moved alone to an end of its range, turns the
verdict. Break-even: with static power s and budget b per core, dynamic energy e per event, n cores: events per second n (b - s) / e;
SOPs per second and core: those that come with these events, or (b - s) / price of one if nothing else cost anything (``sop_alone``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.constant import Constant
from chipsim.energy.account import J_PER_PJ, W_PER_MW, Account, Counts, account, count, price, price_lines
from chipsim.machine.actions import A_SYNOP, TABLE, Action
from chipsim.machine.raw import RawRun
from chipsim.noc import Mesh
from chipsim.noc.plan import NocPlan

MW_PER_PJ_PER_S = 1e-9


@dataclass(frozen=True, slots=True)
class Rates:
    """How many events per second each resource could do, None where it sets no limit.

    Attributes:
        core_time: the busiest core, busy all the time.
        link: the busiest link, busy all the time.
        wta_quorum: the slowest root, whose segments follow each other without waiting for input.
        memory_events: events until slots or memory of the chip are used up at the growth seen.
        full: novelties went unstored in this run.
    """

    core_time: float | None
    link: float | None
    wta_quorum: float | None
    memory_events: float | None
    full: bool


def mean_power_mw(chip: ChipSpec, mesh: Mesh, spent: Account) -> float:
    """Mean power per powered core in mW: static plus what cores, routers and links spent over the time covered."""
    static = price(chip.power.static_per_core)
    return static + (spent.on_chip / spent.seconds / mesh.cores / W_PER_MW if spent.seconds else 0.0)


def core_power_mw(chip: ChipSpec, spent: Account) -> npt.NDArray[np.float64]:
    """Power of each core in mW, with its share of its tile's router and outgoing links; slot servers, which are no cores, are left out."""
    static = price(chip.power.static_per_core)
    dynamic = spent.core_pj + spent.tile_pj
    return static + (dynamic * MW_PER_PJ_PER_S / spent.seconds if spent.seconds else np.zeros_like(dynamic))


def claim(
    chip: ChipSpec,
    mesh: Mesh,
    raw: RawRun,
    neurons: int,
    cores_used: int,
    rates: Rates,
    events: int,
    noc: NocPlan | None = None,
    table: tuple[Action, ...] = TABLE,
) -> dict[str, Any]:
    """The ``claim`` of a summary: rates per second; watts bottom-up, static power of the cores that hold neurons and all dynamic power.

    Args:
        chip: prices and budget.
        mesh: its shape.
        raw: counters.
        neurons: what the claim is about.
        cores_used: cores that hold them.
        rates: what other resources could do.
        events: how many happened of what rates count.
        noc: topology, where it is not a plain mesh.
        table: what was counted.
    """
    spent = account(chip, mesh, raw, noc, table)
    budget = price(chip.power.budget_per_core)
    static = price(chip.power.static_per_core)
    power = mean_power_mw(chip, mesh, spent)
    assumed = _turning_constants(chip, mesh, count(mesh, raw, noc, table), power <= budget)
    verdict = "depends_on_assumed" if assumed else "holds" if power <= budget else "fails"
    per_event = spent.on_chip / events if events else None
    room = (budget - static) * W_PER_MW
    energy_rate = max(0.0, mesh.cores * room) / per_event if per_event else None
    limits = {
        "energy": energy_rate,
        "core_time": rates.core_time,
        "link": rates.link,
        "wta_quorum": rates.wta_quorum,
    }
    known = {name: rate for name, rate in limits.items() if rate is not None}
    binding = min(known, key=lambda name: (known[name], name)) if known else None
    if rates.full:
        binding = "memory"
    sop = (chip.energy.synaptic_op.value or 0.0) * J_PER_PJ
    sops = int(raw.actions[:, A_SYNOP].sum())
    dynamic_mw = spent.on_chip / spent.seconds / mesh.cores / W_PER_MW if spent.seconds else 0.0
    return {
        "neurons": neurons,
        "cores": -(-neurons // chip.core.neurons),
        "watts": (cores_used * static + mesh.cores * dynamic_mw) * W_PER_MW,
        "verdict": verdict,
        "assumed": assumed,
        "given": _given_constants(chip),
        "rate_hz": events / spent.seconds if spent.seconds else None,
        "max_rate_hz": min(known.values()) if known else None,
        "limit": binding,
        "limits": {**limits, "memory_events": rates.memory_events},
        "break_even_static_mw": budget - dynamic_mw,
        "break_even_rate_hz": energy_rate,
        "events_per_core_hz": energy_rate / mesh.cores if energy_rate is not None else None,
        "sop_per_core_hz": energy_rate / mesh.cores * sops / events if energy_rate is not None and sops else None,
        "sop_alone_per_core_hz": max(0.0, room) / sop if sop else None,
        "dynamic_j_per_event": per_event,
    }


def _given_constants(chip: ChipSpec) -> list[str]:
    """Paths of assumed prices without a range, such as those the user set: the verdict takes them as they are."""
    priced = ((path, c) for path, c in chip.constants().items() if path.startswith(("energy.", "power.static")))
    return [path for path, c in priced if c.grade == "assumed" and c.range is None]


def _turning_constants(chip: ChipSpec, mesh: Mesh, counts: Counts, holds: bool) -> list[str]:
    """Paths of the assumed constants that alone, moved within their range, turn the verdict."""
    nothing = np.zeros(0)
    turning = []
    for path, constant in chip.constants().items():
        section, _, name = path.partition(".")
        priced = section in ("energy", "power") and name != "budget_per_core"  # the budget is the question, not an assumption
        if not priced or constant.grade != "assumed" or constant.range is None:
            continue
        for end in constant.range:
            other = _with_value(chip, section, name, constant, end)
            budget = price(other.power.budget_per_core)
            spent = Account(price_lines(other, counts), counts.seconds, nothing, nothing, nothing)
            if (mean_power_mw(other, mesh, spent) <= budget) != holds:
                turning.append(path)
                break
    return turning


def _with_value(chip: ChipSpec, section: str, name: str, constant: Constant, value: Any) -> ChipSpec:
    changed = constant.model_copy(update={"value": value})
    part = getattr(chip, section).model_copy(update={name: changed})
    return chip.model_copy(update={section: part})

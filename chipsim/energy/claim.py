"""Does the budget per core hold? The bottom-up account against it, on average and in the hottest core; up to which rate, and what turns that.

The verdict is ``fails`` if the mean core or the hottest one draws more than the budget in this run; ``holds_to`` if both keep it, but not at
every rate that the chip can take; ``holds`` if no rate in reach uses it up. It is ``depends_on_assumed`` if one assumed constant, moved
alone to an end of a range for which there is a published source, turns whether the budget is kept in this run. A chip without a budget has no
verdict. The budget is not part of the account: it is held against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chipsim.config.chip import ChipSpec
from chipsim.energy.account import W_PER_MW, price
from chipsim.energy.influence import Ends, Ran, is_price
from chipsim.energy.limits import (
    HOTTEST_CORE,
    MEAN_POWER,
    MEMORY,
    POWER,
    Limit,
    Measured,
    memory_limit,
    power_limit,
    power_of,
    time_limits,
)
from chipsim.energy.power import CHECK, Point
from chipsim.energy.published import STATIC
from chipsim.machine.actions import A_SYNOP
from chipsim.programs.base import Limits

HOLDS, HOLDS_TO, FAILS, DEPENDS = "holds", "holds_to", "fails", "depends_on_assumed"

MILLION = 10**6


@dataclass(frozen=True, slots=True)
class Holding:
    """How many neurons there are, on how many cores.

    Attributes:
        neurons: what the claim is about.
        cores_used: cores that hold neurons.
        cores_in_use: cores that hold or did anything.
        memory_bits: in use on the whole chip.
    """

    neurons: int
    cores_used: int
    cores_in_use: int
    memory_bits: int


def claim(ran: Ran, holding: Holding, measured: Measured, bounds: Limits, moved: Mapping[str, Ends]) -> dict[str, Any]:
    """The ``claim`` of a summary; rates per second.

    Args:
        ran: the run.
        holding: what it is about.
        measured: the run's point, and those of further passes.
        bounds: what other resources allow.
        moved: the run's power with each constant at the ends of its range, by path.
    """
    chip, spent = ran.chip, ran.spent()
    budget, static = budget_of(chip), price(chip.power.static_per_core)
    here = measured.run
    limits = limits_at(budget, static, measured, bounds)
    least = [name for name, limit in limits.items() if limit.in_reach]
    binding = min(least, key=lambda name: (limits[name].rate_hz or 0.0, name), default=None)
    rate, most = ran.events / spent.seconds if spent.seconds else None, limits[binding].rate_hz if binding else None
    sops = int(ran.raw.actions[:, A_SYNOP].sum())
    even = limits[MEAN_POWER].rate_hz if MEAN_POWER in limits else None
    dynamic_mw = here.mean_mw - static
    per_event = spent.budgeted / ran.events if ran.events else None
    turning = [] if budget is None else turning_constants(chip, here, moved)
    watts = (holding.cores_in_use * static + ran.plan.mesh.cores * dynamic_mw) * W_PER_MW
    return {
        "neurons": holding.neurons,
        "cores": -(-holding.neurons // chip.core.neurons),
        "cores_in_use": holding.cores_in_use,
        "watts": watts,
        "verdict": None if budget is None else DEPENDS if turning else _whole(verdict(budget, here, limits), rate, most),
        "assumed": turning,
        "given": _given_constants(chip),
        "rate_hz": rate,
        "max_rate_hz": most,
        "limit": MEMORY if bounds.unstored else binding,
        "limits": {name: limit.told() for name, limit in limits.items()} | {MEMORY: memory_limit(bounds).told()},
        "mean": {"mw": here.mean_mw, **_alone(budget, here, limits, MEAN_POWER)},
        "hottest": {"core": here.core, "mw": here.hottest_mw, **_alone(budget, here, limits, HOTTEST_CORE)},
        "points": measured.told(),
        "break_even_static_mw": None if budget is None else budget - dynamic_mw,
        "static": _static(budget, static, here),
        "band": _band(chip, static, measured, bounds),
        "break_even_rate_hz": even,
        "events_per_core_hz": even / ran.plan.mesh.cores if even is not None else None,
        "sop_per_core_hz": even / ran.plan.mesh.cores * sops / ran.events if even is not None and sops and ran.events else None,
        "dynamic_j_per_event": per_event,
        "at_1e6": _million(chip, holding, watts),
    }


def limits_at(budget_mw: float | None, static_mw: float, measured: Measured, bounds: Limits) -> dict[str, Limit]:
    """All limits that are rates, by name; those of power only under a budget."""
    power = {} if budget_mw is None else {name: power_limit(name, budget_mw, static_mw, measured, bounds) for name in POWER}
    return power | time_limits(measured, bounds)


def verdict(budget_mw: float, here: Point, limits: dict[str, Limit], names: Iterable[str] = POWER) -> str:
    """``fails``, ``holds_to`` or ``holds``, for the mean core and the hottest one, or for one of them."""
    if any(power_of(name, here) > budget_mw for name in names):
        return FAILS
    return HOLDS_TO if any(limits[name].in_reach for name in names) else HOLDS


def _whole(word: str, rate: float | None, most: float | None) -> str:
    """A run that was cut may have been offered more than the chip takes: it holds only to what that is."""
    return HOLDS_TO if word == HOLDS and rate is not None and most is not None and rate > most * (1 + 1e-9) else word


def _alone(budget: float | None, here: Point, limits: dict[str, Limit], name: str) -> dict[str, Any]:
    """The verdict on the mean core, or on the hottest one, alone."""
    if budget is None:
        return {"verdict": None, "max_rate_hz": None}
    return {"verdict": verdict(budget, here, limits, [name]), "max_rate_hz": limits[name].rate_hz}


def budget_of(chip: ChipSpec) -> float | None:
    """The budget of a core in mW; None where nobody has set the chip one."""
    value = chip.power.budget_per_core.value
    return None if value is None else float(value)


def _static(budget: float | None, static: float, here: Point) -> dict[str, Any]:
    """Up to which static power per core the budget holds at this load, and which published chips lie within that."""
    room = {} if budget is None else {name: budget - (power_of(name, here) - static) for name in POWER}
    least = min(room.values(), default=None)
    return {
        "mean_mw": room.get(MEAN_POWER),
        "hottest_mw": room.get(HOTTEST_CORE),
        "published": [
            {"chip": one.chip, "mw": one.mw, "within": None if least is None else one.mw <= least, "source": one.source}
            for one in STATIC
        ],
    }


def _band(chip: ChipSpec, static: float, measured: Measured, bounds: Limits) -> list[dict[str, Any]]:
    """What the ends of the range of the budget would mean."""
    found = []
    measured = Measured(tuple(one for one in measured.points if one.what != CHECK))  # checks were run for the budget itself
    for budget in chip.power.budget_per_core.range or ():
        limits = limits_at(budget, static, measured, bounds)
        rates = [limits[name].rate_hz for name in POWER if limits[name].in_reach]
        said = verdict(budget, measured.run, limits)
        found.append(
            {"budget_mw": budget, "verdict": said, "max_rate_hz": min((r for r in rates if r is not None), default=None)}
        )
    return found


def _million(chip: ChipSpec, holding: Holding, watts: float) -> dict[str, Any]:
    """What 10^6 neurons would take at the fill of the cores that hold neurons in this run, and at what its cores in use draw each.

    Cores that hold nothing and did nothing have no part in it: a larger chip with the same network tells the same.

    What they need on other cores, such as the entries of a keyed index, is memory: where it would fill more cores, so many.
    """
    if not holding.neurons or not holding.cores_used:
        return {"cores": None, "watts": None, "by": None}
    by_fill = -(-MILLION * holding.cores_used // holding.neurons)
    by_memory = -(-MILLION * holding.memory_bits // (holding.neurons * chip.core.memory_bits))
    cores = max(by_fill, by_memory)
    return {"cores": cores, "watts": cores * watts / holding.cores_in_use, "by": "fill" if cores == by_fill else "memory"}


def _given_constants(chip: ChipSpec) -> list[str]:
    """Paths of assumed prices without a range, such as those the user set: the verdict takes them as they are."""
    return [path for path, c in chip.constants().items() if is_price(path) and c.grade == "assumed" and c.range is None]


def turning_constants(chip: ChipSpec, here: Point, moved: Mapping[str, Ends]) -> list[str]:
    """Paths of the assumed constants that alone, moved to an end of a range that has a source, turn whether the run keeps the budget."""
    budget, constants = price(chip.power.budget_per_core), chip.constants()

    def kept(at: Point) -> bool:
        return all(power_of(name, at) <= budget for name in POWER)

    return [
        path
        for path, ends in moved.items()
        if constants[path].grade == "assumed" and constants[path].range_source is not None
        if any(kept(end) != kept(here) for end in ends)
    ]

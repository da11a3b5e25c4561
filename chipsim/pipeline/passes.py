"""Further passes over the plan of a run, to measure what would else be extrapolated: how far it goes, and where the budget is used up.

The saturated pass offers the same events as fast as the chip takes them. Where power at saturation is above the budget, the rate at which the
budget is used up is worked out (power is affine in the rate) and run as well; where the budget is missed by more than ``limits.NEAR``, once
more from there.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from chipsim.energy import Point, account, point
from chipsim.energy.account import price
from chipsim.energy.claim import budget_of
from chipsim.energy.limits import NEAR, POWER, power_of, rate_at
from chipsim.energy.power import CHECK, SATURATED
from chipsim.engines.base import Watch
from chipsim.errors import SimulationError
from chipsim.machine.raw import DONE, RawRun
from chipsim.pipeline.engine import Run
from chipsim.pipeline.stages import Loaded
from chipsim.plan.plan import Plan
from chipsim.programs.base import Limits
from chipsim.results.passes import Passes
from chipsim.results.summary import bounds_of

log = logging.getLogger(__name__)

MOST_EVENTS = 20_000
"""Events of a pass: a run may be a thousand times longer, and what it spends per event is known after these."""

MOST_CHECKS = 4
"""Passes that look for the rate at which the budget is used up."""


def make_passes(loaded: Loaded, plan: Plan, raw: RawRun, run: Run, watch: Watch) -> Passes:
    """Run the plan at other paces, on the engine that ran it.

    Args:
        loaded: what ran.
        plan: of the run.
        raw: its outcome.
        run: the engine.
        watch: asked whether to stop: what has been measured by then is kept.
    """
    pacing = loaded.program.pacing
    if pacing is None:
        return Passes(why=f"a {loaded.program.unit} is not offered at a rate")
    if raw.status == "interrupted":
        return Passes(why="the run was interrupted")
    quiet = Watch(stop=watch.stop)
    fast = pacing.at(plan, None, MOST_EVENTS)
    if fast is None:
        return Passes(why="nothing was offered")
    try:
        full = raw if pacing.saturates(plan) and raw.status == DONE else run(fast, quiet, None)
        if full.status != DONE:
            return Passes(why="interrupted")
        top = _point(SATURATED, loaded, plan, full)
        own = Limits(rates=pacing.rates(plan if full is raw else fast, full))
        events = pacing.events(full)
        bounds = bounds_of(plan, full, events, own, loaded.program.sides).rates
        return Passes((top, *_checks(loaded, plan, top, run, quiet)), events, bounds)
    except SimulationError as error:  # the run itself has come to its end
        log.warning("limits are extrapolated: %s", error)
        return Passes(why=str(error))


def _checks(loaded: Loaded, plan: Plan, top: Point, run: Run, watch: Watch) -> list[Point]:
    """Passes at the rates at which the mean core and the hottest one use up the budget, where the chip comes to them."""
    chip, pacing = loaded.experiment.chip, loaded.program.pacing
    budget, static = budget_of(chip), price(chip.power.static_per_core)
    assert pacing is not None
    found: list[Point] = []
    for name in POWER if budget is not None else ():
        assert budget is not None
        known, lag = top, 1.0
        for _ in range(MOST_CHECKS):
            rate = rate_at(budget, static, name, known)
            if not rate or rate > top.rate_hz:
                break
            slower = pacing.at(plan, rate * lag, MOST_EVENTS)
            assert slower is not None
            raw = run(slower, watch, None)
            if raw.status != DONE:
                return found
            known = replace(_point(CHECK, loaded, plan, raw), of=name)
            found.append(known)
            if abs(power_of(name, known) / budget - 1) <= NEAR:
                break
            lag *= rate / known.rate_hz  # a short run ends later than its last offer: it is slower than what was asked
    return found


def _point(what: str, loaded: Loaded, plan: Plan, raw: RawRun) -> Point:
    chip, pacing = loaded.experiment.chip, loaded.program.pacing
    assert pacing is not None
    spent = account(chip, plan.mesh, raw, plan.noc, loaded.program.counted)
    return point(what, chip, plan.mesh, spent, pacing.events(raw))

"""Further passes over the plan of a run, to measure what would else be extrapolated: how far it goes, and where the budget is used up.

The saturated pass offers the same events as fast as the chip takes them. Where power at saturation is above the budget, the rate at which the
budget is used up is worked out (power is affine in the rate) and run as well; where what is left of the budget beside static power is missed
by more than ``limits.NEAR``, once more from there.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from chipsim.energy import Point, account, point
from chipsim.energy.account import price
from chipsim.energy.claim import budget_of
from chipsim.energy.limits import NEAR, POWER, off, rate_at
from chipsim.energy.power import CHECK, SATURATED
from chipsim.engines.base import Watch
from chipsim.errors import SimulationError
from chipsim.machine.raw import DONE, INTERRUPTED, RawRun
from chipsim.pipeline.engine import Run
from chipsim.pipeline.stages import Loaded
from chipsim.plan.plan import Plan
from chipsim.programs.base import Limits
from chipsim.results.passes import NO_PASSES, Passes
from chipsim.results.summary import bounds_of

log = logging.getLogger(__name__)

MOST_CHECKS = 4
"""Passes that look for the rate at which the budget is used up."""


def make_passes(loaded: Loaded, plan: Plan, raw: RawRun, run: Run | None, watch: Watch) -> Passes:
    """Run the plan at other paces, on the engine that ran it.

    Args:
        loaded: what ran.
        plan: of the run.
        raw: its outcome; of a run that was cut, the events that it was offered are run.
        run: the engine; None to run nothing, and take what a run that was saturated itself has shown.
        watch: asked whether to stop: what has been measured by then is kept.
    """
    pacing = loaded.program.pacing
    if pacing is None:
        return Passes(why=f"a {loaded.program.unit} is not offered at a rate")
    if raw.status == INTERRUPTED:
        return Passes(why="the run was interrupted")
    itself = pacing.saturates(plan) and raw.status == DONE
    if run is None and not itself:
        return NO_PASSES
    quiet = Watch(stop=watch.stop)
    events = pacing.events(raw)
    fast = pacing.at(plan, None, events)
    if fast is None:
        return Passes(why="nothing was offered")
    try:
        full = raw if itself or run is None else run(fast, quiet, None)
        if full.status != DONE:
            return Passes(why="interrupted")
        top = _point(SATURATED, loaded, plan, full)
        own = Limits(rates=pacing.rates(plan if full is raw else fast, full))
        bounds = bounds_of(plan, full, events, own, loaded.program.sides).rates
        checks = [] if run is None else _checks(loaded, plan, top, events, run, quiet)
        return Passes((top, *checks), events, bounds)
    except SimulationError as error:  # the run itself has come to its end
        log.warning("limits are extrapolated, the chip cannot take the events faster: %s", error)
        return Passes(why=f"the saturated pass failed: {error}")


def _checks(loaded: Loaded, plan: Plan, top: Point, events: int, run: Run, watch: Watch) -> list[Point]:
    """Passes at the rates at which the mean core and the hottest one use up the budget, where the chip comes to them."""
    chip, pacing = loaded.experiment.chip, loaded.program.pacing
    budget, static = budget_of(chip), price(chip.power.static_per_core)
    assert pacing is not None
    found: list[Point] = []
    for name in POWER if budget is not None else ():
        assert budget is not None
        known, tail_s = top, 0.0
        for _ in range(MOST_CHECKS):
            rate = rate_at(budget, static, name, known)
            if not rate or rate > top.rate_hz:
                break
            period_s = 1 / rate - tail_s
            if period_s <= 0:
                break
            slower = pacing.at(plan, 1 / period_s, events)
            assert slower is not None
            raw = run(slower, watch, None)
            if raw.status != DONE:
                return found
            known = replace(_point(CHECK, loaded, plan, raw), of=name)
            found.append(known)
            if off(name, budget, static, known) <= NEAR:
                break
            tail_s = (
                1 / known.rate_hz - period_s
            )  # a short run ends later than its last offer, so it is slower than it was asked to be
    return found


def _point(what: str, loaded: Loaded, plan: Plan, raw: RawRun) -> Point:
    chip, pacing = loaded.experiment.chip, loaded.program.pacing
    assert pacing is not None
    spent = account(chip, plan.mesh, raw, plan.noc, loaded.program.counted, plan.endpoint_tile)
    return point(what, chip, plan.mesh, spent, pacing.events(raw))

"""What a run takes on the compiled engine before its first event, and what it took elsewhere while that seemed too much."""

from __future__ import annotations

import os

from chipsim import jit
from chipsim.engines.compiled.machine import units_of
from chipsim.noc.plan import WORMHOLE
from chipsim.plan.plan import Plan
from chipsim.programs.host import host_of

LOOP_S, WORMHOLE_LOOP_S = 0.7, 2.0
"""Processor seconds to compile the event loop for ideal and queued routers, and for wormhole routers; see tests/bench/engine_choice.py."""


def records_of(plan: Plan) -> int:
    """About how many records a run of a plan will have: what the time of any engine goes with."""
    return host_of(plan.program).records(plan)


def compile_s(plan: Plan) -> float:
    """Seconds for compiling what a plan needs and the cache lacks; two units are compiled at once where there are processors for it."""
    loop, hooks = units_of(plan)
    parts = (
        (WORMHOLE_LOOP_S if plan.router == WORMHOLE else LOOP_S) if loop.is_cold() else 0.0,
        host_of(plan.program).compile_s if hooks.is_cold() else 0.0,
    )
    return max(parts) if (os.cpu_count() or 1) > 1 else sum(parts)


def spared_s(plan: Plan) -> float:
    """Seconds that runs took on the reference engine because code like that of a plan was not compiled."""
    found = jit.read_note(_name(plan)).get("spared_s", 0.0)
    return found if isinstance(found, float) else 0.0


def note_spared(plan: Plan, seconds: float) -> None:
    """Keep such a number beside the code."""
    jit.write_note(_name(plan), {"spared_s": seconds})


def _name(plan: Plan) -> str:
    return "spared " + " ".join(repr(one) for one in units_of(plan))

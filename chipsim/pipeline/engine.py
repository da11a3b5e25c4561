"""Which engine runs a plan."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from dataclasses import replace

from chipsim.config.experiment import Experiment
from chipsim.engines.base import Watch
from chipsim.errors import UsageError
from chipsim.machine.raw import RawRun
from chipsim.machine.snapshot import Snapshot
from chipsim.pipeline.choice import choose_compiled
from chipsim.plan.plan import Plan
from chipsim.programs.base import PROGRAMS

log = logging.getLogger(__name__)

Run = Callable[[Plan, Watch, Snapshot | None], RawRun]
"""An engine that can begin."""

ENGINES = ("auto", "golden", "reference", "compiled")
"""Engines that exist; ``auto`` takes the one that has done sooner."""

KEPT = ("packets", "spikes")
"""Probes that an engine must know of before it runs."""


def check_engine(name: str) -> None:
    """Refuse an engine that does not exist. Raises UsageError with those there are."""
    if name not in ENGINES:
        raise UsageError(f"engine {name!r} is not in this version; allowed: {', '.join(ENGINES)}")


def watched(experiment: Experiment, watch: Watch) -> Watch:
    """What the caller wants to see, and the probes of the experiment."""
    return replace(watch, probes=watch.probes | {name for name in experiment.probes if name in KEPT})


def run_plan(engine: str, plan: Plan, watch: Watch, start: Snapshot | None = None) -> RawRun:
    """Run a plan on an engine.

    Args:
        engine: ``auto``, ``reference`` or ``compiled``.
        plan: what runs.
        watch: what the caller wants to see.
        start: where to go on from.

    Raises:
        UsageError: the compiled engine is asked for and llvmlite is not installed.
        SimulationError: the run broke a law of the model or cannot go on.
    """
    return ready_engine(engine, plan, watch)(plan, watch, start)


def ready_engine(engine: str, plan: Plan, watch: Watch) -> Run:
    """The engine that runs a plan, with its code compiled and loaded.

    Args:
        engine: ``auto``, ``reference`` or ``compiled``; ``auto`` takes the one that has done sooner (``chipsim.pipeline.choice``).
        plan: what shall run.
        watch: is told what is waited for.

    Raises:
        UsageError: the compiled engine is asked for and llvmlite is not installed, or the program has no part of it.
        PluginError: the program names a part that is none.
    """
    here = bool(PROGRAMS.get(plan.program).host)
    if engine == "compiled" and not here:
        raise UsageError(
            f"engine compiled: the program {plan.program} has no part of it (Program.host); allowed: --engine reference, or auto"
        )
    if engine in ("auto", "compiled") and here:
        try:
            importlib.import_module("chipsim.jit").require_compiler()
            compiled = importlib.import_module("chipsim.engines.compiled")
        except (ImportError, AttributeError) as error:
            if engine == "compiled":
                raise UsageError(
                    f"engine compiled: it cannot be loaded ({error}); install llvmlite (pip install llvmlite), or use --engine reference"
                ) from error
            log.info("the reference engine is used: the compiled one cannot be loaded (%s)", error)
        else:
            if engine == "compiled" or choose_compiled(plan):
                compiled.make_ready(plan, watch)
                run: Run = compiled.run_compiled
                return run
    from chipsim.engines.reference import run_reference  # simpy only where it is needed

    return run_reference

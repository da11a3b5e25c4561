"""Which engine runs a plan."""

from __future__ import annotations

import importlib
import logging

from chipsim.config.experiment import Experiment
from chipsim.engines.base import Watch
from chipsim.errors import UsageError
from chipsim.machine.raw import RawRun
from chipsim.machine.snapshot import Snapshot
from chipsim.plan.plan import Plan

log = logging.getLogger(__name__)

ENGINES = ("auto", "golden", "reference", "compiled")
"""Engines that exist; ``auto`` takes the fastest that can run the experiment."""

KEPT = ("packets", "spikes")
"""Probes that an engine must know of before it runs."""


def check_engine(name: str) -> None:
    """Refuse an engine that does not exist. Raises UsageError with those there are."""
    if name not in ENGINES:
        raise UsageError(f"engine {name!r} is not in this version; allowed: {', '.join(ENGINES)}")


def run_engine(experiment: Experiment, plan: Plan, watch: Watch, start: Snapshot | None) -> RawRun:
    """Run a plan on the engine that the experiment asks for.

    Args:
        experiment: names the engine and the probes.
        plan: what runs.
        watch: what the caller wants to see; probes of the experiment are added.
        start: where to go on from.

    Raises:
        UsageError: the compiled engine is asked for and llvmlite is not installed.
        SimulationError: the run broke a law of the model or cannot go on.
    """
    probes = watch.probes | {name for name in experiment.probes if name in KEPT}
    return run_plan(experiment.engine, plan, Watch(frozenset(probes), watch.progress, watch.stop, watch.say), start)


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
    if engine in ("auto", "compiled"):
        try:
            importlib.import_module("chipsim.jit").require_compiler()
            compiled = importlib.import_module("chipsim.engines.compiled").run_compiled
        except (ImportError, AttributeError) as error:
            if engine == "compiled":
                raise UsageError(
                    f"engine compiled: it cannot be loaded ({error}); install llvmlite (pip install llvmlite), or use --engine reference"
                ) from error
            log.info("the reference engine is used: the compiled one cannot be loaded (%s)", error)
        else:
            raw: RawRun = compiled(plan, watch, start)
            return raw
    from chipsim.engines.reference import run_reference  # simpy only where it is needed

    return run_reference(plan, watch, start)

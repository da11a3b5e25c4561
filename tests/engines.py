"""The engines by name, and the way of an experiment to them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from chipsim import pipeline
from chipsim.config.experiment import Experiment
from chipsim.engines.base import Watch
from chipsim.machine.raw import RawRun
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan

Runner = Callable[[Plan, Watch], RawRun]

ENGINE_NAMES = tuple(name for name in pipeline.ENGINES if name not in ("auto", "golden"))
"""Every engine that emulates the chip; a new one joins the conformance suite by its name alone."""


def runner(name: str) -> Runner:
    """The function that runs a plan on the engine of a name."""
    run: Runner = getattr(import_module(f"chipsim.engines.{name}"), f"run_{name}")
    return run


def lower(experiment: Experiment) -> tuple[pipeline.Loaded, Mapping, Plan]:
    """Everything that comes before an engine, of an experiment whose network is mapped."""
    prepared = pipeline.load(experiment)
    mapping = pipeline.make_mapping(prepared)
    assert mapping is not None
    return prepared, mapping, pipeline.make_plan(prepared, mapping)

"""Experiments with parts of an installed package on every engine: `python -m tests.plugin.conform` reads cases, a JSON object of name and
settings, from standard input and writes what came of them, each against the reference engine, to standard output.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from chipsim import pipeline
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.machine.digest import digest_text
from chipsim.machine.raw import RawRun
from chipsim.plan.plan import Plan
from tests.conformance.compare import compare_runs, compare_summaries

PROBES = Watch(frozenset({"packets", "spikes"}))
BASE, OTHER = "lif-small", "base="
"""The experiment that settings change, and how settings name another one, first of all."""


@dataclass(frozen=True, slots=True)
class Case:
    """What came of an experiment.

    Attributes:
        engines: first difference of the compiled engine's run, with all counters and lists, from the reference's; "" for none.
        summaries: likewise of the summaries.
        goes_on: likewise of runs that were stopped half-way on one engine and went on on the other; "" where they were equal both ways.
        digest, counts: of the reference engine.
    """

    engines: str
    summaries: str
    goes_on: str
    digest: str
    counts: dict[str, Any]


def loaded_of(settings: list[str]) -> pipeline.Loaded:
    """An experiment, its input read."""
    base = settings[0].removeprefix(OTHER) if settings[0].startswith(OTHER) else BASE
    return pipeline.load(load_experiment(base, [text for text in settings if not text.startswith(OTHER)]))


def runner(engine: str) -> Any:
    """The function that runs a plan on an engine."""
    return getattr(import_module(f"chipsim.engines.{engine}"), f"run_{engine}")


def conform(settings: list[str]) -> Case:
    """Run an experiment on both engines, whole and in two parts."""
    loaded = loaded_of(settings)
    mapping = pipeline.make_mapping(loaded)
    plan = pipeline.make_plan(loaded, mapping)
    runs = [runner(name)(plan, PROBES) for name in ("reference", "compiled")]
    summaries = [pipeline.collect(loaded, mapping, plan, raw, plan.fingerprint()).summary for raw in runs]
    return Case(
        engines=compare_runs(*runs) or "",
        summaries=compare_summaries(*summaries) or "",
        goes_on="" if "CHIPSIM_INTERPRET" in os.environ else handed_over(settings, plan, runs),
        digest=digest_text(runs[0].digest),
        counts=summaries[0]["counts"],
    )


def handed_over(settings: list[str], plan: Plan, runs: list[RawRun]) -> str:
    """Stop half-way on either engine and go on on the other: the first difference from the run that was not stopped.

    Wormhole routers and damaged networks are in no snapshot.
    """
    if plan.noc is not None and (plan.noc.wormhole is not None or plan.noc.damage is not None):
        return ""
    half, whole = runs[0].end_ps // 2, runs[0]
    loaded = loaded_of([*settings, f"until={half} ps"])
    short = pipeline.make_plan(loaded, pipeline.make_mapping(loaded))
    for first, second in (("reference", "compiled"), ("compiled", "reference")):
        snapshot = runner(first)(short, PROBES).snapshot
        if snapshot is None:
            return f"{first}: no snapshot at {half} ps"
        ended = runner(second)(plan, PROBES, snapshot)
        if (ended.digest, ended.records, ended.end_ps) != (whole.digest, whole.records, whole.end_ps):
            return (
                f"{first}, then {second}: {digest_text(ended.digest)} at {ended.end_ps} ps, whole {digest_text(whole.digest)}"
            )
        for name in ("actions", "link_flits", "sent", "delivered", "busy_ps"):
            if (getattr(ended, name) != getattr(whole, name)).any():
                return f"{first}, then {second}: {name} differ"
    return ""


if __name__ == "__main__":
    json.dump({name: asdict(conform(settings)) for name, settings in json.load(sys.stdin).items()}, sys.stdout)

"""Every scenario of texts and logs on an engine."""

from __future__ import annotations

from typing import Any

from chipsim import pipeline
from chipsim.engines.base import Watch
from chipsim.machine.raw import RawRun
from tests.conformance.catalogue import SCENARIOS
from tests.scenarios import Outcome, run

PROBES = Watch(frozenset({"packets", "spikes"}))

SCRIPT = """
import pickle, sys
from tests.conformance.text_runs import all_runs
with open(sys.argv[2], "wb") as file:
    pickle.dump(all_runs(sys.argv[1]), file)
"""


def summary_of(outcome: Outcome) -> dict[str, Any]:
    """The summary that the public entry point makes of a run."""
    o = outcome
    summary: dict[str, Any] = pipeline.collect(o.prepared, o.mapping, o.plan, o.raw, o.plan.fingerprint()).summary
    return summary


def all_runs(engine: str) -> dict[str, tuple[RawRun, dict[str, Any]]]:
    """Raw run and summary of every scenario on an engine."""
    found = {}
    for scenario in SCENARIOS:
        outcome = run(scenario.experiment(), engine, PROBES)
        found[scenario.name] = outcome.raw, summary_of(outcome)
    return found

"""Every scenario on every engine, once per session; the same again in a process with another hash seed."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chipsim import pipeline
from chipsim.engines.base import Watch
from chipsim.machine.raw import RawRun
from tests.conformance.catalogue import SCENARIOS, Scenario
from tests.scenarios import ENGINE_NAMES, Outcome, run

PROBES = Watch(frozenset({"packets", "spikes"}))

SCRIPT = """
import pickle, sys
from tests.conformance.conftest import all_runs
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


@pytest.fixture(scope="session", params=ENGINE_NAMES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every engine that emulates the chip, by name."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def reference_runs() -> dict[str, Outcome]:
    """Every scenario on the engine that is the oracle."""
    return {scenario.name: run(scenario.experiment(), "reference", PROBES) for scenario in SCENARIOS}


@pytest.fixture(scope="session")
def other_process(
    engine: str, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[RawRun, dict[str, Any]]]:
    """Every scenario on an engine in a new process whose sets and dicts of text iterate in another order."""
    file = tmp_path_factory.mktemp("conformance") / f"{engine}.pickle"
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, engine, str(file)],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with file.open("rb") as stream:
        runs: dict[str, tuple[RawRun, dict[str, Any]]] = pickle.load(stream)
    return runs


@pytest.fixture(params=SCENARIOS, ids=lambda s: s.name.replace(",", "").replace(" ", "-"))
def scenario(request: pytest.FixtureRequest) -> Scenario:
    """One scenario after the other."""
    one: Scenario = request.param
    return one

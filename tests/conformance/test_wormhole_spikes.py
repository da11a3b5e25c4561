"""Spiking networks over wormhole routers: every engine gives the flits, waiting and records of the reference."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.machine.raw import DONE, RawRun
from chipsim.plan.plan import Plan
from tests.conformance.compare import compare_runs
from tests.engines import Runner
from tests.wormhole_spikes import SCENARIOS

PROBES = Watch(frozenset({"packets", "spikes"}))


@pytest.fixture(scope="module")
def reference_runs() -> dict[str, tuple[Plan, RawRun]]:
    """Every scenario on the engine that is the oracle."""
    plans = {name: make() for name, make in SCENARIOS.items()}
    return {name: (plan, run_reference(plan, PROBES)) for name, plan in plans.items()}


@pytest.mark.parametrize("name", SCENARIOS)
def test_engine_agrees_with_the_reference(
    name: str, run_engine: Runner, reference_runs: dict[str, tuple[Plan, RawRun]]
) -> None:
    plan, expected = reference_runs[name]
    raw = run_engine(plan, PROBES)
    assert compare_runs(expected, raw) is None
    assert np.array_equal(raw.sent + raw.copies, raw.delivered) and not raw.in_flight.any()


def test_scenarios_do_what_their_names_say(reference_runs: dict[str, tuple[Plan, RawRun]]) -> None:
    for name, (_, run) in reference_runs.items():
        assert run.status == DONE and len(run.spikes) and run.link_stalls.any(), name
        assert run.queue[:, 1].any() and run.delivered.sum() >= 50, name
        assert run.copies.any() == ("on trees" in name), name
    assert len({run.digest for _, run in reference_runs.values()}) == len(reference_runs) >= 8

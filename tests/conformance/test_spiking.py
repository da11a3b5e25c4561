"""Spiking networks and given traffic: every engine gives the records and counters of the reference, whole and in pieces."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.errors import SimulationError
from chipsim.machine.raw import DONE, UNTIL
from chipsim.machine.snapshot import load_snapshot, save_snapshot
from tests.conformance.compare import compare_runs
from tests.lif_networks import SCENARIOS, busy_core
from tests.scenarios import ENGINE_NAMES, Runner, runner

PROBES = Watch(frozenset({"packets", "spikes"}))


@pytest.fixture(params=ENGINE_NAMES)
def engine(request: pytest.FixtureRequest) -> Runner:
    return runner(request.param)


@pytest.mark.parametrize("name", SCENARIOS)
def test_engine_agrees_with_the_reference(name: str, engine: Runner) -> None:
    plan = SCENARIOS[name]()
    expected, raw = run_reference(plan, PROBES), engine(plan, PROBES)
    assert compare_runs(expected, raw) is None
    assert raw.status == (UNTIL if plan.until else DONE) and raw.records > 100
    assert np.array_equal(raw.sent + raw.copies, raw.delivered + raw.in_flight)
    assert raw.in_flight.any() == (plan.until > 0)


def test_late_steps_are_the_same_on_every_engine(engine: Runner) -> None:
    """Also where work ends on an edge, and where a core falls a whole step behind."""
    for neurons in (10, 11, 13, 15):
        plan = busy_core(neurons, 10_000)
        assert compare_runs(run_reference(plan), engine(plan, Watch())) is None
    for neurons in (16, 21):
        with pytest.raises(SimulationError, match=r"core 0 .*tick"):
            engine(busy_core(neurons, 10_000), Watch())


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_run_in_pieces_equals_the_whole(name: str, tmp_path: Path) -> None:
    plan = SCENARIOS[name]()
    whole = run_reference(plan, PROBES)
    snapshot = None
    cuts = sorted({int(whole.end_ps * share) + 1 for share in (0.0, 0.1, 0.33, 0.331, 0.7, 0.9)} - {whole.end_ps})
    for until in cuts:
        piece = run_reference(dataclasses.replace(plan, until=until), PROBES, snapshot)
        assert piece.status == UNTIL and piece.snapshot is not None
        save_snapshot(piece.snapshot, tmp_path / "snapshot.npz")
        snapshot = load_snapshot(tmp_path / "snapshot.npz")
    assert compare_runs(whole, run_reference(plan, PROBES, snapshot)) is None


def test_scenarios_do_what_their_names_say() -> None:
    raw = {name: run_reference(make(), PROBES) for name, make in SCENARIOS.items()}
    for name in ("lif tick, late spikes act next", "lif tick, late spikes are dropped", "lif tick, late, delays"):
        assert raw[name].late_ticks.any() and raw[name].own.steps[:, 9].any()
    assert raw["lif barrier, hot link"].link_wait_max_ps.max() > 100_000
    assert raw["lif tick, late spikes act next"].digest != raw["lif tick, late spikes are dropped"].digest
    assert raw["lif barrier, one core"].hops == 0 < len(raw["lif barrier, one core"].packets)
    assert raw["lif barrier, multicast"].copies.any() and not raw["lif barrier"].copies.any()
    for name, run in raw.items():
        program = SCENARIOS[name]().program
        assert len(run.packets) >= 40
        assert bool(len(run.spikes)) == (program != "packets") == (len(getattr(run.own, "steps", ())) > 0)
        assert run.link_wait_ps.any() == ("ideal" not in name and "one core" not in name), name
    assert len({run.digest for run in raw.values()}) == len(raw)

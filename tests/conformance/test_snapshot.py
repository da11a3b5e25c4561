"""A run that is stopped anywhere, saved, loaded and resumed gives the records of the undivided run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.errors import ConfigError, WorkloadError
from chipsim.machine.raw import INTERRUPTED
from chipsim.machine.snapshot import load_snapshot, save_snapshot
from chipsim.pipeline import load, make_mapping, make_plan
from chipsim.plan.plan import Plan
from tests.conformance.compare import compare_runs
from tests.needs import needs

pytestmark = needs("nsn")

SMALL = ["workload.symbols=120", "workload.learned=300", "workload.episode=64"]

SETTINGS = {
    "default": [],
    "keyed-unicast": ["workload.match=keyed", "chip.noc.cast=unicast"],
    "clocked": ["chip.core.pace=tick", 'chip.core.tick="1 us"'],
    "saturated": ["workload.rate=saturate"],
    "summing": ["workload.recognise.mode=sum", "workload.recognise.threshold=0.5", "workload.layers=3"],
    "inhibition": ["workload.wta=inhibition", "workload.recognise.mode=sum", "chip.noc.cast=unicast"],
    "neurons move": [
        "mapping.growth.policy=axons",
        "mapping.growth.migrate.batch=2",
        "chip.core.neurons=16",
        "chip.noc.width=8",
    ],
}


def plan_of(*settings: str) -> Plan:
    prepared = load(load_experiment("text-small", [*SMALL, *settings]))
    return make_plan(prepared, make_mapping(prepared))


@pytest.mark.parametrize("name", SETTINGS)
def test_a_run_in_pieces_equals_the_whole(name: str, tmp_path: Path) -> None:
    plan = plan_of(*SETTINGS[name])
    whole = run_reference(plan)
    snapshot = None
    for share in (0.0, 0.1, 0.33, 0.33000001, 0.9):
        piece = run_reference(dataclasses.replace(plan, until=int(whole.end_ps * share) + 1), start=snapshot)
        assert piece.snapshot is not None
        save_snapshot(piece.snapshot, tmp_path / "snapshot.npz")
        snapshot = load_snapshot(tmp_path / "snapshot.npz")
    assert compare_runs(run_reference(plan, start=snapshot), whole) is None


def test_an_interrupted_run_goes_on() -> None:
    plan = plan_of()
    looks = iter([False, True])
    stopped = run_reference(plan, Watch(stop=lambda: next(looks)))
    assert stopped.status == INTERRUPTED
    assert stopped.snapshot is not None
    assert compare_runs(run_reference(plan, start=stopped.snapshot), run_reference(plan)) is None


def test_a_snapshot_of_another_plan_is_refused() -> None:
    plan = plan_of()
    piece = run_reference(dataclasses.replace(plan, until=10**9))
    with pytest.raises(ConfigError, match="another plan"):
        run_reference(plan_of("workload.match=keyed"), start=piece.snapshot)


def test_a_file_that_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.npz"
    path.write_bytes(b"PK\x03\x04 rubbish")
    with pytest.raises(WorkloadError, match=r"snapshot\.npz: not a snapshot"):
        load_snapshot(path)

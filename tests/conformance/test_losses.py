"""Messages lost by their number at a source: every engine loses the same, whole and in pieces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.machine.snapshot import load_snapshot, save_snapshot
from chipsim.programs.nsn.messages import ALERT
from tests.conformance.compare import compare_runs
from tests.engines import ENGINE_NAMES, lower, runner
from tests.scenarios import small

SETTINGS = ("workload.learned=0", "workload.symbols=60", "workload.alerts=all")
PROBES = Watch(frozenset({"packets", "spikes"}))


def faults(*rows: str) -> str:
    return f"faults=[{', '.join(f'{{kind: lose_message, message: alert, {row}}}' for row in rows)}]"


@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_every_engine_loses_the_same(engine: str, tmp_path: Path) -> None:
    plan = lower(small(*SETTINGS, faults("number: 1", "number: 3")))[2]
    whole = run_reference(plan, PROBES)
    sources = run_reference(lower(small(*SETTINGS))[2], PROBES).packets
    often = [int((sources[sources[:, 2] == ALERT][:, 3] == core).sum()) for core in range(plan.mesh.cores)]
    assert whole.dropped[ALERT] == sum((n > 1) + (n > 3) for n in often) > 1
    assert compare_runs(whole, runner(engine)(plan, PROBES)) is None
    piece = runner(engine)(replace(plan, until=whole.end_ps // 2), PROBES)
    assert piece.snapshot is not None and len(piece.snapshot.lost) > 0
    save_snapshot(piece.snapshot, tmp_path / "snapshot.npz")
    rest = runner(engine)(plan, PROBES, load_snapshot(tmp_path / "snapshot.npz"))  # type: ignore[call-arg]
    assert compare_runs(whole, rest) is None


@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_a_source_that_is_named_loses_alone(engine: str) -> None:
    alerts = run_reference(lower(small(*SETTINGS))[2], PROBES).packets
    core = int(alerts[alerts[:, 2] == ALERT][0, 3])
    for source, lost in ((core, 1), ((core + 1) % 16, 0)):
        plan = lower(small(*SETTINGS, faults(f"number: 0, source: {source}")))[2]
        raw = runner(engine)(plan, PROBES)
        assert raw.dropped[ALERT] == lost
        assert compare_runs(run_reference(plan, PROBES), raw) is None

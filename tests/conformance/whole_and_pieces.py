"""A plan on an engine against the reference, whole and in pieces."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.machine.raw import DONE, UNTIL
from chipsim.machine.snapshot import load_snapshot, save_snapshot
from chipsim.plan.plan import Plan
from tests.conformance.compare import compare_runs
from tests.engines import Runner

PROBES = Watch(frozenset({"packets", "spikes"}))


def agree(plan: Plan, engine: Runner) -> None:
    """The engine gives the records and counters of the reference."""
    expected, raw = run_reference(plan, PROBES), engine(plan, PROBES)
    assert compare_runs(expected, raw) is None
    assert raw.status == (UNTIL if plan.until else DONE) and raw.records > 100
    assert np.array_equal(raw.sent + raw.copies, raw.delivered + raw.in_flight)
    assert raw.in_flight.any() == (plan.until > 0)


def agree_in_pieces(plan: Plan, folder: Path) -> None:
    """The reference, stopped and gone on several times, gives what it gives in one go."""
    whole = run_reference(plan, PROBES)
    snapshot = None
    cuts = sorted({int(whole.end_ps * share) + 1 for share in (0.0, 0.1, 0.33, 0.331, 0.7, 0.9)} - {whole.end_ps})
    for until in cuts:
        piece = run_reference(dataclasses.replace(plan, until=until), PROBES, snapshot)
        assert piece.status == UNTIL and piece.snapshot is not None
        save_snapshot(piece.snapshot, folder / "snapshot.npz")
        snapshot = load_snapshot(folder / "snapshot.npz")
    assert compare_runs(whole, run_reference(plan, PROBES, snapshot)) is None

"""A run that one engine begins and another goes on with gives the records of the undivided run: snapshots hold no engine's layout."""

from __future__ import annotations

import dataclasses
from functools import cache
from itertools import cycle
from pathlib import Path

import pytest

from chipsim.engines.base import Watch
from chipsim.machine.raw import RawRun
from chipsim.machine.snapshot import Snapshot, load_snapshot, save_snapshot
from chipsim.plan.plan import Plan
from tests.conformance.compare import compare_runs
from tests.engines import ENGINE_NAMES, lower, runner
from tests.needs import under

PROBES = Watch(frozenset({"packets", "spikes"}))

NSN = (
    "queued multicast",
    "by columns, two cores on a tile, keyed",
    "ticks, unicast, saturated",
    "three cores on a tile, from nothing",
    "odd link delays, ideal, from nothing",
)
SPIKES = (
    "lif barrier, by columns, delays",
    "lif barrier, crowded instants, multicast",
    "lif tick, late spikes are dropped",
    "lif tick, late, delays",
)
PACKETS = ("traffic, crowded instants", "traffic, ideal, by columns")
SHARES = (0.0, 0.07, 0.31, 0.3101, 0.66, 0.93)


@cache
def plan_of(name: str) -> Plan:
    if name in SPIKES:
        from tests import lif_networks

        return lif_networks.SCENARIOS[name]()
    if name in PACKETS:
        from tests import packet_plans

        return packet_plans.SCENARIOS[name]()
    from tests.conformance.catalogue import SCENARIOS

    return lower(next(s for s in SCENARIOS if s.name == name).experiment())[2]


@cache
def whole_run(name: str) -> RawRun:
    return runner("reference")(plan_of(name), PROBES)


def go_on(engine: str, plan: Plan, until: int, snapshot: Snapshot | None) -> RawRun:
    run: RawRun = runner(engine)(dataclasses.replace(plan, until=until), PROBES, snapshot)  # type: ignore[call-arg]
    return run


@pytest.mark.parametrize("first", range(len(ENGINE_NAMES)), ids=ENGINE_NAMES)
@pytest.mark.parametrize("name", [*under("nsn", NSN), *under("snn", SPIKES), *under("packets", PACKETS)])
def test_engines_take_turns_in_one_run(name: str, first: int, tmp_path: Path) -> None:
    plan, whole = plan_of(name), whole_run(name)
    engines = cycle(ENGINE_NAMES[first:] + ENGINE_NAMES[:first])
    snapshot = None
    for share in SHARES:
        piece = go_on(next(engines), plan, int(whole.end_ps * share) + 1, snapshot)
        assert piece.snapshot is not None
        save_snapshot(piece.snapshot, tmp_path / "snapshot.npz")
        snapshot = load_snapshot(tmp_path / "snapshot.npz")
    assert compare_runs(whole, go_on(next(engines), plan, plan.until, snapshot)) is None


@pytest.mark.parametrize("name", [*under("nsn", NSN[:1]), *under("snn", SPIKES[:1]), *under("packets", PACKETS[:1])])
def test_a_piece_is_the_same_on_every_engine(name: str) -> None:
    """Its snapshot included."""
    plan = plan_of(name)
    until = whole_run(name).end_ps // 3
    pieces = [go_on(engine, plan, until, None) for engine in ENGINE_NAMES]
    assert all(compare_runs(pieces[0], other) is None for other in pieces[1:])

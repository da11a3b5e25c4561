"""Mapping, network and delays change when things happen, never what is decided or stored (NSN §2)."""

from __future__ import annotations

import os
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from chipsim.errors import DeadlockError
from chipsim.network import NsnState
from chipsim.pipeline import simulate
from chipsim.programs.nsn.functional import network_digest
from tests.conformance.table import FACTORS, Point, Row, markdown, points, run_point, sample
from tests.scenarios import Outcome, golden_digests, run, small
from workloads.nsn.replay import ReplayError, replay

SAMPLE = sample(40, seed=2)


def check(rows: list[Row]) -> None:
    """All equal where they must be, and different where they should be."""
    assert all(r.unstored == 0 for r in rows)
    assert [r.point for r in rows if r.functional != r.golden] == []
    assert {r.network for r in rows} == {r.golden_network for r in rows}
    assert len({r.network for r in rows}) == 1
    assert len({r.functional for r in rows}) == 3  # one per number of learned symbols, whose decisions are not the chip's
    assert len({r.digest for r in rows}) > len(rows) / 2  # with nothing learned there is nothing to partition
    assert len({r.hops for r in rows}) > 10
    assert len({r.p50_ps for r in rows}) > 10


def test_sample_has_every_pair_of_levels() -> None:
    pairs = {pair for point in SAMPLE for pair in combinations(point.items(), 2)}
    every = {((a, x), (b, y)) for (a, xs), (b, ys) in combinations(FACTORS.items(), 2) for x in xs for y in ys}
    assert pairs == every and len(points()) == 648


def test_decisions_are_the_golden_models_in_a_sample() -> None:
    rows = [run_point(point) for point in SAMPLE]
    check(rows)
    assert f"equal to the golden model's: {len(SAMPLE)} of {len(SAMPLE)}" in markdown(rows)


@pytest.mark.slow
def test_decisions_are_the_golden_models_everywhere(tmp_path: Path) -> None:
    rows = [run_point(point) for point in points()]
    path = Path(os.environ.get("CHIPSIM_TABLE", tmp_path / "functional.md"))
    path.write_text(markdown(rows), encoding="utf-8")
    check(rows)


@pytest.mark.parametrize("factor", [f for f in FACTORS if f != "learned"])
def test_every_factor_matters(factor: str) -> None:
    """What agrees above is not the same run again."""
    base: Point = {name: next(iter(levels)) for name, levels in FACTORS.items()} | {"learned": "60"}
    found = {(r.hops, r.p50_ps) for r in (run_point({**base, factor: level}) for level in FACTORS[factor])}
    assert len(found) == len(FACTORS[factor])


# --- faults


def stored_pairs(outcome: Outcome, *, least: int = 2) -> list[tuple[int, int]]:
    """(core, slot) of the loaded neurons above layer 0, most often used first."""
    state, mapping = outcome.prepared.given.state, outcome.mapping
    rows = [n for n in np.argsort(-state.count, kind="stable").tolist() if state.layer[n] > 0]
    return [(int(mapping.core[n]), int(mapping.slot[n])) for n in rows[:least]]


def replays_exactly(state: NsnState, outcome: Outcome) -> bool:
    stimulus = outcome.prepared.given.stimulus
    items = list(zip(stimulus.code.tolist(), stimulus.time.tolist(), strict=True))
    try:
        return replay(state, outcome.prepared.given.rules) == items
    except ReplayError:
        return False


@pytest.mark.parametrize("match", ["associative", "keyed"])
@pytest.mark.parametrize(("field", "bit"), [("id", 0), ("id", 3), ("interval", 0), ("interval", 5)])
def test_flipped_bit_is_seen(match: str, field: str, bit: int) -> None:
    settings = (f"workload.match={match}",)
    whole = run(small(*settings))
    assert replays_exactly(whole.state, whole)
    for core, slot in stored_pairs(whole):
        fault = f"{{kind: flip_bit, at: 4 ms, core: {core}, slot: {slot}, pair: 1, bit: {bit}, field: {field}}}"
        broken = run(small(*settings, f"faults=[{fault}]"))
        assert whole.raw.end_ps > 4_000_000_000, "the fault comes in mid-run"
        assert broken.functional != golden_digests(broken.prepared)[0] == whole.functional
        assert network_digest(broken.state) != network_digest(whole.state)
        assert not replays_exactly(broken.state, broken)
        assert broken.raw.digest != whole.raw.digest


def test_flipped_bit_ends_in_a_summary_that_says_so() -> None:
    """Damaged memory may name neurons that never were; that is a finding, not a crash."""
    core, slot = stored_pairs(run(small()))[0]
    for bit in (2, 30, 40):
        fault = f"{{kind: flip_bit, at: 4 ms, core: {core}, slot: {slot}, pair: 1, bit: {bit}, field: id}}"
        summary = simulate(small(f"faults=[{fault}]")).summary
        assert summary["nsn"]["replay_exact"] is False


@pytest.mark.parametrize(
    ("message", "number", "settings"),
    [
        ("answer", 0, ()),
        ("answer", 17, ("chip.noc.cast=unicast",)),
        ("answer", 40, ("workload.wta_arity=8",)),
        ("result", 0, ()),
        ("result", 23, ("chip.noc.router=ideal",)),
        ("key_result", 8, ()),
        ("key_result", 14, ("workload.match=keyed",)),
    ],
)
def test_lost_answer_ends_the_run_and_names_what_was_waited_for(message: str, number: int, settings: tuple[str, ...]) -> None:
    fault = f"faults=[{{kind: lose_message, message: {message}, number: {number}}}]"
    with pytest.raises(DeadlockError) as caught:
        simulate(small(*settings, fault))
    text = str(caught.value)
    assert caught.value.exit_code == 5
    waits = r"layer (\d+): its root on core (\d+) waits for an answer of the cores to item (\d+)"
    found = [tuple(map(int, one)) for one in re.findall(waits, text)]
    assert found, text
    layer, core, item = found[0]
    plan = run(small(*settings, "until=1 us")).plan
    assert plan.own.constants.root_core[layer] == core
    assert item >= plan.own.role[layer, 0], "an item that was not decided before the run"
    # symbols are found by key in any case, with keyed matching what is above them too
    assert [layer for layer, _, _ in found] == ([1] if message != "key_result" else [0, 1] if settings else [0])
    if message == "answer":
        assert "holds an open answer to probe" in text

"""Record keepers: a run with more entries than a core can hold replays exactly, whatever was learned before (NG4)."""

from __future__ import annotations

import dataclasses
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from chipsim.engines.reference import run_reference
from chipsim.machine.raw import RawRun
from chipsim.programs.nsn.collect import held_of
from chipsim.programs.nsn.image import Memory
from chipsim.programs.nsn.state import LOST
from tests.conformance.compare import compare_runs
from tests.conformance.whole_and_pieces import PROBES, agree, agree_in_pieces
from tests.engines import ENGINE_NAMES, runner
from tests.golden.test_replay import check_replay
from tests.scenarios import Outcome, golden_digests, leaves, run, small
from workloads.nsn.replay import replay_episode

MANY = ("workload.episode=1", "workload.layers=1", "chip.core.memory=600 B")


def many(learned: int, *settings: str, engine: str = "reference") -> Outcome:
    """240 characters, an entry each, the first of them learned before, on cores that hold fewer."""
    return run(small(*MANY, f"workload.learned={learned}", f"workload.symbols={240 - learned}", *settings), engine)


def memory_of(outcome: Outcome) -> Memory:
    raw: RawRun = outcome.raw
    memory: Memory = raw.own.memory
    return memory


@pytest.mark.parametrize("engine", ENGINE_NAMES)
@pytest.mark.parametrize("match", ["keyed", "associative"])
@pytest.mark.parametrize("learned", [0, 1, 100, 239])
def test_more_entries_than_a_core_holds_replay_exactly(learned: int, match: str, engine: str) -> None:
    settings = (f"workload.match={match}", *(("chip.core.memory=900 B",) if match == "associative" else ()))
    outcome = many(learned, *settings, engine=engine)
    memory, K = memory_of(outcome), outcome.plan.own.constants
    cores, entries = memory.keepers.T.tolist()
    assert len(memory.record) == sum(entries) == 240 and len(set(cores)) == len(cores) > 1
    assert (memory.used_bits[cores] <= K.growth_bits).all() and min(entries) > 0
    roles = held_of(outcome.plan, outcome.raw.own).roles
    assert {core for core, role in roles.items() if "records" in role} == set(cores), "they count as used"
    given = outcome.prepared.given
    check_replay(given.stimulus, outcome.state, given.rules)
    assert (outcome.functional, 240) == (golden_digests(outcome.prepared)[0], len(outcome.state.records))


def test_what_was_learned_before_is_kept_by_as_many_cores() -> None:
    """The plan gives entries to the keepers that would have them: those behind a full one, from the last in the order of growth."""
    whole, loaded = (memory_of(many(learned, "workload.match=keyed")) for learned in (0, 239))
    assert loaded.keepers[:, 1].sum() == whole.keepers[:, 1].sum() and len(loaded.keepers) > 1
    plan = many(239, "workload.match=keyed").plan
    kept = plan.own.record[:, 0]
    assert plan.own.keepers.tolist() == list(dict.fromkeys(kept.tolist())) and np.bincount(kept).max() < 239


def test_without_any_keeper_left_what_comes_is_lost_and_nothing_else() -> None:
    outcome = many(0, "chip.noc.width=2", "chip.noc.height=1", "workload.match=keyed")
    memory = memory_of(outcome)
    assert 0 < len(memory.record) < 240 and len(memory.keepers) == 2
    assert int(outcome.raw.own.memory.keeper[LOST]) == 240 - len(memory.record)
    given = outcome.prepared.given
    found = [n for n, one in enumerate(outcome.state.records) if one.replayable]
    assert len(found) > 20  # others were not stored for lack of room
    for number in found:
        assert replay_episode(outcome.state, given.rules, number) == leaves(given.stimulus)[number : number + 1]


@pytest.mark.parametrize("learned", [0, 150])
def test_engines_agree_on_keepers_also_in_pieces_and_handed_over(learned: int, tmp_path: Path) -> None:
    plan = many(learned, "workload.match=keyed").plan
    for name in ENGINE_NAMES:
        agree(plan, runner(name))
    agree_in_pieces(plan, tmp_path)
    whole = run_reference(plan, PROBES)
    for first, second in permutations(ENGINE_NAMES, 2):
        part = runner(first)(dataclasses.replace(plan, until=int(whole.end_ps * 0.8)), PROBES)
        assert compare_runs(whole, runner(second)(plan, PROBES, part.snapshot)) is None

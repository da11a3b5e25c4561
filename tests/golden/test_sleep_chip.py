"""Sleep on the chip, by messages, leaves what the golden model leaves, whatever the chip; what it needs is counted, priced and bounded."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from chipsim.config.experiment import Experiment
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.errors import ConfigError, DeadlockError, MappingError
from chipsim.machine.actions import A_MESSAGE
from chipsim.machine.snapshot import load_snapshot, save_snapshot
from chipsim.network.rules import text_rules
from chipsim.pipeline import simulate
from chipsim.programs.nsn.functional import functional_digest, network_digest
from chipsim.programs.nsn.lower import fault_row
from chipsim.programs.nsn.messages import ASK, FOR_SLEEP, MADE, MAKE, TOLD
from chipsim.programs.nsn.pacing import at_pace
from chipsim.programs.nsn.state import ORDINAL
from tests.engines import lower, runner
from tests.scenarios import JACK, Outcome, run
from workloads.nsn.sleep import sleep

SLEEPS = ("workload.compaction=sleep", "workload.learned=0", "workload.symbols=400", "workload.layers=3", "workload.episode=60")


def asleep(*settings: str) -> Experiment:
    """A small experiment that sleeps in the end, on cores that hold a few neurons each."""
    return load_experiment("text-small", ("chip.core.neurons=48", f"workload.path={JACK}", *SLEEPS, *settings))


@cache
def in_software(*settings: str) -> str:
    """Functional digest of the golden model's sleep."""
    digest: str = simulate(asleep("engine=golden", *settings)).summary["functional_digest"]
    return digest


def ran(engine: str, *settings: str) -> Outcome:
    return run(asleep(*settings), engine)


CASES = [
    (),
    ("workload.match=keyed",),
    ("chip.noc.cast=unicast", "workload.wta_arity=3"),
    ("workload.reading=pass", "workload.learned=200", "workload.symbols=200"),
    ("workload.max_gap=1", "mapping.growth.policy=load"),
    ("workload.compaction_least=4", "workload.match=keyed", "workload.layers=2"),
]


@pytest.mark.parametrize("settings", CASES, ids=" ".join)
def test_both_engines_leave_what_the_golden_model_leaves(settings: tuple[str, ...]) -> None:
    """Decisions, network, records, counts, times; the engines agree on every event, action and joule too."""
    one, other = ran("reference", *settings), ran("compiled", *settings)
    rules = tuple(setting for setting in settings if setting.startswith("workload."))
    assert functional_digest(one.raw.own.decisions, one.state) == in_software(*rules)
    assert one.raw.digest == other.raw.digest
    assert (one.raw.actions == other.raw.actions).all() and (one.raw.sent == other.raw.sent).all()
    assert (one.raw.used_bits == other.raw.used_bits).all()
    assert one.raw.own.slept.tolist() == other.raw.own.slept.tolist()
    assert (one.raw.own.spent == other.raw.own.spent).all()
    begin, end, peak, lasting, _ = one.raw.own.slept.tolist()
    assert 0 < begin < end and not lasting and peak > int(one.raw.used_bits.sum())


def test_what_was_kept_for_it_is_given_back() -> None:
    """A network that has slept takes the bits that it takes when it is loaded, but for the slots that are open and the axons' homes."""
    done = ran("reference")
    assert sum(1 for one in done.raw.own.memory.neuron if one[2] > 0) == int((done.state.layer > 0).sum())
    ordinals = done.raw.own.memory.role[: done.state.layers + 1, ORDINAL].tolist()
    assert ordinals == done.state.ordinals_given().tolist()
    assert network_digest(sleep(done.state, text_rules(3)).state) == network_digest(done.state)


def test_messages_and_their_actions_are_counted_for_it() -> None:
    own = ran("reference")
    raw = own.raw
    assert raw.sent[ASK] == raw.sent[TOLD] > 1000 and raw.sent[MAKE] == int(raw.sent[MADE]) - int(
        raw.own.memory.record.shape[0]
    )
    counted = int(raw.own.spent[:, FOR_SLEEP, A_MESSAGE].sum())
    assert counted > raw.sent[ASK] + raw.sent[TOLD]
    told = simulate(asleep("engine=reference")).summary["nsn"]["sleep"]
    assert told["messages"] == counted and told["elements_after"] < told["elements_before"] and told["joules"] > 0


def test_a_hole_in_an_episode_is_kept_as_one() -> None:
    """Where novelties found no room, the other episodes are compacted all the same, and a second sleep finds nothing to do."""
    done = run(
        load_experiment(
            "text-small",
            (
                "chip.core.neurons=7",
                "chip.noc.width=3",
                "chip.noc.height=3",
                f"workload.path={JACK}",
                *SLEEPS,
                "workload.match=keyed",
            ),
        ),
        "compiled",
    )
    assert 0 < sum(record.replayable for record in done.state.records) < len(done.state.records)
    assert network_digest(sleep(done.state, text_rules(3)).state) == network_digest(done.state)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_chip_without_room_says_so(engine: str) -> None:
    with pytest.raises(MappingError, match=r"core \d+: no room left for the sleep \(workload.compaction\)"):
        ran(engine, "chip.core.memory=720 B")


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_an_answer_that_is_lost_stops_it_and_is_told(engine: str) -> None:
    _, _, plan = lower(asleep())
    fault = np.array([fault_row("lose_message", TOLD, 700, -1)], np.int64)
    with pytest.raises(DeadlockError, match="the sleeper waits for an answer"):
        runner(engine)(dataclasses.replace(plan, fault=fault), Watch())


def test_engines_take_turns_in_one_sleep(tmp_path: Path) -> None:
    """Snapshots hold the sleeper and what home cores keep."""
    done = ran("reference")
    begin, end, *_ = done.raw.own.slept.tolist()
    snapshot = None
    for engine, share in (("reference", 0.1), ("compiled", 0.5), ("reference", 0.97)):
        until = begin + int((end - begin) * share)
        piece = runner(engine)(dataclasses.replace(done.plan, until=until), Watch(), snapshot)  # type: ignore[call-arg]
        assert piece.snapshot is not None
        save_snapshot(piece.snapshot, tmp_path / "snapshot.npz")
        snapshot = load_snapshot(tmp_path / "snapshot.npz")
    last = runner("compiled")(done.plan, Watch(), snapshot)  # type: ignore[call-arg]
    assert last.digest == done.raw.digest and (last.actions == done.raw.actions).all()
    assert last.own.slept.tolist() == done.raw.own.slept.tolist()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("workload.interval=log2", "found log2, with compaction: sleep; allowed with a sleep on the chip: exact"),
        ("workload.recognise.mode=sum", "found sum, with compaction: sleep; allowed with a sleep on the chip: exact"),
        ("mapping.growth={policy: axons, migrate: {}}", "found neurons that move, with workload.compaction: sleep"),
    ],
)
def test_what_a_sleep_on_the_chip_cannot_have_is_refused_by_name(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_experiment("text-small", ("engine=compiled", "workload.compaction=sleep", setting))


def test_a_log_sleeps_in_software_alone() -> None:
    with pytest.raises(ConfigError, match="found a log, with compaction: sleep; allowed with a sleep on the chip: texts"):
        load_experiment("log-sample", ("engine=compiled", "workload.compaction=sleep"))


def test_limits_are_measured_without_the_sleep() -> None:
    """What it takes is once for all that was read, and not by event."""
    plan, awake = (lower(one)[2] for one in (asleep(), asleep("workload.compaction=none")))
    paced = [at_pace(one, None, 400) for one in (plan, awake)]
    first, second = (runner("compiled")(one, Watch()) for one in paced if one is not None)
    assert not first.own.slept[:2].any()
    assert first.own.decisions == second.own.decisions


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("workload.match=keyed",), ("mapping.growth.policy=load",)])
def test_twenty_thousand_characters(more: tuple[str, ...]) -> None:
    given = ("workload.compaction=sleep", "workload.learned=0", "workload.symbols=20000")
    done = simulate(load_experiment("text", ("engine=compiled", *given, *more))).summary
    alone = simulate(load_experiment("text", ("engine=golden", *given))).summary
    assert done["functional_digest"] == alone["functional_digest"]
    told = done["nsn"]["sleep"]
    assert (told["elements_before"], told["elements_after"]) == (11891, 7158)

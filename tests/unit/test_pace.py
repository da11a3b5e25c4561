"""When things happen: ticks and late ticks, the end that was set, a stop in the middle, offers that overrun."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from chipsim.engines.base import Progress, Watch
from chipsim.engines.reference import Run, run_reference
from chipsim.errors import DeadlockError
from chipsim.machine.raw import INTERRUPTED, UNTIL
from chipsim.pipeline import simulate
from chipsim.plan.plan import LOSE_MESSAGE
from chipsim.programs.nsn.messages import ITEM
from tests.engines import lower
from tests.scenarios import golden_digests, run, small

TICK = "chip.core.pace=tick"
LONG = ("workload.learned=0", "workload.symbols=240")
"""Several slices of events."""


def operations(*settings: str) -> tuple[list[tuple[int, int, int]], Any]:
    """(begin, duration, endpoint) of every operation of a run, in order."""
    engine = Run(lower(small(*settings))[2], Watch())
    found = []
    operate = engine.endpoints.operate

    def watched(endpoint: int, message: tuple[int, ...]) -> tuple[int, list[int]]:
        duration, rows = operate(endpoint, message)
        found.append((engine.env.now, duration, endpoint))
        return duration, rows

    engine.endpoints.operate = watched  # type: ignore[method-assign]
    return found, engine.run()


@pytest.mark.parametrize("tick", [1_000_000, 50_000])
def test_clocked_core_begins_on_an_edge_or_right_behind_its_own_work(tick: int) -> None:
    found, raw = operations(TICK, f"chip.core.tick={tick} ps", "workload.rate=saturate")
    free: dict[int, int] = {}
    on_edge = 0
    for begin, duration, endpoint in found:
        if endpoint < 16:
            assert begin % tick == 0 or begin == free[endpoint]
            on_edge += begin % tick == 0
        free[endpoint] = begin + duration
    assert on_edge > 100
    assert any(begin % tick for begin, _, endpoint in found if endpoint >= 16), "slot servers have no clock"
    # a batch that crosses edges makes one late tick each time it does so for the first time
    assert (raw.late_ticks.sum() > 0) == (tick == 50_000)
    assert not raw.late_ticks[16:].any()


def test_late_ticks_by_hand() -> None:
    """From one batch to the next: late is a batch whose work ends behind the edge after the one that it began on."""
    tick = 50_000
    found, raw = operations(TICK, f"chip.core.tick={tick} ps", "workload.rate=saturate")
    late = np.zeros(len(raw.late_ticks), np.int64)
    for core in range(16):
        edge, counted = -1, False
        for begin, duration, endpoint in found:
            if endpoint != core:
                continue
            if begin % tick == 0:
                edge, counted = begin, False
            if begin + duration > edge + tick and not counted:
                late[core] += 1
                counted = True
    assert late.tolist() == raw.late_ticks.tolist()


def test_pace_changes_times_and_no_decision() -> None:
    outcomes = [
        run(small(*s))
        for s in ((), (TICK, "chip.core.tick=1 us"), (TICK, "chip.core.tick=40 ns"), (TICK, "chip.core.tick=1 ps"))
    ]
    assert len({o.functional for o in outcomes}) == 1
    assert len({o.raw.digest for o in outcomes[:3]}) == 3
    assert outcomes[3].raw.end_ps == outcomes[0].raw.end_ps, "an edge every picosecond is no clock at all"
    assert np.array_equal(outcomes[3].raw.own.winners, outcomes[0].raw.own.winners)


# --- the end that was set


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_until_is_a_beginning_of_the_whole(share: float) -> None:
    """What happened before ``until`` is what happens in the whole run before that time; what is due at it is not done."""
    whole = run(small())
    until = whole.raw.own.winners[int(share * len(whole.raw.own.winners)), 0].item()
    part = run(small(f"until={until} ps")).raw
    assert (part.status, part.end_ps) == (UNTIL, until)
    expected = whole.raw.own.winners[whole.raw.own.winners[:, 0] < until]
    assert 0 < len(expected) < len(whole.raw.own.winners)
    assert np.array_equal(part.own.winners, expected)
    assert np.array_equal(part.own.growth, whole.raw.own.growth[whole.raw.own.growth[:, 0] < until])
    assert np.array_equal(part.sent + part.copies, part.delivered + part.dropped + part.in_flight)
    beyond = run(small(f"until={until + 1} ps")).raw
    assert len(beyond.own.winners) > len(expected), "one picosecond more and the decision is there"


def test_until_behind_the_end_changes_nothing_but_the_end() -> None:
    """Static power is drawn up to the end that was set."""
    whole, longer = run(small()), run(small("until=1 s"))
    assert longer.raw.digest == whole.raw.digest
    assert whole.raw.end_ps < longer.raw.end_ps == 10**12
    assert longer.functional == golden_digests(longer.prepared)[0]


def test_until_gives_a_valid_summary() -> None:
    summary = simulate(small("until=3 ms")).summary
    assert (summary["status"], summary["sim_time_s"]) == ("until", 0.003)
    assert 0 < summary["counts"]["events_in"] < 60
    assert summary["energy_j"]["static"] == pytest.approx(16 * 0.82e-3 * 0.003, rel=1e-12)


# --- interruption


def test_stop_leaves_a_valid_marked_result() -> None:
    asked: list[Progress] = []
    watch = Watch(progress=asked.append, stop=lambda: len(asked) == 2)
    result = simulate(small(*LONG), watch)
    assert result.summary["status"] == "interrupted"
    assert len(asked) == 2 and asked[0].now_ps < asked[1].now_ps and asked[1].hops > asked[0].hops > 0
    assert 0 < asked[1].events_done < asked[1].events == 240
    assert result.summary["nsn"]["replay_exact"] is True
    assert result.summary["sim_time_s"] * 1e12 >= asked[1].now_ps
    assert set(result.files) == {"memory.npz"}


def test_interrupted_run_is_a_beginning_of_the_whole() -> None:
    whole, part = run(small()), run(small(), watch=Watch(stop=lambda: True))
    assert part.raw.status == INTERRUPTED
    n = len(part.raw.own.winners)
    assert 0 < n < len(whole.raw.own.winners) and np.array_equal(part.raw.own.winners, whole.raw.own.winners[:n])
    assert part.raw.in_flight.sum() >= 0


def test_progress_is_told_between_slices_and_changes_nothing() -> None:
    told: list[Progress] = []
    assert run(small(*LONG), watch=Watch(progress=told.append)).raw.digest == run(small(*LONG)).raw.digest
    assert len(told) > 2


# --- offers


def test_offers_keep_their_period_until_the_chip_is_too_slow() -> None:
    slow = run(small("workload.rate=5 kHz")).raw
    assert slow.own.offer_ps.tolist() == [200_000_000 * i for i in range(60)] and slow.own.overruns == 0
    fast = run(small("workload.rate=1 GHz")).raw
    assert fast.own.offer_ps.tolist() == [1000 * i for i in range(60)], "latency counts from when an event was due"
    assert fast.own.overruns == 59, "all but the first came while the one before was not taken"
    saturated = run(small("workload.rate=saturate")).raw
    assert saturated.own.overruns == 0 and (np.diff(saturated.own.offer_ps) > 0).all()
    assert saturated.end_ps == pytest.approx(fast.end_ps, rel=0.01)


# --- order within an instant


def test_clocked_core_takes_what_came_late_at_the_next_edge() -> None:
    """What had come by an edge is its batch, and runs on without pause; what came later begins on an edge, even behind a late batch."""
    tick = 50_000
    engine = Run(lower(small(TICK, f"chip.core.tick={tick} ps", "workload.rate=saturate"))[2], Watch())
    deliver, operate = engine.network.deliver, engine.endpoints.operate
    arrival: dict[tuple[int, int], int] = {}
    edge: dict[int, int] = {}
    wrong = []

    def delivered(event: Any) -> None:
        endpoint, packet = event._value
        arrival[endpoint, id(packet.message)] = engine.env.now
        deliver(event)

    def begun(endpoint: int, message: tuple[int, ...]) -> tuple[int, list[int]]:
        now = engine.env.now
        if endpoint < 16 and now % tick == 0:
            edge[endpoint] = now
        elif endpoint < 16 and arrival[endpoint, id(message)] > edge[endpoint]:
            wrong.append((endpoint, now, arrival[endpoint, id(message)], edge[endpoint]))
        return operate(endpoint, message)

    engine.network.deliver = delivered
    engine.endpoints.operate = begun  # type: ignore[method-assign]
    assert engine.run().late_ticks.sum() > 0
    assert wrong == []


def test_fault_in_the_last_instant_before_a_stop_acts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run stopped right behind a flipped bit and resumed is the undivided run."""
    clean = run(small(), watch=Watch(frozenset({"packets"})))
    at = sorted(t for t in clean.raw.packets[:, 1].tolist() if t > 4_000_000_000)[5]
    core, slot = int(clean.mapping.core[0]), int(clean.mapping.slot[0])
    fault = f"faults=[{{kind: flip_bit, at: {at} ps, core: {core}, slot: {slot}, pair: 0, bit: 2, field: id}}]"
    plan = lower(small(fault))[2]
    whole = run_reference(plan)
    with monkeypatch.context() as patch:
        patch.setattr(import_module("chipsim.engines.reference.run"), "SLICE", 1)
        now: list[int] = []
        part = run_reference(plan, Watch(progress=lambda p: now.append(p.now_ps), stop=lambda: now[-1] >= at))
    assert part.status == INTERRUPTED and part.snapshot is not None and part.end_ps == at
    assert run_reference(plan, start=part.snapshot).digest == whole.digest != clean.raw.digest


def test_lost_message_is_counted_at_its_source() -> None:
    """What others send of the kind is of no account: the host loses its second item, the core that passes items up its second."""
    outcome = run(small("workload.learned=0", "workload.symbols=6"), watch=Watch(frozenset({"packets"})))
    host = outcome.plan.endpoints - 1
    items = sorted(p for p in outcome.raw.packets.tolist() if p[2] == ITEM)
    core = next(p[3] for p in items if p[3] != host)
    for source in (host, core):
        sent = [(p[0], p[3]) for p in items if p[3] == source]
        plan = replace(outcome.plan, fault=np.array([[LOSE_MESSAGE, ITEM, 1, source, 0, 0, 0]]))
        engine = Run(plan, Watch(frozenset({"packets"})))
        with pytest.raises(DeadlockError):
            engine.run()
        came = {(p[0], p[3]) for p in engine.records.packets if p[2] == ITEM}
        assert sent[0] in came and sent[1] not in came
        assert engine.network.dropped[ITEM] == 1

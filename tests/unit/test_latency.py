"""Latency of events by hand: decided less offered, less what the world kept the chip waiting for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from chipsim.machine.raw import RawRun
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.latency import LayerLatency, layer_latencies
from tests.engines import lower
from tests.scenarios import run, small

Rows = list[tuple[int, ...]]


@cache
def base() -> tuple[Plan, RawRun]:
    """A run of three symbols on one layer, whose records are then replaced by hand-made ones."""
    outcome = run(small("workload.learned=0", "workload.symbols=3", "workload.layers=1"))
    return outcome.plan, outcome.raw


def latencies(offers: list[int], decided: Rows, waits: Rows) -> list[LayerLatency]:
    """``decided``: (time, layer, item, cover); ``waits``: (layer, item, begin, end, needed)."""
    plan, raw = base()
    winners = np.array([(t, layer, item, 0, cover, 0, 0, 0) for t, layer, item, cover in decided], np.int64).reshape(-1, 8)
    own = replace(raw.own, winners=winners, waits=np.array(waits, np.int64).reshape(-1, 5), offer_ps=np.array(offers, np.int64))
    return layer_latencies(plan.own, own)


SYMBOLS: Rows = [(110, 0, 0, 1), (210, 0, 1, 1), (310, 0, 2, 1)]
"""Layer 0 decides each symbol 10 ps after its offer at 100, 200, 300."""

OFFERS = [100, 200, 300]


def test_without_waiting_it_is_decision_less_offer() -> None:
    layer0, layer1 = latencies(OFFERS, [*SYMBOLS, (350, 1, 0, 3)], [])
    assert layer0.latency_ps.tolist() == [10, 10, 10] and layer0.wait_ps.tolist() == [0, 0, 0]
    assert layer1.event.tolist() == [0, 1, 2]
    assert layer1.latency_ps.tolist() == [250, 150, 50]


def test_waiting_for_events_not_yet_offered_is_no_service() -> None:
    """Layer 1 has item 0 at 120 and waits until 220 for item 1, offered at 200; then until 320 for item 2, offered at 300."""
    waits = [(1, 1, 120, 220, 1), (1, 2, 230, 320, 2)]
    _, layer1 = latencies(OFFERS, [*SYMBOLS, (350, 1, 0, 3)], waits)
    # of the first wait [120, 200) is the world's: 80; of the second [230, 300): 70
    assert layer1.wait_ps.tolist() == [150, 70, 0]
    assert layer1.latency_ps.tolist() == [250, 150, 50]
    assert layer1.service_ps.tolist() == [250 - 150, 150 - 70, 50]
    assert layer1.busy_ps == 350 - 100 - 90


def test_event_is_charged_only_for_waits_after_its_offer() -> None:
    """A wait that began before the event was offered counts for it from its offer on: here not at all."""
    _, layer1 = latencies(OFFERS, [*SYMBOLS, (240, 1, 0, 2), (350, 1, 2, 1)], [(1, 0, 0, 115, 0), (1, 2, 250, 315, 2)])
    assert layer1.wait_ps.tolist() == [0, 0, 0]
    assert layer1.latency_ps.tolist() == [140, 40, 50]


def test_wait_for_an_event_that_was_there_is_the_chips_own() -> None:
    """Item 1 had been offered when the wait began: the chip was slow, not the world."""
    _, layer1 = latencies(OFFERS, [*SYMBOLS, (350, 1, 0, 3)], [(1, 1, 205, 260, 1)])
    assert layer1.wait_ps.tolist() == [0, 0, 0]


def test_undecided_events_have_no_latency() -> None:
    _, layer1 = latencies(OFFERS, [*SYMBOLS, (240, 1, 0, 2)], [])
    assert layer1.event.tolist() == [0, 1]
    layer0, layer1 = latencies(OFFERS, [], [])
    assert len(layer0.event) == len(layer1.event) == 0


def test_real_run_answers_every_event_in_positive_time() -> None:
    """On a chip fast against its input, service is far below the time between events though decisions need later ones."""
    outcome = run(small("workload.rate=1 kHz"))
    layer0, layer1, *_ = layer_latencies(outcome.plan.own, outcome.raw.own)
    assert layer1.event.tolist() == list(range(60))
    assert (layer1.service_ps > 0).all() and layer1.service_ps.max() < 10**9 / 10
    assert layer1.wait_ps.max() > 10**9, "some event waited for the next one"
    decided = layer1.latency_ps + outcome.raw.own.offer_ps
    rows = outcome.raw.own.winners[outcome.raw.own.winners[:, 1] == 1]
    assert set(decided.tolist()) == set(rows[:, 0].tolist())
    assert (layer0.latency_ps <= decided - outcome.raw.own.offer_ps).all()


def test_saturated_run_waits_for_nobody() -> None:
    outcome = run(small("workload.rate=saturate"))
    assert lower(small("workload.rate=saturate"))[2].own.offer.max() == -1
    waits = layer_latencies(outcome.plan.own, outcome.raw.own)[1].wait_ps
    assert waits.max() < 10**7

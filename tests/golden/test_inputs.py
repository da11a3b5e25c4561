"""Input rows IN1 to IN13: what an input is, and what a network makes of it."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.errors import ChipsimError
from chipsim.ids import layer_of
from chipsim.network import END_EPISODE, END_SEGMENT
from chipsim.network.rules import MAX_EPISODE, MAX_PAIRS, UNIT, event_rules, text_rules
from chipsim.programs.nsn.functional import functional_digest
from tests.golden.test_neurogenesis import vectors
from tests.scenarios import events, golden, golden_digests, leaves, run, small, text
from workloads.nsn.replay import replay

TEXTS = st.text("abc", min_size=1, max_size=80)


@given(TEXTS, st.integers(1, 40), st.integers(1, 3))
def test_vectors_are_ordered_pairs_of_lower_ids_and_intervals(characters: str, episode: int, layers: int) -> None:
    """IN1, IN5, IN6: ids of a lower layer, k = 1 on layer 0, 2 to 8 above; the first interval is 0 (IN2)."""
    state = golden(text(characters, episode), text_rules(layers)).state()
    sizes = Counter()
    for (layer, _), pairs in vectors(state).items():
        sizes[len(pairs)] += 1
        assert pairs[0][1] == 0
        if layer == 0:
            assert len(pairs) == 1
        else:
            assert 2 <= len(pairs) <= MAX_PAIRS == 8
            assert all(layer_of(lower) < layer for lower, _ in pairs)
            assert all(interval > 0 for _, interval in pairs[1:])
    assert sum(sizes.values()) == len(state)


@given(TEXTS, st.integers(1, 40), st.lists(st.integers(0, 30), min_size=80, max_size=80), st.integers(0, 10**12))
def test_a_shift_of_all_times_changes_no_vector(characters: str, episode: int, gaps: list[int], shift: int) -> None:
    """IN2, IN3: vectors hold intervals, episodes absolute times; both ways are exact."""
    stimulus = text(characters, episode)
    time = np.cumsum(gaps[: len(characters)]).astype(np.int64)
    rules = text_rules(2)
    here = golden(dataclasses.replace(stimulus, time=time), rules).state()
    there = golden(dataclasses.replace(stimulus, time=time + shift), rules).state()
    assert vectors(here) == vectors(there)
    assert replay(there, rules) == [(code, at + shift) for code, at in replay(here, rules)]
    assert replay(here, rules) == list(zip(stimulus.code.tolist(), time.tolist(), strict=True))


@given(st.text(min_size=1, max_size=60).filter(lambda s: s.isprintable()))
def test_text_gives_one_event_per_character_and_tick(characters: str) -> None:
    """IN4."""
    stimulus = text(characters, 7)
    assert len(stimulus) == stimulus.events == len(characters)
    assert stimulus.time.tolist() == stimulus.event.tolist() == list(range(len(characters)))
    assert "".join(map(chr, stimulus.code.tolist())) == characters
    assert (stimulus.flags & END_SEGMENT).all()


def test_unseen_symbol_becomes_a_neuron_at_run_time() -> None:
    """IN7: an open dictionary, on the chip without a restart."""
    outcome = run(small("workload.learned=100", "workload.symbols=80", "chip.core.neurons=8"))
    new = outcome.raw.own.winners[(outcome.raw.own.winners[:, 1] == 0) & (outcome.raw.own.winners[:, 5] == 1)]
    assert len(new) > 0
    loaded = outcome.prepared.given.state
    symbols = set(loaded.pair_id[loaded.pair_start[:-1][loaded.layer == 0]].tolist())
    first = outcome.plan.own.code[new[:, 2] - outcome.plan.own.first_item].tolist()
    assert len(set(first)) == len(first) and not set(first) & symbols
    assert outcome.functional == golden_digests(outcome.prepared)[0]


@pytest.mark.parametrize("length", [1, 2, 7, 8, 9, 4000, 4096])
def test_episodes_of_any_length_up_to_4096(length: int) -> None:
    """IN8, IN9: 4k is read as 4096; 4000 is as good."""
    assert MAX_EPISODE == 4096
    stimulus = text(("abcdefghijk" * 400)[:length] * 2, length)
    assert int((stimulus.flags & END_EPISODE > 0).sum()) == 2
    rules = text_rules(4)
    state = golden(stimulus, rules).state()
    assert [r.complete for r in state.records] == [True, True]
    assert replay(state, rules) == leaves(stimulus)


def test_longer_episodes_are_refused() -> None:
    with pytest.raises(ChipsimError, match="4096"):
        small("workload.episode=4097")
    assert small("workload.episode=4096").workload.episode == 4096


def test_same_order_with_other_intervals_is_another_vector() -> None:
    """IN10: duration is native, tolerance a parameter."""
    rows = [(t, [0, 1]) for t in (0, 10, 100, 111, 200, 210)]
    stimulus = events(rows, ends=[1, 3, 5])
    exact = golden(stimulus, event_rules(2, interval=0))
    assert [d.new for d in exact.decisions if d.layer == 2] == [True, True, False]
    classes = golden(stimulus, event_rules(2))
    assert [d.new for d in classes.decisions if d.layer == 2] == [True, False, False], "10 and 11 are of one class"
    coarse = golden(events([(t * 7, f) for t, f in rows], ends=[1, 3, 5]), event_rules(2, unit=40))
    assert [d.new for d in coarse.decisions if d.layer == 2] == [True, False, False]


def test_fields_of_an_event_are_simultaneous() -> None:
    """IN11: layer 0 holds field values, layer 1 events with interval 0 throughout."""
    state = golden(events([(0, [0, 1, 2]), (50, [0, 3, 2]), (90, [0, 1, 2])]), event_rules(2)).state()
    known = vectors(state)
    assert [known[1, n] for n in (0, 1)] == [((0, 0), (1, 0), (2, 0)), ((0, 0), (3, 0), (2, 0))]
    assert int(state.neurons_per_layer()[0]) == 4
    assert state.count[list(known).index((1, 0))] == 2


def test_order_of_simultaneous_inputs_is_the_order_of_fields() -> None:
    """IN13: the order is that of the fields, always; another order is another vector, but novelty is the same."""
    rows = [(0, [0, 1]), (5, [2, 1]), (9, [0, 1])]
    turned = [(t, fields[::-1]) for t, fields in rows]
    for model in (golden(events(rows), event_rules(1)), golden(events(turned), event_rules(1))):
        assert [d.new for d in model.decisions if d.layer == 1] == [True, True, False]
    assert vectors(golden(events(rows), event_rules(1)).state()) != vectors(golden(events(turned), event_rules(1)).state())
    twice = [golden(events(rows), event_rules(1)) for _ in range(2)]
    assert len({functional_digest(m.decision_digest(), m.state()) for m in twice}) == 1


def test_layer_zero_fires_for_every_item() -> None:
    """IN5: one input, one neuron, always complete."""
    model = golden(text("abcabcabc", 9), text_rules(2))
    assert model.rules.reading[0] == UNIT
    assert [(d.item, d.cover) for d in model.decisions if d.layer == 0] == [(i, 1) for i in range(9)]

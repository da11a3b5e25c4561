"""Vectors that sum (NSN §11): against exhaustive search, at threshold 1 against the exact rule, and replay of what winners stand for."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.network import Stimulus
from chipsim.network.rules import EXACT, LOG2, NsnRules, event_rules, least_of, text_rules
from chipsim.programs.nsn.functional import functional_digest
from tests.golden.naive import log2_class
from tests.golden.naive_sum import Item, Layer, Neuron, Rules, read_text
from tests.golden.test_cover import streams
from tests.golden.test_replay import check_replay, field_events
from tests.scenarios import golden, text
from workloads.nsn.golden import GoldenModel

THRESHOLDS = ("1", "0.75", "0.5", "0.34")


def summing(rules: NsnRules, threshold: str = "0.75", tolerance: int = 1) -> NsnRules:
    """The same rules, with vectors that sum."""
    return dataclasses.replace(rules, summing=True, least=least_of(Fraction(threshold)), tolerance=tolerance)


@st.composite
def jumbled_words(draw: st.DrawFn) -> Stimulus:
    """A few words over a few letters, said again and again with letters exchanged and intervals off."""
    words = draw(st.lists(st.text("abcde", min_size=2, max_size=8), min_size=1, max_size=4))
    said = "".join(draw(st.lists(st.sampled_from(words), min_size=3, max_size=14)))
    letters = list(said)
    for at in draw(st.lists(st.integers(0, len(said) - 1), max_size=8)):
        letters[at] = draw(st.sampled_from("abcde"))
    stimulus = text("".join(letters), draw(st.sampled_from([5, 8, 13, 40])))
    gaps = np.ones(len(letters), np.int64)
    for at in draw(st.lists(st.integers(0, len(said) - 1), max_size=8)):
        gaps[at] = draw(st.integers(0, 4))
    return dataclasses.replace(stimulus, time=np.cumsum(gaps))


def layer_one(stimulus: Stimulus, model: GoldenModel) -> list[list[Item]]:
    """What layer 0 passes up, episode by episode."""
    found: list[list[Item]] = [[]]
    for d in sorted((d for d in model.decisions if d.layer == 0), key=lambda d: d.item):
        found[-1].append(Item(d.id, d.time, d.item, d.time))
        if stimulus.flags[d.item] & 2:
            found.append([])
    return [episode for episode in found if episode]


def by_search(stimulus: Stimulus, model: GoldenModel, threshold: str, known: Sequence[Neuron]) -> list[Layer]:
    """The same text on the pattern layers, by exhaustive search; layer 1 has some neurons already."""
    rules = model.rules

    def class_of(gap: int) -> int:
        return gap if rules.interval == EXACT else log2_class(gap, rules.unit)

    searched = Rules(Fraction(threshold), rules.tolerance, class_of, rules.max_gap, rules.interval == LOG2)
    return read_text(layer_one(stimulus, model), rules.layers, searched, known)


def check(stimulus: Stimulus, model: GoldenModel, threshold: str, known: Sequence[Neuron] = ()) -> None:
    """Decisions, what they needed, what is stored and what was counted of choices are those of the search."""
    stack = by_search(stimulus, model, threshold, known)
    state = model.state()
    pairs = np.stack([state.pair_id, state.pair_interval], axis=1).tolist()
    for layer in stack:
        mine = sorted((d for d in model.decisions if d.layer == layer.number), key=lambda d: d.item)
        assert [(d.item, d.item + d.cover, d.id, d.new, d.needed) for d in mine] == [
            (s.start, s.end, s.fired, s.new, s.needed) for s in layer.segments
        ]
        rows = np.flatnonzero(state.layer == layer.number)
        stored = [tuple(map(tuple, pairs[state.pair_start[n] : state.pair_start[n + 1]])) for n in rows]
        assert stored == [n.vector for n in layer.neurons]
        history = np.stack([state.count[rows], state.first[rows], state.last[rows]], axis=1).tolist()
        assert history == [[n.count, n.first, n.last] for n in layer.neurons]
    assert state.substitutions.tolist() == [[layer.number, *row] for layer in stack for row in layer.substitutions]
    choices = [choice for layer in stack for choice in layer.choices]
    assert {k: n for k, n in model.choices["candidates"].items() if n} == Counter(bin_of(n) for n, _, _ in choices)
    assert {k: n for k, n in model.choices["candidates_apart"].items() if n} == Counter(bin_of(n) for n, a, _ in choices if a)
    assert {k: n for k, n in model.choices["decided_by"].items() if n} == Counter(level for _, _, level in choices if level)


def bin_of(candidates: int) -> str:
    """As the summary tells them."""
    return {1: "1", 2: "2", 3: "3-4", 4: "3-4"}.get(candidates, "5-8" if candidates <= 8 else "9+")


@settings(max_examples=400)
@given(
    st.one_of(jumbled_words(), streams()),
    st.integers(1, 3),
    st.sampled_from(THRESHOLDS),
    st.integers(0, 2),
    st.sampled_from([(EXACT, 1, 0), (EXACT, 1, 3), (LOG2, 1, 0), (LOG2, 2, 4)]),
)
def test_equals_exhaustive_search(
    stimulus: Stimulus, layers: int, threshold: str, tolerance: int, rule: tuple[int, int, int]
) -> None:
    """WT2, IN12: candidates, the winner and how far a probe goes, for every threshold and tolerance; and exact."""
    plain = NsnRules(text_rules(layers).reading, *rule)
    check(stimulus, golden(stimulus, summing(plain, threshold, tolerance)), threshold)
    check(stimulus, golden(stimulus, plain), "1")


@settings(max_examples=200)
@given(st.one_of(jumbled_words(), streams()), st.integers(1, 4), st.sampled_from([(EXACT, 1, 0), (LOG2, 2, 4)]))
def test_threshold_one_without_tolerance_is_exact(stimulus: Stimulus, layers: int, rule: tuple[int, int, int]) -> None:
    """Decisions, what they needed, choices, digest: all that the exact rule gives."""
    plain = NsnRules(text_rules(layers).reading, *rule)
    exact, summed = golden(stimulus, plain), golden(stimulus, summing(plain, "1", 0))
    assert exact.decisions == summed.decisions and exact.choices == summed.choices
    assert functional_digest(exact.decision_digest(), exact.state()) == functional_digest(
        summed.decision_digest(), summed.state()
    )
    assert not len(summed.state().substitutions)


@settings(max_examples=200)
@given(
    st.one_of(jumbled_words(), streams()),
    st.integers(1, 4),
    st.sampled_from(THRESHOLDS),
    st.integers(0, 2),
    st.sampled_from([(EXACT, 1, 0), (LOG2, 2, 4)]),
)
def test_texts_replay_exactly(
    stimulus: Stimulus, layers: int, threshold: str, tolerance: int, rule: tuple[int, int, int]
) -> None:
    rules = summing(NsnRules(text_rules(layers).reading, *rule), threshold, tolerance)
    check_replay(stimulus, golden(stimulus, rules).state(), rules)


@settings(max_examples=200)
@given(field_events(), st.integers(1, 4), st.sampled_from([EXACT, LOG2]), st.sampled_from(THRESHOLDS), st.integers(0, 2))
def test_events_replay_exactly_and_their_layers_that_are_cut_are_exact(
    stimulus: Stimulus, layers: int, interval: int, threshold: str, tolerance: int
) -> None:
    plain = event_rules(layers, interval, 3)
    rules = summing(plain, threshold, tolerance)
    model = golden(stimulus, rules)
    check_replay(stimulus, model.state(), rules)
    assert not (model.state().substitutions[:, 0] < 2).any()
    exact = golden(stimulus, plain)
    assert [d for d in model.decisions if d.layer < 2] == [d for d in exact.decisions if d.layer < 2]


@settings(max_examples=200)
@given(jumbled_words(), st.integers(1, 3), st.sampled_from(THRESHOLDS), st.lists(st.integers(0, 70), max_size=6))
def test_stream_in_pieces_equals_the_whole(stimulus: Stimulus, layers: int, threshold: str, cuts: list[int]) -> None:
    """Whatever was read when; and nothing was decided that names a later item as needed."""
    rules = summing(text_rules(layers), threshold)
    whole, pieces = golden(stimulus, rules), GoldenModel(rules)
    for cut in sorted(min(cut, len(stimulus)) for cut in cuts):
        pieces.advance(stimulus, cut)
        assert set(pieces.decisions) == {d for d in whole.decisions if d.needed < cut}
    pieces.advance(stimulus, len(stimulus))
    assert pieces.choices == whole.choices
    assert functional_digest(pieces.decision_digest(), pieces.state()) == functional_digest(
        whole.decision_digest(), whole.state()
    )

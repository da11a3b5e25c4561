"""Recursive networks in the golden model: they learn as layers do, and priming chooses among candidates but makes none (AT2, AT3, AT7)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chipsim.ids import ORDINAL_MASK, layer_of, neuron_id
from chipsim.network import NsnState, Stimulus
from chipsim.network.rules import NsnRules, event_rules, text_rules
from chipsim.network.stimulus import END_EPISODE, END_SEGMENT
from tests.scenarios import JACK
from workloads.formats.text import text_stimulus
from workloads.nsn.golden import Decision, GoldenModel
from workloads.nsn.recursive import NOTHING
from workloads.nsn.replay import replay


def of_episodes(episodes: list[str]) -> Stimulus:
    text = "".join(episodes)
    flags = np.full(len(text), END_SEGMENT)
    flags[np.cumsum([len(e) for e in episodes]) - 1] |= END_EPISODE
    number = np.arange(len(text))
    return Stimulus(code=np.array([ord(c) for c in text]), time=number, flags=flags, event=number)


def learned(rules: NsnRules, stimulus: Stimulus, *stops: int) -> GoldenModel:
    golden = GoldenModel(rules)
    for stop in (*stops, len(stimulus)):
        golden.advance(stimulus, stop)
    return golden


def of_layer(golden: GoldenModel, layer: int) -> list[Decision]:
    return [d for d in golden.decisions if d.layer == layer]


@pytest.fixture(scope="module")
def verses() -> Stimulus:
    text = JACK.read_text(encoding="utf-8")
    return text_stimulus(text, len(text), 60, "verses")


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("delay", [1, 2, 5])
def test_where_the_input_is_cut_changes_nothing(verses: Stimulus, delay: int, linked: bool) -> None:
    rules = replace(text_rules(3), networks=3, delay=delay, linked=linked)
    whole = learned(rules, verses)
    for stops in ([100], [7, 8, 9, 250]):
        again = learned(rules, verses, *stops)
        assert again.decision_digest() == whole.decision_digest() and sorted(again.expectations) == sorted(whole.expectations)


def test_networks_read_all_that_their_layer_passes_up(verses: Stimulus) -> None:
    rules = replace(text_rules(3), networks=2, linked=True)
    golden = learned(rules, verses)
    for layer in (1, 2, 3):
        passed = [d.id for d in of_layer(golden, layer)]
        for r in range(2):
            number = rules.network(layer, r)
            vectors = stored(golden.state(), number)
            read: list[int] = []
            for d in of_layer(golden, number):
                assert d.item == len(read)
                read += [lower for lower, _ in vectors[d.id]] if layer_of(d.id) == number else [d.id]
            assert read == passed[: len(read)] and len(passed) - len(read) < 16
            assert [n for network, n, _ in golden.expectations if network == number] == list(range(len(passed)))


def stored(state: NsnState, number: int) -> dict[int, list[tuple[int, int]]]:
    pairs = list(zip(state.pair_id.tolist(), state.pair_interval.tolist(), strict=True))
    start = state.pair_start.tolist()
    rows = np.flatnonzero(state.layer == number).tolist()
    return {neuron_id(number, int(state.ordinal[n])): pairs[start[n] : start[n + 1]] for n in rows}


def test_a_network_classes_intervals_on_its_own_scale() -> None:
    stimulus = of_episodes(["ab", "cdefgh", "abcdefgh"])
    rules = replace(text_rules(1), networks=3, scale=3)
    vectors = [stored(learned(rules, stimulus).state(), rules.network(1, r)) for r in range(3)]
    assert [next(iter(v.values()))[1][1] for v in vectors] == [6, 2, 0]


def test_log2_classes_of_a_scale() -> None:
    time = np.array([0, 0, 40, 40, 140, 140])
    flags = np.array([0, END_SEGMENT] * 3)
    flags[-1] |= END_EPISODE
    stimulus = Stimulus(code=np.arange(6) % 4, time=time, flags=flags, event=np.repeat(np.arange(3), 2))
    rules = replace(event_rules(1), networks=2, scale=10)
    vectors = [stored(learned(rules, stimulus).state(), rules.network(1, r)) for r in range(2)]
    assert [[cls for _, cls in next(iter(v.values()))] for v in vectors] == [[0, 5, 6], [0, 2, 3]]


def test_an_expectation_is_the_best_vector_that_goes_on() -> None:
    """Three vectors begin with P: the one with the highest count is expected, of equals the older one."""
    singles = ["ab", "cd", "ef", "gh"]
    ways = ["abcd", "abef", "abgh"]
    rules = replace(text_rules(1), networks=1)

    def expected(episodes: list[str]) -> list[int]:
        golden = learned(rules, of_episodes([*singles, *episodes]))
        return [one & ORDINAL_MASK for _, _, one in golden.expectations[len(singles) :] if one != NOTHING]

    assert expected([*ways, "abzz"]) == [1, 1, 1]  # the oldest of those that there are
    assert expected([*ways, "abgh", "abzz"])[-1] == 3  # that which came twice


def test_a_later_expectation_needs_a_longer_vector() -> None:
    """P Q and P Q R are stored; behind P the first pair two places on is R, and one place on Q."""
    episodes = ["ab", "cd", "ef", "abcdef", "abcd", "abcdef"]
    for delay, found in ((1, [(6, 1), (8, 1), (9, 2)]), (2, [(6, 2), (8, 2)])):
        golden = learned(replace(text_rules(1), networks=1, delay=delay), of_episodes(episodes))
        assert [(output, one & ORDINAL_MASK) for _, output, one in golden.expectations if one != NOTHING] == found


def test_a_pattern_over_two_episodes_is_found_only_where_they_are_linked() -> None:
    episodes = ["ab", "cd", "ef"] + ["ab", "cd"] * 20
    for linked in (False, True):
        rules = replace(text_rules(1), networks=1, linked=linked)
        golden = learned(rules, of_episodes(episodes))
        number = rules.network(1, 0)
        won = [d for d in of_layer(golden, number) if layer_of(d.id) == number and not d.new]
        spans = [v for v in stored(golden.state(), number).values() if len(v) > 1]
        assert bool(spans) is linked and bool(won) is linked


@pytest.mark.parametrize("networks", [1, 5])
def test_priming_makes_no_candidate_and_replay_stays_exact(verses: Stimulus, networks: int) -> None:
    """Every winner matches what it covers in all of its pairs, and what was read comes back."""
    rules = replace(text_rules(3), networks=networks)
    golden = learned(rules, verses)
    state = golden.state()
    assert replay(state, rules) == list(zip(verses.code.tolist(), verses.time.tolist(), strict=True))
    passed = {0: verses.code.tolist()} | {layer + 1: [d.id for d in of_layer(golden, layer)] for layer in range(3)}
    for layer in (1, 2, 3):
        vectors = stored(state, layer)
        for d in of_layer(golden, layer):
            if layer_of(d.id) == layer:
                assert [lower for lower, _ in vectors[d.id]] == passed[layer][d.item : d.item + d.cover]


def test_priming_decides_between_lengths(verses: Stimulus) -> None:
    """On the verses there are winners that a longer vector, complete at the same place, would have beaten without priming."""
    golden = learned(replace(text_rules(2), networks=2), verses)
    plain = learned(text_rules(2), verses)
    assert [d.id for d in of_layer(golden, 1)] != [d.id for d in of_layer(plain, 1)]


def test_no_network_is_no_difference(verses: Stimulus) -> None:
    plain, none = learned(text_rules(3), verses), learned(replace(text_rules(3), scale=9, delay=3, linked=True), verses)
    assert plain.decision_digest() == none.decision_digest() and none.expectations == ()

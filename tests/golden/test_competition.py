"""Winners that are chosen among several candidates: what decides, and that nothing of the key could be left out or turned round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from chipsim.ids import layer_of, ordinal_of
from chipsim.network import END_EPISODE, Stimulus
from chipsim.network.rules import text_rules
from chipsim.programs.nsn.functional import functional_digest
from tests.golden.naive_sum import Neuron, Vector
from tests.golden.planted import Planted, network, reading
from tests.golden.test_replay import check_replay
from tests.golden.test_sum import THRESHOLDS, check, summing
from tests.scenarios import golden
from workloads.formats.text import read_text, text_stimulus
from workloads.nsn import choice
from workloads.nsn.choice import LEVELS, Candidate, Choices, Stored
from workloads.nsn.golden import GoldenModel

TEXTS = ("en_eltec_carroll_1865.txt", "en_tinyshakespeare.txt", "ru_tolstoy_war_and_peace_1.txt")
RULES = summing(text_rules(1))


# --- crowded networks against exhaustive search


def drawn(draw: Random, symbols: int) -> Vector:
    """A vector of few symbols; most begin alike."""
    k = draw.randint(2, 8)
    pairs = [(draw.randrange(symbols), draw.choice([1] * 9 + [2, 3])) for _ in range(k)]
    return ((draw.choice([0, 0, 0, pairs[0][0]]), 0), *pairs[1:])


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("tolerance", [0, 1, 2])
def test_crowded_networks_choose_as_the_search_does(threshold: str, tolerance: int) -> None:
    """Vectors of two symbols that begin alike: several candidates at almost every start, and ties down to the ordinal."""
    draw, rules = Random(f"{threshold} {tolerance}"), summing(text_rules(1), threshold, tolerance)
    told: Counter[str] = Counter()
    for _ in range(15):
        vectors = list(dict.fromkeys(drawn(draw, 2) for _ in range(draw.randint(2, 40))))
        planted = [Planted(vector, draw.randint(1, 2), draw.randint(0, 1)) for vector in vectors]
        episodes = [drawn(draw, 2) + drawn(draw, 2)[: draw.randint(0, 8)] for _ in range(15)]
        model = GoldenModel.knowing(network(2, planted), rules)
        stimulus = reading(episodes)
        model.advance(stimulus, len(stimulus))
        check(stimulus, model, threshold, [Neuron(n.vector, n.count, n.first, n.first) for n in planted])
        check_replay(stimulus, model.state(), rules)
        told += Counter(model.choices["candidates"]) + Counter(model.choices["decided_by"])
    assert told["2"] + told["3-4"] + told["5-8"] + told["9+"] == sum(told[level] for level in LEVELS)
    assert told["response"] > 5
    if threshold != "1":
        assert told["residual"] > 5 and told["count"] + told["age"] > 2


# --- planted ties, each with a winner by hand


def tied(level: str, case: int) -> tuple[Planted, Planted, Vector]:
    """The winner, a loser that would win if the component were turned round or left out, and what is read; symbols of no other case."""
    a, b, c, d, x, y = range(6 * case, 6 * case + 6)

    def vector(*symbols: int) -> Vector:
        return ((symbols[0], 0), *((s, 1) for s in symbols[1:]))

    if level == "residual":  # against a larger response, a larger count and age
        return Planted(vector(a, b), 1, 9), Planted(vector(a, b, x, d), 5, 1), vector(a, b, c, d)
    if level == "response":  # against count and age
        return Planted(vector(a, b, c), 1, 9), Planted(vector(a, b), 5, 1), vector(a, b, c)
    if level == "count":  # against age
        return Planted(vector(a, b, c, d), 5, 9), Planted(vector(a, x, c, d), 1, 1), vector(a, y, c, d)
    return Planted(vector(a, b, c, d), 2, 1 + case % 2), Planted(vector(a, x, c, d), 2, 2), vector(a, y, c, d)


def planted_ties(level: str, cases: int) -> tuple[GoldenModel, list[int], list[int]]:
    """A model that has read each of the cases once, and the ordinals of the winners: those that it found, and those by hand."""
    neurons, episodes, winners = [], [], []
    for case in range(cases):
        winner, loser, episode = tied(level, case)
        # of equal first times the lower ordinal wins; elsewhere it belongs to the loser
        last = level != "age" or winner.first < loser.first
        winners.append(2 * case + last)
        neurons += [loser, winner] if last else [winner, loser]
        episodes.append(episode)
    model = GoldenModel.knowing(network(6 * cases, neurons), RULES)
    model._choices = Reversing()
    stimulus = reading(episodes)
    model.advance(stimulus, len(stimulus))
    return model, won(model, stimulus), winners


class Reversing(Choices):
    """Chooses as it should, and counts how often a key with one component turned round would have chosen another."""

    def __init__(self) -> None:
        super().__init__()
        self.changed: Counter[str] = Counter()

    def choose(self, candidates: Sequence[Candidate], neurons: Sequence[Stored], primed: Set[int], *, counting: bool) -> int:
        winner = super().choose(candidates, neurons, primed, counting=counting)
        for level in LEVELS:
            other = max(
                candidates, key=lambda one: turned(level, choice.key_of(one, neurons[one.ordinal], one.ordinal in primed))
            )
            self.changed[level] += other.ordinal != winner
        return winner


def turned(level: str, key: tuple[Any, ...]) -> tuple[Any, ...]:
    """A key with one component turned round."""
    at = LEVELS.index(level)
    part = tuple(-x for x in key[at]) if isinstance(key[at], tuple) else -key[at]
    return (*key[:at], part, *key[at + 1 :])


def won(model: GoldenModel, stimulus: Stimulus) -> list[int]:
    """Ordinals of the neurons of layer 1 that fired first in each episode, all of them known before."""
    starts = {0, *(np.flatnonzero(stimulus.flags & END_EPISODE) + 1).tolist()}
    first = [d for d in model.decisions if d.layer == 1 and d.item in starts]
    assert not any(d.new or layer_of(d.id) != 1 for d in first)
    return [ordinal_of(d.id) for d in first]


@pytest.mark.parametrize(("level", "cases"), [("residual", 1_000), ("response", 1_000), ("count", 10_000), ("age", 10_000)])
def test_planted_ties_are_decided_by_one_component(level: str, cases: int) -> None:
    """10^4 cases in which count, or age, decides: the winner is the one by hand, and the other one if that component is turned round."""
    model, found, winners = planted_ties(level, cases)
    assert found == winners
    assert model.choices["candidates"] == {"1": 0, "2": cases, "3-4": 0, "5-8": 0, "9+": 0}
    assert model.choices["decided_by"] == {name: cases * (name == level) for name in LEVELS}
    assert isinstance(model._choices, Reversing)
    assert model._choices.changed == {name: cases * (name == level) for name in LEVELS}


@pytest.mark.parametrize("level", ["residual", "response", "count", "age"])
def test_a_reversal_is_caught(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests hold against the golden model fails for a key with a component turned round."""
    right = choice.key_of
    monkeypatch.setattr(choice, "key_of", lambda *given: turned(level, right(*given)))
    _, found, winners = planted_ties(level, 10)
    assert all(a != b for a, b in zip(found, winners, strict=True))


# --- texts


def check_text(path: Path, characters: int) -> Counter[str]:
    """Replay is exact; how many winners each reversal changes."""
    said = read_text(path)[:characters]
    stimulus = text_stimulus(said, len(said), 512, str(path))
    model = GoldenModel(summing(text_rules(8)))
    model._choices = counted = Reversing()
    model.advance(stimulus, len(stimulus))
    state = model.state()
    check_replay(stimulus, state, model.rules)
    told = model.choices
    assert len(state.substitutions) and not (state.substitutions[:, 3] == 0).any()
    assert sum(told["decided_by"].values()) == sum(told["candidates"].values()) - told["candidates"]["1"]
    assert counted.changed["residual"] >= told["decided_by"]["residual"] and told["decided_by"]["primed"] == 0
    assert sum(told["candidates_apart"].values()) > told["candidates_apart"]["1"], "candidates of which none begins another"
    return counted.changed


def test_reversals_change_winners_on_a_text(shared: Path) -> None:
    changed = check_text(shared / "data/text" / TEXTS[0], 20_000)
    assert changed["residual"] >= 200 and changed["response"] >= 400


@pytest.mark.slow
def test_reversals_change_ten_thousand_winners_on_the_texts(shared: Path, record_property: Any) -> None:
    """The first 200,000 characters of each text, or all of it."""
    changed: Counter[str] = Counter()
    for name in TEXTS:
        changed += check_text(shared / "data/text" / name, 200_000)
    record_property("changed", dict(changed))
    assert changed["residual"] >= 10_000 and changed["response"] >= 10_000


@pytest.mark.parametrize(
    ("name", "characters"), [(TEXTS[1], 15_000), *(pytest.param(name, 200_000, marks=pytest.mark.slow) for name in TEXTS)]
)
def test_threshold_one_without_tolerance_is_exact_on_a_text(shared: Path, name: str, characters: int) -> None:
    said = read_text(shared / "data/text" / name)[:characters]
    stimulus = text_stimulus(said, len(said), 512, name)
    exact, summed = golden(stimulus, text_rules(8)), golden(stimulus, summing(text_rules(8), "1", 0))
    assert exact.decisions == summed.decisions and exact.choices == summed.choices
    assert functional_digest(exact.decision_digest(), exact.state()) == functional_digest(
        summed.decision_digest(), summed.state()
    )

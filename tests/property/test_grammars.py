"""The grammars beside which a compacted network is told: they give back what they read, and are what their authors say they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.formats.text import read_text
from workloads.nsn.grammar import Grammar, expand, repair, sequitur
from workloads.nsn.grammar.grammar import uses

Maker = Callable[[Sequence[Sequence[int]]], Grammar]

EPISODES = st.lists(st.lists(st.integers(0, 3), max_size=60), max_size=4)
MAKERS = pytest.mark.parametrize("maker", [repair, sequitur])


def digrams(grammar: Grammar) -> Counter[tuple[int, int]]:
    """How often each digram occurs, in a run of equals every second one."""
    found: Counter[tuple[int, int]] = Counter()
    for symbols in (*grammar.rules, *grammar.episodes):
        before = None
        for digram in pairwise(symbols):
            if digram == before:
                before = None
                continue
            found[digram] += 1
            before = digram
    return found


@MAKERS
@settings(max_examples=300)
@given(episodes=EPISODES)
def test_a_grammar_expands_to_what_it_read(maker: Maker, episodes: list[list[int]]) -> None:
    grammar = maker(episodes)
    assert expand(grammar) == episodes
    assert all(len(rule) >= 2 for rule in grammar.rules)
    assert all(uses(grammar)[-1 - number] for number in range(len(grammar.rules)))


@settings(max_examples=300)
@given(EPISODES)
def test_sequitur_has_no_digram_twice_and_no_rule_once(episodes: list[list[int]]) -> None:
    grammar = sequitur(episodes)
    assert max(digrams(grammar).values(), default=0) <= 1
    assert all(uses(grammar)[-1 - number] >= 2 for number in range(len(grammar.rules)))


@settings(max_examples=300)
@given(EPISODES, st.integers(2, 9))
def test_repair_goes_on_until_no_digram_occurs_twice(episodes: list[list[int]], longest: int) -> None:
    pairs, whole = repair(episodes, 2), repair(episodes, longest)
    assert max(digrams(pairs).values(), default=0) <= 1
    assert all(len(rule) == 2 for rule in pairs.rules)
    assert all(len(rule) <= longest for rule in whole.rules)
    assert whole.elements <= pairs.elements


def test_known_grammars() -> None:
    """The first examples of the two papers: abcdbc is aAdA with A = bc; in aaaa pairs do not overlap."""
    a, b, c, d = range(4)
    assert sequitur([[a, b, c, d, b, c]]) == Grammar(((b, c),), ((a, -1, d, -1),))
    assert repair([[a, b, c, d, b, c]]) == Grammar(((b, c),), ((a, -1, d, -1),))
    assert repair([[a, a, a, a]]) == Grammar(((a, a),), ((-1, -1),))
    assert repair([[a, b], [a, b], [a], [b]]) == Grammar(((a, b),), ((-1,), (-1,), (a,), (b,)))


# elements of Sequitur and of Re-Pair, of the text as one episode and in episodes of 512: what tests/golden/test_sleep.py is beside
BOOKS = {
    "en_eltec_carroll_1865": ((39_383, 40_087), (35_896, 36_433)),
    "en_tinyshakespeare": ((251_333, 261_417), (238_742, 241_424)),
    "ru_tolstoy_war_and_peace_1": ((209_654, 217_348), (186_561, 188_841)),
}


@pytest.mark.parametrize("name", [next(iter(BOOKS)), *(pytest.param(book, marks=pytest.mark.slow) for book in list(BOOKS)[1:])])
def test_elements_of_books(shared: Path, name: str) -> None:
    """As the documentation tells them."""
    codes = [ord(c) for c in read_text(shared / f"data/text/{name}.txt")]
    parted = [codes[at : at + 512] for at in range(0, len(codes), 512)]
    assert (sequitur([codes]).elements, sequitur(parted).elements) == BOOKS[name][0]
    assert (repair([codes]).elements, repair(parted).elements) == BOOKS[name][1]

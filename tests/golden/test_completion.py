"""Going on from a prefix: nothing that is not stored, what follows most often first, and of each symbol the neurons it came from (NG10, NG11).

What is found is compared with plain counting over the input.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.ids import Chain, layer_of, neuron_id
from chipsim.network import NsnState, Stimulus
from chipsim.network.completion import Stored, continued, following, longest_end, places_behind, stored
from chipsim.network.rules import EXACT, LOG2, NsnRules, event_rules, passing, text_rules
from tests.golden.test_replay import field_events, timed_texts, transitions
from tests.golden.test_sum import jumbled_words, summing
from tests.scenarios import golden, leaves
from workloads.formats.text import read_text, text_stimulus
from workloads.nsn.replay import chains_of, replay_episode
from workloads.nsn.sleep import sleep

Leaves = list[tuple[int, int]]


def input_episodes(stimulus: Stimulus) -> list[Leaves]:
    """Items of each episode of the input."""
    ends = (np.flatnonzero(stimulus.flags & 2) + 1).tolist()
    items = leaves(stimulus)
    return [items[start:end] for start, end in itertools.pairwise([0, *ends])]


def from_memory(state: NsnState, rules: NsnRules) -> Stored:
    """What is stored, by replay."""
    return stored({number: replay_episode(state, rules, number) for number in range(len(state.records))})


def spelt(stimulus: Stimulus) -> list[list[int]]:
    """Codes of each episode of the input."""
    return [[code for code, _ in episode] for episode in input_episodes(stimulus)]


def occurrences(episodes: list[list[int]], prefix: list[int]) -> list[tuple[int, int]]:
    """Episode, and place in it behind the prefix, of every occurrence."""
    size = len(prefix)
    return [
        (number, at + size)
        for number, codes in enumerate(episodes)
        for at in range(len(codes) - size + 1)
        if codes[at : at + size] == prefix
    ]


def check_completion(episodes: list[list[int]], memory: Stored, prefix: list[int]) -> None:
    """All that is told of one prefix, against counting."""
    places, matched = places_behind(memory, prefix)
    expected = occurrences(episodes, prefix)
    known = [size for size in range(1, len(prefix) + 1) if occurrences(episodes, prefix[:size])]
    assert matched == max(known, default=0)
    ends = [size for size in range(1, len(prefix) + 1) if occurrences(episodes, prefix[-size:])]
    assert longest_end(memory, prefix) == max(ends, default=0)
    if matched < len(prefix):
        assert not expected
        return
    behind = [memory.at(place - 1) for place in places.tolist()]
    assert [(number, at + 1) for number, at in behind] == expected
    assert memory.episodes(places) == len({number for number, _ in expected})
    after, finished = following(memory, places)
    counts = Counter(episodes[n][at] for n, at in expected if at < len(episodes[n]))
    last = {episodes[n][at]: (n, at) for n, at in expected if at < len(episodes[n])}
    assert {one.code: one.count for one in after} == counts
    assert {one.code: memory.at(one.last) for one in after} == last
    assert finished == len(expected) - counts.total()
    assert [one.code for one in after] == sorted(counts, key=lambda code: (counts[code], last[code]), reverse=True)
    place, size = continued(memory, places)
    emitted = memory.code[place : place + size].tolist()
    check_choices(episodes, prefix, emitted)
    if size:
        number, at = memory.at(place)
        assert episodes[number][at - len(prefix) : at + size] == prefix + emitted, "not what one stored episode holds"
        assert occurrences(episodes, prefix + emitted)[-1] == (number, at + size), "not the last of those that go on so"
    for one in after:  # every way on that can be asked for
        place, size = continued(memory, places, one.code)
        way = memory.code[place : place + size].tolist()
        assert way[0] == one.code
        check_choices(episodes, [*prefix, one.code], way[1:])


def check_choices(episodes: list[list[int]], prefix: list[int], emitted: list[int]) -> None:
    """Each emitted symbol is the one that follows most often, of equal ones the one seen last; the end comes where nothing follows."""
    for size in range(len(emitted) + 1):
        here = occurrences(episodes, prefix + emitted[:size])
        after = [episodes[n][at] for n, at in here if at < len(episodes[n])]
        if size == len(emitted):
            assert not after
            return
        counts = Counter(after)
        most = [code for code in counts if counts[code] == max(counts.values())]
        assert emitted[size] == max(most, key=lambda code: len(after) - after[::-1].index(code))


@st.composite
def prefixes(draw: st.DrawFn, episodes: list[list[int]]) -> list[int]:
    """Of what is there mostly, now and then with a symbol exchanged."""
    codes = draw(st.sampled_from(episodes))
    start = draw(st.integers(0, len(codes) - 1))
    prefix = codes[start : start + draw(st.integers(1, 4))]
    if draw(st.integers(0, 3)) == 0:
        prefix[draw(st.integers(0, len(prefix) - 1))] = draw(st.integers(96, 100))
    return prefix


@settings(max_examples=250)
@given(
    timed_texts() | jumbled_words(),
    st.integers(1, 4),
    st.sampled_from([EXACT, LOG2]),
    st.sampled_from(["cover", "pass"]),
    st.sampled_from([None, "0.75", "0.5"]),
    st.booleans(),
    st.data(),
)
def test_every_continuation_is_stored_and_the_most_frequent(
    stimulus: Stimulus, layers: int, interval: int, reading: str, threshold: str | None, asleep: bool, data: st.DataObject
) -> None:
    """Texts, with vectors that match exactly and that sum, before a sleep and after it."""
    rules = text_rules(layers, interval)
    rules = passing(rules) if reading == "pass" else rules
    rules = rules if threshold is None else summing(rules, threshold)
    state = golden(stimulus, rules).state()
    state = sleep(state, rules).state if asleep else state
    episodes, memory = spelt(stimulus), from_memory(state, rules)
    check_completion(episodes, memory, data.draw(prefixes(episodes)))
    check_chains(stimulus, state, rules)


@settings(max_examples=100)
@given(field_events(), st.integers(1, 4), st.sampled_from([EXACT, LOG2]), st.data())
def test_events_go_on_from_within(stimulus: Stimulus, layers: int, interval: int, data: st.DataObject) -> None:
    """Field values of a log, from any field on."""
    rules = event_rules(layers, interval)
    state = golden(stimulus, rules).state()
    episodes = spelt(stimulus)
    check_completion(episodes, from_memory(state, rules), data.draw(prefixes(episodes)))
    check_chains(stimulus, state, rules)


# --- from which neurons


def check_chains(stimulus: Stimulus, state: NsnState, rules: NsnRules) -> int:
    """The trees of the records have the input as their leaves, link by link as stored; returns how many neurons stood in another's place.

    Neurons are looked up here without replay.
    """
    ids = [neuron_id(*key) for key in zip(state.layer.tolist(), state.ordinal.tolist(), strict=True)]
    below = {
        one: state.pair_id[low:high].tolist()
        for one, (low, high) in zip(ids, itertools.pairwise(state.pair_start), strict=True)
    }
    kept = Counter(row[4] for row in state.substitutions.tolist() if row[4] >= 0)
    replaced = Counter[int]()
    for number, items in enumerate(input_episodes(stimulus)):
        chains = chains_of(state, rules, number)
        assert [below[chain[0].neuron] for chain in chains] == [[code] for code, _ in items]
        assert [layer_of(chain[0].neuron) for chain in chains] == [0] * len(items)
        places = [[link.position for link in reversed(chain)] for chain in chains]
        assert places == sorted(places), "leaves are not in the order of the tree"
        seen: set[tuple[object, ...]] = set()
        for chain in chains:
            assert state.records[number].top[chain[-1].position] == chain[-1].neuron
            assert chain[-1].instead is None
            for depth, (lower, upper) in enumerate(itertools.pairwise(chain)):
                own = below[upper.neuron][lower.position]
                assert own == (lower.neuron if lower.instead is None else lower.instead)
                above = tuple((link.neuron, link.position) for link in chain[depth:])
                if lower.instead is not None and above not in seen:
                    assert lower.instead != lower.neuron
                    replaced[lower.neuron] += 1
                seen.add(above)
        check_no_pair_is_left_out(chains, below)
    assert replaced <= kept, "more stood in the place of others than is kept"  # fewer where only the class was another
    return replaced.total()


def check_no_pair_is_left_out(chains: list[Chain], below: dict[int, list[int]]) -> None:
    """Of every neuron on a way all pairs are on ways."""
    used: dict[tuple[object, ...], set[int]] = {}
    for chain in chains:
        for depth, lower in enumerate(chain[:-1]):
            way = tuple((link.neuron, link.position) for link in chain[depth + 1 :])
            used.setdefault(way, set()).add(lower.position)
    for way, positions in used.items():
        assert positions == set(range(len(below[way[0][0]])))  # type: ignore[index]


def test_what_stood_in_anothers_place_is_said() -> None:
    """The worked example of docs/nsn.md: x for b."""
    rules = summing(text_rules(1))
    stimulus = text_stimulus("abcdaxcd", 8, 4, "text")
    state = golden(stimulus, rules).state()
    assert check_chains(stimulus, state, rules) == 1
    b, x = 1, 4
    (link, top) = chains_of(state, rules, 1)[1]
    assert (link.neuron, link.position, link.instead) == (x, 1, b)
    assert (top.neuron, top.position, top.instead) == (neuron_id(1, 0), 0, None)


def test_rules_of_the_choice() -> None:
    """The example of docs/nsn.md, by hand: what follows most often, then what was seen last, and no further than the episode."""
    words = ["abcd", "abce", "abxy", "zab", "abce"]
    memory = stored({n: [(ord(c), 0) for c in word] for n, word in enumerate(words)})

    def on(prefix: str) -> tuple[str, tuple[int, int]]:
        places, matched = places_behind(memory, list(map(ord, prefix)))
        assert matched == len(prefix)
        place, size = continued(memory, places)
        return "".join(map(chr, memory.code[place : place + size])), memory.at(place)

    assert on("ab") == ("ce", (4, 2))
    assert on("abx") == ("y", (2, 3))
    assert on("a") == ("bce", (4, 1))
    assert on("za") == ("b", (3, 2))
    assert on("zab")[0] == ""
    after, ends = following(memory, places_behind(memory, [ord("a"), ord("b")])[0])
    assert [(chr(one.code), one.count, memory.at(one.last)) for one in after] == [("c", 3, (4, 2)), ("x", 1, (2, 2))]
    assert ends == 1
    assert places_behind(memory, list(map(ord, "abq")))[1] == 2
    assert longest_end(memory, list(map(ord, "qce"))) == 2
    assert len(places_behind(memory, list(map(ord, "q")))[0]) == 0
    assert places_behind(memory, list(map(ord, "da")))[1] == 1, "an episode does not go on in the next"


# --- real texts


@pytest.mark.parametrize("threshold", [None, "0.75"])
def test_carroll_goes_on_as_it_was_written(shared: Path, threshold: str | None) -> None:
    """0 emitted transitions that memory does not have, over 300 prefixes of 30,000 characters."""
    characters = read_text(shared / "data/text/en_eltec_carroll_1865.txt")[:30_000]
    stimulus = text_stimulus(characters, len(characters), 512, "carroll")
    rules = text_rules(8) if threshold is None else summing(text_rules(8), threshold)
    state = golden(stimulus, rules).state()
    replaced = check_chains(stimulus, state, rules)
    assert replaced == 0 if threshold is None else replaced > 100
    episodes, memory = ["".join(map(chr, codes)) for codes in spelt(stimulus)], from_memory(state, rules)
    known = transitions([(ord(c), 0) for c in characters])
    draw, emitted = random.Random(15), 0
    for _ in range(300):
        at = draw.randrange(len(characters) - 12)
        prefix = characters[at : at + draw.randint(1, 12)]
        places, matched = places_behind(memory, list(map(ord, prefix)))
        if matched < len(prefix):
            assert not any(prefix in episode for episode in episodes)
            continue
        place, size = continued(memory, places)
        number, start = memory.at(min(place, len(memory.code) - 1))
        after = [code for code, _ in replay_episode(state, rules, number)][start : start + size]
        assert transitions([(ord(prefix[-1]), 0), *((code, 0) for code in after)]) <= known
        assert not size or episodes[number][start - len(prefix) : start + size] == prefix + "".join(map(chr, after))
        emitted += size
    assert emitted > 10_000

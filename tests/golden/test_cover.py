"""The cover rule: by hand, against exhaustive search, and in any cut of the stream."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.ids import neuron_id
from chipsim.network import END_EPISODE, Stimulus
from chipsim.network.rules import EXACT, LOG2, NsnRules, passing, text_rules
from chipsim.programs.nsn.functional import functional_digest, network_digest
from tests.golden.naive import Item, log2_class, read
from tests.scenarios import golden, leaves, text
from workloads.nsn.decisions import Decision
from workloads.nsn.golden import GoldenModel
from workloads.nsn.replay import replay


def decisions(characters: str, layers: int = 1, episode: int = 100) -> list[tuple[int, int, str, bool]]:
    """(layer, first item, what it covers, new) of the pattern layers, in order per layer."""
    stimulus = text(characters, episode)
    found = sorted(golden(stimulus, text_rules(layers)).decisions, key=lambda d: (d.layer, d.item))
    return [(d.layer, d.item, characters[d.item : d.item + d.cover], d.new) for d in found if d.layer == 1] + [
        (d.layer, d.item, str(d.cover), d.new) for d in found if d.layer > 1
    ]


def test_first_sight_takes_up_to_eight() -> None:
    """Nothing is known: runs of eight, and what is left."""
    assert decisions("abcdefghijklmnopqr") == [
        (1, 0, "abcdefgh", True),
        (1, 8, "ijklmnop", True),
        (1, 16, "qr", True),
    ]


def test_known_pattern_closes_a_segment_behind_its_last_pair() -> None:
    assert decisions("abcdefghabcdefghab") == [
        (1, 0, "abcdefgh", True),
        (1, 8, "abcdefgh", False),
        (1, 16, "ab", True),  # open to the end, but complete nowhere: a novelty
    ]


def test_run_of_unknown_items_ends_before_what_is_known() -> None:
    """'ab' is known from the first episode; 'xyz' ends where its probe finds it."""
    stimulus = text("ab" + "xyzabq", 100)
    flags = stimulus.flags.copy()
    flags[1] |= 2  # an episode of its own for the first two characters
    split = dataclasses.replace(stimulus, flags=flags)
    found = [d for d in golden(split, text_rules(1)).decisions if d.layer == 1]
    assert [(d.item, d.cover, d.new) for d in found] == [(0, 2, True), (2, 3, True), (5, 2, False), (7, 1, False)]
    assert found[3].id == neuron_id(0, 5), "a single left-over item passes up as itself: the sixth new character"
    assert found[2].id == found[0].id == neuron_id(1, 0)


def test_longest_complete_vector_wins_and_the_rest_is_probed_anew() -> None:
    """'ab', 'abcd' known: 'abcx' gives 'ab' (longest complete), then 'cx'."""
    words = ["ab", "abcd", "abcx"]
    stimulus = text("".join(words), 100)
    flags = stimulus.flags.copy()
    flags[[1, 5]] |= 2
    found = [d for d in golden(dataclasses.replace(stimulus, flags=flags), text_rules(1)).decisions if d.layer == 1]
    covers = [(d.item, d.cover, d.new) for d in found]
    # 'abcd' is read as the known 'ab' and the new 'cd'; then 'abcx' as 'ab' and 'cx'
    assert covers == [(0, 2, True), (2, 2, False), (4, 2, True), (6, 2, False), (8, 2, True)]


def test_episode_end_cuts_and_order_and_interval_matter() -> None:
    """'ab' and 'ba' are different vectors, and so is 'ab' with another gap (IN10)."""
    assert decisions("abba", episode=2) == [(1, 0, "ab", True), (1, 2, "ba", True)]
    stimulus = text("abab", 2)
    slow = dataclasses.replace(stimulus, time=np.array([0, 1, 2, 4]))
    model = golden(slow, text_rules(1))
    assert [d.new for d in model.decisions if d.layer == 1] == [True, True]
    tolerant = golden(dataclasses.replace(stimulus, time=np.array([0, 5, 10, 16])), text_rules(1, LOG2))
    assert [d.new for d in tolerant.decisions if d.layer == 1] == [True, False], "gaps 5 and 6 are of one class"


def test_worked_example_of_the_documentation() -> None:
    """Episodes `ab`, `xyabz`, `xyab` on two pattern layers, as docs/nsn.md tells it."""
    stimulus = text("abxyabzxyab", 100)
    flags = stimulus.flags.copy()
    flags[[1, 6, 10]] |= 2
    model = golden(dataclasses.replace(stimulus, flags=flags), text_rules(2))
    n0, n1, m0, m1 = neuron_id(1, 0), neuron_id(1, 1), neuron_id(2, 0), neuron_id(2, 1)
    z = neuron_id(0, 4)
    found = sorted((d.layer, d.item, d.cover, d.id, d.new, d.time) for d in model.decisions if d.layer)
    assert found == [
        (1, 0, 2, n0, True, 1),
        (1, 2, 2, n1, True, 3),
        (1, 4, 2, n0, False, 5),
        (1, 6, 1, z, False, 6),
        (1, 7, 2, n1, False, 8),
        (1, 9, 2, n0, False, 10),
        (2, 0, 1, n0, False, 1),
        (2, 1, 3, m0, True, 6),
        (2, 4, 2, m1, True, 10),
    ]
    assert [(r.top, r.times) for r in model.state().records] == [((n0,), (1,)), ((m0,), (6,)), ((m1,), (10,))]


def test_by_pass_only_the_last_layer_stores() -> None:
    """The same episodes, as docs/nsn.md reads them by `pass`."""
    stimulus = text("abxyabzxyab", 100)
    flags = stimulus.flags.copy()
    flags[[1, 6, 10]] |= 2
    state = golden(dataclasses.replace(stimulus, flags=flags), passing(text_rules(2))).state()
    a, b, x, y, z = range(5)
    ab, xy = neuron_id(2, 0), neuron_id(2, 1)
    assert state.neurons_per_layer().tolist() == [5, 0, 2]
    assert list(zip(state.pair_id[5:].tolist(), state.pair_interval[5:].tolist(), strict=True)) == [
        (a, 0),
        (b, 1),
        (x, 0),
        (y, 1),
    ]
    assert [record.top for record in state.records] == [(ab,), (xy, ab, z), (xy, ab)]


def test_gap_above_the_limit_cuts() -> None:
    stimulus = dataclasses.replace(text("abcd", 4), time=np.array([0, 1, 9, 10]))
    assert [d.cover for d in golden(stimulus, text_rules(1, EXACT, 1, 8)).decisions if d.layer == 1] == [4]
    assert [d.cover for d in golden(stimulus, text_rules(1, EXACT, 1, 7)).decisions if d.layer == 1] == [2, 2]


def test_log2_classes_survive_grouping() -> None:
    """0, 3, 10 and 0, 3, 17 have equal classes: also once items 2 and 3 are one neuron, for gaps run to the start of an item."""
    stimulus = dataclasses.replace(text("bcabcabc", 2), time=np.array([0, 7, 20, 23, 30, 50, 53, 67]))
    flags = stimulus.flags.copy()
    flags &= ~END_EPISODE
    flags[[1, 4, 7]] |= END_EPISODE
    stimulus = dataclasses.replace(stimulus, flags=flags)
    model = golden(stimulus, text_rules(2, LOG2))
    a, bc = neuron_id(0, 2), neuron_id(1, 0)
    state = model.state()
    assert [r.top for r in state.records] == [(bc,), (neuron_id(2, 0),), (neuron_id(2, 0),)]
    pairs = list(zip(state.pair_id.tolist(), state.pair_interval.tolist(), strict=True))
    assert pairs[-2:] == [(a, 0), (bc, 2)]
    # 7 and 14 are of class 3, from 7 on; 3 of class 2, from 3 on: one residual per gap, whichever layer joins what it parts
    assert state.residuals.tolist() == [0, 0, 0, 0, 7] and state.residual_ends.tolist() == [1, 3, 5]
    assert replay(state, model.rules) == leaves(stimulus)


def test_layers_pile_up() -> None:
    """Known words become one item each for the layer above, which learns their sequence."""
    found = decisions("abcdefgh" * 4 + "ijklmnop" * 2, layers=2)
    assert [d for d in found if d[0] == 1] == [
        (1, 0, "abcdefgh", True),
        *[(1, 8 * i, "abcdefgh", False) for i in (1, 2, 3)],
        (1, 32, "ijklmnop", True),
        (1, 40, "ijklmnop", False),
    ]
    assert [d for d in found if d[0] == 2] == [(2, 0, "6", True)]


# --- against exhaustive search (WT2), and cut anywhere


RULES = st.sampled_from([(EXACT, 1, 0), (EXACT, 1, 3), (LOG2, 1, 0), (LOG2, 2, 4), (LOG2, 3, 0)])


@st.composite
def streams(draw: st.DrawFn) -> Stimulus:
    """Few symbols, gaps now and then, episodes of any length."""
    characters = draw(st.text("abc", min_size=1, max_size=70))
    stimulus = text(characters, draw(st.integers(1, 40)))
    gaps = draw(st.lists(st.sampled_from([1, 1, 1, 2, 5]), min_size=len(characters), max_size=len(characters)))
    return dataclasses.replace(stimulus, time=np.cumsum(gaps).astype(np.int64))


def episodes_of(stimulus: Stimulus, model: GoldenModel) -> list[list[Item]]:
    """Items of layer 0 as layer 1 sees them, episode by episode."""
    found: list[list[Item]] = [[]]
    for d in model.decisions:
        if d.layer == 0:
            found[-1].append((d.id, d.time, d.time))
            if stimulus.flags[d.item] & 2:
                found.append([])
    return [episode for episode in found if episode]


def of_layer(found: tuple[Decision, ...], layer: int) -> list[tuple[int, int, int, bool]]:
    return [(d.item, d.item + d.cover, d.id, d.new) for d in found if d.layer == layer]


@settings(max_examples=300)
@given(streams(), st.integers(1, 4), RULES, st.booleans())
def test_golden_model_equals_exhaustive_search(
    stimulus: Stimulus, layers: int, rule: tuple[int, int, int], passes: bool
) -> None:
    interval, unit, max_gap = rule
    rules = NsnRules(text_rules(layers).reading, interval, unit, max_gap)
    model = golden(stimulus, passing(rules) if passes else rules)

    def class_of(gap: int) -> int:
        return gap if interval == EXACT else log2_class(gap, unit)

    vectors, segments = read(episodes_of(stimulus, model), layers, class_of, max_gap, interval == LOG2, passes)
    for layer in range(1, layers + 1):
        assert of_layer(model.decisions, layer) == [(s.start, s.end, s.fired, s.new) for s in segments[layer - 1]]
    state = model.state()
    start, pairs = state.pair_start, np.stack([state.pair_id, state.pair_interval], axis=1).tolist()
    for layer in range(1, layers + 1):
        rows = np.flatnonzero(state.layer == layer)
        assert [tuple(map(tuple, pairs[start[n] : start[n + 1]])) for n in rows] == vectors[layer - 1]


@settings(max_examples=300)
@given(streams(), st.integers(1, 4), RULES, st.lists(st.integers(0, 70), max_size=6))
def test_stream_in_pieces_equals_the_whole(
    stimulus: Stimulus, layers: int, rule: tuple[int, int, int], cuts: list[int]
) -> None:
    """Whatever was read when: same decisions, same network."""
    rules = NsnRules(text_rules(layers).reading, *rule)
    pieces = GoldenModel(rules)
    for cut in sorted(cuts):
        pieces.advance(stimulus, min(cut, len(stimulus)))
    pieces.advance(stimulus, len(stimulus))
    whole = golden(stimulus, rules)
    assert sorted(pieces.decisions, key=lambda d: (d.layer, d.item)) == sorted(whole.decisions, key=lambda d: (d.layer, d.item))
    assert functional_digest(pieces.decision_digest(), pieces.state()) == functional_digest(
        whole.decision_digest(), whole.state()
    )


@settings(max_examples=300)
@given(streams(), st.integers(1, 3), st.integers(0, 70))
def test_decision_needs_no_later_item_than_it_says(stimulus: Stimulus, layers: int, cut: int) -> None:
    """A stream cut behind an item has decided exactly what names that item or an earlier one as needed."""
    rules = text_rules(layers)
    cut = min(cut, len(stimulus))
    early = GoldenModel(rules)
    early.advance(stimulus, cut)
    whole = golden(stimulus, rules)
    assert set(early.decisions) == {d for d in whole.decisions if d.needed < cut}
    assert (network_digest(early.state()) == network_digest(whole.state())) == (cut == len(stimulus))

"""What the network knows: identification, novelty, permanence, saturation, history, interpretation (NG1 to NG12)."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.ids import LAYER_SHIFT, layer_of, neuron_id, ordinal_of
from chipsim.network import NsnState, Stimulus
from chipsim.network.rules import NsnRules, event_rules, text_rules
from chipsim.programs.nsn.functional import network_digest
from chipsim.programs.nsn.image import load_memory, save_memory, stored_network
from tests.scenarios import JACK, events, golden, run, small, text
from workloads.nsn.decisions import Decision
from workloads.nsn.golden import GoldenModel

RHYME = JACK.read_text(encoding="utf-8")
STREAM = st.text("abcd", min_size=1, max_size=90)


def vectors(state: NsnState) -> dict[tuple[int, int], tuple[tuple[int, int], ...]]:
    """(layer, ordinal) -> pairs."""
    start = state.pair_start.tolist()
    pairs = list(zip(state.pair_id.tolist(), state.pair_interval.tolist(), strict=True))
    keys = zip(state.layer.tolist(), state.ordinal.tolist(), strict=True)
    return {key: tuple(pairs[start[n] : start[n + 1]]) for n, key in enumerate(keys)}


def spell(known: dict[tuple[int, int], tuple[tuple[int, int], ...]], neuron: int) -> list[int]:
    """Raw codes below a neuron, in order."""
    pairs = known[layer_of(neuron), ordinal_of(neuron)]
    return [pairs[0][0]] if layer_of(neuron) == 0 else [code for lower, _ in pairs for code in spell(known, lower)]


@given(STREAM, st.integers(1, 50), st.integers(1, 4))
def test_known_activates_one_neuron_and_unknown_creates_one(characters: str, episode: int, layers: int) -> None:
    """NG1, NG2, NG7: no vector is stored twice; the first occurrence of a vector is new, later ones are not; D_l is a count."""
    stimulus = text(characters, episode)
    model = golden(stimulus, text_rules(layers))
    state = model.state()
    known = vectors(state)
    per_layer = defaultdict(list)
    for (layer, _), pairs in known.items():
        per_layer[layer].append(pairs)
    for layer, stored in per_layer.items():
        assert len(set(stored)) == len(stored)
        assert int(state.neurons_per_layer()[layer]) == len(stored)
    seen: set[int] = set()
    for d in sorted(model.decisions, key=lambda d: (d.layer, d.item)):
        if layer_of(d.id) == d.layer:
            assert d.new == (d.id not in seen)
            seen.add(d.id)
        else:
            assert not d.new and d.cover == 1
    assert seen == {neuron_id(*key) for key in known}
    created = [d.id for d in model.decisions if d.new]
    for layer in range(layers + 1):
        ordinals = [ordinal_of(i) for i in created if layer_of(i) == layer]
        assert sorted(ordinals) == list(range(len(ordinals))), "ids are given in order of creation, without holes"


def test_count_one_is_new_and_two_is_stable() -> None:
    """NG2: the other rule for novelty can be read from the count."""
    state = golden(text("abcabcxyz", 3), text_rules(1)).state()
    words = {key: n for n, key in enumerate(zip(state.layer.tolist(), state.ordinal.tolist(), strict=True))}
    assert state.count[words[1, 0]] == 2
    assert state.count[words[1, 1]] == 1


@given(STREAM, STREAM, st.integers(1, 50), st.integers(1, 4))
def test_nothing_learned_is_lost_or_altered(first: str, then: str, episode: int, layers: int) -> None:
    """NG3: what was stored stays, vector by vector, whatever comes."""
    model = GoldenModel(text_rules(layers))
    stimulus = text(first + then, episode)
    model.advance(stimulus, len(first))
    before = vectors(model.state())
    count_before = dict(zip(before, model.state().count.tolist(), strict=True))
    model.advance(stimulus, len(stimulus))
    after = vectors(model.state())
    assert before.items() <= after.items()
    count = dict(zip(after, model.state().count.tolist(), strict=True))
    assert all(count[key] >= value for key, value in count_before.items())


@pytest.mark.slow
def test_nothing_is_lost_after_a_million_events() -> None:
    """NG3, the whole row: a network that learned the rhyme, a million events of two other kinds later."""
    draw = Random(3)
    words = ["".join(draw.choices("efghijkl", k=draw.randint(3, 9))) for _ in range(500)]
    noise = "".join(draw.choice(words) for _ in range(170_000))[:1_000_000]
    assert len(noise) == 1_000_000
    stimulus = text(RHYME + noise, 512)
    model = GoldenModel(text_rules(3))
    model.advance(stimulus, len(RHYME), recording=False)
    before = vectors(model.state())
    model.advance(stimulus, len(stimulus), recording=False)
    assert before.items() <= vectors(model.state()).items()


def test_chip_memories_survive_saving(tmp_path: Path) -> None:
    """NG3: save and load keep all of it."""
    outcome = run(small())
    save_memory(outcome.raw.own.memory, tmp_path / "memory.npz")
    assert network_digest(stored_network(load_memory(tmp_path / "memory.npz"))) == network_digest(outcome.state)


def word_stream(words: list[str], length: int, seed: int) -> Stimulus:
    """Episodes of one word each, drawn at random."""
    draw = Random(seed)
    chosen = [draw.choice(words) for _ in range(length)]
    stimulus = text("".join(chosen), 10**6)
    flags = stimulus.flags & 1
    flags[np.cumsum([len(w) for w in chosen]) - 1] |= 2
    return dataclasses.replace(stimulus, flags=flags)


def growth_curve(stimulus: Stimulus, layer: int, pieces: int = 10) -> list[int]:
    """Neurons of a layer after each tenth of a stream."""
    model = GoldenModel(text_rules(3))
    curve = []
    for piece in range(1, pieces + 1):
        model.advance(stimulus, len(stimulus) * piece // pieces)
        curve.append(int(model.state().neurons_per_layer()[layer]))
    return curve


def test_closed_subject_area_saturates_at_its_size() -> None:
    """NG6: of 40 words, each of other letters, layer 1 learns 40 patterns and no more."""
    words = ["".join(chr(0x4E00 + 8 * w + i) for i in range(2 + w % 7)) for w in range(40)]
    curve = growth_curve(word_stream(words, 1500, seed=1), layer=1)
    assert curve[-1] == curve[-4] == len(words)
    assert curve[0] > 0 and curve == sorted(curve)
    assert growth_curve(word_stream(words, 1500, seed=1), layer=1, pieces=50)[0] < len(words), "not all at once"
    assert growth_curve(word_stream(words, 1500, seed=1), layer=0)[-1] == sum(map(len, words))


def test_open_subject_area_keeps_growing() -> None:
    """NG6, the other half: fresh words are stored at the same pace for ever."""
    draw = Random(9)
    letters = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=20_000))
    curve = growth_curve(text(letters, 8), layer=1)
    steps = np.diff([0, *curve])
    assert (steps > 0).all() and steps[-1] > steps[0] / 3


@given(STREAM, st.integers(1, 50), st.integers(1, 4))
def test_history_of_every_neuron_is_exact(characters: str, episode: int, layers: int) -> None:
    """NG12: count, first and last time of activation against the log of all decisions."""
    stimulus = text(characters, episode)
    model = golden(stimulus, text_rules(layers))
    check_history(model.state(), [(d.layer, d.id, d.time) for d in model.decisions])


def check_history(state: NsnState, fired: list[tuple[int, int, int]]) -> None:
    log = defaultdict(list)
    for layer, neuron, time in fired:
        if layer_of(neuron) == layer:
            log[neuron].append(time)
    ids = (state.layer << LAYER_SHIFT) + state.ordinal
    assert {
        (n, c, f, t)
        for n, c, f, t in zip(ids.tolist(), state.count.tolist(), state.first.tolist(), state.last.tolist(), strict=True)
    } == {(n, len(times), times[0], times[-1]) for n, times in log.items()}


@pytest.mark.parametrize("settings_", [("workload.match=keyed",), ("chip.noc.cast=unicast", "workload.rate=saturate")])
def test_history_on_the_chip_is_exact(settings_: tuple[str, ...]) -> None:
    """NG12 on the chip: from an empty one, every firing is a decision of the run."""
    outcome = run(small("workload.learned=0", "workload.symbols=120", *settings_))
    raw, stimulus = outcome.raw, outcome.prepared.given.stimulus
    end = {0: list(range(1, len(stimulus) + 1))}  # layer -> leaf behind each of its segments
    fired = []
    for layer in range(outcome.state.layers + 1):
        rows = raw.own.winners[raw.own.winners[:, 1] == layer]
        below = end[layer - 1] if layer else end[0]
        end[layer] = [below[item + cover - 1] for item, cover in rows[:, [2, 4]].tolist()]
        fired += [(layer, n, int(stimulus.time[e - 1])) for n, e in zip(rows[:, 3].tolist(), end[layer], strict=True)]
    check_history(outcome.state, fired)


# --- interpretation (NG11)


def check_interpretation(stimulus: Stimulus, rules: NsnRules, state: NsnState, rows: list[tuple[int, int, int, int]]) -> int:
    """Each decision (layer, item, id, cover) expands to exactly the raw codes of the input that it covers."""
    known = vectors(state)
    spans: list[list[tuple[int, int]]] = [[(i, i + 1) for i in range(len(stimulus))]]
    codes = stimulus.code.tolist()
    checked = 0
    for layer in range(rules.layers + 1):
        mine = sorted(row for row in rows if row[0] == layer)
        below, here = spans[-1], []
        for _, item, neuron, cover in mine:
            start, end = below[item][0], below[item + cover - 1][1]
            assert spell(known, neuron) == codes[start:end]
            here.append((start, end))
            checked += 1
        assert [s for s, _ in here] == [0, *(e for _, e in here[:-1])][: len(here)], "no gap and no overlap"
        spans.append(here)
    return checked


@given(STREAM, st.integers(1, 50), st.integers(1, 4))
def test_every_winner_spells_its_input(characters: str, episode: int, layers: int) -> None:
    stimulus, rules = text(characters, episode), text_rules(layers)
    model = golden(stimulus, rules)
    rows = [(d.layer, d.item, d.id, d.cover) for d in model.decisions]
    assert check_interpretation(stimulus, rules, model.state(), rows) == len(model.decisions)


@settings(max_examples=40)
@given(st.lists(st.lists(st.integers(0, 2), min_size=11, max_size=11), min_size=1, max_size=12))
def test_every_winner_spells_its_fields(rows: list[list[int]]) -> None:
    stimulus, rules = events([(7 * i, fields) for i, fields in enumerate(rows)]), event_rules(2)
    model = golden(stimulus, rules)
    found = [(d.layer, d.item, d.id, d.cover) for d in model.decisions]
    check_interpretation(stimulus, rules, model.state(), found)
    covers = [d.cover for d in model.decisions if d.layer == 1]
    assert covers == [8, 3] * len(rows), "eleven fields make a neuron of eight and one of three"


@pytest.mark.parametrize("match", ["associative", "keyed"])
def test_every_winner_of_the_chip_spells_its_input(match: str) -> None:
    outcome = run(small("workload.learned=0", "workload.symbols=180", f"workload.match={match}"))
    rows = [tuple(row) for row in outcome.raw.own.winners[:, 1:5].tolist()]
    assert (
        check_interpretation(outcome.prepared.given.stimulus, outcome.prepared.given.rules, outcome.state, rows)
        == len(rows)
        > 200
    )


def test_decisions_are_frozen() -> None:
    """What was decided is never retracted."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Decision(0, 0, 0, 1, True, 0, 0).id = 1  # type: ignore[misc]

"""Sleep: what is stored is held in less, nothing of it is lost, and every rule of docs/nsn.md is kept to the letter."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.ids import UNSTORED, layer_of, neuron_id
from chipsim.network import NsnState, Stimulus
from chipsim.network.rules import EXACT, LOG2, NsnRules, event_rules, least_of, passing, text_rules
from chipsim.pipeline import simulate
from chipsim.programs.nsn.functional import functional_digest, network_digest
from chipsim.programs.nsn.image import load_memory, stored_network
from chipsim.programs.nsn.told import network
from tests.engines import lower, runner
from tests.golden import naive_sleep
from tests.golden.naive import log2_class
from tests.golden.test_cover import RULES, streams
from tests.scenarios import events, golden, leaves, small, text
from workloads.formats.text import read_text, text_stimulus
from workloads.kinds.log import read_stimulus
from workloads.kinds.log import rules as rules_of
from workloads.nsn.beside import grammars
from workloads.nsn.golden import GoldenModel
from workloads.nsn.replay import items_of, replay
from workloads.nsn.sleep import sleep, thresholds

Vector = tuple[tuple[int, int], ...]


def vectors_of(state: NsnState) -> dict[int, Vector]:
    """Vectors by id."""
    pairs = list(zip(state.pair_id.tolist(), state.pair_interval.tolist(), strict=True))
    start = state.pair_start.tolist()
    ids = [neuron_id(*key) for key in zip(state.layer.tolist(), state.ordinal.tolist(), strict=True)]
    return {one: tuple(pairs[start[n] : start[n + 1]]) for n, one in enumerate(ids)}


def expanded(vector: Vector, vectors: dict[int, Vector], base: int) -> object:
    """A vector with every neuron spelt out, so that networks with other ordinals can be compared."""
    return tuple((one if layer_of(one) < base else expanded(vectors[one], vectors, base), interval) for one, interval in vector)


def slept(stimulus: Stimulus, rules: NsnRules, least: int = 2) -> tuple[NsnState, NsnState]:
    """A network before its sleep and after it."""
    before = golden(stimulus, rules).state()
    return before, sleep(before, rules, least).state


def test_worked_example_of_the_documentation() -> None:
    rules = text_rules(2)
    done = sleep(golden(text("abcabcabcabd", 6), rules).state(), rules)
    a, b, c, d = range(4)
    n0, m0 = neuron_id(1, 2), neuron_id(2, 0)
    assert (done.elements_before, done.elements_after, done.passes) == (14, 9, 2)
    assert vectors_of(done.state) == {
        **{code: ((ord("abcd"[code]), 0),) for code in (a, b, c, d)},
        n0: ((a, 0), (b, 1)),
        m0: ((n0, 0), (c, 1)),
    }
    state = done.state
    assert [(r.top, r.classes, r.time) for r in state.records] == [((m0, m0), (0, 3), 2), ((m0, n0, d), (0, 2, 1), 8)]
    assert list(zip(state.count.tolist(), state.first.tolist(), state.last.tolist(), strict=True))[4:] == [
        (4, 1, 10),
        (3, 2, 8),
    ]
    assert state.ordinals_given().tolist() == [4, 3, 1]


def test_thresholds_fall_by_five_sevenths() -> None:
    assert thresholds(100) == [100, 71, 50, 35, 25, 17, 12, 8, 5, 3, 2]
    assert thresholds(100, 5) == [100, 71, 50, 35, 25, 17, 12, 8, 5]
    assert thresholds(2) == [2]
    assert thresholds(1) == thresholds(4, 5) == []


@settings(max_examples=200)
@given(streams(), st.integers(1, 4), RULES, st.integers(2, 3), st.booleans())
def test_sleep_equals_exhaustive_search(
    stimulus: Stimulus, layers: int, rule: tuple[int, int, int], least: int, passes: bool
) -> None:
    interval, unit, max_gap = rule
    rules = NsnRules(text_rules(layers).reading, interval, unit, max_gap)
    before, state = slept(stimulus, passing(rules) if passes else rules, least)
    assert replay(state, rules) == leaves(stimulus)

    def class_of(a: naive_sleep.Item, b: naive_sleep.Item) -> int | None:
        gap = b[2 if interval == EXACT else 1] - a[2]
        if max_gap and gap > max_gap:
            return None
        return gap if interval == EXACT else log2_class(gap, unit)

    episodes = [[(i, t, t) for i, t in items_of(before, rules, e, 1)] for e in range(len(before.records))]
    made, tops, last = naive_sleep.sleep(episodes, range(1, layers + 1), class_of, least)
    vectors = vectors_of(state)
    mine = {(layer_of(one), expanded(v, vectors, 1)) for one, v in vectors.items() if layer_of(one)}
    named = {neuron_id(n, o): v for n, found in made.items() for o, v in enumerate(found)}
    assert mine == {(layer_of(one), expanded(v, named, 1)) for one, v in named.items()}

    def spelt(one: int, of: dict[int, Vector]) -> object:
        return one if layer_of(one) == 0 else expanded(of[one], of, 1)

    for record, items in zip(state.records, tops, strict=True):
        assert [spelt(one, vectors) for one in record.top] == [spelt(item[0], named) for item in items]
        if not max_gap:
            assert list(record.classes[1:]) == [class_of(a, b) for a, b in pairwise(items)]
    history = {}
    for n, read in last.items():
        for vector, of in (unit for units in read for unit in units if unit[0] in made[n]):
            key = n, expanded(vector, named, 1)
            count, first, _ = history.get(key, (0, of[-1][2], 0))
            history[key] = count + 1, first, of[-1][2]
    times = zip(state.count.tolist(), state.first.tolist(), state.last.tolist(), strict=True)
    assert history == {
        (layer_of(one), expanded(v, vectors, 1)): told
        for (one, v), told in zip(vectors.items(), times, strict=True)
        if layer_of(one)
    }


@settings(max_examples=100)
@given(streams(), st.integers(1, 4), RULES)
def test_a_second_sleep_changes_nothing(stimulus: Stimulus, layers: int, rule: tuple[int, int, int]) -> None:
    """Neurons that come up again keep their ordinals, so the digest stays; what was freed does not come back."""
    rules = NsnRules(text_rules(layers).reading, *rule)
    _, once = slept(stimulus, rules)
    twice = sleep(once, rules)
    assert network_digest(twice.state) == network_digest(once)
    assert twice.state.given.tolist() == once.given.tolist()
    assert twice.elements_after == twice.elements_before


@settings(max_examples=100)
@given(streams(), st.integers(1, 4))
def test_sleep_sees_the_episodes_alone(stimulus: Stimulus, layers: int) -> None:
    """However a text was read, what is left of it is the same but for ordinals."""
    rules = text_rules(layers)
    summing = dataclasses.replace(rules, summing=True, least=least_of(Fraction(3, 4)), tolerance=1)
    states = [slept(stimulus, one)[1] for one in (rules, passing(rules), summing)]
    found = [[(layer_of(i), expanded(v, vectors_of(s), 1)) for i, v in vectors_of(s).items()] for s in states]
    assert sorted(found[0], key=repr) == sorted(found[1], key=repr) == sorted(found[2], key=repr)
    assert len({s.elements() for s in states}) == 1
    assert all(len(s.substitutions) == 0 and replay(s, rules) == leaves(stimulus) for s in states)


def test_events_of_a_log_stay_and_patterns_of_them_are_compacted() -> None:
    rows = [(10 * n, fields) for n, fields in enumerate([(0, 5), (1, 6), (0, 5), (2, 7)] * 6)]
    stimulus = events(rows, (11, 23))
    rules = event_rules(3)
    before, state = slept(stimulus, rules)
    low = int(np.searchsorted(before.layer, 2))
    assert vectors_of(state).items() >= dict(list(vectors_of(before).items())[:low]).items()
    assert state.elements() < before.elements()
    assert np.array_equal(state.residuals, before.residuals) and np.array_equal(state.residual_ends, before.residual_ends)
    assert replay(state, rules) == leaves(stimulus)


def test_what_was_left_unstored_stays_marked() -> None:
    rules = text_rules(2, LOG2)
    state = golden(text("abcabcabdabd", 3), rules).state()
    lost = dataclasses.replace(state.records[1], top=(*state.records[1].top[:-1], UNSTORED))
    done = sleep(dataclasses.replace(state, records=(state.records[0], lost, *state.records[2:])), rules).state
    assert [r.replayable for r in done.records] == [True, False, True, True]
    assert done.records[1].top == (UNSTORED,)
    kept = [leaf for n, leaf in enumerate(leaves(text("abcabcabdabd", 3))) if n // 3 != 1]
    assert replay(done, rules) == kept


def test_sleep_waits_for_the_end_of_an_episode() -> None:
    rules = text_rules(2)
    stimulus = text("abcabcabc", 9)
    for stop in (1, 5, 8):
        model = GoldenModel(rules)
        model.advance(stimulus, stop)
        with pytest.raises(ValueError, match="between two episodes"):
            sleep(model.state(), rules)
    with pytest.raises(ValueError, match="lowest threshold 1; allowed: 2 and more"):
        sleep(golden(stimulus, rules).state(), rules, 1)
    with pytest.raises(ValueError, match="recursive networks"):
        sleep(dataclasses.replace(golden(stimulus, rules).state(), networks=1), rules)
    assert sleep(GoldenModel(rules).state(), rules).elements_after == 0


# elements stored by `cover`, and after sleep: at most what Sequitur takes, and within a tenth of Re-Pair (tests/property/test_grammars.py)
BOOKS = {"en_eltec_carroll_1865": (72_146, 38_130)}
LONG = {"en_tinyshakespeare": (419_633, 248_343), "ru_tolstoy_war_and_peace_1": (363_353, 200_432)}


@pytest.mark.parametrize(
    ("name", "elements"), [*BOOKS.items(), *(pytest.param(*book, marks=pytest.mark.slow) for book in LONG.items())]
)
def test_books(shared: Path, name: str, elements: tuple[int, int]) -> None:
    """Whole texts: how much less is stored, that every neuron fires in its own text at least twice, and that nothing is lost."""
    whole = read_text(shared / f"data/text/{name}.txt")
    stimulus = text_stimulus(whole, len(whole), 512, name)
    rules = text_rules(8)
    done = sleep(golden(stimulus, rules, len(stimulus)).state(), rules)
    assert (done.elements_before, done.elements_after) == elements
    assert int(done.state.count.min()) >= 1 and int(done.state.count[done.state.layer > 0].min()) >= 2
    assert replay(done.state, rules) == leaves(stimulus)


@settings(max_examples=100)
@given(streams(), st.integers(1, 4), RULES, st.booleans(), st.booleans())
def test_reading_goes_on_from_what_is_stored(
    stimulus: Stimulus, layers: int, rule: tuple[int, int, int], passes: bool, sums: bool
) -> None:
    """A model taken up between two episodes is the one that was not put down."""
    rules = NsnRules(text_rules(layers).reading, *rule)
    rules = passing(rules) if passes else rules
    if sums:
        rules = dataclasses.replace(rules, summing=True, least=least_of(Fraction(3, 4)), tolerance=1)
    cut = int(np.flatnonzero(stimulus.flags & 2)[0]) + 1
    one = GoldenModel(rules)
    one.advance(stimulus, cut, recording=False)
    other = GoldenModel.resumed(one.state(), rules, cut)
    for model in (one, other):
        model.advance(stimulus, len(stimulus))
    assert network_digest(one.state()) == network_digest(other.state())
    assert [dataclasses.replace(d, needed=0) for d in one.decisions] == [
        dataclasses.replace(d, needed=0) for d in other.decisions
    ]
    assert one.decision_digest() == other.decision_digest()


@settings(max_examples=100)
@given(streams(), st.integers(1, 4), RULES, st.booleans())
def test_nothing_is_lost_between_sleeps(stimulus: Stimulus, layers: int, rule: tuple[int, int, int], passes: bool) -> None:
    """Read, sleep, read on, save and load, sleep: every episode comes back at every time, and no id means two neurons."""
    rules = NsnRules(text_rules(layers).reading, *rule)
    rules = passing(rules) if passes else rules
    cut = int(np.flatnonzero(stimulus.flags & 2)[0]) + 1
    model = GoldenModel(rules)
    model.advance(stimulus, cut)
    known = vectors_of(model.state())
    state = sleep(model.state(), rules).state
    for stop in (cut, len(stimulus)):
        model = GoldenModel.resumed(state, rules, cut)
        model.advance(stimulus, stop)
        read = model.state()
        assert replay(read, rules) == leaves(stimulus)[:stop]
        state = sleep(read, rules).state
        assert replay(state, rules) == leaves(stimulus)[:stop]
        for found in (vectors_of(read), vectors_of(state)):
            assert all(known.get(one, vector) == vector for one, vector in found.items())
            known |= found


@pytest.mark.slow
def test_a_network_that_has_slept_recognises_new_text(shared: Path) -> None:
    """On the next 20,000 characters of Shakespeare layers 2 to 8 cover a fifth of their items at least, and less is added than before."""
    stimulus = text_stimulus(read_text(shared / "data/text/en_tinyshakespeare.txt"), 220_000, 512, "shakespeare")
    rules, whole = text_rules(8), 200_000 // 512 * 512
    awake = GoldenModel(rules)
    awake.advance(stimulus, whole, recording=False)
    rested = GoldenModel.resumed(sleep(awake.state(), rules).state, passing(rules), whole)
    added = []
    for model in (awake, rested):
        model.advance(stimulus, 200_000, recording=False)
        before = model.state().elements()
        model.advance(stimulus, 220_000)
        added.append((model.state().elements() - before) / 20_000)
    assert added == [0.4496, 0.2862]
    covered = dict.fromkeys(range(2, 9), 0)
    read = dict(covered)
    for d in rested.decisions:
        if d.layer >= 2:
            read[d.layer] += d.cover
            covered[d.layer] += d.cover * (layer_of(d.id) == d.layer and not d.new)
    assert all(covered[layer] >= 0.2 * read[layer] for layer in read)


def test_a_run_in_software_sleeps_where_learning_ends_and_at_its_end(tmp_path: Path) -> None:
    """What it leaves is what the network of all episodes is compacted to; grammars of the same episodes are told beside it."""
    found = []
    for learned in (0, 700, 1200):
        settings = (f"workload.learned={learned}", f"workload.symbols={1500 - learned}", "workload.compaction=sleep")
        experiment = load_experiment(
            "text-small", ("engine=golden", "workload.reading=pass", "workload.episode=300", *settings)
        )
        result = simulate(experiment)
        found.append(result.summary["nsn"])
        result.files["memory.npz"](tmp_path / "memory.npz")
        state = stored_network(load_memory(tmp_path / "memory.npz"))
        assert int(state.count[state.layer > 0].min()) >= 2
    assert all(one["replay_exact"] for one in found)
    assert len({one["stored_elements"] for one in found}) == 1
    for one in found:
        told, beside = one["sleep"], one["grammars"]
        left = f"sleep left {told['elements_after']:,} of {told['elements_before']:,} stored elements"
        assert f"; {left} (Sequitur takes {beside['sequitur']:,}, Re-Pair {beside['repair']:,})" in network({"nsn": one})
        assert told["elements_after"] == one["stored_elements"] < told["elements_before"]
        assert told["joules"] is told["seconds"] is None
        assert told["peak_bits"] > 2 * one["stored_bits"]
        assert one["grammars"] == found[0]["grammars"]


@pytest.mark.parametrize(
    ("only", "elements"),
    [("only: {event: accepted}, ", (232, 204)), ("only: {event: failed}, ", (194, 154)), ("", (2287, 1510))],
)
def test_a_real_log_is_held_in_less_than_grammars_take(shared: Path, only: str, elements: tuple[int, int]) -> None:
    """Over symbols (class, id) of events, residuals told apart."""
    log = shared / "data/auth/elastic_auth_0327-0330.log"
    given = f"workload={{kind: log, format: sshd, path: {log}, fields: [user, source], {only}layers: 8, episode: 512}}"
    workload = load_experiment("log-sample", (given,)).workload
    stimulus, rules = read_stimulus(workload), rules_of(workload)
    before = golden(stimulus, rules).state()
    done = sleep(before, rules)
    beside = grammars(before, rules)
    assert (done.elements_before, done.elements_after) == elements
    assert done.elements_after <= min(beside["sequitur"], beside["repair"])
    assert np.array_equal(done.state.residuals, before.residuals)
    assert int(done.state.count[done.state.layer > 1].min()) >= 2
    assert replay(done.state, rules) == leaves(stimulus)


@pytest.mark.parametrize("more", [(), ("workload.match=keyed",), ("workload.reading=cover", "chip.noc.cast=unicast")])
@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_the_chip_goes_on_from_a_network_that_has_slept(more: tuple[str, ...], engine: str) -> None:
    """Whose ordinals have gaps: decisions, the network and the next ordinals are those of the golden model."""
    prepared, _, plan = lower(small("workload.reading=pass", "workload.compaction=learned", *more))
    model = prepared.given.golden
    assert len(prepared.given.state.given)
    raw = runner(engine)(plan, Watch())
    model.advance(prepared.given.stimulus, len(prepared.given.stimulus))
    state, mine = stored_network(raw.own.memory), model.state()
    assert functional_digest(raw.own.decisions, state) == functional_digest(model.decision_digest(), mine)
    assert state.ordinals_given().tolist() == mine.ordinals_given().tolist()


def test_a_higher_lowest_threshold_leaves_fewer_neurons() -> None:
    found = []
    for least in (2, 4, 16):
        given = ("engine=golden", "workload.learned=0", "workload.symbols=1500", f"workload.compaction_least={least}")
        summary = simulate(load_experiment("text-small", (*given, "workload.compaction=sleep"))).summary["nsn"]
        found.append((sum(layer["neurons"] for layer in summary["layers"]), summary["stored_elements"]))
        assert summary["replay_exact"]
    neurons, elements = zip(*found, strict=True)
    assert neurons[0] > neurons[1] > neurons[2] and elements[0] < elements[1] < elements[2]

"""What becomes of networks that sleep now and then, over long stretches: nothing is lost, closed worlds fill up, recognition rises."""

from __future__ import annotations

import random
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from chipsim.ids import layer_of
from chipsim.network import NsnState, Stimulus
from chipsim.network.rules import NsnRules, passing, text_rules
from chipsim.network.stimulus import END_EPISODE
from chipsim.programs.nsn.functional import network_digest
from chipsim.programs.nsn.image import image_of, load_memory, save_memory, stored_network
from tests.scenarios import text
from workloads.formats.text import read_text, text_stimulus
from workloads.nsn.golden import GoldenModel
from workloads.nsn.replay import replay_episode
from workloads.nsn.sleep import sleep

RULES = passing(text_rules(8))


def rested(model: GoldenModel, at: int) -> GoldenModel:
    """A model that has slept, to go on at an item."""
    return GoldenModel.resumed(sleep(model.state(), model.rules).state, model.rules, at)


def hashes(state: NsnState, rules: NsnRules, episodes: int) -> list[str]:
    """A hash of each of the first episodes as it is replayed."""
    return [sha256(repr(replay_episode(state, rules, number)).encode()).hexdigest() for number in range(episodes)]


@pytest.mark.parametrize("further", [10_000, pytest.param(10**6, marks=pytest.mark.slow)])
def test_no_episode_is_lost_by_further_events_and_sleep(shared: Path, tmp_path: Path, further: int) -> None:
    """NG3: further events, sleep, save, load; every episode's replay hash is equal."""
    first = 512 * 20
    stimulus = text_stimulus(
        read_text(shared / "data/text/en_tinyshakespeare.txt"), first + further // 512 * 512, 512, "shakespeare"
    )
    model = GoldenModel(RULES)
    model.advance(stimulus, first, recording=False)
    before = hashes(model.state(), RULES, 20)
    model = rested(model, first)
    model.advance(stimulus, len(stimulus), recording=False)
    awake = model.state()
    state = sleep(awake, RULES).state
    save_memory(image_of(state), tmp_path / "memory.npz")
    loaded = stored_network(load_memory(tmp_path / "memory.npz"))
    assert network_digest(loaded) == network_digest(state)
    assert loaded.ordinals_given().tolist() == state.ordinals_given().tolist()
    episodes = len(loaded.records)
    assert episodes == len(stimulus) // 512
    assert hashes(loaded, RULES, 20) == before
    assert hashes(loaded, RULES, episodes) == hashes(awake, RULES, episodes)


def words(chance: random.Random, count: int) -> list[str]:
    """Different words of 3 to 6 of eight letters."""
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.choice("abcdefgh") for _ in range(chance.randint(3, 6)))] = None
    return list(found)


def closed(count: int) -> list[str]:
    """Sentences of eight words from a finite grammar: two words for each place, 256 sentences in all."""
    chance = random.Random(1)
    places = [words(chance, 2) for _ in range(8)]
    return [" ".join(chance.choice(place) for place in places) for _ in range(count)]


def opened(count: int) -> list[str]:
    """Sentences of eight words, all of them new, of the same letters."""
    chance = random.Random(1)
    return [" ".join(words(chance, 1)[0] for _ in range(8)) for _ in range(count)]


def neurons_after_sleep(generator: Callable[[int], list[str]], steps: int) -> list[int]:
    """Neurons behind a sleep at 128, 256, 512 ... episodes, each a sentence."""
    sentences = generator(64 << steps)
    ends = np.cumsum([len(sentence) for sentence in sentences])
    whole = text("".join(sentences), int(ends[-1]))
    flags = whole.flags & ~END_EPISODE
    flags[ends - 1] |= END_EPISODE
    stimulus = Stimulus(code=whole.code, time=whole.time, flags=flags, event=whole.event, unit=whole.unit)
    model, found = GoldenModel(RULES), []
    for step in range(1, steps + 1):
        end = int(ends[(64 << step) - 1])
        model.advance(stimulus, end, recording=False)
        model = rested(model, end)
        found.append(len(model.state()))
    return found


def test_a_closed_world_fills_up_and_an_open_one_grows() -> None:
    """NG6, the beginning of the curves."""
    assert neurons_after_sleep(closed, 4) == [183, 234, 326, 379]
    assert neurons_after_sleep(opened, 3) == [388, 661, 1102]


@pytest.mark.slow
def test_a_closed_world_is_full_in_the_end() -> None:
    """NG6: from 4,096 to 8,192 episodes a closed generator adds less than one neuron in a hundred, an open one more than half."""
    assert neurons_after_sleep(closed, 7) == [183, 234, 326, 379, 404, 416, 418]
    assert neurons_after_sleep(opened, 7) == [388, 661, 1102, 1896, 3442, 6233, 11058]


def shares(model: GoldenModel, layers: range) -> float:
    """Share of the items of some layers that stored neurons cover, over what was recorded."""
    mine = [d for d in model.decisions if d.layer in layers]
    return sum(d.cover for d in mine if layer_of(d.id) == d.layer and not d.new) / sum(d.cover for d in mine)


@pytest.mark.parametrize("steps", [3, pytest.param(16, marks=pytest.mark.slow)])
def test_recognition_of_new_text_rises_while_the_network_learns(shared: Path, steps: int) -> None:
    """NG9: what was never read before is recognised more and more, by one network that reads and learns all along."""
    size = 512 * 40
    stimulus = text_stimulus(read_text(shared / "data/text/en_tinyshakespeare.txt"), size * steps, 512, "shakespeare")
    model, found, added = GoldenModel(RULES), [], []
    for step in range(steps):
        before = model.state().elements()
        model.advance(stimulus, size * (step + 1))
        found.append(shares(model, range(1, 9)))
        added.append((model.state().elements() - before) / size)
        slept = step in (0, 1, 3, 7, 11)
        model = rested(model, size * (step + 1)) if slept else GoldenModel.resumed(model.state(), RULES, size * (step + 1))
    assert found[0] < found[1] < found[2]
    assert added[0] > added[1] > added[2]
    assert steps < 16 or (found[0] < 0.09 and min(found[12:]) > 0.28 and added[0] > 0.68 and max(added[12:]) < 0.29)


@pytest.mark.parametrize(
    ("characters", "expected"),
    [
        (20_000, {4: (2_170_644, 8_011), 40: (390_557, 8_011)}),
        pytest.param(143_218, {16: (29_061_686, 38_130), 280: (3_073_201, 38_130)}, marks=pytest.mark.slow),
    ],
)
def test_often_or_once(shared: Path, characters: int, expected: dict[int, tuple[int, int]]) -> None:
    """NG13: a sleep every few episodes leaves what one in the end leaves, reads far more, and stores less meanwhile."""
    stimulus = text_stimulus(read_text(shared / "data/text/en_eltec_carroll_1865.txt"), characters, 512, "carroll")
    peaks = []
    for every, (expected_read, expected_left) in expected.items():
        model, read, peak, left = GoldenModel(RULES), 0, 0, 0
        for stop in [*range(every * 512, characters, every * 512), characters]:
            model.advance(stimulus, stop, recording=False)
            peak = max(peak, model.state().elements())
            done = sleep(model.state(), RULES)
            read, left = read + done.read, done.elements_after
            model = GoldenModel.resumed(done.state, RULES, stop)
        assert (read, left) == (expected_read, expected_left)
        peaks.append(peak)
    assert peaks[0] < peaks[1]

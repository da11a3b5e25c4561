"""Generated networks: valid, distinct, like the learned one, read as they are stored, the same every time."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

import numpy as np
import pytest

from chipsim.errors import WorkloadError
from chipsim.ids import LAYER_SHIFT, ORDINAL_MASK
from chipsim.network import END_EPISODE, NsnState, Stimulus
from workloads.formats.text import read_text, text_stimulus
from workloads.nsn.calibrate import Calibration, learn_and_measure, measure
from workloads.nsn.generate import generate_network, layer_sizes
from workloads.nsn.golden import GoldenModel
from workloads.nsn.stream import make_stream


@pytest.fixture(scope="module")
def text() -> Stimulus:
    whole = read_text("docs-topics")
    return text_stimulus(whole, 100_000, 512, "docs-topics")


@pytest.fixture(scope="module")
def learned(text: Stimulus) -> NsnState:
    from chipsim.network.rules import text_rules

    golden = GoldenModel(text_rules(8))
    golden.advance(text, len(text), recording=False)
    return golden.state()


@pytest.fixture(scope="module")
def calibration(learned: NsnState, text: Stimulus) -> Calibration:
    return measure(learned, len(text))


def vectors(state: NsnState) -> dict[int, tuple[tuple[int, int], ...]]:
    """Vector of every neuron by its id."""
    found = {}
    for n in range(len(state)):
        part = slice(int(state.pair_start[n]), int(state.pair_start[n + 1]))
        pairs = tuple(zip(state.pair_id[part].tolist(), state.pair_interval[part].tolist(), strict=True))
        found[(int(state.layer[n]) << LAYER_SHIFT) | int(state.ordinal[n])] = pairs
    return found


def read_by_cover(state: NsnState, stimulus: Stimulus) -> list[dict[str, int]]:
    """An independent reader: per layer how many segments were longest stored vectors, and how many left-over items."""
    stored: dict[int, dict[tuple[tuple[int, int], ...], int]] = {}
    for one, pairs in vectors(state).items():
        stored.setdefault(one >> LAYER_SHIFT, {})[pairs] = one
    code_of = {pairs[0][0]: one for pairs, one in stored[0].items()}
    items = [
        (code_of[c], t, f)
        for c, t, f in zip(stimulus.code.tolist(), stimulus.time.tolist(), stimulus.flags.tolist(), strict=True)
    ]
    counts = []
    for layer in range(1, state.layers + 1):
        known, fired, i = stored[layer], [], 0
        count = {"won": 0, "left": 0}

        def longest(i: int, items: list[tuple[int, int, int]] = items, known: dict = known) -> tuple[int, int]:  # type: ignore[type-arg]
            best, pairs = (0, -1), ()
            for k in range(1, 9):
                if i + k > len(items) or (k > 1 and items[i + k - 2][2] & END_EPISODE):
                    break
                pairs = (*pairs, (items[i + k - 1][0], items[i + k - 1][1] - items[i + k - 2][1] if k > 1 else 0))
                best = (k, known[pairs]) if pairs in known else best
            return best

        while i < len(items):
            k, winner = longest(i)
            if not k:  # a run up to the first item that begins something stored
                k = 1
                while k < 8 and i + k < len(items) and not items[i + k - 1][2] & END_EPISODE and not longest(i + k)[0]:
                    k += 1
                winner = items[i][0] if k == 1 else -1
                count["left"] += k == 1
            else:
                count["won"] += 1
            last = items[i + k - 1]
            fired.append((winner, last[1], last[2]))
            i += k
        items = fired
        counts.append(count)
    return counts


@pytest.mark.parametrize("size", [500, 1000, 8003])
def test_networks_are_valid_and_of_the_size_asked(calibration: Calibration, size: int) -> None:
    state, _ = generate_network(calibration, size, 3)
    assert len(state) == size and state.neurons_per_layer().tolist() == layer_sizes(calibration, size).tolist()
    assert (np.diff((state.layer << LAYER_SHIFT) + state.ordinal) > 0).all()
    k = np.diff(state.pair_start)
    layer = np.repeat(state.layer, k)
    ids = state.pair_id[layer > 0]
    assert ((ids >> LAYER_SHIFT) < layer[layer > 0]).all() and (ids >= 0).all()
    assert ((ids & ORDINAL_MASK) < state.neurons_per_layer()[ids >> LAYER_SHIFT]).all()
    assert (k[state.layer == 0] == 1).all() and k[state.layer > 0].min() >= 2 and k.max() <= 8
    assert len(set(state.pair_id[layer == 0].tolist())) == (state.layer == 0).sum()
    assert (state.pair_interval[state.pair_start[:-1]] == 0).all() and state.pair_interval.max() < 4096
    assert state.count.min() >= 1 and (state.first <= state.last).all()


def test_no_two_neurons_of_a_layer_have_the_same_vector(calibration: Calibration) -> None:
    state, _ = generate_network(calibration, 20_000, 1)
    seen = Counter((one >> LAYER_SHIFT, pairs) for one, pairs in vectors(state).items())
    assert max(seen.values()) == 1


def test_intervals_are_the_characters_that_an_item_covers(calibration: Calibration) -> None:
    state, _ = generate_network(calibration, 1000, 2)
    vector = vectors(state)
    span: dict[int, int] = {}
    for one, pairs in vector.items():  # lower layers first
        span[one] = sum(span[lower] for lower, _ in pairs) if one >> LAYER_SHIFT else 1
        if one >> LAYER_SHIFT:
            assert [interval for _, interval in pairs[1:]] == [span[lower] for lower, _ in pairs[1:]]


def test_a_generated_network_is_like_the_learned_one(learned: NsnState, calibration: Calibration) -> None:
    made, _ = generate_network(calibration, calibration.neurons, 1)
    layers = len(calibration.layers)
    for layer in range(1, min(layers, 3) + 1):
        one, other = profile(learned, layer), profile(made, layer)
        assert other["neurons"] == pytest.approx(one["neurons"], rel=0.02, abs=2)
        assert other["k"] == pytest.approx(one["k"], rel=0.05)
        assert other["below"] == pytest.approx(one["below"], abs=0.02)
        for head in ("top 10", "top 100"):
            assert other[head] == pytest.approx(one[head], abs=0.08), (layer, head)
        assert other["once"] == pytest.approx(one["once"], abs=0.1), layer
        assert other["interval"] == pytest.approx(one["interval"], rel=0.5, abs=1)


def profile(state: NsnState, layer: int) -> dict[str, float]:
    """Neurons, mean k, share of pairs that name a layer further below, share of the most named, share named once, median interval."""
    k = np.diff(state.pair_start)
    ours = np.repeat(state.layer, k) == layer
    ids = state.pair_id[ours]
    named = np.sort(np.unique(ids, return_counts=True)[1])[::-1]
    return {
        "neurons": float((state.layer == layer).sum()),
        "k": float(k[state.layer == layer].mean()),
        "below": float((ids >> LAYER_SHIFT != layer - 1).mean()),
        "top 10": float(named[:10].sum() / named.sum()),
        "top 100": float(named[:100].sum() / named.sum()),
        "once": float((named == 1).mean()),
        "interval": float(np.median(state.pair_interval[ours])),
    }


def test_same_seed_same_network_other_seed_another(calibration: Calibration) -> None:
    first, lattice = generate_network(calibration, 1500, 7)
    again, _ = generate_network(calibration, 1500, 7)
    other, _ = generate_network(calibration, 1500, 8)
    for field in fields(NsnState):
        one, two = getattr(first, field.name), getattr(again, field.name)
        if isinstance(one, np.ndarray):
            assert (one == two).all(), field.name
    assert not np.array_equal(first.pair_id, other.pair_id)
    assert np.array_equal(make_stream(first, lattice, 600, 0.2, 1).code, make_stream(first, lattice, 600, 0.2, 1).code)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_known_text_is_read_as_it_is_stored_on_every_layer(calibration: Calibration, seed: int) -> None:
    state, lattice = generate_network(calibration, 3000, seed)
    stream = make_stream(state, lattice, 3000, 0.0, seed)
    counts = read_by_cover(state, stream)
    episodes = int((stream.flags & END_EPISODE > 0).sum())
    assert counts[-1] == {"won": episodes, "left": 0}
    assert all(count["won"] >= episodes for count in counts)


def test_new_text_is_in_between_and_first_comes_a_known_one(calibration: Calibration) -> None:
    state, lattice = generate_network(calibration, 3000, 1)
    plain, mixed = (make_stream(state, lattice, 5000, novelty, 1) for novelty in (0.0, 0.3))
    assert len(plain) >= 5000 and len(mixed) >= 5000 and plain.events == len(plain)
    assert read_by_cover(state, mixed)[-1]["won"] >= 1
    assert len(make_stream(state, lattice, 0, 0.1, 1)) == 0


def test_what_cannot_be_generated_or_measured_is_refused(calibration: Calibration) -> None:
    for size in (499, 4_000_001):
        with pytest.raises(WorkloadError, match="500 to 4,000,000"):
            generate_network(calibration, size, 1)
    with pytest.raises(WorkloadError, match="longer text"):
        learn_and_measure(text_stimulus("abcabcabd" * 20, 150, 50, "x"))

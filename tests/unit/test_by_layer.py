"""What a run says of each layer: pairs, narrowing, and what the work on it came to."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.machine.actions import A_MESSAGE, A_SLOT
from chipsim.network.rules import MAX_PAIRS
from chipsim.programs.nsn.by_layer import growth_summary, narrowing, pairs_of_layers, spent_of_layers
from chipsim.programs.nsn.messages import ALLOC, DEPART, FIRE, ITEM, LINK, SPIKE, purpose
from tests.scenarios import run, small
from tests.strategies import state_of


def test_pairs_of_each_layer_are_counted() -> None:
    state = state_of(1, [[[(97, 0)], [(98, 0)]], [[(0, 0), (1, 1)], [(1, 0)] * MAX_PAIRS]])
    assert pairs_of_layers(state) == [[2, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 1]]


def test_winners_alone_narrow_by_what_they_cover() -> None:
    found = narrowing(np.array([3, 1, 1, 3]), np.array([True, False, False, True]))
    assert found == {"covered": 0.75, "narrowing": 0.5, "narrowing_by_cover": 0.5}


def test_new_neurons_narrow_further_than_winners() -> None:
    found = narrowing(np.array([2, 6]), np.array([True, False]))
    assert found["narrowing"] == 0.25 and found["narrowing_by_cover"] == 1 - 0.25 * (1 - 1 / 2)


def test_a_layer_that_read_nothing_says_nothing() -> None:
    assert set(narrowing(np.zeros(0, np.int64), np.zeros(0, bool)).values()) == {None}
    assert narrowing(np.array([1]), np.array([False]))["narrowing_by_cover"] is None


def test_what_is_for_growth() -> None:
    assert [purpose(kind) for kind in (ITEM, SPIKE, FIRE)] == [0, 0, 0]
    assert [purpose(kind) for kind in (ALLOC, LINK, DEPART)] == [1, 1, 1]


@pytest.mark.parametrize("match", ["associative", "keyed"])
def test_layers_add_up_to_the_run_on_both_engines(match: str) -> None:
    experiment = small(f"workload.match={match}")
    first, second = (run(experiment, engine).raw for engine in ("reference", "compiled"))
    assert np.array_equal(first.own.spent, second.own.spent)
    spent = first.own.spent
    assert spent.sum(axis=(0, 1)).tolist() == first.actions.sum(axis=0).tolist()
    assert spent[:, 1, A_SLOT].sum() == first.actions[:, A_SLOT].sum() > 0
    layers = spent_of_layers(experiment.chip, spent)
    assert sum(one["messages"] for one in layers) + spent[-1, :, A_MESSAGE].sum() == first.actions[:, A_MESSAGE].sum()
    grown = spent_of_layers(experiment.chip, spent[:, 1:])
    assert all(0 <= part["core_joules"] <= one["core_joules"] for part, one in zip(grown, layers, strict=True))


def test_what_a_neuron_costs_to_grow() -> None:
    experiment = small()
    raw = run(experiment).raw
    grown = growth_summary(experiment.chip, raw.own.spent, len(raw.own.growth), 8000)
    assert grown is not None
    assert grown["neurons"] == len(raw.own.growth) > 0
    assert grown["bytes"] == 1000 / grown["neurons"]
    # at least a slot, the vector and its answer, and a link or entry and its answer
    assert grown["messages"] > 5
    assert growth_summary(experiment.chip, raw.own.spent, 0, 0) is None

"""Partitioners: caps held, accounts right, sense in what they find, refusals that say what is missing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chipsim.errors import MappingError
from chipsim.ids import UNSTORED, neuron_id
from chipsim.network import NsnState
from chipsim.network.memory import widths_of
from chipsim.noc import Mesh
from nsn_mapping import MATCHES, CoreLimits, map_network, utilisation
from nsn_mapping.account import core_account
from nsn_mapping.limits import Match
from nsn_mapping.methods import stored_methods, stored_parts
from nsn_mapping.methods.auto import choose
from nsn_mapping.partition.possible import fewest_cores
from nsn_mapping.partition.table import Table, insert, merge, new_table, recreate, repair, result, take_over
from nsn_mapping.problem import Problem, build_problem, keyed_entries, to_hypergraph
from tests.strategies import random_state, state_of

LIMITS = CoreLimits(32, 48, 20_000)
WIDTHS = widths_of(64, 32)


def problem_of(state: NsnState, limits: CoreLimits = LIMITS, match: Match = "associative", fill: float = 1.0) -> Problem:
    return build_problem(state, 64, limits, WIDTHS, match, fill)


@pytest.fixture(scope="module")
def state() -> NsnState:
    return random_state(7, [20, 80, 150, 60, 10])


def readers(problem: Problem, part: np.ndarray) -> int:
    """Sum over nets of weight times parts touched, by sets."""
    total = 0
    for net in range(len(problem.net_owner)):
        pins = problem.pins[problem.pin_start[net] : problem.pin_start[net + 1]]
        total += int(problem.net_weight[net]) * len({int(part[pin]) for pin in pins})
    return total


def test_nets_are_the_distinct_lower_ids_per_layer() -> None:
    a, b = neuron_id(0, 0), neuron_id(0, 1)
    word = neuron_id(1, 0)
    net = state_of(
        2, [[[(97, 0)], [(98, 0)]], [[(a, 0), (b, 1), (a, 1)], [(b, 0), (b, 2)]], [[(word, 0), (a, 3)]]], [[5, 7], [2, 3], [1]]
    )
    problem = problem_of(net)
    assert list(zip(problem.net_layer.tolist(), problem.net_owner.tolist(), strict=True)) == [(1, 0), (1, 1), (2, 0), (2, 2)]
    assert [problem.nets_of(n).tolist() for n in range(5)] == [[], [], [0, 1], [1], [2, 3]]
    assert [problem.pins[problem.pin_start[n] : problem.pin_start[n + 1]].tolist() for n in range(4)] == [[2], [2, 3], [4], [4]]
    # a is named twice by the word of 2 activations, b once by it and twice by that of 3; an upper one of 1 names word and a.
    assert problem.net_weight.tolist() == [2 * 2, 2 + 2 * 3, 1, 1]
    nets, caps = to_hypergraph(problem)
    assert (nets.source.tolist(), nets.weight.tolist()) == ([0, 1, 0, 2], [4, 8, 1, 1])
    assert [nets.pins[nets.pin_start[e] : nets.pin_start[e + 1]].tolist() for e in range(4)] == [[2], [2, 3], [4], [4]]
    assert (caps.neurons, caps.axons, caps.bits) == (32, 48, 20_000)
    assert (caps.axon_bits, caps.forward_bits, caps.own_bits.tolist()) == (
        problem.axon_bits,
        problem.forward_bits,
        problem.own_bits.tolist(),
    )


def test_bits_of_a_neuron_by_hand() -> None:
    # 64 x 32 slots: core 6, slot 5, id 4 + 11 = 15 bits. Two pairs: 15 + 4 + 2 * (15 + 12) + 24 + 64 = 161, match state 36,
    # holder rows 2 * (5 + 3 + 12 + 13) = 66; axon 4 + 15 + 13 + 6 + 8 = 46; forwarding member 4 + 5 + 13 + 6 = 28.
    net = state_of(1, [[[(97, 0)]], [[(neuron_id(0, 0), 0), (neuron_id(0, 0), 1)]]])
    problem = problem_of(net)
    assert problem.own_bits.tolist() == [15 + 4 + 27 + 24 + 64 + 36, 161 + 36 + 66]
    assert (problem.axon_bits, problem.forward_bits) == (46, 28)


def test_keyed_entries_are_distinct_beginnings_per_layer() -> None:
    a, b = neuron_id(0, 0), neuron_id(0, 1)
    net = state_of(
        2, [[[(97, 0)], [(98, 0)]], [[(a, 0), (b, 1)], [(a, 0), (b, 1), (a, 1)], [(a, 0), (b, 2)]], [[(a, 0), (b, 1)]]]
    )
    # layer 1: a | ab1 | ab1a1 | ab2; layer 2: a | ab1
    assert keyed_entries(net) == 6
    assert problem_of(net, match="keyed").reserved_bits > 0
    assert problem_of(net, match="keyed").axon_bits == 0


def test_a_pair_that_names_nobody_is_refused_and_an_unstored_one_is_not() -> None:
    with pytest.raises(MappingError, match="neuron 9 of layer 0, which is not stored"):
        problem_of(state_of(1, [[[(97, 0)]], [[(neuron_id(0, 9), 0), (neuron_id(0, 0), 1)]]]))
    assert problem_of(state_of(1, [[[(97, 0)]], [[(UNSTORED, 0), (neuron_id(0, 0), 1)]]])).net_owner.tolist() == [-1, 0]


@pytest.mark.parametrize("match", MATCHES)
@pytest.mark.parametrize("name", sorted(stored_methods()))
def test_caps_hold_and_the_account_of_moves_agrees_with_the_account_of_arrays(name: str, match: Match, state: NsnState) -> None:
    problem = problem_of(state, match=match, fill=0.9)
    part = stored_parts(name, problem, 3)
    assert part.dtype == np.int32 and len(part) == len(state)
    assert sorted(set(part.tolist())) == list(range(int(part.max()) + 1))
    account = core_account(problem, part)
    assert account.neurons.max() <= 28
    assert account.axons.max() <= 48
    assert account.bits.max() <= 18_000
    table = table_of(problem, part)
    used = int(part.max()) + 1
    assert table.parts.held[:used].tolist() == account.neurons[:used].tolist()
    assert (table.parts.bits[:used] + problem.reserved_bits).tolist() == account.bits[:used].tolist()
    assert table.cost == readers(problem, part)


def table_of(problem: Problem, part: np.ndarray) -> Table:
    """A partition, counted."""
    table = new_table(problem)
    take_over(table, part)
    return table


def check_within(table: Table) -> None:
    """Every part keeps every limit, counted anew by sets, and nothing is in limbo."""
    problem = table.problem
    part = table.label
    assert not table.parts.held[table.limbo]
    account = core_account(problem, result(table))
    assert account.neurons.max() <= problem.max_neurons
    assert account.axons.max() <= problem.max_axons
    assert account.bits.max() <= problem.max_bits + problem.reserved_bits
    assert len(np.unique(part)) <= problem.cores


def test_repair_settles_a_partition_that_knows_no_caps(state: NsnState) -> None:
    problem = problem_of(state)
    table = table_of(problem, np.zeros(len(state), dtype=np.int64))
    assert table.parts.held[0] > problem.max_neurons
    repair(table)
    check_within(table)


@pytest.mark.parametrize("limits", [CoreLimits(24, 44, 14_000), CoreLimits(400, 40, 10**6), CoreLimits(400, None, 12_000)])
def test_repair_settles_what_is_strewn_at_random_under_every_limit(limits: CoreLimits, state: NsnState) -> None:
    draw = np.random.Generator(np.random.PCG64(5))
    for parts in (2, 9, 200):  # 200 are more than there are parts: the rest begins in limbo
        table = table_of(problem_of(state, limits), draw.integers(0, parts, len(state)))
        repair(table)
        check_within(table)


def test_settling_and_merging_never_cost(state: NsnState) -> None:
    problem = problem_of(state)
    table = table_of(problem, stored_parts("random", problem, 1))
    costs, used = [between_parts(problem, result(table))], [table.used]
    for step in (merge, lambda t: insert(t, np.ones(len(state), bool)), merge):
        step(table)
        costs.append(between_parts(problem, result(table)))
        used.append(table.used)
        check_within(table)
    assert costs == sorted(costs, reverse=True) and costs[-1] < costs[0]
    assert used == sorted(used, reverse=True)


def test_settling_moves_only_what_it_may(state: NsnState) -> None:
    problem = problem_of(state)
    table = table_of(problem, stored_parts("random", problem, 1))
    before = table.label.copy()
    free = state.layer == 2
    insert(table, free)
    moved = table.label != before
    assert moved[free].any() and not moved[~free].any()


def test_merge_empties_a_small_part() -> None:
    net = state_of(1, [[[(97 + i, 0)] for i in range(6)], [[(neuron_id(0, i), 0), (neuron_id(0, i), 1)] for i in range(6)]])
    table = table_of(problem_of(net), np.arange(12, dtype=np.int64) // 3)
    merge(table)
    assert sorted(table.parts.held.tolist())[-2:] == [0, 12]


def test_emptying_and_refilling_parts_never_costs_and_says_what_it_saved(state: NsnState) -> None:
    problem = problem_of(state)
    part = stored_parts("sequential", problem, 1)
    table = table_of(problem, part)
    saved = recreate(table, np.ones(len(problem.net_owner), np.int64), 200, 4, seed=2)
    check_within(table)
    assert saved > 0
    assert readers(problem, result(table)) == table.cost == readers(problem, part) - saved


def between_parts(problem: Problem, part: np.ndarray) -> int:
    """Sum over nets of weight times parts touched other than the lower neuron's, by sets."""
    total = 0
    for net in range(len(problem.net_owner)):
        pins = problem.pins[problem.pin_start[net] : problem.pin_start[net + 1]]
        owner = int(problem.net_owner[net])
        total += int(problem.net_weight[net]) * len({int(part[pin]) for pin in pins} - {int(part[owner])})
    return total


def test_auto_picks_by_size_and_does_what_it_picked(state: NsnState) -> None:
    problem = problem_of(state)
    assert choose(problem, problem.cores, None)[0] == "quality"
    assert np.array_equal(stored_parts("auto", problem, 3), stored_parts("quality", problem, 3))


@pytest.mark.parametrize("name", ["metis", "default", "quality"])
def test_searching_partitioners_find_groups_that_share_nothing(name: str) -> None:
    # Four topics of 16 neurons, each over its own four symbols, interleaved by ordinal; a core holds one topic.
    words = []
    for i in range(64):
        topic = i % 4
        words.append([(neuron_id(0, topic * 4 + (i // 4 + j) % 4), j) for j in range(3)])
    net = state_of(1, [[[(97 + i, 0)] for i in range(16)], words])
    problem = problem_of(net, CoreLimits(20, 5, 20_000))
    part = stored_parts(name, problem, 1)
    layer1 = part[16:]
    assert [len({int(p) for p in layer1[topic::4]}) for topic in range(4)] == [1, 1, 1, 1]
    # The least possible: each of the 16 symbols is read by one core.
    assert readers(problem, part) == int(problem.net_weight.sum()) == 64 * 3


def test_default_addresses_fewer_cores_than_metis_and_filling_in_order_or_at_random(learned: NsnState) -> None:
    mesh, limits, widths = Mesh(8, 8), CoreLimits(128, 128, 65_536), widths_of(64, 128)
    mean = {}
    for name in stored_methods():
        mapping = map_network(learned, mesh, limits, widths, "associative", name, "row", 1, 0.9)
        mean[name] = utilisation(learned, mapping, mesh, limits, widths, "associative").readers_per_reading
    assert mean["quality"] <= mean["default"] < 0.8 * mean["sequential"] < 0.6 * mean["random"]
    assert mean["default"] < mean["metis"] < mean["random"]


@pytest.fixture(scope="module")
def learned() -> NsnState:
    """What the golden model learns from 20,000 characters of the shipped text."""
    from chipsim.network import END_EPISODE, END_SEGMENT, Stimulus
    from chipsim.network.rules import text_rules
    from workloads.nsn.golden import GoldenModel

    text = (Path(__file__).parents[2] / "configs" / "texts" / "docs-topics.txt").read_text(encoding="utf-8")[:20_000]
    flags = np.full(len(text), END_SEGMENT, dtype=np.int64)
    flags[511::512] |= END_EPISODE
    items = np.arange(len(text), dtype=np.int64)
    model = GoldenModel(text_rules(6))
    model.advance(Stimulus(np.array([ord(c) for c in text], dtype=np.int64), items, flags, items), len(text), recording=False)
    return model.state()


@pytest.mark.parametrize(
    ("limits", "match", "said"),
    [
        (CoreLimits(4, 48, 20_000), "associative", r"for neurons: 320 neurons need at least 80 cores, the chip has 64"),
        (CoreLimits(32, 48, 2_000), "associative", r"for memory bits: 320 neurons need at least \d+ cores, the chip has 64"),
        (CoreLimits(32, 3, 20_000), "associative", r"needs 8 axons of a core, allowed are 3"),
        (CoreLimits(32, 48, 300), "associative", r"neuron \d+ alone takes \d+ memory bits of a core, allowed are 300"),
        (CoreLimits(32, None, 1_500), "keyed", r"the keyed index takes \d+ of the 1500 memory bits"),
    ],
)
@pytest.mark.parametrize("name", sorted(stored_methods()))
def test_what_cannot_fit_is_refused_with_resource_used_and_allowed(
    name: str, limits: CoreLimits, match: Match, said: str, state: NsnState
) -> None:
    with pytest.raises(MappingError, match=said) as caught:
        stored_parts(name, problem_of(state, limits, match), 1)
    assert caught.value.exit_code == 4


def test_fewest_cores_counts_axons(state: NsnState) -> None:
    problem = problem_of(state, CoreLimits(400, 16, 10**9))
    assert fewest_cores(problem)["axons"] == -(-len(problem.net_owner) // 16)


def test_the_same_parts_in_every_process(state: NsnState) -> None:
    code = (
        "import hashlib; from tests.unit.test_partition import *; s = random_state(7, [20, 80, 150, 60, 10]);"
        "print([hashlib.sha256(stored_parts(n, problem_of(s), 3).tobytes()).hexdigest() for n in sorted(stored_methods())])"
    )
    root = Path(__file__).parents[2]
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "77")
    }
    here = [hashlib.sha256(stored_parts(name, problem_of(state), 3).tobytes()).hexdigest() for name in sorted(stored_methods())]
    assert said == {f"{here}\n"}

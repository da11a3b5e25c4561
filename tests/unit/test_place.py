"""Placers, roots and the multicast trees."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from chipsim.config.mapping import PLACERS
from chipsim.ids import neuron_id
from chipsim.network import NsnState
from chipsim.network.memory import widths_of
from chipsim.noc import EAST, NORTH, SOUTH, WEST, Mesh
from nsn_mapping import CoreLimits, map_network, utilisation
from nsn_mapping.account import core_account
from nsn_mapping.methods import stored_parts
from nsn_mapping.place import place_parts
from nsn_mapping.place.blocks import from_pairs
from nsn_mapping.place.curve import cores_along, hilbert_tiles
from nsn_mapping.place.roots import place_roots
from nsn_mapping.place.sites import mesh_sites
from nsn_mapping.place.traffic import Traffic, part_traffic
from nsn_mapping.problem import build_problem
from nsn_mapping.routes import build_trees
from tests.strategies import random_state, state_of

LIMITS = CoreLimits(32, 48, 20_000)
MESH = Mesh(8, 8)
WIDTHS = widths_of(64, 32)


@pytest.fixture(scope="module")
def state() -> NsnState:
    return random_state(7, [20, 80, 150, 60, 10])


@pytest.fixture(scope="module")
def traffic(state: NsnState) -> Traffic:
    problem = build_problem(state, 64, LIMITS, WIDTHS, "associative", 0.9)
    return part_traffic(problem, stored_parts("sequential", problem, 1))


@pytest.mark.parametrize("width", range(1, 14))
@pytest.mark.parametrize("height", range(1, 14))
def test_curve_visits_every_tile_once_and_steps_to_a_neighbour(width: int, height: int) -> None:
    tiles = list(hilbert_tiles(width, height))
    assert tiles[0] == (0, 0)
    assert sorted(tiles) == sorted((x, y) for x in range(width) for y in range(height))
    steps = [(abs(a - c), abs(b - d)) for (a, b), (c, d) in pairwise(tiles)]
    assert sum(step == (1, 1) for step in steps) <= 1
    assert all(step in ((0, 1), (1, 0), (1, 1)) for step in steps)


def test_curve_keeps_the_cores_of_a_tile_together() -> None:
    assert cores_along(Mesh(2, 2, 3)).tolist() == [0, 1, 2, 6, 7, 8, 9, 10, 11, 3, 4, 5]


@pytest.mark.parametrize("name", sorted(PLACERS.names()))
def test_parts_get_different_cores_and_growth_goes_on_from_them(name: str, traffic: Traffic) -> None:
    placement = place_parts(name, traffic, len(traffic), MESH, mesh_sites(MESH), 4)
    assert len(set(placement.core.tolist())) == len(traffic)
    assert sorted(placement.fill_order.tolist()) == list(range(64))
    assert set(placement.fill_order[: len(traffic)].tolist()) == set(placement.core.tolist())


@pytest.mark.parametrize("name", sorted(PLACERS.names()))
@pytest.mark.parametrize("parts", [0, 1, 6])
def test_placers_take_none_one_and_as_many_parts_as_cores(name: str, parts: int) -> None:
    draw = np.random.Generator(np.random.PCG64(1))
    sender, reader = np.nonzero(np.ones((parts, parts)))
    blocks = from_pairs(sender.astype(np.int32), reader.astype(np.int32), draw.integers(0, 9, parts * parts), parts)
    one = Traffic(blocks, np.arange(parts, dtype=np.float64))
    placement = place_parts(name, one, len(one), Mesh(3, 2), mesh_sites(Mesh(3, 2)), 4)
    assert sorted(placement.core.tolist()) == sorted(set(placement.core.tolist()))
    assert len(placement.core) == parts and sorted(placement.fill_order.tolist()) == list(range(6))


def test_row_is_the_identity_and_random_follows_the_seed(traffic: Traffic) -> None:
    assert place_parts("row", traffic, len(traffic), MESH, mesh_sites(MESH), 1).core.tolist() == list(range(len(traffic)))
    first, again, other = (
        place_parts("random", traffic, len(traffic), MESH, mesh_sites(MESH), seed).core.tolist() for seed in (1, 1, 2)
    )
    assert first == again != other


def weighted_hops(traffic: Traffic, core: np.ndarray) -> int:
    sent = messages(traffic)
    return sum(
        int(sent[p, q]) * MESH.distance(int(core[p]), int(core[q])) for p in range(len(traffic)) for q in range(len(traffic))
    )


def messages(traffic: Traffic) -> np.ndarray:
    sent = np.zeros((len(traffic), len(traffic)), np.int64)
    sent[np.repeat(np.arange(len(traffic)), np.diff(traffic.blocks.out_start)), traffic.blocks.to] = traffic.blocks.sent
    return sent


def test_hilbert_saves_hops_and_no_swap_of_two_parts_saves_more(traffic: Traffic) -> None:
    hops = {
        name: weighted_hops(traffic, place_parts(name, traffic, len(traffic), MESH, mesh_sites(MESH), 1).core)
        for name in PLACERS.names()
    }
    assert hops["hilbert"] < hops["row"] and hops["hilbert"] < hops["random"]
    core = place_parts("hilbert", traffic, len(traffic), MESH, mesh_sites(MESH), 1).core
    for a in range(len(core)):
        for b in range(a):
            swapped = core.copy()
            swapped[[a, b]] = swapped[[b, a]]
            assert weighted_hops(traffic, swapped) >= hops["hilbert"]


def test_traffic_counts_each_reading_once_per_part() -> None:
    a, b = neuron_id(0, 0), neuron_id(0, 1)
    net = state_of(1, [[[(97, 0)], [(98, 0)]], [[(a, 0), (b, 1)], [(a, 0), (a, 1)], [(a, 0), (b, 2)]]], [[5, 7], [1, 1, 1]])
    problem = build_problem(net, 4, LIMITS, WIDTHS, "associative", 1.0)
    found = part_traffic(problem, np.array([0, 1, 1, 2, 2], dtype=np.int32))
    # a (part 0, named four times) is read in parts 1 and 2, b (part 1, named twice) in parts 1 and 2, which is its own.
    assert messages(found).tolist() == [[0, 4, 4], [0, 0, 2], [0, 0, 0]]
    assert found.depth.tolist() == [0.0, 0.5, 1.0]


def test_roots_sit_near_their_layer_on_different_cores_with_room() -> None:
    net = state_of(1, [[[(97, 0)], [(98, 0)]], [[(neuron_id(0, 0), 0), (neuron_id(0, 1), 1)]]], [[9, 9], [4]])
    order = np.arange(64, dtype=np.int32)
    core = np.array([0, 2, 63], dtype=np.int32)
    free = np.full(64, 20_000, dtype=np.int64)
    roots = place_roots(net, core, free, 20_000, order, MESH, order, WIDTHS)
    # Layer 0: cores 0, 1, 2 are equally near, the first in fill order wins; layer 1 on its neuron; the record keeper beside it.
    assert roots.tolist() == [0, 63, 55]
    free[[0, 1, 63]] = 4_000
    assert place_roots(net, core, free, 20_000, order, MESH, order, WIDTHS).tolist() == [2, 55, 62]


def test_roots_double_up_only_when_the_chip_is_smaller_than_the_roles() -> None:
    net = state_of(4, [[[(97, 0)]], [], [], [], []])
    small = Mesh(2, 1)
    roots = place_roots(
        net,
        np.zeros(1, dtype=np.int32),
        np.full(2, 9_000),
        9_000,
        np.arange(2, dtype=np.int32),
        small,
        np.arange(2, dtype=np.int32),
        widths_of(2, 8),
    )
    assert sorted(roots.tolist()) == [0, 0, 0, 1, 1, 1]


def brute_tree(mesh: Mesh, home: int, readers: list[int]) -> set[int]:
    """Union of XY paths, walked step by step."""
    links = set()
    for reader in readers:
        tile, goal = mesh.tile_of(home), mesh.tile_of(reader)
        while tile != goal:
            (x, y), (gx, gy) = mesh.xy(tile), mesh.xy(goal)
            port = (EAST if gx > x else WEST) if gx != x else (SOUTH if gy > y else NORTH)
            links.add(tile * 4 + port)
            tile = mesh.neighbour(tile, port)
    return links


@pytest.mark.parametrize("mesh", [Mesh(8, 8), Mesh(7, 5, 2), Mesh(64, 1), Mesh(1, 64)])
def test_trees_are_the_union_of_xy_paths(mesh: Mesh, state: NsnState) -> None:
    problem = build_problem(state, mesh.cores, LIMITS, widths_of(mesh.cores, 32), "associative", 1.0)
    core = np.random.Generator(np.random.PCG64(2)).integers(0, mesh.cores, len(state)).astype(np.int32)
    trees = build_trees(problem, core_account(problem, core), core, mesh)
    assert len(trees) == len(problem.net_owner)
    for tree in range(len(trees)):
        layer, source = int(trees.layer[tree]), int(trees.source[tree])
        lower = neuron_id(int(state.layer[source]), int(state.ordinal[source]))
        readers = sorted(
            {
                int(core[row])
                for row in range(len(state))
                if state.layer[row] == layer and lower in state.pair_id[state.pair_start[row] : state.pair_start[row + 1]]
            }
        )
        assert trees.readers[trees.reader_start[tree] : trees.reader_start[tree + 1]].tolist() == readers
        links = trees.links[trees.link_start[tree] : trees.link_start[tree + 1]].tolist()
        assert links == sorted(brute_tree(mesh, int(core[source]), readers))
        assert trees.unicast_hops[tree] == sum(mesh.distance(mesh.tile_of(int(core[source])), mesh.tile_of(r)) for r in readers)


def test_metrics_of_a_network_small_enough_to_count() -> None:
    a, b = neuron_id(0, 0), neuron_id(0, 1)
    net = state_of(1, [[[(97, 0)], [(98, 0)]], [[(a, 0), (b, 1)], [(a, 0), (a, 1)]]], [[6, 2], [1, 1]])
    mesh, limits = Mesh(4, 1), CoreLimits(2, 2, 20_000)
    widths = widths_of(4, 2)
    mapping = map_network(net, mesh, limits, widths, "associative", "sequential", "row", 1, 1.0)
    assert mapping.core.tolist() == [0, 0, 1, 1] and mapping.slot.tolist() == [0, 1, 0, 1]
    use = utilisation(net, mapping, mesh, limits, widths, "associative")
    # a is named three times and b once, by neurons of one activation each; both go to core 1 alone, one hop: 4 readings; 10 activations.
    assert (use.cores_used, use.neurons.tolist(), use.axons.tolist()) == (2, [2, 2, 0, 0], [0, 2, 0, 0])
    assert (use.readers_per_reading, use.packets_per_spike, use.mean_hops, use.tree_hops_per_reading) == (1.0, 0.4, 1.0, 1.0)
    assert (use.max_core_fill, use.max_axon_fill) == (1.0, 1.0)
    keyed = utilisation(net, mapping, mesh, limits, widths, "keyed")
    # From core 0 of a row of four to any core alike: (0 + 1 + 2 + 3) / 4 hops.
    assert (keyed.readers_per_reading, keyed.mean_hops, keyed.axons.tolist()) == (1.0, 1.5, [0, 0, 0, 0])

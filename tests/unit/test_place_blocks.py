"""Packets between parts, sites, and the placers on sparse graphs of parts, held against plain computations."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim import jit
from chipsim.config.faults import DeadCore, DeadLink, DeadRouter
from chipsim.config.load import load_chip
from chipsim.config.mapping import searching
from chipsim.errors import MappingError, UsageError
from chipsim.noc import Mesh
from nsn_mapping.evaluate import evaluate
from nsn_mapping.hypergraph import Hypergraph, build_hypergraph
from nsn_mapping.place import multilevel, place_blocks, slopes
from nsn_mapping.place.blocks import Blocks, block_graph, dense, from_pairs
from nsn_mapping.place.boards import board_of, total_cost
from nsn_mapping.place.fiedler import fiedler_order, place_along
from nsn_mapping.place.sites import Sites, mesh_sites, metric, usable_sites
from nsn_mapping.xorshift import coldness, new_state

MESH = Mesh(7, 6)


def random_graph(seed: int, n: int = 300, nets: int = 400, most: int = 9) -> Hypergraph:
    draws = np.random.default_rng(seed)
    pins = [np.unique(draws.integers(0, n, draws.integers(1, most))) for _ in range(nets)]
    start = np.cumsum([0, *map(len, pins)])
    source = draws.integers(-1, n, nets).astype(np.int32)
    return build_hypergraph(n, start, np.concatenate(pins).astype(np.int32), source, draws.integers(0, 50, nets))


def random_blocks(seed: int, parts: int, pairs: int) -> Blocks:
    """Parts on a ring that talk to those close to them, and to some others, under shuffled numbers."""
    draws = np.random.default_rng(seed)
    a = draws.integers(0, parts, pairs)
    b = np.where(draws.random(pairs) < 0.9, (a + draws.integers(-4, 5, pairs)) % parts, draws.integers(0, parts, pairs))
    name = draws.permutation(parts).astype(np.int32)
    return from_pairs(name[a], name[b], draws.integers(1, 100, pairs), parts)


def plain_cost(blocks: Blocks, sites: Sites, site: np.ndarray) -> int:
    """Sum over directed pairs of packets x distance, one by one."""
    total = 0
    for p in range(len(blocks)):
        for i in range(blocks.out_start[p], blocks.out_start[p + 1]):
            s, t = site[p], site[blocks.to[i]]
            far = abs(sites.along_x[sites.x[s]] - sites.along_x[sites.x[t]]) + abs(
                sites.along_y[sites.y[s]] - sites.along_y[sites.y[t]]
            )
            total += int(blocks.sent[i]) * int(far)
    return total


def test_blocks_hold_the_packets_of_every_pair_of_parts() -> None:
    h, parts = random_graph(1), 23
    part = np.random.default_rng(2).integers(0, parts, len(h))
    blocks = block_graph(h, part, parts)
    wanted = np.zeros((parts, parts), np.int64)
    for e in range(h.edges):
        if h.source[e] >= 0:
            home = part[h.source[e]]
            for p in set(part[h.pins[h.pin_start[e] : h.pin_start[e + 1]]].tolist()) - {home}:
                wanted[home, p] += h.weight[e]
    found = np.zeros_like(wanted)
    found[np.repeat(np.arange(parts), np.diff(blocks.out_start)), blocks.to] = blocks.sent
    assert (found == wanted).all()
    assert (dense(blocks, parts) == wanted + wanted.T).all()
    assert blocks.total == wanted.sum()
    assert all((np.diff(blocks.other[blocks.start[p] : blocks.start[p + 1]]) > 0).all() for p in range(parts))


def test_cost_of_a_placement_is_what_the_evaluator_counts() -> None:
    h, sites = random_graph(3), mesh_sites(MESH)
    part = np.random.default_rng(4).integers(0, MESH.cores, len(h))
    blocks = block_graph(h, part, MESH.cores)
    site = place_blocks(blocks, sites, 1)
    cost = evaluate(h, sites.core[site][part], MESH)
    assert total_cost(blocks, sites, site) == cost.hops == plain_cost(blocks, sites, site)


def test_labels_out_of_range_are_refused() -> None:
    h = random_graph(1)
    with pytest.raises(MappingError, match="from 0 to 4"):
        block_graph(h, np.full(len(h), 5), 5)


@pytest.mark.parametrize("method", searching())
def test_placers_seat_every_part_once_the_same_way_again(method: str) -> None:
    blocks, dead = random_blocks(5, 30, 300), np.zeros(MESH.cores, bool)
    dead[[0, 8, 17, 41]] = True
    sites = mesh_sites(MESH, np.flatnonzero(~dead).astype(np.int32))
    site = place_blocks(blocks, sites, 3, method)
    assert len(np.unique(site)) == 30 and site.min() >= 0 and site.max() < len(sites)
    assert not dead[sites.core[site]].any()
    assert (place_blocks(blocks, sites, 3, method) == site).all()


def test_better_placers_cost_less() -> None:
    blocks, sites = random_blocks(6, 42, 600), mesh_sites(MESH)
    cost = {
        method: total_cost(blocks, sites, place_blocks(blocks, sites, 1, method)) for method in ("force", "anneal", "adaptive")
    }
    drawn = [total_cost(blocks, sites, np.random.default_rng(seed).permutation(42)) for seed in range(20)]
    assert max(cost["anneal"], cost["adaptive"]) <= cost["force"] < total_cost(blocks, sites, place_along(blocks, sites))
    assert cost["adaptive"] <= 1.01 * cost["anneal"]
    assert cost["anneal"] < min(drawn)


def test_annealing_finds_the_best_placement_of_a_line() -> None:
    line = from_pairs(np.arange(7, dtype=np.int32), np.arange(1, 8, dtype=np.int32), np.full(7, 10), 8)
    sites = mesh_sites(Mesh(4, 4))
    assert total_cost(line, sites, place_blocks(line, sites, 1)) == 70


def test_slopes_tell_what_every_swap_costs() -> None:
    blocks, dead = random_blocks(7, 25, 200), np.zeros(2 * MESH.cores, bool)
    dead[5] = True
    sites = mesh_sites(Mesh(7, 6, 2), np.flatnonzero(~dead).astype(np.int32))
    stretched = sites.along_x * 3 + (sites.along_x > 3) * 10
    sites = Sites(sites.core, sites.x, sites.y, stretched, sites.along_y * 2, sites.table, sites.tile)
    site = np.random.default_rng(8).permutation(len(sites))[:25].astype(np.int32)
    board = board_of(blocks, sites, site, dense(blocks, 25).ravel())
    slopes.count_slopes(board)
    for part, t in np.random.default_rng(9).integers(0, [25, len(sites)], (60, 2)).tolist():
        before = plain_cost(blocks, sites, board.site)
        if board.site[part] == t:
            continue
        rise = slopes.rise_of(board, part, t)
        slopes.exchange(board, part, t)
        assert rise == plain_cost(blocks, sites, board.site) - before
        kept = board.slope_x.copy(), board.slope_y.copy()
        slopes.count_slopes(board)
        assert (kept[0] == board.slope_x).all() and (kept[1] == board.slope_y).all()


def test_compiled_annealing_is_that_of_plain_python() -> None:
    blocks, sites = random_blocks(10, 20, 120), mesh_sites(Mesh(5, 5))
    matrix, chance = dense(blocks, 20).ravel(), coldness()
    found: list[tuple[int, list[int]]] = []
    for module in (slopes, jit.load(slopes.__name__, entries=("count_slopes", "anneal_slopes"))):
        board = board_of(blocks, sites, np.arange(20, dtype=np.int32), matrix)
        module.count_slopes(board)
        accepted = module.anneal_slopes(board, new_state(3), chance, 3000, 200.0, 3)
        found.append((accepted, board.site.tolist()))
    assert found[0] == found[1] and 0 < found[0][0] < 1_000_000


def test_placement_by_the_busiest_link_makes_it_less_busy() -> None:
    h = random_graph(11, 400, 900)
    part = np.random.default_rng(12).integers(0, MESH.cores, len(h))
    blocks, sites = block_graph(h, part, MESH.cores), mesh_sites(MESH)
    busiest = [evaluate(h, place_blocks(blocks, sites, 1, objective=goal)[part], MESH).max_link for goal in ("hops", "link")]
    assert busiest[1] < busiest[0]


def test_groups_that_do_not_talk_stay_together_in_fiedler_order() -> None:
    pairs = np.array([(0, 2), (2, 4), (4, 6), (1, 3), (3, 5)], np.int32)
    order = fiedler_order(from_pairs(pairs[:, 0].copy(), pairs[:, 1].copy(), np.full(5, 7), 8)).tolist()
    assert order[:4] in ([0, 2, 4, 6], [6, 4, 2, 0]) and order[4:7] in ([1, 3, 5], [5, 3, 1]) and order[7] == 7


def test_levels_place_more_parts_than_are_annealed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multilevel, "COARSEST", 40)
    side = 24
    x, y = np.divmod(np.arange(side * side, dtype=np.int32), side)
    name = np.random.default_rng(13).permutation(side * side).astype(np.int32)
    right, below = np.flatnonzero(x < side - 1), np.flatnonzero(y < side - 1)
    sender, reader = np.concatenate((right, below)), np.concatenate((right + side, below + 1))
    blocks = from_pairs(name[sender], name[reader], np.ones(len(sender), np.int64), side * side)
    sites = mesh_sites(Mesh(side, side + 1))
    site = multilevel.place_levels(blocks, sites, 1)
    assert len(np.unique(site)) == side * side
    assert total_cost(blocks, sites, site) < 3 * blocks.total  # drawn at random: 16
    assert (site == multilevel.place_levels(blocks, sites, 1)).all()


def test_dead_cores_and_routers_are_no_seats_and_dead_links_are_gone_round() -> None:
    chip = load_chip("mesh-16", [f"noc.{text}" for text in ("width=4", "height=3", "concentration=2", "routing=table")])
    sound = usable_sites(chip)
    assert len(sound) == 24
    faults = (DeadCore(kind="dead_core", core=3), DeadRouter(kind="dead_router", router=5))
    assert set(range(24)) - set(usable_sites(chip, faults).core.tolist()) == {3, 10, 11}
    cut = usable_sites(chip, (DeadLink(kind="dead_link", a=0, b=1),))
    far, near = metric(cut), metric(sound)
    assert near.table[0 * 12 + 1] == 1 and far.table[0 * 12 + 1] == 3
    blocks = random_blocks(14, 20, 150)
    site = place_blocks(blocks, cut, 1)
    assert len(np.unique(site)) == 20
    shuffled = total_cost(blocks, cut, np.random.default_rng(1).permutation(20))
    assert total_cost(blocks, cut, site) < shuffled


def test_borders_of_chips_cost_what_their_links_cost() -> None:
    chip = load_chip("altai-board")
    by_hops, by_energy = usable_sites(chip), usable_sites(chip, price="energy")
    steps = np.diff(by_energy.along_x)
    assert (np.diff(by_hops.along_x) == 1).all()
    assert np.flatnonzero(steps == steps.max()).tolist() == [15] and steps.max() == 832_000


def test_what_a_placer_cannot_do_is_refused() -> None:
    blocks, sites = random_blocks(15, 30, 60), mesh_sites(Mesh(5, 5))
    with pytest.raises(MappingError, match="30 parts for 25 usable cores"):
        place_blocks(blocks, sites, 1)
    with pytest.raises(MappingError, match="priced in energy"):
        place_blocks(random_blocks(1, 9, 20), sites, 1, objective="energy")
    with pytest.raises(UsageError, match="no placer is called 'best'"):
        place_blocks(random_blocks(1, 9, 20), sites, 1, "best")

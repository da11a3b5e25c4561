"""The evaluator against one written in plain Python from the definitions, and against the published rows of the reference graphs."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim import jit
from chipsim.errors import MappingError
from chipsim.noc import EAST, NORTH, SOUTH, WEST, Mesh
from nsn_mapping import count as plain_count
from nsn_mapping.evaluate import Cost, axons_used, evaluate, link_loads
from nsn_mapping.graph import read_graph
from nsn_mapping.hypergraph import Hypergraph, build_hypergraph, from_graph
from nsn_mapping.methods.in_order import evenly
from tests.folders import MAPPING


def path(mesh: Mesh, a: int, b: int) -> list[int]:
    """Links of the way from core to core, X then Y, step by step."""
    (x, y), (to_x, to_y) = mesh.xy(mesh.tile_of(a)), mesh.xy(mesh.tile_of(b))
    links = []
    while (x, y) != (to_x, to_y):
        port = (EAST if to_x > x else WEST) if x != to_x else (SOUTH if to_y > y else NORTH)
        tile = mesh.tile_at(x, y)
        links.append(tile * 4 + port)
        x, y = mesh.xy(mesh.neighbour(tile, port))
    return links


def by_definition(h: Hypergraph, core: list[int], mesh: Mesh) -> tuple[Cost, Counter[int], Counter[int], Counter[int]]:
    """Cost, loads of links by unicasts and by trees, axons per core."""
    packets = with_own = cut = 0
    single: Counter[int] = Counter()
    tree: Counter[int] = Counter()
    axons: Counter[int] = Counter()
    for net in range(h.edges):
        sent, source = int(h.weight[net]), int(h.source[net])
        pins = h.pins[h.pin_start[net] : h.pin_start[net + 1]].tolist()
        home = core[source] if source >= 0 else None
        reached = {core[pin] for pin in pins}
        axons.update(reached)
        packets += sent * len(reached - {home})
        with_own += sent * len(reached)
        cut += sent * sum(core[pin] != home for pin in pins)
        if home is not None:
            ways = [path(mesh, home, place) for place in reached]
            for way in ways:
                for link in way:
                    single[link] += sent
            for link in {link for way in ways for link in way}:
                tree[link] += sent
    held = Counter(core)
    cost = Cost(
        packets, with_own, cut, sum(single.values()), sum(tree.values()), max(single.values(), default=0), max(tree.values(), default=0),
        max(held.values()), len(held),
    )  # fmt: skip
    return cost, single, tree, axons


@st.composite
def mapped(draw: st.DrawFn) -> tuple[Hypergraph, list[int], Mesh]:
    n = draw(st.integers(1, 12))
    nets = draw(st.integers(0, 8))
    pins = [sorted(draw(st.sets(st.integers(0, n - 1), max_size=n))) for _ in range(nets)]
    source = [draw(st.integers(-1, n - 1)) for _ in range(nets)]
    weight = [draw(st.integers(0, 50)) for _ in range(nets)]
    start = np.cumsum([0, *map(len, pins)]).astype(np.int64)
    flat = np.array([pin for net in pins for pin in net], np.int32)
    h = build_hypergraph(n, start, flat, np.array(source, np.int32), np.array(weight, np.int64))
    mesh = Mesh(draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 2)), draw(st.booleans()))
    return h, [draw(st.integers(0, mesh.cores - 1)) for _ in range(n)], mesh


@given(mapped())
def test_every_figure_is_what_the_definitions_say(case: tuple[Hypergraph, list[int], Mesh]) -> None:
    h, core, mesh = case
    cost, single, tree, axons = by_definition(h, core, mesh)
    assert evaluate(h, np.array(core), mesh) == cost
    loads, branches = link_loads(h, np.array(core), mesh), link_loads(h, np.array(core), mesh, tree=True)
    assert loads.tolist() == [single[link] for link in range(mesh.link_ids)]
    assert branches.tolist() == [tree[link] for link in range(mesh.link_ids)]
    assert axons_used(h, np.array(core), mesh.cores).tolist() == [axons[c] for c in range(mesh.cores)]


@given(mapped())
def test_compiled_and_plain_kernels_agree(case: tuple[Hypergraph, list[int], Mesh]) -> None:
    h, core, mesh = case
    compiled = evaluate(h, np.array(core), mesh), link_loads(h, np.array(core), mesh).tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jit, "load", lambda *_, **__: plain_count)
        assert (evaluate(h, np.array(core), mesh), link_loads(h, np.array(core), mesh).tolist()) == compiled


def test_one_net_by_hand() -> None:
    """Neuron 0 in the middle of a row of three over a row of three; 5 spikes to both ends of its row, a corner below, and its own core."""
    h = build_hypergraph(5, np.array([0, 4]), np.array([1, 2, 3, 4], np.int32), np.array([0], np.int32), np.array([5]))
    cost = evaluate(h, np.array([1, 0, 2, 3, 1]), Mesh(3, 2))
    assert cost == Cost(
        packets=15, packets_with_own=20, edge_cut=15, hops=5 * 4, tree_links=5 * 3, max_link=10, max_link_tree=5, largest_core=2, cores_used=4
    )  # fmt: skip


ROWS = {
    "nsnT48k": (10, 4_081_720, 36_195_694, 22_139_225, 228_833, 480),
    "sw30k": (8, 8_312_596, 9_320_367, 44_283_531, 273_729, 469),
}


@pytest.mark.parametrize("name", ROWS)
def test_published_rows_of_the_reference_graphs(name: str) -> None:
    side, *expected = ROWS[name]
    h = read_graph(MAPPING / f"{name}.npz").hypergraph()
    cost = evaluate(h, evenly(len(h), side * side), Mesh(side, side))
    assert [cost.packets, cost.edge_cut, cost.hops, cost.max_link, cost.largest_core] == expected


def test_cores_outside_and_totals_beyond_whole_numbers_are_refused() -> None:
    h = from_graph(np.array([0, 1, 1]), np.array([1]), np.array([2**40, 0]))
    with pytest.raises(MappingError, match=r"core\[1\] is 4; allowed: 0 to 3"):
        evaluate(h, np.array([0, 4]), Mesh(2, 2))
    with pytest.raises(MappingError, match="one for each of 2 neurons"):
        evaluate(h, np.array([0, 1, 2]), Mesh(2, 2))
    assert evaluate(h, np.array([0, 4095]), Mesh(4096, 1)).hops == 4095 * 2**40
    large = from_graph(np.array([0, 1, 1]), np.array([1]), np.array([2**52, 0]))
    assert evaluate(large, np.array([0, 1]), Mesh(2, 1)).hops == 2**52
    with pytest.raises(MappingError, match=r"may reach .* divide all spike counts"):
        evaluate(large, np.array([0, 1]), Mesh(4096, 1))

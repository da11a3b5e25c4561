"""Routing functions: every packet gets where it should, by a shortest way where that is promised, and compiled as in Python."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from chipsim import jit
from chipsim.errors import ConfigError
from chipsim.noc import routing
from chipsim.noc.build import routing_of
from chipsim.noc.fabric import Fabric, fabric_of
from chipsim.noc.routing import ADAPTIVE, DATELINE, HERE, ODD_EVEN, TORUS, WEST_FIRST, Routing, permitted, tie_bits
from chipsim.noc.tables import FAR, up_down_rank
from tests.fabrics import RUNGS, networks, noc_spec, path_of

NOTHING = np.zeros(0, np.int64)


def distances(fabric: Fabric) -> dict[int, dict[int, int]]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(fabric.routers))
    link = np.flatnonzero(fabric.to >= 0)
    graph.add_edges_from(zip((link // fabric.ports).tolist(), fabric.to[link].tolist(), strict=True))
    return dict(nx.all_pairs_shortest_path_length(graph))


@pytest.mark.parametrize(("topology", "way"), RUNGS)
def test_every_packet_arrives_by_a_shortest_way(topology: str, way: str) -> None:
    for fabric, R in networks(topology, way):
        shortest = distances(fabric)
        for source in range(fabric.routers):
            for dest in range(fabric.routers):
                for ties in (0, 7) if R.kind in (TORUS, DATELINE) else (0,):
                    hops = len(path_of(fabric, R, source, dest, ties))
                    assert hops == shortest[source][dest] or (way == "updown" and hops > shortest[source][dest])


def test_dimensions_are_taken_in_their_order() -> None:
    for topology, way, order in (
        ("mesh", "xy", (0, 1)),
        ("mesh", "yx", (1, 0)),
        ("mesh3d", "xy", (0, 1, 2)),
        ("torus", "dateline", (0, 1, 2)),
    ):
        size = (4, 3, 3) if len(order) == 3 else (4, 3, 1)
        noc = noc_spec(topology, way, size)
        fabric = fabric_of(noc)
        R = routing_of(noc, fabric, 1)
        for source in range(fabric.routers):
            for dest in range(fabric.routers):
                taken = [order.index(port // 2) for _, port, _ in path_of(fabric, R, source, dest, 0)]
                assert taken == sorted(taken)


@pytest.mark.parametrize("kind", [WEST_FIRST, ODD_EVEN, ADAPTIVE])
def test_a_choice_is_of_shortest_ways_that_lead_on(kind: int) -> None:
    """Whatever is chosen brings the packet one hop nearer, and some choice is left until it is there."""
    for width, height in ((1, 5), (6, 1), (2, 2), (5, 6), (8, 3)):
        R = Routing(kind, width, height, 1, 0, 4, width * height, 1, NOTHING)
        fabric = fabric_of(noc_spec("mesh", size=(width, height, 1)))
        shortest = distances(fabric)
        chosen = Counter[int]()
        for source in range(fabric.routers):
            for dest in range(fabric.routers):
                front = {source}
                while front and dest not in front:
                    later = set()
                    for at in front:
                        ports = [port for port in range(4) if permitted(R, at, dest, source) >> port & 1]
                        assert ports
                        chosen[len(ports)] += 1
                        for port in ports:
                            near = int(fabric.to[at * 4 + port])
                            assert shortest[near][dest] == shortest[at][dest] - 1
                            later.add(near)
                    front = later
        assert (chosen[2] > 0) == (min(width, height) > 1)


def test_adaptive_allows_every_shortest_way() -> None:
    R = Routing(ADAPTIVE, 4, 4, 1, 0, 4, 16, 1, NOTHING)
    assert permitted(R, 5, 10, 5) == 0b101
    assert permitted(R, 10, 5, 10) == 0b1010
    assert permitted(R, 5, 7, 5) == 0b1


def test_vc_classes_part_those_who_wrap() -> None:
    noc = noc_spec("ring", "torus", (8, 1, 1))
    fabric = fabric_of(noc)
    whole, line = routing_of(noc, fabric, 1), routing_of(noc_spec("ring", "dateline", (8, 1, 1)), fabric, 1)
    assert path_of(fabric, whole, 6, 1, 0) == [(6, 0, 1), (7, 0, 1), (0, 0, 1)]
    assert path_of(fabric, line, 6, 1, 0) == [(6, 0, 0), (7, 0, 1), (0, 0, 1)]
    assert path_of(fabric, line, 1, 6, 0) == [(1, 1, 0), (0, 1, 1), (7, 1, 1)]
    assert [which for _, _, which in path_of(fabric, whole, 2, 5, 0)] == [0, 0, 0]
    # both ways round are equally long: the tie bit of the dimension decides
    assert {port for _, port, _ in path_of(fabric, whole, 2, 6, 0)} == {0}
    assert {port for _, port, _ in path_of(fabric, whole, 2, 6, 1)} == {1}
    # a tree has no destination and keeps to the dateline
    assert [routing.vc_class(whole, at, 0, -1, 6, 0) for at in (6, 7, 0)] == [0, 1, 1]


def test_tie_bits_are_fair_and_apart() -> None:
    words = np.array([tie_bits(1, source, number) for source in range(100) for number in range(100)])
    assert words.min() >= 0
    assert words.max() < 2**31
    assert len(np.unique(words)) > 9990
    bits = words[:, None] >> np.arange(3) & 1
    assert (abs(bits.mean(axis=0) - 0.5) < 0.02).all()
    assert abs(np.corrcoef(bits.T) - np.eye(3)).max() < 0.05
    other = np.array([tie_bits(2, source, number) for source in range(100) for number in range(100)])
    assert abs((words & 1 == other & 1).mean() - 0.5) < 0.02


def test_compiled_kernels_give_the_same() -> None:
    names = ("tie_bits", "next_port", "permitted", "vc_class")
    compiled = jit.load("chipsim.noc.routing", entries=names)
    rng = np.random.default_rng(1)
    for words in rng.integers(0, 2**62, (300, 3)).tolist():
        assert compiled.tie_bits(*words) == tie_bits(*words)
    for topology, way in RUNGS:
        for size in ((5, 4, 1), (3, 2, 2)) if topology in ("torus", "mesh3d") else ((5, 4, 1),):
            noc = noc_spec(topology, way, size, tile_order="column")
            R = routing_of(noc, fabric_of(noc), 1)
            bundle = jit.pack(R)
            for at, dest, source, ties in rng.integers(0, R.routers, (200, 4)).tolist():
                port = routing.next_port(R, at, dest, source, ties)
                assert compiled.next_port(bundle, at, dest, source, ties) == port
                if port != HERE:
                    assert compiled.vc_class(bundle, at, port, dest, source, ties) == routing.vc_class(
                        R, at, port, dest, source, ties
                    )
                if R.kind in (WEST_FIRST, ODD_EVEN, ADAPTIVE):
                    assert compiled.permitted(bundle, at, dest, source) == permitted(R, at, dest, source)


def test_up_and_down_never_goes_up_again() -> None:
    for topology in ("mesh", "torus", "ring", "tree"):
        for fabric, R in networks(topology, "updown"):
            rank = up_down_rank(fabric)
            for source in range(fabric.routers):
                for dest in range(fabric.routers):
                    routers = [at for at, _, _ in path_of(fabric, R, source, dest, 0)] + [dest]
                    falls = [rank[b] > rank[a] for a, b in pairwise(routers)]
                    assert falls == sorted(falls)


def test_too_many_routers_for_a_table_are_refused() -> None:
    noc = noc_spec("ring", "updown", (4097, 1, 1))
    with pytest.raises(ConfigError, match="4097 routers with routing tables"):
        routing_of(noc, fabric_of(noc), 1)
    assert FAR > 4096

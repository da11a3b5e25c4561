"""The deadlock check: dependencies against packets that are followed one by one, cycles against networkx, and what is refused."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from chipsim.config.load import load_chip
from chipsim.errors import ConfigError
from chipsim.machine.message import Kinds
from chipsim.noc.build import noc_plan, refuse_deadlock, routing_of
from chipsim.noc.classes import classes_of
from chipsim.noc.cycles import components, find_cycle_large, find_cycle_small
from chipsim.noc.deadlock import dependencies
from chipsim.noc.fabric import fabric_of
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import DATELINE, TORUS
from tests.fabrics import RUNGS, held_and_wanted, networks, noc_spec, path_of
from tests.work import calls_of

ALONE = Kinds(("", "data"), {1: frozenset()})
ON_TREES = Kinds(("", "spike"), {1: frozenset()}, frozenset({1}))
CAUSED = Kinds(("", "ask", "answer"), {1: frozenset({2}), 2: frozenset()})
"""Kinds of messages that nothing causes, that go on trees, and of which one causes the other."""

NO_TREES = np.zeros((0, 4), np.int64)


def is_cycle(start: np.ndarray, end: np.ndarray, cycle: list[int]) -> bool:
    edges = set(zip(start.tolist(), end.tolist(), strict=True))
    return all(edge in edges for edge in zip(cycle, cycle[1:] + cycle[:1], strict=True))


@pytest.mark.parametrize(("topology", "way"), RUNGS)
def test_dependencies_are_those_of_packets(topology: str, way: str) -> None:
    """All of them, and none besides but turns from one dimension of a torus into the next, which close no cycle."""
    for fabric, R in networks(topology, way):
        start, end = dependencies(fabric, R)
        found, true = set(zip(start.tolist(), end.tolist(), strict=True)), held_and_wanted(fabric, R)
        assert len(found) == len(start)
        assert true <= found
        if R.kind not in (TORUS, DATELINE):
            assert found == true
        else:
            assert all(a // 2 % fabric.ports // 2 < b // 2 % fabric.ports // 2 for a, b in found - true)
        cycle = find_cycle_large(len(fabric.to) * 2, start, end)
        graph: nx.DiGraph[int] = nx.DiGraph(list(true))
        assert (cycle is None) == nx.is_directed_acyclic_graph(graph)
        assert (cycle is None) or is_cycle(start, end, cycle)


def test_both_searches_for_cycles_agree() -> None:
    rng = np.random.default_rng(7)
    kinds = set()
    for _ in range(300):
        nodes = int(rng.integers(1, 40))
        start, end = rng.integers(0, nodes, (2, int(rng.integers(0, nodes + 5))))
        small, large = find_cycle_small(start, end), find_cycle_large(nodes, start, end)
        assert (small is None) == (large is None)
        for cycle in (small, large):
            assert cycle is None or is_cycle(start, end, cycle)
        kinds.add(small is None)
        part = components(nodes, start, end)
        graph: nx.DiGraph[int] = nx.DiGraph(list(zip(start.tolist(), end.tolist(), strict=True)))
        graph.add_nodes_from(range(nodes))
        mine = {frozenset(np.flatnonzero(part == p).tolist()) for p in set(part.tolist())}
        assert mine == {frozenset(c) for c in nx.strongly_connected_components(graph)}
        assert (part[start] >= part[end]).all()
    assert kinds == {True, False}


def checked(*settings: str, longest_tree: int = 0, route: np.ndarray = NO_TREES) -> NocPlan:
    chip = load_chip("altai-256", ["noc.router=wormhole", "noc.width=8", "noc.height=8", *(f"noc.{s}" for s in settings)])
    plan = noc_plan(chip, ALONE, 1)
    refuse_deadlock(chip, plan, longest_tree, route)
    assert plan is not None
    return plan


@pytest.mark.parametrize(
    "settings", [("topology=torus",), ("topology=torus", "routing=dateline"), ("topology=ring",), ("routing=adaptive",)]
)
def test_what_cannot_stand_still_passes(settings: tuple[str, ...]) -> None:
    for cast, longest_tree in (("unicast", 0), ("multicast", 4)):
        assert checked(*settings, f"cast={cast}", longest_tree=longest_tree).wormhole is not None


@pytest.mark.parametrize("topology", ["torus", "ring"])
def test_shortest_ways_round_a_ring_are_refused_with_their_cycle(topology: str) -> None:
    with pytest.raises(
        ConfigError, match=r"routing table can stand still: .*router 0 -> router 1, router 1 -> router 2, "
    ) as caught:
        checked(f"topology={topology}", "routing=table", "cast=unicast")
    assert caught.value.exit_code == 3
    assert checked(f"topology={topology}", "routing=table", "cast=unicast", "allow_deadlock=true").routing.ports > 0


def test_a_torus_of_three_has_no_cycle_of_shortest_ways() -> None:
    assert checked("topology=torus", "routing=table", "width=3", "height=3").fabric.routers == 9


def test_trees_must_fit_into_a_buffer() -> None:
    assert checked("buffer=4", longest_tree=4)
    with pytest.raises(ConfigError, match="packets of 4 flits on trees do not fit into a buffer of 3 flits"):
        checked("buffer=3", longest_tree=4)
    assert checked("buffer=3", "width=2", "height=1", longest_tree=4)  # one link and a core: the core always takes


def test_a_tree_that_goes_up_after_it_went_down_is_refused(tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text("0,1\n1,2\n2,3\n3,0\n")
    graph = ("topology=graph", f"edges={tmp_path / 'links.csv'}", "width=4", "height=1")
    assert checked(*graph, longest_tree=1)
    # ports in ascending order: 0 has 1, 3; 1 has 0, 2; 2 has 1, 3; 3 has 0, 2. Each tree goes two links on round the ring.
    on = {0: 0, 1: 1, 2: 1, 3: 0}
    ring = [[(at + step) % 4, 0, at, 1 << on[(at + step) % 4]] for at in range(4) for step in range(2)]
    with pytest.raises(ConfigError, match="routing updown can stand still"):
        checked(*graph, longest_tree=1, route=np.array(ring, np.int64))


def test_adaptive_needs_heads_that_are_first() -> None:
    assert checked("routing=adaptive", "cast=unicast").wormhole.atomic == 1  # type: ignore[union-attr]
    with pytest.raises(ConfigError, match="routing adaptive with vc_reuse early can stand still"):
        checked("routing=adaptive", "cast=unicast", "vc_reuse=early")


def test_large_networks_are_checked_without_a_loop_over_links() -> None:
    """Loading the description itself makes some 130,000 calls."""
    for settings in (("width=256", "height=256"), ("width=128", "height=128", "topology=torus")):
        checked(*settings, "cast=unicast")  # what is imported and read once
        noc, calls = calls_of(lambda settings=settings: checked(*settings, "cast=unicast"))  # type: ignore[misc]
        assert noc.fabric.routers >= 128**2 and calls < 250_000


def test_fidelities_without_flits_know_no_plan_of_a_plain_mesh() -> None:
    chip = load_chip("altai-256", ["noc.router=queued"])
    assert noc_plan(chip, ALONE, 1) is None
    wormhole = load_chip("altai-256", ["noc.router=wormhole"])
    reuse = [noc_plan(wormhole, sends, 1).wormhole.atomic for sends in (ALONE, ON_TREES)]  # type: ignore[union-attr]
    assert reuse == [0, 1]  # kinds that go on no trees need no whole channels
    for setting in ("routing=yx", "topology=torus", "router=wormhole"):
        assert noc_plan(load_chip("altai-256", [f"noc.{setting}"]), ALONE, 1) is not None


def test_classes_are_in_the_order_of_causes() -> None:
    names = ("", *"abcdefg")
    classes, class_of = classes_of(Kinds(names, {1: {2, 3}, 2: {3}, 3: {4, 5}, 4: {3}, 6: frozenset()}))
    assert classes == 4
    assert class_of.tolist() == [0, 0, 1, 2, 2, 3, 0, 0]
    assert classes_of(ALONE)[0] == 1


def test_too_few_channels_for_the_classes_are_refused() -> None:
    for way, fewest in (("xy", 2), ("dateline", 4)):
        topology = "torus" if way == "dateline" else "mesh"
        settings = ["noc.router=wormhole", "noc.classes=ordered", f"noc.topology={topology}", f"noc.routing={way}"]
        assert noc_plan(load_chip("altai-256", [*settings, f"noc.vcs={fewest}"]), CAUSED, 1) is not None
        with pytest.raises(
            ConfigError, match=f"has 2 ordered classes of messages.*noc.vcs is {fewest - 1}; allowed: from {fewest}"
        ):
            noc_plan(
                load_chip("altai-256", [*settings, f"noc.vcs={fewest - 1}"] + (["noc.vcs=3"] if fewest == 4 else [])),
                CAUSED,
                1,
            )


def test_up_and_down_reaches_everything_on_any_graph_without_a_cycle(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    standing = 0
    for number in range(25):
        routers = int(rng.integers(2, 30))
        order = rng.permutation(routers)
        edges = {tuple(sorted((int(order[i]), int(order[rng.integers(0, i)])))) for i in range(1, routers)}
        edges |= {tuple(sorted(pair)) for pair in rng.integers(0, routers, (routers // 2, 2)).tolist() if pair[0] != pair[1]}
        path = tmp_path / f"{number}.csv"
        path.write_text("".join(f"{a},{b}\n" for a, b in sorted(edges)))
        shortest = dict(nx.all_pairs_shortest_path_length(nx.Graph(sorted(edges))))
        for way in ("updown", "table"):
            noc = noc_spec("graph", way, (routers, 1, 1), edges=str(path))
            fabric = fabric_of(noc)
            R = routing_of(noc, fabric, 1)
            lengths = {(a, b): len(path_of(fabric, R, a, b, 0)) for a in range(routers) for b in range(routers)}
            cycle = find_cycle_large(len(fabric.to) * 2, *dependencies(fabric, R))
            if way == "updown":
                assert cycle is None
                assert all(length >= shortest[a][b] for (a, b), length in lengths.items())
            else:
                assert all(length == shortest[a][b] for (a, b), length in lengths.items())
                standing += cycle is not None
    assert standing > 0

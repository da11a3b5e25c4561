"""Fabrics of every topology: which router is where, what links are like, and which files of edges are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chipsim.config.load import load_chip, load_experiment
from chipsim.errors import ConfigError
from chipsim.noc import mesh_of
from chipsim.noc.fabric import Fabric, fabric_of
from tests.fabrics import DEEP, SIZES, noc_spec
from tests.work import calls_of

LEVEL = {"link_latency": "20 ns", "flit_time": "4 ns", "hop": "30 pJ"}


def joined(fabric: Fabric) -> set[tuple[int, int]]:
    link = np.flatnonzero(fabric.to >= 0)
    return set(zip((link // fabric.ports).tolist(), fabric.to[link].tolist(), strict=True))


@pytest.mark.parametrize("topology", ["mesh", "torus", "ring", "mesh3d", "tree"])
def test_every_link_has_a_way_back(topology: str) -> None:
    for size in SIZES + (DEEP if topology != "mesh" else ()):
        fabric = fabric_of(noc_spec(topology, size=size, arity=3))
        assert len(fabric.to) == fabric.routers * fabric.ports == size[0] * size[1] * size[2] * fabric.ports
        link = np.flatnonzero(fabric.to >= 0)
        there = fabric.to[link] * fabric.ports + fabric.back[link]
        assert (fabric.to[there] == link // fabric.ports).all()
        assert (fabric.back[there] == link % fabric.ports).all()
        assert ((fabric.back >= 0) == (fabric.to >= 0)).all()


@pytest.mark.parametrize("order", ["row", "column"])
def test_a_mesh_is_the_mesh(order: str) -> None:
    for size in SIZES:
        noc = noc_spec("mesh", size=size, tile_order=order)
        mesh, fabric = mesh_of(noc), fabric_of(noc)
        assert [mesh.neighbour(tile, port) for tile in range(mesh.tiles) for port in range(4)] == fabric.to.tolist()
        assert fabric.latency.reshape(-1, 4)[0].tolist() == [3000, 3000, 5000, 5000]


def test_neighbours_differ_by_one_in_one_dimension() -> None:
    for size in DEEP:
        noc = noc_spec("mesh3d", size=size)
        width, height, _ = size
        place = [(r % width, r // width % height, r // width // height) for r in range(noc.tiles)]
        near = {
            (a, b)
            for a, p in enumerate(place)
            for b, q in enumerate(place)
            if sum(abs(i - j) for i, j in zip(p, q, strict=True)) == 1
        }
        assert joined(fabric_of(noc)) == near


def test_ring_and_torus_and_tree_join_whom_they_should() -> None:
    ring = {(a, (a + step) % 6) for a in range(6) for step in (1, -1)}
    assert joined(fabric_of(noc_spec("ring", size=(3, 2, 1)))) == ring
    assert joined(fabric_of(noc_spec("torus", size=(6, 1, 1)))) == ring
    rows = {(3 * y + x, 3 * y + (x + s) % 3) for y in range(4) for x in range(3) for s in (1, -1)}
    columns = {(3 * y + x, 3 * ((y + s) % 4) + x) for y in range(4) for x in range(3) for s in (1, -1)}
    assert joined(fabric_of(noc_spec("torus", size=(3, 4, 1)))) == rows | columns
    down = {(0, 1), (0, 2), (0, 3), (1, 4), (1, 5), (1, 6), (2, 7)}
    assert joined(fabric_of(noc_spec("tree", size=(8, 1, 1), arity=3))) == down | {(b, a) for a, b in down}


def test_a_torus_of_two_has_both_links() -> None:
    assert fabric_of(noc_spec("torus", size=(2, 1, 1))).to.tolist() == [1, 1, -1, -1, 0, 0, -1, -1]


def test_levels_are_where_chips_and_boards_end() -> None:
    levels = [
        {"name": "board", "width": 2, "height": 2} | LEVEL,
        {"name": "rack", "width": 2} | LEVEL | {"link_latency": "90 ns"},
    ]
    fabric = fabric_of(noc_spec("mesh", size=(12, 4, 1), levels=levels))  # chips of 3 x 2
    east, south = fabric.level.reshape(4, 12, 4)[:, :, 0], fabric.level.reshape(4, 12, 4)[:, :, 2]
    assert east.tolist() == [[0, 0, 1, 0, 0, 2, 0, 0, 1, 0, 0, 0]] * 4
    assert south.tolist() == [[0] * 12, [1] * 12, [0] * 12, [0] * 12]
    assert dict(zip(fabric.level.tolist(), fabric.flit_time.tolist(), strict=True)) == {0: 1000, 1: 4000, 2: 4000}
    assert set(fabric.latency[fabric.level == 1].tolist()) == {20_000}
    assert set(fabric.latency[fabric.level == 2].tolist()) == {90_000}
    around = fabric_of(noc_spec("torus", size=(12, 4, 1), levels=levels)).level.reshape(4, 12, 4)
    assert (around[:, 11, 0] == 2).all() and (around[:, 0, 1] == 2).all() and (around[3, :, 2] == 1).all()


def test_levels_must_divide_the_tiles() -> None:
    with pytest.raises(ConfigError, match="2 x 1 chips in all do not divide 3 x 3 tiles"):
        load_chip("altai-256", ["noc.width=3", "noc.height=3", f"noc.levels=[{{name: board, width: 2, {flow(LEVEL)}}}]"])


def flow(mapping: dict[str, str]) -> str:
    return ", ".join(f'{key}: "{value}"' for key, value in mapping.items())


def test_an_unknown_constant_of_a_level_is_named() -> None:
    levels = [{"name": "board", "width": 3} | LEVEL | {"flit_time": None}]
    with pytest.raises(ConfigError, match=r"chip\.noc\.levels\.0\.flit_time, which the chip leaves unknown"):
        fabric_of(noc_spec("mesh", levels=levels))


def test_constants_of_levels_are_constants_of_the_chip() -> None:
    chip = load_chip("altai-256", [f"noc.levels=[{{name: board, width: 2, {flow(LEVEL)}}}]"])
    assert chip.constants()["noc.levels.0.hop"].value == 30
    varied = load_chip("altai-256", [f"noc.levels=[{{name: board, width: 2, {flow(LEVEL)}}}]", "noc.levels.0.hop=7 pJ"])
    assert varied.noc.levels[0].hop.value == 7


def test_edges_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text('a,b,latency,flit_time,level\n\n3,0  # far\n0, 1, "4 ns", "2 ns"\n1,2,,,1\n')
    levels = [{"name": "board"} | LEVEL]
    fabric = fabric_of(noc_spec("graph", size=(2, 2, 1), edges=str(tmp_path / "links.csv"), levels=levels))
    assert fabric.ports == 2
    assert fabric.to.tolist() == [1, 3, 0, 2, 1, -1, 0, -1]  # neighbours in ascending order
    assert fabric.back.tolist() == [0, 0, 0, 0, 1, -1, 1, -1]
    used = fabric.to >= 0
    assert fabric.latency[used].tolist() == [4000, 3000, 4000, 20_000, 20_000, 3000]
    assert fabric.flit_time[used].tolist() == [2000, 1000, 2000, 4000, 4000, 1000]
    assert fabric.level[used].tolist() == [0, 0, 0, 1, 1, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0,1\n1,2", r"1 of 4 routers cannot be reached from router 0, the first is router 3"),
        ("0,1\n1,4", r"links\.csv:2:3: '4' is not a router; allowed: 0 to 3"),
        ("0,1\n1,0", r"links\.csv:2: routers 0 and 1 are joined in line 1 already"),
        ("0,0", r"links\.csv:1: router 0 is joined to itself"),
        ("0,1,5", r"links\.csv:1:5: latency: '5' has no unit"),
        ("0,1,0 ns", r"links\.csv:1:5: latency: found 0 ns; allowed: at least 1 ps"),
        ("0,1,,,1", r"links\.csv:1:7: level '1'; allowed: 0 \(within a chip\) to 0"),
        ("0", r"links\.csv:1: 1 cell;"),
        ("", r"links\.csv: no link in it; allowed: a, b"),
        ("0,1", r"2 of 4 routers cannot be reached from router 0, the first is router 2"),
        ("\x00", r"links\.csv"),
    ],
)
def test_wrong_edges_are_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text(text)
    with pytest.raises(ConfigError, match=said):
        fabric_of(noc_spec("graph", size=(2, 2, 1), edges=str(tmp_path / "links.csv")))


def test_a_missing_file_of_edges_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv"):
        fabric_of(noc_spec("graph", edges=str(tmp_path / "none.csv")))


def test_edges_start_at_the_file_of_the_chip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chips").mkdir()
    (tmp_path / "chips/mine.yaml").write_text("base: altai-256\nnoc: {topology: graph, edges: links.csv}\n")
    monkeypatch.chdir(tmp_path)
    assert load_chip("chips/mine.yaml").noc.edges == str(tmp_path / "chips/links.csv")
    assert load_experiment("text", ["chip=chips/mine.yaml"]).chip.noc.edges == str(tmp_path / "chips/links.csv")
    here = load_experiment("text", ["chip.noc.topology=graph", "chip.noc.edges=links.csv"])
    assert here.chip.noc.edges == str(tmp_path / "links.csv")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["topology=mesh", "depth=2"], "found 2 layers in a mesh; allowed: 1, or topology mesh3d or torus"),
        (["topology=graph"], "no file of edges; allowed: a CSV file"),
        (["topology=ring", "edges=a.csv"], "edges of a ring"),
        (["topology=torus", "routing=odd-even"], "found odd-even on a torus; allowed: torus, xy, dateline, table, updown"),
        (["topology=tree", "routing=xy"], "found xy on a tree; allowed: updown, table, or null for updown"),
        (["topology=torus", "router=wormhole", "vcs=1"], "found 1 with routing torus, which needs two halves; allowed: from 2"),
        (["routing=adaptive", "router=wormhole", "vcs=1"], "needs an escape; allowed: from 2"),
        (["router=wormhole", "vc_reuse=early"], "allowed: atomic or null, or cast unicast"),
        (["router=wormhole", "routing=odd-even"], "odd-even with cast multicast"),
    ],
)
def test_what_does_not_go_together_is_refused(settings: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_chip("altai-256", [f"noc.{setting}" for setting in settings])


def test_a_large_fabric_is_made_without_a_loop_over_routers() -> None:
    fabric, calls = calls_of(lambda: fabric_of(noc_spec("mesh", size=(256, 256, 1))))
    assert fabric.routers == 65536 and calls < 10_000

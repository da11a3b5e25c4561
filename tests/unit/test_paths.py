"""Multicast trees and distances on any topology, against a walk of its own."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.errors import MappingError
from chipsim.noc import Mesh, mesh_of
from chipsim.noc.build import noc_plan
from chipsim.noc.hops import hops
from chipsim.noc.paths import path_entries
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import HERE, next_port
from chipsim.pipeline import plan_mapping
from chipsim.programs.snn.messages import KINDS
from tests.scenarios import small
from tests.topologies import chip_of, topologies

CHIPS = {name: chip_of(settings) for name, settings in topologies().items()}


def built(name: str) -> tuple[NocPlan, Mesh]:
    noc = noc_plan(CHIPS[name], KINDS, 3)
    assert noc is not None
    return noc, mesh_of(CHIPS[name].noc)


def walk(noc: NocPlan, a: int, b: int) -> list[tuple[int, int]]:
    """Routers left and ports taken from tile to tile, with all tie bits 0."""
    steps, tile = [], a
    while (port := int(next_port(noc.routing, tile, b, a, 0))) != HERE:
        steps.append((tile, port))
        tile = int(noc.fabric.to[tile * noc.fabric.ports + port])
    assert tile == b
    return steps


@pytest.mark.parametrize("name", CHIPS)
def test_trees_reach_each_core_once(name: str) -> None:
    noc, mesh = built(name)
    fabric, draw = noc.fabric, np.random.default_rng(1)
    readers = [np.sort(draw.choice(mesh.cores, draw.integers(1, 12), replace=False)) for _ in range(40)]
    homes = draw.integers(0, mesh.cores, len(readers))
    size = [len(cores) for cores in readers]
    entries = path_entries(np.repeat(np.arange(40), size), np.repeat(homes, size), np.concatenate(readers), mesh, noc)
    assert np.array_equal(entries, entries[np.lexsort((entries[:, 1], entries[:, 0]))])
    for tree, (home, cores) in enumerate(zip(homes.tolist(), readers, strict=True)):
        mask = {tile: m for t, tile, m in entries.tolist() if t == tree}
        assert len(mask) == sum(t == tree for t in entries[:, 0])
        seen, reached, todo = set(), [], [home // mesh.concentration]
        while todo:
            tile = todo.pop()
            assert tile not in seen
            seen.add(tile)
            todo += [int(fabric.to[tile * fabric.ports + p]) for p in range(fabric.ports) if mask[tile] >> p & 1]
            reached += [
                tile * mesh.concentration + c for c in range(mesh.concentration) if mask[tile] >> (fabric.ports + c) & 1
            ]
        assert sorted(reached) == cores.tolist() and seen == set(mask)
        paths = {step for core in cores.tolist() for step in walk(noc, home // mesh.concentration, core // mesh.concentration)}
        links = {(tile, p) for tile, m in mask.items() for p in range(fabric.ports) if m >> p & 1}
        assert links <= paths
        if name not in ("graph", "shortest ways"):  # the paths of a table may meet again, and a tree leaves one of the two out
            assert links == paths


@pytest.mark.parametrize("name", CHIPS)
def test_hops_are_those_of_the_way(name: str) -> None:
    noc, mesh = built(name)
    a, b = (side.ravel() for side in np.meshgrid(np.arange(mesh.tiles), np.arange(mesh.tiles)))
    along, other = hops(mesh, noc, a, b)
    for i, (start, end) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        ports = [port for _, port in walk(noc, start, end)]
        east_west = sum(port < 2 for port in ports) if name not in ("tree", "graph") else len(ports)
        assert (along[i], other[i]) == (east_west, len(ports) - east_west)


def test_no_path_is_a_message() -> None:
    noc, mesh = built("tree")
    table = noc.routing.table.copy()
    table[5] = -1  # from the root to tile 5
    cut = NocPlan(noc.fabric, noc.routing._replace(table=table))
    one = np.array([0])
    with pytest.raises(MappingError, match="no way leads from router 0 to router 5"):
        path_entries(one, one, np.array([5]), mesh, cut)


@pytest.mark.parametrize("match", ["associative", "keyed"])
def test_a_mapping_is_told_in_hops_of_its_topology(match: str) -> None:
    """Neurons strewn over eight tiles: nearer to each other on a ring than in a row."""
    spread = ("mapping.partitioner=random", "mapping.placer=random")
    settings = ("chip.noc.cast=unicast", f"workload.match={match}", *spread, *topologies()["ring"])
    mapping = plan_mapping(small(*settings)).summary["mapping"]
    plain = plan_mapping(small(*settings, "chip.noc.topology=mesh")).summary["mapping"]
    assert mapping["tree_hops_per_reading"] is None
    assert 0 < mapping["mean_hops"] < plain["mean_hops"]
    if match == "keyed":
        every = np.minimum(np.arange(8), 8 - np.arange(8)).mean()
        assert mapping["mean_hops"] == pytest.approx(every)

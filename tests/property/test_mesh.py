"""Meshes numbered by rows or by columns: places, distances, ways and multicast trees, against walks tile by tile."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chipsim.noc import PORTS, Mesh
from chipsim.noc.paths import path_entries
from chipsim.noc.xy import LOCAL, LOCAL_BIT, previous_tile, xy_port, xy_step, xy_uses
from nsn_mapping.place.placement import core_distances, weighted_hops

side = st.integers(1, 9)
meshes = st.builds(Mesh, side, side, st.integers(1, 3), st.booleans())


@st.composite
def two_tiles(draw: st.DrawFn) -> tuple[Mesh, int, int]:
    mesh = draw(meshes)
    tile = st.integers(0, mesh.tiles - 1)
    return mesh, draw(tile), draw(tile)


@given(meshes)
def test_places_and_numbers_are_one_to_one(mesh: Mesh) -> None:
    places = [mesh.xy(tile) for tile in range(mesh.tiles)]
    assert [mesh.tile_at(x, y) for x, y in places] == list(range(mesh.tiles))
    assert sorted(places) == sorted((x, y) for x in range(mesh.width) for y in range(mesh.height))
    x, y = mesh.xy(np.arange(mesh.tiles))
    assert list(zip(x.tolist(), y.tolist(), strict=True)) == places
    assert mesh.tile_at(x, y).tolist() == list(range(mesh.tiles))
    # by rows, the next number is further east; by columns, further south
    if mesh.tiles > 1:
        step = (places[1][0] - places[0][0], places[1][1] - places[0][1])
        down = mesh.height > 1 if mesh.column else mesh.width == 1
        assert step == ((0, 1) if down else (1, 0))


@given(two_tiles())
def test_columns_are_the_rows_of_the_mesh_turned_over(case: tuple[Mesh, int, int]) -> None:
    mesh, a, b = case
    turned = Mesh(mesh.height, mesh.width, mesh.concentration, not mesh.column)
    assert mesh.xy(a) == turned.xy(a)[::-1]
    assert mesh.distance(a, b) == turned.distance(a, b) == int(mesh.distance(np.array([a]), np.array([b]))[0])
    swapped = (2, 3, 0, 1)  # east is turned into south, west into north
    assert [mesh.neighbour(a, port) for port in range(PORTS)] == [turned.neighbour(a, port) for port in swapped]
    every = np.arange(PORTS)
    assert mesh.neighbours(np.full(PORTS, a), every).tolist() == [mesh.neighbour(a, port) for port in range(PORTS)]


def walk(mesh: Mesh, a: int, b: int) -> list[tuple[int, int]]:
    """(tile, port) of the way from a to b, first along x, found without the kernels."""
    (x, y), (to_x, to_y) = mesh.xy(a), mesh.xy(b)
    way = []
    while (x, y) != (to_x, to_y):
        port = (0 if to_x > x else 1) if x != to_x else (2 if to_y > y else 3)
        way.append((mesh.tile_at(x, y), port))
        x, y = mesh.xy(mesh.neighbour(mesh.tile_at(x, y), port))
    return way


@given(two_tiles())
def test_ways_go_along_x_first(case: tuple[Mesh, int, int]) -> None:
    mesh, a, b = case
    shape = mesh.width, mesh.height, int(mesh.column)
    way = walk(mesh, a, b)
    assert len(way) == mesh.distance(a, b)
    tile, before = a, -1
    for here, port in way:
        assert (tile, xy_port(tile, b, *shape)) == (here, port)
        assert previous_tile(a, tile, *shape) == before
        tile, before = xy_step(tile, port, *shape), tile
    assert tile == b and xy_port(b, b, *shape) == LOCAL and previous_tile(a, b, *shape) == before
    used = {(t, p) for t in range(mesh.tiles) for p in range(PORTS) if xy_uses(a, b, t, p, *shape)}
    assert used == set(way)


@given(two_tiles(), st.data())
def test_trees_are_unions_of_ways(case: tuple[Mesh, int, int], data: st.DataObject) -> None:
    mesh = case[0]
    core = st.integers(0, mesh.cores - 1)
    trees = data.draw(st.lists(st.tuples(core, st.lists(core, min_size=1, max_size=5, unique=True)), max_size=4))
    expected = []
    for number, (home, readers) in enumerate(trees):
        masks = {home // mesh.concentration: 0}
        for reader in readers:
            leaf = reader // mesh.concentration
            for tile, port in walk(mesh, home // mesh.concentration, leaf):
                masks[tile] = masks.get(tile, 0) | 1 << port
            masks[leaf] = masks.get(leaf, 0) | 1 << (LOCAL_BIT + reader % mesh.concentration)
        expected += [[number, tile, masks[tile]] for tile in sorted(masks)]
    flat = [(number, home, reader) for number, (home, readers) in enumerate(trees) for reader in readers]
    columns = np.array(flat, np.int64).reshape(-1, 3).T
    assert path_entries(*columns, mesh).tolist() == expected


@given(two_tiles(), st.lists(st.integers(0, 1000), min_size=1, max_size=6))
def test_weighted_hops_are_sums_of_distances(case: tuple[Mesh, int, int], weights: list[int]) -> None:
    mesh = case[0]
    cores = (np.arange(len(weights)) * 7919 + case[1]) % mesh.cores
    every = core_distances(mesh, np.arange(mesh.cores, dtype=np.int32))
    assert weighted_hops(mesh, cores, np.array(weights)).tolist() == (every[:, cores] @ np.array(weights)).tolist()

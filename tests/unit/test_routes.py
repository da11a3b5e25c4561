"""Keys, trees and router tables of a mapping, against walks and counts of their own; every planted fault is found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from chipsim import jit
from chipsim.errors import MappingError
from chipsim.noc import Mesh
from chipsim.noc.paths import path_entries
from nsn_mapping.check.routes import check_routes
from nsn_mapping.hypergraph import Hypergraph, build_hypergraph, from_graph
from nsn_mapping.routes import compress, covering, keys, tables
from nsn_mapping.routes.keys import allocate_keys
from nsn_mapping.routes.multicast import STRAIGHT, count_entries, lay_entries, reached_cores
from nsn_mapping.routes.report import refuse_large_tables, table_report
from nsn_mapping.routes.tables import Tables, build_tables
from tests.folders import MAPPING

Ints = npt.NDArray[np.int64]
MESHES = (Mesh(5, 4), Mesh(3, 6, 2, column=True), Mesh(1, 7, 3), Mesh(1, 1, 4))


def random_case(seed: int, mesh: Mesh, vertices: int = 200, nets: int = 250) -> tuple[Hypergraph, npt.NDArray[np.int32]]:
    """Nets of any size, some without a source, some without pins, on cores drawn at random."""
    draw = np.random.default_rng(seed)
    size = np.minimum(draw.geometric(0.2, nets) - 1, vertices)
    pins = [np.sort(draw.choice(vertices, k, replace=False)) for k in size]
    source = np.where(draw.random(nets) < 0.1, -1, draw.integers(0, vertices, nets))
    start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    flat = np.concatenate([np.zeros(0, np.int64), *pins]).astype(np.int32)
    h = build_hypergraph(vertices, start, flat, source.astype(np.int32), draw.integers(0, 9, nets))
    return h, draw.integers(0, mesh.cores, vertices).astype(np.int32)


@cache
def reference(name: str, side: int) -> tuple[Hypergraph, npt.NDArray[np.int32], Mesh]:
    """A reference graph, cores filled in the order of its neurons."""
    with np.load(MAPPING / f"{name}.npz") as file:
        h = from_graph(file["indptr"], file["targets"], file["spikes"])
    mesh = Mesh(side, side)
    return h, (np.arange(len(h)) * mesh.cores // len(h)).astype(np.int32), mesh


# --- keys and trees


@pytest.mark.parametrize("mesh", MESHES, ids=str)
def test_keys_are_in_the_block_of_their_core(mesh: Mesh) -> None:
    h, core = random_case(1, mesh)
    reached = reached_cores(h, core, mesh)
    given = allocate_keys(reached, mesh)
    routed = [n for n in range(h.edges) if h.source[n] >= 0 and h.pin_start[n] < h.pin_start[n + 1]]
    assert sorted(given.order.tolist()) == routed and len(set(given.key[routed].tolist())) == len(routed)
    assert np.all(np.diff(given.key[given.order]) > 0) and given.key[given.order[-1]] < 1 << given.bits
    blocks = set()
    for net in routed:
        home = int(core[h.source[net]])
        low, size = int(given.core_start[home]), 1 << int(given.core_bits[home])
        assert low <= given.key[net] < low + size and low % size == 0
        blocks.add((low, low + size))
    ends = sorted(blocks)
    assert all(a[1] <= b[0] for a, b in pairwise(ends))
    assert np.all(np.delete(given.key, routed) == -1)


@pytest.mark.parametrize("mesh", MESHES, ids=str)
def test_nets_of_one_tree_have_keys_side_by_side(mesh: Mesh) -> None:
    h, core = random_case(2, mesh, vertices=30, nets=400)
    given = allocate_keys(reached_cores(h, core, mesh), mesh)
    trees = [
        (int(core[h.source[n]]), frozenset(core[h.pins[h.pin_start[n] : h.pin_start[n + 1]]].tolist())) for n in given.order
    ]
    parts = 1 + sum(a != b for a, b in pairwise(trees))
    assert parts == len(set(trees)) < len(trees)


@pytest.mark.parametrize("mesh", MESHES, ids=str)
def test_entries_before_compression_are_those_of_the_engine(mesh: Mesh) -> None:
    h, core = random_case(3, mesh)
    reached = reached_cores(h, core, mesh)
    given = allocate_keys(reached, mesh)
    used = count_entries(reached, given.order, mesh)
    entries = lay_entries(reached, given.order, given.key, used, 0, mesh.tiles, mesh)
    size = np.diff(reached.start)[given.order]
    at = np.concatenate([np.arange(reached.start[n], reached.start[n + 1]) for n in given.order])
    home = np.repeat(reached.home[given.order], size).astype(np.int64)
    tree, tile, mask = path_entries(np.repeat(np.arange(len(size)), size), home, reached.cores[at].astype(np.int64), mesh).T
    order = np.lexsort((tree, tile))
    assert np.array_equal(used, np.bincount(tile, minlength=mesh.tiles))
    assert np.array_equal(entries.key, given.key[given.order][tree[order]])
    assert np.array_equal(entries.route & ~(1 << STRAIGHT), mask[order])


def test_a_way_straight_on_needs_no_entry() -> None:
    h = build_hypergraph(2, np.array([0, 1]), np.array([1], np.int32), np.array([0], np.int32), np.array([1]))
    made = build_tables(h, np.array([0, 4], np.int32), Mesh(5, 1))
    assert made.used.tolist() == [1] * 5 and made.compressed.tolist() == [1, 0, 0, 0, 1]
    check_routes(h, np.array([0, 4], np.int32), Mesh(5, 1), made.keys.key, made)


# --- compression


def fewest(rows: list[tuple[int, int, bool]], bits: int, inherited: int) -> int:
    """Fewest prefixes for (key, route, straight) rows below a node of the trie whose keys have so many free bits; by trying all."""
    if not rows:
        return 0
    if bits == 0:
        keep = rows[0][2] if inherited < 0 else rows[0][1] == inherited
        return 0 if keep else 1

    def below(route: int) -> int:
        half = 1 << (bits - 1)
        return sum(fewest([row for row in rows if bool(row[0] & half) == one], bits - 1, route) for one in (False, True))

    return min(below(inherited), 1 + min(below(route) for _, route, _ in rows))


def first_match(key: int, table: list[tuple[int, int, int]]) -> int:
    return next((route for value, mask, route in table if key & mask == value), -1)


def random_rows(seed: int, bits: int, routes: int) -> list[tuple[int, int, bool]]:
    draw = np.random.default_rng(seed)
    chosen = np.sort(draw.choice(1 << bits, draw.integers(1, (1 << bits) + 1), replace=False))
    return [(int(key), 1 << int(draw.integers(0, routes)), bool(draw.random() < 0.3)) for key in chosen]


def scratch(entries: int, bits: int) -> list[Ints]:
    sizes = (2 * entries * compress.NODE, entries * (bits + 1), 4 * bits + 8, 2 * entries + 1, *[entries] * 4)
    return [np.zeros(size, np.int64) for size in sizes]


def as_arrays(rows: list[tuple[int, int, bool]]) -> tuple[Ints, Ints]:
    key = np.array([row[0] for row in rows], np.int64)
    return key, np.array([row[1] | (1 << STRAIGHT if row[2] else 0) for row in rows], np.int64)


@pytest.mark.parametrize("seed", range(40))
def test_no_table_of_prefixes_is_shorter(seed: int) -> None:
    bits = 4
    rows = random_rows(seed, bits, 3)
    key, route = as_arrays(rows)
    trie, routes, stack, table, *found = scratch(len(rows), bits)
    root = compress.grow(0, len(rows), key, route, trie, routes, stack)
    count = compress.choose(root, (1 << bits) - 1, trie, routes, stack, *found)
    assert count == fewest(rows, bits, -1)
    assert trie[root * compress.NODE + compress.BARE] == count
    assert compress.pair(count, bits, *found, table) <= count


def minimised(rows: list[tuple[int, int, bool]], bits: int) -> list[tuple[int, int, int]]:
    key, route = as_arrays(rows)
    start, ends = np.zeros(2, np.int64), np.array([0, len(rows)], np.int64)
    out = compress.Rows(*(np.zeros(len(rows), np.int64) for _ in range(4)))
    more = scratch(len(rows), bits)
    compress.minimise(bits, ends, key, route, compress.Room(*more[:4]), compress.Rows(*more[4:]), start, out)
    return list(zip(*(column[: start[1]].tolist() for column in out[:3]), strict=True))


def covered(
    table: list[tuple[int, int, int]], rows: list[tuple[int, int, bool]], bits: int, target: int
) -> list[tuple[int, int, int]]:
    key, route = as_arrays(rows)
    columns = [np.array(column, np.int64) for column in zip(*table, strict=True)]
    more = [np.zeros(max(len(rows), len(table)), np.int64) for _ in range(3)]
    rules, wanted = covering.Rules(*columns, more[0]), covering.Wanted(key, route, *more[1:])
    left = covering.cover(len(table), target, bits, rules, 0, len(rows), wanted, np.array([10**9]))
    return list(zip(*(column[:left].tolist() for column in columns), strict=True))


@pytest.mark.parametrize("seed", range(40))
def test_tables_route_every_key_as_before(seed: int) -> None:
    bits = 6
    rows = random_rows(seed, bits, 4)
    table = minimised(rows, bits)
    shorter = covered(table, rows, bits, 0) if table else []
    assert len(shorter) <= len(table) <= sum(not straight for _, _, straight in rows)
    for entries in (table, shorter):
        for key, route, straight in rows:
            assert first_match(key, entries) == route or (straight and first_match(key, entries) == -1)


def test_covering_merges_what_no_prefix_joins() -> None:
    """Even keys go one way, odd ones another: prefixes need an entry each, two entries do."""
    rows = [(key, 1 + key % 2, False) for key in (0, 1, 2, 3, 4, 5, 6, 7)]
    apart = [(key, 7, route) for key, route, _ in rows]
    assert fewest(rows, 3, -1) == 5
    assert len(covered(apart, rows, 3, 0)) == 2
    assert 2 < len(covered(apart, rows, 3, 5)) <= 5  # no further than asked


def test_covering_takes_no_key_from_an_entry_behind() -> None:
    """Keys 0 and 3 go one way; their merge would match 1, which goes straight on, and 2, which goes elsewhere."""
    rows = [(0, 1, False), (1, 4, True), (2, 2, False), (3, 1, False)]
    table = covered([(0, 3, 1), (2, 3, 2), (3, 3, 1)], rows, 2, 0)
    assert len(table) == 3


def test_compiled_kernels_give_the_same() -> None:
    mesh, bits = Mesh(5, 4, 2), 9
    rows = random_rows(5, bits, 6)
    key, route = as_arrays(rows)
    plain = minimised(rows, bits)
    start, ends = np.zeros(2, np.int64), np.array([0, len(rows)], np.int64)
    out = compress.Rows(*(np.zeros(len(rows), np.int64) for _ in range(4)))
    kernel, room = jit.load("nsn_mapping.routes.compress", entries=("minimise",)).minimise, scratch(len(rows), bits)
    kernel(bits, ends, key, route, compress.Room(*room[:4]), compress.Rows(*room[4:]), start, out)
    assert plain == list(zip(*(column[: start[1]].tolist() for column in out[:3]), strict=True))
    columns = [np.array(column, np.int64) for column in zip(*plain, strict=True)]
    more = [np.zeros(len(rows), np.int64) for _ in range(3)]
    kernel = jit.load("nsn_mapping.routes.covering", entries=("cover",)).cover
    rules, wanted = covering.Rules(*columns, more[0]), covering.Wanted(key, route, *more[1:])
    left = kernel(len(plain), 0, bits, rules, 0, len(rows), wanted, np.array([10**9]))
    assert covered(plain, rows, bits, 0) == list(zip(*(column[:left].tolist() for column in columns), strict=True))
    reached = reached_cores(*random_case(6, mesh), mesh)
    compiled = allocate_keys(reached, mesh)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jit, "load", lambda name, **_: keys)
        assert np.array_equal(allocate_keys(reached, mesh).order, compiled.order)


def test_tables_do_not_depend_on_how_many_routers_are_made_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = Mesh(6, 5)
    h, core = random_case(7, mesh, vertices=400, nets=600)
    at_once = build_tables(h, core, mesh, 0)
    monkeypatch.setattr(tables, "AT_ONCE", 500)
    again = build_tables(h, core, mesh, 0)
    for name in ("used", "start", "key", "mask", "route"):
        assert np.array_equal(getattr(at_once, name), getattr(again, name))


@pytest.mark.parametrize(("name", "side", "share", "covered_share"), [("nsnT48k", 10, 0.16, 0.13), ("sw30k", 8, 0.25, 0.23)])
def test_reference_graphs(name: str, side: int, share: float, covered_share: float) -> None:
    """Tables in the order of creation, the worst that anyone would use, and a walk of every hundredth net."""
    h, core, mesh = reference(name, side)
    made = build_tables(h, core, mesh)
    assert made.compressed.sum() < share * made.used.sum()
    check_routes(h, core, mesh, made.keys.key, made, nets=np.arange(0, h.edges, 100))
    if name == "nsnT48k":
        further = build_tables(h, core, mesh, 1024)
        assert made.compressed.max() > 1024 >= further.compressed.max()
        check_routes(h, core, mesh, further.keys.key, further, 1024, np.arange(0, h.edges, 100))


# --- limits


def test_tables_that_do_not_fit_are_refused() -> None:
    mesh = Mesh(4, 4)
    h, core = random_case(8, mesh)
    report = table_report(h, core, mesh)
    refuse_large_tables(report)
    fullest = int(report.compressed.max())
    refuse_large_tables(replace(report, allowed=fullest))
    with pytest.raises(
        MappingError, match=rf"router {report.compressed.argmax()} needs {fullest} table entries .* allowed {fullest - 1} "
    ):
        refuse_large_tables(replace(report, allowed=fullest - 1))
    tight = table_report(h, core, mesh, 3)
    assert tight.resource()["fullest_core"] < fullest and tight.resource()["all_allowed"] == 48
    assert tight.resource()["all_uncompressed"] == int(tight.used.sum())
    with pytest.raises(MappingError, match=r"chip\.noc\.table_entries"):
        refuse_large_tables(tight)


def test_mappings_beyond_the_chip_are_refused() -> None:
    h, core = random_case(9, Mesh(4, 4))
    with pytest.raises(MappingError, match=r"neuron \d+ is on core \d+, allowed are 0\.\.3"):
        build_tables(h, core, Mesh(2, 2))
    with pytest.raises(MappingError, match="60 cores per tile"):
        build_tables(h, core, Mesh(2, 2, 60))
    with pytest.raises(MappingError, match="10 cores for 200 neurons"):
        build_tables(h, core[:10], Mesh(4, 4))


# --- the checker

E, W, S, N, HERE = 1, 2, 4, 8, 16


@dataclass(frozen=True)
class Planted:
    start: Ints
    key: Ints
    mask: Ints
    route: Ints


def planted(*entries: tuple[int, int]) -> Planted:
    """Tables of a 3 x 3 mesh that match all keys: (router, route)."""
    router = np.array([row[0] for row in entries], np.int64)
    start = np.searchsorted(router, np.arange(10)).astype(np.int64)
    zero = np.zeros(len(entries), np.int64)
    return Planted(start, zero, zero, np.array([row[1] for row in entries], np.int64))


GOOD = ((0, E), (2, S | HERE), (8, HERE))
"""From core 0 east to core 2 and on, south, to core 8; what lies between goes straight on."""

FAULTS = {
    "does not reach core 2, which reads it": ((0, E), (2, S), (8, HERE)),
    "does not reach core 8": ((0, E), (2, S | HERE), (5, HERE), (8, HERE)),
    "reaches core 5, where nobody reads it": ((0, E), (2, S | HERE), (5, S | HERE), (8, HERE)),
    "goes in a circle through router 0": ((0, E), (2, S | HERE), (5, W), (3, N), (8, HERE)),
    "reaches router 4 twice": ((0, E | S), (1, E | S), (2, S | HERE), (3, E), (4, HERE), (8, HERE)),
    "leaves the chip at router 2, to the east": ((0, E), (8, HERE)),
    "leaves the chip at router 8, to the south": ((0, E), (2, S | HERE), (8, HERE | S)),
    "finds no entry in its own router 0": ((2, S | HERE), (8, HERE)),
    "takes the route 0x30 at router 8": ((0, E), (2, S | HERE), (8, HERE | 32)),
}


def one_net() -> tuple[Hypergraph, npt.NDArray[np.int32], Mesh, Ints]:
    h = build_hypergraph(3, np.array([0, 2]), np.array([1, 2], np.int32), np.array([0], np.int32), np.array([1]))
    return h, np.array([0, 2, 8], np.int32), Mesh(3, 3), np.array([5], np.int64)


def test_a_walk_by_hand() -> None:
    check_routes(*one_net(), planted(*GOOD), 1)


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found(fault: str) -> None:
    with pytest.raises(MappingError, match=fault):
        check_routes(*one_net(), planted(*sorted(FAULTS[fault])))


def test_planted_tables_and_keys_are_found() -> None:
    h, core, mesh, key = one_net()
    with pytest.raises(MappingError, match="router 2 holds 2 table entries, allowed are 1"):
        check_routes(h, core, mesh, key, planted((0, E), (2, S | HERE), (2, E), (8, HERE)), 1)
    with pytest.raises(MappingError, match="net 0 of neuron 0 has no key"):
        check_routes(h, core, mesh, np.array([-1]), planted(*GOOD))
    with pytest.raises(MappingError, match="tables of 9 routers, the chip has 12"):
        check_routes(h, core, Mesh(4, 3), key, planted(*GOOD))
    twice = build_hypergraph(
        3, np.array([0, 2, 3]), np.array([1, 2, 1], np.int32), np.array([0, 1], np.int32), np.array([1, 1])
    )
    with pytest.raises(MappingError, match="nets 0 and 1 share the key 5"):
        check_routes(twice, core, mesh, np.array([5, 5]), planted(*GOOD))


def test_the_order_of_entries_counts() -> None:
    """An entry for all keys before the exception hides it."""
    h, core, mesh, key = one_net()
    exact = Planted(
        np.array([0, 2, 2, 3, 3, 3, 3, 3, 3, 4]),
        np.array([5, 0, 0, 0]),
        np.array([7, 0, 0, 0]),
        np.array([E, S, S | HERE, HERE]),
    )
    check_routes(h, core, mesh, key, exact)
    swapped = replace(exact, key=np.array([0, 5, 0, 0]), mask=np.array([0, 7, 0, 0]), route=np.array([S, E, S | HERE, HERE]))
    with pytest.raises(MappingError, match=r"leaves the chip at router 6|does not reach core 2"):
        check_routes(h, core, mesh, key, swapped)


@pytest.mark.parametrize("seed", range(8))
def test_damaged_tables_are_found(seed: int) -> None:
    """One entry of real tables loses or gains a bit of its route."""
    mesh = Mesh(5, 4, 2)
    h, core = random_case(seed, mesh)
    made = build_tables(h, core, mesh)
    check_routes(h, core, mesh, made.keys.key, made)
    draw = np.random.default_rng(seed)
    for _ in range(5):
        route = made.route.copy()
        at = int(draw.integers(0, len(route)))
        route[at] ^= 1 << int(draw.integers(0, 6))
        damaged: Tables = replace(made, route=route)
        with pytest.raises(MappingError, match="routes: the packet of net"):
            check_routes(h, core, mesh, made.keys.key, damaged)

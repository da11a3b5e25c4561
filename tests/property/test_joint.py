"""Joint refinement: every change of the cost is what a recount gives, limits hold at every step, and nothing gets worse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim import jit
from chipsim.errors import MappingError
from chipsim.noc import Mesh
from nsn_mapping.evaluate import evaluate
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph, build_hypergraph, plain_caps
from nsn_mapping.partition import pins
from nsn_mapping.place import heatbath, joint, moves
from nsn_mapping.place.joint import placed_cost, refine_placed
from nsn_mapping.place.sites import Sites, mesh_sites, metric
from nsn_mapping.xorshift import new_state

MESH = Mesh(4, 3, 2)


def random_graph(seed: int, n: int) -> Hypergraph:
    """Nets of few and of many pins, with sources that read themselves, and without source."""
    draws = np.random.default_rng(seed)
    sizes = np.where(draws.random(2 * n) < 0.1, draws.integers(1, n, 2 * n), draws.integers(1, 5, 2 * n))
    read = [np.sort(draws.permutation(n)[:size]) for size in sizes]
    start = np.cumsum([0, *map(len, read)])
    source = draws.integers(-1, n, 2 * n).astype(np.int32)
    return build_hypergraph(n, start, np.concatenate(read).astype(np.int32), source, draws.integers(0, 9, 2 * n))


def plain_cost(h: Hypergraph, sites: Sites, site: np.ndarray, packet: int, local: int) -> int:
    """The placed cost from its definition."""
    D, cost = metric(sites), 0
    for e in range(h.edges):
        if h.source[e] >= 0:
            home = site[h.source[e]]
            for c in set(site[h.pins[h.pin_start[e] : h.pin_start[e + 1]]].tolist()):
                far = (
                    D.table[D.tile[home] * D.side[0] + D.tile[c]]
                    if len(D.table)
                    else abs(D.x[home] - D.x[c]) + abs(D.y[home] - D.y[c])
                )
                cost += int(h.weight[e]) * (local if c == home else int(far) + packet)
    return cost


def used(h: Hypergraph, caps: Caps, core: np.ndarray, cores: int) -> dict[str, int]:
    """The largest use of every limit, from its definition."""
    axons, entries = np.zeros(cores, np.int64), np.zeros(cores, np.int64)
    bits = np.bincount(core, weights=caps.own_bits, minlength=cores).astype(np.int64)
    for e in range(h.edges):
        reached = np.unique(core[h.pins[h.pin_start[e] : h.pin_start[e + 1]]])
        axons[reached] += 1
        if h.source[e] >= 0:
            entries[core[h.source[e]]] += len(reached)
    bits += axons * caps.axon_bits + entries * caps.forward_bits
    return {
        "neurons": int(np.bincount(core).max()),
        "axons": int(axons.max()),
        "bits": int(bits.max()),
        "entries": int(entries.max()),
    }


def stretched(mesh: Mesh) -> Sites:
    sites = mesh_sites(mesh, np.flatnonzero(np.arange(mesh.cores) % 7 != 3).astype(np.int32))
    return Sites(
        sites.core, sites.x, sites.y, sites.along_x * 2 + (sites.along_x > 1), sites.along_y * 3, sites.table, sites.tile
    )


def tabled(mesh: Mesh) -> Sites:
    """A torus, whose distances are looked up."""
    sites = mesh_sites(mesh)
    x, y = mesh.xy(np.arange(mesh.tiles))
    dx, dy = np.abs(x[:, None] - x), np.abs(y[:, None] - y)
    table = np.minimum(dx, mesh.width - dx) + np.minimum(dy, mesh.height - dy)
    return Sites(sites.core, sites.x, sites.y, sites.along_x, sites.along_y, table, sites.tile)


@given(st.integers(0, 10_000), st.sampled_from([(0, 0), (3, 0), (5, 5), (2, 7)]), st.booleans())
def test_rises_are_those_of_a_recount(seed: int, prices: tuple[int, int], torus: bool) -> None:
    h, sites = random_graph(seed, 24), tabled(MESH) if torus else stretched(MESH)
    draws, caps = np.random.default_rng(seed), plain_caps(24, 24)
    nets, parts = pins.as_nets(h, caps), pins.empty_parts(pins.as_nets(h, caps), caps, len(sites))
    pins.count(nets, parts, draws.integers(0, len(sites), 24).astype(np.int32))
    D, board = metric(sites), joint._board(sites, *prices)
    packet = board.near.packet
    for v, b in draws.integers(0, [24, len(sites)], (12, 2)).tolist():
        before = plain_cost(h, sites, parts.part, *prices)
        assert moves.placed_cost(nets, parts, D, packet) == placed_cost(h, sites.core[parts.part], sites, *prices) == before
        rise = moves.rise_of(nets, parts, D, packet, v, b) if b != parts.part[v] else 0
        if not torus:  # the look at all cores at once says the same of each
            heatbath.look(nets, parts, board.lines, packet, v)
            here = heatbath.cost_at(board.lines, parts.part[v])
            assert heatbath.cost_at(board.lines, b) - here == rise
        if b != parts.part[v]:
            pins.move(nets, parts, v, b)
        assert plain_cost(h, sites, parts.part, *prices) - before == rise


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(0, 3), st.sampled_from(["mesh", "holes", "torus"]))
def test_limits_hold_and_nothing_gets_worse(seed: int, tight: int, kind: str) -> None:
    n = 60
    h, sites = random_graph(seed, n), {"mesh": mesh_sites(MESH), "holes": stretched(MESH), "torus": tabled(MESH)}[kind]
    draws = np.random.default_rng(seed)
    core = sites.core[np.arange(n) % len(sites)][draws.permutation(n)]
    own = draws.integers(1, 20, n)
    free = Caps(n, own, axon_bits=3, forward_bits=2)
    most = used(h, free, core, MESH.cores)
    caps = Caps(
        most["neurons"] + (tight == 3),
        own,
        most["axons"] if tight else NO_LIMIT,
        most["bits"] if tight > 1 else NO_LIMIT,
        most["entries"] if tight > 1 else NO_LIMIT,
        3,
        2,
    )
    refined = refine_placed(h, caps, core, sites, seed, effort=0.05)
    after = used(h, caps, refined, MESH.cores)
    assert all(after[name] <= getattr(caps, name) for name in after)
    assert np.isin(refined, sites.core).all()
    assert placed_cost(h, refined, sites) <= placed_cost(h, core, sites)
    assert (refine_placed(h, caps, core, sites, seed, effort=0.05) == refined).all()


def test_refinement_finds_shorter_ways_and_a_price_per_packet_keeps_packets_few() -> None:
    mesh, n = Mesh(5, 5), 1200
    draws = np.random.default_rng(5)
    reads = [np.unique((v + draws.integers(-20, 21, 6)) % n) for v in range(n)]
    h = build_hypergraph(
        n,
        np.cumsum([0, *map(len, reads)]),
        np.concatenate(reads).astype(np.int32),
        np.arange(n, dtype=np.int32),
        np.full(n, 10),
    )
    caps, core = plain_caps(n, 52), draws.permutation(25)[np.arange(n) // 48].astype(np.int32)
    before = evaluate(h, core, mesh)
    plain, dear = (evaluate(h, refine_placed(h, caps, core, mesh, 1, packet=packet), mesh) for packet in (0, 20))
    assert plain.hops < 0.8 * before.hops and plain.largest_core <= 52
    assert dear.packets < plain.packets and dear.hops < before.hops


def test_compiled_search_is_that_of_plain_python() -> None:
    h, sites, caps = random_graph(8, 40), mesh_sites(MESH), plain_caps(40, 3)
    start, found = (np.arange(40) % len(sites)).astype(np.int32), []
    names_of = {heatbath: ("heat_moves", "set_prices"), moves: ("anneal_moves",)}
    compiled = [jit.load(module.__name__, entries=names) for module, names in names_of.items()]
    for bath, swaps in ((heatbath, moves), compiled):
        nets, board = pins.as_nets(h, caps), joint._board(sites, 1)
        parts = pins.empty_parts(nets, caps, len(sites))
        pins.count(nets, parts, start)
        members, state = joint._members(nets, parts, caps, board, swaps=True), new_state(5)
        order = np.arange(40, dtype=np.int32)
        risen = [
            bath.heat_moves(nets, parts, members, board.metric, board.near, board.lines, order, state, heat, at_end)
            for heat, at_end in ((30.0, 0), (10.0, 0), (0.0, 1))
        ]
        bath.set_prices(parts, board.lines, 1, 2.5)
        risen.append(swaps.anneal_moves(nets, parts, members, board.metric, board.near, state, joint.coldness(), 500, 20.0))
        found.append((risen, parts.part.tolist(), board.lines.price.tolist()))
    assert found[0] == found[1]


def test_what_cannot_be_refined_is_refused() -> None:
    h = random_graph(9, 12)
    with pytest.raises(MappingError, match="core 2: 12 neurons"):
        refine_placed(h, plain_caps(12, 11), np.full(12, 2), MESH, 1)
    with pytest.raises(MappingError, match="vertex 0 is on core 24"):
        refine_placed(h, plain_caps(12, 12), np.full(12, 24), MESH, 1)

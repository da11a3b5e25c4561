"""Any small hypergraph, any mesh: compressed tables bring every packet to its readers and to nobody else."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.noc import Mesh
from nsn_mapping.check.routes import check_routes
from nsn_mapping.hypergraph import Hypergraph, build_hypergraph
from nsn_mapping.routes.tables import build_tables

MESHES = st.builds(Mesh, st.integers(1, 7), st.integers(1, 7), st.integers(1, 3), st.booleans())


@st.composite
def hypergraphs(draw: st.DrawFn) -> Hypergraph:
    """Up to 25 vertices and 60 nets; sources may be missing, nets empty, a source its own reader."""
    n = draw(st.integers(1, 25))
    nets = draw(st.lists(st.tuples(st.integers(-1, n - 1), st.sets(st.integers(0, n - 1), max_size=8)), max_size=60))
    pins = [pin for _, readers in nets for pin in sorted(readers)]
    start = np.concatenate([[0], np.cumsum([len(readers) for _, readers in nets])]).astype(np.int64)
    source = np.array([source for source, _ in nets], np.int32)
    return build_hypergraph(n, start, np.array(pins, np.int32), source, np.ones(len(nets), np.int64))


def entries(h: Hypergraph, core: list[int], mesh: Mesh) -> int:
    """Routers that all trees pass, by laying their paths step by step."""
    total = 0
    for net in range(h.edges):
        if h.source[net] < 0:
            continue
        passed = set()
        home_x, home_y = mesh.xy(core[h.source[net]] // mesh.concentration)
        for pin in h.pins[h.pin_start[net] : h.pin_start[net + 1]].tolist():
            x, y = mesh.xy(core[pin] // mesh.concentration)
            passed |= {(at, home_y) for at in range(min(x, home_x), max(x, home_x) + 1)}
            passed |= {(x, at) for at in range(min(y, home_y), max(y, home_y) + 1)}
        total += len(passed)
    return total


@given(h=hypergraphs(), mesh=MESHES, data=st.data(), target=st.sampled_from((None, 0, 2)))
@settings(max_examples=150, deadline=None)
def test_every_packet_reaches_its_readers(h: Hypergraph, mesh: Mesh, data: st.DataObject, target: int | None) -> None:
    core = data.draw(st.lists(st.integers(0, mesh.cores - 1), min_size=len(h), max_size=len(h)))
    where = np.array(core, np.int32)
    made = build_tables(h, where, mesh, target)
    check_routes(h, where, mesh, made.keys.key, made)
    assert made.used.sum() == entries(h, core, mesh)
    assert np.all(made.compressed <= made.used)
    again = build_tables(h, where, mesh, target)
    assert np.array_equal(made.key, again.key) and np.array_equal(made.route, again.route)

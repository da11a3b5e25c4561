"""The registries of partitioners and placers: what is listed, and methods that know one form of a network alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chipsim.config.mapping import PARTITIONERS, PLACERS, searching
from chipsim.errors import MappingError, UsageError
from chipsim.network import NsnState
from chipsim.network.memory import widths_of
from chipsim.noc import Mesh
from chipsim.registry import DISTRIBUTION, offers
from nsn_mapping.evaluate import axons_used
from nsn_mapping.hypergraph import plain_caps
from nsn_mapping.limits import CoreLimits
from nsn_mapping.methods import graph_methods, graph_parts, stored_methods, stored_parts
from nsn_mapping.place import place_blocks
from nsn_mapping.place.blocks import from_pairs
from nsn_mapping.place.sites import mesh_sites
from nsn_mapping.problem import build_problem, to_hypergraph
from tests.strategies import random_state

DOCS = Path(__file__).parents[2] / "docs" / "mapping.md"
SHIPPED = [
    name
    for registry in (PARTITIONERS, PLACERS)
    for name in registry.names()
    if offers(registry.group)[name][0].distribution == DISTRIBUTION
]


@pytest.fixture(scope="module")
def state() -> NsnState:
    return random_state(7, [20, 80, 150, 60, 10])


@pytest.mark.parametrize("name", SHIPPED)
def test_docs_have_a_row_for_every_method_that_ships(name: str) -> None:
    rows = [line.split("|")[1] for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert any(f"`{name}`" in row for row in rows)


def test_every_method_says_what_it_does_under_its_name() -> None:
    for registry in (PARTITIONERS, PLACERS):
        assert all(method.name == name and method.about for name, method in registry.all().items())
    assert {"given", "auto"} == set(PARTITIONERS.names()) - set(graph_methods())
    assert set(stored_methods()) == set(PARTITIONERS.names()) - {"given"}
    assert set(searching()) >= {"anneal", "adaptive", "force"}


def test_a_method_that_knows_nets_alone_maps_stored_networks_within_their_limits(state: NsnState) -> None:
    problem = build_problem(state, 64, CoreLimits(32, 48, 20_000), widths_of(64, 32), "associative", 1.0)
    assert PARTITIONERS.get("hierarchical").stored is None
    part = stored_parts("hierarchical", problem, 3)
    assert sorted(set(part.tolist())) == list(range(int(part.max()) + 1))
    assert np.bincount(part).max() <= 32
    assert axons_used(to_hypergraph(problem)[0], part, 64).max() <= 48


def test_methods_that_cannot_are_refused(state: NsnState) -> None:
    problem = build_problem(state, 64, CoreLimits(32, 48, 20_000), widths_of(64, 32), "associative", 1.0)
    h = to_hypergraph(problem)[0]
    with pytest.raises(MappingError, match="given makes no parts of a graph; allowed: default"):
        graph_parts("given", h, plain_caps(len(h), 32), 64, 1)
    with pytest.raises(UsageError, match="no partitioner is called 'best'"):
        stored_parts("best", problem, 1)
    pair = from_pairs(np.zeros(1, np.int32), np.ones(1, np.int32), np.ones(1, np.int64), 2)
    with pytest.raises(MappingError, match="placer row looks at no traffic; allowed: anneal, adaptive, force"):
        place_blocks(pair, mesh_sites(Mesh(2, 2)), 1, "row")

"""The registries of partitioners and placers: what is listed, and methods that know one form of a network alone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from chipsim.config.mapping import PARTITIONERS, PLACERS, Partitioner, Placer, searching
from chipsim.errors import MappingError, PluginError, UsageError
from chipsim.network import NsnState
from chipsim.network.memory import widths_of
from chipsim.noc import Mesh
from chipsim.registry import DISTRIBUTION, offers
from nsn_mapping import methods, place
from nsn_mapping.evaluate import axons_used
from nsn_mapping.hypergraph import from_graph, plain_caps
from nsn_mapping.limits import CoreLimits
from nsn_mapping.methods import graph_methods, graph_parts, spiking_parts, stored_methods, stored_parts
from nsn_mapping.place import place_blocks
from nsn_mapping.place.blocks import block_graph, from_pairs
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


NETS = from_graph(np.array([0, 1, 2, 3, 3]), np.array([1, 2, 3], np.int32), np.ones(4, np.int64))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros(4), r"its parts are float64\[4\]; allowed: a whole number for each of 4 neurons"),
        (np.zeros(3, np.int64), r"its parts are int64\[3\]"),
        ([0, 0, 1, 1], "its parts are list"),
        (np.array([0, 0, -1, 1]), "neuron 2 is in part -1; allowed: 0 to 2"),
        (np.array([0, 0, 3, 1]), "neuron 2 is in part 3; allowed: 0 to 2"),
        (np.array([1, 1, 1, 0]), "part 1 has 3 neurons; allowed: up to 2"),
    ],
)
def test_what_a_partitioner_gives_is_looked_at(given: object, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Partitioner("mine", "", nets=lambda *_: given, spiking=lambda *_: given)
    monkeypatch.setattr(methods, "PARTITIONERS", SimpleNamespace(get=lambda name: mine))
    with pytest.raises(PluginError, match=f"partitioner mine: {message}"):
        graph_parts("mine", NETS, plain_caps(4, 2), 3, 1)
    with pytest.raises(PluginError, match=f"partitioner mine: {message}"):
        spiking_parts("mine", [None] * 4, None, 3, 2, 1)  # type: ignore[arg-type]  # of a network only the number of neurons counts


def test_parts_of_any_whole_numbers_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Partitioner("mine", "", nets=lambda *_: np.array([0, 0, 2, 1], np.uint8))
    monkeypatch.setattr(methods, "PARTITIONERS", SimpleNamespace(get=lambda name: mine))
    found = graph_parts("mine", NETS, plain_caps(4, 2), 3, 1)
    assert (found.dtype, found.tolist()) == (np.int32, [0, 0, 2, 1])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros(3), r"its sites are float64\[3\]; allowed: a whole number for each of 3 parts"),
        (np.array([0, 1]), r"its sites are int64\[2\]"),
        (np.array([0, 1, 4]), "its sites are 0 to 4; allowed: 0 to 3, each once"),
        (np.array([0, 1, 1]), "its sites are 0 to 1; allowed: 0 to 3, each once"),
    ],
)
def test_what_a_placer_gives_is_looked_at(given: object, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Placer("mine", "", search=lambda *_: given)
    monkeypatch.setattr(place, "PLACERS", SimpleNamespace(get=lambda name: mine))
    blocks = block_graph(NETS, np.array([0, 1, 2, 2]), 3)
    with pytest.raises(PluginError, match=f"placer mine: {message}"):
        place.place_blocks(blocks, mesh_sites(Mesh(2, 2)), 1, "mine")

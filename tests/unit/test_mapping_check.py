"""The independent checker finds every planted violation; mapping files come back as they were or are refused."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chipsim.errors import ChipsimError, ConfigError, MappingError, UsageError
from chipsim.network import NsnState
from chipsim.network.memory import widths_of
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping
from nsn_mapping import CoreLimits, check_contents, check_trees, load_mapping, map_network, save_mapping, utilisation
from nsn_mapping.account import core_account
from nsn_mapping.limits import MATCHES, Match
from nsn_mapping.problem import build_problem
from nsn_mapping.routes import Trees, build_trees
from tests.strategies import random_state

MESH = Mesh(8, 8)
LIMITS = CoreLimits(32, 48, 20_000)
WIDTHS = widths_of(64, 32)


@pytest.fixture(scope="module")
def state() -> NsnState:
    return random_state(7, [20, 80, 150, 60, 10])


@pytest.fixture(scope="module")
def mapping(state: NsnState) -> Mapping:
    return map_network(state, MESH, LIMITS, WIDTHS, "associative", "metis", "hilbert", 1, 0.9)


@pytest.fixture(scope="module")
def trees(state: NsnState, mapping: Mapping) -> Trees:
    problem = build_problem(state, 64, LIMITS, WIDTHS, "associative", 1.0)
    return build_trees(problem, core_account(problem, mapping.core), mapping.core, MESH)


def check(state: NsnState, mapping: Mapping, limits: CoreLimits = LIMITS, match: Match = "associative") -> None:
    check_contents(state, mapping, MESH, limits, WIDTHS.core, WIDTHS.slot, WIDTHS.entry, match)


def changed(array: np.ndarray, index: int, value: int) -> np.ndarray:
    other = array.copy()
    other[index] = value
    return other


def test_a_good_mapping_passes(state: NsnState, mapping: Mapping, trees: Trees) -> None:
    check(state, mapping)
    check_trees(state, mapping, MESH, trees)


@pytest.mark.parametrize("match", MATCHES)
def test_limits_are_sharp_and_agree_with_the_makers_account(match: Match, state: NsnState, mapping: Mapping) -> None:
    use = utilisation(state, mapping, MESH, LIMITS, WIDTHS, match)
    most = CoreLimits(int(use.neurons.max()), max(1, int(use.axons.max())), int(use.bits.max()))
    check(state, mapping, replace(most, neurons=LIMITS.neurons), match)
    if match == "associative":
        core = int(use.bits.argmax())
        with pytest.raises(
            MappingError, match=f"core {core} holds {use.bits[core]} memory bits, allowed are {use.bits[core] - 1}"
        ):
            check(state, mapping, CoreLimits(32, 48, most.memory_bits - 1), match)
        core = int(use.axons.argmax())
        with pytest.raises(MappingError, match=f"core {core} holds {use.axons[core]} axons, allowed are {use.axons[core] - 1}"):
            check(state, mapping, CoreLimits(32, int(use.axons[core]) - 1, 20_000), match)
    else:
        with pytest.raises(MappingError, match=r"holds \d+ memory bits"):
            check(state, mapping, CoreLimits(32, None, most.memory_bits // 2), match)


def test_too_many_neurons_on_a_core(state: NsnState, mapping: Mapping) -> None:
    roomy = CoreLimits(400, None, 10**9)
    crowded = replace(mapping, core=np.full_like(mapping.core, 5), slot=np.arange(len(state), dtype=np.int32))
    check(state, crowded, roomy)
    with pytest.raises(MappingError, match=r"slot 319 of core 5, allowed are 0\.\.318"):
        check(state, crowded, replace(roomy, neurons=319))


@pytest.mark.parametrize(
    ("field", "index", "value", "said"),
    [
        ("core", 3, 64, r"neuron 3 is on core 64, allowed are 0\.\.63"),
        ("core", 3, -1, r"neuron 3 is on core -1"),
        ("slot", 3, 32, r"neuron 3 is in slot 32 of core \d+, allowed are 0\.\.31"),
        ("slot", 3, -1, r"neuron 3 is in slot -1"),
        ("roots", 0, 64, r"the root of layer 0 is on core 64"),
        ("roots", 5, -2, r"the record keeper is on core -2"),
        ("fill_order", 0, 64, r"fill_order names 63 of the 64 cores"),
    ],
)
def test_numbers_out_of_range(field: str, index: int, value: int, said: str, state: NsnState, mapping: Mapping) -> None:
    with pytest.raises(MappingError, match=said) as caught:
        check(state, replace(mapping, **{field: changed(getattr(mapping, field), index, value)}))
    assert caught.value.exit_code == 4


def test_two_neurons_in_one_slot(state: NsnState, mapping: Mapping) -> None:
    other = int(np.flatnonzero(mapping.core == mapping.core[0])[1])
    with pytest.raises(MappingError, match=f"neurons 0 and {other} share slot"):
        check(state, replace(mapping, slot=changed(mapping.slot, other, int(mapping.slot[0]))))


def test_a_core_named_twice_in_the_fill_order(state: NsnState, mapping: Mapping) -> None:
    order = changed(mapping.fill_order, 0, int(mapping.fill_order[1]))
    with pytest.raises(MappingError, match=f"core {mapping.fill_order[0]} is missing"):
        check(state, replace(mapping, fill_order=order))


@pytest.mark.parametrize("field", ["core", "slot", "roots", "fill_order"])
def test_arrays_of_another_size_or_kind(field: str, state: NsnState, mapping: Mapping) -> None:
    with pytest.raises(MappingError, match=f"{field} has shape"):
        check(state, replace(mapping, **{field: getattr(mapping, field)[:-1]}))
    with pytest.raises(MappingError, match=f"{field} holds float64"):
        check(state, replace(mapping, **{field: getattr(mapping, field).astype(np.float64)}))


def test_a_neuron_that_moves_without_its_memory_is_noticed_by_the_trees(
    state: NsnState, mapping: Mapping, trees: Trees
) -> None:
    row = int(np.flatnonzero(state.layer == 2)[0])
    unused = max(set(range(64)) - set(mapping.core.tolist()))
    with pytest.raises(MappingError, match=f"does not reach core {unused}|hang together"):
        check_trees(state, replace(mapping, core=changed(mapping.core, row, unused)), MESH, trees)


def largest(trees: Trees) -> int:
    return int(trees.links_per_tree.argmax())


def with_links(trees: Trees, tree: int, links: list[int]) -> Trees:
    """The table with one tree's links replaced."""
    start = trees.link_start.copy()
    start[tree + 1 :] += len(links) - int(trees.links_per_tree[tree])
    before, after = trees.links[: trees.link_start[tree]], trees.links[trees.link_start[tree + 1] :]
    return replace(trees, link_start=start, links=np.concatenate((before, np.array(links, dtype=np.int64), after)))


def links_of(trees: Trees, tree: int) -> list[int]:
    found: list[int] = trees.links[trees.link_start[tree] : trees.link_start[tree + 1]].tolist()
    return found


def test_every_link_of_every_tree_is_needed(state: NsnState, mapping: Mapping, trees: Trees) -> None:
    tree = largest(trees)
    links = links_of(trees, tree)
    assert len(links) > 5
    for left_out in range(len(links)):
        with pytest.raises(MappingError, match=r"does not reach core|hang together"):
            check_trees(state, mapping, MESH, with_links(trees, tree, links[:left_out] + links[left_out + 1 :]))


def test_a_cycle_a_second_entry_a_loose_link_and_the_rim(state: NsnState, mapping: Mapping, trees: Trees) -> None:
    tree = largest(trees)
    links = links_of(trees, tree)
    back = next(MESH.neighbour(link // 4, link % 4) * 4 + (link % 4 ^ 1) for link in links)
    with pytest.raises(MappingError, match="twice"):
        check_trees(state, mapping, MESH, with_links(trees, tree, [*links, back]))
    with pytest.raises(MappingError, match="twice"):
        check_trees(state, mapping, MESH, with_links(trees, tree, [*links, links[0]]))
    inside = {link // 4 for link in links} | {MESH.neighbour(link // 4, link % 4) for link in links}
    loose = next(link for link, source, goal, _ in MESH.links() if source not in inside and goal not in inside)
    with pytest.raises(MappingError, match="hang together"):
        check_trees(state, mapping, MESH, with_links(trees, tree, [*links, loose]))
    for tree in range(len(trees)):
        rim = [t * 4 + p for t in {int(trees.home[tree])} for p in range(4) if MESH.neighbour(t, p) < 0]
        if rim:
            with pytest.raises(MappingError, match="leaves the chip"):
                check_trees(state, mapping, MESH, with_links(trees, tree, [*rim, *links_of(trees, tree)]))
            break
    else:
        pytest.fail("no tree starts at the rim: choose another network for this test")


def test_a_tree_too_few_or_too_many(state: NsnState, mapping: Mapping, trees: Trees) -> None:
    fewer = replace(
        trees,
        layer=trees.layer[:-1],
        source=trees.source[:-1],
        link_start=trees.link_start[:-1],
        links=trees.links[: trees.link_start[-2]],
    )
    with pytest.raises(MappingError, match=r"has no tree for layer \d+, needed by \d+ cores"):
        check_trees(state, mapping, MESH, fewer)
    doubled = replace(
        trees, layer=changed(trees.layer, 1, int(trees.layer[0])), source=changed(trees.source, 1, int(trees.source[0]))
    )
    with pytest.raises(MappingError, match="twice"):
        check_trees(state, mapping, MESH, doubled)


def test_checker_imports_nothing_of_the_makers() -> None:
    allowed = {
        "chipsim.errors",
        "chipsim.network",
        "chipsim.plan.inputs",
        "chipsim.noc",
        "nsn_mapping.hypergraph",
        "nsn_mapping.limits",
        "nsn_mapping.check",
    }
    folder = Path(__file__).parents[2] / "nsn_mapping" / "check"
    files = sorted(folder.glob("*.py"))
    assert len(files) >= 3
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if name.split(".")[0] in ("chipsim", "nsn_mapping"):
                    assert any(name == one or name.startswith(one + ".") for one in allowed), f"{file.name} imports {name}"


def test_unknown_names_get_a_hint(state: NsnState) -> None:
    with pytest.raises(UsageError, match=r"mapping\.partitioner: no partitioner .* 'metsi' \(did you mean 'metis'\?\)"):
        map_network(state, MESH, LIMITS, WIDTHS, "associative", "metsi", "row", 1, 0.9)
    with pytest.raises(UsageError, match=r"mapping\.placer: no placer is called 'spiral'; allowed: hilbert, anneal, adaptive"):
        map_network(state, MESH, LIMITS, WIDTHS, "associative", "metis", "spiral", 1, 0.9)
    with pytest.raises(MappingError, match=r"mapping\.fill: 1\.5"):
        map_network(state, MESH, LIMITS, WIDTHS, "associative", "metis", "row", 1, 1.5)


def test_files_come_back_as_they_were(tmp_path: Path, state: NsnState, mapping: Mapping) -> None:
    path = tmp_path / "mapping.npz"
    save_mapping(path, mapping, MESH)
    again = load_mapping(path, state, MESH)
    assert again.method == "metis/hilbert"
    for field in ("core", "slot", "roots", "fill_order"):
        assert np.array_equal(getattr(again, field), getattr(mapping, field)) and getattr(again, field).dtype == np.int32


def _archive(path: Path, **arrays: object) -> None:
    np.savez(path, **{name: np.array(value) for name, value in arrays.items()})


def test_numbers_of_a_file_are_of_32_bits(tmp_path: Path, state: NsnState, mapping: Mapping) -> None:
    good = tmp_path / "good.npz"
    save_mapping(good, mapping)
    with np.load(good) as data:
        content = dict(data)
    for most in (2**31 - 1, 2**31):
        core = mapping.core.astype(np.int64)
        core[0] = most
        _archive(tmp_path / "wide.npz", **{**content, "core": core})
        if most < 2**31:
            assert load_mapping(tmp_path / "wide.npz", state, MESH).core[0] == most
            continue
        with pytest.raises(MappingError, match=r"allowed are 0\.\.2147483647"):
            load_mapping(tmp_path / "wide.npz", state, MESH)


def test_files_that_are_refused(tmp_path: Path, state: NsnState, mapping: Mapping) -> None:
    good = tmp_path / "good.npz"
    save_mapping(good, mapping)
    content = dict(np.load(good))
    cases: list[tuple[str, type[ChipsimError], str]] = []

    def case(name: str, error: type[ChipsimError], said: str, **arrays: object) -> None:
        _archive(tmp_path / name, **{**content, **arrays})
        cases.append((name, error, said))

    (tmp_path / "rubbish.npz").write_bytes(b"\x00\xff" * 500)
    (tmp_path / "empty.npz").write_bytes(b"")
    (tmp_path / "cut.npz").write_bytes(good.read_bytes()[:300])
    (tmp_path / "folder.npz").mkdir()
    np.save(tmp_path / "one.npy", np.arange(3))
    cases += [
        (name, ConfigError, "not a mapping file") for name in ("rubbish.npz", "empty.npz", "cut.npz", "folder.npz", "one.npy")
    ]
    cases.append(("absent.npz", ConfigError, "no such mapping file"))
    _archive(tmp_path / "partial.npz", core=[1])
    cases.append(("partial.npz", ConfigError, "not a mapping file"))
    case("format.npz", ConfigError, "allowed is 'chipsim-mapping-1'", format="other")
    case("float.npz", ConfigError, "core holds float64", core=mapping.core.astype(float))
    case("short.npz", MappingError, "core has shape", core=mapping.core[1:])
    case("chip.npz", MappingError, "fill_order has shape", fill_order=mapping.fill_order[1:])
    case("wide.npz", MappingError, "allowed are 0..2147483647", core=mapping.core.astype(np.int64) + 2**40)
    case("tiles.npz", MappingError, "made for 8 x 2 tiles of 1 cores", grid=[8, 2, 1])
    case("grid.npz", ConfigError, "allowed are 3 whole numbers", grid=[8.0, 2.0, 1.0])
    case("text.npz", ConfigError, "format holds int64[2], allowed is one short text", format=[1, 2])
    for name, error, said in cases:
        with pytest.raises(error) as caught:
            load_mapping(tmp_path / name, state, MESH)
        assert said in str(caught.value) and name in str(caught.value)

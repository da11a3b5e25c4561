"""Files of bare graphs and of their mappings: read back what was written, and every kind of damage named."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.errors import ChipsimError, ConfigError, MappingError, UsageError, WorkloadError
from chipsim.noc import Mesh
from nsn_mapping.graph import graph_bytes, make_graph, read_graph, write_graph
from nsn_mapping.graph_mapping import GraphMapping, load_graph_mapping, save_graph_mapping

GOOD: dict[str, Any] = {
    "n": np.int64(4),
    "indptr": np.array([0, 2, 2, 5, 6]),
    "targets": np.array([1, 3, 0, 1, 3, 2]),
    "spikes": np.array([7, 0, 1, 2]),
}


def file_with(folder: Path, **changed: Any) -> Path:
    """An archive of the good graph with some keys changed, or left out (None)."""
    path = folder / "net.npz"
    np.savez(path, **{key: value for key, value in (GOOD | changed).items() if value is not None})
    return path


def test_a_graph_comes_back_as_it_was_written(tmp_path: Path) -> None:
    graph = read_graph(file_with(tmp_path, extra=np.array(["anything"])))
    assert (len(graph), graph.synapses, graph.spikes.tolist()) == (4, 6, [7, 0, 1, 2])
    other = tmp_path / "other.npz"
    write_graph(other, graph)
    again = read_graph(other)
    for name in ("indptr", "targets", "spikes"):
        assert getattr(again, name).tolist() == GOOD[name].tolist()
        assert getattr(again, name).dtype == getattr(graph, name).dtype
    h = graph.hypergraph()
    assert [h.pins[a:b].tolist() for a, b in zip(h.pin_start, h.pin_start[1:], strict=False)] == [[1, 3], [], [0, 1, 3], [2]]
    assert h.weight.tolist() == [7, 0, 1, 2] and h.source.tolist() == [0, 1, 2, 3]
    assert graph_bytes(other) == sum(getattr(graph, name).nbytes for name in ("indptr", "spikes")) + 6 * (4 + 8)
    with pytest.raises(UsageError, match="there already"):
        write_graph(other, graph)
    write_graph(other, graph, force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.npz", "other.npz"]


@pytest.mark.parametrize("kind", ["<i4", ">i4", "<u8", "<i2"])
def test_any_whole_numbers_are_read(tmp_path: Path, kind: str) -> None:
    path = file_with(tmp_path, **{key: np.asarray(value, kind) for key, value in GOOD.items()})
    assert read_graph(path).targets.tolist() == GOOD["targets"].tolist()


def test_targets_out_of_order_are_sorted_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    graph = read_graph(file_with(tmp_path, targets=np.array([3, 1, 1, 0, 3, 2])))
    assert graph.targets.tolist() == GOOD["targets"].tolist()
    assert "not in ascending order" in caplog.text


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"spikes": None}, r"no spikes; a graph has the keys n, indptr, targets, spikes \(found: indptr, n, targets\)"),
    ({"n": 4.0}, "n holds float64; allowed: whole numbers"),
    ({"n": np.array([4, 4])}, r"n has shape \(2,\); allowed: one number"),
    ({"n": 0}, "n is 0; allowed: 1 to"),
    ({"n": 2**40}, f"n is {2**40}; allowed: 1 to"),
    ({"n": 5}, r"indptr has shape \(5,\); allowed: \(6,\)"),
    ({"spikes": np.array([1, 2, 3])}, r"spikes has shape \(3,\); allowed: \(4,\), one per neuron"),
    ({"targets": np.ones((2, 3), int)}, r"targets has shape \(2, 3\); allowed: one dimension"),
    ({"targets": np.array(["a"] * 6)}, "targets holds <U1; allowed: whole numbers"),
    ({"targets": np.array([None] * 6)}, "targets holds object; allowed: whole numbers"),
    ({"spikes": np.array([True] * 4)}, "spikes holds bool; allowed: whole numbers"),
    ({"indptr": np.array([1, 2, 2, 5, 6])}, r"indptr\[0\] is 1; allowed: 0"),
    ({"indptr": np.array([0, 2, 1, 5, 6])}, r"indptr\[2\] is 1; allowed: 2 or more, as it never falls \(neuron 1\)"),
    ({"indptr": np.array([0, 2, 2, 5, 7])}, r"indptr\[4\] is 7; allowed: 6, the length of targets"),
    ({"targets": np.array([1, 4, 0, 1, 3, 2])}, r"targets\[1\] is 4; allowed: 0 to 3"),
    ({"targets": np.array([1, -1, 0, 1, 3, 2])}, r"targets\[1\] is -1; allowed: 0 to 3"),
    ({"targets": np.array([1, 2**63, 0, 1, 3, 2], np.uint64)}, r"targets\[1\] is -1; allowed: 0 to 3"),
    ({"targets": np.array([1, 3, 0, 2, 3, 2])}, r"targets\[3\] is 2: neuron 2 is its own target"),
    ({"targets": np.array([1, 3, 3, 1, 3, 2])}, "neuron 2 has neuron 3 twice"),
    ({"spikes": np.array([1, 2, -3, 4])}, r"spikes\[2\] is -3; allowed: 0 or more"),
    ({"spikes": np.array([2**62, 2, 3, 4])}, r"deliveries in all; allowed: fewer than 2\^62"),
]


@pytest.mark.parametrize(("changed", "message"), BROKEN, ids=[message for _, message in BROKEN])
def test_a_broken_graph_is_named(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    path = file_with(tmp_path, **changed)
    with pytest.raises(WorkloadError, match=message) as raised:
        read_graph(path)
    assert str(path) in str(raised.value)


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("not an archive")
    whole = file_with(tmp_path).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    with (tmp_path / "one.npz").open("wb") as file:
        np.save(file, GOOD["targets"])
    cases = {"absent": "no such file", "text": "not a NumPy", "cut": "broken or cut off", "one": "a single NumPy array"}
    (tmp_path / "folder.npz").mkdir()
    for name, message in (cases | {"folder": "a folder"}).items():
        with pytest.raises(WorkloadError, match=message):
            read_graph(tmp_path / f"{name}.npz")


def test_a_header_that_promises_more_than_there_is_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    header = "{'descr': '<i8', 'fortran_order': False, 'shape': (%d,), }"
    with zipfile.ZipFile(path, "w") as archive:
        for key, size in (("n", 1), ("indptr", 2**31), ("targets", 2**40), ("spikes", 2**31 - 1)):
            text = (header % size).ljust(117) + "\n"
            data = np.int64(2**31 - 1).tobytes() if key == "n" else b""
            archive.writestr(f"{key}.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + data)
    with pytest.raises(WorkloadError, match="the file is cut off"):
        read_graph(path)


@given(data=st.data())
def test_rubbish_in_a_file_is_an_error_with_a_message(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    whole = bytearray(file_with(folder).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = folder / "fuzz.npz"
    path.write_bytes(bytes(whole))
    try:
        graph = read_graph(path)
    except ChipsimError as error:
        assert str(path) in str(error)
    else:
        make_graph(graph.indptr, graph.targets, graph.spikes, "again")


# -- mappings ----------------------------------------------------------------------------------------------------------------


def mapping_with(folder: Path, **changed: Any) -> Path:
    path = folder / "mapping.npz"
    save_graph_mapping(path, GraphMapping(np.array([0, 3, 3, 5], np.int32), Mesh(3, 2), "default", 7), force=True)
    with np.load(path) as archive:
        arrays = {key: archive[key] for key in archive}
    np.savez(path, **{key: value for key, value in (arrays | changed).items() if value is not None})
    return path


def test_a_mapping_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = mapping_with(tmp_path)
    with np.load(path) as archive:
        assert archive["x"].tolist() == [0, 1, 2, 0, 1, 2] and archive["y"].tolist() == [0, 0, 0, 1, 1, 1]
        assert archive["core"].tolist() == [0, 3, 3, 5]
    mapping = load_graph_mapping(path, 4, Mesh(3, 2))
    assert (mapping.core.tolist(), mapping.method, mapping.seed) == ([0, 3, 3, 5], "default", 7)
    # another numbering of the same places
    turned = mapping_with(tmp_path, core=np.array([5, 2, 2, 0]), x=np.array([2, 1, 0, 2, 1, 0]), y=np.array([1, 1, 1, 0, 0, 0]))
    assert load_graph_mapping(turned, 4, Mesh(3, 2)).core.tolist() == [0, 3, 3, 5]


@pytest.mark.parametrize(
    ("changed", "kind", "message"),
    [
        ({"core": None}, ConfigError, "no core: not a mapping of a graph"),
        ({"format": np.array("other")}, ConfigError, "the format is 'other'; allowed: 'chipsim-graph-mapping-1'"),
        ({"format": np.array(1)}, ConfigError, "format holds int64; allowed: a short text"),
        ({"core": np.zeros(4)}, ConfigError, "core holds float64; allowed: whole numbers"),
        ({"core": np.zeros(3, int)}, MappingError, "core has 3 values; allowed: 4"),
        ({"core": np.array([0, 1, 2, 6])}, MappingError, r"core\[3\] is 6; allowed: 0 to 5"),
        ({"x": np.array([0, 1, 3, 0, 1, 2])}, MappingError, r"x\[2\] is 3; allowed: 0 to 2"),
        ({"x": np.zeros(6, int)}, MappingError, "cores 0 and 1 are both at x 0, y 0"),
        ({"y": np.zeros(5, int)}, MappingError, "y has 5 values; allowed: 6"),
    ],
)
def test_a_broken_mapping_is_named(tmp_path: Path, changed: dict[str, Any], kind: type[ChipsimError], message: str) -> None:
    path = mapping_with(tmp_path, **changed)
    with pytest.raises(kind, match=message):
        load_graph_mapping(path, 4, Mesh(3, 2))


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mapping.npz"
    mapping = GraphMapping(np.array([0, 1], np.int32), Mesh(2, 1), "default", 1)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez_compressed", interrupted)
        with pytest.raises(KeyboardInterrupt):
            save_graph_mapping(path, mapping)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match="there is no folder"):
        save_graph_mapping(tmp_path / "absent" / "m.npz", mapping)
    with pytest.raises(UsageError, match="a folder"):
        save_graph_mapping(tmp_path, mapping)

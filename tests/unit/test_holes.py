"""What a crash leaves in the middle of a file, blocks of zeros that were never written, is never read as data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from chipsim.errors import UsageError, WorkloadError
from chipsim.network.npz import open_archive, whole
from chipsim.results.sinks import parquet
from chipsim.results.store import read_run
from chipsim.results.whole import why_not_whole


def holes(whole: bytes, seed: int) -> Iterator[bytes]:
    """A file with blocks of zeros that were never written, wherever they may lie."""
    draw = np.random.default_rng(seed)
    for size in (16, 64, 512, 4096) * 40:
        at = int(draw.integers(0, len(whole))) // 16 * 16
        broken = whole[:at] + bytes(min(size, len(whole) - at)) + whole[at + size :]
        if broken != whole:
            yield broken


def read(path: Path, names: tuple[str, ...]) -> None:
    with open_archive(path) as archive:
        for name in names:
            whole(archive, name)


def test_a_table_with_a_hole_is_refused_and_never_read_as_data(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    table = {
        "core": np.arange(4000),
        "few": rng.integers(0, 5, 4000),
        "power": rng.random(4000),
        "zero": np.zeros(4000, np.int64),
    }
    (tmp_path / "summary.json").write_text('{"digest": "0", "kind": "nsn"}')
    (tmp_path / "experiment.yaml").write_text("name: text\n")
    path = tmp_path / "cores.parquet"
    parquet.write(path, table)
    assert why_not_whole(tmp_path) is None
    found = 0
    for broken in holes(path.read_bytes(), 2):
        path.write_bytes(broken)
        if why_not_whole(tmp_path) is None:  # in what describes the file, beside the data
            again = read_run(tmp_path)[1]["cores"]
            assert all(np.array_equal(again[name], column) for name, column in table.items())
            continue
        assert why_not_whole(tmp_path) == "cores.parquet is empty, cut or damaged"
        with pytest.raises(UsageError, match=r"cores\.parquet: not a table of a run"):
            read_run(tmp_path)
        found += 1
    assert found > 150


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_with_a_hole_is_refused_and_never_read_as_data(packed: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    arrays = {"src": rng.integers(0, 1000, 4000), "weight": rng.random(4000), "steps": np.int32(5)}
    path = tmp_path / "net.npz"
    (np.savez_compressed if packed else np.savez)(path, **arrays)
    (tmp_path / "summary.json").write_text('{"digest": "0", "kind": "nsn"}')
    found = 0
    for broken in holes(path.read_bytes(), 3):
        path.write_bytes(broken)
        with pytest.raises(WorkloadError):
            read(path, tuple(arrays))
        assert why_not_whole(tmp_path) == "net.npz is empty, cut or damaged"
        found += 1
    assert found > 100

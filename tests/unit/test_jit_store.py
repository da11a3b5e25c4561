"""The folder of compiled code: whole files only, of this user only, and not too many."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chipsim.jit import store


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIPSIM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(store.tempfile, "tempdir", str(tmp_path))
    return tmp_path / "cache"


def test_what_is_written_is_read(folder: Path) -> None:
    store.write("a", b"text")
    store.write_json("b", {"c": [1]})
    assert (store.read("a"), store.read_json("b"), store.read("c"), store.read_json("a")) == (b"text", {"c": [1]}, None, None)


@pytest.mark.parametrize("kept", [0, 1, 31, 32, 35])
def test_a_file_that_is_not_whole_is_none(kept: int, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    store.write("a", b"text")
    (folder / "a").write_bytes((folder / "a").read_bytes()[:kept])
    assert store.read("a") is None
    assert "empty, cut or damaged" in caplog.text and str(folder / "a") in caplog.text
    assert not (folder / "a").exists()
    caplog.clear()
    assert store.read("a") is None
    assert caplog.text == ""


def test_a_full_disk_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    store.write("a", b"text")
    store.write("b", b"text")
    assert caplog.text.count("cannot be kept (No space left on device)") == 1
    assert list(folder.iterdir()) == []
    assert store.read("a") is None


def test_a_user_without_a_home(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    for name in ("CHIPSIM_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert store.folders() == [tmp_path / f"chipsim-{os.getuid()}"]


def test_those_that_were_used_last_stay(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_FILES", 8)
    for i in range(8):
        store.write(str(i), b"")
        os.utime(folder / str(i), (i + 1, i + 1))
    assert store.read("0") == b""  # used: young again
    store.write("8", b"")
    assert sorted(path.name for path in folder.iterdir()) == ["0", "4", "5", "6", "7", "8"]


def test_keys_keep_texts_apart() -> None:
    assert len({store.key_of("ab", "c"), store.key_of("a", "bc"), store.key_of("abc"), store.key_of("ab", "c", "")}) == 4


def test_a_folder_of_another_user_is_not_used(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHIPSIM_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "none"))
    (tmp_path / "none").touch()
    mine = os.getuid()
    store.write("a", b"text")
    assert store.read("a") == b"text"
    monkeypatch.setattr(store, "_is_own", lambda folder: folder.stat().st_uid != mine)
    assert store.read("a") is None
    assert store.writable() is None

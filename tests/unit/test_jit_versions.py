"""Versions of the compilers: those that were tried, and what is used of them beyond what they promise."""

from __future__ import annotations

import tomllib
from pathlib import Path

import llvmlite.binding
import pytest
from numba.core import caching, compiler

from chipsim.jit import backend, overloads


@pytest.mark.parametrize(("name", "tried"), [("numba", overloads.TRIED), ("llvmlite", backend.TRIED)])
def test_versions_are_capped_to_those_that_were_tried(root: Path, name: str, tried: str) -> None:
    wanted = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    spec = next(one for one in wanted if one.startswith(name))
    first, last = tried.split(" to ")
    major, minor = last.split(".")
    assert spec == f"{name}>={first},<{major}.{int(minor) + 1}"


@pytest.mark.parametrize(
    ("owner", "name"), [(compiler.CompileResult, "_reduce"), (caching._Cache, "cache_path"), (compiler.Flags, "forceinline")]
)
def test_a_numba_without_what_is_used_is_refused(owner: type, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    overloads.numba.__wrapped__()
    monkeypatch.delattr(owner, name)
    with pytest.raises(ImportError, match=rf"numba .* has no .*{name}; versions .* were tried"):
        overloads.numba.__wrapped__()


def test_an_llvmlite_without_what_is_used_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    backend._llvm.__wrapped__()
    monkeypatch.delattr(llvmlite.binding, "create_pass_builder")
    with pytest.raises(ImportError, match=r"llvmlite .* has no create_pass_builder; versions .* were tried"):
        backend._llvm.__wrapped__()

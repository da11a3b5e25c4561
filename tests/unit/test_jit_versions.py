"""Versions of the compiler: those that were tried, and what is used of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import llvmlite.binding
import pytest

from chipsim.jit import backend


def test_versions_are_capped_to_those_that_were_tried(root: Path) -> None:
    wanted = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    spec = next(one for one in wanted if one.startswith("llvmlite"))
    first, last = backend.TRIED.split(" to ")
    major, minor = last.split(".")
    assert spec == f"llvmlite>={first},<{major}.{int(minor) + 1}"


def test_an_llvmlite_without_what_is_used_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    backend._llvm.__wrapped__()
    monkeypatch.delattr(llvmlite.binding, "create_pass_builder")
    with pytest.raises(ImportError, match=r"llvmlite .* has no create_pass_builder; versions .* were tried"):
        backend._llvm.__wrapped__()

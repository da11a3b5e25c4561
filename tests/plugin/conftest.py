"""A package outside the tree, installed into a folder of its own; commands run in processes that have this folder on their path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).resolve().parent / "package"


@dataclass(frozen=True)
class Done:
    """What a process left."""

    code: int
    out: str
    err: str


Call = Callable[..., Done]


def install(package: Path, target: Path) -> Path:
    """Install a package into a folder by pip, offline; gives the folder."""
    words = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    words += ["--disable-pip-version-check", "--target", str(target), str(package)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def environment(*paths: Path, **others: str) -> dict[str, str]:
    """That of a process with some folders on its path."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "COLUMNS": "120"} | others


def run(words: list[str], folder: Path, env: dict[str, str], given: str = "") -> Done:
    """Run a process in a folder."""
    done = subprocess.run(
        words, cwd=folder, env=env, input=given, capture_output=True, encoding="utf-8", check=False, timeout=600
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the package is installed in."""
    return install(PACKAGE, tmp_path_factory.mktemp("plugin") / "site")


@pytest.fixture
def cli(root: Path, site: Path, tmp_path: Path) -> Call:
    """Call the command line, with the package installed, in an empty folder."""

    def call(*words: str | Path) -> Done:
        return run([sys.executable, "-m", "chipsim.cli", *map(str, words)], tmp_path, environment(root, site))

    return call


def conformed(root: Path, site: Path, cases: Mapping[str, list[str]], **others: str) -> dict[str, Any]:
    """What came of experiments on both engines (``conform``), in one process."""
    done = run([sys.executable, "-m", "tests.plugin.conform"], root, environment(root, site, **others), json.dumps(cases))
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found

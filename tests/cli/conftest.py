"""The command line, called within the process or, where signals and limits matter, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from chipsim.cli.app import main
from tests.needs import require

SMALL = ("--set", "workload.learned=300", "--set", "workload.symbols=100", "--set", "workload.episode=64")
"""A run of a fraction of a second with whole and open episodes, recognised patterns and growth."""


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Call = Callable[..., Outcome]
Spawn = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the command line in an empty current folder; returns exit code and both streams."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)  # the workers of parallel tests are given one

    def call(*words: str | Path) -> Outcome:
        capfd.readouterr()
        code = main([str(word) for word in words])
        sys.stdout.flush()
        return Outcome(code, *capfd.readouterr())

    return call


@pytest.fixture
def spawn(root: Path, tmp_path: Path) -> Spawn:
    """Start the command line as a process in an empty current folder, streams as pipes."""

    def start(*words: str | Path, **options: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "chipsim.cli", *map(str, words)]
        paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        environment.pop("COLUMNS", None)
        return subprocess.Popen(command, cwd=tmp_path, env=environment, **(streams | options))  # type: ignore[call-overload,no-any-return]

    return start


@pytest.fixture
def small() -> tuple[str, ...]:
    """Words of a very short run; its report, which takes seconds, is left out."""
    require("nsn")
    return ("run", "text-small", *SMALL, "--no-report")

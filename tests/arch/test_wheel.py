"""What is shipped works without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    out = tmp_path_factory.mktemp("wheel")
    command([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(root)], out)
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``bin`` of an empty venv with the wheel in it; third-party packages are borrowed, this project's are not."""
    venv = tmp_path_factory.mktemp("venv")
    command([sys.executable, "-m", "venv", "--without-pip", str(venv)], venv)
    python = venv / "bin" / "python"
    command(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel)], venv
    )
    site = Path(command([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], venv).strip())
    # A .pth line adds a folder without reading the .pth files in it: an editable chipsim there stays out of reach.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n" + sysconfig.get_path("platlib") + "\n")
    return venv / "bin"


def command(words: list[str], folder: Path) -> str:
    """Standard output of a command that must succeed, run outside the checkout and without its environment."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_the_code_the_types_and_every_shipped_file(wheel: Path, root: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in ("chipsim", "nsn_mapping", "workloads", "reports"):
        files = [path for path in (root / package).rglob("*") if path.is_file() and path.suffix != ".pyc"]
        assert {str(path.relative_to(root)) for path in files} <= names
    configs = [path for path in (root / "configs").rglob("*") if path.is_file()]
    assert {f"chipsim/_configs/{path.relative_to(root / 'configs')}" for path in configs} <= names
    assert "chipsim/py.typed" in names
    assert not any(name.startswith(("tests/", "configs/", "docs/")) for name in names)


def test_the_installed_package_is_the_wheels(installed: Path, tmp_path: Path) -> None:
    code = "import chipsim, nsn_mapping, workloads, reports; print(chipsim.__file__)"
    assert Path(command([str(installed / "python"), "-c", code], tmp_path).strip()).is_relative_to(installed.parent)


def test_the_command_line_answers_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    chipsim = str(installed / "chipsim")
    assert "run" in command([chipsim, "--help"], tmp_path)
    shown = command([chipsim, "show"], tmp_path)
    assert "altai-256" in shown
    assert "log-sample" in shown
    (tmp_path / "mine.yaml").write_text(command([chipsim, "show", "text-small", "--yaml"], tmp_path))
    command([chipsim, "validate", "mine.yaml"], tmp_path)
    for name in ("text", "text-small", "log-sample"):
        command([chipsim, "validate", name], tmp_path)


@pytest.mark.slow  # compiles the engine once more, for the wheel's own files
def test_a_run_from_the_wheel_leaves_a_run_folder(installed: Path, tmp_path: Path) -> None:
    words = [str(installed / "chipsim"), "run", "text-small", "--set", "workload.symbols=20", "--quiet", "--out", "here"]
    command(words, tmp_path)
    assert {"experiment.yaml", "summary.json"} <= {path.name for path in (tmp_path / "here").iterdir()}


@pytest.mark.slow
def test_the_wheel_brings_all_that_it_needs(wheel: Path, tmp_path: Path) -> None:
    """As a stranger would: a new venv, the wheel, its dependencies from the index."""
    command([sys.executable, "-m", "venv", "venv"], tmp_path)
    command(["venv/bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", str(wheel)], tmp_path)
    command(["venv/bin/chipsim", "run", "text-small", "--quiet", "--out", "here"], tmp_path)
    assert (tmp_path / "here" / "summary.json").is_file()

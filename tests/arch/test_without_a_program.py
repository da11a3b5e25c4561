"""With any one program's folder gone, the others run as before, are mapped and reported, the one that is missing is told by name, and the
tests of the others pass.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import needs

RUNS = {
    "nsn": ("text-small", ("workload.learned=200", "workload.symbols=40")),
    "snn": ("lif-small", ("workload.steps=10",)),
    "packets": ("lif-small", ("workload={kind: synthetic, load: 0.1, cycles: 50}", "chip.noc.cast=unicast")),
}
"""A run of each program."""

CODE = """
import sys
from pathlib import Path
from chipsim.config.load import load_experiment
from chipsim.errors import PluginError
from chipsim.pipeline import plan_mapping, simulate
from chipsim.results.store import write_run
from reports.html import build_report
gone, engine = sys.argv[1:]
for program, (base, settings) in RUNS.items():
    experiment = load_experiment(base, (*settings, f"engine={engine}"))
    try:
        result = simulate(experiment)
    except PluginError as error:
        assert program == gone, error
        print("without", program)
        continue
    write_run(Path(program), result)
    assert build_report(Path(program)).stat().st_size > 10_000
    if program != "packets":
        assert plan_mapping(experiment).summary["mapping"]["neurons"] > 0
    print(program, result.summary["kind"], result.summary["digest"])
"""


def outcome(folder: Path, gone: str, engine: str) -> list[str]:
    """A line for each program: its digest, or that it is missing."""
    code = f"RUNS = {RUNS!r}\n{CODE}"
    done = subprocess.run(
        [sys.executable, "-c", code, gone, engine],
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("engine", ["reference", pytest.param("compiled", marks=pytest.mark.slow)])
@needs("nsn", "snn", "packets")
def test_the_others_run_as_before(root: Path, tmp_path: Path, engine: str) -> None:
    for name in ("chipsim", "nsn_mapping", "workloads", "reports", "configs"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    whole = outcome(tmp_path, "none", engine)
    assert [line.split()[0] for line in whole] == list(RUNS)
    for number, gone in enumerate(RUNS):
        folder = tmp_path / "chipsim/programs" / gone
        folder.rename(tmp_path / "away")
        expected = [f"without {gone}" if number == place else line for place, line in enumerate(whole)]
        assert outcome(tmp_path, gone, engine) == expected
        (tmp_path / "away").rename(folder)


LEAST = {"nsn": 3000, "snn": 3000, "packets": 2500}
"""Quick tests that pass without each program, at least."""

TREE = ("chipsim", "nsn_mapping", "workloads", "reports", "configs", "tests", "docs")


@pytest.mark.slow
@pytest.mark.parametrize("gone", LEAST)
def test_the_tests_of_the_others_pass(root: Path, tmp_path: Path, gone: str) -> None:
    """The folder alone is deleted, nothing is edited."""
    for name in TREE:
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (*root.glob("*.md"), root / "pyproject.toml", root / "Makefile"):
        shutil.copy(file, tmp_path)
    shutil.rmtree(tmp_path / "chipsim/programs" / gone)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "--basetemp",
            str(tmp_path / "temporary"),
        ],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout[-6000:]
    assert done.returncode == 0, said
    found = {
        word: int(number) for number, word in re.findall(r"(\d+) (passed|skipped|failed|errors?)", done.stdout.splitlines()[-1])
    }
    assert found["passed"] >= LEAST[gone] and found["skipped"] >= 20 and set(found) == {"passed", "skipped"}, said
    assert f"needs what is not installed: chipsim.programs.{gone}" in done.stdout

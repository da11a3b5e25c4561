"""The direction of imports, and that the contracts would notice."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

PACKAGES = ("chipsim", "nsn_mapping", "workloads", "reports")
PLANTED = [
    ("chipsim/plan/planted.py", "chipsim.engines", "A lower layer never imports a higher one"),
    ("chipsim/plan/planted.py", "simpy", "simpy only in the reference engine"),
    ("chipsim/plan/planted.py", "pydantic", "pydantic and yaml only in the descriptions"),
    ("chipsim/noc/planted.py", "llvmlite", "llvmlite only in the loader, numba nowhere"),
    ("chipsim/sweep/planted.py", "mpi4py", "optuna only in sweeps, mpi4py only in distributed"),
    ("workloads/planted.py", "chipsim.engines", "Mappers, workloads and reports do not reach into the engines"),
    ("workloads/planted.py", "rich", "typer and rich only in the command line"),
    (
        "workloads/nsn/planted.py",
        "chipsim.programs",
        "The chip's programs and the golden model share no matching or growth code",
    ),
    ("nsn_mapping/planted.py", "matplotlib", "matplotlib only in reports"),
    ("nsn_mapping/planted.py", "mtkahypar", "mtkahypar only in the process that it runs in"),
    ("nsn_mapping/check/planted.py", "nsn_mapping.partition", "The checker of mappings shares no code with their makers"),
    ("chipsim/engines/reference/planted.py", "chipsim.engines.compiled", "The engines do not know each other"),
]
"""File, what it imports, and the contract that this breaks: every contract there is."""

HEAVY = {"numpy", "pydantic", "yaml", "simpy", "networkx", "pymetis", "matplotlib", "pyarrow", "jinja2", "scipy", "llvmlite"}


def lint(folder: Path) -> str:
    """Output of import-linter on the packages of a folder, without the banner."""
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as main; main(['--no-cache'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_contracts_hold(root: Path) -> None:
    output = lint(root)
    assert "Contracts: " in output, output
    assert " 0 broken." in output, output


def test_planted_violations_are_noticed(root: Path, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    for name, imports, _ in PLANTED:
        with (tmp_path / name).open("a") as file:
            file.write(f"import {imports}\n")
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == {contract for _, _, contract in PLANTED}
    output = lint(tmp_path)
    broken = {line.strip().split(" BROKEN")[0] for line in output.splitlines() if " BROKEN" in line}
    assert broken == {contract for _, _, contract in PLANTED}, output
    for name, imports, _ in PLANTED:
        assert f"{name.removesuffix('.py').replace('/', '.')} -> {imports}" in output, f"{name} imports {imports}: {output}"


def test_every_folder_of_code_is_a_package(root: Path) -> None:
    """Without ``__init__.py`` neither mypy nor import-linter would look into it."""
    folders = {path.parent for package in PACKAGES for path in (root / package).rglob("*.py")}
    assert len(folders) > 15
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_the_command_line_starts_without_anything_heavy(root: Path) -> None:
    code = "import sys, chipsim.cli.app; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & HEAVY == set()

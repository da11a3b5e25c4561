"""The direction of imports, and that the contracts would notice."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = ("chipsim", "nsn_mapping", "workloads", "reports")
HEAVY = {"numpy", "pydantic", "yaml", "simpy", "networkx", "pymetis", "matplotlib", "pyarrow", "jinja2", "scipy", "numba"}


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
    planted = {
        "chipsim/plan/planted.py": "import chipsim.engines\nimport simpy\nimport pydantic\n",
        "chipsim/sweep/planted.py": "import mpi4py\n",
        "workloads/planted.py": "import nsn_mapping\nimport chipsim.engines\nimport rich\n",
        "workloads/nsn/planted.py": "import chipsim.machine\n",
        "nsn_mapping/planted.py": "import matplotlib\n",
        "nsn_mapping/check/planted.py": "import nsn_mapping.partition\n",
    }
    for name, text in planted.items():
        (tmp_path / name).write_text(text)
    output = lint(tmp_path)
    results = [line.strip() for line in output.splitlines() if " BROKEN" in line]
    assert len(results) == 9, output
    assert "The engines do not know each other KEPT" in output


def test_every_folder_of_code_is_a_package(root: Path) -> None:
    """Without ``__init__.py`` neither mypy nor import-linter would look into it."""
    folders = {path.parent for package in PACKAGES for path in (root / package).rglob("*.py")}
    assert len(folders) > 15
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_the_command_line_starts_without_anything_heavy(root: Path) -> None:
    code = "import sys, chipsim.cli.app; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & HEAVY == set()

"""Files and functions stay small: no file over 450 lines, and few, explained exceptions from ruff's limits on functions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PACKAGES = ("chipsim", "nsn_mapping", "workloads", "reports", "tests")
MOST_LINES, MOST_EXCEPTIONS = 450, 10


def sources(root: Path) -> dict[str, str]:
    files = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in files}


def test_no_file_is_long(root: Path) -> None:
    lines = {name: text.count("\n") for name, text in sources(root).items()}
    assert len(lines) > 300
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_functions_have_few_parameters_and_statements(root: Path) -> None:
    """``make check`` runs ruff; here it is held that ruff looks, and that exceptions are few and have a reason."""
    ruff = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert {"PLR0913", "PLR0915"} <= set(ruff["select"]) and ruff["pylint"] == {"max-args": 10, "max-statements": 60}
    assert not any("PLR" in code for codes in ruff["per-file-ignores"].values() for code in codes)
    found = [(name, said) for name, text in sources(root).items() for said in re.findall(r"# noqa: PLR\d+(.*)", text)]
    assert len(found) <= MOST_EXCEPTIONS
    assert [name for name, said in found if len(said.split()) < 3] == []

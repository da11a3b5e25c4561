"""Nobody outside a program's folder names it: neither imports of it, nor comparisons with its name, nor with that of a kind of workload.

What still does stands in a list with its reason; an entry that is no longer needed fails, so that the list can only shrink.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from chipsim.config.workload import WORKLOADS
from chipsim.programs.base import PROGRAMS

SHIPPED = ("nsn", "snn", "packets")
KINDS = ("text", "log", "generated", "arrays", "traffic", "synthetic")

IMPORTS = {
    "nsn_mapping/mappers/": "the mappers of stored and of spiking networks say what packets and trees of these programs cost",
}
"""Files outside of a program's folder that import from it."""

COMPARISONS: dict[str, str] = {}
"""Files outside of a program's folder that compare something with its name, or with the name or model of a kind of workload."""


def trees(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """Path and syntax tree of every file outside of the programs' folders."""
    for package in ("chipsim", "nsn_mapping", "workloads", "reports"):
        for path in sorted((root / package).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not name.startswith("chipsim/programs/"):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules that a file imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def program_of(module: str) -> str | None:
    """The program that a module belongs to."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["chipsim", "programs"] and len(parts) > 2 and parts[2] in SHIPPED else None


def asked(tree: ast.AST) -> Iterator[str]:
    """Names of programs and kinds that a file compares with, and models of kinds that it tests for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                words = side.elts if isinstance(side, (ast.Tuple, ast.List, ast.Set)) else [side]
                for word in words:
                    if isinstance(word, ast.Constant) and word.value in SHIPPED + KINDS and _asks_for_a_kind(node):
                        yield str(word.value)
                    if isinstance(word, ast.Attribute) and word.attr == "NAME":
                        yield ast.unparse(word)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            yield from (one.id for one in ast.walk(node.args[1]) if isinstance(one, ast.Name) and one.id.endswith("Workload"))
        elif isinstance(node, ast.Attribute) and node.attr in SHIPPED[:2]:  # packets are counted everywhere
            yield ast.unparse(node)


def _asks_for_a_kind(node: ast.Compare) -> bool:
    """Whether a comparison is of something called kind, program or workload; other things may be called text or log."""
    return any(word in ast.unparse(node) for word in ("kind", "program", "workload"))


def excused(name: str, reasons: dict[str, str]) -> str | None:
    """The entry of a list that a file falls under."""
    return next((entry for entry in reasons if name == entry or (entry.endswith("/") and name.startswith(entry))), None)


def test_the_lists_are_of_what_ships() -> None:
    assert PROGRAMS.names()[: len(SHIPPED)] == SHIPPED
    assert WORKLOADS.names()[: len(KINDS)] == KINDS


def test_a_program_is_imported_by_the_registry_alone(root: Path) -> None:
    found, used = [], set()
    for name, tree in trees(root):
        for module in imported(tree):
            if program_of(module) is not None:
                used.add(entry := excused(name, IMPORTS))
                found += [f"{name}: {module}"] if entry is None else []
    assert found == []
    assert set(IMPORTS) - used == set(), "no longer needed"


def test_no_program_imports_another(root: Path) -> None:
    found = []
    for path in sorted((root / "chipsim/programs").rglob("*.py")):
        own = path.relative_to(root / "chipsim/programs").parts[0]
        for module in imported(ast.parse(path.read_text(encoding="utf-8"))):
            if program_of(module) not in (None, own):
                found.append(f"{path.relative_to(root)}: {module}")
    assert found == []


def test_nobody_asks_which_program_or_kind_runs(root: Path) -> None:
    found, used = [], set()
    for name, tree in trees(root):
        if name.startswith("workloads/kinds/"):
            continue  # a kind's own file
        for word in asked(tree):
            used.add(entry := excused(name, COMPARISONS))
            found += [f"{name}: {word}"] if entry is None else []
    assert found == []
    assert set(COMPARISONS) - used == set(), "no longer needed"


@pytest.mark.parametrize(
    "line",
    [
        'if workload.kind == "log": pass',
        'if plan.program in ("snn", "packets"): pass',
        "if plan.program != nsn.NAME: pass",
        "assert isinstance(workload, TextWorkload | LogWorkload)",
        'what = "nsn" if summary["kind"] == "nsn" else 1',
        "self.nsn.roots",
    ],
)
def test_a_question_would_be_noticed(line: str) -> None:
    assert list(asked(ast.parse(line)))

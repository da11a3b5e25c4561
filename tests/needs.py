"""Which programs a test needs: it is skipped, with the reason, where one of them has been taken out (its folder deleted).

A file needs the programs that it imports at its top, itself or through helpers in ``tests``; what runs experiments or workloads of a program
by name says so: ``pytestmark = needs("nsn")`` for a file, ``@needs("snn")`` for a test, ``under("packets", names)`` for rows of a table,
``require("nsn")`` in a fixture for all tests that ask for it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.folders import ROOT

FOLDER = ROOT / "chipsim" / "programs"
SHIPPED = ("nsn", "snn", "packets")


def needs(*programs: str) -> pytest.MarkDecorator:
    """The mark of what needs programs."""
    assert set(programs) <= set(SHIPPED), programs
    return pytest.mark.needs(*programs)


def require(*programs: str) -> None:
    """Have all tests skipped that ask for the fixture that calls this."""
    if reason := missing(programs):
        pytest.skip(reason)


def under(program: str, names: Iterable[Any]) -> list[Any]:
    """Rows of a table of parameters that need a program."""
    return [pytest.param(name, marks=needs(program)) for name in names]


def there(program: str) -> bool:
    """Whether a program's folder is."""
    return (FOLDER / program / "__init__.py").is_file()


def missing(programs: Iterable[str]) -> str:
    """The reason to skip what needs programs; "" where all are there."""
    gone = [program for program in SHIPPED if program in programs and not there(program)]
    return f"needs what is not installed: {', '.join(f'chipsim.programs.{program}' for program in gone)}" if gone else ""


@cache
def imports_of(file: Path) -> frozenset[str]:
    """Programs that a file of tests imports at its top, itself or through helpers."""
    found: set[str] = set()
    todo, seen = [file], set()
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        for module in _at_the_top(one):
            parts = module.split(".")
            if parts[:2] == ["chipsim", "programs"] and len(parts) > 2:
                found.add(parts[2])
            helper = ROOT.joinpath(*parts).with_suffix(".py")
            if parts[0] == "tests" and helper.is_file():
                todo.append(helper)
    return frozenset(found & set(SHIPPED))


def _at_the_top(file: Path) -> Iterator[str]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)

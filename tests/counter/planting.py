"""Errors of counting, planted in the core programs as the reference engine runs them: a count is dropped, doubled or cut to a third.

Where the programs count is found in their syntax trees: every ``act[ACTION] += times``, and ``act[ACTION] = times``. A planted function has
another code object for the time of a test; whoever imported it before runs that.
"""

from __future__ import annotations

import ast
import importlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import chipsim.programs.nsn
from chipsim.machine import actions

PACKAGE = Path(chipsim.programs.nsn.__path__[0])
FILES = sorted(str(p.relative_to(PACKAGE))[:-3] for p in (*PACKAGE.glob("*.py"), *PACKAGE.glob("reference/*.py")))

ERRORS = {
    "dropped": "0 * ({0})",
    "doubled": "2 * ({0})",
    "cut": "({0}) // 3 + (({0}) % 3 > 2 - next(TURNS) % 3)",  # a third of what a run counts, the last of each three
}
"""What becomes of the times that something is counted."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is counted: the ``nth`` place in a function of a file that counts an action."""

    file: str
    function: str
    action: str
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.file}.{self.function}.{self.action}.{self.nth}"


def counted(node: ast.AST) -> str:
    """The action that a statement counts, or ""."""
    target = node.target if isinstance(node, ast.AugAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
    if isinstance(target, ast.Subscript) and ast.unparse(target.value).rpartition(".")[2] == "act":
        name = ast.unparse(target.slice)
        return actions.ACTION_NAMES[getattr(actions, name)] if name.startswith("A_") else ""
    return ""


@cache
def tree_of(file: str) -> ast.Module:
    """Syntax tree of a file of the programs."""
    return ast.parse((PACKAGE / f"{file}.py").read_text(encoding="utf-8"))


@cache
def places() -> tuple[Place, ...]:
    """Every place at which the programs count."""
    found = []
    for file in FILES:
        for function in ast.walk(tree_of(file)):
            if isinstance(function, ast.FunctionDef):
                told = [name for node in ast.walk(function) if (name := counted(node))]
                found += [Place(file, function.name, name, told[:i].count(name)) for i, name in enumerate(told)]
    return tuple(found)


class _Planter(ast.NodeTransformer):
    def __init__(self, place: Place, error: str) -> None:
        self.place, self.error, self.met, self.done = place, error, 0, 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Only the function of the place is looked at."""
        return self.generic_visit(node) if node.name == self.place.function else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """The place, if it is this."""
        return self._statement(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """Likewise."""
        return self._statement(node)

    def _statement(self, node: Any) -> ast.AST:
        if counted(node) != self.place.action:
            return node
        self.met += 1
        if self.met == self.place.nth + 1:
            self.done += 1
            node.value = ast.parse(ERRORS[self.error].format(ast.unparse(node.value)), mode="eval").body
        return node


def planted_code(place: Place, error: str) -> CodeType:
    """Code of a function with an error.

    Raises:
        LookupError: the place is not there.
    """
    planter = _Planter(place, error)
    source = (PACKAGE / f"{place.file}.py").read_text(encoding="utf-8")
    tree = ast.fix_missing_locations(planter.visit(ast.parse(source)))
    found = [code for code in _codes(compile(tree, place.file, "exec")) if code.co_name == place.function]
    if planter.done != 1 or len(found) != 1:
        raise LookupError(f"no place {place}")
    return found[0]


def _codes(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _codes(inner)


@contextmanager
def planted(place: Place, error: str) -> Iterator[None]:
    """The programs with an error."""
    module = importlib.import_module(f"chipsim.programs.nsn.{place.file.replace('/', '.')}")
    function = _function(module, place.function)
    before = function.__code__
    module.TURNS = itertools.count()  # type: ignore[attr-defined]
    function.__code__ = planted_code(place, error)
    try:
        yield
    finally:
        function.__code__ = before
        del module.TURNS


def _function(module: Any, name: str) -> FunctionType:
    owners = [module, *(one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__)]
    found: list[FunctionType] = [vars(owner)[name] for owner in owners if name in vars(owner)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} functions {name} in {module.__name__}")
    return found[0]

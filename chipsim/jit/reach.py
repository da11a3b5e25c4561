"""What a kernel consists of: the functions that it calls, directly or not, and the numbers that these name."""

from __future__ import annotations

import ast
import copy
import hashlib
import importlib
from collections.abc import Iterator
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from chipsim.jit.guards import guard
from chipsim.jit.rewrite import Rewrite
from chipsim.jit.sources import PROJECT, source_of, tree_of

Constants = tuple[tuple[str, int], ...]


def imported(function: FunctionType, user: str) -> bool:
    """Whether a function that a module has from elsewhere is a kernel: one of the project's, or of the module's own package."""
    return function.__module__.partition(".")[0] in (*PROJECT, user.partition(".")[0])


@cache
def changed(name: str, constants: Constants) -> tuple[ast.Module, dict[str, int]]:
    """The syntax tree of a module as it is compiled, and the numbers that it names beyond its own."""
    rewrite = Rewrite(importlib.import_module(name), dict(constants))
    tree = rewrite.visit(copy.deepcopy(tree_of(name)))
    return tree, rewrite.numbers


def fingerprint(name: str, constants: Constants, entries: tuple[str, ...]) -> str:
    """A hash of all that the code of some entries depends on.

    Raises:
        Untranslatable: one of the functions has a form that would be compiled into something else.
    """
    hasher = hashlib.sha256()
    for module, set_, node in sorted(_reached(name, constants, entries), key=lambda one: (one[0], one[2].name)):
        hasher.update(f"{module}.{node.name} {_dump(node)}\n".encode())
        for key, value in _numbers(module, set_, node):
            hasher.update(f"{key} = {value}\n".encode())
    return hasher.hexdigest()


def _reached(name: str, constants: Constants, entries: tuple[str, ...]) -> Iterator[tuple[str, Constants, ast.FunctionDef]]:
    waiting = [(name, constants, entry) for entry in entries]
    seen = set(waiting)
    while waiting:
        module, set_, function = waiting.pop()
        names = vars(importlib.import_module(module))
        node = _functions(module, set_).get(function)
        source = source_of(module)
        if node is None or source is None:
            continue
        guard(names, _functions(module)[function], source.where)
        yield module, set_, node
        for one in ast.walk(node):
            value = names.get(one.id) if isinstance(one, ast.Name) else None
            if isinstance(value, FunctionType) and imported(value, module):
                near = value.__module__.rpartition(".")[0] == module.rpartition(".")[0]
                key = value.__module__, set_ if near else (), value.__name__
                if key not in seen:
                    seen.add(key)
                    waiting.append(key)


@cache
def _functions(module: str, constants: Constants | None = None) -> dict[str, ast.FunctionDef]:
    tree = tree_of(module) if constants is None else changed(module, constants)[0]
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _dump(node: ast.FunctionDef) -> str:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return ast.dump(ast.FunctionDef(node.name, node.args, body, [], None), annotate_fields=False)


def _numbers(module: str, constants: Constants, node: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    names, extra = vars(importlib.import_module(module)), changed(module, constants)[1]
    set_ = {key: value for key, value in constants if key in names}
    inline = node.name in names.get("INLINE", ())
    yield "inline", str(inline)
    for name in sorted({one.id for one in ast.walk(node) if isinstance(one, ast.Name)}):
        if name in extra:
            yield name, str(extra[name])
        elif name in names:
            yield name, _text(set_.get(name, names[name]))


def _text(value: Any) -> str:
    """What of a global value goes into code."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
    if isinstance(value, ModuleType):
        if value.__name__.partition(".")[0] not in PROJECT:
            return value.__name__
        source = source_of(value.__name__)
        return hashlib.sha256(source.data if source is not None else b"").hexdigest()
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__} {getattr(value, '_fields', '')}"
    return value.__name__ if isinstance(value, FunctionType) else f"{type(value).__name__} {value!r}"

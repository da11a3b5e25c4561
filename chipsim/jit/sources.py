"""Sources of kernels: each is read once and parsed at most once in a process, and told apart by its content alone."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType

from chipsim.jit.errors import Untranslatable

PROJECT = ("chipsim", "nsn_mapping", "workloads")
"""Packages whose kernels are compiled; a plugin's package is another."""


@dataclass(frozen=True, slots=True)
class Source:
    """A module's file.

    Attributes:
        module: its name.
        path: where it is.
        where: how messages and keys name it: the same in every clone.
        data: what is in it.
    """

    module: str
    path: Path
    where: str
    data: bytes


@cache
def source_of(module: str) -> Source | None:
    """The source of a module; None if there is no such module, or no file in Python."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    path = Path(spec.origin)
    where = module.replace(".", "/") + ("/__init__.py" if spec.submodule_search_locations is not None else ".py")
    return Source(module, path, where, path.read_bytes())


@cache
def tree_of(module: str) -> ast.Module:
    """The syntax tree of a module; not to be changed.

    Raises:
        ModuleNotFoundError: it has no source.
    """
    source = source_of(module)
    if source is None:
        raise ModuleNotFoundError(f"{module} has no source")
    return ast.parse(source.data, str(source.path))


@cache
def functions_of(module: str) -> dict[str, ast.FunctionDef]:
    """The functions of a module by name."""
    return {node.name: node for node in tree_of(module).body if isinstance(node, ast.FunctionDef)}


def function_of(part: str) -> FunctionType:
    """The function that ``module:function`` names.

    Raises:
        Untranslatable: there is none.
    """
    module, _, name = part.partition(":")
    found = getattr(importlib.import_module(module), name, None)
    if not isinstance(found, FunctionType):
        raise Untranslatable(f"{module}: no function {name}; allowed: functions at module level")
    return found


@cache
def content_hash(package: str) -> str:
    """A hash of every Python source in a package, by name and content; read in the order of names."""
    hasher = hashlib.sha256()
    for name, data in sorted(_files(package)):
        hasher.update(f"{name} {len(data)}\n".encode())
        hasher.update(data)
    return hasher.hexdigest()


def _files(package: str) -> Iterator[tuple[str, bytes]]:
    spec = importlib.util.find_spec(package)
    if spec is None:
        return
    for root in spec.submodule_search_locations or ():
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
            for name in names:
                if name.endswith(".py"):
                    path = Path(folder, name)
                    yield path.relative_to(root).as_posix(), path.read_bytes()
    if not spec.submodule_search_locations and spec.origin is not None:
        yield package, Path(spec.origin).read_bytes()

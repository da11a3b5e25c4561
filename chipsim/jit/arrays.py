"""Array-style kernels, compiled by numba from the very source that everyone else runs as Python.

``load("nsn_mapping.place.swaps")`` gives a second copy of a module, under a name of its own, whose functions are compiled when
they are first called; functions that it imports from other modules of the project come from copies of those. The source is changed in
six ways only, none of which changes what it computes:

* a *bundle* (a parameter annotated with a NamedTuple such as ``Core``) is one flat array that begins with a word per field: the value of a
  number, or where a sequence begins. ``m.layer[i]`` becomes ``m[m[0] + i]``. Seventy arrays as arguments took 110 s to compile and
  3 us per call.
* a *struct* (a NamedTuple class marked with ``struct``) stays what it is, one array per field; indices of its fields are unsigned;
* calls name every argument, and whole numbers among them lose the type of a literal, so that each function is compiled once;
* ``T[i, c]`` of an array whose type names the WIDTH of its rows becomes ``T[i * WIDTH + c]``, and indices are unsigned: none of them counts
  from the end, and not to ask saves a third of the instructions;
* a test of a constant that the caller of ``load`` has set is decided, and the branch not taken is left out;
* annotations go.

Functions that a module names in ``INLINE`` become part of their callers: a call hands over seven words per array.

What is compiled is kept under a hash of the syntax trees of all functions that it consists of and of the numbers that they name
(``reach``); which hash belongs to the sources as they are is kept too, so that nothing is parsed where these were seen before.
"""

from __future__ import annotations

import ast
import importlib
import json
import marshal
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeVar

import numpy as np

from chipsim.jit import store
from chipsim.jit.checks import is_checked
from chipsim.jit.interpret import is_interpreted
from chipsim.jit.overloads import compiled
from chipsim.jit.reach import changed, fingerprint, imported
from chipsim.jit.sources import content_hash, source_of

Kind = TypeVar("Kind")
Constants = tuple[tuple[str, int], ...]
_PRINT = "_fingerprint"
"""Where a copy keeps the hash of what it is made from."""


def load(name: str, constants: Mapping[str, int] | None = None, entries: Sequence[str] = ()) -> ModuleType:
    """A compiled copy of a module.

    Args:
        name: the module, e.g. ``nsn_mapping.place.swaps``.
        constants: names of module-level constants and their values in this copy and in copies of modules of the same package that it uses;
            tests of them are decided before compilation.
        entries: functions that are called from Python and kept in the cache; those of no entry can be called by compiled code only.

    Returns:
        A module with the same names; the same object for the same arguments.

    Raises:
        Untranslatable: a kernel has a form that would be compiled into something else.
        ImportError: numba is not installed, or a version that cannot be used.
    """
    return _load(name, tuple(sorted((constants or {}).items())), tuple(entries), is_interpreted(), is_checked())


def narrow() -> type[np.signedinteger[Any]]:
    """The type of words of 32 bits. Machine code widens what it reads; without the compiler nobody does, so they are wide in memory."""
    return np.int64 if is_interpreted() else np.int32


# -- whether code is there --------------------------------------------------------------------------------------------------


def alone(module: ModuleType) -> Any:
    """One process at a time compiles a copy; the others wait here and then find the code in the cache."""
    return store.alone(vars(module)[_PRINT])


def is_cold(module: ModuleType) -> bool:
    """Whether code of a copy must be compiled first; ``set_warm`` notes that it was."""
    return not is_interpreted() and store.read(f"{vars(module)[_PRINT]}.whole") is None


def set_warm(module: ModuleType) -> None:
    """Note that all code of a copy is in the cache."""
    if not is_interpreted():
        store.write(f"{vars(module)[_PRINT]}.whole", b"")


def folder_of(module: ModuleType) -> Path:
    """Where the code of a copy is kept."""
    return store.writable() or store.folders()[0]


# -- copies of modules --------------------------------------------------------------------------------------------------------


@cache
def _load(name: str, constants: Constants, entries: tuple[str, ...], interpreted: bool, checked: bool) -> ModuleType:
    setting = "".join(f"_{key.lower()}{value}" for key, value in constants)
    kind = f"{'_' if entries else ''}{'_checked' if checked else ''}"
    module = ModuleType(f"compiled_{name.replace('.', '_')}{setting}{kind}")
    print_ = module.__dict__[_PRINT] = (
        _fingerprint(name, constants, entries, checked) if entries else ""
    )  # refuses what it must
    code, numbers = _source(name, constants)
    source = source_of(name)
    assert source is not None
    module.__file__ = str(source.path)
    sys.modules[module.__name__] = module  # numba finds the module of kept code by its name
    exec(code, module.__dict__)
    module.__dict__.update((key, value) for key, value in constants if key in module.__dict__)
    module.__dict__.update((key, np.int64(value)) for key, value in numbers.items())
    module.__dict__["_index"] = np.uintp
    if interpreted:
        _fill(module, name, constants, interpreted, checked)
        return module
    for key in entries:
        before = _Fill(module, name, constants, checked)
        module.__dict__[key] = compiled(module.__dict__[key], (print_, before), False, checked)
    if not entries:
        _fill(module, name, constants, interpreted, checked)
    return module


class _Fill:
    """Before the first function of a copy is compiled: those that it may call are compiled functions too."""

    def __init__(self, module: ModuleType, name: str, constants: Constants, checked: bool) -> None:
        self._arguments = module, name, constants, False, checked

    def __call__(self) -> None:
        """See to it, once."""
        if self._arguments[0].__dict__.setdefault("_filled", False) is False:
            self._arguments[0].__dict__["_filled"] = True
            _fill(*self._arguments)


def _fill(module: ModuleType, name: str, constants: Constants, interpreted: bool, checked: bool) -> None:
    inline = getattr(importlib.import_module(name), "INLINE", ())
    for key, value in list(module.__dict__.items()):
        if not isinstance(value, FunctionType):
            continue
        if value.__module__ == module.__name__:
            if not interpreted:
                module.__dict__[key] = compiled(value, None, key in inline, checked)
        elif imported(value, name):
            near = value.__module__.rpartition(".")[0] == name.rpartition(".")[0]
            other = _load(value.__module__, constants if near else (), (), interpreted, checked)
            module.__dict__[key] = getattr(other, value.__name__)


# -- what the cache knows of sources ------------------------------------------------------------------------------------------


def _sources(name: str) -> str:
    """A hash of all sources that a copy of a module may depend on, and of the version of Python."""
    packages = sorted({"chipsim", "nsn_mapping", "workloads", name.partition(".")[0]})
    return store.key_of(sys.version, *(content_hash(package) for package in packages))


@cache
def _source(name: str, constants: Constants) -> tuple[CodeType, dict[str, int]]:
    """The changed source of a module, ready to be run, and the numbers that it names."""
    key = store.key_of("copy", name, repr(constants), _sources(name)) + ".copy"
    kept = store.read(key)
    if kept is not None:
        return marshal.loads(kept)
    tree, numbers = changed(name, constants)
    source = source_of(name)
    assert source is not None
    code = compile(ast.fix_missing_locations(tree), source.where, "exec", dont_inherit=True)
    store.write(key, marshal.dumps((code, numbers)))
    return code, numbers


def _fingerprint(name: str, constants: Constants, entries: tuple[str, ...], checked: bool) -> str:
    """A hash of the kernels that entries of a module lead to."""
    from importlib.metadata import version

    key = store.key_of("reach", name, repr((constants, entries, checked)), _sources(name)) + ".print"
    kept = store.read(key)
    if kept is None:
        kept = json.dumps(fingerprint(name, constants, entries)).encode()
        store.write(key, kept)
    return store.key_of(json.loads(kept), str(checked), version("numba"), sys.version)

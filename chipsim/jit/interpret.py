"""Kernels run as Python, with the numbers that a unit sets: copies of modules whose functions call each other's copies."""

from __future__ import annotations

import importlib
import os
from functools import cache
from types import FunctionType, ModuleType
from typing import Any, get_type_hints

import numpy as np

from chipsim.jit.kinds import Kind, kind_of, struct_fields
from chipsim.jit.marshal import array_fault, rows_code, rows_fault
from chipsim.jit.records import Block, lent, put_back, row_dtype
from chipsim.jit.sources import function_of, source_of, tree_of


def is_interpreted() -> bool:
    """Whether kernels are to be run as Python: ``CHIPSIM_INTERPRET=1``."""
    return os.environ.get("CHIPSIM_INTERPRET", "0") not in ("", "0")


@cache
def copy_of(name: str, constants: tuple[tuple[str, int], ...] = (), parts: tuple[tuple[str, str], ...] = ()) -> ModuleType:
    """A module with other numbers and kernels (``module:function`` by name); the module itself where there are none to set."""
    original = importlib.import_module(name)
    source = source_of(name)
    if not (constants or parts) or source is None:
        return original
    module = ModuleType(f"{name}:{','.join(f'{key}={value}' for key, value in (*constants, *parts))}")
    own = module.__dict__["__name__"]
    module.__file__ = str(source.path)
    module.__package__ = original.__package__
    exec(compile(tree_of(name), str(source.path), "exec"), module.__dict__)
    module.__dict__.update((key, value) for key, value in constants if key in module.__dict__)
    for key, value in list(module.__dict__.items()):
        if isinstance(value, type) and value.__module__ == own:
            module.__dict__[key] = getattr(original, key)  # classes are the same everywhere
        elif isinstance(value, FunctionType) and value.__module__ != own:
            home, function = value.__module__, value.__name__
            near = home.rpartition(".")[0] == name.rpartition(".")[0]
            if near and vars(importlib.import_module(home)).get(function) is value:
                module.__dict__[key] = getattr(copy_of(home, constants, parts), function)
    module.__dict__.update((key, function_of(part)) for key, part in parts if key in module.__dict__)
    return module


def call(function: Any, arguments: tuple[Any, ...]) -> Any:
    """Run a kernel on what blocks and arrays hold: views of them, and copies of tables, from which is taken over what it leaves.

    Raises:
        TypeError: an array is none that the kernel would take when it is compiled.
    """
    hints = get_type_hints(function)
    known: dict[Any, Any] = {}
    for argument, (parameter, hint) in zip(arguments, hints.items(), strict=False):
        fault = _fault(argument, kind_of(hint))
        if fault:
            raise TypeError(f"{function.__module__.partition(':')[0]}.{function.__name__}: {parameter} is {fault}")
    given = [_lent(argument, hint, known) for argument, hint in zip(arguments, hints.values(), strict=False)]
    result = function(*given)
    taken: set[int] = set()
    for argument, hint, made in zip(arguments, hints.values(), given, strict=False):
        if isinstance(argument, Block):
            argument.take(made, taken)
        elif isinstance(argument, np.ndarray):
            put_back(_kind(hint), argument, made)
    return 0 if result is None else result


def _fault(argument: Any, kind: Kind | None) -> str:
    """What is wrong with an array, or with one of a struct."""
    if kind is not None and kind.what == "struct" and isinstance(argument, kind.of):
        fields = zip(struct_fields(kind.of).items(), argument, strict=True)
        faults = [(name, array_fault(array, code)) for (name, (_, code)), array in fields]
        return next((f"a {kind.of.__name__} whose {name} is {fault}" for name, fault in faults if fault), "")
    if kind is None or not isinstance(argument, np.ndarray):
        return ""
    if kind.what == "rows":
        return rows_fault(argument, rows_code(row_dtype(kind.of)))
    return array_fault(argument, kind.of if kind.what == "column" else "i8")


def _lent(argument: Any, hint: Any, known: dict[Any, Any]) -> Any:
    if isinstance(argument, Block):
        return argument.interpreted(known)
    if isinstance(argument, np.ndarray):
        return lent(_kind(hint), argument, known)
    if isinstance(argument, tuple):
        return type(argument)(*(lent(None, array, known) for array in argument))
    return argument.item() if isinstance(argument, np.generic) else argument


def _kind(hint: Any) -> Any:
    """The class of an array's rows, or of a bundle; None for numbers."""
    kind = kind_of(hint)
    return kind.of if kind is not None and kind.what in ("rows", "bundle") else None

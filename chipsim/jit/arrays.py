"""Array-style kernels, compiled by numba from the very source that everyone else runs as Python.

``load("chipsim.programs.nsn.program")`` gives a second copy of a module, under a name of its own, whose functions are compiled when
they are first called; functions that it imports from other modules of this project come from copies of those. The source is changed in
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

Compiled code is kept in a folder named by a hash of all sources that a module can reach by its imports: numba itself looks at the file of the
outermost function alone and would go on with what it made from an older helper. The folder lies in ``CHIPSIM_CACHE_DIR``, by default the user's
cache folder.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import importlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar, cast

import numpy as np

from chipsim.jit.rewrite import Rewrite
from chipsim.jit.sources import PROJECT

ROOT = Path(__file__).resolve().parent.parent.parent
KERNELS = (
    "chipsim/machine",
    "chipsim/network",
    "chipsim/noc",
    "chipsim/programs",
    "chipsim/engines/compiled",
    "nsn_mapping",
    "workloads",
)
"""Where functions that may be compiled are; what they import from elsewhere are names of numbers."""

ALWAYS = ("chipsim/jit/arrays.py", "chipsim/jit/rewrite.py", "chipsim/jit/words.py", "chipsim/ids.py")
"""Sources that all compiled code depends on."""

CACHE_DIR = "CHIPSIM_CACHE_DIR"
Kind = TypeVar("Kind")
_NAME = "_compiled_from"
"""Where a copy keeps the name of the module that it was made from."""


def struct(kind: type[Kind]) -> type[Kind]:
    """Mark a NamedTuple class as one that kernels take as it is, one array per field, and not as a bundle."""
    kind.STRUCT = True  # type: ignore[attr-defined]
    return kind


def load(name: str, constants: Mapping[str, int] | None = None, entries: Sequence[str] = ()) -> ModuleType:
    """A compiled copy of a module.

    Args:
        name: the module, e.g. ``chipsim.programs.nsn.program``.
        constants: names of module-level constants and their values in this copy and in copies of modules of the same package that it uses;
            tests of them are decided before compilation.
        entries: functions that are called from Python and kept in the cache; those of no entry can be called by compiled code only.

    Returns:
        A module with the same names; the same object for the same arguments.
    """
    return _load(name, tuple(sorted((constants or {}).items())), tuple(entries))


@contextlib.contextmanager
def alone(module: ModuleType) -> Iterator[None]:
    """One process at a time compiles a copy; the others wait here and then find the code in the cache."""
    with _mark(module).with_suffix(".lock").open("a") as file:
        with contextlib.suppress(OSError):  # some file systems have no locks; then both compile
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_cold(module: ModuleType) -> bool:
    """Whether code of a copy must be compiled first; ``set_warm`` notes that it was."""
    return not _disabled() and not _mark(module).exists()


def folder_of(module: ModuleType) -> Path:
    """Where the code of a copy is kept."""
    return cache_folder(vars(module)[_NAME])


def set_warm(module: ModuleType) -> None:
    """Note that all code of a copy is in the cache."""
    if not _disabled():
        with contextlib.suppress(OSError):
            _mark(module).touch()


def pack(bundle: Any, sizes: Sequence[int] = ()) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """A NamedTuple of numbers and sequences as the flat array that compiled kernels take.

    Args:
        bundle: the values.
        sizes: without it, as long as the sequences are.
    """
    head, body, offset = [], [], len(bundle)
    for field in bundle:
        if isinstance(field, (int, np.integer)):
            head.append(int(field))
        else:
            head.append(offset)
            body.append(np.asarray(field, np.int64))
            offset += len(field)
    return np.concatenate([np.array(head, np.int64), *body])


@cache
def _load(name: str, constants: tuple[tuple[str, int], ...], entries: tuple[str, ...]) -> ModuleType:
    original = importlib.import_module(name)
    path = Path(str(original.__file__))
    rewrite = Rewrite(original, dict(constants))
    tree = ast.fix_missing_locations(rewrite.visit(ast.parse(path.read_text(encoding="utf-8"))))
    setting = "".join(f"_{key.lower()}{value}" for key, value in constants)
    module = ModuleType(f"compiled_{name.replace('.', '_')}{setting}{'_' if entries else ''}")
    module.__file__ = str(path)
    module.__dict__[_NAME] = name
    sys.modules[module.__name__] = module  # numba finds a cached function's module by its name
    exec(compile(tree, str(path), "exec"), module.__dict__)
    module.__dict__.update((key, value) for key, value in constants if key in module.__dict__)
    module.__dict__.update(rewrite.numbers)
    module.__dict__["_index"] = np.uintp
    for key, value in list(module.__dict__.items()):
        if isinstance(value, FunctionType):
            if value.__module__ == module.__name__:
                module.__dict__[key] = _compiled(value, name, key in entries, key in getattr(original, "INLINE", ()))
            elif value.__module__.split(".")[0] in PROJECT:
                near = value.__module__.rpartition(".")[0] == name.rpartition(".")[0]
                module.__dict__[key] = getattr(_load(value.__module__, constants if near else (), ()), value.__name__)
    return module


def _compiled(function: FunctionType, module: str, entry: bool, inline: bool) -> Callable[..., Any]:
    import numba

    if _disabled():
        return function
    numba.config.CACHE_DIR = str(cache_folder(module))
    # without reference counts of arrays, which took half of the time: kernels make no arrays and give none back
    options = {"error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
    if entry:
        function.__qualname__ = (
            f"{function.__module__}.{function.__qualname__}"  # the cache knows functions by file and this name
        )
        return cast(Callable[..., Any], numba.njit(cache=True, **options)(function))
    return cast(Callable[..., Any], numba.njit(no_cpython_wrapper=True, forceinline=inline, **options)(function))


def narrow() -> type[np.signedinteger[Any]]:
    """The type of words of 32 bits. Machine code widens what it reads; without the compiler nobody does, so they are wide in memory."""
    return np.int64 if _disabled() else np.int32


def _disabled() -> bool:
    import numba

    return bool(numba.config.DISABLE_JIT)


@cache
def cache_folder(name: str) -> Path:
    """Where the compiled code of a module is kept; a folder for this version of its sources, made if need be."""
    import numba

    hasher = hashlib.sha256(f"{numba.__version__} {numba.config.BOUNDSCHECK} {numba.config.OPT} {sys.version}".encode())
    for path in sorted({ROOT / source for source in ALWAYS} | _reached(name)):
        hasher.update(path.read_bytes())
    wanted = os.environ.get(CACHE_DIR)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for base in ([Path(wanted)] if wanted else [home / "chipsim"]) + [Path(tempfile.gettempdir()) / f"chipsim-{os.getuid()}"]:
        folder = base / hasher.hexdigest()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="chipsim-"))


@cache
def _reached(name: str) -> frozenset[Path]:
    """Sources of a module and of all that it imports, directly or not, from where compiled functions are."""
    found: set[Path] = set()
    names = [name]
    while names:
        spec = importlib.util.find_spec(names.pop())
        path = Path(spec.origin) if spec is not None and spec.origin is not None else None
        if path is None or path in found or not any(path.is_relative_to(ROOT / place) for place in KERNELS):
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.split(".")[0] in PROJECT:
                names.append(node.module)
    return frozenset(found)


def _mark(module: ModuleType) -> Path:
    return folder_of(module) / f"{module.__name__}.whole"

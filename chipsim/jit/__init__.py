"""The one place that imports numba: kernels compiled from the very source that everyone else runs as Python.

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
import inspect
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar, cast

import numpy as np

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

ALWAYS = ("chipsim/jit/__init__.py", "chipsim/ids.py")
"""Sources that all compiled code depends on."""

PROJECT = ("chipsim", "nsn_mapping", "workloads")
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
    rewrite = _Rewrite(original, dict(constants))
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


def _index(at: ast.expr) -> ast.expr:
    """An index that is known not to be negative: without this each access asks whether it counts from the end."""
    return ast.Call(ast.Name("_index", ast.Load()), [at], [])


class _Rewrite(ast.NodeTransformer):
    """The changes that the module's docstring lists."""

    def __init__(self, module: ModuleType, constants: dict[str, int]) -> None:
        self.names, self.constants = vars(module), constants
        self.bundles: dict[str, tuple[str, ...]] = {}
        self.tables: dict[str, int] = {}  # rows of so many words
        self.arrays: set[str] = set()
        self.structs: set[str] = set()
        self.offsets: dict[str, str] = {}  # local name of a field -> bundle
        self.inside = False
        self.local: set[str] = set()
        self.numbers: dict[str, np.int64] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outer = self.bundles, self.tables, self.arrays, self.structs, self.offsets, self.inside
        self.bundles = {a.arg: f for a in node.args.args if (f := self._fields(a.annotation))}
        self.tables = {a.arg: w for a in node.args.args if (w := self._width(a.annotation))}
        self.arrays = {
            a.arg for a in node.args.args if isinstance(a.annotation, ast.Name) and a.annotation.id in ("Ints", "Row")
        }
        self.structs = {a.arg for a in node.args.args if self._is_struct(a.annotation)}
        self.offsets, self.inside = {}, True
        self.local = {a.arg for a in node.args.args} | {
            n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        for argument in node.args.args:
            argument.annotation = None
        node.returns = None
        node.args.defaults = []
        self.generic_visit(node)
        self.bundles, self.tables, self.arrays, self.structs, self.offsets, self.inside = outer
        return node

    def _fields(self, annotation: ast.expr | None) -> tuple[str, ...]:
        kind = self.names.get(annotation.id) if isinstance(annotation, ast.Name) else None
        bundle = isinstance(kind, type) and issubclass(kind, tuple) and not self._is_struct(annotation)
        return getattr(kind, "_fields", ()) if bundle else ()

    def _is_struct(self, annotation: ast.expr | None) -> bool:
        kind = self.names.get(annotation.id) if isinstance(annotation, ast.Name) else None
        return bool(getattr(kind, "STRUCT", False))

    def _width(self, annotation: ast.expr | None) -> int:
        kind = self.names.get(annotation.id) if isinstance(annotation, ast.Name) else None
        return int(getattr(kind, "WIDTH", 0)) if isinstance(kind, type) else 0

    def _word(self, node: ast.expr) -> ast.Subscript | None:
        """``m.field`` as the word of the header that stands for it."""
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self.bundles):
            return None
        index = self.bundles[node.value.id].index(node.attr)
        return ast.Subscript(ast.Name(node.value.id, ast.Load()), ast.Constant(index), ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._word(node) or self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for name, field in zip(target.elts, value.elts, strict=True):
                if isinstance(name, ast.Name) and isinstance(field, ast.Attribute) and self._word(field):
                    assert isinstance(field.value, ast.Name)
                    self.offsets[name.id] = field.value.id
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        word: ast.expr | None = self._word(node.value)
        bundle = word.value.id if isinstance(word, ast.Subscript) and isinstance(word.value, ast.Name) else None
        if word is None and isinstance(node.value, ast.Name) and node.value.id in self.offsets:
            word, bundle = node.value, self.offsets[node.value.id]
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if word is not None and bundle is not None:
            at: ast.expr = ast.BinOp(word, ast.Add(), self.visit(node.slice))
            return ast.Subscript(ast.Name(bundle, ast.Load()), _index(at), node.ctx)
        of = node.value.value if isinstance(node.value, ast.Attribute) else None
        if isinstance(of, ast.Name) and of.id in self.structs and not isinstance(node.slice, ast.Constant):
            return ast.Subscript(node.value, _index(self.visit(node.slice)), node.ctx)
        if name in self.tables and isinstance(node.slice, ast.Tuple):
            row, column = (self.visit(part) for part in node.slice.elts)
            at = ast.BinOp(ast.BinOp(row, ast.Mult(), ast.Constant(self.tables[name])), ast.Add(), column)
            return ast.Subscript(node.value, _index(at), node.ctx)
        if name in self.arrays and not isinstance(node.slice, ast.Constant):
            return ast.Subscript(node.value, _index(self.visit(node.slice)), node.ctx)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = self.names.get(node.func.id) if self.inside and isinstance(node.func, ast.Name) else None
        self.generic_visit(node)
        first = node.args[0] if node.args else None
        if (
            isinstance(node.func, ast.Name)
            and node.func.id == "len"
            and isinstance(first, ast.Name)
            and first.id in self.tables
        ):
            return ast.BinOp(node, ast.FloorDiv(), ast.Constant(self.tables[first.id]))
        if isinstance(function, FunctionType) and function.__module__.split(".")[0] in PROJECT and not node.keywords:
            parameters = list(inspect.signature(function).parameters.values())[len(node.args) :]
            node.args += [ast.Constant(p.default) for p in parameters if not any(isinstance(a, ast.Starred) for a in node.args)]
            node.args = [self._plain(a) for a in node.args]
        return node

    def _plain(self, node: ast.expr) -> ast.expr:
        """A whole number without the type of a literal."""
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(node, ast.Name) and node.id not in self.local:
            value = self.names.get(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
            value = node.operand.value
            value = -value if isinstance(node.op, ast.USub) and isinstance(value, int) else None
        if type(value) is not int:
            return node
        name = f"_{value}".replace("-", "minus_")
        self.numbers[name] = np.int64(value)
        return ast.Name(name, ast.Load())

    def visit_If(self, node: ast.If) -> Any:
        decided = self._decide(node.test)
        if decided is None:
            return self.generic_visit(node)
        kept: list[ast.stmt] = []
        for statement in node.body if decided else node.orelse:
            new = self.visit(statement)
            kept += new if isinstance(new, list) else [new]
        return kept or ast.Pass()

    def _decide(self, test: ast.expr) -> bool | None:
        if not any(isinstance(n, ast.Name) and n.id in self.constants for n in ast.walk(test)):
            return None
        names = {n.id for n in ast.walk(test) if isinstance(n, ast.Name)}
        values = {n: self.constants.get(n, self.names.get(n)) for n in names}
        if not all(isinstance(v, int) for v in values.values()):
            return None
        return bool(eval(compile(ast.Expression(test), "<constant>", "eval"), {"__builtins__": {}}, values))

"""What names in a kernel stand for: modules, their numbers and functions, with the numbers that a unit sets; what is known before a run."""

from __future__ import annotations

import ast
import importlib
import operator
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from chipsim.jit.sources import tree_of

UNKNOWN = object()
"""Instead of a value: known when the kernel runs, if ever."""

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.LShift: operator.lshift, ast.RShift: operator.rshift, ast.BitAnd: operator.and_, ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip


def plain(value: Any) -> Any:
    """A number or a tuple of numbers as Python has them; anything else as it is."""
    if isinstance(value, (bool, np.bool_, np.integer)):
        return int(value)
    if isinstance(value, (tuple, list, range)) and all(isinstance(one, (int, np.integer)) for one in value):
        return tuple(int(one) for one in value)
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iu":
        return tuple(value.tolist())
    return value


def packages_of(module: str) -> frozenset[str]:
    """The package of a module, and those from which it has numbers or modules by ``import``: what its kernels can depend on."""
    names, found = vars(importlib.import_module(module)), {module.partition(".")[0]}
    for node in tree_of(module).body:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            values = [plain(names.get(alias.asname or alias.name)) for alias in node.names]
            if any(isinstance(value, (int, float, tuple, ModuleType)) for value in values):
                found.add(node.module.partition(".")[0])
    return frozenset(found - sys.stdlib_module_names - {"numpy"})


class Scope:
    """The names of one module as a unit sees them.

    ``given`` are the numbers and kernels that the unit sets, in its own module and in modules of the same package.
    """

    def __init__(self, module: str, package: str, given: Mapping[str, Any]) -> None:
        self.module = module
        self._names = vars(importlib.import_module(module))
        near = module.rpartition(".")[0] == package
        self._set = {name: value for name, value in given.items() if near and name in self._names}

    def find(self, name: str) -> Any:
        """What a name of the module stands for; UNKNOWN if it has none."""
        if name in self._set:
            return self._set[name]
        return plain(self._names.get(name, UNKNOWN))

    def hint(self, annotation: ast.expr | None) -> Any:
        """The value of an annotation; UNKNOWN if it has none or cannot be told."""
        if annotation is None:
            return UNKNOWN
        try:
            if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
                annotation = ast.parse(annotation.value, mode="eval").body
            return eval(compile(ast.Expression(annotation), self.module, "eval"), dict(self._names))
        except (NameError, AttributeError, SyntaxError, TypeError):
            return UNKNOWN

    def known(self, node: ast.expr, local: Mapping[str, Any] | frozenset[str]) -> Any:
        """The value of an expression that has the same in every run; UNKNOWN of others.

        Raises:
            ZeroDivisionError, ValueError, OverflowError: it has none, such as ``1 // 0``.
        """
        if isinstance(node, ast.Constant):
            return plain(node.value) if isinstance(node.value, (int, bool)) else UNKNOWN
        if isinstance(node, ast.Name):
            return UNKNOWN if node.id in local else self.find(node.id)
        if isinstance(node, ast.Attribute):
            base = self.known(node.value, local)
            return plain(getattr(base, node.attr, UNKNOWN)) if hasattr(base, "__spec__") else UNKNOWN
        if isinstance(node, ast.Tuple):
            parts = [self.known(part, local) for part in node.elts]
            return tuple(parts) if all(isinstance(part, int) for part in parts) else UNKNOWN
        if isinstance(node, ast.BoolOp):
            return self._bool(node, local)
        if isinstance(node, ast.IfExp):
            test = self.known(node.test, local)
            return UNKNOWN if not isinstance(test, int) else self.known(node.body if test else node.orelse, local)
        return self._operation(node, local)

    def _bool(self, node: ast.BoolOp, local: Mapping[str, Any] | frozenset[str]) -> Any:
        decisive = isinstance(node.op, ast.Or)
        value: Any = UNKNOWN
        for part in node.values:
            value = self.known(part, local)
            if not isinstance(value, int) or bool(value) is decisive:
                return value if isinstance(value, int) else UNKNOWN
        return value

    def _operation(self, node: ast.expr, local: Mapping[str, Any] | frozenset[str]) -> Any:
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left, right = self.known(node.left, local), self.known(node.right, local)
            return _BINARY[type(node.op)](left, right) if isinstance(left, int) and isinstance(right, int) else UNKNOWN
        if isinstance(node, ast.UnaryOp):
            value = self.known(node.operand, local)
            return int(_UNARY[type(node.op)](value)) if isinstance(value, int) else UNKNOWN
        if isinstance(node, ast.Compare):
            values = [self.known(part, local) for part in (node.left, *node.comparators)]
            if any(not isinstance(value, (int, tuple)) for value in values) or any(type(op) not in _COMPARE for op in node.ops):
                return UNKNOWN
            pairs = zip(node.ops, values, values[1:], strict=False)
            return int(all(_COMPARE[type(op)](a, b) for op, a, b in pairs))
        if isinstance(node, ast.Subscript):
            table, at = self.known(node.value, local), self.known(node.slice, local)
            return table[at] if isinstance(table, tuple) and isinstance(at, int) and 0 <= at < len(table) else UNKNOWN
        return UNKNOWN

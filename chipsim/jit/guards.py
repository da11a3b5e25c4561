"""What array-style kernels may not do: forms that the loader's changes, or numba, would make into something else than Python does.

Each is refused with its file and line before anything is compiled. Handle-style kernels need no such list: they are translated form by form,
and what has no translation is refused.
"""

from __future__ import annotations

import ast
import builtins
import collections.abc
from collections.abc import Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any, get_origin, get_type_hints

from chipsim.jit.errors import Untranslatable

_FORMS: dict[type[ast.AST], str] = {
    ast.Try: "try", ast.With: "with", ast.Lambda: "a lambda", ast.ListComp: "a comprehension", ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension", ast.GeneratorExp: "a comprehension", ast.JoinedStr: "a string", ast.Yield: "yield",
    ast.YieldFrom: "yield", ast.Await: "await", ast.Global: "global", ast.Nonlocal: "nonlocal", ast.ClassDef: "a class",
    ast.Import: "an import", ast.ImportFrom: "an import", ast.Delete: "del", ast.Raise: "raise", ast.Assert: "assert", ast.Dict: "a dictionary",
    ast.Set: "a set", ast.List: "a list", ast.NamedExpr: "an assignment within an expression", ast.Match: "match",
}  # fmt: skip
_STATEMENTS = "assignments, if, while, for, return, and expressions of numbers and arrays"


def guard(names: Mapping[str, Any], node: ast.FunctionDef, where: str) -> None:
    """Refuse a kernel that would be compiled into something else.

    Args:
        names: of its module.
        node: the function, as it is written.
        where: its file, as messages name it.

    Raises:
        Untranslatable: with file, line, what was found and what is allowed.
    """
    _Guard(names, node, where).check()


class _Guard:
    def __init__(self, names: Mapping[str, Any], node: ast.FunctionDef, where: str) -> None:
        self.names, self.node, self.where = names, node, where
        self.kinds = {argument.arg: self._kind(argument.annotation) for argument in node.args.args}
        self.parent = {child: one for one in ast.walk(node) for child in ast.iter_child_nodes(one)}
        stored = [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
        self.local = {*stored, *self.kinds}
        self.aliases = dict(self._aliases())
        for name in self.aliases:
            if stored.count(name) > 1:
                raise self._refused(node, f"{name}: a field of a bundle, and something else", "one meaning per name")

    def check(self) -> None:
        arguments = self.node.args
        if arguments.kwonlyargs or arguments.vararg or arguments.kwarg or arguments.posonlyargs:
            raise self._refused(self.node, f"the parameters of {self.node.name}", "parameters by place, without * and /")
        for statement in self.node.body:
            for one in ast.walk(statement):
                self._one(one)

    def _one(self, one: ast.AST) -> None:
        if type(one) in _FORMS or (isinstance(one, ast.FunctionDef) and one is not self.node):
            raise self._refused(one, _FORMS.get(type(one), "a function within a function"), _STATEMENTS)
        if (
            isinstance(one, ast.Constant)
            and isinstance(one.value, (str, bytes))
            and not isinstance(self.parent.get(one), ast.Expr)
        ):
            raise self._refused(one, "a string", _STATEMENTS)
        if isinstance(one, ast.BinOp) and isinstance(one.op, (ast.Div, ast.FloorDiv, ast.Mod)) and _number(one.right) == 0:
            raise self._refused(one, "a division by 0", "other divisors")
        if isinstance(one, ast.Attribute):
            self._attribute(one)
        elif isinstance(one, ast.Subscript):
            self._subscript(one)
        elif isinstance(one, ast.Call):
            self._call(one)
        elif isinstance(one, ast.Name):
            self._name(one)

    def _kind(self, annotation: ast.expr | None) -> Any:
        """The class of a bundle, a struct or a table; "ints" for plain arrays; None for others."""
        if not isinstance(annotation, ast.Name):
            return None
        kind = self.names.get(annotation.id)
        if isinstance(kind, type) and (hasattr(kind, "_fields") or hasattr(kind, "WIDTH")):
            return kind
        return "ints" if annotation.id in ("Ints", "Row") else None

    def _is_bundle(self, node: ast.AST | None) -> bool:
        kind = self.kinds.get(node.id) if isinstance(node, ast.Name) else None
        return hasattr(kind, "_fields") and not hasattr(kind, "STRUCT")

    def _sequence(self, node: ast.AST) -> tuple[str, bool] | None:
        """For a bundle's field that is a sequence: its text, and whether kernels may write it."""
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and self._is_bundle(node.value)):
            return None
        hint = _hints(self.kinds[node.value.id]).get(node.attr, int)
        return None if hint is int else (ast.unparse(node), get_origin(hint) is not collections.abc.Sequence)

    def _aliases(self) -> Iterator[tuple[str, tuple[str, bool]]]:
        """Local names of sequences of bundles."""
        for one in ast.walk(self.node):
            if isinstance(one, ast.Assign) and len(one.targets) == 1:
                for target, value in _pairs(one.targets[0], one.value):
                    found = self._sequence(value)
                    if isinstance(target, ast.Name) and found is not None:
                        yield target.id, found

    def _attribute(self, node: ast.Attribute) -> None:
        kind = self.kinds.get(node.value.id) if isinstance(node.value, ast.Name) else None
        fields = getattr(kind, "_fields", None)
        if fields is not None and node.attr not in fields:
            raise self._refused(node, f"{ast.unparse(node.value)} has no {node.attr}", ", ".join(fields))
        if not self._is_bundle(node.value):
            return
        if isinstance(node.ctx, ast.Store):
            raise self._refused(node, f"storing {ast.unparse(node)}", "storing items of a bundle's sequences")
        above = self.parent.get(node)
        alone = not (isinstance(above, ast.Subscript) and above.value is node)
        if alone and self._sequence(node) is not None and not self._is_aliased(node):
            raise self._refused(node, f"{ast.unparse(node)} taken alone", "its items, or a local name for it")

    def _is_aliased(self, node: ast.AST) -> bool:
        above = self.parent.get(node)
        if isinstance(above, ast.Tuple):
            above = self.parent.get(above)
        if not isinstance(above, ast.Assign) or len(above.targets) != 1:
            return False
        return any(value is node and isinstance(target, ast.Name) for target, value in _pairs(above.targets[0], above.value))

    def _subscript(self, node: ast.Subscript) -> None:
        base = node.value
        kind = self.kinds.get(base.id) if isinstance(base, ast.Name) else None
        sequence = self._sequence(base) or (self.aliases.get(base.id) if isinstance(base, ast.Name) else None)
        owner = self.kinds.get(base.value.id) if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name) else None
        of_struct = hasattr(owner, "STRUCT")
        if kind is None and sequence is None and not of_struct:
            return
        width = getattr(kind, "WIDTH", 0)
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if width and len(indices) != 2:
            raise self._refused(node, f"{ast.unparse(node)}: a row taken alone", "row and column")
        if (kind == "ints" or sequence is not None) and len(indices) != 1:
            raise self._refused(node, ast.unparse(node), "one index")
        for index in indices:
            number = _number(index)
            if number is not None and number < 0:
                raise self._refused(node, f"the index {number}", "indices from 0: none counts from the end")
            if isinstance(index, ast.Slice) and not of_struct:
                raise self._refused(node, f"the slice {ast.unparse(node)}", "one item at a time")
        if sequence is not None and isinstance(node.ctx, ast.Store) and not sequence[1]:
            raise self._refused(node, f"storing into {sequence[0]}", "what is not constant")

    def _call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name):
            return
        target = self.names.get(node.func.id)
        if node.func.id in self.local or (target is None and not hasattr(builtins, node.func.id)):
            raise self._refused(node, f"{node.func.id}, which is no known function", "kernels and functions of numbers")
        if isinstance(target, FunctionType) and node.keywords:
            raise self._refused(
                node, f"arguments of {node.func.id} by name", "arguments by place; those with a default may be left out"
            )

    def _name(self, node: ast.Name) -> None:
        above = self.parent.get(node)
        if node.id not in self.local and node.id not in self.names and not hasattr(builtins, node.id):
            raise self._refused(node, f"{node.id}, which is not known", "local names and those of the module")
        if not isinstance(node.ctx, ast.Load):
            if self._is_bundle(node):
                raise self._refused(node, f"{node.id} given another value", "other names")
            return
        if self._is_bundle(node) and not isinstance(above, (ast.Attribute, ast.Call)):
            raise self._refused(node, f"{node.id} taken alone", "its fields, and calls that take it")
        if node.id in self.aliases and not (isinstance(above, ast.Subscript) and above.value is node):
            raise self._refused(node, f"{node.id} taken alone", "its items: it stands for a field of a bundle")

    def _refused(self, node: ast.AST, found: str, allowed: str) -> Untranslatable:
        return Untranslatable(f"{self.where}:{getattr(node, 'lineno', 0)}: {found}; allowed: {allowed}")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def _number(node: ast.expr) -> int | float | None:
    """The number that is written down, if one is."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _number(node.operand)
        return None if number is None else -number
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) else None

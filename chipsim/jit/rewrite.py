"""The changes that array-style kernels need: ``chipsim.jit.arrays`` says which, and why."""

from __future__ import annotations

import ast
import inspect
from types import FunctionType, ModuleType
from typing import Any

from chipsim.jit.sources import PROJECT
from chipsim.jit.words import wrap


def _index(at: ast.expr) -> ast.expr:
    """An index that is known not to be negative: without this each access asks whether it counts from the end."""
    return ast.Call(ast.Name("_index", ast.Load()), [at], [])


class Rewrite(ast.NodeTransformer):
    """The changes that the module's docstring lists."""

    def __init__(self, module: ModuleType, constants: dict[str, int]) -> None:
        self.names, self.constants = vars(module), constants
        self.roots = (*PROJECT, module.__name__.partition(".")[0])
        self.bundles: dict[str, tuple[str, ...]] = {}
        self.tables: dict[str, int] = {}  # rows of so many words
        self.arrays: set[str] = set()
        self.structs: set[str] = set()
        self.offsets: dict[str, str] = {}  # local name of a field -> bundle
        self.inside = False
        self.local: set[str] = set()
        self.numbers: dict[str, int] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function, by the annotations of its parameters."""
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
        if node.attr not in self.bundles[node.value.id]:
            return None  # the guards refuse it
        index = self.bundles[node.value.id].index(node.attr)
        return ast.Subscript(ast.Name(node.value.id, ast.Load()), ast.Constant(index), ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """A field of a bundle."""
        return self._word(node) or self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """Names that stand for fields of a bundle from here on."""
        target, value = node.targets[0], node.value
        names, fields = [target], [value]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            names, fields = target.elts, value.elts
        for name, field in zip(names, fields, strict=False):
            if isinstance(name, ast.Name) and isinstance(field, ast.Attribute) and self._word(field):
                assert isinstance(field.value, ast.Name)
                self.offsets[name.id] = field.value.id
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """An item of an array."""
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
        """Numbers among the arguments, and defaults."""
        if self.inside and isinstance(node.func, ast.Name) and self.names.get(node.func.id) is wrap:
            return self.visit(node.args[0])  # every word wraps
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
        if isinstance(function, FunctionType) and function.__module__.partition(".")[0] in self.roots and not node.keywords:
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
        self.numbers[name] = value
        return ast.Name(name, ast.Load())

    def visit_If(self, node: ast.If) -> Any:
        """A test that is decided before compilation."""
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

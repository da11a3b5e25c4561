"""A unit: the functions that others may call, and all that these call, as one text for LLVM.

Functions of a unit stand in one text, so that LLVM makes small ones part of their callers by itself. What leads out of the unit goes through
addresses in a handle's head.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import FunctionType

from chipsim.jit.assembly import Assembly, Body, Site
from chipsim.jit.calls import has_length
from chipsim.jit.context import Context, Signature, Slot
from chipsim.jit.errors import Untranslatable
from chipsim.jit.kinds import NONE, Kind, bundle_fields, struct_fields
from chipsim.jit.records import fields_of
from chipsim.jit.scope import Scope, packages_of
from chipsim.jit.signatures import signature_of
from chipsim.jit.sources import function_of, functions_of, source_of
from chipsim.jit.statements import run


@dataclass(frozen=True, slots=True)
class Request:
    """What a unit is made from.

    Attributes:
        module: where its exported functions are.
        exports: their names.
        constants: numbers that it sets, by name.
        dtypes: codes of columns by ``Class.field`` that differ from their annotations.
        checked: whether what can go wrong is looked for.
        floats: whether kernels may compute with floats.
        parts: kernels that stand in for others, ``module:function`` by the name of those.
        loops: whether loops are unrolled and made into vectors.
    """

    module: str
    exports: tuple[str, ...]
    constants: tuple[tuple[str, int], ...] = ()
    dtypes: tuple[tuple[str, str], ...] = ()
    checked: bool = False
    floats: bool = False
    parts: tuple[tuple[str, str], ...] = ()
    loops: bool = True


@dataclass(frozen=True, slots=True)
class Translation:
    """A unit as text.

    Attributes:
        text: for LLVM.
        symbols: of the exported functions in it, by name.
        signatures: of the exported functions, by name.
        sites: where checked code can fail.
        columns: codes of the columns that are used, by ``Class.field``.
        packages: from which it took functions, or modules took numbers.
    """

    text: str
    symbols: Mapping[str, str]
    signatures: Mapping[str, Signature]
    sites: Sequence[Site]
    columns: Mapping[str, str]
    packages: frozenset[str]


def symbol_of(module: str, name: str) -> str:
    """What a function is called in the text."""
    return f"{module}.{name}"


def translate(request: Request) -> Translation:
    """The text of a unit.

    Raises:
        Untranslatable: a kernel has a form that cannot be compiled.
    """
    unit = _Unit(request)
    found = {name: unit.export(name) for name in request.exports}
    while unit.waiting:
        unit.add(*unit.waiting.pop(0))
    symbols = {name: symbol for name, (symbol, _) in found.items()}
    signatures = {name: signature for name, (_, signature) in found.items()}
    packages = frozenset(package for module in unit.scopes for package in packages_of(module))
    return Translation(unit.assembly.text(), symbols, signatures, unit.assembly.sites, unit.assembly.columns, packages)


class _Unit:
    """What is known of a unit while it grows."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.assembly = Assembly()
        self.dtypes = dict(request.dtypes)
        self.given = dict(request.constants) | {name: function_of(part) for name, part in request.parts}
        self.package = request.module.rpartition(".")[0]
        self.scopes: dict[str, Scope] = {}
        self.known: dict[tuple[str, str], tuple[str, Signature]] = {}
        self.waiting: list[tuple[str, str]] = []
        self.exported: set[tuple[str, str]] = set()

    def scope(self, module: str) -> Scope:
        if module not in self.scopes:
            self.scopes[module] = Scope(module, self.package, self.given)
        return self.scopes[module]

    def ask(self, module: str, name: str) -> tuple[str, Signature]:
        """The symbol and signature of a function, which will be part of the unit."""
        key = module, name
        if key not in self.known:
            node, where = _node(module, name)
            self.known[key] = symbol_of(module, name), signature_of(self.scope(module), node, where, self.request.floats)
            self.waiting.append(key)
        return self.known[key]

    def export(self, name: str) -> tuple[str, Signature]:
        """Likewise of one that others call: a function of the unit's module, or one that it imports."""
        found = self.scope(self.request.module).find(name)
        if not isinstance(found, FunctionType):
            raise Untranslatable(
                f"{self.request.module}: no function {name}; allowed: functions of the module, and those that it imports"
            )
        self.exported.add((found.__module__, found.__name__))
        return self.ask(found.__module__, found.__name__)

    def add(self, module: str, name: str) -> None:
        """Translate a function."""
        node, where = _node(module, name)
        symbol, signature = self.known[module, name]
        cx = Context(
            self.assembly,
            Body(),
            self.scope(module),
            where,
            signature.gives,
            _local(node),
            self.dtypes,
            self.request.checked,
            self.request.floats,
            self.ask,
        )
        words = [_parameter(cx, *pair) for pair in zip(signature.names, signature.kinds, strict=True)]
        run(cx, node.body)
        if cx.body.open:
            if signature.gives != NONE:
                raise cx.refused(node, f"{name} may end without a result", "a return at every end, or -> None")
            cx.body.close("ret void")
        exported = (module, name) in self.exported
        inline = name in getattr(importlib.import_module(module), "INLINE", ()) and not exported
        head = f"define {'' if exported else 'internal '}{signature.gives.word} @{symbol}({', '.join(words)})"
        self.assembly.functions.append(
            "\n".join([f"{head} nounwind{' alwaysinline' if inline else ''} {{", *cx.body.text(), "}"])
        )


def _node(module: str, name: str) -> tuple[ast.FunctionDef, str]:
    source = source_of(module)
    if source is None:
        raise Untranslatable(f"{module}.{name}: no source; allowed: kernels in modules of Python source")
    found = functions_of(module).get(name)
    if found is None:
        raise Untranslatable(f"{source.where}: no function {name}; allowed: functions at module level")
    return found, source.where


def _local(node: ast.FunctionDef) -> frozenset[str]:
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return frozenset(names | {argument.arg for argument in node.args.args})


def _parameter(cx: Context, name: str, kind: Kind) -> str:
    """A parameter in the function's head; its value is kept as that of a local name, for it may be given another."""
    body, what = cx.body, kind.word
    room, length = body.room(what), ""
    body.emit(f"store {what} %p.{name}, ptr {room}, align 8")
    text = f"{what}{_attributes(kind)} %p.{name}"
    if has_length(kind, cx.lengths):
        length = body.room("i64")
        body.emit(f"store i64 %n.{name}, ptr {length}, align 8")
        text += f", i64 %n.{name}"
    cx.slots[name] = Slot(kind, room, length)
    return text


@cache
def _attributes(kind: Kind) -> str:
    """What the optimiser may take for granted of a parameter."""
    if kind.what == "handle":
        words = sum(field.words for field in fields_of(kind.of).values())
    elif kind.what == "bundle":
        words = len(bundle_fields(kind.of))
    elif kind.what == "struct":
        words = 2 * len(struct_fields(kind.of))
    else:
        return ""
    return f" nonnull noundef align 8 dereferenceable({8 * max(1, words)})"

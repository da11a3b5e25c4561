"""What kernels take and give, from their annotations."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from typing import get_type_hints

from chipsim.jit.context import Signature
from chipsim.jit.errors import Untranslatable
from chipsim.jit.kinds import FLOAT, INT, NONE, Kind, kind_of
from chipsim.jit.records import Field
from chipsim.jit.scope import Scope

ALLOWED = "int, bool, a Handle, a Row, Rows[...], Column[...], a bundle, a struct, arrays, Ints; for results int, bool or None"


def signature_of(scope: Scope, node: ast.FunctionDef, where: str, floats: bool) -> Signature:
    """The signature of a function.

    Raises:
        Untranslatable: a parameter or the result has no annotation, or one that kernels cannot have.
    """
    arguments, line = node.args, f"{where}:{node.lineno}"
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs or node.decorator_list:
        raise Untranslatable(f"{line}: {node.name}; allowed: parameters by place without * and /, no decorators")
    for name in (node.name, *(argument.arg for argument in arguments.args)):
        if not name.isascii():
            raise Untranslatable(f"{line}: the name {name}; allowed: functions and parameters in ASCII")
    kinds = []
    for argument in arguments.args:
        kind = kind_of(scope.hint(argument.annotation))
        if kind is None or kind.what in ("none", "functions"):
            raise Untranslatable(f"{line}: {node.name}: {ast.unparse(argument)}; allowed: {ALLOWED}")
        kinds.append(kind)
    gives = kind_of(scope.hint(node.returns))
    if gives not in (INT, FLOAT, NONE):
        raise Untranslatable(
            f"{line}: {node.name}: result {ast.unparse(node.returns) if node.returns else '-'}; allowed: {ALLOWED}"
        )
    if not floats and FLOAT in (gives, *kinds):
        raise Untranslatable(f"{line}: {node.name}: a float; allowed: {ALLOWED}")
    defaults = tuple(scope.known(default, frozenset()) for default in arguments.defaults)
    if not all(isinstance(default, int) for default in defaults):
        raise Untranslatable(f"{line}: {node.name}: a default that is no number; allowed: whole numbers")
    return Signature(tuple(a.arg for a in arguments.args), tuple(kinds), gives, defaults, scope.hint(node.returns) is bool)


@cache
def functions_of_kind(kind: type) -> dict[str, Signature]:
    """The signatures of the functions that a Functions class names.

    Raises:
        Untranslatable: an annotation is none that kernels can have.
    """
    found = {}
    for name, method in vars(kind).items():
        if name.startswith("__") or not callable(method):
            continue
        hints = get_type_hints(method)
        names = tuple(inspect.signature(method).parameters)[1:]
        kinds: list[Kind] = []
        for parameter in names:
            taken = kind_of(hints.get(parameter, object))
            if taken is None or taken.what in ("none", "functions"):
                raise Untranslatable(f"{kind.__name__}.{name}: {parameter}; allowed: {ALLOWED}")
            kinds.append(taken)
        gives = kind_of(hints.get("return", object))
        if gives not in (INT, NONE):
            raise Untranslatable(f"{kind.__name__}.{name}: its result; allowed: {ALLOWED}")
        found[name] = Signature(names, tuple(kinds), gives)
    return found


def functions_of_field(field: Field) -> dict[str, Signature]:
    """Those of a field of a handle."""
    return functions_of_kind(field.kind)

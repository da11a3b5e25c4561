"""Calls: of what every kernel has, of other kernels, and of functions behind an address."""

from __future__ import annotations

import ast
import math
import types
from collections.abc import Callable

from chipsim.jit import arithmetic
from chipsim.jit.assembly import INVARIANT
from chipsim.jit.context import ENDLESS, Context, Signature, Value, source_text
from chipsim.jit.kinds import CODES, FLOAT, INT, NONE, Kind, row_bytes
from chipsim.jit.places import as_float, as_words
from chipsim.jit.scope import UNKNOWN
from chipsim.jit.signatures import functions_of_field
from chipsim.jit.words import lowest_bit, prefetch, wrap

BUILTINS = ("min", "max", "abs", "int", "bool", "float", "len")
Translate = Callable[[Context, ast.expr], Value]


def call(cx: Context, node: ast.Call, value: Translate) -> Value:
    """The result of a call; ``value`` translates its arguments."""
    func = node.func
    if isinstance(func, ast.Name) and func.id in cx.local:
        raise cx.refused(node, f"{func.id} is a local name", "functions of modules")
    target = cx.scope.known(func, cx.local) if isinstance(func, (ast.Name, ast.Attribute)) else UNKNOWN
    if target is wrap:
        return _wrapped(cx, node, value)
    if target is lowest_bit:
        return _lowest_bit(cx, node, value)
    if target is prefetch:
        return _prefetch(cx, node, value)
    outer, cx.wrapping = cx.wrapping, 0
    if target is math.sqrt and cx.floats:
        found = _square_root(cx, node, value)
    elif isinstance(target, types.FunctionType):
        symbol, signature = cx.call(target.__module__, target.__name__)
        found = _emit(cx, node, f"@{symbol}", signature, _bind(cx, node, signature, value))
    elif target is UNKNOWN and isinstance(func, ast.Name) and func.id in BUILTINS:
        found = _builtin(cx, node, func.id, value)
    elif target is UNKNOWN and isinstance(func, ast.Attribute):
        found = _indirect(cx, node, func, value)
    else:
        raise cx.refused(node, f"{source_text(func)} is no kernel", f"kernels, {', '.join(BUILTINS)}, wrap")
    cx.wrapping = outer
    return found


def _wrapped(cx: Context, node: ast.Call, value: Translate) -> Value:
    if len(node.args) != 1 or node.keywords:
        raise cx.refused(node, source_text(node), "wrap of one number")
    cx.wrapping += 1
    found = value(cx, node.args[0])
    cx.wrapping -= 1
    return found


def _prefetch(cx: Context, node: ast.Call, value: Translate) -> Value:
    if len(node.args) != 2 or node.keywords:
        raise cx.refused(node, source_text(node), "prefetch of a table or column, and an index")
    of, index = value(cx, node.args[0]), value(cx, node.args[1])
    if not of.kind.is_sequence or index.kind != INT:
        raise cx.refused(node, f"{source_text(node)}: {of.kind}", "a table or a column, and an index")
    size = row_bytes(of.kind.of) if of.kind.what == "rows" else CODES[of.kind.of] if of.kind.what == "column" else 8
    place = cx.body.result(f"getelementptr [{size} x i8], ptr {of.word}, i64 {index.word}")
    cx.assembly.declare("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
    cx.body.emit(f"call void @llvm.prefetch.p0(ptr {place}, i32 1, i32 3, i32 1)")
    return Value(NONE, "")


def _lowest_bit(cx: Context, node: ast.Call, value: Translate) -> Value:
    if len(node.args) != 1 or node.keywords:
        raise cx.refused(node, source_text(node), "lowest_bit of one number")
    outer, cx.wrapping = cx.wrapping, 0
    word = value(cx, node.args[0])
    cx.wrapping = outer
    if word.kind != INT:
        raise cx.refused(node, source_text(node), "whole numbers")
    if cx.checked:
        cx.fail_if(node, cx.body.result(f"icmp eq i64 {word.word}, 0"), f"{source_text(node)} of {{0}}", word.word)
    cx.assembly.declare("declare i64 @llvm.cttz.i64(i64, i1)")
    return Value(INT, cx.body.result(f"call i64 @llvm.cttz.i64(i64 {word.word}, i1 true)"))


def _builtin(cx: Context, node: ast.Call, name: str, value: Translate) -> Value:
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise cx.refused(node, source_text(node), "arguments by place")
    values = [value(cx, argument) for argument in node.args]
    if (name in ("min", "max") and len(values) < 2) or (name not in ("min", "max") and len(values) != 1):
        raise cx.refused(node, source_text(node), "two numbers or more for min and max, one argument for the others")
    if name == "len":
        length = values[0].length
        is_known = values[0].kind.what != "words" or values[0].word.startswith("@") or cx.floats
        if not values[0].kind.is_sequence or length is None or not is_known:
            raise cx.refused(node, source_text(node), "len of a table or a column")
        return Value(INT, length())
    if any(not one.kind.is_number for one in values):
        raise cx.refused(node, source_text(node), "whole numbers")
    if name in ("min", "max"):
        return arithmetic.extreme(cx, name == "min", values)
    if name == "abs":
        return arithmetic.absolute(cx, node, values[0])
    if name == "bool":
        return Value(INT, cx.body.result(f"zext i1 {arithmetic.bit_of(cx, values[0])} to i64"))
    if name == "float" and cx.floats:
        return as_float(cx, values[0])
    return values[0] if values[0].kind == INT else Value(INT, cx.body.result(f"fptosi double {values[0].word} to i64"))


def _square_root(cx: Context, node: ast.Call, value: Translate) -> Value:
    one = value(cx, node.args[0]) if len(node.args) == 1 and not node.keywords else None
    if one is None or not one.kind.is_number:
        raise cx.refused(node, source_text(node), "math.sqrt of one number")
    cx.assembly.declare("declare double @llvm.sqrt.f64(double)")
    return Value(FLOAT, cx.body.result(f"call double @llvm.sqrt.f64(double {as_float(cx, one).word})"))


def _indirect(cx: Context, node: ast.Call, func: ast.Attribute, value: Translate) -> Value:
    base = value(cx, func.value)
    if base.kind.what != "functions":
        raise cx.refused(
            node, f"{source_text(func)}: {base.kind} has no functions", "functions of a field that is annotated as Functions"
        )
    field = base.kind.of
    signatures = functions_of_field(field)
    if func.attr not in signatures:
        raise cx.refused(node, f"{field.name} has no function {func.attr}", ", ".join(signatures))
    arguments = _bind(cx, node, signatures[func.attr], value)
    place = cx.body.result(f"getelementptr inbounds i64, ptr {base.word}, i64 {field.names.index(func.attr)}")
    address = cx.body.result(f"load ptr, ptr {place}, align 8{INVARIANT}")
    if cx.checked:
        cx.fail_if(node, cx.body.result(f"icmp eq ptr {address}, null"), f"{source_text(func)} was not linked", "0")
    return _emit(cx, node, address, signatures[func.attr], arguments)


def _bind(cx: Context, node: ast.Call, signature: Signature, value: Translate) -> list[Value]:
    """The arguments of a call in the order of the parameters, defaults filled in."""
    names = signature.names
    if any(isinstance(argument, ast.Starred) for argument in node.args) or any(word.arg is None for word in node.keywords):
        raise cx.refused(node, source_text(node), "arguments one by one")
    if len(node.args) > len(names):
        raise cx.refused(node, f"{len(node.args)} arguments", f"{len(names)}: {', '.join(names)}")
    given = {name: value(cx, argument) for name, argument in zip(names, node.args, strict=False)}
    nodes: dict[str, ast.expr] = dict(zip(names, node.args, strict=False))
    for word in node.keywords:
        assert word.arg is not None
        if word.arg not in names or word.arg in given:
            raise cx.refused(node, f"the argument {word.arg}", f"each once of {', '.join(names)}")
        given[word.arg], nodes[word.arg] = value(cx, word.value), word.value
    first = len(names) - len(signature.defaults)
    for i, name in enumerate(names):
        if name not in given:
            if i < first:
                raise cx.refused(node, f"no argument {name}", f"one for each of {', '.join(names)}")
            given[name] = cx.number(node, signature.defaults[i - first])
    return [as_words(cx, nodes.get(name, node), given[name], kind) for name, kind in zip(names, signature.kinds, strict=True)]


def has_length(kind: Kind, lengths: bool) -> bool:
    """Whether a parameter of a kind comes with its length; ``lengths``: Ints have one too."""
    return kind.what in ("rows", "column") or (kind.what == "words" and lengths)


def _emit(cx: Context, node: ast.AST, target: str, signature: Signature, values: list[Value]) -> Value:
    words = []
    for one, kind in zip(values, signature.kinds, strict=True):
        words.append(f"{kind.word} {one.word}")
        if has_length(kind, cx.lengths):
            if one.length is None and cx.floats:
                raise cx.refused(node, "a sequence whose length is not known", "others than the last field of a bundle")
            words.append(f"i64 {one.length() if one.length is not None else ENDLESS}")
    line = f"{target}({', '.join(words)})"
    if signature.gives == NONE:
        cx.body.emit(f"call void {line}")
        found = Value(NONE, "")
    else:
        found = Value(signature.gives, cx.body.result(f"call {signature.gives.word} {line}"))
    if cx.checked:
        cx.leave_if_failed()
    return found

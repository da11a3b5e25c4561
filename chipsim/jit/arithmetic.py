"""Operations on words: Python's results wherever they fit into 64 bits, and with checks a message where they do not."""

from __future__ import annotations

import ast

from chipsim.jit.context import Context, Value, source_text
from chipsim.jit.kinds import FLOAT, INT
from chipsim.jit.places import as_float

_PLAIN = {ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor"}
_FLOATS = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv"}
_SUMS = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul"}
OPERATIONS = "+ - * // % << >> & | ^"

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "slt",
    ast.LtE: "sle",
    ast.Gt: "sgt",
    ast.GtE: "sge",
}


def binary(cx: Context, node: ast.AST, op: ast.operator, left: Value, right: Value) -> Value:
    """The result of an operation of two numbers."""
    for value in (left, right):
        if not value.kind.is_number:
            raise cx.refused(node, f"{value.kind} in a sum", "whole numbers")
    if FLOAT in (left.kind, right.kind) or isinstance(op, ast.Div):
        if type(op) not in _FLOATS or not cx.floats:
            raise cx.refused(node, f"the operation {type(op).__name__}", "+ - * / of floats" if cx.floats else OPERATIONS)
        return Value(FLOAT, cx.body.result(f"{_FLOATS[type(op)]} double {as_float(cx, left).word}, {as_float(cx, right).word}"))
    a, b = left.word, right.word
    if type(op) in _PLAIN:
        return Value(INT, cx.body.result(f"{_PLAIN[type(op)]} i64 {a}, {b}"))
    if type(op) in _SUMS:
        return Value(INT, _sum(cx, node, _SUMS[type(op)], a, b))
    if isinstance(op, (ast.FloorDiv, ast.Mod)):
        return Value(INT, _divide(cx, node, isinstance(op, ast.Mod), a, right))
    if isinstance(op, (ast.LShift, ast.RShift)):
        return Value(INT, _shift(cx, node, isinstance(op, ast.LShift), a, right))
    raise cx.refused(node, f"the operation {type(op).__name__}", OPERATIONS)


def _sum(cx: Context, node: ast.AST, what: str, a: str, b: str) -> str:
    if not cx.checked or cx.wrapping:
        return cx.body.result(f"{what} i64 {a}, {b}")
    name = f"@llvm.s{what}.with.overflow.i64"
    cx.assembly.declare(f"declare {{ i64, i1 }} {name}(i64, i64)")
    pair = cx.body.result(f"call {{ i64, i1 }} {name}(i64 {a}, i64 {b})")
    bit = cx.body.result(f"extractvalue {{ i64, i1 }} {pair}, 1")
    cx.fail_if(node, bit, f"{source_text(node)} leaves 64 bits: of {{0}} and {{1}}", a, b)
    return cx.body.result(f"extractvalue {{ i64, i1 }} {pair}, 0")


def negative(cx: Context, node: ast.AST, value: Value) -> Value:
    """Minus a number."""
    if value.kind == FLOAT:
        return Value(FLOAT, cx.body.result(f"fneg double {value.word}"))
    return Value(INT, _sum(cx, node, "sub", "0", value.word))


def _divide(cx: Context, node: ast.AST, rest: bool, a: str, divisor: Value) -> str:
    """Quotient or rest as Python has them, rounded down; unchecked, both are 0 where the divisor is."""
    body, b, known = cx.body, divisor.word, divisor.known
    if known == 0:
        raise cx.refused(node, "a division by 0", "other divisors")
    if known is not None and known > 0 and known & (known - 1) == 0:
        return body.result(f"and i64 {a}, {known - 1}" if rest else f"ashr i64 {a}, {known.bit_length() - 1}")
    safe = b
    special = ""
    if known is None or known == -1:  # the machine traps at some
        if cx.checked:
            cx.fail_if(node, body.result(f"icmp eq i64 {b}, 0"), f"{source_text(node)}: {{0}} divided by 0", a)
            least = body.result(f"icmp eq i64 {a}, {-(1 << 63)}")
            both = body.result(f"and i1 {least}, {body.result(f'icmp eq i64 {b}, -1')}")
            cx.fail_if(node, both, f"{source_text(node)} leaves 64 bits: {{0}} divided by -1", a)
        special = body.result(f"icmp ult i64 {body.result(f'add i64 {b}, 1')}, 2")  # 0 and -1
        safe = body.result(f"select i1 {special}, i64 1, i64 {b}")
    quotient = body.result(f"sdiv i64 {a}, {safe}")
    left = body.result(f"sub i64 {a}, {body.result(f'mul i64 {quotient}, {safe}')}")
    signs = body.result(f"icmp slt i64 {body.result(f'xor i64 {left}, {safe}')}, 0")
    down = body.result(f"and i1 {signs}, {body.result(f'icmp ne i64 {left}, 0')}")
    if rest:
        return body.result(f"add i64 {left}, {body.result(f'select i1 {down}, i64 {safe}, i64 0')}")
    found = body.result(f"sub i64 {quotient}, {body.result(f'zext i1 {down} to i64')}")
    if not special:
        return found
    return body.result(f"select i1 {special}, i64 {body.result(f'mul i64 {a}, {b}')}, i64 {found}")


def _shift(cx: Context, node: ast.AST, left: bool, a: str, places: Value) -> str:
    body, n, known = cx.body, places.word, places.known
    if known is not None and not 0 <= known <= (63 if left else 1 << 62):
        raise cx.refused(node, f"a shift by {known}", "0 to 63")
    if known is None:
        if cx.checked:
            text = f"{source_text(node)}: {{0}} shifted by {{1}}"
            cx.fail_if(node, body.result(f"icmp ugt i64 {n}, 63"), text, a, n)
        if left:
            n = body.result(f"and i64 {n}, 63")
        else:
            cx.assembly.declare("declare i64 @llvm.umin.i64(i64, i64)")
            n = body.result(f"call i64 @llvm.umin.i64(i64 {n}, i64 63)")
    elif known > 63:
        n = "63"
    if not left:
        return body.result(f"ashr i64 {a}, {n}")
    found = body.result(f"shl i64 {a}, {n}")
    if cx.checked and not cx.wrapping:
        back = body.result(f"ashr i64 {found}, {n}")
        cx.fail_if(node, body.result(f"icmp ne i64 {back}, {a}"), f"{source_text(node)} leaves 64 bits: {{0}} << {{1}}", a, n)
    return found


def extreme(cx: Context, least: bool, values: list[Value]) -> Value:
    """The least or the largest of some numbers."""
    if any(value.kind == FLOAT for value in values):
        best = as_float(cx, values[0]).word
        for value in values[1:]:
            word = as_float(cx, value).word
            bit = cx.body.result(f"fcmp {'olt' if least else 'ogt'} double {word}, {best}")
            best = cx.body.result(f"select i1 {bit}, double {word}, double {best}")
        return Value(FLOAT, best)
    name = f"@llvm.{'smin' if least else 'smax'}.i64"
    cx.assembly.declare(f"declare i64 {name}(i64, i64)")
    found = values[0].word
    for value in values[1:]:
        found = cx.body.result(f"call i64 {name}(i64 {found}, i64 {value.word})")
    return Value(INT, found)


def absolute(cx: Context, node: ast.AST, value: Value) -> Value:
    """A number without its sign."""
    if value.kind == FLOAT:
        cx.assembly.declare("declare double @llvm.fabs.f64(double)")
        return Value(FLOAT, cx.body.result(f"call double @llvm.fabs.f64(double {value.word})"))
    minus = _sum(cx, node, "sub", "0", value.word) if not cx.checked else ""
    if cx.checked:
        least = cx.body.result(f"icmp eq i64 {value.word}, {-(1 << 63)}")
        cx.fail_if(node, least, f"{source_text(node)} leaves 64 bits", value.word)
        minus = cx.body.result(f"sub i64 0, {value.word}")
    below = cx.body.result(f"icmp slt i64 {value.word}, 0")
    return Value(INT, cx.body.result(f"select i1 {below}, i64 {minus}, i64 {value.word}"))


def bit_of(cx: Context, value: Value) -> str:
    """Whether a number is not 0."""
    if value.kind == FLOAT:
        return cx.body.result(f"fcmp une double {value.word}, 0.0")
    return cx.body.result(f"icmp ne i64 {value.word}, 0")


def compare(cx: Context, op: ast.cmpop, left: Value, right: Value) -> str:
    """Whether a comparison of two numbers holds."""
    name = COMPARISONS[type(op)]
    if FLOAT not in (left.kind, right.kind):
        return cx.body.result(f"icmp {name} i64 {left.word}, {right.word}")
    ordered = "une" if name == "ne" else f"o{name.removeprefix('s')}"
    return cx.body.result(f"fcmp {ordered} double {as_float(cx, left).word}, {as_float(cx, right).word}")

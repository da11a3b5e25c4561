"""Expressions of kernels: what they compute, and where tests go."""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from chipsim.jit import arithmetic
from chipsim.jit.calls import call
from chipsim.jit.context import Context, Value, source_text
from chipsim.jit.kinds import FLOAT, INT, READ_ONLY, Kind
from chipsim.jit.places import Place, field_of, item_of, load, new_slot, read_slot, write_slot
from chipsim.jit.scope import UNKNOWN

ALLOWED = (
    "whole numbers, local names, constants, fields and items, + - * // % << >> & | ^ ~, comparisons, and, or, not, in, x if c else y, "
    "min, max, abs, int, bool, len, wrap and calls of kernels"
)
_RING = (ast.Add, ast.Sub, ast.Mult, ast.BitAnd, ast.BitOr, ast.BitXor)
"""Operations whose low 64 bits depend on the low 64 bits of what they take alone."""


def known(cx: Context, node: ast.expr) -> object:
    """The value of an expression that has the same in every run, else UNKNOWN."""
    try:
        return cx.scope.known(node, cx.local)
    except (ZeroDivisionError, ValueError, OverflowError, TypeError) as error:
        raise cx.refused(node, f"{source_text(node)}: {error}", "expressions that have a value") from error


@contextmanager
def not_wrapping(cx: Context) -> Iterator[None]:
    """Operands of what does not only depend on low bits may not overflow, though a ``wrap`` be around."""
    outer, cx.wrapping = cx.wrapping, 0
    yield
    cx.wrapping = outer


def value(cx: Context, node: ast.expr) -> Value:
    """The value of an expression."""
    found = known(cx, node)
    if isinstance(found, int):
        return cx.number(node, int(found))
    if isinstance(node, ast.Constant) and isinstance(node.value, float) and cx.floats:
        return _float(node.value)
    if isinstance(node, ast.Name):
        return _name(cx, node, found)
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        at = place(cx, node)
        return load(cx, at) if isinstance(at, Place) else at
    if isinstance(node, ast.BinOp):
        return _binary(cx, node)
    if isinstance(node, ast.UnaryOp):
        return _unary(cx, node)
    if isinstance(node, ast.Call):
        return call(cx, node, value)
    if isinstance(node, ast.Tuple):
        parts = tuple(value(cx, part) for part in node.elts)
        return Value(Kind("tuple", len(parts)), "", parts=parts)
    if isinstance(node, ast.IfExp):
        return _choice(cx, node)
    if isinstance(node, ast.BoolOp):
        return _bool(cx, node)
    if isinstance(node, ast.Compare):
        return Value(INT, cx.body.result(f"zext i1 {_compare(cx, node)} to i64"))
    raise cx.refused(node, f"{source_text(node)} ({type(node).__name__})", ALLOWED)


def number(cx: Context, node: ast.expr) -> Value:
    """The value of an expression that must be a whole number."""
    found = value(cx, node)
    if found.kind != INT:
        raise cx.refused(node, f"{source_text(node)} is {found.kind}", "a whole number")
    return found


def any_number(cx: Context, node: ast.expr) -> Value:
    """The value of an expression that must be a whole number or a float."""
    found = value(cx, node)
    return found if found.kind.is_number else number(cx, node)


def _float(number: float) -> Value:
    return Value(FLOAT, f"0x{struct.pack('>d', number).hex().upper()}")


def _name(cx: Context, node: ast.Name, found: object) -> Value:
    if node.id in cx.local:
        slot = cx.slots.get(node.id)
        if slot is None:
            raise cx.refused(node, f"{node.id} has no value yet", "names that were given one before, further up")
        return read_slot(cx, slot)
    if isinstance(found, tuple) and found and all(isinstance(one, int) for one in found):
        length = str(len(found))
        return Value(READ_ONLY, cx.assembly.table(found), lambda: length)
    if isinstance(found, (float, np.floating)) and cx.floats:
        return _float(float(found))
    what = "is not known" if found is UNKNOWN else f"is {type(found).__name__}"
    raise cx.refused(node, f"{node.id} {what}", "local names, whole numbers and tables of them")


def place(cx: Context, node: ast.expr) -> Value | Place:
    """What a field or an item is: a place of a number, or what it refers to."""
    with not_wrapping(cx):
        if isinstance(node, ast.Attribute):
            base = value(cx, node.value)
            return field_of(cx, node, base)
        if isinstance(node, ast.Subscript):
            if isinstance(node.slice, (ast.Slice, ast.Tuple)):
                raise cx.refused(node, source_text(node), "one index, from 0")
            base = value(cx, node.value)
            return item_of(cx, node, base, value(cx, node.slice))
    raise cx.refused(node, source_text(node), "fields and items")


def _binary(cx: Context, node: ast.BinOp) -> Value:
    if cx.wrapping and isinstance(node.op, _RING):
        return arithmetic.binary(cx, node, node.op, value(cx, node.left), value(cx, node.right))
    if cx.wrapping and isinstance(node.op, ast.LShift):
        left = value(cx, node.left)
        with not_wrapping(cx):
            right = value(cx, node.right)
        return arithmetic.binary(cx, node, node.op, left, right)
    with not_wrapping(cx):
        return arithmetic.binary(cx, node, node.op, value(cx, node.left), value(cx, node.right))


def _unary(cx: Context, node: ast.UnaryOp) -> Value:
    if isinstance(node.op, ast.Not):
        return Value(INT, cx.body.result(f"zext i1 {_bit(cx, node)} to i64"))
    one = number(cx, node.operand) if isinstance(node.op, ast.Invert) else any_number(cx, node.operand)
    if isinstance(node.op, ast.USub):
        return arithmetic.negative(cx, node, one)
    return Value(INT, cx.body.result(f"xor i64 {one.word}, -1")) if isinstance(node.op, ast.Invert) else one


def _bit(cx: Context, node: ast.expr) -> str:
    """Whether an expression is true, where no part of it may be left out."""
    with not_wrapping(cx):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return cx.body.result(f"xor i1 {_bit(cx, node.operand)}, true")
        if isinstance(node, ast.Compare) and not isinstance(known(cx, node), int):
            return _compare(cx, node)
        return arithmetic.bit_of(cx, any_number(cx, node))


def _compare(cx: Context, node: ast.Compare) -> str:
    """Whether comparisons hold; of several, those behind one that does not are left out."""
    body = cx.body
    with not_wrapping(cx):
        left = any_number(cx, node.left)
        if len(node.ops) == 1:
            return _pair(cx, node, left, node.ops[0], node.comparators[0])[0]
        room, done = body.room("i1"), body.name("done")
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            bit, left = _pair(cx, node, left, op, comparator)
            body.emit(f"store i1 {bit}, ptr {room}, align 1")
            more = body.name("more")
            body.fork(bit, more, done)
            body.begin(more)
        body.goto(done)
        body.begin(done)
        return body.result(f"load i1, ptr {room}, align 1")


def _pair(cx: Context, node: ast.Compare, left: Value, op: ast.cmpop, comparator: ast.expr) -> tuple[str, Value]:
    body = cx.body
    if isinstance(op, (ast.In, ast.NotIn)):
        one_of = known(cx, comparator)
        if isinstance(one_of, tuple):
            words = [str(one) for one in one_of]
        elif isinstance(comparator, ast.Tuple):
            words = [number(cx, part).word for part in comparator.elts]
        else:
            raise cx.refused(node, source_text(node), "in a tuple of numbers")
        bit = "false"
        for word in words:
            bit = body.result(f"or i1 {bit}, {body.result(f'icmp eq i64 {left.word}, {word}')}")
        return (bit if isinstance(op, ast.In) else body.result(f"xor i1 {bit}, true")), left
    if type(op) not in arithmetic.COMPARISONS:
        raise cx.refused(node, source_text(node), "== != < <= > >= in, not in")
    right = any_number(cx, comparator)
    return arithmetic.compare(cx, op, left, right), right


def _choice(cx: Context, node: ast.IfExp) -> Value:
    decided = known(cx, node.test)
    if isinstance(decided, int):
        return value(cx, node.body if decided else node.orelse)
    body = cx.body
    yes, no, done = body.name("yes"), body.name("no"), body.name("done")
    branch(cx, node.test, yes, no)
    body.begin(yes)
    first = value(cx, node.body)
    slot = new_slot(cx, first)
    write_slot(cx, slot, first)
    body.goto(done)
    body.begin(no)
    second = value(cx, node.orelse)
    if [part.kind for part in second.parts] != [part.kind for part in first.parts] or second.kind != first.kind:
        raise cx.refused(node, f"{first.kind} or {second.kind}", "both of one kind")
    write_slot(cx, slot, second)
    body.goto(done)
    body.begin(done)
    return read_slot(cx, slot)


def _bool(cx: Context, node: ast.BoolOp) -> Value:
    body = cx.body
    room, done = body.room("i64"), body.name("done")
    with not_wrapping(cx):
        for part in node.values:
            one = number(cx, part)
            body.emit(f"store i64 {one.word}, ptr {room}, align 8")
            if part is not node.values[-1]:
                more = body.name("more")
                bit = arithmetic.bit_of(cx, one)
                body.fork(bit, *((done, more) if isinstance(node.op, ast.Or) else (more, done)))
                body.begin(more)
    body.goto(done)
    body.begin(done)
    return Value(INT, body.result(f"load i64, ptr {room}, align 8"))


def branch(cx: Context, node: ast.expr, yes: str, no: str) -> None:
    """Go to a label or another as a test says."""
    body = cx.body
    decided = known(cx, node)
    if isinstance(decided, int):
        body.goto(yes if decided else no)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        branch(cx, node.operand, no, yes)
    elif isinstance(node, ast.BoolOp):
        for part in node.values[:-1]:
            more = body.name("more")
            branch(cx, part, *((yes, more) if isinstance(node.op, ast.Or) else (more, no)))
            body.begin(more)
        branch(cx, node.values[-1], yes, no)
    else:
        body.fork(_bit(cx, node), yes, no)

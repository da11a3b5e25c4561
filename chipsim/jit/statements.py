"""Statements of kernels."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from chipsim.jit import arithmetic
from chipsim.jit.context import Context, Value, source_text
from chipsim.jit.expressions import any_number, branch, known, number, place, value
from chipsim.jit.kinds import FLOAT, INT, NONE, kind_of
from chipsim.jit.places import Place, as_float, as_words, load, new_slot, read_slot, store, write_slot
from chipsim.jit.scope import UNKNOWN

ALLOWED = "assignments, if, while, for over range(...), break, continue, return, pass and calls"


def run(cx: Context, statements: Sequence[ast.stmt]) -> None:
    """Translate statements in order; what comes behind a jump is left out."""
    for node in statements:
        if not cx.body.open:
            return
        _statement(cx, node)


def _statement(cx: Context, node: ast.stmt) -> None:
    if isinstance(node, ast.Assign):
        _give(cx, node.targets, value(cx, node.value))
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        _give(cx, [node.target], _annotated(cx, node, value(cx, node.value)))
    elif isinstance(node, ast.AugAssign):
        _augment(cx, node)
    elif isinstance(node, ast.If):
        _if(cx, node)
    elif isinstance(node, ast.While) and not node.orelse:
        _while(cx, node)
    elif isinstance(node, ast.For) and not node.orelse:
        _for(cx, node)
    elif isinstance(node, ast.Return):
        _return(cx, node)
    elif isinstance(node, (ast.Break, ast.Continue)):
        cx.body.goto(cx.loops[-1][1 if isinstance(node, ast.Break) else 0])
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        value(cx, node.value)
    elif not (isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))):
        raise cx.refused(node, f"{source_text(node)} ({type(node).__name__})", ALLOWED)


def _annotated(cx: Context, node: ast.AnnAssign, found: Value) -> Value:
    """A handle as the class that its annotation says, where that is one of its base or derived classes."""
    kind = kind_of(cx.scope.hint(node.annotation))
    if kind is None or kind.what != "handle" or found.kind.what != "handle":
        return found
    if not (issubclass(kind.of, found.kind.of) or issubclass(found.kind.of, kind.of)):
        raise cx.refused(node, f"{found.kind} as {kind}", "a class that it is derived from, or that is derived from it")
    return Value(kind, found.word)


def _give(cx: Context, targets: list[ast.expr], found: Value) -> None:
    if found.kind == NONE:
        raise cx.refused(targets[0], "the value of what returns none", "functions that return a number")
    for target in targets:
        _assign(cx, target, found)


def _assign(cx: Context, target: ast.expr, found: Value) -> None:
    if isinstance(target, ast.Name):
        if found.kind.what == "functions":
            raise cx.refused(target, "functions as a local", "calls of them")
        slot = cx.slots.get(target.id)
        if slot is None:
            slot = cx.slots[target.id] = new_slot(cx, found)
        elif slot.kind == FLOAT and found.kind == INT:
            found = as_float(cx, found)
        elif slot.kind != found.kind or [part.kind for part in slot.parts] != [part.kind for part in found.parts]:
            raise cx.refused(target, f"{target.id} as {found.kind}, which was {slot.kind}", "one kind per name and function")
        write_slot(cx, slot, found)
    elif isinstance(target, ast.Tuple):
        if len(target.elts) != len(found.parts):
            raise cx.refused(target, f"{found.kind} for {len(target.elts)} names", "as many values as names")
        for part, one in zip(target.elts, found.parts, strict=True):
            _assign(cx, part, one)
    elif isinstance(target, (ast.Attribute, ast.Subscript)):
        at = place(cx, target)
        if not isinstance(at, Place):
            raise cx.refused(
                target, f"a value for {source_text(target)}", "numbers of handles, fields of rows, items of columns"
            )
        store(cx, target, at, found)
    else:
        raise cx.refused(target, source_text(target), "names, fields and items")


def _augment(cx: Context, node: ast.AugAssign) -> None:
    target = node.target
    if isinstance(target, ast.Name):
        slot = cx.slots.get(target.id)
        if slot is None or not slot.kind.is_number:
            raise cx.refused(node, source_text(node), "names of numbers that have a value")
        old = read_slot(cx, slot)
        new = arithmetic.binary(cx, node, node.op, old, any_number(cx, node.value))
        _assign(cx, target, new)
        return
    at = place(cx, target)
    if not isinstance(at, Place):
        raise cx.refused(node, source_text(node), "numbers")
    old = load(cx, at)
    store(cx, target, at, arithmetic.binary(cx, node, node.op, old, any_number(cx, node.value)))


def _if(cx: Context, node: ast.If) -> None:
    decided = known(cx, node.test)
    if isinstance(decided, int):
        run(cx, node.body if decided else node.orelse)
        return
    body = cx.body
    yes, no, done = body.name("yes"), body.name("no"), body.name("done")
    branch(cx, node.test, yes, no if node.orelse else done)
    body.begin(yes)
    run(cx, node.body)
    reached = body.open or not node.orelse
    if body.open:
        body.goto(done)
    if node.orelse:
        body.begin(no)
        run(cx, node.orelse)
        reached = reached or body.open
        if body.open:
            body.goto(done)
    if reached:
        body.begin(done)


def _while(cx: Context, node: ast.While) -> None:
    body = cx.body
    decided = known(cx, node.test)
    if isinstance(decided, int) and not decided:
        return
    again, inside, done = body.name("again"), body.name("inside"), body.name("done")
    body.goto(again)
    body.begin(again)
    branch(cx, node.test, inside, done)
    body.begin(inside)
    cx.loops.append((again, done))
    run(cx, node.body)
    cx.loops.pop()
    if body.open:
        body.goto(again)
    if decided is UNKNOWN or _breaks(node.body):
        body.begin(done)


def _breaks(statements: Sequence[ast.stmt]) -> bool:
    """Whether a break among statements ends the loop around them."""
    for node in statements:
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, ast.If) and (_breaks(node.body) or _breaks(node.orelse)):
            return True
    return False


def _for(cx: Context, node: ast.For) -> None:
    body, source = cx.body, node.iter
    over_range = isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id == "range"
    if not (isinstance(source, ast.Call) and over_range and isinstance(node.target, ast.Name) and 1 <= len(source.args) <= 3):
        raise cx.refused(node, f"for {source_text(node.target)} in {source_text(source)}", "for NAME in range(...)")
    if source.keywords or any(isinstance(argument, ast.Starred) for argument in source.args):
        raise cx.refused(node, source_text(source), "range with one to three arguments")
    numbers = [number(cx, argument) for argument in source.args]
    begin, end = (numbers[0], numbers[1]) if len(numbers) > 1 else (cx.number(node, 0), numbers[0])
    step = numbers[2] if len(numbers) == 3 else cx.number(node, 1)
    if step.known == 0:
        raise cx.refused(node, source_text(source), "a step that is not 0")
    if step.known is None and cx.checked:
        cx.fail_if(node, body.result(f"icmp eq i64 {step.word}, 0"), f"{source_text(source)}: a step of {{0}}", step.word)
    counter = body.room("i64")
    body.emit(f"store i64 {begin.word}, ptr {counter}, align 8")
    again, inside, after, done = (body.name(name) for name in ("again", "inside", "after", "done"))
    body.goto(again)
    body.begin(again)
    at = body.result(f"load i64, ptr {counter}, align 8")
    more = body.result(f"icmp {'sgt' if step.known is not None and step.known < 0 else 'slt'} i64 {at}, {end.word}")
    if step.known is None:
        up = body.result(f"icmp sgt i64 {step.word}, 0")
        down = body.result(f"icmp sgt i64 {at}, {end.word}")
        more = body.result(f"select i1 {up}, i1 {more}, i1 {down}")
    body.fork(more, inside, done)
    body.begin(inside)
    _assign(cx, node.target, Value(INT, at))
    cx.loops.append((after, done))
    run(cx, node.body)
    cx.loops.pop()
    if body.open:
        body.goto(after)
    body.begin(after)
    body.emit(f"store i64 {body.result(f'add nsw i64 {at}, {step.word}')}, ptr {counter}, align 8")
    body.goto(again)
    body.begin(done)


def _return(cx: Context, node: ast.Return) -> None:
    if cx.gives == NONE:
        if node.value is not None:
            raise cx.refused(node, source_text(node), "return without a value, as annotated")
        cx.body.close("ret void")
        return
    if node.value is None:
        raise cx.refused(node, "return without a value", "a whole number, as annotated")
    found = as_words(cx, node.value, any_number(cx, node.value), cx.gives)
    cx.body.close(f"ret {cx.gives.word} {found.word}")

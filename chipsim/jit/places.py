"""Where words are in memory: fields of handles and rows, items of columns and bundles, local names."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import partial
from math import gcd

from chipsim.jit.assembly import INVARIANT
from chipsim.jit.context import ENDLESS, Context, Slot, Value, source_text
from chipsim.jit.kinds import (
    CODES,
    FLOAT,
    INT,
    WORDS,
    Kind,
    bundle_fields,
    code_of,
    handle_fields,
    next_sequence,
    row_bytes,
    row_fields,
    struct_fields,
)
from chipsim.jit.records import Field, owner_of


@dataclass(frozen=True, slots=True)
class Place:
    """A number in memory: its address, the code of its size, how sure the address is a multiple, and which memory it is."""

    address: str
    code: str
    align: int
    tag: str
    writable: bool = True


def load(cx: Context, place: Place) -> Value:
    """The number in a place, as a word."""
    body, bits = cx.body, 8 * CODES[place.code]
    if place.code == "f8":
        return Value(FLOAT, body.result(f"load double, ptr {place.address}, align {place.align}{place.tag}"))
    found = body.result(f"load i{bits}, ptr {place.address}, align {place.align}{place.tag}")
    if bits < 64:
        found = body.result(f"{'zext' if place.code[0] == 'u' else 'sext'} i{bits} {found} to i64")
    return Value(INT, found)


def store(cx: Context, node: ast.AST, place: Place, value: Value) -> None:
    """Put a number into a place; checked code sees to it that it fits."""
    if not place.writable:
        raise cx.refused(
            node, f"storing into {source_text(node)}", "what is not constant: Ints, columns, rows and numbers of a handle"
        )
    if place.code == "f8" and value.kind.is_number:
        word = as_float(cx, value).word
        cx.body.emit(f"store double {word}, ptr {place.address}, align {place.align}{place.tag}")
        return
    if value.kind != INT:
        raise cx.refused(node, f"storing {value.kind}", "whole numbers")
    body, word, bits = cx.body, value.word, 8 * CODES[place.code]
    if bits < 64:
        short = body.result(f"trunc i64 {word} to i{bits}")
        if cx.checked:
            back = body.result(f"{'zext' if place.code[0] == 'u' else 'sext'} i{bits} {short} to i64")
            bad = body.result(f"icmp ne i64 {back}, {word}")
            cx.fail_if(node, bad, f"{source_text(node)}: {{0}} does not fit into {bits} bits", word)
        word = short
    body.emit(f"store i{bits} {word}, ptr {place.address}, align {place.align}{place.tag}")


def as_float(cx: Context, value: Value) -> Value:
    """A number as a float."""
    return value if value.kind == FLOAT else Value(FLOAT, cx.body.result(f"sitofp i64 {value.word} to double"))


def offset(cx: Context, base: str, size: int) -> str:
    """An address so many bytes further."""
    return base if size == 0 else cx.body.result(f"getelementptr inbounds i8, ptr {base}, i64 {size}")


def _fixed(cx: Context, base: str, word: int, kind: str = "ptr") -> str:
    """A word of a head that no kernel changes."""
    return cx.body.result(f"load {kind}, ptr {offset(cx, base, 8 * word)}, align 8{INVARIANT}")


def field_of(cx: Context, node: ast.Attribute, base: Value) -> Value | Place:
    """A field by name: a place, or what it refers to."""
    kind, name = base.kind, node.attr
    if kind.what == "handle":
        fields = handle_fields(kind.of, cx.dtypes)
        if name in fields:
            return _handle_field(cx, node, fields[name], base, owner_of(kind.of, name))
        raise cx.refused(node, f"{kind.of.__name__} has no {name}", ", ".join(fields))
    if kind.what == "row":
        columns = row_fields(kind.of)
        if name in columns:
            at, code, length = columns[name]
            if length:
                return Value(Kind("column", code), offset(cx, base.word, at), partial(str, length))
            align = min(CODES[code], gcd(gcd(at, row_bytes(kind.of)), 8))
            return Place(offset(cx, base.word, at), code, align, cx.assembly.tag(f"{owner_of(kind.of, name)}.{name}"))
        raise cx.refused(node, f"{kind.of.__name__} has no {name}", ", ".join(columns))
    if kind.what == "struct":
        arrays = struct_fields(kind.of)
        if name in arrays:
            word, code = arrays[name]
            return Value(Kind("column", code), _fixed(cx, base.word, word), partial(_fixed, cx, base.word, word + 1, "i64"))
        raise cx.refused(node, f"{kind.of.__name__} has no {name}", ", ".join(arrays))
    if kind.what == "bundle":
        parts = bundle_fields(kind.of)
        if name in parts:
            word, part = parts[name]
            if part == INT:
                return Value(INT, _fixed(cx, base.word, word, "i64"))
            begin = _fixed(cx, base.word, word, "i64")
            first = cx.body.result(f"getelementptr inbounds i64, ptr {base.word}, i64 {begin}")
            after = next_sequence(kind.of, word)
            return Value(part, first, None if after is None else partial(_bundle_length, cx, base, after, begin))
        raise cx.refused(node, f"{kind.of.__name__} has no {name}", ", ".join(parts))
    raise cx.refused(node, f"{source_text(node)}: {kind} has no fields", "fields of handles, rows, bundles and structs")


def _handle_field(cx: Context, node: ast.AST, field: Field, base: Value, owner: str) -> Value | Place:
    address = base.word
    if field.what == "number":
        return Place(offset(cx, address, 8 * field.word), "i8", 8, cx.assembly.tag(f"{owner}.{field.name}"))
    if field.what == "functions":
        return Value(Kind("functions", field), offset(cx, address, 8 * field.word))
    found = _fixed(cx, address, field.word)
    if field.what in ("handle", "bundle"):
        if cx.checked:
            cx.fail_if(node, cx.body.result(f"icmp eq ptr {found}, null"), f"{source_text(node)} was not set", "0")
        return Value(Kind(field.what, field.kind), found)
    assert field.dtype is not None
    kind = Kind("rows", field.kind) if field.what == "rows" else Kind("column", code_of(field.dtype))
    if field.what == "column":
        cx.assembly.columns[f"{owner}.{field.name}"] = kind.of
    return Value(kind, found, partial(_fixed, cx, address, field.word + 1, "i64"))


def _bundle_length(cx: Context, base: Value, after: int, begin: str) -> str:
    return cx.body.result(f"sub i64 {_fixed(cx, base.word, after, 'i64')}, {begin}")


def item_of(cx: Context, node: ast.Subscript, base: Value, at: Value) -> Value | Place:
    """An item by number: a row, or the place of a number."""
    kind = base.kind
    if kind.what == "tuple":
        if at.known is None or not 0 <= at.known < len(base.parts):
            raise cx.refused(node, f"{source_text(node)}", f"constants from 0 to {len(base.parts) - 1}")
        return base.parts[at.known]
    if not kind.is_sequence:
        raise cx.refused(
            node, f"{source_text(node)}: {kind} has no items", "items of tables, columns, bundles' fields and Ints"
        )
    if at.kind != INT:
        raise cx.refused(node, f"{at.kind} as a number of an item", "whole numbers")
    if at.known is not None and at.known < 0:
        raise cx.refused(node, f"the index {at.known}", "indices from 0: none counts from the end")
    if cx.checked:
        length = base.length() if base.length is not None else ENDLESS
        bad = cx.body.result(f"icmp uge i64 {at.word}, {length}")
        cx.fail_if(node, bad, f"{source_text(node)}: index {{0}} of {{1}}", at.word, length)
    if kind.what == "rows":
        size = row_bytes(kind.of)
        address = cx.body.result(f"getelementptr inbounds [{size} x i8], ptr {base.word}, i64 {at.word}")
        return Value(Kind("row", kind.of), address)
    code = kind.of if kind.what == "column" else "i8"
    bits = 8 * CODES[code]
    address = cx.body.result(
        f"getelementptr inbounds {'double' if code == 'f8' else f'i{bits}'}, ptr {base.word}, i64 {at.word}"
    )
    constant = base.word.startswith("@")
    tag = INVARIANT if constant else cx.assembly.tag("words" if code == "i8" else f"column {code}")
    return Place(address, code, CODES[code], tag, kind.writable)


def read_slot(cx: Context, slot: Slot) -> Value:
    """The value of a local name."""
    if slot.kind.what == "tuple":
        return Value(slot.kind, "", parts=tuple(read_slot(cx, part) for part in slot.parts))
    length = partial(cx.body.result, f"load i64, ptr {slot.length}, align 8") if slot.length else None
    return Value(slot.kind, cx.body.result(f"load {slot.kind.word}, ptr {slot.word}, align 8"), length)


def new_slot(cx: Context, value: Value) -> Slot:
    """Room for a local name that takes such values."""
    if value.kind.what == "tuple":
        return Slot(value.kind, "", parts=tuple(new_slot(cx, part) for part in value.parts))
    length = cx.body.room("i64") if value.length is not None else ""
    return Slot(value.kind, cx.body.room(value.kind.word), length)


def write_slot(cx: Context, slot: Slot, value: Value) -> None:
    """Give a local name a value."""
    if slot.kind.what == "tuple":
        for part, one in zip(slot.parts, value.parts, strict=True):
            write_slot(cx, part, one)
        return
    cx.body.emit(f"store {slot.kind.word} {value.word}, ptr {slot.word}, align 8")
    if slot.length:
        cx.body.emit(f"store i64 {value.length() if value.length is not None else ENDLESS}, ptr {slot.length}, align 8")


def as_words(cx: Context, node: ast.AST, value: Value, kind: Kind) -> Value:
    """A value where a kind is expected: columns of whole words are Ints as well.

    Raises:
        Untranslatable: it is of another kind.
    """
    if value.kind == kind:
        return value
    if kind == FLOAT and value.kind == INT:
        return as_float(cx, value)
    if kind.what == value.kind.what == "handle" and issubclass(value.kind.of, kind.of):
        return Value(kind, value.word)
    if kind.what == "words" and (value.kind == Kind("column", "i8") or value.kind == WORDS):
        return Value(kind, value.word, value.length)
    if kind == Kind("column", "i8") and value.kind == WORDS:
        return Value(kind, value.word, value.length)
    raise cx.refused(node, f"{source_text(node)} is {value.kind}", str(kind))

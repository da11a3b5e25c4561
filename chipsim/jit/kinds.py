"""What the values of a compiled kernel are: numbers, and references to what `chipsim.jit.records` describes."""

from __future__ import annotations

import collections.abc
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np

from chipsim.jit.records import Column, Field, Functions, Handle, Row, Rows, fields_of, owner_of, row_dtype

CODES = {"i8": 8, "i4": 4, "i2": 2, "i1": 1, "u4": 4, "u2": 2, "u1": 1, "f8": 8}
"""Bytes of the numbers that tables and columns hold."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    Attributes:
        what: ``int``, ``float``, ``none``, ``handle``, ``row``, ``rows``, ``column``, ``words``, ``bundle``, ``struct``, ``functions`` or
            ``tuple``.
        of: the class of a handle, row, table, bundle, struct or of functions; the code of a column's numbers; how many a tuple has.
        writable: of words and columns.
    """

    what: str
    of: Any = None
    writable: bool = True

    @property
    def is_sequence(self) -> bool:
        """Whether it has a length."""
        return self.what in ("rows", "column", "words")

    @property
    def is_number(self) -> bool:
        """Whether it is a whole number or a float."""
        return self.what in ("int", "float")

    @property
    def word(self) -> str:
        """LLVM's type of it."""
        return {"int": "i64", "float": "double", "none": "void"}.get(self.what, "ptr")

    def __str__(self) -> str:
        name = getattr(self.of, "__name__", self.of)
        return {"words": "Ints", "none": "None"}.get(self.what, f"{self.what} {name}" if name else self.what)


INT, FLOAT, NONE, WORDS = Kind("int"), Kind("float"), Kind("none"), Kind("words")
READ_ONLY = Kind("words", writable=False)


def kind_of(hint: Any) -> Kind | None:
    """The kind that an annotation stands for; None if it stands for none."""
    if hint is int or hint is bool or get_origin(hint) is Annotated:
        return INT
    if hint is float:
        return FLOAT
    if hint is None or hint is type(None):
        return NONE
    origin, args = get_origin(hint), get_args(hint)
    if origin is Rows:
        return Kind("rows", args[0])
    if origin is Column:
        return Kind("column", str(get_args(args[0])[1]))
    if origin in (collections.abc.MutableSequence, list):
        return WORDS
    if origin in (collections.abc.Sequence, tuple):
        return READ_ONLY
    if origin is np.ndarray:
        return _array(args)
    if isinstance(hint, type):
        for base, what in ((Handle, "handle"), (Row, "row"), (Functions, "functions")):
            if issubclass(hint, base):
                return Kind(what, hint)
        if issubclass(hint, tuple) and hasattr(hint, "_fields"):
            return Kind("struct" if hasattr(hint, "STRUCT") else "bundle", hint)
    return None


def _array(args: tuple[Any, ...]) -> Kind | None:
    """The kind of an array in one dimension, by the type of its numbers."""
    number = get_args(args[1])[0] if len(args) == 2 and get_args(args[1]) else None
    flat = len(args) == 2 and (len(get_args(args[0])) == 1 or Ellipsis in get_args(args[0]))
    if not flat or not isinstance(number, type) or number in (np.integer, np.signedinteger):
        return None
    code = code_of(np.dtype(number))
    return Kind("column", code) if code in CODES else None


@cache
def struct_fields(kind: type) -> Mapping[str, tuple[int, str]]:
    """Word in the head, and code of the numbers, of each array of a struct: its address, then its length.

    Raises:
        TypeError: a field is annotated as anything else.
    """
    found: dict[str, tuple[int, str]] = {}
    for name, hint in get_type_hints(kind).items():
        field = kind_of(hint)
        if field is None or field.what != "column":
            raise TypeError(f"{kind.__name__}.{name}: {hint}; allowed: arrays in one dimension of {', '.join(CODES)}")
        found[name] = (2 * len(found), field.of)
    return found


@cache
def bundle_fields(kind: type) -> Mapping[str, tuple[int, Kind]]:
    """Word in the head, and kind, of each field of a bundle."""
    hints = get_type_hints(kind)
    names: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
    found = {}
    for word, name in enumerate(names):
        hint = hints[name]
        found[name] = (
            word,
            INT if hint is int else READ_ONLY if get_origin(hint) in (collections.abc.Sequence, np.ndarray) else WORDS,
        )
    return found


def next_sequence(kind: type, word: int) -> int | None:
    """Word in a bundle's head of the sequence that follows another one; None for the last."""
    return next((at for at, field in bundle_fields(kind).values() if at > word and field.is_sequence), None)


def handle_fields(kind: type[Handle], dtypes: Mapping[str, str]) -> dict[str, Field]:
    """The fields of a handle; ``dtypes``: codes of columns by ``Class.field`` where a unit has them wider or narrower."""
    fields = dict(fields_of(kind))
    for name, field in fields.items():
        code = dtypes.get(f"{owner_of(kind, name)}.{name}")
        if code is not None:
            fields[name] = replace(field, dtype=np.dtype(code))
    return fields


def code_of(dtype: np.dtype[Any]) -> str:
    """The code of a column's numbers; truth values are bytes."""
    return "u1" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize}"


@cache
def row_fields(kind: type[Row]) -> Mapping[str, tuple[int, str, int]]:
    """Where in a row each field is, in bytes, its code, and of an array how many numbers it has; 0 for a number."""
    dtype = row_dtype(kind)
    assert dtype.fields is not None
    found = {}
    for name, entry in dtype.fields.items():
        length = entry[0].shape[0] if entry[0].shape else 0
        found[name] = (int(entry[1]), code_of(entry[0].base), length)
    return found


def row_bytes(kind: type[Row]) -> int:
    """Bytes of a row."""
    return row_dtype(kind).itemsize

"""State behind one address: what kernels read and write as ``m.now``, ``m.packets[i].next`` and ``m.latency[port]``.

A *handle* is a class whose annotations say what lies behind one address: numbers, tables of rows, columns of numbers, flat bundles, other
handles, and functions to call. Kernels take handles and whole numbers and nothing else, so that a call passes a word or two where seventy
arrays took half of the time of compilation. A `Block` is the memory of one handle on the side of Python; compiled code sees its address,
interpreted code an object with the same names whose tables have slotted objects as rows: a field of a list's row is read in 16 ns, one of
a numpy record in 2,400.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

I64 = Annotated[int, "i8"]
I32 = Annotated[int, "i4"]
I16 = Annotated[int, "i2"]
U8 = Annotated[int, "u1"]
"""Whole numbers by their size in memory; a kernel reads each of them as a word of 64 bits."""

Number = TypeVar("Number", bound=int)
Array = np.ndarray[Any, np.dtype[Any]]


class _Slotted(type):
    """Instances have the annotated names and nothing else."""

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> _Slotted:
        body.setdefault("__slots__", tuple(body.get("__annotations__", ())))
        return super().__new__(mcs, name, bases, body)


class Row(metaclass=_Slotted):
    """A row of a table: whole numbers by name, and arrays of a fixed length: ``Annotated[MutableSequence[int], "i4", 8]``."""


RowKind = TypeVar("RowKind", bound=Row)


class Rows(Sequence[RowKind]):
    """A table, in an annotation; interpreted code has its rows by number."""


class Column(MutableSequence[Number]):
    """Numbers in a row, in an annotation; interpreted code has a list."""


class Functions:
    """Functions that a handle leads to, in an annotation: methods of a subclass say what they take and give."""


class Handle(metaclass=_Slotted):
    """What lies behind one address; see the module's docstring."""


@cache
def owner_of(kind: type, name: str) -> str:
    """The class that a field of a handle or a row was first written down in: the same memory has one name in a class and in its bases."""
    return next(base.__name__ for base in reversed(kind.__mro__) if name in vars(base).get("__annotations__", {}))


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a handle.

    Attributes:
        name: as kernels have it.
        what: ``number``, ``rows``, ``column``, ``bundle``, ``handle`` or ``functions``.
        kind: the row's class, the bundle's, the handle's, the functions'; for numbers and columns None.
        word: first of its words in the head: a number's value; the address, and for tables then the length; one address per function.
        dtype: of a table's row or a column's number; None otherwise.
        names: of the functions.
    """

    name: str
    what: str
    kind: Any
    word: int
    dtype: np.dtype[Any] | None = None
    names: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """How many words of the head it takes."""
        return {"rows": 2, "column": 2, "functions": len(self.names)}.get(self.what, 1)


@cache
def row_dtype(kind: type[Row]) -> np.dtype[Any]:
    """The memory of a row: its fields in the order in which they are written down, without gaps."""
    hints = get_type_hints(kind, include_extras=True)
    return np.dtype([(name, *get_args(hint)[1:]) for name, hint in hints.items()])


@cache
def fields_of(kind: type[Handle]) -> Mapping[str, Field]:
    """The fields of a handle by name, in order.

    Raises:
        TypeError: an annotation is none of those that this module has.
    """
    found: dict[str, Field] = {}
    word = 0
    for name, hint in get_type_hints(kind, include_extras=True).items():
        field = _field(kind, name, hint, word)
        found[name] = field
        word += field.words
    return found


def _field(kind: type, name: str, hint: Any, word: int) -> Field:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Rows:
        return Field(name, "rows", args[0], word, row_dtype(args[0]))
    if origin is Column:
        return Field(name, "column", None, word, np.dtype(_code(args[0])))
    if origin is Annotated:
        return Field(name, "number", None, word)
    if isinstance(hint, type) and issubclass(hint, Functions):
        names = tuple(n for n, f in vars(hint).items() if callable(f) and not n.startswith("__"))
        return Field(name, "functions", hint, word, names=names)
    if isinstance(hint, type) and issubclass(hint, Handle):
        return Field(name, "handle", hint, word)
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        return Field(name, "bundle", hint, word)
    raise TypeError(f"{kind.__name__}.{name}: {hint!r}; allowed: I64, I32, I16, U8, Rows, Column, a bundle, Functions, Handle")


def _code(hint: Any) -> str:
    return str(get_args(hint)[1])


class Block:
    """The memory of one handle; numbers and tables by the names that kernels use.

    ``block.now`` and ``block.now = 3`` for numbers, ``block.packets`` for a table: an array whose dtype has the row's fields; setting it hands
    over another array, which must be contiguous. Bundles are set as flat arrays (``chipsim.jit.pack``), handles as other blocks, functions
    one by one with `set_functions`.
    """

    __slots__ = ("_fields", "_kept", "address", "head", "kind")

    def __init__(self, kind: type[Handle], dtypes: Mapping[str, str] | None = None) -> None:
        fields = dict(fields_of(kind))
        for name, code in (dtypes or {}).items():  # columns whose numbers a run needs wider or narrower
            old = fields[name]
            fields[name] = Field(name, old.what, old.kind, old.word, np.dtype(code), old.names)
        words = sum(field.words for field in fields.values())
        head = np.zeros(max(1, words), np.int64)
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "head", head)
        object.__setattr__(self, "address", int(head.ctypes.data))
        object.__setattr__(self, "_fields", fields)
        kept: dict[str, Any] = {}
        object.__setattr__(self, "_kept", kept)
        for field in fields.values():
            if field.dtype is not None:
                setattr(self, field.name, np.zeros(0, field.dtype))

    def __getattr__(self, name: str) -> Any:
        field = self._fields.get(name)
        if field is None:
            raise AttributeError(f"{self.kind.__name__} has no {name}")
        return int(self.head[field.word]) if field.what == "number" else self._kept.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        field = self._fields.get(name)
        if field is None:
            raise AttributeError(f"{self.kind.__name__} has no {name}")
        if field.what == "number":
            if int(value) != value:
                raise TypeError(f"{self.kind.__name__}.{name} takes a whole number, not {value}")
            self.head[field.word] = value
            return
        if field.what == "functions":
            raise AttributeError(f"{name}: functions are set with set_functions")
        if field.what == "handle":
            if not issubclass(value.kind, field.kind):
                raise TypeError(
                    f"{self.kind.__name__}.{name} takes a block of {field.kind.__name__}, not of {value.kind.__name__}"
                )
            self._kept[name] = value
            self.head[field.word] = value.address
            return
        dtype = np.dtype(np.int64) if field.what == "bundle" else field.dtype
        if value.dtype != dtype:
            raise TypeError(f"{self.kind.__name__}.{name} takes {dtype}, not {value.dtype}")
        if not value.flags.c_contiguous or value.ctypes.data % min(8, value.itemsize & -value.itemsize):
            raise TypeError(
                f"{self.kind.__name__}.{name}: the array is not contiguous, or not where numbers of its size can be"
            )
        self._kept[name] = value
        self.head[field.word] = value.ctypes.data
        if field.dtype is not None:
            self.head[field.word + 1] = len(value)

    def set_functions(self, name: str, functions: Any, addresses: Mapping[str, int] | None = None) -> None:
        """Set the functions of a field.

        Args:
            name: the field.
            functions: a module or object that has them by name, for interpreted code.
            addresses: of the compiled ones.
        """
        field = self._fields[name]
        self._kept[name] = functions
        for i, function in enumerate(field.names):
            self.head[field.word + i] = (addresses or {}).get(function, 0)

    def field(self, name: str) -> Field:
        """A field by name.

        Raises:
            AttributeError: there is none.
        """
        found: Field | None = self._fields.get(name)
        if found is None:
            raise AttributeError(f"{self.kind.__name__} has no {name}")
        return found

    def columns(self) -> Iterator[tuple[str, str]]:
        """``Class.field`` and code of every column here and in the handles that this one leads to."""
        for name, field in self._fields.items():
            if field.what == "column":
                yield f"{owner_of(self.kind, name)}.{name}", f"{field.dtype.kind}{field.dtype.itemsize}"
            elif field.what == "handle" and self._kept.get(name) is not None:
                yield from self._kept[name].columns()

    def interpreted(self, known: dict[Any, Any] | None = None) -> Any:
        """The handle as interpreted code takes it: columns and bundles are views, numbers and tables are copies; see `take`.

        Args:
            known: what was made before: a table that stands in two places is one list.
        """
        known = {} if known is None else known
        if self.address in known:
            return known[self.address]
        made = known[self.address] = self.kind()
        for name, field in self._fields.items():
            value = getattr(self, name)
            if field.what in ("rows", "column", "bundle") and value is not None:
                value = lent(field.kind, value, known)
            elif field.what == "handle":
                value = value.interpreted(known) if value is not None else None
            setattr(made, name, value)
        return made

    def take(self, made: Any, taken: set[int] | None = None) -> None:
        """Take over what interpreted code has left in an object that `interpreted` made.

        Raises:
            OverflowError: a number that does not fit where it belongs.
        """
        taken = set() if taken is None else taken
        if self.address in taken:
            return
        taken.add(self.address)
        for name, field in self._fields.items():
            value = getattr(made, name)
            if field.what == "number":
                self.head[field.word] = value
            elif field.what == "handle" and value is not None:
                self._kept[name].take(value, taken)
            elif field.what == "rows" and value is not None:
                put_back(field.kind, self._kept[name], value)


def lent(kind: Any, array: Array, known: dict[Any, Any]) -> Any:
    """What interpreted code takes for an array: columns and bundles see the array itself, rows of tables are objects, which `take` puts back.

    Args:
        kind: the class of the table's rows, or the bundle's; None for a column.
        array: the values.
        known: the tables that were copied before.
    """
    if kind is None:
        return array.data
    if not issubclass(kind, Row):
        return unpack(kind, array)
    key = (kind, array.ctypes.data, array.size)
    if key not in known:
        known[key] = _Lent(kind, array)
    return known[key]


def put_back(kind: Any, array: Array, value: Any) -> None:
    """Take over what interpreted code has left in a table."""
    if kind is not None and issubclass(kind, Row):
        for i, row in value.items():
            array[i] = values_of(row)


class _Lent(dict[int, Any]):
    """The rows of a table that interpreted code has asked for, by number; the others stay where they are, for a table may be long."""

    __slots__ = ("_array", "_kind")

    def __init__(self, kind: type[Row], array: Array) -> None:
        super().__init__()
        self._kind, self._array = kind, array

    def __missing__(self, i: int) -> Row:
        if not 0 <= i < len(self._array):
            raise IndexError(f"row {i} of {len(self._array)} of {self._kind.__name__}")
        row = self[i] = new_row(self._kind, self._array[i].item())
        return row

    def __len__(self) -> int:
        return len(self._array)


def new_row(kind: type[RowKind], values: Iterable[Any]) -> RowKind:
    """A row as interpreted code has it, an object of its own; ``values``: by field, as ``item()`` gives those of a numpy record."""
    row = kind()
    for name, value in zip(row_dtype(kind).names or (), values, strict=True):
        setattr(row, name, value if isinstance(value, int) else value.tolist())
    return row


@cache
def maker(kind: type[RowKind]) -> Callable[[], RowKind]:
    """A function that makes a row of zeros; written out field by field, for whole memories are made of such rows."""
    lines = ["def make():", "    row = kind()"]
    for name in row_dtype(kind).names or ():
        lines.append(f"    row.{name} = {[0] * row_dtype(kind)[name].shape[0] if row_dtype(kind)[name].shape else 0}")
    names: dict[str, Any] = {"kind": kind}
    exec("\n".join([*lines, "    return row"]), names)
    made: Callable[[], RowKind] = names["make"]
    return made


def values_of(row: Row) -> tuple[Any, ...]:
    """The values of a row as numpy takes those of a record."""
    return tuple(getattr(row, name) for name in row_dtype(type(row)).names or ())


def unpack(kind: Any, flat: Array) -> Any:
    """A flat bundle as a NamedTuple of numbers and views of the array; a field's type says which: ``int`` is a number."""
    hints = get_type_hints(kind)
    view = flat.data
    starts = [int(flat[i]) for i, name in enumerate(kind._fields) if hints[name] is not int] + [len(flat)]
    values: list[Any] = []
    for i, name in enumerate(kind._fields):
        if hints[name] is int:
            values.append(int(flat[i]))
        else:
            begin = int(flat[i])
            end = min((start for start in starts if start > begin), default=begin)
            values.append(view[begin:end])
    return kind(*values)

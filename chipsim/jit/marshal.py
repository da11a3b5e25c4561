"""Arguments of compiled kernels: what Python has, as words. Arrays are handed over as they are: none is converted or copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chipsim.jit.kinds import CODES
from chipsim.jit.records import Block

Array = np.ndarray[Any, np.dtype[Any]]

_TYPES = {code: np.dtype(code) for code in CODES}


def array_fault(array: Array, code: str) -> str:
    """What keeps a kernel from taking an array as it is; "" if nothing does. A copy would be slow, and what is written to it lost.

    Args:
        array: what is given.
        code: of the numbers that the kernel takes.
    """
    dtype = array.dtype
    if dtype != _TYPES[code] and not (code == "u1" and dtype.kind == "b"):
        return f"{dtype}; allowed: {_TYPES[code]}"
    if array.ndim != 1:
        return f"{array.ndim}-dimensional; allowed: one dimension"
    if not (array.flags.c_contiguous and array.flags.aligned):
        return "not contiguous; allowed: an array without gaps, such as numpy.ascontiguousarray makes"
    return ""


class Arguments:
    """The words of one call, and what must live until it ends.

    Attributes:
        words: for the call.
    """

    __slots__ = ("_kept", "words")

    def __init__(self) -> None:
        self.words: list[int | float] = []
        self._kept: list[Any] = []

    def add(self, argument: Any, kind: str, long: bool, codes: list[str], columns: Mapping[str, str]) -> str:
        """Add an argument.

        Args:
            argument: a number, a block, an array or a struct of arrays.
            kind: what the kernel takes.
            long: whether an array's length goes with it.
            codes: of the arrays of a struct; the fields of a table.
            columns: codes of a block's columns by ``Class.field``, as the kernel reads them.

        Returns:
            What it is and what is allowed, if the kernel does not take it; else nothing.
        """
        what, _, of = kind.partition(" ")
        if what == "int" and isinstance(argument, (int, np.integer, np.bool_)):
            self.words.append(int(argument))
        elif what == "float" and isinstance(argument, (int, float, np.integer, np.floating)):
            self.words.append(float(argument))
        elif what == "struct" and type(argument).__name__ == of and len(argument) == len(codes):
            return self._struct(argument, codes)
        elif what == "handle" and isinstance(argument, Block):
            return self._block(argument, of, columns)
        elif isinstance(argument, np.ndarray) and what in ("Ints", "bundle", "column", "rows"):
            fault = (
                rows_fault(argument, codes[0]) if what == "rows" else array_fault(argument, of if what == "column" else "i8")
            )
            if fault:
                return fault
            self.words.append(_address(argument))
            if long:
                self.words.append(len(argument))
        else:
            return f"{type(argument).__name__}; allowed: {kind}"
        return ""

    def _block(self, block: Block, of: str, columns: Mapping[str, str]) -> str:
        if of not in [base.__name__ for base in block.kind.__mro__]:
            return f"a block of {block.kind.__name__}; allowed: one of {of}"
        for column, code in block.columns():
            if columns.get(column, code) != code:
                return f"a block whose {column} holds {code}; the kernel was compiled for {columns[column]}"
        self.words.append(block.address)
        return ""

    def _struct(self, values: Any, codes: list[str]) -> str:
        head = np.empty(2 * len(codes), np.int64)
        for i, (array, code) in enumerate(zip(values, codes, strict=True)):
            fault = array_fault(array, code)
            if fault:
                return f"a {type(values).__name__} whose {values._fields[i]} is {fault}"
            head[2 * i], head[2 * i + 1] = _address(array), len(array)
        self._kept.append(head)
        self.words.append(_address(head))
        return ""


def rows_code(dtype: np.dtype[Any]) -> str:
    """The fields of a table's rows, as text."""
    return str(dtype.descr)


def rows_fault(array: Array, code: str) -> str:
    """What keeps a kernel from taking an array as a table with rows of a code (`rows_code`); "" if nothing does."""
    if rows_code(array.dtype) != code:
        return f"{array.dtype}; allowed: rows of {code}"
    return "" if array.flags.c_contiguous else "not contiguous; allowed: an array without gaps"


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])

"""Arguments of compiled kernels: what Python has, as words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chipsim.jit.records import Block

Array = np.ndarray[Any, np.dtype[Any]]


class Arguments:
    """The words of one call, and what must live until it ends.

    Attributes:
        words: for the call.
    """

    __slots__ = ("_copies", "_kept", "words")

    def __init__(self) -> None:
        self.words: list[int | float] = []
        self._kept: list[Any] = []
        self._copies: list[tuple[Array, Array]] = []

    def add(self, argument: Any, kind: str, long: bool, codes: list[str], columns: Mapping[str, str]) -> bool:
        """Add an argument; False if it is not of the kind.

        Args:
            argument: a number, a block, an array or a struct of arrays.
            kind: what the kernel takes.
            long: whether an array's length goes with it.
            codes: of the arrays of a struct.
            columns: codes of a block's columns by ``Class.field``, as the kernel reads them.

        Raises:
            TypeError: a block's column holds other numbers than the kernel was compiled for.
        """
        what, _, of = kind.partition(" ")
        if what == "int" and isinstance(argument, (int, np.integer, np.bool_)):
            self.words.append(int(argument))
        elif what == "float" and isinstance(argument, (int, float, np.integer, np.floating)):
            self.words.append(float(argument))
        elif what == "struct" and type(argument).__name__ == of and len(argument) == len(codes):
            self._struct(argument, codes)
        elif isinstance(argument, Block):
            return self._block(argument, what, of, columns)
        elif isinstance(argument, np.ndarray) and what in ("Ints", "bundle", "column", "rows"):
            array = argument if what == "rows" else self._array(argument, of if what == "column" else "i8")
            self.words.append(_address(array))
            if long:
                self.words.append(len(array))
        else:
            return False
        return True

    def give_back(self) -> None:
        """After the call: arrays that had to be copied get what was written."""
        for array, copy in self._copies:
            if array.flags.writeable:
                array[...] = copy.reshape(array.shape)

    def _block(self, block: Block, what: str, of: str, columns: Mapping[str, str]) -> bool:
        if what != "handle" or of not in [base.__name__ for base in block.kind.__mro__]:
            return False
        for column, code in block.columns():
            if columns.get(column, code) != code:
                raise TypeError(f"{column} holds {code}; the kernel was compiled for {columns[column]}")
        self.words.append(block.address)
        return True

    def _struct(self, values: Any, codes: list[str]) -> None:
        head = np.empty(2 * len(codes), np.int64)
        for i, (array, code) in enumerate(zip(values, codes, strict=True)):
            flat = self._array(array, code)
            head[2 * i], head[2 * i + 1] = _address(flat), len(flat)
        self._kept.append(head)
        self.words.append(_address(head))

    def _array(self, array: Array, code: str) -> Array:
        """The array itself, or a copy with the numbers and the order that a kernel takes.

        Raises:
            TypeError: it has more dimensions than one, or a number that a kernel's array cannot hold.
        """
        dtype = array.dtype
        same = (dtype.kind == code[0] and dtype.itemsize == int(code[1:])) or (code == "u1" and dtype.kind == "b")
        if same and array.flags.c_contiguous and array.flags.aligned and array.ndim == 1:
            return array
        copy = np.ascontiguousarray(array, np.dtype(code))
        if array.ndim != 1 or not np.array_equal(copy, array):
            raise TypeError(f"a kernel takes one dimension of {code}, not {array.ndim} of {dtype}")
        self._copies.append((array, copy))
        return copy


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])

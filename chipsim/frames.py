"""Tables of a result for Python: as Arrow, as NumPy arrays, and where pandas is installed as a data frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa


class Frames(ABC):
    """What has tables: each by name as Arrow, NumPy or pandas."""

    __slots__ = ()

    @abstractmethod
    def _tables(self) -> Mapping[str, Callable[[], pa.Table]]:
        """Tables by name, made when called."""

    @property
    def table_names(self) -> tuple[str, ...]:
        """Names that `table`, `arrays` and `pandas` take."""
        return tuple(self._tables())

    def table(self, name: str) -> pa.Table:
        """A table as Arrow: ``pyarrow.Table``, columns as in the files of a result, units in their names.

        Raises:
            UsageError: there is no table of that name; the message lists those that are there.
        """
        found = self._tables().get(name)
        if found is None:
            raise UsageError(f"no table {name!r:.40}; there are {', '.join(self._tables()) or 'none'}")
        return found()

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """A table as NumPy: arrays of shape (rows,) by column; numbers with gaps are float64 with NaN, texts are objects.

        Raises:
            UsageError: there is no table of that name.
        """
        return {column: _array(values) for column, values in zip(*_parts(self.table(name)), strict=True)}

    def pandas(self, name: str) -> Any:
        """A table as ``pandas.DataFrame``.

        Raises:
            UsageError: there is no table of that name, or pandas is not installed.
        """
        table = self.table(name)
        try:
            import_module("pandas")
        except ModuleNotFoundError as error:
            raise UsageError(
                f"pandas: not installed ({error}); pip install pandas, or take table({name!r}) (Arrow) or arrays({name!r}) (NumPy)"
            ) from error
        return table.to_pandas()


def html_table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table for a notebook; whatever is in a cell is shown as it is."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _parts(table: pa.Table) -> tuple[list[str], list[pa.ChunkedArray]]:
    return table.column_names, table.columns


def _array(values: pa.ChunkedArray) -> npt.NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_nested(values.type):
        found = np.empty(len(values), object)
        found[:] = values.to_pylist()
        return found
    return np.asarray(values.to_numpy())

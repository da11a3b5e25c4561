"""Tables of a result folder, whatever the form of the file: Parquet, CSV, NumPy archives, lines of JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chipsim.errors import UsageError
from chipsim.network.npz import BROKEN
from chipsim.results.store import ALERTS

if TYPE_CHECKING:
    import pyarrow as pa

Tables = dict[str, Callable[[], "pa.Table"]]

_MOST_COLUMNS = 64  # of an array of two dimensions; a wider one is compared value by value


def tables_in(folder: Path) -> Tables:
    """Every table of a folder by name, read when it is called for; arrays of an archive are ``FILE.npz: ARRAY``.

    Raises:
        UsageError: an archive is broken; for other files, when they are read.
    """
    found: Tables = {path.stem: partial(_parquet, path) for path in sorted(folder.glob("[!.]*.parquet"))}
    if (folder / ALERTS).is_file():
        found["alerts"] = partial(_lines, folder / ALERTS)
    for path in sorted(folder.glob("[!.]*.npz")):
        found |= {f"{path.name}: {name}": read for name, read in arrays_in(path).items()}
    return found


def arrays_in(path: Path) -> Tables:
    """The arrays of an archive by name. Raises UsageError where it is broken."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            names = list(archive.files)
    except BROKEN as error:
        raise UsageError(f"{path}: not a whole NumPy archive ({error}); make the result again") from error
    return {name: partial(_array, path, name) for name in names}


def csv_table(path: Path) -> pa.Table:
    """A CSV file as a table. Raises UsageError where it is broken."""
    import pyarrow as pa
    import pyarrow.csv as pc

    try:
        return pc.read_csv(path)
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{path}: not a table of a result ({error}); make the result again") from error


def rows_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows of flat figures as a table; a column is what all of its values are, otherwise text."""
    import pyarrow as pa

    names = list(dict.fromkeys(name for row in rows for name in row))
    arrays = {}
    for name in names:
        values = [row.get(name) for row in rows]
        kinds = {type(value) for value in values if value is not None}
        if kinds == {int, float}:
            values = [None if value is None else float(value) for value in values]
        elif len(kinds) > 1:
            values = [None if value is None else str(value) for value in values]
        arrays[name] = pa.array(values)
    return pa.table(arrays)


def _parquet(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{path}: not a table of a result ({error}); make the result again") from error


def _lines(path: Path) -> pa.Table:
    import pyarrow as pa

    try:
        return pa.table({"alert": pa.array(path.read_text(encoding="utf-8").splitlines(), pa.string())})
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read ({error}); make the result again") from error


def _array(path: Path, name: str) -> pa.Table:
    import pyarrow as pa

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            values = archive[name]
    except BROKEN as error:
        raise UsageError(f"{path}: {name}: cannot be read ({error}); make the result again") from error
    if values.dtype.names:
        flat = values.reshape(-1)
        return pa.table({field: _column(flat[field]) for field in values.dtype.names})
    if values.ndim == 2 and values.shape[1] <= _MOST_COLUMNS:
        return pa.table({str(n): _column(values[:, n]) for n in range(values.shape[1])})
    return pa.table({"value": _column(values.reshape(-1))})


def _column(values: np.ndarray[Any, Any]) -> pa.Array:
    import pyarrow as pa

    plain = values.ndim == 1 and values.dtype.kind in "biuf"
    return pa.array(np.ascontiguousarray(values) if plain else values.tolist())

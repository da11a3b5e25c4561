"""Packets to be sent, from a NumPy archive or from the ``packets.parquet`` that a run kept."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.machine.message import MOST_FLITS
from chipsim.network.npz import Archive, open_archive, whole

log = logging.getLogger(__name__)

Ints = npt.NDArray[np.int64]

LATEST_PS = 2**61
"""The last packet is sent at most 26 days after the start, which leaves the rest of int64 for delivering it."""

_KEYS = ("time_ps", "source", "destination")
_COLUMNS = ("injected_ps", "source", "destination", "flits")


def load_traffic(path: Path, cores: int) -> Ints:
    """Packets of a file.

    Args:
        path: ``.npz`` with time_ps, source, destination and perhaps flits, or ``.parquet`` as a run writes its packets.
        cores: of the chip.

    Returns:
        int64[packets, 4]: time in ps, source core, destination core, flits; by time, those of one time in the order given (of a
        run: by source, then in the order in which the source sent them). Of a run, packets from or to anything but a core are left out.

    Raises:
        WorkloadError: the file is missing, broken, or holds what no core can send; names key, index, found and allowed.
    """
    if path.suffix == ".parquet":
        if path.exists() and not path.is_file():
            raise WorkloadError(f"{path}: a folder, pipe or device; allowed: a regular file, the packets.parquet of a run")
        return _of_run(path, cores)
    with open_archive(path) as archive:
        rows = np.stack(_archive_columns(archive), axis=1)
    for column, name in ((1, "source"), (2, "destination")):
        _refuse(path, name, rows[:, column], 0, cores - 1, "cores of the chip")
    return _sorted(path, rows, np.arange(len(rows)), "time_ps")


def _archive_columns(archive: Archive) -> list[Ints]:
    missing = [name for name in _KEYS if name not in archive]
    if missing:
        raise WorkloadError(
            f"{archive.path}: no {', '.join(missing)}; an archive of packets has the keys {', '.join(_KEYS)} and, where packets have"
            " more than one flit, flits"
        )
    length = archive.members["time_ps"].size
    columns: list[Ints] = []
    for name in (*_KEYS, "flits"):
        if name not in archive:
            columns.append(np.ones(length, np.int64))
            continue
        member = archive.members[name]
        if member.shape != (length,):
            raise WorkloadError(f"{archive.path}: {name} has shape {member.shape}; allowed: ({length},), one value per packet")
        if member.dtype.kind not in "iu" and not member.dtype.hasobject:
            raise WorkloadError(f"{archive.path}: {name} holds {member.dtype}; allowed: whole numbers")
        columns.append(_int64(whole(archive, name)))
    return columns


def _int64(values: npt.NDArray[Any]) -> Ints:
    return np.minimum(values, 2**63 - 1).astype(np.int64) if values.dtype.kind == "u" else values.astype(np.int64)


def _of_run(path: Path, cores: int) -> Ints:
    import pyarrow as pa  # half a second, only here
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, page_checksum_verification=True)
    except FileNotFoundError:
        raise WorkloadError(f"{path}: there is no such file; a run keeps its packets with --set probes=[packets]") from None
    except (OSError, pa.ArrowException) as error:
        raise WorkloadError(f"{path}: not a table of packets ({error}); a run writes one as packets.parquet") from None
    missing = [name for name in _COLUMNS if name not in table.column_names]
    if missing:
        raise WorkloadError(f"{path}: no column {', '.join(missing)}; allowed: the packets.parquet of a run")
    columns = []
    for name in (*_COLUMNS, *(("sequence",) if "sequence" in table.column_names else ())):
        values = table[name].to_numpy()
        if values.dtype.kind not in "iu":
            raise WorkloadError(f"{path}: {name} holds {values.dtype}; allowed: whole numbers without gaps")
        columns.append(_int64(values))
    rows = np.stack(columns[:4], axis=1)
    order = columns[4] if len(columns) > 4 else np.arange(len(rows))
    between = np.all((rows[:, 1:3] >= 0) & (rows[:, 1:3] < cores), axis=1)
    if not between.all():
        log.info("%s: %d of %d packets are not from core to core and are left out", path, int((~between).sum()), len(rows))
    rows, order = rows[between], order[between]
    rank = np.lexsort((order, rows[:, 1], rows[:, 0]))
    return _sorted(path, rows[rank], np.arange(len(rank)), "injected_ps")


def _sorted(path: Path, rows: Ints, order: Ints, time: str) -> Ints:
    _refuse(path, time, rows[:, 0], 0, LATEST_PS, "ps from the start of the run, at most 26 days")
    _refuse(path, "flits", rows[:, 3], 1, MOST_FLITS, "flits of a packet")
    return np.ascontiguousarray(rows[np.lexsort((order, rows[:, 0]))])


def _refuse(path: Path, name: str, values: Ints, low: int, high: int, what: str) -> None:
    odd = np.flatnonzero((values < low) | (values > high))
    if len(odd):
        raise WorkloadError(f"{path}: {name}[{odd[0]}] is {values[odd[0]]}; allowed: {low} to {high}, {what}")

"""Whether a run folder is whole: a machine that crashes or a disk that fills may leave files empty or cut under their right names."""

from __future__ import annotations

import contextlib
import zipfile
from pathlib import Path

from chipsim.errors import UsageError
from chipsim.results.store import EXPERIMENT, SUMMARY, read_summary

_MARK = b"PAR1"
"""A Parquet file begins and ends with it; the end is written last."""

_LEAST = 12
"""Bytes of a Parquet file that holds nothing: the mark twice, and the length of the description between."""


def why_not_whole(folder: Path) -> str | None:
    """What is wrong with the files of a finished run; None where every file is there to its end.

    Of tables and archives their ends are looked at, not every byte: what cuts a file off takes its end.
    """
    if not (folder / SUMMARY).is_file():
        return f"no {SUMMARY}"
    try:
        read_summary(folder)
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):
                continue  # what a kill left of a file that was being written
            cut = {".parquet": _table_is_cut, ".npz": _archive_is_cut, ".yaml": _is_empty}.get(path.suffix)
            if cut is not None and cut(path):
                return f"{path.name} is empty or cut"
    except UsageError as error:
        return str(error)
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    return None if (folder / EXPERIMENT).is_file() else f"no {EXPERIMENT}"


def _is_empty(path: Path) -> bool:
    return path.stat().st_size == 0


def _table_is_cut(path: Path) -> bool:
    size = path.stat().st_size
    if size < _LEAST:
        return True
    with path.open("rb") as file:
        first = file.read(len(_MARK))
        file.seek(size - len(_MARK))
        return not first == file.read() == _MARK


def _archive_is_cut(path: Path) -> bool:
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path):
        return False
    return True

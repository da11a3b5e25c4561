"""Whether a run folder is whole: a machine that crashes or a disk that fills may leave files empty, cut or with holes under their names."""

from __future__ import annotations

import zipfile
from pathlib import Path

from chipsim.errors import UsageError
from chipsim.network.npz import BROKEN
from chipsim.results.store import EXPERIMENT, SUMMARY, read_summary


def why_not_whole(folder: Path) -> str | None:
    """What is wrong with the files of a finished run; None where every file is there to its end.

    Tables and archives are read by the checksums of their pages and members.
    """
    if not (folder / SUMMARY).is_file():
        return f"no {SUMMARY}"
    try:
        read_summary(folder)
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):
                continue  # what a kill left of a file that was being written
            broken = {".parquet": _table_is_broken, ".npz": _archive_is_broken, ".yaml": _is_empty}.get(path.suffix)
            if broken is not None and broken(path):
                return f"{path.name} is empty, cut or damaged"
    except UsageError as error:
        return str(error)
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    return None if (folder / EXPERIMENT).is_file() else f"no {EXPERIMENT}"


def _is_empty(path: Path) -> bool:
    return path.stat().st_size == 0


def _table_is_broken(path: Path) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowException):
        return True
    return False


def _archive_is_broken(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is not None
    except BROKEN:
        return True

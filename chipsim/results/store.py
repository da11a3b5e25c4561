"""Run folders: self-describing, written file by file so that a crash never leaves half of one, never overwritten by accident.

``summary.json`` is written last: a folder that has one is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import math
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from chipsim.config.experiment import Experiment
from chipsim.config.sink import SINKS
from chipsim.config.write import resolved_yaml
from chipsim.errors import UsageError
from chipsim.lookup import Columns
from chipsim.machine.snapshot import save_snapshot
from chipsim.noc import mesh_of
from chipsim.plan.inputs import Mapping
from chipsim.programs.base import PROGRAMS
from chipsim.results.result import Result

log = logging.getLogger(__name__)

EXPERIMENT, SUMMARY, ALERTS, MAPPING = "experiment.yaml", "summary.json", "alerts.jsonl", "mapping.npz"
SNAPSHOT = "snapshot.npz"
TABLES = ("cores", "links", "routers", "flows", "energy", "timeline", "constants", "packets")
"""That every run may have; programs have more."""

MAPPING_SUMMARY = "mapping.json"
MAPPING_TABLES = ("traffic", "reach")
"""Of a mapping that is not run, besides tables that a run has as well."""

REPORTS = ("report.html", "report.md")

MAPPING_FORMAT = "chipsim-mapping-1"
"""Mark of a mapping file, the same as in ``nsn_mapping.file``, which reads it; neither package may import the other."""

_HASH_DIGITS = 8
_PART = 2**18  # rows of a large table that are read at once
_MOST_NAMESAKES = 1000  # folders of one second, name and description; more is a loop gone wild


def folder_for(experiment: Experiment, out: Path | None, force: bool, now: datetime | None = None) -> Path:
    """Make the folder that a run will be written to, and see that it can be written before hours are spent on the run.

    Args:
        experiment: its name and description give the default folder ``runs/<UTC time>-<name>-<hash>``.
        out: the folder that the user wants, or None.
        force: whether a folder with something in it may be used; only a run's own files are replaced there.
        now: time in the default name; the present by default.

    Raises:
        UsageError: the folder is in use, or cannot be made or written.
    """
    if out is not None:
        _make(out, exist_ok=True)
        if not force and any(out.iterdir()):
            raise UsageError(
                f"{out}: the folder is not empty; name another one with --out, or add --force to replace the run in it"
            )
        _probe(out)
        return out
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(resolved_yaml(experiment).encode()).hexdigest()[:_HASH_DIGITS]
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in experiment.name)
    for number in range(1, _MOST_NAMESAKES):
        folder = Path("runs") / (f"{moment}-{name}-{digest}" + (f"-{number}" if number > 1 else ""))
        with contextlib.suppress(FileExistsError):
            _make(folder, exist_ok=False)
            _probe(folder)
            return folder
    raise UsageError(f"runs/{moment}-{name}-{digest}: {_MOST_NAMESAKES} folders of that name; name one with --out")


def write_run(folder: Path, result: Result) -> None:
    """Write all files of a run; files of an earlier run that this one does not have are removed.

    Raises:
        UsageError: a file cannot be written; the message names it.
    """
    _make(folder, exist_ok=True)
    remove_stale(folder)
    write_experiment(folder, result.experiment)
    for sink in ("parquet", *result.experiment.sinks):
        for name, table in result.tables.items():
            write_table(folder, name, table, sink)
    if result.alerts is not None or "alerts" in result.experiment.probes:
        lines = (json.dumps(_plain(alert), ensure_ascii=False) + "\n" for alert in result.alerts or ())
        _write_text(folder / ALERTS, "".join(lines))
    for name, write in result.files.items():
        _atomic(folder / name, write)
    if result.snapshot is not None:
        snapshot = result.snapshot
        _atomic(folder / SNAPSHOT, lambda part: save_snapshot(snapshot, part))
    if result.mapping is not None:
        write_mapping(folder / MAPPING, result.mapping, result.experiment)
    write_summary(folder, result.summary)
    log.info("wrote %d tables and the rest of the run to %s", len(result.tables), folder)


def remove_stale(folder: Path) -> None:
    """Take away what an earlier run left in a folder, ``summary.json`` first; files that no run writes stay."""
    suffixes = [sink.suffix for sink in SINKS.all().values()]
    tables = (f"{table}{suffix}" for table in (*table_names(), *MAPPING_TABLES) for suffix in suffixes)
    files = (name for program in PROGRAMS.all().values() for name in program.files)
    for name in (SUMMARY, MAPPING_SUMMARY, EXPERIMENT, ALERTS, SNAPSHOT, MAPPING, *REPORTS, *files, *tables):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise refused(folder / name, error) from error


def table_names() -> tuple[str, ...]:
    """Names of all tables that a run may have, whatever its program."""
    return tuple(dict.fromkeys((*TABLES, *(name for program in PROGRAMS.all().values() for name in program.tables))))


def write_experiment(folder: Path, experiment: Experiment) -> None:
    """Write ``experiment.yaml``, names and paths resolved. Raises UsageError like `write_run`."""
    _write_text(folder / EXPERIMENT, resolved_yaml(experiment))


def write_summary(folder: Path, summary: dict[str, Any], name: str = SUMMARY) -> None:
    """Write ``summary.json``, or the like under another name. Raises UsageError like `write_run`."""
    _write_text(folder / name, summary_text(summary))


def summary_text(summary: dict[str, Any]) -> str:
    """A summary as JSON: keys in the order of the summary, floats so that reading gives the same, no NaN or infinity (null)."""
    return json.dumps(_plain(summary), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_table(folder: Path, name: str, table: Columns, sink: str = "parquet") -> None:
    """Write a table in the form of a sink, if that takes it. Raises UsageError like `write_run`."""
    form = SINKS.get(sink, "sinks")
    if form.tables is None or name in form.tables:
        _atomic(folder / f"{name}{form.suffix}", lambda part: form.write(part, table))


def write_mapping(path: Path, mapping: Mapping, experiment: Experiment) -> None:
    """Write a mapping as ``mapping.file`` reads it, with the shape of its chip. Raises UsageError like `write_run`."""
    mesh = mesh_of(experiment.chip.noc)
    arrays = {"core": mapping.core, "slot": mapping.slot, "roots": mapping.roots, "fill_order": mapping.fill_order}
    words = {
        "format": np.array(MAPPING_FORMAT),
        "method": np.array(mapping.method),
        "grid": np.array([mesh.width, mesh.height, mesh.concentration]),
    }
    _atomic(path, lambda part: np.savez_compressed(part, allow_pickle=False, **words, **arrays))


def read_summary(folder: Path) -> dict[str, Any]:
    """The summary of a run folder.

    Raises:
        UsageError: it is not a run folder, or its summary is broken.
    """
    path = folder / SUMMARY
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{folder}: not a run folder: {SUMMARY}: {error.strerror}; give a folder that `chipsim run` wrote"
        ) from error
    except ValueError as error:
        raise UsageError(
            f"{path}: not JSON ({error}); the file was changed or is of something else, run the experiment again"
        ) from error
    if not isinstance(summary, dict) or "digest" not in summary:
        raise UsageError(f"{path}: not the summary of a run: no digest; give a folder that `chipsim run` wrote")
    if "kind" not in summary:
        raise UsageError(f"{path}: of an earlier version: it does not say which program ran (kind); run the experiment again")
    return summary


def read_run(folder: Path, leave: Collection[str] = ()) -> tuple[dict[str, Any], dict[str, Columns]]:
    """Summary and tables of a run folder; columns come back as numpy arrays.

    Args:
        folder: the run folder.
        leave: names of tables that are not read.

    Raises:
        UsageError: it is not a run folder, or a file of it is broken.
    """
    import pyarrow.parquet as pq

    tables: dict[str, Columns] = {}
    summary = read_summary(folder)
    for name in table_names():
        path = folder / f"{name}.parquet"
        if name in leave or not path.exists():
            continue
        # not read_table: that loads what reads whole folders of files
        with _broken(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
            arrow = file.read()
        tables[name] = {column: arrow[column].to_numpy() for column in arrow.column_names}
    return summary, tables


def read_parts(folder: Path, name: str, columns: Sequence[str]) -> Iterator[Columns]:
    """Columns of a table of a run folder, some hundred thousand rows at a time, for tables that may not fit in memory.

    Raises:
        UsageError: the file is broken, or lacks a column.
    """
    import pyarrow.parquet as pq

    path = folder / f"{name}.parquet"
    with _broken(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        for part in file.iter_batches(_PART, columns=list(columns)):
            yield {column: part[column].to_numpy(zero_copy_only=False) for column in columns}


@contextlib.contextmanager
def _broken(path: Path) -> Iterator[None]:
    """Turn what a damaged table raises into a UsageError that names it."""
    import pyarrow as pa

    try:
        yield
    except (OSError, KeyError, pa.ArrowException) as error:
        raise UsageError(f"{path}: not a table of a run ({error}); run the experiment again") from error


def _plain(value: Any) -> Any:
    """A value in the types of JSON."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value


def _make(folder: Path, *, exist_ok: bool) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=exist_ok)
    except OSError as error:
        if isinstance(error, FileExistsError) and folder.is_dir():
            raise
        raise refused(folder, error) from error


def _probe(folder: Path) -> None:
    """Write and remove a file, the only question about permissions with a reliable answer."""
    path = folder / f".{os.getpid()}.part"
    try:
        path.write_bytes(b"chipsim")
        path.unlink()
    except OSError as error:
        raise refused(folder, error) from error


def _write_text(path: Path, text: str) -> None:
    _atomic(path, lambda part: part.write_text(text, encoding="utf-8"))


def _atomic(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside the file, then rename: whoever looks sees the old file or the whole new one."""
    part = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        write(part)
        part.replace(path)
    except OSError as error:
        raise refused(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def refused(path: Path, error: OSError) -> UsageError:
    """The error to raise where a file cannot be written: full disk, no permission, a file in the place of a folder."""
    return UsageError(f"{path}: cannot be written: {error.strerror or error}; name another folder with --out")

"""The folder of a sweep: what is in it, who may write to it, and which points it holds.

    sweep.yaml          the sweep, resolved; written before anything runs
    points/0007-HASH/   a run folder; whole when it has summary.json, recorded as failed when it has point.json
    points.parquet      one row per point; points.csv: the same as text
    report.html

One process at a time owns the folder, through a lock that the kernel takes back when the owner and all workers have ended, however
they end. What is in a point's folder without one of the two files was cut off and is run again, and so is a point of which a file is
empty, cut or damaged, as a crash of the machine leaves it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from chipsim.config.overrides import in_sweep_file
from chipsim.config.sweep import Sweep, resolved, resolved_sweep_yaml, value_text
from chipsim.config.yaml12 import read_document
from chipsim.errors import ConfigError, UsageError
from chipsim.results.store import SUMMARY, refused
from chipsim.results.whole import why_not_whole
from chipsim.sweep.points import Point
from reports.file import write_text

log = logging.getLogger(__name__)

SWEEP, POINTS, FAILED, TABLE, CSV = "sweep.yaml", "points", "point.json", "points.parquet", "points.csv"
DONE, FAILURE, INTERRUPTED = "done", "failed", "interrupted"
"""Status of a point: run to its end, not possible, or not run to its end when the table was written."""

_LOCK = ".lock"
_ORPHANS_S, _OWNER_S = 15.0, 3.0
"""Seconds that workers of a sweep that was killed get to notice and end; the same where its process is still listed."""
_LEFT = (".points.*", ".sweep.*", ".report.*")  # what a kill leaves of a file that was being written
_NAME = re.compile(r"([0-9]+)-[0-9a-f]+")
_MOST_DIFFERENCES = 5


@contextmanager
def owned(folder: Path, resume: bool) -> Iterator[int]:
    """Own a sweep's folder, which is made where it is missing, while the body runs.

    Args:
        folder: the folder.
        resume: whether a folder with something in it may be used.

    Yields:
        The lock's file descriptor; a process that inherits it owns the folder too until it ends.

    Raises:
        UsageError: the folder is in use, cannot be written, or is not empty.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not resume and any(one.name != _LOCK for one in folder.iterdir()):
            raise UsageError(f"{folder}: the folder is not empty; name another one with --out, or go on in it with --resume")
        if resume and not (folder / SWEEP).exists() and any(one.name != _LOCK for one in folder.iterdir()):
            _only_leftovers(folder)
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise refused(folder, error) from error
    try:
        _lock(handle, folder)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield handle
    finally:
        os.close(handle)


def open_sweep(folder: Path, sweep: Sweep, points: tuple[Point, ...], retry_failed: bool) -> dict[int, str]:
    """Bring an owned folder into order and say which points it holds.

    Returns:
        Status of the points that need not be run, by number: ``done`` or ``failed``.

    Raises:
        UsageError: the folder is of another sweep, or holds points made from other descriptions.
    """
    path = folder / SWEEP
    for pattern in _LEFT:
        for one in folder.glob(pattern):
            one.unlink(missing_ok=True)
    if path.exists():
        _same(path, sweep)
    try:
        write_text(path, resolved_sweep_yaml(sweep))
        (folder / POINTS).mkdir(exist_ok=True)
    except OSError as error:
        raise refused(path, error) from error
    return _sorted_out(folder / POINTS, {point.number: point.folder for point in points}, retry_failed)


def record_failure(folder: Path, number: int, exit_code: int, reason: str) -> None:
    """Note in a point's folder, which is made where it is missing, that the point cannot be run, and why."""
    folder.mkdir(parents=True, exist_ok=True)
    record = {"number": number, "status": FAILURE, "exit_code": exit_code, "reason": in_sweep_file(reason)}
    write_text(folder / FAILED, json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def read_failure(folder: Path) -> dict[str, Any]:
    """What `record_failure` noted.

    Raises:
        UsageError: the record is broken.
    """
    path = folder / FAILED
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return {"exit_code": int(record["exit_code"]), "reason": str(record["reason"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: not the record of a failed point ({error}); with --resume the point is run again") from error


def clear(folder: Path) -> None:
    """Remove a point's folder and all in it."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise UsageError(f"{folder}: what was cut off in it cannot be removed; remove it, then add --resume")


def _sorted_out(folder: Path, wanted: dict[int, str], retry_failed: bool) -> dict[int, str]:
    """Status of the finished points; everything else that looks like a point is removed."""
    found: dict[int, str] = {}
    for one in sorted(folder.iterdir()):
        match = _NAME.fullmatch(one.name)
        if match is None:
            continue
        number, failed = int(match[1]), _has_failed(one)
        broken = why_not_whole(one)
        whole = broken is None
        if (
            broken is not None and (one / SUMMARY).exists()
        ):  # a crash of the machine: the name is there, what it stands for is not
            log.warning("%s: %s; the point is run again", one, broken)
        if whole and failed:  # cut off between the removal of the one and the writing of the other: never by this program
            (one / FAILED).unlink()
        if not whole and (retry_failed or not failed):
            clear(one)
            continue
        if wanted.get(number) != one.name:
            raise UsageError(
                f"{one}: made from another description than point {number} has now, a file that the sweep names has changed;"
                f" name another folder with --out{', or add --retry-failed' if not whole else ''}"
            )
        found[number] = DONE if whole else FAILURE
    return found


def _has_failed(folder: Path) -> bool:
    """Whether a point is recorded as failed; a record that a crash has emptied or cut is none."""
    if not (folder / FAILED).is_file():
        return False
    try:
        read_failure(folder)
    except UsageError as error:
        log.warning("%s: %s", folder, error)
        return False
    return True


def _same(path: Path, sweep: Sweep) -> None:
    try:
        there = read_document(path).value
    except ConfigError as error:
        raise UsageError(f"{error}; the folder is not of a sweep: name another one with --out") from None
    if not isinstance(there, dict):
        raise UsageError(f"{path}: not of a sweep; name another folder with --out")
    here = resolved(sweep) | {"name": there.get("name")}  # a file that was renamed is still the same sweep
    differences = list(_differences("", there, here))
    if list(there.get("grid") or {}) != list(here["grid"]) and not differences:
        differences.append("grid: the keys are in another order")
    if differences:
        more = len(differences) - _MOST_DIFFERENCES
        shown = "; ".join(differences[:_MOST_DIFFERENCES]) + (f"; and {more} more" if more > 0 else "")
        raise UsageError(f"{path}: the folder is of another sweep: {shown}; name another folder with --out")


def _differences(key: str, there: Any, here: Any) -> Iterator[str]:
    if (
        key == "base"
        and (names := [one.get("name") if isinstance(one, dict) else None for one in (there, here)])[0] != names[1]
    ):
        yield f"base was {_short(names[0])}, now {_short(names[1])}"  # in what two experiments differ is another question
    elif isinstance(there, dict) and isinstance(here, dict):
        for name in dict.fromkeys((*there, *here)):
            below = f"{key}.{name}" if key else str(name)
            if name not in here:
                yield f"{below} is no longer given"
            elif name not in there:
                yield f"{below} is new"
            else:
                yield from _differences(below, there[name], here[name])
    elif there != here or type(there) is not type(here):
        yield f"{key} was {_short(there)}, now {_short(here)}"


def _short(value: Any) -> str:
    text = value_text(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _only_leftovers(folder: Path) -> None:
    """Refuse to go on in a folder that never was a sweep's."""
    left = {one for pattern in _LEFT for one in folder.glob(pattern)} | {folder / _LOCK}
    others = sorted(one.name for one in folder.iterdir() if one not in left)
    if others:
        raise UsageError(f"{folder}: not the folder of a sweep, it has no {SWEEP} but {others[0]}; name another one with --out")


def _lock(handle: int, folder: Path) -> None:
    """Take the lock; workers of a sweep that was killed are waited for, a sweep that runs hardly."""
    begin = time.monotonic()
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            owner = _owner(handle)
            if time.monotonic() - begin > (_ORPHANS_S if owner is None else _OWNER_S):
                who = f"process {owner}" if owner else "a worker of a sweep that was killed"
                raise UsageError(
                    f"{folder}: another sweep is running in it ({who}); wait for its end, or name another folder with --out"
                ) from None
            time.sleep(0.1)
        except OSError as error:  # some network file systems have no locks
            log.warning("%s: cannot be locked (%s); see that no other sweep writes to it", folder, error.strerror)
            return


def _owner(handle: int) -> int | None:
    """The process that runs a sweep in the folder, None where it has ended."""
    text = os.pread(handle, 32, 0).decode("ascii", "replace")
    if not text.isdecimal():
        return None
    try:
        with suppress(PermissionError):  # somebody else's: it is there
            os.kill(int(text), 0)
    except ProcessLookupError:
        return None
    return int(text)

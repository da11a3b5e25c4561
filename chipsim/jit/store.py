"""Where compiled code is kept: files named by what they were made from, in the first folder that can be written, read from every one.

Nothing here looks at paths or times of sources: a second clone, a touched or a moved one finds what the first has left. The folder is
``CHIPSIM_CACHE_DIR``, by default the user's cache folder, or one in the folder for temporary files.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

CACHE_DIR = "CHIPSIM_CACHE_DIR"
MOST_FILES = 2000
"""In a folder; beyond, a quarter of them goes, those that were not used for longest."""

_DAY = 86_400.0
_DIGEST = 32
"""Bytes of the hash that a file begins with: of all that follows."""


def folders() -> list[Path]:
    """Folders in which code may be, the best first; none of another user."""
    wanted, cache = os.environ.get(CACHE_DIR), os.environ.get("XDG_CACHE_HOME")
    found = [Path(wanted)] if wanted else [Path(cache) / "chipsim"] if cache else []
    if not found:
        with contextlib.suppress(RuntimeError):  # a user without a home, as in some containers
            found = [Path.home() / ".cache/chipsim"]
    return [*found, Path(tempfile.gettempdir()) / f"chipsim-{os.getuid()}"]


def writable() -> Path | None:
    """The first folder that can be written, made if need be; None if there is none."""
    for folder in folders():
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK) and _is_own(folder):
                return folder
    return None


def _is_own(folder: Path) -> bool:
    return str(folder).startswith(tempfile.gettempdir()) is False or folder.stat().st_uid == os.getuid()


def key_of(*parts: str) -> str:
    """A short name for some texts: others have another one."""
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(f"{len(part)} ".encode())
        hasher.update(part.encode())
    return hasher.hexdigest()[:24]


def read(name: str) -> bytes | None:
    """What is kept under a name; None if nothing is, or nothing whole."""
    for folder in folders():
        with contextlib.suppress(OSError):
            if not _is_own(folder):
                continue
            path = folder / name
            data = path.read_bytes()
            if time.time() - path.stat().st_mtime > _DAY:
                with contextlib.suppress(OSError):
                    os.utime(path)  # it is in use: see `_tidy`
            if hashlib.sha256(data[_DIGEST:]).digest() == data[:_DIGEST]:
                return data[_DIGEST:]
            _warn_damaged(folder, name)
            path.unlink(missing_ok=True)
    return None


def _warn_damaged(folder: Path, name: str) -> None:
    """The first file of a folder is named: where one is cut, others often are."""
    said = _said(folder)
    if not said:
        said.append(name)
        log.warning("%s: empty, cut or damaged; such files are taken away, and what was in them is made again", folder / name)


@cache
def _said(folder: Path) -> list[str]:
    return []


def write(name: str, data: bytes) -> None:
    """Keep something under a name, whole or not at all; where no folder can be written, or the disk is full, nothing is kept."""
    folder = writable()
    if folder is None:
        return
    try:
        file, path = tempfile.mkstemp(dir=folder, prefix=name)
        try:
            with os.fdopen(file, "wb") as out:
                out.write(hashlib.sha256(data).digest() + data)
            Path(path).replace(folder / name)
        except BaseException:  # a full disk, or somebody who asks for the end
            Path(path).unlink(missing_ok=True)
            raise
        _tidy(folder)
    except OSError as error:
        _warn_full(folder, error.strerror or str(error))


@cache
def _warn_full(folder: Path, reason: str) -> None:
    """Once per folder and process, not per file."""
    log.warning(
        "%s: compiled code cannot be kept (%s), it is made again each time; %s names another folder", folder, reason, CACHE_DIR
    )


def _tidy(folder: Path) -> None:
    """Keep a folder small: every edit of a source leaves a few files behind. Those that were used last stay."""
    files = [path for path in folder.iterdir() if path.is_file()]
    if len(files) > MOST_FILES:
        for path in sorted(files, key=lambda path: path.stat().st_mtime)[: len(files) - 3 * MOST_FILES // 4]:
            path.unlink(missing_ok=True)


def read_json(name: str) -> dict[str, Any] | None:
    """What is kept under a name, as an object."""
    data = read(name)
    with contextlib.suppress(ValueError):
        found = json.loads(data) if data is not None else None
        return found if isinstance(found, dict) else None
    return None


def write_json(name: str, value: Mapping[str, Any]) -> None:
    """Keep an object under a name."""
    write(name, json.dumps(value).encode())


def read_note(about: str) -> dict[str, Any]:
    """What was noted about something; empty if nothing was."""
    return read_json(key_of(about) + ".note") or {}


def write_note(about: str, value: Mapping[str, Any]) -> None:
    """Note something beside the code, for other processes and later ones."""
    write_json(key_of(about) + ".note", value)


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """One process at a time makes what belongs under a name; the others wait here and then find it."""
    folder = writable()
    if folder is None:
        yield
        return
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # some file systems have no locks; then both compile
            file = stack.enter_context((folder / f"{name}.lock").open("a"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield

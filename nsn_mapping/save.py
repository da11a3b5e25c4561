"""Arrays into a NumPy archive, whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chipsim.errors import UsageError


def refuse_existing(path: Path, force: bool) -> None:
    """See that a file may be written, before hours are spent on what goes into it.

    Args:
        path: the file.
        force: whether a file that is there may be replaced.

    Raises:
        UsageError: it is there already, is a folder, or its folder is missing or cannot be written.
    """
    if path.is_dir():
        raise UsageError(f"{path}: a folder; name a file with --out")
    if path.exists() and not force:
        raise UsageError(f"{path}: the file is there already; name another with --out, or replace it with --force")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}; make it, or name another file with --out")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"{path}: the folder {path.parent} cannot be written; name another file with --out")


def save_arrays(path: Path, arrays: Mapping[str, Any], force: bool = False) -> None:
    """Write beside the file, then rename: whoever looks sees no file, the old one, or the whole new one.

    Args:
        path: the file, a NumPy archive whatever its name ends with.
        arrays: by key.
        force: replace a file that is there.

    Raises:
        UsageError: the file is there already or cannot be written.
    """
    refuse_existing(path, force)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            np.savez_compressed(file, **arrays)
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}; name another file with --out") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)

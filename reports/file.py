"""Writing a report: beside the file first, so that whoever looks sees the old one or the whole new one."""

from __future__ import annotations

import os
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with plain line ends.

    Raises:
        OSError: it cannot be written; an earlier file of that name is then untouched.
    """
    part = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

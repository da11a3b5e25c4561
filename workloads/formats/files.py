"""Opening a user's file without trusting it: what is wrong is said once, with the file, the line and the byte.

Every reader of text and logs goes through here, so that a folder, an archive, a binary or a file with one endless line gives
one message instead of a traceback, an endless wait or a full memory.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from chipsim.beside import beside
from chipsim.errors import WorkloadError
from chipsim.foreign import recognise

MAX_LINE = 1 << 20
"""Longest line of a log, bytes. Real logs stay below 8 KiB (RFC 5424 asks for 2 KiB); longer is a file without line ends."""

MAX_FILE = 1 << 30
"""Largest text read whole, bytes; its code points then take at most 8 GiB, which no emulated chip of today can learn."""

_BOM = b"\xef\xbb\xbf"

_MAGIC = (
    (b"\x1f\x8b", "it is gzip-compressed: unpack it first (gunzip)"),
    (b"BZh", "it is bzip2-compressed: unpack it first (bunzip2)"),
    (b"\xfd7zXZ", "it is xz-compressed: unpack it first (unxz)"),
    (b"\x28\xb5\x2f\xfd", "it is zstd-compressed: unpack it first (unzstd)"),
    (b"PK\x03\x04", "it is a zip archive: unpack it first; NumPy archives (.npz) go with workload.kind=arrays or traffic"),
    (b"\xff\xfe", "it is UTF-16: write it again as UTF-8 (iconv -f UTF-16 -t UTF-8)"),
    (b"\xfe\xff", "it is UTF-16: write it again as UTF-8 (iconv -f UTF-16 -t UTF-8)"),
    (b"PAR1", "it is a Parquet file: write it as CSV or JSON lines"),
)


_BINARY = (b"\x89", b"\x93", b"\x80", b"M")
"""First bytes of formats of arrays, which are looked at more closely."""


class Line(NamedTuple):
    """One line of a file, without its line end.

    Attributes:
        number: from 1.
        text: decoded, without the line feed and a carriage return before it.
    """

    number: int
    text: str


@contextmanager
def open_input(path: Path, what: str) -> Iterator[BinaryIO]:
    """Open a regular file for reading bytes.

    Args:
        path: The file.
        what: What it should be, for the message, e.g. ``log``.

    Raises:
        WorkloadError: missing, a folder, not a regular file (a pipe or device could wait for ever), not readable, or empty.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise WorkloadError(
                f"{path}: this is a folder, a {what} file is needed; name one of the files in it in workload.path"
            )
        if not stat.S_ISREG(status.st_mode):
            raise WorkloadError(
                f"{path}: this is a pipe or a device, a regular {what} file is needed; copy its content into a file"
            )
        if status.st_size == 0:
            raise WorkloadError(f"{path}: the file is empty, a {what} with at least one event is needed; check workload.path")
        with path.open("rb") as stream:
            yield stream
    except FileNotFoundError:
        raise WorkloadError(
            f"{path}: there is no such {what} file; check workload.path "
            f"(in an experiment file, a relative path starts at that file's folder){beside(path)}"
        ) from None
    except (OSError, ValueError) as error:
        if isinstance(error, WorkloadError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise WorkloadError(f"{path}: the {what} file cannot be read: {reason}; check its name and its permissions") from None


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a log, decoded as UTF-8; a byte order mark is dropped.

    Args:
        path: The file.

    Raises:
        WorkloadError: what ``open_input`` refuses; an archive; a line above ``MAX_LINE``; a NUL byte; bytes that are not UTF-8.
    """
    with open_input(path, "log") as stream:
        offset = 0
        number = 0
        while raw := stream.readline(MAX_LINE + 1):
            number += 1
            if number == 1:
                refuse_magic(raw, path)
                if raw.startswith(_BOM):
                    raw, offset = raw[len(_BOM) :], len(_BOM)
            # NUL first: a binary is better called a binary than "a long line"
            refuse_nul(raw, offset, f"{path}:{number}")
            if len(raw) > MAX_LINE:
                raise WorkloadError(
                    f"{path}:{number}: the line is longer than {MAX_LINE:,} bytes; a log has one event a line, "
                    "ended by a line feed: split the line or check that this is the file you meant"
                )
            text = decode(raw, offset, f"{path}:{number}")
            offset += len(raw)
            yield Line(number, text.removesuffix("\n").removesuffix("\r"))


def read_whole(path: Path) -> str:
    """Read a text file as UTF-8, without byte order mark, with every line end written as a line feed.

    Args:
        path: The file.

    Raises:
        WorkloadError: what ``open_input`` refuses; larger than ``MAX_FILE``; an archive; a NUL byte; bytes that are not UTF-8.
    """
    with open_input(path, "text") as stream:
        raw = stream.read(MAX_FILE + 1)
    if len(raw) > MAX_FILE:
        raise WorkloadError(f"{path}: the text is larger than {MAX_FILE:,} bytes; give a part of it (head -c) in workload.path")
    refuse_magic(raw, path)
    start = len(_BOM) if raw.startswith(_BOM) else 0
    refuse_nul(raw, 0, str(path))
    return decode(raw[start:], start, str(path)).replace("\r\n", "\n").replace("\r", "\n")


def refuse_magic(raw: bytes, path: Path) -> None:
    """Refuse a file whose first bytes are those of a well-known format that is not text."""
    for magic, advice in _MAGIC:
        if raw.startswith(magic):
            raise WorkloadError(f"{path}: the file is not plain text: {advice}")
    found = recognise(path) if raw[:1] in _BINARY else None
    if found is not None and not found.is_text:
        raise WorkloadError(
            f"{path}: the file is not plain text: it is {found.what}; a text or log is needed here, and a spiking network goes with"
            f" workload.kind=arrays: {found.to_arrays}"
        )


def refuse_nul(raw: bytes, offset: int, where: str) -> None:
    """Refuse bytes that hold a NUL, which no text has; ``offset`` is the place of ``raw`` in the file, bytes."""
    place = raw.find(0)
    if place >= 0:
        raise WorkloadError(
            f"{where}: NUL byte at byte offset {offset + place}: the file is binary, plain UTF-8 text is needed"
        )


def decode(raw: bytes, offset: int, where: str) -> str:
    """Decode UTF-8 strictly; ``offset`` is the place of ``raw`` in the file, bytes."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WorkloadError(
            f"{where}: byte 0x{raw[error.start]:02x} at byte offset {offset + error.start} is not UTF-8; "
            "write the file again as UTF-8 (for example: iconv -f LATIN1 -t UTF-8)"
        ) from None

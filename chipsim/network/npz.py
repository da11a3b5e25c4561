"""NumPy archives (.npz) read as streams: an array of any size goes by in chunks, packed or not."""

from __future__ import annotations

import stat
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from chipsim.beside import beside
from chipsim.errors import WorkloadError
from chipsim.foreign import recognise

ADVICE = "write it with numpy.savez"

BROKEN = (
    OSError, ValueError, KeyError, EOFError, RuntimeError, NotImplementedError, SyntaxError, tokenize.TokenError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading an archive may raise, to be told as a broken file: zipfile raises NotImplementedError for a compression that it does
not know and RuntimeError for one with a password, numpy's reader of headers what Python's own parser does."""


@dataclass(frozen=True, slots=True)
class Member:
    """One array of an archive: its name, shape and type."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """Number of values."""
        return int(np.prod(self.shape, dtype=object)) if self.shape else 1


@dataclass(frozen=True, slots=True)
class Archive:
    """An open archive.

    Attributes:
        path: the file.
        file: the same, open.
        members: its arrays by name.
    """

    path: Path
    file: zipfile.ZipFile
    members: dict[str, Member]

    def __contains__(self, name: str) -> bool:
        return name in self.members


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open an archive and read what arrays it has, not the arrays.

    Raises:
        WorkloadError: there is no such file, or it is no archive of plain arrays.
    """
    _refuse_odd(path)
    try:
        file = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise WorkloadError(
            f"{path}: there is no such file; give the path of a NumPy archive (.npz){beside(path, ('*.npz',))}"
        ) from None
    except IsADirectoryError:
        raise WorkloadError(f"{path}: a folder; allowed: a NumPy archive (.npz)") from None
    except BROKEN as error:
        raise WorkloadError(f"{path}: {_not_an_archive(path, error)}") from None
    with file:
        members = {}
        for info in file.infolist():
            name = info.filename.removesuffix(".npy")
            if name != info.filename:
                try:
                    with file.open(info) as stream:
                        shape, dtype = _header(stream)
                        length = info.file_size - stream.tell()
                except BROKEN as error:
                    raise WorkloadError(f"{path}: {name}: not an array ({error}); {ADVICE}") from None
                members[name] = Member(name, shape, dtype)
                if not dtype.hasobject and length != members[name].size * dtype.itemsize:
                    raise WorkloadError(
                        f"{path}: {name}: {length} bytes for {members[name].size} values of {dtype}; the file is cut off, write it again"
                    )
        yield Archive(path, file, members)


def _refuse_odd(path: Path) -> None:
    """Refuse what could wait for ever, or holds nothing."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return  # opening it says why
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise WorkloadError(
            f"{path}: a pipe or a device; allowed: a regular file, a NumPy archive (.npz); copy its content into one"
        )
    if stat.S_ISREG(status.st_mode) and not status.st_size:
        raise WorkloadError(f"{path}: the file is empty; allowed: a NumPy archive (.npz); {ADVICE}")


def _not_an_archive(path: Path, error: Exception) -> str:
    """What a file is that is no archive, and what to do with it."""
    found = recognise(path)
    if found is not None:
        return f"not a NumPy archive, but {found.what}; {found.to_arrays}"
    with suppress(OSError), path.open("rb") as file:
        if file.read(4) == b"PK\x03\x04":
            return f"a NumPy archive that is broken or cut off ({error}); copy it again, or {ADVICE}"
    return f"not a NumPy archive ({error}); allowed: a file of arrays (.npz), {ADVICE}"


def chunks(archive: Archive, name: str, count: int) -> Iterator[npt.NDArray[Any]]:
    """The values of an array in order, ``count`` at a time.

    Raises:
        WorkloadError: the array holds objects, or the file is broken.
    """
    member = archive.members[name]
    if member.dtype.hasobject:
        raise WorkloadError(
            f"{archive.path}: {name} holds Python objects (a pickle), which are never read; allowed: numbers; {ADVICE}"
        )
    try:
        with archive.file.open(f"{name}.npy") as stream:
            _header(stream)
            left = member.size
            while left:
                take = min(left, count)
                raw = stream.read(take * member.dtype.itemsize)
                if len(raw) != take * member.dtype.itemsize:
                    raise EOFError("it is cut off")
                yield np.frombuffer(raw, member.dtype)
                left -= take
    except BROKEN as error:
        if isinstance(error, WorkloadError):
            raise
        raise WorkloadError(f"{archive.path}: {name}: cannot be read ({error}); write the archive again") from None


def whole(archive: Archive, name: str) -> npt.NDArray[Any]:
    """All values of an array, flat. Raises WorkloadError like `chunks`."""
    parts = list(chunks(archive, name, max(1, archive.members[name].size)))
    return parts[0] if parts else np.zeros(0, archive.members[name].dtype)


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    return tuple(int(n) for n in shape), dtype

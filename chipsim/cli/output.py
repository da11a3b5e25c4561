"""Standard output and standard error as they may be in real life: closed, full, read in part, and written to by libraries."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO

_STDIN, _STDOUT, _STDERR = 0, 1, 2


class _Kept(io.FileIO):
    """A stream that takes everything: what cannot be written is dropped, and the reason kept.

    A command goes on to its own end so, whoever has stopped to listen: the run that took hours is still written to its folder.

    Attributes:
        lost: why something was dropped; None where nothing was, or where the reader has closed the pipe, as ``head`` does.
    """

    lost: OSError | None = None
    _gone = False

    def write(self, data: object, /) -> int:
        """Write, or drop."""
        if not self._gone:
            try:
                return super().write(data)  # type: ignore[arg-type]
            except BrokenPipeError:
                self._gone = True
            except OSError as error:
                self._gone, self.lost = True, error
        return len(memoryview(data).cast("B"))  # type: ignore[arg-type]


class Streams:
    """The streams of a command while it runs."""

    __slots__ = ("_out",)

    def __init__(self, out: _Kept | None) -> None:
        self._out = out

    def lost(self) -> str | None:
        """Why standard output is not whole, None where it is or nobody listens."""
        error = None if self._out is None else self._out.lost
        return None if error is None else error.strerror or str(error)


@contextlib.contextmanager
def standard_streams() -> Iterator[Streams]:
    """Put streams that cannot fail in the place of the two standard ones, and only what chipsim itself prints into the first.

    Libraries in C print to file descriptor 1; where that is no terminal, what they print goes to standard error, so that ``--json``
    stays JSON. Closed descriptors are opened on the null device first: the next file that is opened would get their number.
    """
    closed = [number for number in (_STDIN, _STDOUT, _STDERR) if not _is_open(number)]
    for _ in closed:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # takes the lowest number that is free, this one
    before = sys.stdout, sys.stderr
    out, text_out = _replaced(sys.stdout, buffered=True)
    _, text_err = _replaced(sys.stderr, buffered=False)
    sys.stdout, sys.stderr = text_out or sys.stdout, text_err or sys.stderr
    saved = os.dup(_STDOUT)
    try:
        if out is not None and not out.isatty():
            os.dup2(_STDERR, _STDOUT)
        yield Streams(out)
    finally:
        os.dup2(saved, _STDOUT)
        os.close(saved)
        for text in (text_out, text_err):
            if text is not None:
                text.close()
        sys.stdout, sys.stderr = before
        for number in closed:
            os.close(number)


@contextlib.contextmanager
def library_prints_aside() -> Iterator[None]:
    """Send to standard error what libraries in Python print while the body runs; commands print when it has ended."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _replaced(stream: TextIO | None, *, buffered: bool) -> tuple[_Kept | None, TextIO | None]:
    """A stream that cannot fail, to the same place; nothing where there is no file behind it, as in a notebook."""
    if stream is None:  # its descriptor was closed when Python started
        raw = _Kept(os.open(os.devnull, os.O_WRONLY), "wb")
        encoding = "utf-8"
    else:
        with contextlib.suppress(OSError):
            stream.flush()
        try:
            raw = _Kept(os.dup(stream.fileno()), "wb")
        except (OSError, ValueError):
            return None, None
        encoding = getattr(stream, "encoding", None) or "utf-8"
    # texts may hold any character, and a terminal or pipe may be ASCII only
    whole_lines = raw.isatty() or not buffered
    return raw, io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=encoding, errors="backslashreplace", line_buffering=whole_lines
    )

"""Standard output and standard error as they may be in real life: closed, full, read in part, and written to by libraries."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, ParamSpec, TextIO, TypeVar, cast

import typer

P = ParamSpec("P")
R = TypeVar("R")

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
        """Write all of it, or drop."""
        left = memoryview(data).cast("B")  # type: ignore[arg-type]
        size = len(left)
        while left and not self._gone:
            try:
                left = left[super().write(left) or 0 :]
            except BrokenPipeError:
                self._gone = True
            except OSError as error:
                self._gone, self.lost = True, error
        return size


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


class _Aside(io.TextIOBase):
    """Standard output while a command runs: whatever libraries and parts of other packages print goes to standard error.

    Attributes:
        own: the stream for what the command itself tells.
    """

    def __init__(self, own: TextIO) -> None:
        self.own = own

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Of standard error."""
        return sys.stderr.encoding

    @property
    def buffer(self) -> BinaryIO:
        """What takes bytes."""
        return sys.stderr.buffer

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str, /) -> int:
        """Write to standard error."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush standard error, if it still is there."""
        if not sys.stderr.closed:
            sys.stderr.flush()

    def isatty(self) -> bool:
        """Whether standard error is a terminal."""
        return sys.stderr.isatty()

    def fileno(self) -> int:
        """Descriptor of standard error."""
        return sys.stderr.fileno()


def own_stdout() -> TextIO:
    """Standard output for what a command itself tells, whatever else is printed."""
    own: TextIO = getattr(sys.stdout, "own", sys.stdout)
    return own


def tell(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print what a command has to tell, to standard output or, with ``err``, beside it."""
    typer.echo(text, file=None if err else own_stdout(), nl=nl, err=err)


def prints_aside(command: Callable[P, R]) -> Callable[P, R]:
    """A command during which only ``tell`` reaches standard output: libraries and plugins print where they like."""

    @functools.wraps(command)
    def aside(*words: P.args, **options: P.kwargs) -> R:
        with contextlib.redirect_stdout(cast("TextIO", _Aside(own_stdout()))):
            return command(*words, **options)

    return aside


def close_stdout() -> None:
    """A command's process has told all that it has to: what libraries print while it stops goes to standard error."""
    with contextlib.suppress(OSError, AttributeError):
        sys.stdout.flush()
        if not os.isatty(_STDOUT):
            os.dup2(_STDERR, _STDOUT)
    sys.stdout = sys.stderr


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
    errors = "backslashreplace"
    if not buffered:  # a buffer would write again what was written when a signal came
        return raw, io.TextIOWrapper(cast("BinaryIO", raw), encoding=encoding, errors=errors, line_buffering=True)
    return raw, io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=raw.isatty())


def empty_folder(out: Path | None, force: bool) -> Path | None:
    """The folder of ``--out``, made if it is not there; None where none is named.

    Raises:
        UsageError: it is not empty and ``force`` is not given, or it cannot be written.
    """
    from chipsim.errors import UsageError

    if out is None:
        return None
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()) and not force:
            raise UsageError(f"{out}: the folder is not empty; name another with --out, or replace what is there with --force")
    except OSError as error:
        raise UsageError(f"{out}: cannot be written: {error.strerror or error}; name another folder with --out") from error
    return out

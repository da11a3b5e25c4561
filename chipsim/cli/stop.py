"""Ctrl-C and SIGTERM: the first asks a run to stop and keep what it has, the second ends it at once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from chipsim.errors import ChipsimError

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_MESSAGE = b"\nstopping; what has run so far is kept (once more to stop at once)\n"


class Stopped(ChipsimError):
    """Somebody wanted the end at once; nothing is kept."""

    exit_code = 130


class StopRequest:
    """Whether somebody has asked for an end."""

    __slots__ = ("asked", "quiet")

    def __init__(self, quiet: bool) -> None:
        self.asked = False
        self.quiet = quiet

    def handle(self, _signal: int, _frame: FrameType | None) -> None:
        """Note the first request; raise KeyboardInterrupt at the second."""
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        if not self.quiet:
            with contextlib.suppress(OSError):  # nobody reads it any more, or the disk is full
                os.write(2, _MESSAGE)  # buffered streams may be in the middle of a write


@contextmanager
def stop_on_signals(quiet: bool) -> Iterator[StopRequest]:
    """Handle the signals while the body runs; only the main thread of a process can.

    Raises:
        Stopped: a second signal came.
    """
    request = StopRequest(quiet)
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = [signal.signal(number, request.handle) for number in _SIGNALS]
    try:
        yield request
    except KeyboardInterrupt:
        raise Stopped("interrupted; nothing is kept") from None
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)

"""How long stages take, and how much memory they took."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chipsim.results.summary import peak_rss


def peak_memory() -> int:
    """Peak memory in bytes of the program that runs now, or of a process that it has started and seen end, whichever is larger.

    The kernel's account of a process goes on from the program that started it; its status file begins anew with each program.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return max(1024 * int(line.split()[1]), children)
    return max(peak_rss(), children)


@contextmanager
def timed(wall: dict[str, float], stage: str) -> Iterator[None]:
    """Note how many seconds the body took."""
    begin = time.perf_counter()
    yield
    wall[stage] = time.perf_counter() - begin

"""Units that the cache lacks are compiled, two at once where there are two or more; a child process compiles every other one."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from chipsim.jit import store
from chipsim.jit.kernel_unit import Unit


def prepare(units: Iterable[Unit], say: Callable[[str], None] | None = None) -> None:
    """Have the code of units in the cache and in this process.

    Args:
        units: those that are needed.
        say: takes a line about what is being waited for, if anything is.

    Raises:
        Untranslatable: a kernel has a form that cannot be compiled.
    """
    units = list(units)
    cold = [one for one in units if one.is_cold()]
    keeps = not cold or store.writable() is not None
    if cold and say is not None:
        names = ", ".join(one.request.module.rpartition(".")[2] for one in cold)
        kept = "once" if keeps else f"each time: no folder can be written to keep them ({store.CACHE_DIR} names one)"
        say(f"compiling kernels ({names}), {kept}")
    if len(cold) > 1 and (os.cpu_count() or 1) > 1 and keeps:
        child = _start(cold[1::2])
        try:
            for one in cold[::2]:
                one.load()
        finally:
            child.wait()
    for one in units:  # what a child could not do fails here, with its message
        one.load()


def _start(units: list[Unit]) -> subprocess.Popen[bytes]:
    """A process of its own that compiles units into the cache."""
    requests = json.dumps([asdict(one.request) for one in units])
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path or str(Path.cwd()) for path in sys.path))
    command = [sys.executable, "-m", "chipsim.jit.compile"]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # a child that cannot even begin
        child.stdin.write(requests.encode())
        child.stdin.close()
    return child

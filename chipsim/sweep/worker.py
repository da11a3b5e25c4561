"""A worker: a process that runs one point after another and ends with its parent, whatever ends that.

It is started by `chipsim.sweep.pool` with one end of a pipe: tasks come in, outcomes go out. Ctrl-C on the terminal reaches it too
and is left to the parent.
"""

from __future__ import annotations

import ctypes
import logging
import os
import queue
import signal
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from chipsim.config.experiment import Experiment
from chipsim.errors import ChipsimError, ConfigError

log = logging.getLogger(__name__)

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_FAULT = 1  # exit code of a fault of chipsim itself


@dataclass(frozen=True, slots=True)
class Task:
    """A point to run.

    Attributes:
        number: the point; folder: where its run folder goes; experiment: what to run.
        memory_limit: bytes that the run may take; None for what the run itself finds free.
    """

    number: int
    folder: Path
    experiment: Experiment
    memory_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task.

    Attributes:
        number: the point.
        exit_code: 0 when its folder is whole, else what ``chipsim run`` would have ended with.
        reason: why it is not whole.
        fatal: nothing can be written, so that no other point could be kept either.
    """

    number: int
    exit_code: int = 0
    reason: str = ""
    fatal: bool = False


def main() -> NoReturn:
    """Work for as long as the parent lives; the pipe's descriptor is the last argument of the command line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    pipe = Connection(int(sys.argv[-1]))
    tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, tasks), daemon=True).start()
    while True:
        pipe.send(run_point(tasks.get()))


def run_point(task: Task) -> Outcome:
    """Run one point into its folder, or record there why it cannot be run."""
    from chipsim.pipeline import simulate
    from chipsim.results.store import write_run
    from chipsim.sweep.folder import clear, record_failure

    try:
        clear(task.folder)
        task.folder.mkdir(parents=True)
        try:
            result = simulate(task.experiment, memory_limit=task.memory_limit, limits=False)
        except ChipsimError as error:
            code, reason = error.exit_code, str(error)
        except MemoryError:
            code, reason = (
                ConfigError.exit_code,
                "out of memory; run fewer points at a time with --jobs, or take a smaller chip",
            )
        except Exception as error:  # a point must not take the sweep with it
            log.exception("point %d", task.number)
            code, reason = _FAULT, f"{type(error).__name__}: {error}; this is a fault of chipsim: report it with worker-*.log"
        else:
            write_run(task.folder, result)
            return Outcome(task.number)
        record_failure(task.folder, task.number, code, reason)
    except (OSError, ChipsimError) as error:  # a full disk, no permission
        return Outcome(task.number, getattr(error, "exit_code", 2), str(error), fatal=True)
    return Outcome(task.number, code, reason)


def _listen(pipe: Connection, tasks: queue.SimpleQueue[Task]) -> None:
    """Pass tasks on; when the parent is gone, end at once, in the middle of a run: it will be run again."""
    try:
        while True:
            tasks.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(1)


def _end_with_parent() -> None:
    """Ask the kernel to end this process with its parent, where it can; closing the pipe does it elsewhere, a moment later."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)

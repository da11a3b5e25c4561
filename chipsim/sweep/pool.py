"""Workers: processes that are started when there is work, told what to run, and ended together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path

import chipsim
from chipsim.sweep.worker import Outcome, Task

_PROGRAM = "from chipsim.sweep.worker import main; main()"
_PACKAGES = Path(chipsim.__file__).resolve().parent.parent


@dataclass(slots=True)
class Worker:
    """A process, our end of its pipe, what it is running, and where its error output goes."""

    process: subprocess.Popen[bytes]
    pipe: Connection
    log: Path
    task: Task | None = None


@dataclass(slots=True)
class Pool:
    """The workers of a sweep.

    Attributes:
        size: how many there may be at a time.
        lock: descriptor of the sweep folder's lock, which workers hold with us.
        folder: where their error output goes.
    """

    size: int
    lock: int
    folder: Path
    workers: list[Worker] = field(default_factory=list)

    @property
    def free(self) -> bool:
        """Whether a task could be started now."""
        return len(self.busy()) < self.size

    def busy(self) -> list[Worker]:
        """Workers that are running something."""
        return [worker for worker in self.workers if worker.task is not None]

    def start(self, task: Task) -> None:
        """Give a task to a worker without one; a process is started where there is none."""
        idle = [worker for worker in self.workers if worker.task is None]
        worker = idle[0] if idle else self._new()
        worker.task = task
        with suppress(BrokenPipeError, ConnectionResetError):  # it has just died: `outcomes` will say so
            worker.pipe.send(task)

    def outcomes(self, seconds: float) -> Iterator[tuple[Task, Outcome | None]]:
        """What comes in within a time: a task and its outcome, or None where the worker died over it."""
        ready = wait([worker.pipe for worker in self.busy()], seconds)
        for worker in [worker for worker in self.workers if worker.pipe in ready]:
            task, worker.task = worker.task, None
            outcome: Outcome | None = None
            try:
                outcome = worker.pipe.recv()
            except (EOFError, OSError):
                self._drop(worker)
            if task is not None:
                yield task, outcome

    def end(self) -> None:
        """End all workers, in the middle of their work where they have any, and wait until they are gone."""
        for worker in self.workers:
            worker.process.kill()
        for worker in list(self.workers):
            self._drop(worker)

    def _new(self) -> Worker:
        ours, theirs = Pipe()
        number = next(n for n in range(1, self.size + 1) if all(w.log.name != f"worker-{n}.log" for w in self.workers))
        log = self.folder / f"worker-{number}.log"
        paths = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
        with theirs, log.open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                pass_fds=(theirs.fileno(), self.lock),
                env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            )
        worker = Worker(process, ours, log)
        self.workers.append(worker)
        return worker

    def _drop(self, worker: Worker) -> None:
        """Forget a worker, and its error output where there is none."""
        worker.process.wait()  # it has been killed, or has closed its end of the pipe by ending
        worker.pipe.close()
        self.workers.remove(worker)
        with suppress(OSError):
            if worker.log.stat().st_size == 0:
                worker.log.unlink()


@contextmanager
def pool_of(size: int, lock: int, folder: Path) -> Iterator[Pool]:
    """A pool that is ended with the body, however that ends."""
    pool = Pool(size, lock, folder)
    try:
        yield pool
    finally:
        pool.end()


def usable_processors() -> int:
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

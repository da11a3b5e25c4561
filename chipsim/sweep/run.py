"""Running a sweep: every point that its folder does not hold yet, in processes of their own, then the table and the page."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from chipsim.config.sweep import Sweep, load_point
from chipsim.errors import UsageError
from chipsim.frames import Frames
from chipsim.plan.forecast import SHARE, free_bytes
from chipsim.sweep.folder import DONE, FAILURE, POINTS, open_sweep, owned, record_failure
from chipsim.sweep.points import Point, expand
from chipsim.sweep.pool import Pool, pool_of, usable_processors
from chipsim.sweep.table import Row, arrow_of, row_of, write_points
from chipsim.sweep.worker import Task
from reports.sweep_answer import Answer, answer

if TYPE_CHECKING:
    import pyarrow as pa

_LOOK_S = 0.2
"""Seconds between two looks at whether somebody wants the end."""
_TABLE_EVERY_S = 10.0
_TABLE_SHARE = 20  # the table is written so rarely that it takes at most one part in this many of the time
_DEATHS = 2  # a worker may be killed for a reason that is not the point's; the second time it is
_KILLED = 5  # exit code of a point over which workers die, as of any simulation that fails


@dataclass(frozen=True, slots=True)
class SweepProgress:
    """How far a sweep is.

    Attributes:
        points: how many there are.
        before: how many of them an earlier start had finished, failed ones included.
        done: run to their end, those included.
        failed: not possible, those included.
        running: numbers of the points that are being run.
        seconds: since this start began to run points.
        run: how many points were run since then, whatever became of them.
    """

    points: int
    before: int
    done: int
    failed: int
    running: tuple[int, ...]
    seconds: float
    run: int


@dataclass(frozen=True, slots=True)
class SweepResult(Frames):
    """What a sweep came to.

    Attributes:
        folder: where everything is.
        rows: one per point, in order, as in ``points.parquet``.
        stopped: whether it was stopped before all points were run.
        progress: the counts at the end.
        name: of the sweep.
        keys: the swept keys.
    """

    folder: Path
    rows: tuple[Row, ...]
    stopped: bool
    progress: SweepProgress
    name: str = ""
    keys: tuple[str, ...] = ()

    @property
    def answer(self) -> Answer:
        """What it answers: best points, Pareto front, effects of the keys, failures, as the terminal and the page tell it."""
        return answer(self.rows, self.keys)

    def _tables(self) -> Mapping[str, Callable[[], pa.Table]]:
        return {"points": lambda: arrow_of(self.rows)}

    def _repr_html_(self) -> str:
        """A notebook's view: how many points there are, and the answer."""
        counts = f"{self.progress.done:,} of {self.progress.points:,} points run to their end, {self.progress.failed:,} failed"
        return f"<p><b>{escape(self.name)}</b>: {counts}</p>{self.answer._repr_html_()}"


def run_sweep(
    sweep: Sweep,
    folder: Path,
    jobs: int | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    memory_limit: int | None = None,
    show: Callable[[SweepProgress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> SweepResult:
    """Run the points of a sweep that its folder does not hold yet.

    Args:
        sweep: what to run.
        folder: where to write; made where it is missing.
        jobs: processes at a time; by default as many as there are usable processors.
        resume: go on in a folder that holds a part of this sweep.
        retry_failed: run points again that failed before.
        memory_limit: bytes that all points at a time may take together, in equal parts; 80 % of what is free by default.
        show: told how far the sweep is, a few times a second.
        stop: asked a few times a second whether to stop; points that are running are then given up, finished ones kept.

    Raises:
        ConfigError: something is wrong with every point.
        UsageError: the folder is in use, of another sweep, or cannot be written.
    """
    points = expand(sweep)
    with owned(folder, resume) as lock:
        held = open_sweep(folder, sweep, points, retry_failed)
        for point in points:
            if point.problem is not None and point.number not in held:
                record_failure(folder / POINTS / point.folder, point.number, point.problem.exit_code, str(point.problem))
                held[point.number] = FAILURE
        todo = [point for point in points if point.number not in held]
        size = max(1, min(jobs or usable_processors(), len(todo)))
        with pool_of(size, lock, folder) as pool:
            return _Loop(sweep, folder, points, todo, held, pool, _part(memory_limit, size), show, stop).run()


def _part(memory_limit: int | None, size: int) -> int | None:
    """Bytes for each of the points at a time; one alone finds out by itself what is free."""
    if memory_limit is None and size > 1:
        free = free_bytes()
        memory_limit = None if free is None else int(SHARE * free)
    return None if memory_limit is None else memory_limit // size


class _Loop:
    """The state of a sweep while it runs."""

    def __init__(
        self,
        sweep: Sweep,
        folder: Path,
        points: tuple[Point, ...],
        todo: list[Point],
        held: dict[int, str],
        pool: Pool,
        memory_limit: int | None,
        show: Callable[[SweepProgress], None],
        stop: Callable[[], bool],
    ) -> None:
        self.sweep, self.folder, self.points, self.pool, self.show, self.stop = sweep, folder, points, pool, show, stop
        self.memory_limit = memory_limit
        self.todo = list(reversed(todo))
        self.before = len(held)
        self.status = held
        self.deaths: dict[int, int] = {}
        self.begin = time.monotonic()
        self.rows: dict[int, Row] = {}
        self.changed = True

    def run(self) -> SweepResult:
        """Run to the end or until somebody wants it to stop."""
        self._write()
        written = time.monotonic()
        pause = _TABLE_EVERY_S
        stopped = False
        while self.todo or self.pool.busy():
            if stopped := self.stop():
                break
            while self.todo and self.pool.free:
                point = self.todo.pop()
                experiment = load_point(self.sweep, point.number)
                self.pool.start(Task(point.number, self.folder / POINTS / point.folder, experiment, self.memory_limit))
            for task, outcome in self.pool.outcomes(_LOOK_S):
                if outcome is None:
                    self._died(task)
                elif outcome.fatal:
                    raise UsageError(f"{outcome.reason}; what is finished is kept, add --resume to go on")
                else:
                    self.status[task.number] = FAILURE if outcome.exit_code else DONE
                    self.changed = True
            self.show(self._progress())
            if self.changed and time.monotonic() - written > pause:
                begin = time.monotonic()
                self._write()
                written = time.monotonic()
                pause = max(_TABLE_EVERY_S, _TABLE_SHARE * (written - begin))
        self._rows()
        progress = self._progress()
        self.pool.end()  # nobody writes to a point's folder from here on
        self._write()
        keys = tuple(axis.path for axis in self.sweep.axes)
        return SweepResult(self.folder, tuple(self._rows()), stopped, progress, self.sweep.name, keys)

    def _died(self, task: Task) -> None:
        """A worker died over a task: once more with a new one, then it is the point's fault."""
        self.deaths[task.number] = self.deaths.get(task.number, 0) + 1
        if self.deaths[task.number] < _DEATHS:
            self.todo.append(self.points[task.number - 1])
            return
        reason = "the process that ran it was killed twice, as happens where memory runs out; see worker-*.log, or try --jobs 1"
        record_failure(task.folder, task.number, _KILLED, reason)
        self.status[task.number] = FAILURE
        self.changed = True

    def _write(self) -> None:
        write_points(self.folder, self._rows())
        self.changed = False

    def _rows(self) -> list[Row]:
        """Rows of all points in order; what is finished is read once."""
        for point in self.points:
            if point.number in self.status and point.number not in self.rows:
                row = self.rows[point.number] = row_of(self.folder, point)
                self.status[point.number] = str(row["status"])  # counts say what the table says
        return [self.rows.get(point.number) or row_of(self.folder, point) for point in self.points]

    def _progress(self) -> SweepProgress:
        done, failed = (sum(one == status for one in self.status.values()) for status in (DONE, FAILURE))
        running = tuple(sorted(worker.task.number for worker in self.pool.busy() if worker.task is not None))
        run = len(self.status) - self.before
        return SweepProgress(len(self.points), self.before, done, failed, running, time.monotonic() - self.begin, run)

"""How far a run is: a bar on a terminal, a plain line every ten seconds elsewhere, nothing when it shall be quiet."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from chipsim.terminal import si

if TYPE_CHECKING:
    from chipsim.engines.base import Progress

Show = Callable[["Progress"], None]

LINE_EVERY_S = 10.0
STAGE_AFTER_S = 0.7
_BAR_EVERY_S = 0.1  # more often than the eye can follow costs the run time


@contextmanager
def shown_stages(quiet: bool, after_s: float = STAGE_AFTER_S) -> Iterator[Callable[[str], None]]:
    """A function for ``Watch.stage``: what takes longer than a moment is named, on a line of standard error.

    Args:
        quiet: show nothing.
        after_s: seconds that a stage may take unnamed.
    """
    timer: threading.Timer | None = None

    def stop() -> None:
        if timer is not None:
            timer.cancel()

    def stage(name: str) -> None:
        nonlocal timer
        stop()
        if not quiet:
            timer = threading.Timer(after_s, lambda: typer.echo(f"{name} ...", err=True))
            timer.daemon = True
            timer.start()

    try:
        yield stage
    finally:
        stop()


def left_of(done: float, total: float, seconds: float) -> str:
    """How long the rest of a series takes if its work goes on as fast as what is done, as words to put behind a line.

    Args:
        done: work done, in any unit that time is about proportional to.
        total: all of it.
        seconds: that ``done`` took.
    """
    return f", about {si(seconds * (total - done) / done, 's')} left" if 0 < done < total else ""


@contextmanager
def shown_progress(quiet: bool, what: str = "events", passes: float = 0.0) -> Iterator[Show]:
    """A function for ``Watch.progress``; everything goes to standard error.

    Args:
        quiet: show nothing.
        what: what is counted, in the plural.
        passes: how many more times the same is run afterwards; they belong to the time left.
    """
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar(what, passes) as show:
            yield show
    else:
        yield plain_lines(time.monotonic, what=what, passes=passes)


def plain_lines(clock: Callable[[], float], every_s: float = LINE_EVERY_S, what: str = "events", passes: float = 0.0) -> Show:
    """Print a line now and then.

    Args:
        clock: seconds that never go back.
        every_s: seconds between two lines.
        what: what is counted, in the plural.
        passes: as in `shown_progress`.
    """
    first: Progress | None = None
    start = last = 0.0

    def show(progress: Progress) -> None:
        nonlocal first, start, last
        now = clock()
        if first is None:
            first, start, last = progress, now, now
        if now - last >= every_s:
            last = now
            typer.echo(describe(progress, first, now - start, what, passes), err=True)

    return show


def describe(progress: Progress, first: Progress, seconds: float, what: str = "events", passes: float = 0.0) -> str:
    """Progress as a line: events, chip time, speed, time left.

    Args:
        progress: where the run is.
        first: where it was when the clock was started; speeds are between the two.
        seconds: on that clock.
        what: what is counted, in the plural.
        passes: as in `shown_progress`.
    """
    done, total = progress.events_done, progress.events
    speed = (done - first.events_done) / seconds if seconds > 0 else 0.0
    hops = (progress.hops - first.hops) / seconds if seconds > 0 else 0.0
    left = f", {_left(progress, speed, passes)}" if speed > 0 else ""
    share = f"{100 * done / total:.0f} %" if total else "0 %"
    return (
        f"{share}: {done:,} of {total:,} {what}, {si(progress.now_ps * 1e-12, 's')} of chip time,"
        f" {_speed(speed, what)}, {hops:,.0f} hops/s{left}"
    )


def _left(progress: Progress, speed: float, passes: float) -> str:
    """Time left at a speed, and whether it holds more than the run."""
    seconds = (progress.events * (1 + passes) - progress.events_done) / speed
    return f"about {si(seconds, 's')} left" + (" with the passes that measure limits" if passes else "")


def _speed(speed: float, what: str) -> str:
    return f"{speed:,.0f} {what}/s" if speed >= 10 or not speed else f"{speed:.2g} {what}/s"


@contextmanager
def _bar(what: str, passes: float) -> Iterator[Show]:
    from rich.console import Console  # for terminals only
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    texts = [TextColumn("{task.description}"), BarColumn(None), TextColumn("{task.percentage:.0f} %")]
    facts = [TextColumn("{task.fields[chip]}"), TextColumn("{task.fields[speed]}"), TextColumn("{task.fields[left]}")]
    with Bar(*texts, *facts, console=Console(stderr=True), transient=True, refresh_per_second=5) as bar:
        task = bar.add_task("preparing", total=None, chip="", speed="", left="")
        first: Progress | None = None
        start = last = 0.0

        def show(progress: Progress) -> None:
            nonlocal first, start, last
            now = time.monotonic()
            if first is None:
                first, start = progress, now
            if now - last < _BAR_EVERY_S:
                return
            last = now
            speed = (progress.events_done - first.events_done) / (now - start) if now > start else 0.0
            bar.update(
                task,
                description="running",
                total=progress.events,
                completed=progress.events_done,
                chip=si(progress.now_ps * 1e-12, "s"),
                speed=_speed(speed, what),
                left=_left(progress, speed, passes) if speed > 0 else "",
            )

        yield show

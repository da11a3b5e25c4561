"""``chipsim sweep``: an experiment again and again over a grid of settings, in processes of its own, safe against any end."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chipsim.cli.options import Json, MemoryLimit, Out, Quiet, Settings, bytes_of
from chipsim.cli.output import tell
from chipsim.cli.text import command, labelled, suggested
from chipsim.cli.unused import say_unused_axes
from chipsim.errors import SimulationError, UsageError
from chipsim.terminal import count, plural, si

if TYPE_CHECKING:
    from chipsim.config.sweep import Sweep
    from chipsim.sweep.run import SweepProgress, SweepResult

INTERRUPTED = 130
LINE_EVERY_S = 10.0

Show = Callable[["SweepProgress"], None]


def sweep(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped sweep, or the path of one of yours (.yaml).")],
    settings: Settings = None,
    out: Out = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", metavar="N", min=1, help="Points at a time; all usable processors by default."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on in the folder: what is finished there is not run again.")
    ] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="With --resume: run failed points again too.")] = False,
    memory_limit: MemoryLimit = None,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Make report.html at the end.")] = True,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run an experiment over a grid of settings.

    One run folder per point, a table with every figure, a page. A point that cannot be run is a row with its reason.
    """
    from chipsim.cli.stop import stop_on_signals  # heavy, and --help must be quick
    from chipsim.config.sweep import load_sweep
    from chipsim.sweep.run import run_sweep

    if out is None and resume:
        raise UsageError(
            "--resume: in which folder? allowed: with --out DIR, the folder of a sweep, or one that does not exist yet"
        )
    if retry_failed and not resume:
        raise UsageError("--retry-failed: goes with --resume; a new sweep has no failed points yet")
    limit = bytes_of(memory_limit)
    loaded = load_sweep(name, settings or [])
    folder = out if out is not None else _new_folder(loaded)
    with stop_on_signals(quiet) as request:
        if not quiet:
            typer.echo(_announcement(loaded), err=True)
        say_unused_axes(loaded, quiet)
        with shown_progress(quiet) as show:
            result = run_sweep(loaded, folder, jobs, resume, retry_failed, limit, show, lambda: request.asked)
        page = _page(result, quiet) if report and result.progress.done else None
    if json:
        from json import dumps

        tell(dumps(_object(loaded, result, page), indent=2, ensure_ascii=False, allow_nan=False))
    if not quiet:
        tell("\n".join(_lines(loaded, name, result, page)), err=json)
    if result.stopped:
        raise typer.Exit(INTERRUPTED)
    if code := _all_failed(result):
        raise typer.Exit(code)


def _all_failed(result: SweepResult) -> int:
    """Exit code of a sweep without any point that ran, which is then said: the one that all have in common; 0 where one ran."""
    rows = result.rows
    if not rows or any(row["status"] != "failed" for row in rows):
        return 0
    codes, reasons = {int(row["exit_code"]) for row in rows}, {str(row["reason"]) for row in rows}
    why = (
        f"for the same reason: {reasons.pop()}"
        if len(reasons) == 1
        else f"for {len(reasons):,} reasons, the column reason has them"
    )
    typer.echo(f"error: no point could be run, {why}", err=True)
    return codes.pop() if len(codes) == 1 else SimulationError.exit_code


@contextmanager
def shown_progress(quiet: bool) -> Iterator[Show]:
    """A function that is told how far the sweep is: a bar on a terminal, plain lines elsewhere, all on standard error."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield plain_lines(time.monotonic)


def plain_lines(clock: Callable[[], float], every_s: float = LINE_EVERY_S) -> Show:
    """Print a line now and then, and one when all points have been run.

    Args:
        clock: seconds that never go back.
        every_s: seconds between two lines.
    """
    last = clock()

    def show(progress: SweepProgress) -> None:
        nonlocal last
        if clock() - last >= every_s or progress.done + progress.failed == progress.points:
            last = clock()
            typer.echo(describe(progress), err=True)

    return show


def describe(progress: SweepProgress) -> str:
    """Progress as a line: points done, failures, rate, time left."""
    finished = progress.done + progress.failed
    text = f"{finished:,} of {plural(progress.points, 'point')}"
    text += f", {progress.failed:,} failed" if progress.failed else ""
    if progress.running:
        text += f", {len(progress.running):,} running"
    rate = _rate(progress)
    if not rate:
        late = progress.seconds >= LINE_EVERY_S
        return f"{text}; an engine that was never compiled here is compiled first" if late and progress.running else text
    left = progress.points - finished
    text += f", {60 * rate:.3g} points/min"
    return text + (f", about {_minutes(left / rate)} left" if left else f", in {_minutes(progress.seconds)}")


def _rate(progress: SweepProgress) -> float:
    """Points per second of this start; what an earlier one had finished took no time."""
    return progress.run / progress.seconds if progress.seconds > 0 else 0.0


def _minutes(seconds: float) -> str:
    if seconds < 60:
        return si(seconds, "s")
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@contextmanager
def _bar() -> Iterator[Show]:
    from rich.console import Console  # for terminals only
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    texts = [BarColumn(None), TextColumn("{task.description}")]
    with Bar(*texts, console=Console(stderr=True), transient=True, refresh_per_second=5) as bar:
        task = bar.add_task("starting", total=None)

        def show(progress: SweepProgress) -> None:
            bar.update(task, description=describe(progress), total=progress.points, completed=progress.done + progress.failed)

        yield show


def _announcement(sweep: Sweep) -> str:
    axes = " x ".join(f"{axis.path} ({len(axis.values)})" for axis in sweep.axes)
    return f"{sweep.name}: {plural(sweep.points, 'point')}: {axes}"


def _new_folder(sweep: Sweep) -> Path:
    """``runs/<UTC time>-<name>``; two of one second get numbers."""
    from datetime import UTC, datetime

    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in sweep.name)
    first = Path("runs") / f"{datetime.now(UTC).strftime('%Y%m%dT%H%M%SZ')}-{name}"
    folder, number = first, 1
    while folder.exists():
        number += 1
        folder = first.with_name(f"{first.name}-{number}")
    return folder


def _page(result: SweepResult, quiet: bool) -> Path | None:
    """Make the page, and those of the best points that it leads to; without them a sweep is still a sweep."""
    from reports.html import build_report
    from reports.sweep import HTML, build_sweep_report, notable

    folder = result.folder
    try:
        for where in notable(result.rows):
            if not (folder / where / HTML).exists():
                build_report(folder / where)
        return build_sweep_report(folder)
    except OSError as error:
        if not quiet:
            typer.echo(f"{folder}: the sweep is whole, its page could not be written: {error}", err=True)
        return None


def _object(sweep: Sweep, result: SweepResult, page: Path | None) -> dict[str, Any]:
    """The object of ``--json``: counts, files, what the sweep answers, and the rows of the table."""
    from reports.answer import as_json

    progress = result.progress
    return {
        "name": sweep.name,
        "folder": str(result.folder),
        "table": str(result.folder / "points.parquet"),
        "csv": str(result.folder / "points.csv"),
        "report": str(page) if page else None,
        "status": "interrupted" if result.stopped else "done",
        "done": progress.done,
        "failed": progress.failed,
        "interrupted": progress.points - progress.done - progress.failed,
        "wall_s": progress.seconds,
        **as_json(result.rows, [axis.path for axis in sweep.axes]),
        "points": list(result.rows),
    }


def _lines(sweep: Sweep, name: str, result: SweepResult, page: Path | None) -> Iterator[str]:
    from chipsim.cli.sweep_answer import answer_lines
    from chipsim.config.overrides import in_sweep_file

    progress = result.progress
    left = progress.points - progress.done - progress.failed
    text = f"{sweep.name}, {'INTERRUPTED' if result.stopped else 'done'}: {count(progress.done)} of"
    text += f" {plural(progress.points, 'point')} run to their end, {progress.failed:,} failed"
    text += f", {left:,} left" if left else ""
    text += f"; {progress.run:,} of them now, in {_minutes(progress.seconds)}"
    yield labelled("sweep", text)
    warned = Counter(row["warnings"] for row in result.rows if row.get("warnings"))
    for warning, points in warned.items():
        yield labelled("warning", f"{points:,} of {plural(len(result.rows), 'point')}: {in_sweep_file(warning)}")
    yield from answer_lines(result.rows, [axis.path for axis in sweep.axes])
    yield labelled("table", f"{result.folder / 'points.parquet'}, the same as points.csv")
    if page is not None:
        yield labelled("report", str(page))
    if left:
        again = command("chipsim", "sweep", name, "--out", result.folder, "--resume")
        yield suggested("next", again, f"runs the {plural(left, 'point')} that are left")
    yield labelled("folder", str(result.folder))

"""``chipsim run``: simulate an experiment, write its run folder, say in ten lines what came out."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chipsim.cli.options import Force, Json, MemoryLimit, Name, Out, Quiet, Settings, bytes_of
from chipsim.cli.output import tell
from chipsim.cli.unused import say_unused
from chipsim.errors import UsageError

if TYPE_CHECKING:
    from chipsim.config.experiment import Experiment
    from chipsim.machine.snapshot import Snapshot
    from chipsim.programs.base import Program
    from chipsim.results.result import Result

INTERRUPTED = 130

_LIMIT_PASSES = 2.5
"""Passes that measure limits, in times of the run: one that is saturated, and the checks where the budget is used up; 1.4 to 3.8 seen."""


def run(
    name: Name = None,
    engine: Annotated[
        str | None,
        typer.Option(metavar="ENGINE", help="auto, golden (software only), reference, compiled.", show_default=False),
    ] = None,
    settings: Settings = None,
    out: Out = None,
    force: Force = False,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Go on with an interrupted run, or one that `until` ended.", show_default=False),
    ] = None,
    memory_limit: MemoryLimit = None,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Make report.html at the end.")] = True,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run an experiment on the chip.

    The main job where none is named. Writes a run folder with tables and report.html.
    """
    from chipsim.config.load import load_experiment  # heavy, and --help must be quick

    start = None
    if resume is not None:
        from chipsim.cli.resume import refuse_other, say_finished, state_to_resume, summary_to_resume

        found = summary_to_resume(resume)
        if found.get("status") == "done":
            refuse_other(resume, name, settings or [])
            say_finished(resume, found, json, quiet)
            return
        start, name = state_to_resume(resume), name or str(resume / "experiment.yaml")
    experiment = load_experiment(name, [*(settings or []), *([f"engine={_known(engine)}"] if engine else [])], there=True)
    _known(experiment.engine)
    say_unused(experiment, settings or [], quiet)
    folder, result = _simulate(experiment, out, force, quiet, start, bytes_of(memory_limit))
    summary, stopped = result.summary, result.summary["status"] == "interrupted"
    try:
        summary = _report(folder, summary, report, quiet)
    except KeyboardInterrupt:
        stopped = True  # the run is whole, and the lines say that its report is not made
    if json:
        from chipsim.results.store import summary_text

        tell(summary_text(summary), nl=False)
    if not quiet:
        from chipsim.cli.lines import ten_lines

        tell("\n".join(ten_lines(summary, folder)), err=json)
    if stopped:
        raise typer.Exit(INTERRUPTED)


def _known(engine: str) -> str:
    """An engine that this version has. Raises UsageError with those there are."""
    from chipsim.pipeline import ENGINES
    from chipsim.registry import did_you_mean

    if engine not in ENGINES:
        raise UsageError(
            f"engine {engine!r:.40}: not in this version{did_you_mean(engine, ENGINES)}; allowed: {', '.join(ENGINES)}"
        )
    return engine


def _simulate(
    experiment: Experiment, out: Path | None, force: bool, quiet: bool, start: Snapshot | None, memory_limit: int | None
) -> tuple[Path, Result]:
    """Run and write; a run that fails leaves no empty folder behind."""
    from chipsim.cli.progress import shown_progress, shown_stages
    from chipsim.cli.stop import stop_on_signals
    from chipsim.config.workload import kind_of
    from chipsim.engines.base import Watch
    from chipsim.pipeline import simulate
    from chipsim.programs.base import PROGRAMS
    from chipsim.results.store import folder_for, write_run

    folder = folder_for(experiment, out, force)
    try:
        with stop_on_signals(quiet) as request:
            if not quiet:
                typer.echo(_announcement(experiment), err=True)
            program = PROGRAMS.get(kind_of(experiment.workload).program)
            with shown_stages(quiet) as stage:
                with shown_progress(quiet, program.progress, _passes(experiment, program)) as progress:
                    watch = Watch(progress=progress, stop=lambda: request.asked, say=_say(quiet), stage=stage)
                    result = simulate(experiment, watch, start, memory_limit)
                stage("writing the tables")
                write_run(folder, result)
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()  # refused where there is anything in it
    return folder, result


def _passes(experiment: Experiment, program: Program) -> float:
    """About how many more times the input runs to measure how far the run goes: saturated, and where the budget is used up."""
    measured = experiment.limits in (None, "measured") and experiment.engine != "golden"
    return _LIMIT_PASSES if measured and program.pacing is not None else 0.0


def _say(quiet: bool) -> Callable[[str], None]:
    """How a run tells what takes a moment before it can begin: a line on standard error."""
    return (lambda _: None) if quiet else (lambda text: typer.echo(text, err=True))


def _announcement(experiment: Experiment) -> str:
    from chipsim.config.workload import kind_of

    workload, chip = experiment.workload, experiment.chip
    where = "in software" if experiment.engine == "golden" else f"on {chip.name} ({chip.noc.cores} cores)"
    return f"{experiment.name}: {kind_of(workload).announce(workload)} {where}"


def _report(folder: Path, summary: dict[str, Any], wanted: bool, quiet: bool) -> dict[str, Any]:
    """Make the report and note in the summary how long it took; without a report a run is still a run."""
    from chipsim.results.store import write_summary

    begin = time.perf_counter()
    if wanted:
        from chipsim.cli.progress import shown_stages
        from reports.html import build_report

        try:
            with shown_stages(quiet) as stage:
                stage("writing the report")
                build_report(folder)
        except OSError as error:
            if not quiet:
                typer.echo(f"{folder}: the run is whole, its report could not be written: {error}", err=True)
    seconds = time.perf_counter() - begin if wanted else 0.0
    whole = summary | {"wall_s": summary["wall_s"] | {"report": seconds}}
    write_summary(folder, whole)
    return whole

"""``chipsim complexity``: the work of a neurosemantic network against the length of an episode, counted, beside a transformer's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chipsim.cli.options import Force, Json, Out, Quiet
from chipsim.cli.output import empty_folder, tell

if TYPE_CHECKING:
    from chipsim.sweep.complexity.spec import ComplexitySpec

INTERRUPTED = 130


def complexity(  # noqa: PLR0913  one parameter is one option
    path: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your text (UTF-8); a shipped one by default.", show_default=False)
    ] = None,
    learned: Annotated[int, typer.Option(metavar="N", help="Symbols learned in software before every run.")] = 65_536,
    lengths: Annotated[
        str, typer.Option(metavar="L,L", help="Symbols of an episode, 16 to 4096.")
    ] = "128,256,512,1024,2048,4096",
    stretches: Annotated[int, typer.Option(metavar="N", help="Disjoint parts of the text that are read at each length.")] = 8,
    match: Annotated[str, typer.Option(metavar="MODE", help="keyed, associative or both.")] = "both",
    chip: Annotated[str, typer.Option(metavar="NAME|FILE", help="The chip.")] = "altai-256",
    layers: Annotated[int, typer.Option(metavar="N", help="Pattern layers, 1 to 12.")] = 8,
    recursive: Annotated[
        int, typer.Option(metavar="N", help="Recursive networks of a layer, read besides (associative), 0 to 5.")
    ] = 5,
    multiply_add: Annotated[
        str | None,
        typer.Option(
            "--multiply-add",
            metavar="ENERGY",
            help='Of one multiply-add of the transformer, e.g. "1.5 pJ", the default (Horowitz, 2014).',
            show_default=False,
        ),
    ] = None,
    out: Out = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Count how the work of the chip grows with the length of an episode, beside a transformer.

    The talk's table in closed forms, what the chip counted on real text with fitted slopes, and joules per symbol.
    """
    from chipsim.sweep.complexity.spec import complexity_spec  # heavy, and --help must be quick

    spec = complexity_spec(
        lengths,
        match,
        multiply_add,
        learned,
        path=None if path is None else str(path),
        stretches=stretches,
        chip=chip,
        layers=layers,
        recursive=recursive,
    )
    folder = empty_folder(out, force)
    found = _runs(spec, folder, quiet)
    if json:
        from chipsim.results.store import summary_text

        tell(summary_text(found), nl=False)
    if not quiet:
        from chipsim.cli.complexity_lines import complexity_lines

        tell("\n".join(complexity_lines(found, folder)), err=json)
    if found["status"] == "interrupted":
        raise typer.Exit(INTERRUPTED)


def _runs(spec: ComplexitySpec, folder: Path | None, quiet: bool) -> dict[str, Any]:
    """Make all runs, keep them as they come, and write what is kept."""
    from chipsim.cli.progress import shown_stages
    from chipsim.cli.stop import stop_on_signals
    from chipsim.engines.base import Watch
    from chipsim.sweep.complexity.answer import complexity_object
    from chipsim.sweep.complexity.runs import run_all

    rows: list[dict[str, Any]] = []
    shown = _Shown(quiet)

    def done(row: dict[str, Any], of: int) -> None:
        whole_stretch = bool(rows) and rows[-1]["stretch"] != row["stretch"]
        rows.append(row)
        shown.after(rows, of)
        if folder is not None and whole_stretch:
            _write(folder, complexity_object(spec, rows, "interrupted"))  # what is left if this process is ended

    with stop_on_signals(quiet) as request, shown_stages(quiet) as stage:
        ended = run_all(spec, Watch(stop=lambda: request.asked, stage=stage), done)
        found = complexity_object(spec, rows, ended.status, ended.left_out)
        if folder is not None:
            _write(folder, found)
            if rows:
                stage("writing the report")
                _report(folder)
    return found


class _Shown:
    """A line on standard error every ten seconds, with the time left."""

    def __init__(self, quiet: bool) -> None:
        from time import monotonic

        self._quiet, self._clock = quiet, monotonic
        self._begun = self._last = monotonic()

    def after(self, rows: list[dict[str, Any]], of: int) -> None:
        from chipsim.cli.progress import LINE_EVERY_S, left_of
        from chipsim.terminal import count

        now = self._clock()
        if self._quiet or now - self._last < LINE_EVERY_S:
            return
        self._last = now
        row = rows[-1]
        told = f"{len(rows)} of {of} runs, the last of {count(row['length'])} symbols, {row['match']}"
        typer.echo(told + left_of(len(rows), of, now - self._begun), err=True)


def _report(folder: Path) -> None:
    from chipsim.results.store import refused
    from reports.complexity import HTML, build_complexity_report

    try:
        build_complexity_report(folder)
    except OSError as error:
        raise refused(folder / HTML, error) from error


def _write(folder: Path, found: dict[str, Any]) -> None:
    from chipsim.results.comparison.kinds import COMPLEXITY_FILE
    from chipsim.results.store import write_summary

    write_summary(folder, found, COMPLEXITY_FILE)

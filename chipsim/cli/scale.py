"""``chipsim scale``: networks of growing size on the chip, each held against 2 mW per core."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chipsim.cli.options import Force, Json, Out, Quiet
from chipsim.cli.output import empty_folder, tell

if TYPE_CHECKING:
    from chipsim.sweep.scale import ScaleSpec

INTERRUPTED = 130


def scale(  # noqa: PLR0913  one parameter is one option
    workload: Annotated[str, typer.Option(metavar="KIND", help="nsn, lif or idle.")] = "nsn",
    sizes: Annotated[str, typer.Option(metavar="N,N", help="Neurons of the networks, 500 to 4e6.")] = "1e3,1e4,1e5,1e6",
    rate: Annotated[
        str | None,
        typer.Option(
            metavar="R,R",
            help='Events per second of the whole network (nsn, e.g. "5 kHz,50 kHz"), spikes per second of a neuron (lif, 1 to 100).',
            show_default=False,
        ),
    ] = None,
    match: Annotated[str, typer.Option(metavar="MODE", help="keyed, associative or both (nsn).")] = "keyed",
    events: Annotated[int, typer.Option(metavar="N", help="Input events of a point, at least (nsn).")] = 20_000,
    chip: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="The chip; its mesh is made as large as needed.")
    ] = "altai-256",
    engine: Annotated[str, typer.Option(metavar="ENGINE", help="auto, reference or compiled.")] = "auto",
    seed: Annotated[int, typer.Option(help="Of networks and inputs.")] = 1,
    out: Out = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run networks of growing size and hold each against 2 mW per core.

    Every point is a run. Says the envelope, the bottom-up account and the rate that 2 mW per core pays for.
    """
    from chipsim.sweep.scale import run_scale, scale_object, scale_spec  # heavy, and --help must be quick

    spec = scale_spec(workload, sizes, rate, match, engine, events=events, chip=chip, seed=seed)
    folder = empty_folder(out, force)
    from chipsim.cli.progress import shown_stages
    from chipsim.cli.stop import stop_on_signals
    from chipsim.engines.base import Watch

    done: list[dict[str, Any]] = []

    def finished(point: dict[str, Any]) -> None:
        done.append(point)
        if folder is not None:
            _write(folder, scale_object(spec, done))
        if not quiet:
            typer.echo(_progress_line(point) + _left(done, spec), err=True)

    with stop_on_signals(quiet) as request, shown_stages(quiet) as stage:
        say = (lambda _: None) if quiet else (lambda text: typer.echo(text, err=True))
        points = run_scale(spec, Watch(stop=lambda: request.asked, say=say, stage=stage), finished)
        if folder is not None and points:
            stage("writing the report")
            _report(folder)
    found = scale_object(spec, points)
    if json:
        from chipsim.results.store import summary_text

        tell(summary_text(found), nl=False)
    if not quiet:
        from chipsim.cli.scale_lines import scale_lines

        tell("\n".join(scale_lines(found, folder)), err=json)
    if points and points[-1]["status"] == "interrupted":
        raise typer.Exit(INTERRUPTED)


def _write(folder: Path, found: dict[str, Any]) -> None:
    from chipsim.results.store import write_summary

    write_summary(folder, found, "points.json")


def _report(folder: Path) -> None:
    from chipsim.results.store import refused
    from reports.scale import HTML, build_scale_report

    try:
        build_scale_report(folder)
    except OSError as error:
        raise refused(folder / HTML, error) from error


def _progress_line(point: dict[str, Any]) -> str:
    from chipsim.cli.scale_lines import at
    from chipsim.terminal import count, si

    wall = sum(point["wall_s"].values())
    return (
        f"{count(point['size'])} neurons{at(point)}: {count(point['engine_events'])} engine events,"
        f" run {si(point['wall_s']['run'], 's')} of {si(wall, 's')}"
    )


def _left(done: list[dict[str, Any]], spec: ScaleSpec) -> str:
    from chipsim.cli.series_left import scale_left
    from chipsim.terminal import si

    left = scale_left(done, spec.sizes, len(spec.rates) * (1 if spec.load.spikes else len(spec.matches)))
    return "" if left is None else f", about {si(left, 's')} left"

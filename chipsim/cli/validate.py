"""``chipsim validate``: is a file right, input included, without running anything?"""

from __future__ import annotations

from typing import Annotated

import typer

from chipsim.cli.options import Json, Quiet
from chipsim.errors import ChipsimError

INVALID = 3


def validate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME|FILE]...", help="Experiments and chips; all that are shipped by default."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a key of each before it is looked at.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check experiments and chips.

    Every key, every unit, and that the input can be read; nothing is run.
    """
    from chipsim.spec import catalogue  # heavy, and --help must be quick

    failed: dict[str, str | None] = {}
    for name in names or [*catalogue.experiments(), *catalogue.chips()]:
        try:
            said = check(name, settings or [])
        except ChipsimError as error:
            failed[name] = str(error)
            typer.echo(f"error: {error}", err=True)
        else:
            failed[name] = None
            if not quiet:
                typer.echo(f"{name}: {said}", err=json)
    if json:
        from json import dumps

        typer.echo(dumps([{"name": name, "ok": error is None, "error": error} for name, error in failed.items()], indent=2))
    if any(failed.values()):
        raise typer.Exit(INVALID)


def check(name: str, settings: list[str]) -> str:
    """What to say of a right experiment or chip.

    Raises:
        ChipsimError: it is not right.
    """
    from chipsim.cli.names import describes_chip
    from chipsim.spec.load import load_chip, load_experiment

    if describes_chip(name):
        chip = load_chip(name, settings)
        return f"ok, a chip of {chip.noc.cores} cores{_without_value(chip.unknown())}"
    experiment = load_experiment(name, settings)
    from workloads.source import build_stimulus

    stimulus, _ = build_stimulus(experiment.workload)
    return f"ok, {stimulus.events:,} events on {experiment.chip.name}{_without_value(experiment.chip.unknown())}"


def _without_value(paths: tuple[str, ...]) -> str:
    return f"; a run is refused, for these constants are unknown: {', '.join(paths)}" if paths else ""

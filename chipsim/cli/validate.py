"""``chipsim validate``: is a file right, input included, without running anything?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chipsim.cli.options import Json, Quiet
from chipsim.cli.output import tell
from chipsim.errors import ChipsimError

if TYPE_CHECKING:
    from chipsim.config.chip import ChipSpec

INVALID = 3

_BUDGET = "power.budget_per_core"
"""A run goes without it, and then has no verdict."""


def validate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME|FILE]...", help="Experiments, chips, sweeps; all that are shipped by default."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a key of each before it is looked at.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check experiments, chips and sweeps.

    Every key, every unit, and that the input can be read; nothing is run.
    """
    from chipsim.config import catalogue

    failed: dict[str, str | None] = {}
    for name in names or [*catalogue.experiments(), *catalogue.chips(), *catalogue.sweeps()]:
        try:
            said = check(name, settings or [])
        except ChipsimError as error:
            failed[name] = str(error)
            typer.echo(f"error: {error}", err=True)
        else:
            failed[name] = None
            if not quiet:
                tell(f"{name}: {said}", err=json)
    if json:
        from json import dumps

        tell(dumps([{"name": name, "ok": error is None, "error": error} for name, error in failed.items()], indent=2))
    if any(failed.values()):
        raise typer.Exit(INVALID)


def check(name: str, settings: list[str]) -> str:
    """What to say of a right experiment, chip or sweep.

    Raises:
        ChipsimError: it is not right.
    """
    from chipsim.cli.names import describes_chip, describes_sweep
    from chipsim.config.load import load_chip, load_experiment
    from chipsim.config.workload import kind_of
    from chipsim.pipeline.unused import without_effect

    if describes_chip(name):
        chip = load_chip(name, settings)
        _read_edges(chip)
        return f"ok, a chip of {chip.noc.cores} cores{_without_value(chip.unknown())}"
    if describes_sweep(name):
        return _sweep(name, settings)
    experiment = load_experiment(name, settings, there=True)
    _read_edges(experiment.chip)
    said = f"ok, {kind_of(experiment.workload).contents(experiment)} on {experiment.chip.name}"
    return "; ".join([said + _without_value(experiment.chip.unknown()), *without_effect(experiment, settings)])


def _read_edges(chip: ChipSpec) -> None:
    """A file of links is input too. Raises ConfigError."""
    from chipsim.noc.edges import read_edges

    if chip.noc.edges is not None:
        read_edges(chip.noc.edges, chip.noc.tiles, len(chip.noc.levels))


def _sweep(name: str, settings: list[str]) -> str:
    """A sweep is right when some of its points are, input included; the others are named, for they will be rows with a reason."""
    from chipsim.config.sweep import load_sweep
    from chipsim.sweep.points import check_input, expand

    loaded = load_sweep(name, settings)
    points = expand(loaded)
    check_input(loaded, points)
    wrong = [point for point in points if point.problem is not None]
    text = f"ok, a sweep of {len(points):,} points"
    return f"{text}; {len(wrong):,} of them invalid, point {wrong[0].number} for one: {wrong[0].problem}" if wrong else text


def _without_value(unknown: tuple[str, ...]) -> str:
    paths = [path for path in unknown if path != _BUDGET]
    return f"; the chip leaves unknown, and a run that needs it is refused: {', '.join(paths)}" if paths else ""

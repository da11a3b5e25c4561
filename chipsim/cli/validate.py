"""``chipsim validate``: is a file right, input included, without running anything?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chipsim.cli.options import Json, Quiet
from chipsim.errors import ChipsimError

if TYPE_CHECKING:
    from chipsim.config.experiment import Experiment

INVALID = 3


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
                typer.echo(f"{name}: {said}", err=json)
    if json:
        from json import dumps

        typer.echo(dumps([{"name": name, "ok": error is None, "error": error} for name, error in failed.items()], indent=2))
    if any(failed.values()):
        raise typer.Exit(INVALID)


def check(name: str, settings: list[str]) -> str:
    """What to say of a right experiment, chip or sweep.

    Raises:
        ChipsimError: it is not right.
    """
    from chipsim.cli.names import describes_chip, describes_sweep
    from chipsim.config.load import load_chip, load_experiment

    if describes_chip(name):
        chip = load_chip(name, settings)
        return f"ok, a chip of {chip.noc.cores} cores{_without_value(chip.unknown())}"
    if describes_sweep(name):
        return _sweep(name, settings)
    experiment = load_experiment(name, settings)
    return f"ok, {_input(experiment)} on {experiment.chip.name}{_without_value(experiment.chip.unknown())}"


def _input(experiment: Experiment) -> str:
    """What the input holds, from reading it."""
    workload = experiment.workload
    if workload.kind == "arrays":
        from chipsim.pipeline import load_spiking

        network = load_spiking(workload)
        return f"{len(network):,} neurons with {network.synapses:,} synapses, {network.steps:,} steps"
    if workload.kind == "traffic":
        from workloads.snn import load_traffic

        return f"{len(load_traffic(workload.input_path(), experiment.chip.noc.cores)):,} packets"
    if workload.kind == "synthetic":
        from chipsim.pipeline import synthetic_packets

        return f"{len(synthetic_packets(experiment.chip, workload)):,} packets"
    if workload.kind == "generated":
        return f"a generated network of {workload.neurons:,} neurons"
    from workloads.source import build_stimulus

    return f"{build_stimulus(workload)[0].events:,} events"


def _sweep(name: str, settings: list[str]) -> str:
    """A sweep is right when some of its points are; the others are named, for they will be rows with a reason."""
    from chipsim.config.sweep import load_sweep
    from chipsim.sweep.points import expand

    points = expand(load_sweep(name, settings))
    wrong = [point for point in points if point.problem is not None]
    text = f"ok, a sweep of {len(points):,} points"
    return f"{text}; {len(wrong):,} of them invalid, point {wrong[0].number} for one: {wrong[0].problem}" if wrong else text


def _without_value(paths: tuple[str, ...]) -> str:
    return f"; a run is refused, for these constants are unknown: {', '.join(paths)}" if paths else ""

"""Says on standard error which keys that were set change nothing, before time is spent on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from chipsim.config.chip import ChipSpec
    from chipsim.config.experiment import Experiment
    from chipsim.config.sweep import Sweep

_MOST_POINTS = 500
"""Points of a sweep that are looked at for this; each takes milliseconds."""


def say_unused(experiment: Experiment, settings: Sequence[str], quiet: bool) -> None:
    """Name the ``--set`` texts that an experiment does not look at."""
    from chipsim.pipeline.unused import without_effect  # heavy, and --help must be quick

    for said in () if quiet else without_effect(experiment, settings):
        typer.echo(f"notice: {said}", err=True)


def say_unused_options(chip: ChipSpec, given: Mapping[str, object], quiet: bool) -> None:
    """Name the options that a network does not look at; ``given`` is value by key below ``chip.noc``, None where it was left out."""
    from chipsim.pipeline.unused import why_unused_of_chip

    for key, value in given.items():
        if not quiet and value is not None and (why := why_unused_of_chip(chip, f"chip.noc.{key}")):
            typer.echo(f"notice: --{key.replace('_', '-')} changes nothing here: {why}", err=True)


def say_unused_axes(sweep: Sweep, quiet: bool) -> None:
    """Name the keys of a grid that no point looks at."""
    from chipsim.config.sweep import load_point
    from chipsim.errors import ChipsimError
    from chipsim.pipeline.unused import why_unused

    if quiet or sweep.points > _MOST_POINTS:
        return
    left = {axis.path: "" for axis in sweep.axes}
    for number in range(1, sweep.points + 1):
        try:
            point = load_point(sweep, number)
        except ChipsimError:
            continue
        left = {path: why for path in left if (why := why_unused(point, path))}
        if not left:
            return
    for path, why in left.items():
        if why:
            typer.echo(f"notice: the grid sweeps {path}, which changes nothing here: {why}", err=True)

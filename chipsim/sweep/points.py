"""The points of a sweep: numbered, checked before anything runs, each with the name of its folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chipsim.config.experiment import Experiment
from chipsim.config.overrides import in_sweep_file
from chipsim.config.sweep import Sweep, load_point, settings_of
from chipsim.config.workload import kind_of
from chipsim.errors import ChipsimError, ConfigError
from chipsim.sweep.labels import labels

_HASH_DIGITS = 8
_LEAST_DIGITS = 4
_MOST_READ = 500
"""Points whose input is looked at."""


@dataclass(frozen=True, slots=True)
class Point:
    """One combination of values.

    Attributes:
        number: from 1, in the order of the grid.
        folder: name of its run folder, number and hash of what it runs.
        settings: value as text by swept key.
        problem: why it is no valid experiment, None where it is one.
    """

    number: int
    folder: str
    settings: dict[str, str]
    problem: ChipsimError | None = None


def expand(sweep: Sweep) -> tuple[Point, ...]:
    """All points in order.

    Raises:
        ConfigError: one and the same thing is wrong with every point, such as a key that no experiment has: that is a fault of
            the sweep, not of a point.
    """
    points = tuple(_points(sweep))
    if all(point.problem for point in points):
        texts = [str(point.problem).splitlines() for point in points]
        common = [line for line in texts[0] if all(line in text for text in texts[1:])]
        if common:
            raise ConfigError(in_sweep_file("\n".join(common)))
    return points


def check_input(sweep: Sweep, points: Sequence[Point]) -> None:
    """Read the input of every point that is valid, each input once, as running it would.

    Raises:
        ConfigError: no point can be run, and one and the same thing is wrong with the input of all that are valid.
    """
    found: dict[str, str] = {}
    for point in points[:_MOST_READ]:
        if point.problem is None:
            experiment = load_point(sweep, point.number)
            key = experiment.workload.model_dump_json()
            if key not in found:
                found[key] = _problem(experiment)
            if not found[key]:
                return
    if len(points) <= _MOST_READ and len(set(found.values())) == 1:
        raise ConfigError(in_sweep_file(found.popitem()[1]))


def _problem(experiment: Experiment) -> str:
    """What keeps the input of an experiment from being read; empty where nothing does."""
    try:
        kind_of(experiment.workload).contents(experiment)
    except ChipsimError as error:
        return str(error)
    return ""


def _points(sweep: Sweep) -> Iterator[Point]:
    texts = {
        axis.path: dict(zip(map(id, axis.values), labels([one.part.value for one in axis.values]), strict=True))
        for axis in sweep.axes
    }
    digits = max(_LEAST_DIGITS, len(str(sweep.points)))
    for number in range(1, sweep.points + 1):
        settings = {
            axis.path: texts[axis.path][id(one)] for axis, one in zip(sweep.axes, settings_of(sweep, number), strict=True)
        }
        problem: ChipsimError | None = None
        try:
            # the whole description counts: a chip file that has changed gives another point, not the old one again
            content = load_point(sweep, number).model_dump_json()
        except ChipsimError as error:
            problem, content = error, json.dumps(settings)
        digest = hashlib.sha256(content.encode()).hexdigest()[:_HASH_DIGITS]
        yield Point(number, f"{number:0{digits}}-{digest}", settings, problem)

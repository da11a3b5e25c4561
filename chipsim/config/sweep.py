"""A sweep file: one experiment, what is set in all points, and a grid of values over any of its keys."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from chipsim.config import catalogue, tree
from chipsim.config.constant import FieldError, Spec
from chipsim.config.experiment import Experiment
from chipsim.config.load import absolute, experiment_document, find, prepare_experiment, resolve, validated
from chipsim.config.overrides import Override, parse
from chipsim.config.write import yaml_text
from chipsim.config.yaml12 import Document, KeyPath, read_document
from chipsim.errors import ConfigError, UsageError

MAX_POINTS = 20_000
"""Most points of one sweep; each is a run and a folder of its own."""


def _experiment(value: Any) -> Any:
    """A name, a path, or a mapping."""
    if not (value and isinstance(value, (str, dict))):
        raise FieldError(
            f"found {value!r:.40}; allowed: the name of a shipped experiment, the path of an experiment file, or an experiment, a"
            " mapping with the keys chip, workload, ..."
        )
    return value


Base = Annotated[Any, PlainValidator(_experiment)]
Values = Annotated[tuple[Any, ...], Field(min_length=1)]


class SweepFile(Spec):
    """One run of an experiment for every combination of the values of a grid.

    Attributes:
        name: what the sweep is called; the name of its file by default.
        base: a shipped experiment, the path of an experiment file, or an experiment.
        set: value by key path, the same in every point.
        grid: list of values by key path; the last key changes fastest from point to point.
        fit: whether a file that ``set`` or ``grid`` has the workload read says its steps, neuron model or length where no key here does, as
            with `chipsim run`; null for yes where base is the name of a shipped experiment.
    """

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^/\\]+$")] = "sweep"
    base: Base
    set: Mapping[str, Any] = {}
    grid: Annotated[dict[str, Values], Field(min_length=1)]
    fit: Annotated[bool, Field(strict=True)] | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """One key of the grid: its path as text, and an override for each of its values in order."""

    path: str
    values: tuple[Override, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep whose names and paths are resolved.

    Attributes:
        name: what it is called.
        base: the experiment, its chip read in and its paths absolute, not validated.
        fixed: overrides that every point has.
        axes: the grid in order; the last one changes fastest.
        fit: whether the workload is made to fit an input that overrides have it read (`chipsim.config.load.resolve`).
    """

    name: str
    base: Document
    fixed: tuple[Override, ...]
    axes: tuple[Axis, ...]
    fit: bool = False

    @property
    def points(self) -> int:
        """How many points there are."""
        return math.prod(len(axis.values) for axis in self.axes)


def load_sweep(name_or_path: str, settings: Sequence[str] = ()) -> Sweep:
    """A sweep by shipped name or file; ``settings`` (``path=value``) hold for all points, over those under ``set``.

    Paths in a file start from its folder; those of shipped files and of ``settings`` from the current folder.

    Raises:
        ConfigError: the file is wrong; one line per problem, with file:line:column and key.
        UsageError: a setting is malformed, or names a key that the grid sweeps.
    """
    path, folder = find(name_or_path, "sweep", Path.cwd())
    document = read_document(path)
    if not isinstance(document.value, dict):
        found = "is empty" if document.value is None else "is not a mapping"
        raise ConfigError(f"{path}: {found}; allowed: a sweep, a mapping with the keys base, set, grid")
    if "workload" in document.value and "grid" not in document.value:
        raise ConfigError(f"{path}: this describes an experiment, not a sweep; allowed: its path under the key base of a sweep")
    file = validated(SweepFile, document)
    name = file.name if "name" in document.value else path.stem[:100] or "sweep"
    axes = tuple(_axis(document, key, folder) for key in file.grid)
    if (count := math.prod(len(axis.values) for axis in axes)) > MAX_POINTS:
        raise ConfigError(
            f"{document.keys[('grid',)]}: grid: {count:,} points; allowed: at most {MAX_POINTS:,}, take values or keys away"
        )
    fixed = {key: _override(document, ("set", key), key, folder) for key in file.set}
    if both := [axis.path for axis in axes if axis.path in fixed]:
        raise ConfigError(f"{document.keys[('set', both[0])]}: set.{both[0]}: the grid sweeps this key; keep one of the two")
    for text in settings:
        override = parse(text)
        key = ".".join(map(str, override.path))
        if any(axis.path == key for axis in axes):
            raise UsageError(f"{override.mark}: the grid sweeps this key; change the list under grid in {path}")
        part = absolute(override.part, override.path, Path.cwd())
        fixed[key] = Override(override.path, part, override.mark)
    shipped = isinstance(file.base, str) and file.base in catalogue.experiments()
    fit = shipped if file.fit is None else file.fit
    return Sweep(name, _base(document, folder, name), tuple(fixed.values()), axes, fit)


def settings_of(sweep: Sweep, number: int) -> tuple[Override, ...]:
    """Values of the grid at a point, counted from 1 in the order of the grid, one for each axis."""
    rest = number - 1
    found = []
    for axis in reversed(sweep.axes):
        rest, place = divmod(rest, len(axis.values))
        found.append(axis.values[place])
    return tuple(reversed(found))


def load_point(sweep: Sweep, number: int) -> Experiment:
    """The experiment of a point, counted from 1.

    Raises:
        ConfigError: this combination of values is no valid experiment.
    """
    return resolve(sweep.base, (*sweep.fixed, *settings_of(sweep, number)), sweep.fit)


def resolved(sweep: Sweep) -> dict[str, Any]:
    """The sweep as the plain values of a file that gives an equal sweep from any folder."""
    given = (*sweep.fixed, *(value for axis in sweep.axes for value in axis.values))
    fit = {"fit": True} if sweep.fit and any(one.path[0] == "workload" for one in given) else {}
    return {
        "name": sweep.name,
        "base": sweep.base.value,
        **fit,
        "set": {_key(one): one.part.value for one in sweep.fixed},
        "grid": {axis.path: [one.part.value for one in axis.values] for axis in sweep.axes},
    }


def resolved_sweep_yaml(sweep: Sweep) -> str:
    """`resolved` as the text of a sweep file."""
    return yaml_text(resolved(sweep))


def value_text(value: Any) -> str:
    """A value of the grid as one text: words as they are, anything else as JSON has it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _base(document: Document, folder: Path, name: str) -> Document:
    part = tree.at(document, ("base",))
    if isinstance(part.value, Mapping):
        return prepare_experiment(part, folder, name)
    try:
        return experiment_document(part.value, folder)
    except ConfigError as error:
        raise ConfigError(f"{part.values[()]}: base: {error}") from None


def _axis(document: Document, key: str, folder: Path) -> Axis:
    values = document.value["grid"][key]
    axis = Axis(key, tuple(_override(document, ("grid", key, place), key, folder) for place in range(len(values))))
    seen: dict[str, int] = {}
    for place, override in enumerate(axis.values):
        first = seen.setdefault(json.dumps(override.part.value, sort_keys=True), place)
        if first != place:
            mark = document.values[("grid", key, place)]
            raise ConfigError(f"{mark}: grid.{key}: value {value_text(override.part.value)!r:.60} given twice; keep one")
    return axis


def _override(document: Document, at: KeyPath, key: str, folder: Path) -> Override:
    """What stands somewhere in the file, as an override of the key path that its key names."""
    part, mark = tree.at(document, at), document.keys[at[:2]]  # of the key; what is wrong with a value is told at the value
    path = tuple(key.split("."))
    if not all(path) or any(step != step.strip() for step in path):
        raise ConfigError(f"{mark}: {at[0]}: {key!r:.60} is no key path; allowed: for example chip.noc.router")
    return Override(path, absolute(part, path, folder), mark)


def _key(override: Override) -> str:
    return ".".join(map(str, override.path))

"""Reading results of one kind into the parts that are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chipsim.config.yaml12 import read_document
from chipsim.errors import ConfigError, UsageError
from chipsim.results.comparison.files import Tables, arrays_in, csv_table, rows_table, tables_in
from chipsim.results.comparison.kinds import (
    ARRAYS,
    COMPLEXITY,
    FOLDER,
    MAPPED,
    NOC,
    OBJECT,
    POINTS_FILE,
    RUN,
    SCALE,
    SWEEP,
    SWEEP_FILE,
    Source,
    read_object,
)
from chipsim.results.comparison.side import Side, side
from chipsim.results.flat import flat
from chipsim.results.store import EXPERIMENT, read_summary

_RUN_SETTINGS = ("name", "kind", "seed")
_MAP_SETTINGS = ("name", "kind", "graph", "mesh", "method", "objective", "seed", "prices")
_NOC_SETTINGS = (
    "chip", "prices", "noc", "cycle_s", "traffic", "flits", "cycles", "warmup", "seed", "senders", "faults", "window",
)  # fmt: skip
_SWEEP_OWN = ("number", "folder")


def read_sides(sources: Sequence[Source]) -> tuple[list[Side], str]:
    """All results, each read as far as all of them can be.

    Returns:
        The sides, and the form that they were read in: where one is a file alone, only that file of the others is read.

    Raises:
        UsageError: kinds or forms do not go together, or a file is broken.
    """
    kinds = dict.fromkeys(source.kind for source in sources)
    if len(kinds) > 1:
        told = ", ".join(f"{source.path} is of kind {source.kind}" for source in sources)
        raise UsageError(f"{told}; compare results of one kind")
    forms = {source.form for source in sources}
    if {OBJECT, ARRAYS} <= forms:
        raise UsageError(
            "a mapping file and the JSON of a mapping have nothing in common; give two files of one form, or folders"
        )
    form = next(iter(forms - {FOLDER}), FOLDER)
    read = _READERS[next(iter(kinds))]
    return [read(source, form) for source in sources], form


def settings_of(path: Path) -> dict[str, Any]:
    """Settings of a description by dotted key. Raises UsageError where it is broken."""
    return _settings(_object(path))


def _run(source: Source, form: str) -> Side:
    summary = read_object(source.path) if source.form == OBJECT else read_summary(source.path)
    settings = settings_of(source.path / EXPERIMENT) if form == FOLDER else {}
    settings |= {key: summary[key] for key in _RUN_SETTINGS if key in summary}
    found = {key: value for key, value in summary.items() if key not in _RUN_SETTINGS}
    return side(str(source.path), settings, dict(flat(found)), tables_in(source.path) if form == FOLDER else {})


def _mapping(source: Source, form: str) -> Side:
    if form == ARRAYS:
        if not source.arrays_file.is_file():
            raise UsageError(f"{source.path}: holds no mapping file; give the one of --out, or folders on both sides")
        return side(str(source.path), {}, {}, arrays_in(source.arrays_file))
    summary = read_object(source.object_file)
    experiment = source.path / EXPERIMENT
    settings = settings_of(experiment) if form == FOLDER and experiment.is_file() else {}
    settings |= _settings({key: summary[key] for key in _MAP_SETTINGS if key in summary})
    found = {key: value for key, value in summary.items() if key not in _MAP_SETTINGS}
    return side(str(source.path), settings, dict(flat(found)), tables_in(source.path) if form == FOLDER else {})


def _noc(source: Source, form: str) -> Side:
    summary = read_object(source.object_file)
    points = _points(source, summary)
    settings = _settings({key: summary[key] for key in _NOC_SETTINGS if key in summary})
    settings["loads"] = [point.get("load") for point in points]
    found = {key: value for key, value in summary.items() if key not in (*_NOC_SETTINGS, "loads_asked", "points")}
    tables: Tables = {"points": partial(rows_table, points)}
    keys: dict[str, tuple[str, ...]] = {"points": ("load",), "links": ("load", "from", "to", "port")}
    if form == FOLDER and (source.path / "links.csv").is_file():
        tables["links"] = partial(csv_table, source.path / "links.csv")
    return side(str(source.path), settings, dict(flat(found)), tables, keys)


def _scale(source: Source, form: str) -> Side:
    del form  # the object has all
    summary = read_object(source.object_file)
    points = _points(source, summary)
    keys = tuple(key for key in ("size", "rate", "match") if any(key in point for point in points))
    settings = {"workload": summary.get("workload")}
    settings |= {f"{key} of the points": [point.get(key) for point in points] for key in keys}
    found = {key: value for key, value in summary.items() if key not in ("workload", "asked", "points")}
    return side(str(source.path), settings, dict(flat(found)), {"points": partial(rows_table, points)}, {"points": keys})


def _complexity(source: Source, form: str) -> Side:
    del form  # the object has all
    summary = read_object(source.object_file)
    rows = summary.get("runs")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(f"{source.object_file}: has no list of runs; the file was changed, make the result again")
    settings = _settings({"asked": summary.get("asked")})
    found = {key: value for key, value in summary.items() if key not in ("asked", "runs")}
    tables: Tables = {"runs": partial(rows_table, [dict(flat(row)) for row in rows])}
    return side(
        str(source.path), settings, dict(flat(found)), tables, {"runs": ("learned", "recursive", "stretch", "length", "match")}
    )


def _sweep(source: Source, form: str) -> Side:
    del form  # always a folder
    path = source.path / POINTS_FILE
    if not path.is_file():
        raise UsageError(f"{source.path}: a sweep without {POINTS_FILE}; chipsim sweep --resume goes on with it")
    document = _object(source.path / SWEEP_FILE)
    grid = document.get("grid")
    tables = tables_in(source.path)
    table = tables["points"]()
    missing = [key for key in ("status", *(grid or ())) if key not in table.column_names]
    if not isinstance(grid, dict) or missing:
        raise UsageError(f"{source.path}: {POINTS_FILE} and {SWEEP_FILE} do not belong together; run the sweep again")
    status = table["status"].to_pylist()
    found = {"points": len(status)} | {one: status.count(one) for one in ("done", "failed", "interrupted")}
    rest = table.drop_columns([name for name in _SWEEP_OWN if name in table.column_names])
    own: Tables = {"points": lambda: rest}
    settings = _settings({key: value for key, value in document.items() if key != "name"})  # a renamed file is the same sweep
    return side(str(source.path), settings, found, own, {"points": tuple(grid)})


_READERS: dict[str, Callable[[Source, str], Side]] = {
    RUN: _run,
    SWEEP: _sweep,
    MAPPED: _mapping,
    NOC: _noc,
    SCALE: _scale,
    COMPLEXITY: _complexity,
}


def _points(source: Source, summary: dict[str, Any]) -> list[dict[str, Any]]:
    points = summary.get("points")
    if not isinstance(points, list) or not all(isinstance(point, dict) for point in points):
        raise UsageError(f"{source.object_file}: has no list of points; the file was changed, make the result again")
    return [dict(flat(point)) for point in points]


def _object(path: Path) -> dict[str, Any]:
    try:
        found = read_document(path).value
    except ConfigError as error:
        raise UsageError(f"{error}; the file was changed or cut, make the result again") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path}: not the description of a result; make the result again")
    return found


def _settings(value: Any, prefix: str = "") -> dict[str, Any]:
    """Settings by dotted key; a list is one value."""
    if not isinstance(value, dict):
        return {prefix: value}
    found: dict[str, Any] = {}
    for key, inner in value.items():
        below = f"{prefix}.{key}" if prefix else str(key)
        found |= {below: {}} if inner == {} else _settings(inner, below)
    return found

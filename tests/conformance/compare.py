"""Two runs held against each other, bit for bit: the first event that differs is named, with those around it.

A digest says that something differs, not what. Runs that keep every packet and spike (``Watch`` with the probes of these names) hold the time
of everything that crosses the network or is decided; of all these lists, the earliest event that the two do not share is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from chipsim.machine.raw import RawRun

NOT_COMPARED = frozenset({"engine", "cpu_s"})
"""What may differ between engines and machines."""

TIMES = {"winners": 0, "waits": 2, "growth": 0, "unstored": 0, "alerts": 0, "packets": 1, "spikes": 0}
"""Lists of events, and the column that says when."""

ORDER = ("status", "end_ps", "own")
"""What is looked at next; the digest and counters follow."""

AROUND = 2
"""Events told before and after the one that differs."""

COLUMNS = {
    "winners": ("time", "layer", "item", "id", "cover", "new", "needed", "core"),
    "waits": ("layer", "item", "begin", "end", "needed"),
    "growth": ("time", "layer", "ordinal", "address"),
    "unstored": ("time", "layer", "item", "cover"),
    "alerts": ("time", "id", "event time", "first item", "last item", "new"),
    "packets": ("injected", "delivered", "kind", "source", "destination", "sequence", "flits", "hops", "entered"),
    "spikes": ("time", "core", "layer", "id"),
}

VOLATILE = frozenset({"wall_s", "run_cpu_s", "peak_rss_bytes", "engine"})
"""Keys of a summary that tell of the machine, not of the chip."""


def compare_runs(a: RawRun, b: RawRun) -> str | None:
    """The first difference between two runs of one plan, None if there is none: the first event that differs, if any does."""
    found = first_event(a, b)
    if found:
        return found
    names = [f.name for f in fields(RawRun)]
    for name in (*ORDER, *(n for n in names if n not in ORDER)):
        if name in NOT_COMPARED:
            continue
        found = _difference(name, getattr(a, name), getattr(b, name))
        if found:
            return found
    return None


def first_event(a: RawRun, b: RawRun) -> str | None:
    """The earliest event that two runs do not share, with its neighbours on both sides; None where all kept events are equal."""
    found = []
    lists = [(*_list(a, name), _list(b, name)[1]) for name in TIMES]
    for name, x, y in lists:
        column = TIMES[name.removeprefix("own.")]
        row = _first_row(x, y)
        if row is not None:
            found.append((min(int(z[row, column]) for z in (x, y) if row < len(z)), name, row))
    if not found:
        return None
    _, name, row = min(found)
    x, y = next(pair for label, *pair in lists if label == name)
    lines = [_difference(name, x, y) or ""]
    for label, z in (("first", x), ("second", y)):
        begin = max(0, row - AROUND)
        lines += [
            f"  {label} {'>' if begin + i == row else ' '}[{begin + i}] {r}"
            for i, r in enumerate(z[begin : row + AROUND + 1].tolist())
        ]
    return "\n".join(lines)


def _list(run: RawRun, name: str) -> tuple[str, np.ndarray[Any, Any]]:
    """A list of events with the path to it; of a program that has none of this name, nothing."""
    if hasattr(run, name):
        return name, getattr(run, name)
    return f"own.{name}", getattr(run.own, name, np.zeros((0, 1), np.int64))


def compare_summaries(a: dict[str, Any], b: dict[str, Any], path: str = "") -> str | None:
    """The first key whose values differ, wall-clock times and memory of this machine aside."""
    if a.keys() != b.keys():
        return f"summary{path}: keys {sorted(a.keys() ^ b.keys())} on one side only"
    for key, value in a.items():
        if not path and key in VOLATILE:
            continue
        other = b[key]
        if isinstance(value, dict) and isinstance(other, dict):
            found = compare_summaries(value, other, f"{path}.{key}")
            if found:
                return found
        elif value != other:
            return f"summary{path}.{key}: {value!r} and {other!r}"
    return None


def _difference(name: str, x: Any, y: Any) -> str | None:
    if is_dataclass(x) and type(x) is type(y):  # core memories, a snapshot
        parts = (_difference(f"{name}.{f.name}", getattr(x, f.name), getattr(y, f.name)) for f in fields(x))
        return next((part for part in parts if part), None)
    if isinstance(x, Mapping) and isinstance(y, Mapping) and x.keys() == y.keys():
        parts = (_difference(f"{name}.{key}", x[key], y[key]) for key in x)
        return next((part for part in parts if part), None)
    if not isinstance(x, np.ndarray):
        return None if x == y else f"{name}: {x!r} and {y!r}"
    if x.dtype != y.dtype:
        return f"{name}: {x.dtype} and {y.dtype}"
    if (x.shape == y.shape and np.array_equal(x, y)) or (len(x) == len(y) and x.size == y.size == 0):
        return None
    if x.shape[1:] != y.shape[1:]:
        return f"{name}: rows of {x.shape[1:]} and {y.shape[1:]}"
    row = _first_row(x, y)
    assert row is not None
    left, right = (z[row].tolist() if row < len(z) else "no such row" for z in (x, y))
    columns = f" ({', '.join(COLUMNS[column])})" if (column := name.removeprefix("own.")) in COLUMNS else ""
    return f"{name}[{row}]{columns}: {left} and {right}; {len(x)} and {len(y)} rows"


def _first_row(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> int | None:
    """The first row in which two arrays of equally wide rows differ, None if they are equal."""
    rows = min(len(x), len(y))
    differ = np.flatnonzero((x[:rows] != y[:rows]).reshape(rows, -1).any(axis=1)) if rows else ()
    if len(differ):
        return int(differ[0])
    return rows if len(x) != len(y) else None

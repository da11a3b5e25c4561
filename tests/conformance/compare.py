"""Two runs held against each other, bit for bit; the first difference is named."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from chipsim.trace.raw import RawRun

NOT_COMPARED = frozenset({"engine", "cpu_s"})
"""What may differ between engines and machines."""

ORDER = ("status", "end_ps", "winners", "waits", "growth", "unstored", "alerts", "offer_ps")
"""Fields with times come first: what differs earliest explains the rest."""

COLUMNS = {
    "winners": ("time", "layer", "item", "id", "cover", "new", "needed", "core"),
    "waits": ("layer", "item", "begin", "end", "needed"),
    "growth": ("time", "layer", "ordinal", "address"),
    "unstored": ("time", "layer", "item", "cover"),
    "alerts": ("time", "id", "event time", "first item", "last item", "new"),
    "packets": ("injected", "delivered", "kind", "source", "destination", "sequence", "flits", "hops"),
    "spikes": ("time", "core", "layer", "id"),
}

VOLATILE = frozenset({"wall_s", "run_cpu_s", "peak_rss_bytes", "engine"})
"""Keys of a summary that tell of the machine, not of the chip."""


def compare_runs(a: RawRun, b: RawRun) -> str | None:
    """The first difference between two runs of one plan, None if there is none."""
    names = [f.name for f in fields(RawRun)]
    for name in (*ORDER, *(n for n in names if n not in ORDER)):
        if name in NOT_COMPARED:
            continue
        found = _difference(name, getattr(a, name), getattr(b, name))
        if found:
            return found
    return None


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
    if not isinstance(x, np.ndarray):
        return None if x == y else f"{name}: {x!r} and {y!r}"
    if x.dtype != y.dtype:
        return f"{name}: {x.dtype} and {y.dtype}"
    if x.shape == y.shape and np.array_equal(x, y):
        return None
    rows = min(len(x), len(y))
    differ = np.flatnonzero((x[:rows] != y[:rows]).reshape(rows, -1).any(axis=1))
    row = int(differ[0]) if len(differ) else rows
    left, right = (z[row].tolist() if row < len(z) else "no such row" for z in (x, y))
    columns = f" ({', '.join(COLUMNS[name])})" if name in COLUMNS else ""
    return f"{name}[{row}]{columns}: {left} and {right}; {len(x)} and {len(y)} rows"

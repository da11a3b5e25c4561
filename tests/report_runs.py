"""Runs whose reports are tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.pipeline import simulate
from chipsim.results.store import write_run
from reports.run import Run, load_run

KEYS = ["power", "over-time", "influence", "energy", "chip-map", "link-map", "network", "latency", "growth"]
"""All figures of a run of a neurosemantic network."""


def run_of(folder: Path, name: str, *sets: str, stop_after: int | None = None) -> Run:
    """A real run, written to its folder and read back."""
    asked = iter(range(10**9))
    stop: Callable[[], bool] = (lambda: False) if stop_after is None else (lambda: next(asked) >= stop_after)
    write_run(folder, simulate(load_experiment(name, list(sets)), Watch(stop=stop)))
    return load_run(folder)


def changed_run(run: Run, summary: dict[str, Any] | None = None, **tables: Any) -> Run:
    """The run with dotted paths of its summary and whole tables replaced; a table of None is taken away."""
    changed = dict(run.summary)
    for path, item in (summary or {}).items():
        head, _, tail = path.partition(".")
        changed[head] = {**changed[head], tail: item} if tail else item
    kept = {name: table for name, table in {**run.tables, **tables}.items() if table is not None}
    return replace(run, summary=changed, tables=kept)

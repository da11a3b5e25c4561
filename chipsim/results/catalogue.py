"""What results a folder holds: a row for each, with the figures that one looks for first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chipsim.errors import ChipsimError, UsageError
from chipsim.results.comparison.kinds import NOC, RUN, SCALE, SWEEP, Source, read_object, source_of
from chipsim.results.comparison.read import settings_of
from chipsim.results.flat import flat
from chipsim.results.store import EXPERIMENT, read_summary

SHORT = {
    "rate": "claim.rate_hz",
    "mean_mw": "power_per_core_mw.mean",
    "hottest_mw": "power_per_core_mw.max",
    "verdict": "claim.verdict",
    "energy_j": "energy_j.total",
    "digest": "digest",
    "cores": "chip.cores",
}
"""Short names of figures of a run, and what they stand for in its summary."""

OWN = ("name", "kind", "when", "status", "bytes", "points")

_TIME = re.compile(r"(\d{8}T\d{6}Z)-")


@dataclass(frozen=True, slots=True)
class Entry:
    """A result in a folder.

    Attributes:
        path: its folder.
        kind: ``run``, ``sweep``, ``mapping``, ``noc``, ``scale`` or ``complexity``.
        when: of its name, or when its figures were written, in UTC.
        status: ``done``, ``until``, ``interrupted``, or how many points of a sweep failed or are left.
        bytes: of all of its files.
        figures: what it has to tell, by dotted name; for a sweep or curve the number of ``points``.
    """

    path: Path
    kind: str
    when: datetime
    status: str
    bytes: int
    figures: dict[str, Any] = field(default_factory=dict)

    def value(self, key: str) -> Any:
        """What a column, a short name, a figure of the summary or a setting of the experiment is here; None where it is not there."""
        own = {
            "name": self.path.name,
            "kind": self.kind,
            "when": self.when.isoformat(),
            "status": self.status,
            "bytes": self.bytes,
        }
        if key in own:
            return own[key]
        full = SHORT.get(key, key)
        if full in self.figures:
            return self.figures[full]
        experiment = self.path / EXPERIMENT
        try:
            return settings_of(experiment).get(key) if experiment.is_file() else None
        except UsageError:
            return None


def entries(folder: Path) -> tuple[list[Entry], list[str]]:
    """Results in the folders of a folder, the oldest first, and why others are none.

    Returns:
        The results; and per folder that is none, or whose files are broken, a message.

    Raises:
        UsageError: the folder cannot be read.
    """
    try:
        below = sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror or error}; name a folder of results") from error
    found: list[Entry] = []
    skipped: list[str] = []
    for one in below:
        try:
            found.append(entry_of(one))
        except (ChipsimError, OSError) as error:
            skipped.append(str(error).split("\n")[0].partition(";")[0])
    return sorted(found, key=lambda entry: (entry.when, entry.path.name)), skipped


def entry_of(folder: Path) -> Entry:
    """A result. Raises UsageError where there is none, or it is broken."""
    source = source_of(folder)
    mark = source.object_file
    figures, status = _figures(source)
    match = _TIME.match(folder.name)
    if match is not None:
        when = datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    else:
        when = datetime.fromtimestamp(int(mark.stat().st_mtime), UTC)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Entry(folder, source.kind, when, status, size, figures)


def _figures(source: Source) -> tuple[dict[str, Any], str]:
    if source.kind == SWEEP:
        return _points_of_sweep(source)
    summary = read_summary(source.path) if source.kind == RUN else read_object(source.object_file)
    figures = dict(flat({key: value for key, value in summary.items() if key not in ("name", "points", "runs")}))
    if source.kind in (NOC, SCALE):
        points = summary.get("points")
        if not isinstance(points, list):
            raise UsageError(f"{source.object_file}: has no list of points")
        figures["points"] = len(points)
    if source.kind == SCALE:
        return figures, str(points[-1].get("status", "done")) if points else "empty"
    return figures, str(summary.get("status", "done"))


def _points_of_sweep(source: Source) -> tuple[dict[str, Any], str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = source.path / "points.parquet"
    if not path.is_file():
        return {}, "interrupted"
    try:
        status = pq.read_table(path, columns=["status"])["status"].to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{path}: not the table of a sweep ({error})") from error
    told = [f"{status.count(one)} {one}" for one in ("failed", "interrupted") if one in status]
    return {"points": len(status)}, ", ".join(told) or "done"


def as_rows(found: list[Entry]) -> Iterator[dict[str, Any]]:
    """Entries as the objects of ``--json``."""
    for one in found:
        yield {
            "name": one.path.name,
            "folder": str(one.path),
            "kind": one.kind,
            "when": one.when.isoformat(),
            "status": one.status,
            "bytes": one.bytes,
            "points": one.figures.get("points"),
        } | {short: one.figures.get(full) for short, full in SHORT.items()}

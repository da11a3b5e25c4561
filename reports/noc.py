"""What ``chipsim noc`` leaves in its folder: tables of points and links as CSV, and two figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from chipsim.errors import UsageError
from reports.figures.base import png
from reports.figures.noc import Links, draw_links, draw_noc
from reports.file import write_text

POINTS, LINKS, CURVE, MAP = "points.csv", "links.csv", "latency.png", "links.png"


def write_noc_report(folder: Path, summary: dict[str, Any], links: Sequence[tuple[float, Links]]) -> None:
    """Write ``points.csv``, ``links.csv``, ``latency.png`` and ``links.png``.

    The map of links is that of the highest load that the network carried, or of the lowest where it carried none.

    Args:
        folder: exists.
        summary: the object of ``--json``; without points nothing is written.
        links: load and table of links of each point.

    Raises:
        UsageError: a file cannot be written.
    """
    points = summary["points"]
    if not points:
        return
    carried = [n for n, point in enumerate(points) if point["stable"]]
    if carried:
        shown = max(carried, key=lambda n: float(points[n]["load"]))
    else:
        shown = min(range(len(points)), key=lambda n: float(points[n]["load"]))
    try:
        write_text(folder / POINTS, points_csv(points))
        _write_links(folder / LINKS, links)
        (folder / CURVE).write_bytes(png(draw_noc(summary)))
        (folder / MAP).write_bytes(png(draw_links(summary, *links[shown])))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror or error}; name another folder with --out") from error


def points_csv(points: Sequence[dict[str, Any]]) -> str:
    """One line per point; groups of figures become columns with a dot (``stalls.vc``), unknown ones are empty."""
    flat = [_flat(point) for point in points]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(flat[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return out.getvalue()


def _flat(point: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in point.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = int(value) if isinstance(value, bool) else value
    return found


def _write_links(path: Path, links: Sequence[tuple[float, Links]]) -> None:
    """Table by table, so that the links of a large network at many loads are never all text at once."""
    with path.open("wb") as file:
        for number, (load, table) in enumerate(links):
            columns = {"load": np.full(len(table["flits"]), load)} | table
            pc.write_csv(pa.table(columns), file, pc.WriteOptions(include_header=number == 0))

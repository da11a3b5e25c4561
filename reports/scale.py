"""What a scaling run leaves in its folder: a table of the points, a figure, and a page in Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chipsim.errors import UsageError
from reports.figures.base import look, png
from reports.figures.scale import draw_scale
from reports.file import write_text

Point = dict[str, Any]
POINTS, CSV, FIGURE, VECTOR, PAGE = "points.parquet", "points.csv", "scale.png", "scale.svg", "scale.md"


def build_scale_report(folder: Path, points: list[Point]) -> None:
    """Write ``points.parquet``, ``points.csv``, ``scale.png``, ``scale.svg`` and ``scale.md``.

    Args:
        folder: exists.
        points: of ``chipsim scale``; without any nothing is written.

    Raises:
        UsageError: a file cannot be written.
    """
    if not points:
        return
    columns = flat_columns(points)
    try:
        pq.write_table(pa.table(columns), folder / POINTS, write_page_checksum=True)
        write_text(folder / CSV, _csv(columns))
        figure = draw_scale(points)
        (folder / FIGURE).write_bytes(png(figure))
        with look():
            figure.savefig(folder / VECTOR, format="svg", metadata={"Date": None, "Creator": None})
        write_text(folder / PAGE, scale_page(points))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror or error}; name another folder with --out") from error


def flat_columns(points: list[Point]) -> dict[str, list[Any]]:
    """Every single number and word of the points by dotted path, None where a point has none; lists are left out."""
    rows = [dict(_flat(point)) for point in points]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: _alike([row.get(name) for row in rows]) for name in names}


def _flat(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _flat(inner, f"{path}.{key}" if path else str(key))]
    return [] if isinstance(value, (list, tuple)) else [(path, value)]


def _alike(values: list[Any]) -> list[Any]:
    """Whole numbers and fractions of one column as fractions."""
    if any(isinstance(v, float) for v in values):
        return [float(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in values]
    return values


def _csv(columns: dict[str, list[Any]]) -> str:
    lines = [",".join(columns)]
    for row in zip(*columns.values(), strict=True):
        lines.append(",".join("" if value is None else f'"{value}"' if "," in str(value) else str(value) for value in row))
    return "\n".join(lines) + "\n"


def scale_page(points: list[Point]) -> str:
    """The page: the question, the table, how to read it."""
    first = points[0]
    what = first["scale"]["rate_of"]
    budget = first["power_per_core_mw"]["budget"]
    question = (
        "No budget per core is set for this chip."
        if budget is None
        else f"Does {budget:g} mW per core hold? The envelope is neurons / {first['chip']['neurons_per_core']} cores x {budget:g} mW."
    )
    lines = [
        f"# Scaling of {first['chip']['name']}, workload {first['workload']}",
        "",
        f"{question} Every row is a run. Bottom-up is the account of what the run did, with the static power of the cores that hold"
        " anything or worked.",
        "",
        f"| neurons | rate ({what}) | match | cores | used | envelope W | bottom-up W | static W | verdict | break-even rate Hz"
        " | rate within the envelope Hz | engine events | us per event |".replace("rate ()", "rate"),
        "|---:|---:|---|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|",
    ]
    for p in points:
        claim, scaled = p["claim"], p["scale"]
        each = p["wall_s_per_event"]
        cells = [
            f"{p['size']:,}",
            "idle" if p["rate"] is None else f"{p['rate']:g}",
            str(p.get("match", "")),
            f"{claim['cores']:,}",
            f"{scaled['cores_used']:,}",
            "" if p["power_w"]["envelope"] is None else f"{p['power_w']['envelope']:.6g}",
            f"{claim['watts']:.4g}",
            f"{scaled['static_w']:.4g}",
            _verdict(claim),
            _rate(claim.get("break_even_rate_hz")),
            _rate(scaled["paid_rate_hz"]),
            f"{p['engine_events']:,}",
            "" if each is None else f"{each * 1e6:.3g}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        f"![Power and rates against neurons]({FIGURE})",
        "",
        "Break-even: the rate at which all powered cores together spend their budget. Within the envelope: the rate at which the cores"
        " used spend what the nominal number of cores may; 0 where their static power alone is more than that.",
        "",
    ]
    return "\n".join(lines)


def _verdict(claim: dict[str, Any]) -> str:
    """In the words of a run; how far it holds is a rate of the whole chip."""
    if claim["verdict"] is None:
        return ""
    rate = f" {claim['max_rate_hz']:.4g} Hz" if claim["verdict"] == "holds_to" else ""
    return claim["verdict"].replace("_", " ") + rate


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"

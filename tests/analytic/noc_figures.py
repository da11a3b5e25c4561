"""Our curves over the measured ones, as figures and as a table for ``docs/noc-validation.md``.

python -m tests.analytic.noc_figures --out docs/figures --points points.json

With POINTS that exist already nothing is measured anew.
"""

from __future__ import annotations

import argparse
import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from reports.figures.base import BLUE, GREEN, MUTED, ORANGE, RED, look, new_figure, png
from tests.analytic.booksim import KNEE, Curve, knee_of, ours_at, read_curves
from tests.folders import NOC

SEEDS = range(1, 5)
COLOURS = (BLUE, ORANGE, GREEN, RED, MUTED)

PANELS = {
    "uniform, 4 VCs": {
        "v4-b8-S": "8 flits, S", "v4-b8-L": "8 flits, L", "v4-b8-D": "8 flits, D", "v4-b4-S": "4 flits, S", "v4-b4-D": "4 flits, D",
    },
    "uniform, 1 VC": {"v1-b8-S": "8 flits, S", "v1-b4-S": "4 flits, S", "v1-b8-D": "8 flits, D", "v1-b4-D": "4 flits, D"},
    "transpose, 8 flits": {"v4-b8-S": "4 VCs, S", "v1-b8-S": "1 VC, S", "v4-b8-D": "4 VCs, D", "v1-b8-D": "1 VC, D"},
}  # fmt: skip
"""Titles; ends of the names of curves, and what they are called."""


def measure(curves: list[Curve]) -> dict[str, Any]:
    """Ours at all loads of all curves, with the reference's own windows (twice as long below the knee), and the overload."""
    found: dict[str, Any] = {}
    for curve in curves:
        points = []
        for point in curve.points:
            # below the knee the mean does not depend on how long it is measured; beyond, queues grow as long as the run lasts
            periods = 6 if float(point.load) < 0.92 * curve.knee else point.periods
            latency, accepted = ours_at(curve.setting, point.load, SEEDS, point.period, periods)
            points.append(
                {
                    "load": float(point.load),
                    "theirs": point.latency,
                    "stable": point.stable,
                    "ours": latency,
                    "accepted": accepted,
                }
            )
        _, overload = ours_at(curve.setting, Fraction(1), (1, 2), 600)
        knee = knee_of([(p["load"], p["ours"]) for p in points], curve.t0)
        found[curve.name] = {
            "t0": curve.t0, "knee": knee, "their_knee": curve.knee, "overload": overload, "their_overload": curve.overload, "points": points
        }  # fmt: skip
        sys.stderr.write(f"{curve.name} knee {knee / curve.knee - 1:+.2%} overload {overload / curve.overload - 1:+.2%}\n")
    return found


def deviations(found: dict[str, Any]) -> list[list[str]]:
    """Rows: curve, greatest deviation of the latency up to 0.75 and up to 0.9 of the knee, of the knee, of the overload."""
    rows = []
    for name, curve in found.items():
        worst = []
        for low, high in ((0.0, 0.75), (0.75, 0.9)):
            off = [
                p["ours"] / p["theirs"] - 1
                for p in curve["points"]
                if low * curve["their_knee"] < p["load"] <= high * curve["their_knee"]
            ]
            worst.append(f"{100 * max(off, key=abs):+.1f} %" if off else "no point")
        knee, overload = curve["knee"] / curve["their_knee"] - 1, curve["overload"] / curve["their_overload"] - 1
        traffic, vcs, buffer, timing = name.split("-")[1], *(part.lstrip("vb") for part in name.split("-")[3:])
        row = [f"{traffic}, {vcs} VC, {buffer} flits, {timing}", *worst]
        row += [f"{curve['their_knee']:.4f}", f"{curve['knee']:.4f}", f"{100 * knee:+.1f} %"]
        row += [f"{curve['their_overload']:.4f}", f"{curve['overload']:.4f}", f"{100 * overload:+.1f} %"]
        rows.append(row)
    return rows


def draw(found: dict[str, Any], path: Path) -> None:
    """Three panels: theirs as rings, ours as lines, our knees as ticks; points at which the reference did not converge are left out."""
    with look():
        figure, panels = new_figure(4.2, len(PANELS))
        for axes, (title, lines) in zip(panels, PANELS.items(), strict=True):
            _panel(axes, title, lines, found)
    path.write_bytes(png(figure))


def _panel(axes: Axes, title: str, lines: dict[str, str], found: dict[str, Any]) -> None:
    traffic = title.split(",")[0]
    for colour, (end, label) in zip(COLOURS, lines.items(), strict=False):
        curve = found[f"mesh8x8-{traffic}-p1-{end}"]
        points = [p for p in curve["points"] if p["stable"]]
        axes.plot([p["load"] for p in points], [p["ours"] for p in points], color=colour, label=label)
        axes.plot([p["load"] for p in points], [p["theirs"] for p in points], "o", color=colour, fillstyle="none", markersize=5)
        axes.plot([curve["knee"]], [KNEE * curve["t0"]], "|", color=colour, markersize=10)
    axes.set_ylim(0, 160)
    axes.set_xlim(left=0)
    axes.set_title(title)
    axes.set_xlabel("offered flits per node and cycle")
    axes.set_ylabel("mean packet latency (cycles)")
    axes.legend(loc="upper left", bbox_to_anchor=(-0.05, -0.16), ncols=3, fontsize="small", columnspacing=1.0, handlelength=1.4)


def main(arguments: list[str]) -> int:
    """Measure or read, draw, print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.analytic.noc_figures", description="Our curves over the measured ones."
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--points", type=Path, required=True)
    given = parser.parse_args(arguments)
    if not given.points.exists():
        given.points.write_text(json.dumps(measure(read_curves(NOC)), indent=1) + "\n", encoding="utf-8")
    found = json.loads(given.points.read_text(encoding="utf-8"))
    given.out.mkdir(parents=True, exist_ok=True)
    draw(found, given.out / "noc-validation.png")
    for row in deviations(found):
        sys.stdout.write("| " + " | ".join(row) + " |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Watts against neurons, and the rate that the budget pays for: the two figures of a scaling run."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from reports.figures.base import BLUE, GREEN, INK, MUTED, ORANGE, RED, look, new_figure

Point = dict[str, Any]
_MARKS = "osD^vP*X"
_COLOURS = (BLUE, ORANGE, GREEN, RED)


def series_of(points: list[Point]) -> dict[tuple[float | None, str], list[Point]]:
    """Points by (rate, matching mode), each in the order of size."""
    found: dict[tuple[float | None, str], list[Point]] = {}
    for point in sorted(points, key=lambda one: int(one["size"])):
        found.setdefault((point["rate"], str(point.get("match", ""))), []).append(point)
    return found


def draw_scale(points: list[Point]) -> Figure:
    """Left: envelope and bottom-up watts over neurons. Right: the rate that 2 mW per core pays for beside the rate that was run.

    Args:
        points: of ``chipsim scale``, at least one.
    """
    with look():
        figure, (left, right) = new_figure(4.2, 2)
        envelope = {int(p["size"]): p["power_w"]["envelope"] for p in points if p["power_w"]["envelope"] is not None}
        if envelope:
            nominal = sorted(envelope)
            left.plot(
                nominal, [envelope[s] for s in nominal], color=INK, linestyle="--", label="envelope: nominal cores x budget"
            )
        static = {int(p["size"]): float(p["scale"]["static_w"]) for p in points}
        sizes = sorted(static)
        left.plot(sizes, [static[s] for s in sizes], color=MUTED, linestyle=":", label="static power of the cores in use")
        for number, ((rate, match), mine) in enumerate(series_of(points).items()):
            style: dict[str, Any] = {
                "color": _COLOURS[number % len(_COLOURS)],
                "marker": _MARKS[number % len(_MARKS)],
                "markersize": 4.5,
            }
            name = ", ".join(part for part in ("idle" if rate is None else f"{rate:g} Hz", match) if part)
            size = [p["size"] for p in mine]
            left.plot(size, [p["claim"]["watts"] for p in mine], label=f"bottom-up, {name}", **style)
            paid = [(p["size"], p["claim"]["break_even_rate_hz"]) for p in mine if p["claim"].get("break_even_rate_hz")]
            if paid:
                right.plot([s for s, _ in paid], [r for _, r in paid], label=f"paid for, {name}", **style)
                ran = [(p["size"], p["claim"]["rate_hz"]) for p in mine if p["claim"].get("rate_hz")]
                right.plot([s for s, _ in ran], [r for _, r in ran], color=style["color"], linestyle=":", label=f"run, {name}")
        for axes, title, unit in ((left, "Power", "W"), (right, "Rate that the budget of the cores pays for", "per second")):
            axes.set_title(title)
            axes.set_xlabel("neurons")
            axes.set_ylabel(unit)
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.grid(True)
        left.legend(fontsize=8)
        if right.lines:
            right.legend(fontsize=8)
        else:
            right.set_axis_off()
            right.text(0.5, 0.5, "no input, no rate", ha="center", transform=right.transAxes)
    return figure

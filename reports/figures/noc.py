"""Latency against offered load, and the load of every link: the figures of ``chipsim noc``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from chipsim.quantity import digits
from reports.figures.base import BLUE, GREEN, INK, MUTED, ORANGE, RED, SEQUENTIAL, colour_bar, look, new_figure

Links = dict[str, npt.NDArray[Any]]
Numbers = npt.NDArray[np.float64]

# An arrow that points right, from tile (0, 0) to tile (1, 0); it keeps to the right of its way, so that both directions can be seen.
_ARROW = np.array([(0.2, 0.07), (0.55, 0.07), (0.55, 0.0), (0.82, 0.14), (0.55, 0.28), (0.55, 0.21), (0.2, 0.21)])
_MOST_BARS = 40
_MOST_TILES = 128 * 128


def draw_noc(summary: dict[str, Any]) -> Figure:
    """Left: latency over offered load with the empty network, knee and saturation. Right: what was accepted of what was offered.

    Args:
        summary: of ``chipsim noc``, with at least one point.
    """
    points = sorted(summary["points"], key=lambda point: float(point["load"]))
    with look():
        figure, (left, right) = new_figure(4.2, 2)
        _latency(left, summary, points)
        _accepted(right, summary, points)
    return figure


def _latency(axes: Axes, summary: dict[str, Any], points: list[dict[str, Any]]) -> None:
    load = np.array([p["load"] for p in points])
    stable = np.array([p["stable"] for p in points], bool)
    for key, name, colour in (
        ("p99_latency", "99 of 100 packets", ORANGE),
        ("network_latency", "mean without the source queue", GREEN),
        ("mean_latency", "mean", BLUE),
    ):
        value = np.array([np.nan if p[key] is None else p[key] for p in points], float)
        axes.plot(load, value, color=colour, label=name, linewidth=1.4)
        axes.plot(load[stable], value[stable], color=colour, marker="o", markersize=4, linestyle="")
        axes.plot(load[~stable], value[~stable], color=colour, marker="x", markersize=5, linestyle="")
    empty, knee = summary["zero_load"], summary["knee"]
    if empty is not None:
        axes.axhline(empty, color=MUTED, linestyle=":", label=f"empty network, {empty:.4g}")
        # what a saturated network shows depends on how long it ran: it would hide the rest
        top = max([6 * empty, *(float(p["mean_latency"]) for p in points if p["stable"] and p["mean_latency"] is not None)])
        axes.set_ylim(0, 1.05 * top)
    if knee is not None:
        axes.axvline(knee, color=RED, linestyle="--", linewidth=1, label=f"knee, {knee:.4g}")
    axes.set(
        title="Packet latency, cycles (crosses: saturated)", xlabel="offered load, flits per node and cycle", xlim=(0, None)
    )
    axes.grid(True)
    axes.legend(fontsize=8, loc="upper left", frameon=True, framealpha=0.85, edgecolor="none", facecolor="white")


def _accepted(axes: Axes, summary: dict[str, Any], points: list[dict[str, Any]]) -> None:
    load = [p["load"] for p in points]
    axes.plot([0, max(load)], [0, max(load)], color=MUTED, linestyle=":", label="all that is offered")
    axes.plot(load, [p["accepted"] for p in points], color=BLUE, marker="o", markersize=4, label="accepted")
    axes.plot(
        load,
        [p["link_load_max"] for p in points],
        color=ORANGE,
        marker="s",
        markersize=3,
        label="busiest link, flits per cycle",
    )
    if summary["knee"] is not None:
        axes.axvline(summary["knee"], color=RED, linestyle="--", linewidth=1)
    if summary["saturation"] is not None:
        axes.axhline(
            summary["saturation"], color=GREEN, linestyle="--", linewidth=1, label=f"carries {summary['saturation']:.4g}"
        )
    axes.set(title="Accepted load", xlabel="offered load, flits per node and cycle", xlim=(0, None), ylim=(0, None))
    axes.grid(True)
    axes.legend(fontsize=8, loc="upper left", frameon=True, framealpha=0.85, edgecolor="none", facecolor="white")


def draw_links(summary: dict[str, Any], load: float, links: Links) -> Figure:
    """The load of every link between routers at one offered load: arrows on a grid, bars of the busiest elsewhere.

    Args:
        summary: of ``chipsim noc``.
        load: offered.
        links: table of links of that point.
    """
    between = links["port"] != "EJECT"
    mine = {name: column[between] for name, column in links.items()}
    noc = summary["noc"]
    grid = noc["topology"] in ("mesh", "torus") and noc["depth"] == 1 and noc["width"] * noc["height"] <= _MOST_TILES
    with look():
        figure, (axes,) = new_figure(min(7.0, max(3.0, 1 + 6.0 * noc["height"] / noc["width"])) if grid else 4.2)
        title = f"Flits per cycle on each link at load {load:.4g}"
        if not len(mine["flits"]):
            axes.set_axis_off()
            axes.text(0.5, 0.5, "a single router has no links", ha="center", transform=axes.transAxes)
        elif grid:
            _arrows(axes, noc, mine, title)
        else:
            _bars(axes, mine, title)
    return figure


def _arrows(axes: Axes, noc: dict[str, Any], links: Links, title: str) -> None:
    width, height = noc["width"], noc["height"]

    def place(tile: npt.NDArray[np.int64]) -> tuple[Numbers, Numbers]:
        across, down = (tile // height, tile % height) if noc["tile_order"] == "column" else (tile % width, tile // width)
        return across.astype(float), down.astype(float)

    (x, y), (to_x, to_y) = place(links["from"]), place(links["to"])
    step = {"E": (1, 0), "W": (-1, 0), "S": (0, 1), "N": (0, -1)}
    # by the port and not by the places: the links of a torus go round the rim
    dx, dy = (np.array([step.get(port, (0, 0))[axis] for port in links["port"].tolist()], float) for axis in (0, 1))
    flat = (dx == 0) & (dy == 0)
    dx, dy = np.where(flat, np.sign(to_x - x), dx), np.where(flat, np.sign(to_y - y), dy)
    along, aside = _ARROW[:, 0], _ARROW[:, 1]
    px = x[:, None] + along * dx[:, None] - aside * dy[:, None]
    py = y[:, None] + along * dy[:, None] + aside * dx[:, None]
    many = len(x) > 5000
    drawn = PolyCollection(
        list(np.stack([px, py], axis=2)), array=links["flits_per_cycle"], cmap=SEQUENTIAL, linewidth=0, rasterized=many
    )
    if width * height <= 1600:  # in points; tiles shrink with the mesh
        xs, ys = np.meshgrid(np.arange(width), np.arange(height))
        axes.scatter(xs, ys, s=(70 / max(width, height)) ** 2, marker="s", color=INK, alpha=0.3, linewidth=0)
    drawn.set_clim(0, max(float(links["flits_per_cycle"].max()), 1e-9))
    axes.add_collection(drawn)
    axes.set(xlim=(-1, width), ylim=(height, -1), title=title, xlabel="column", ylabel="row", aspect="equal")
    for axis, size in ((axes.xaxis, width), (axes.yaxis, height)):
        axis.set_ticks(range(0, size, max(1, size // 8)))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelcolor=MUTED)
    colour_bar(axes, drawn, digits)


def _bars(axes: Axes, links: Links, title: str) -> None:
    order = np.argsort(-links["flits_per_cycle"], kind="stable")[:_MOST_BARS]
    places = np.arange(len(order))
    axes.bar(places, links["flits_per_cycle"][order], color=BLUE, width=0.7)
    names = [f"{links['from'][link]} to {links['to'][link]}" for link in order]
    axes.set_xticks(places, names, rotation=90, fontsize=7, color=INK)
    axes.set(title=f"{title}, the busiest of {len(links['flits'])}", ylabel="flits per cycle", xlim=(-0.6, len(order) - 0.4))
    axes.grid(axis="y")

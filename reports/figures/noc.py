"""The figures of ``chipsim noc``: latency and throughput over offered load, power, and the links at one load."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, number, numbers, rows, value
from chipsim.quantity import digits, percent, plural, si
from reports.figures.base import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RED,
    SHARE_COLOURS,
    Drawing,
    NothingToDrawError,
    map_height,
    new_figure,
)
from reports.figures.link_map import arrow_map, bars, is_grid, link_names, on_grid_size, reading
from reports.figures.strokes import joined_by, stroke

Numbers = npt.NDArray[np.float64]

NO_PRICES = (
    "Bare routers have no prices, so nothing is known of joules. With a chip, chipsim noc --chip NAME, each load is told in joules, watts"
    " and pJ per flit; chipsim show lists the chips."
)

_SHARES = ("router", "link", "interchip")
_MOST_BARS = 12


def draw_curve(summary: Summary, _tables: Tables) -> Figure:
    """Left: latency over offered load with the empty network and the knee. Right: what was accepted, with peak and what is left beyond."""
    if not summary["points"]:
        raise NothingToDrawError("No load was measured.")
    figure, (left, right) = new_figure(4.0, 2)
    _latency(left, summary)
    _accepted(right, summary)
    return figure


def curve_caption(summary: Summary, _tables: Tables) -> str:
    """What crosses and dashes mean, and which loads are not there."""
    text = (
        "Crosses, and dashed lines: loads that the network did not carry; what it shows there depends on how long it is measured."
        " Latency is from the creation of a packet to the arrival of its last flit."
    )
    high = _cut(summary)
    if high:
        text += f" Triangles at the top: latencies beyond the scale, up to {digits(max(high))} cycles."
    missing = missing_loads(summary)
    if missing:
        text += f" Not measured, and not bridged by lines: load {', '.join(digits(one, 4) for one in missing)}."
    return text


def curve_alt(summary: Summary, tables: Tables) -> str:
    """Both panels in words, point by point."""
    told = "; ".join(
        f"load {digits(point['load'], 4)}: latency {digits(point['mean_latency'], 4)} cycles, accepted {digits(point['accepted'], 4)}"
        + ("" if point["stable"] else ", not carried")
        for point in points_of(summary)
    )
    return f"Latency and accepted load over offered load. {told}. {curve_caption(summary, tables)}"


def draw_power(summary: Summary, _tables: Tables) -> Figure:
    """Left: watts by share over offered load. Right: pJ per flit that arrived, of routers and links alone and with static power."""
    if not value(summary, "prices"):
        raise NothingToDrawError(NO_PRICES)
    found = points_of(summary)
    if not found:
        raise NothingToDrawError("No load was measured.")
    figure, (left, right) = new_figure(3.6, 2)
    load, joined, firm = _axis(summary)
    total, dynamic = (np.array([point["power_w"][name] for point in found], np.float64) for name in ("mean", "dynamic"))
    joules = np.array([point["energy_j"]["total"] - point["energy_j"]["static"] for point in found])
    for share in _SHARES:
        part = np.array([point["energy_j"][share] for point in found])
        watts = dynamic * np.divide(part, joules, out=np.zeros_like(joules), where=joules > 0)
        if np.nan_to_num(watts).any():
            stroke(left, load, watts, joined, firm, unit="W", color=SHARE_COLOURS[share], label=f"{share}s")
    stroke(
        left,
        load,
        np.array([point["power_w"]["static"] for point in found]),
        joined,
        firm,
        unit="W",
        color=MUTED,
        label="static, all cores",
    )
    stroke(left, load, total, joined, firm, unit="W", color=INK, label="all")
    left.set(title="Power", xlabel="offered load, flits per node and cycle", xlim=(0, None), ylim=(0, None))
    left.yaxis.set_major_formatter(FuncFormatter(lambda watts, _: si(watts, "W")))
    for name, colour, said in (("dynamic", GREEN, "routers and links"), ("total", INK, "with static power")):
        each = np.array([np.nan if point["pj_per_flit"][name] is None else point["pj_per_flit"][name] for point in found])
        stroke(right, load, each, joined, firm, color=colour, label=said)
    right.set(
        title="Energy of a flit that arrived, pJ",
        xlabel="offered load, flits per node and cycle",
        xlim=(0, None),
        ylim=(0, None),
    )
    for axes in (left, right):
        axes.grid(True)
        _legend(axes)
    return figure


def power_caption(summary: Summary, _tables: Tables) -> str:
    """What one flit costs, and at whose prices."""
    if not value(summary, "prices") or not summary["points"]:
        return ""
    least = min(points_of(summary), key=lambda point: point["pj_per_flit"]["total"] or np.inf)
    each = least["pj_per_flit"]
    return (
        f"At the prices of {summary['prices']}. Static power is that of all cores, whatever they do: spread over few flits it weighs most."
        f" A flit that arrived costs least at load {digits(least['load'], 4)}: {digits(each['total'], 4)} pJ with static power,"
        f" {digits(each['dynamic'], 4)} pJ in routers and links. Cores take packets in free of charge."
    )


def power_alt(summary: Summary, tables: Tables) -> str:
    """Both panels in words, point by point."""
    told = "; ".join(
        f"load {digits(point['load'], 4)}: {si(point['power_w']['mean'], 'W')}, {digits(point['pj_per_flit']['total'], 4)} pJ per flit"
        for point in points_of(summary)
    )
    return f"Power and energy per flit over offered load. {told}. {power_caption(summary, tables)}"


def draw_links(_summary: Summary, tables: Tables) -> Figure:
    """Left: every link by flits per cycle. Right: cycles that flits waited for a link each, or where none did the busiest links."""
    if not rows(tables, "links"):
        raise NothingToDrawError("A single router has no links.")
    flits, wait, names = numbers(tables, "links", "flits_per_cycle"), waits(tables), link_names(tables)
    if not (flits > 0).any():
        raise NothingToDrawError("No flit crossed any link at this load.")
    waited = bool((wait > 0).any())
    if not is_grid(tables):
        figure, axes = new_figure(0.9 + 0.2 * min(40, max(3, int((flits > 0).sum()))), 1 + waited)
        bars(axes[0], flits, names, 40, "The busiest links", "flits per cycle")
        if waited:
            bars(axes[1], wait, names, 40, "Where flits waited longest", "cycles per flit")
        return figure
    width, height = on_grid_size(tables)
    figure, axes = new_figure(map_height(width, height), 2, [1, 1] if waited else [1.2, 1])
    arrow_map(axes[0], "Flits per cycle", flits, tables)
    axes[0].set_ylabel("row")
    if waited:
        arrow_map(axes[1], "Mean wait for the link, cycles per flit", wait, tables)
    else:
        most = min(_MOST_BARS, max(3, int((map_height(width, height) - 0.8) / 0.24)))  # a bar needs a quarter of an inch
        bars(axes[1], flits, names, most, "The busiest links", "flits per cycle")
    return figure


def links_caption(summary: Summary, tables: Tables) -> str:
    """At which load, and which link was busiest."""
    load = numbers(tables, "at", "load")[0]
    point = next(one for one in summary["points"] if one["load"] == load)
    flits, wait, names = numbers(tables, "links", "flits_per_cycle"), waits(tables), link_names(tables)
    of = "the highest that was carried" if point["stable"] else "the lowest, as none was carried"
    text = f"At load {digits(load, 4)}, {of}."
    if not len(flits) or not (flits > 0).any():
        return text
    top = int(flits.argmax())
    text += (
        f" {plural(int((flits > 0).sum()), 'directed link')} of {len(flits):,} carried flits; the busiest, {names[top]},"
        f" {digits(float(flits[top]))} flits per cycle, the mean of all {digits(float(flits.mean()))}."
    )
    if (wait > 0).any():
        slowest = int(wait.argmax())
        text += (
            f" Flits waited longest, {digits(float(wait[slowest]))} cycles each, for {names[slowest]}: for a virtual channel, a credit or"
            " the switch."
        )
    return (
        f"{text} {reading(tables)}"
        if is_grid(tables)
        else f"{text} The links have no place on a plane, so the busiest are listed."
    )


def links_alt(summary: Summary, tables: Tables) -> str:
    """The map in words."""
    return f"The links of the network by flits per cycle. {links_caption(summary, tables)}"


def points_of(summary: Summary) -> list[dict[str, Any]]:
    """Points by ascending load."""
    return sorted(summary["points"], key=lambda point: float(point["load"]))


def missing_loads(summary: Summary) -> list[float]:
    """Loads that were asked for and not measured."""
    return sorted(set(value(summary, "loads_asked") or ()) - {point["load"] for point in summary["points"]})


def waits(tables: Tables) -> Numbers:
    """float64[links] cycles that flits in front waited per flit that crossed; 0 but for wormhole routers."""
    flits = numbers(tables, "links", "flits")
    stalled = sum((numbers(tables, "links", f"stalled_{cause}") for cause in ("vc", "credit", "switch")), np.zeros(len(flits)))
    return np.divide(stalled, flits, out=np.zeros(len(flits)), where=flits > 0)


def _axis(summary: Summary) -> tuple[Numbers, list[bool], list[bool]]:
    """Loads, whether each is the neighbour of the next, whether each was carried."""
    found = points_of(summary)
    load = [float(point["load"]) for point in found]
    return np.array(load), joined_by(value(summary, "loads_asked") or load, load), [bool(point["stable"]) for point in found]


def _top(summary: Summary) -> float | None:
    """End of the scale of latency: what a saturated network shows would hide the rest."""
    empty = number(summary, "zero_load")
    if empty is None:
        return None
    carried = [float(p["mean_latency"]) for p in summary["points"] if p["stable"] and p["mean_latency"] is not None]
    return 1.05 * max([6 * empty, *carried])


def _cut(summary: Summary) -> list[float]:
    """Mean latencies beyond the scale."""
    top = _top(summary)
    return [] if top is None else [p["mean_latency"] for p in summary["points"] if (p["mean_latency"] or 0.0) > top]


def _latency(axes: Axes, summary: Summary) -> None:
    load, joined, firm = _axis(summary)
    top = _top(summary)
    for key, name, colour in (
        ("p99_latency", "99 of 100 packets", ORANGE),
        ("network_latency", "mean without the source queue", GREEN),
        ("mean_latency", "mean", BLUE),
    ):
        cycles = np.array([np.nan if p[key] is None else p[key] for p in points_of(summary)], float)
        stroke(axes, load, cycles, joined, firm, color=colour, label=name)
        if top is not None and (high := load[cycles > top]).size:
            axes.plot(high, np.full(len(high), top), marker="^", markersize=6, linestyle="", color=colour, clip_on=False)
    empty, knee = number(summary, "zero_load"), number(summary, "knee")
    if empty is not None:
        axes.axhline(empty, color=MUTED, linestyle=":", label=f"empty network, {digits(empty, 4)}")
        axes.set_ylim(0, top)
    if knee is not None:
        axes.axvline(knee, color=RED, linestyle="--", linewidth=1, label=f"knee, load {digits(knee, 4)}")
    axes.set(title="Packet latency, cycles", xlabel="offered load, flits per node and cycle", xlim=(0, None))
    axes.grid(True)
    _legend(axes)


def _accepted(axes: Axes, summary: Summary) -> None:
    found = points_of(summary)
    load, joined, firm = _axis(summary)
    axes.plot([0, load.max()], [0, load.max()], color=MUTED, linestyle=":", label="all that is offered")
    stroke(axes, load, np.array([p["accepted"] for p in found], float), joined, firm, color=BLUE, label="accepted")
    peak, beyond, capacity = (value(summary, name) for name in ("peak", "beyond", "capacity"))
    if capacity is not None:
        axes.axhline(capacity, color=MUTED, linestyle="--", linewidth=1, label=f"capacity, {digits(capacity, 4)}")
    for point, name, marker, colour in ((peak, "peak", "*", GREEN), (beyond, "beyond", "D", PURPLE)):
        if point is not None:
            share = f" ({percent(point['accepted'] / peak['accepted'])})" if name != "peak" and peak["accepted"] else ""
            said = f"{name}, {digits(point['accepted'])}{share}"
            size = 11 if marker == "*" else 6
            axes.plot(point["load"], point["accepted"], marker=marker, markersize=size, linestyle="", color=colour, label=said)
    axes.set(
        title="Accepted, flits per node and cycle",
        xlabel="offered load, flits per node and cycle",
        xlim=(0, None),
        ylim=(0, None),
    )
    axes.grid(True)
    _legend(axes)


def _legend(axes: Axes) -> None:
    """Below the panel: over the lines it would hide them."""
    axes.legend(fontsize=8.5, loc="upper left", bbox_to_anchor=(-0.02, -0.17), ncols=2, columnspacing=1.2, handlelength=1.6)


DRAWINGS = (
    Drawing("curve", "Latency and throughput against load", draw_curve, curve_caption, curve_alt),
    Drawing("power", "Power and energy per flit against load", draw_power, power_caption, power_alt),
    Drawing("links", "The links at one load", draw_links, links_caption, links_alt),
)

"""The figures of ``chipsim scale``: power over neurons, cores, what it took, and the rates that follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from chipsim.lookup import Summary, Tables
from chipsim.quantity import count, digits, si
from reports.figures.base import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ONE_PANEL,
    ORANGE,
    RED,
    Drawing,
    NothingToDrawError,
    log_ticks,
    new_figure,
)
from reports.figures.strokes import joined_by, stroke

Point = dict[str, Any]
Series = tuple[float | None, str]

MILLION = 1_000_000

_MARKS = "osD^vP*X"
_COLOURS = (BLUE, ORANGE, GREEN, RED)
_TICKS = 6


def series_of(points: Sequence[Point]) -> dict[Series, list[Point]]:
    """Points by (rate, matching mode), each in the order of size."""
    found: dict[Series, list[Point]] = {}
    for point in sorted(points, key=lambda one: int(one["size"])):
        found.setdefault((point["rate"], str(point.get("match") or "")), []).append(point)
    return found


def missing_points(summary: Summary) -> list[str]:
    """Points that were asked for and not run, in words."""
    asked = summary.get("asked") or {}
    got = {(point["size"], point["rate"], str(point.get("match") or "")) for point in summary["points"]}
    every = [
        (size, rate, match)
        for size in asked.get("sizes", ())
        for rate in asked.get("rates", ())
        for match in asked.get("matches", ("",))
    ]
    return [f"{count(size)} neurons{at(rate, match)}" for size, rate, match in every if (size, rate, match) not in got]


def at(rate: float | None, match: str) -> str:
    """A rate and a matching mode behind a size."""
    return "".join((f" at {si(rate, 'Hz')}" if rate is not None else "", f", {match}" if match else ""))


def core_mw(point: Point) -> float | None:
    """Bottom-up power of a core in use in mW."""
    cores = point["claim"]["cores_in_use"]
    return 1e3 * point["claim"]["watts"] / cores if cores else None


def whole_s(point: Point) -> float:
    """Seconds of all stages of a point."""
    return float(sum(point["wall_s"].values()))


def projected(summary: Summary) -> dict[Series, tuple[Point, float]]:
    """For each series that does not reach 10^6 neurons: its largest point that ran to its end, and watts at 10^6 by what that one says."""
    found = {}
    for series, mine in series_of(summary["points"]).items():
        done = [point for point in mine if point["status"] != "interrupted"]
        if done and done[-1]["size"] < MILLION and done[-1]["claim"].get("at_1e6", {}).get("watts") is not None:
            found[series] = done[-1], float(done[-1]["claim"]["at_1e6"]["watts"])
    return found


def draw_power(summary: Summary, _tables: Tables) -> Figure:
    """Left: envelope, static and bottom-up watts over neurons, what is extrapolated to 10^6 hollow. Right: mW of a core against the budget."""
    points = _some(summary)
    figure, (left, right) = new_figure(4.0, 2)
    envelope = {int(p["size"]): p["power_w"]["envelope"] for p in points if p["power_w"]["envelope"] is not None}
    if envelope:
        nominal = sorted(envelope)
        left.plot(
            nominal, [envelope[size] for size in nominal], color=INK, linestyle="--", label="envelope: nominal cores × budget"
        )
    _each(left, summary, lambda point: point["claim"]["watts"], "bottom-up", "W")
    later = projected(summary)
    for number, series in enumerate(series_of(points)):
        if series not in later:
            continue
        last, watts = later[series]
        ends = [last["size"], MILLION], [last["claim"]["watts"], watts]
        left.plot(*ends, color=_COLOURS[number % len(_COLOURS)], linestyle=":", linewidth=1.0)
        left.plot(
            MILLION,
            watts,
            marker="o",
            markersize=6,
            markerfacecolor="none",
            linestyle="",
            color=_COLOURS[number % len(_COLOURS)],
        )
    if later:
        left.plot(
            [], [], marker="o", markersize=6, markerfacecolor="none", linestyle=":", color=MUTED, label="extrapolated to 10⁶"
        )
    _log(left, "Power", "W")
    _each(right, summary, core_mw, "core in use")
    budget = points[0]["power_per_core_mw"]["budget"]
    if budget is not None:
        right.axhline(budget, color=INK, linestyle="--", label=f"budget, {digits(budget)} mW")
    right.set(title="Power of a core in use, mW", ylim=(0, None))
    _neurons(right)
    _finish(left, right)
    return figure


def draw_cores(summary: Summary, _tables: Tables) -> Figure:
    """Left: nominal cores and those used. Right: how full the cores that hold neurons are, by slots and by memory."""
    points = _some(summary)
    figure, (left, right) = new_figure(3.6, 2)
    nominal = sorted({(int(p["size"]), int(p["claim"]["cores"])) for p in points})
    left.plot(*zip(*nominal, strict=True), color=INK, linestyle="--", label="nominal: neurons / neurons per core")
    placed = _by_placing(summary)
    _each(left, placed, lambda point: point["mapping"]["cores_used"], "hold neurons")
    _log(left, "Cores", "")
    _each(right, placed, lambda point: 100 * point["mapping"]["max_core_fill"], "places for neurons")
    _each(right, placed, lambda point: _filled(point), "memory", hollow="--")
    right.set(title="The fullest core, % of what it has", ylim=(0, 105))
    _neurons(right)
    _finish(left, right)
    return figure


def draw_took(summary: Summary, _tables: Tables) -> Figure:
    """Left: seconds of this machine, all stages and the run alone. Right: peak memory of the process."""
    _some(summary)
    figure, (left, right) = new_figure(3.6, 2)
    _each(left, summary, whole_s, "all stages", "s")
    _each(left, summary, lambda point: point["wall_s"]["run"], "the run alone", "s", hollow="--")
    _log(left, "Wall time", "s")
    _each(right, summary, lambda point: point["peak_rss_bytes"], "process, at most so far", "B")
    _log(right, "Memory", "B")
    _finish(left, right)
    return figure


def draw_rates(summary: Summary, _tables: Tables) -> Figure:
    """The rate that each point ran at, and hollow, as it is worked out and was not run, what the budget pays for."""
    points = _some(summary)
    if not any(point["claim"].get("break_even_rate_hz") for point in points):
        raise NothingToDrawError("No input came or no budget is set, so nothing is known of rates.")
    figure, (axes,) = new_figure(3.8, width=ONE_PANEL)
    _each(axes, summary, lambda point: point["claim"].get("rate_hz") or None, "run", "Hz")
    _each(axes, summary, lambda point: point["claim"].get("max_rate_hz") or None, "first limit", "Hz", hollow="--")
    _each(axes, summary, lambda point: point["claim"].get("break_even_rate_hz") or None, "mean core", "Hz", hollow=":")
    _log(axes, f"{points[0]['claim']['rate_of'].capitalize()}s per second of the whole chip", "Hz")
    _finish(axes)
    return figure


def power_caption(summary: Summary, _tables: Tables) -> str:
    """What is run and what is not, and which points are missing."""
    text = (
        "Filled marks are runs: static power of the cores that hold anything or worked, and all that was done. The envelope is what the"
        " budget allows to the nominal number of cores."
    )
    later = projected(summary)
    if later:
        told = ", ".join(f"{si(watts, 'W')}{at(*series)}" for series, (_, watts) in later.items())
        text += f" Hollow: 10⁶ neurons, extrapolated at the fill and the power per core of the largest network that was run: {told}."
    if any(point["status"] == "interrupted" for point in summary["points"]):
        text += " A cross is a run that was interrupted."
    missing = missing_points(summary)
    if missing:
        text += f" Not run, and not bridged by lines: {'; '.join(missing)}."
    return text


def cores_caption(summary: Summary, _tables: Tables) -> str:
    """Why there are more than nominal."""
    last = max(summary["points"], key=lambda point: int(point["size"]))
    memory = last["mapping"].get("max_memory_fill")
    text = (
        f"{count(last['size'])} neurons lie on {count(last['mapping']['cores_used'])} cores; at {last['chip']['neurons_per_core']} per core"
        f" {count(last['claim']['cores'])} would do."
    )
    if memory is not None and memory > 1:
        text += f" The fullest core would need {digits(memory)} times its memory; spiking networks of this series are not held to it."
    elif memory is not None:
        text += f" The fullest memory of a core is filled to {digits(100 * memory)} %."
    return text


def took_caption(summary: Summary, _tables: Tables) -> str:
    """What is in the seconds and bytes."""
    text = "Wall time of this machine, with whatever else it did; reading and mapping a size is done once and counted at each of its rates."
    return text + " Memory is the most that the process had taken by then, so it never falls."


def rates_caption(summary: Summary, _tables: Tables) -> str:
    """How the rates that did not run are known."""
    del summary
    return (
        "Filled: what ran. Hollow: worked out from that run, and not run. Power is affine in the rate, so one run tells at which rate the"
        " budget is used up: of the mean core, that is by all powered cores together; the first limit is the lowest of all (hottest core, time"
        " of cores and links, quorum)."
    )


def words(summary: Summary, tables: Tables) -> str:
    """All points in words, for those who cannot see the figures."""
    del tables
    told = []
    for point in summary["points"]:
        each = core_mw(point)
        told.append(
            f"{count(point['size'])} neurons{at(point['rate'], str(point.get('match') or ''))}: {count(point['mapping']['cores_used'])} cores,"
            f" {si(point['claim']['watts'], 'W')}, {'unknown' if each is None else digits(each)} mW per core in use,"
            f" {si(whole_s(point), 's')}, {si(point['peak_rss_bytes'], 'B')}"
        )
    return f"{'; '.join(told)}."


def _some(summary: Summary) -> list[Point]:
    points: list[Point] = list(summary["points"])
    if not points:
        raise NothingToDrawError("No point was run.")
    return points


def _by_placing(summary: Summary) -> Summary:
    """The points of the first rate alone: where neurons lie does not hang on it."""
    rate = summary["points"][0]["rate"]
    return {**summary, "points": [{**point, "rate": None} for point in summary["points"] if point["rate"] == rate]}


def _filled(point: Point) -> float | None:
    """Share of the fullest core's memory in per cent; None where cores are not held to it and it is more than there is."""
    share = point["mapping"].get("max_memory_fill")
    return None if share is None or share > 1 else 100.0 * float(share)


def _each(
    axes: Axes, summary: Summary, of: Callable[[Point], float | None], name: str, unit: str = "", hollow: str = ""
) -> None:
    """A line per series; a point that was interrupted is a cross, and nothing bridges one that is missing.

    Args:
        axes: where.
        summary: with the points.
        of: what is drawn.
        name: of the line, before rate and matching mode.
        unit: of what is drawn, for what marks say.
        hollow: how lines are dashed; marks are then hollow.
    """
    asked = (summary.get("asked") or {}).get("sizes") or [point["size"] for point in summary["points"]]
    for number, ((rate, match), mine) in enumerate(series_of(summary["points"]).items()):
        size = [int(point["size"]) for point in mine]
        values = np.array([np.nan if (one := of(point)) is None else float(one) for point in mine])
        told = ", ".join(part for part in ("" if rate is None else si(rate, "Hz"), match) if part)
        stroke(
            axes,
            np.array(size, float),
            values,
            joined_by(sorted(asked), size),
            [point["status"] != "interrupted" for point in mine],
            _MARKS[number % len(_MARKS)],
            unit,
            hollow,
            color=_COLOURS[number % len(_COLOURS)],
            label=f"{name}, {told}" if told else name,
        )


def _neurons(axes: Axes) -> None:
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xticks(log_ticks(low, high, _TICKS))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda neurons, _: si(neurons, "").strip()))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.set_xlim(low, high)
    axes.set_xlabel("neurons")
    axes.grid(True)


def _log(axes: Axes, title: str, unit: str) -> None:
    """Both axes logarithmic, with few ticks that can be read."""
    axes.set_title(title)
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.set_yticks(log_ticks(low, high, _TICKS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: si(number, unit).strip()))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(low, high)
    _neurons(axes)


def _finish(*panels: Axes) -> None:
    """Legends below the panels: over the lines they would hide them."""
    for axes in panels:
        handles, labels = axes.get_legend_handles_labels()
        if handles:
            axes.legend(
                handles,
                labels,
                fontsize=8.5,
                loc="upper left",
                bbox_to_anchor=(-0.02, -0.19),
                ncols=1 if len(labels) < 3 else 2,
            )


DRAWINGS = (
    Drawing("power", "Power against neurons", draw_power, power_caption, words),
    Drawing("cores", "Cores against neurons", draw_cores, cores_caption, words),
    Drawing("rates", "Rates: simulated and extrapolated", draw_rates, rates_caption, words),
    Drawing("took", "Wall time and memory", draw_took, took_caption, words),
)

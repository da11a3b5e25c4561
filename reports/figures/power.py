"""Power per core against its budget: what a core draws now, what it drew at other rates, and where the budget is used up."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from chipsim.errors import ConfigError
from chipsim.lookup import Summary, Tables, number, texts, value
from chipsim.quantity import digits, rate, si
from chipsim.units import parse_power_mw
from reports.figures import hover
from reports.figures.base import BLUE, INK, MUTED, ORANGE, RED, Drawing, NothingToDrawError, new_figure
from reports.run import counted

MW = 1e-3
LIMITS = {
    "mean_power": "mean core at its budget",
    "hottest_core": "hottest core at its budget",
    "core_time": "busiest core full",
    "link": "busiest link full",
    "wta_quorum": "WTA quorum of a root",
    "steps": "steps without a pause",
    "round_trip": "events wait for each other",
}


def draw(summary: Summary, tables: Tables) -> Figure:
    """Left: mean and hottest core, static and dynamic, beside the budget. Right: both over the rate of events, measured points marked."""
    if number(summary, "power_per_core_mw.mean") is None:
        raise NothingToDrawError("No chip time passed in this run, so there is no power to hold against the budget.")
    figure, axes = new_figure(4.4, 2, [1, 1.2])
    _bars(axes[0], summary, tables)
    _over_rate(axes[1], summary)
    if axes[1].axison:  # both are mW per core
        top = max(one.get_ylim()[1] for one in axes)
        for one in axes:
            one.set_ylim(0, top)
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """How much of the budget is used, by what, and where it would end."""
    mean, budget = number(summary, "power_per_core_mw.mean"), number(summary, "power_per_core_mw.budget")
    static, of = _static(summary), counted(summary)
    allowed = f"the budget is {_mw(budget)}" if budget is not None else "no budget is set for this chip"
    text = f"A core draws {_mw(mean)} on average, static {_mw(static)} of it; {allowed}. "
    spread = spread_mw(tables, "power.static_per_core")
    if spread:
        text += f"The static figure is a stand-in, plausible from {_mw(spread[0])} to {_mw(spread[1])} (thin line). "
    text += "Both count what happens inside a core and its part of routers and links. "
    room = number(summary, "claim.break_even_static_mw")
    if room is not None and room < 0:
        text += "This activity alone takes more than the budget, whatever the static power. "
    elif room:
        text += f"With this activity the mean core keeps it as long as static power stays below {digits(room, 5)} mW. "
    for name in ("mean_power", "hottest_core"):
        limit = value(summary, f"claim.limits.{name}") or {}
        if limit.get("rate_hz"):
            text += f"{LIMITS[name][:1].upper()}{LIMITS[name][1:]}: {rate(limit['rate_hz'], of)} ({limit['how'].replace('_', ' ')}). "
    passes = [one for one in value(summary, "claim.points") or [] if one["what"] != "run"]
    if passes:
        listed = " and ".join(f"{one['what']} at {rate(one['rate_hz'], of)}" for one in passes)
        text += f"Marks are measured: this run, {listed}. "
    binding = value(summary, "claim.limit")
    if binding == "memory":
        text += "Memory is what ran out first: novelties found no room in this run."
    elif binding in LIMITS:
        text += f"What binds first: {LIMITS[binding]}, at {rate(number(summary, 'claim.max_rate_hz'), of)}."
    return text.strip()


def alt(summary: Summary, tables: Tables) -> str:
    """The figure in words."""
    shown = "Bars of power per core beside the line of the budget; power of the mean and the hottest core over the event rate."
    return f"{shown} {caption(summary, tables)}"


def spread_mw(tables: Tables, path: str) -> tuple[float, float] | None:
    """Lowest and highest plausible value of a power constant in mW, None where its table row gives no range."""
    for one, text in zip(texts(tables, "constants", "path"), texts(tables, "constants", "range"), strict=True):
        if one in (path, f"chip.{path}"):
            parts = [part.strip(" []()'\"") for part in text.replace(" to ", ",").replace("..", ",").split(",")]
            try:
                low, high = (parse_power_mw(part) for part in parts)
            except (ConfigError, ValueError):
                return None
            return low, high
    return None


def _mw(value_mw: float | None) -> str:
    return f"{digits(value_mw, 4)} mW"


def _static(summary: Summary) -> float:
    """Static power per powered core in mW."""
    static, cores = number(summary, "power_w.static"), number(summary, "chip.cores")
    return static / cores / MW if static is not None and cores else 0.0


def _bars(axes: Axes, summary: Summary, tables: Tables) -> None:
    mean, highest = number(summary, "power_per_core_mw.mean") or 0.0, number(summary, "power_per_core_mw.max")
    static, budget = _static(summary), number(summary, "power_per_core_mw.budget")
    shown = [("mean core", mean)] + ([("hottest core", highest)] if highest is not None else [])
    for place, (_, total) in enumerate(shown):
        name = shown[place][0]
        low = axes.bar(place, static, 0.5, color=MUTED, label="static" if not place else None)
        high = axes.bar(place, total - static, 0.5, bottom=static, color=BLUE, label="dynamic" if not place else None)
        hover.bars(axes, low, [f"{name}: static {_mw(static)}"])
        hover.bars(axes, high, [f"{name}: dynamic {si((total - static) * MW, 'W', 4)}, in all {_mw(total)}"])
        said = f"{digits(total, 4)} mW\n({si((total - static) * MW, 'W')} dynamic)"
        axes.text(place, total, said, ha="center", va="bottom", fontsize=8)
    top = max([total for _, total in shown] + ([budget] if budget else []))
    spread = spread_mw(tables, "power.static_per_core")
    if spread:
        axes.vlines(-0.36, *spread, color=MUTED, linewidth=1.6)
        axes.hlines(spread, -0.4, -0.32, color=MUTED, linewidth=1.6)
        top = max(top, spread[1])
    if budget:
        axes.axhline(budget, color=RED, linewidth=1.6)
        # Between the bars, where none can hide it.
        axes.text(0.5, budget, f"budget {_mw(budget)}", color=RED, ha="center", va="bottom", fontsize=9)
    axes.set_xticks(range(len(shown)), [name for name, _ in shown])
    axes.set(xlim=(-0.55, 1.55), ylim=(0, top * 1.4), ylabel="mW per core", title="In this run")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda mw, _: digits(mw)))
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y")
    axes.legend(loc="upper left", fontsize=8.5, ncols=2)


def _over_rate(axes: Axes, summary: Summary) -> None:
    """Power of the mean core and the hottest one over events per second: static + energy per event x rate, and what was measured."""
    axes.set_title(f"At other rates of the same kind of {counted(summary)}")
    static, budget = _static(summary), number(summary, "power_per_core_mw.budget")
    points = [one for one in value(summary, "claim.points") or [] if one["rate_hz"]]
    if not points or max(one["mean_mw"] for one in points) <= static:
        said = f"No {counted(summary)}, no dynamic energy: nothing to scale."
        axes.text(0.02, 0.5, said, transform=axes.transAxes, color=MUTED)
        axes.set_axis_off()
        return
    marks = {name: at for name in LIMITS if (at := number(summary, f"claim.limits.{name}.rate_hz"))}
    known = [float(one["rate_hz"]) for one in points] + list(marks.values())
    rates = np.geomspace(min(known) / 4, max(known) * 4, 300)
    fastest = max(points, key=lambda one: float(one["rate_hz"]))
    top = max(2 * (budget or 0.0), 1.5 * static, 1.2 * max(one["hottest_mw"] for one in points))
    for key, name, colour, mark in (("mean_mw", "mean core", BLUE, "o"), ("hottest_mw", "hottest core", ORANGE, "s")):
        slope = (fastest[key] - static) / fastest["rate_hz"]
        axes.plot(rates, static + slope * rates, color=colour, linewidth=2, label=name)
        measured = [(one["rate_hz"], one[key]) for one in points]
        axes.plot(*zip(*measured, strict=True), mark, color=colour, markersize=6, label=f"{name}, measured")
        values = [f"{name} at {rate(hz, counted(summary))}: {_mw(mw)}" for hz, mw in measured]
        hover.points(axes, [hz for hz, _ in measured], [mw for _, mw in measured], values)
    if budget:
        axes.axhline(budget, color=RED, linewidth=1.6)
    styles = {
        "mean_power": (BLUE, "-"),
        "hottest_core": (ORANGE, "-"),
        "core_time": (INK, "--"),
        "link": (INK, ":"),
        "wta_quorum": (INK, "-."),
        "steps": (INK, "-."),
        "round_trip": (INK, "-."),
    }
    for name, where in sorted(marks.items(), key=lambda mark: mark[1]):
        colour, style = styles[name]
        axes.axvline(where, color=colour, linestyle=style, linewidth=1.4, label=LIMITS[name])
    reach = number(summary, "claim.max_rate_hz")
    if reach:
        axes.axvspan(reach, rates[-1], color=INK, alpha=0.07, linewidth=0)
    axes.set(xscale="log", xlim=(rates[0], rates[-1]), ylim=(0, top), xlabel=f"{counted(summary)} per second, whole chip")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda mw, _: digits(mw)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda hz, _: si(hz, "").strip()))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y")
    axes.legend(loc="upper left", bbox_to_anchor=(-0.03, -0.2), fontsize=8, ncols=2)


DRAWING = Drawing("power", "Power per core against the budget", draw, caption, alt)

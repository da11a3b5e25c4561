"""Power per core against its budget: what a core draws now, and at which rate of events the budget would be used up."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from chipsim.errors import ConfigError
from chipsim.lookup import Summary, Tables, number, texts, value
from chipsim.quantity import digits, rate, si
from chipsim.units import parse_power_mw
from reports.figures.base import BLUE, INK, MUTED, ORANGE, RED, Drawing, NothingToDrawError, new_figure
from reports.run import counted

MW = 1e-3
LIMITS = {
    "energy": "energy budget",
    "core_time": "busiest core full",
    "link": "busiest link full",
    "wta_quorum": "WTA quorum of a root",
}


def draw(summary: Summary, tables: Tables) -> Figure:
    """Left: mean and hottest core, static and dynamic, beside the budget. Right: mean power over the rate of events."""
    if number(summary, "power_per_core_mw.mean") is None:
        raise NothingToDrawError("No chip time passed in this run, so there is no power to hold against the budget.")
    figure, axes = new_figure(3.9, 2, [1, 1.2])
    _bars(axes[0], summary, tables)
    _over_rate(axes[1], summary)
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """How much of the budget is used, by what, and where it would end."""
    mean, budget = number(summary, "power_per_core_mw.mean"), number(summary, "power_per_core_mw.budget")
    static, of = _static(summary), counted(summary)
    text = f"A core draws {_mw(mean)} on average, static {_mw(static)} of it; the budget is {_mw(budget)}. "
    spread = spread_mw(tables, "power.static_per_core")
    if spread:
        text += f"The static figure is a stand-in, plausible from {_mw(spread[0])} to {_mw(spread[1])} (thin line). "
    text += "Both count what happens inside a core and its part of routers and links. "
    room = number(summary, "claim.break_even_static_mw")
    if room is not None and room < 0:
        text += "This activity alone takes more than the budget, whatever the static power. "
    elif room:
        text += f"With this activity the budget holds as long as a core's static power stays below {digits(room, 5)} mW. "
    if (even := number(summary, "claim.break_even_rate_hz")) is not None:
        now = number(summary, "claim.rate_hz")
        text += f"With this static power it pays for {rate(even, of)} on the whole chip"
        text += f", {digits(even / now)} times the rate of this run. " if now and even else ". "
    binding = value(summary, "claim.limit")
    if binding == "memory":
        text += "Memory is what ran out first: novelties found no room in this run. "
    elif binding in LIMITS and binding != "energy":
        text += f"Another limit comes first: {LIMITS[binding]}, at {rate(number(summary, f'claim.limits.{binding}'), of)}."
    return text.strip()


def alt(summary: Summary, tables: Tables) -> str:
    """The figure in words."""
    return f"Bars of power per core beside the line of the budget; mean power over the event rate. {caption(summary, tables)}"


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
        axes.bar(place, static, 0.5, color=MUTED, label="static" if not place else None)
        axes.bar(place, total - static, 0.5, bottom=static, color=BLUE, label="dynamic" if not place else None)
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
    axes.set(xlim=(-0.55, 1.55), ylim=(0, top * 1.22), ylabel="mW per core", title="In this run")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda mw, _: digits(mw)))
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y")
    axes.legend(loc="upper left", fontsize=8.5, ncols=2)


def _over_rate(axes: Axes, summary: Summary) -> None:
    """Mean power per core over events per second: static + energy per event x rate / cores."""
    axes.set_title(f"At other rates of the same kind of {counted(summary)}")
    cores, now = number(summary, "chip.cores"), number(summary, "claim.rate_hz")
    static, mean = _static(summary), number(summary, "power_per_core_mw.mean") or 0.0
    budget = number(summary, "power_per_core_mw.budget")
    if not now or not cores or mean <= static:
        axes.text(
            0.02, 0.5, f"No {counted(summary)}, no dynamic energy: nothing to scale.", transform=axes.transAxes, color=MUTED
        )
        axes.set_axis_off()
        axes.set_title(f"At other rates of the same kind of {counted(summary)}")
        return
    slope = (mean - static) / now
    marks = {name: at for name in LIMITS if (at := number(summary, f"claim.limits.{name}"))}
    points = [now, *marks.values()]
    rates = np.geomspace(min(points) / 4, max(points) * 4, 300)
    power = static + slope * rates
    top = max(2 * (budget or 0.0), 1.5 * static, mean * 1.2)
    axes.plot(rates, power, color=BLUE, linewidth=2, label="mean core")
    if budget:
        axes.axhline(budget, color=RED, linewidth=1.6)
    axes.plot([now], [mean], "o", color=BLUE, markersize=7, label="this run")
    styles = {"energy": (RED, "-"), "core_time": (ORANGE, "--"), "link": (INK, ":"), "wta_quorum": (INK, "-.")}
    for name, at in sorted(marks.items(), key=lambda mark: mark[1]):
        colour, style = styles[name]
        axes.axvline(at, color=colour, linestyle=style, linewidth=1.4, label=LIMITS[name])
    first = min(marks.values(), default=None)
    if first is not None:
        axes.axvspan(first, rates[-1], color=INK, alpha=0.07, linewidth=0)
    axes.set(xscale="log", xlim=(rates[0], rates[-1]), ylim=(0, top), xlabel=f"{counted(summary)} per second, whole chip")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda mw, _: digits(mw)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda hz, _: si(hz, "").strip()))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y")
    axes.legend(loc="upper left", bbox_to_anchor=(-0.03, -0.2), fontsize=8.5, ncols=3)


DRAWING = Drawing("power", "Power per core against the budget", draw, caption, alt)

"""Power over chip time: the mean core above its static floor, beside the budget, and what activity alone took, by part of the chip."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, number, numbers, rows
from chipsim.quantity import digits, plural, si
from reports.figures import hover
from reports.figures.base import BLUE, MUTED, RED, SHARE_COLOURS, Drawing, NothingToDrawError, new_figure

Floats = npt.NDArray[np.float64]

SHARES = ("core", "router", "link", "interchip")
"""Dynamic shares that the budget is held against."""

S_PER_PS, W_PER_MW = 1e-12, 1e-3


@dataclass(frozen=True, slots=True)
class _Course:
    """Power over time.

    Attributes:
        edges: float64[n + 1], s, where intervals begin and end.
        shares: float64[n] watts per core by share that took anything.
        static: watts per core.
    """

    edges: Floats
    shares: dict[str, Floats]
    static: float

    @property
    def dynamic(self) -> Floats:
        """float64[n], watts per core without the static floor."""
        return np.sum(list(self.shares.values()), axis=0) if self.shares else np.zeros(len(self.edges) - 1)


def draw(summary: Summary, tables: Tables) -> Figure:
    """Left: power of the mean core over time. Right: what activity took of it, by share.

    Raises:
        NothingToDrawError: the run kept no counts over time, or nothing happened.
    """
    if number(summary, "power_per_core_mw.mean") is None:
        raise NothingToDrawError("No chip time passed in this run, so there is no power over time.")
    if not rows(tables, "timeline"):
        raise NothingToDrawError(
            "This run kept no counts over time: it was too short for two intervals, or an earlier version ran it."
        )
    course = _course(summary, tables)
    if not course.dynamic.any():
        raise NothingToDrawError(
            f"Nothing happened on the chip that costs energy: a core drew its static {_mw(course.static)} all the time."
        )
    figure, axes = new_figure(3.3, 2)
    _whole(axes[0], course, summary)
    _activity(axes[1], course)
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """Least and most, when, against what, and over how long each value is a mean."""
    if not rows(tables, "timeline"):
        return ""
    course = _course(summary, tables)
    power, budget = course.static + course.dynamic, number(summary, "power_per_core_mw.budget")
    top, widths = int(power.argmax()), np.diff(course.edges)
    lasting, begin, end = (si(float(at), "s") for at in (np.median(widths), course.edges[top], course.edges[top + 1]))
    text = (
        f"The mean core over {plural(len(power), 'interval')} of {lasting}: from {_mw(power.min())} to {_mw(power.max())}, static"
        f" {_mw(course.static)} of it. Activity took most from {begin} to {end}, {si(course.dynamic[top], 'W')} per core,"
        f" {digits(course.dynamic[top] / _mean(course))} times its mean. "
    )
    if budget is not None:
        over = int((power > budget * W_PER_MW).sum())
        text += (
            f"The budget of {_mw(budget * W_PER_MW)} is kept in every interval. "
            if not over
            else f"The budget of {_mw(budget * W_PER_MW)} is passed in {over} of them. "
        )
    return text + "What is shorter than an interval is averaged over it, and so are the cores: the hottest one is not followed."


def alt(summary: Summary, tables: Tables) -> str:
    """Both panels in words."""
    return (
        f"Power of the mean core over chip time, and what activity took of it by part of the chip. {caption(summary, tables)}"
    )


def _course(summary: Summary, tables: Tables) -> _Course:
    begin, end = (numbers(tables, "timeline", name) * S_PER_PS for name in ("begin_ps", "end_ps"))
    joules = {name: numbers(tables, "timeline", f"{name}_j") for name in SHARES}
    if (
        len(begin) > 1 and 2 * (end[-1] - begin[-1]) < end[-2] - begin[-2]
    ):  # a short rest would stand out for its shortness alone
        end = np.r_[end[:-2], end[-1]]
        joules = {name: np.r_[each[:-2], each[-2] + each[-1]] for name, each in joules.items()}
        begin = begin[:-1]
    cores = number(summary, "chip.cores") or 1.0
    static = (number(summary, "power_w.static") or 0.0) / cores
    watts = {name: each / (end - begin) / cores for name, each in joules.items() if each.any()}
    return _Course(np.r_[begin, end[-1]], watts, static)


def _mean(course: _Course) -> float:
    """Mean of the watts per core that activity took."""
    widths = np.diff(course.edges)
    return float(course.dynamic @ widths / widths.sum())


def _whole(axes: Axes, course: _Course, summary: Summary) -> None:
    power, budget = (course.static + course.dynamic) / W_PER_MW, number(summary, "power_per_core_mw.budget")
    static = np.full(len(power), course.static / W_PER_MW)
    axes.stairs(static, course.edges, fill=True, color=MUTED, alpha=0.55, label="static")
    axes.stairs(power, course.edges, baseline=static, fill=True, color=BLUE, label="activity")
    axes.stairs(power, course.edges, baseline=None, color=BLUE, linewidth=1.4)
    if budget:
        axes.axhline(budget, color=RED, linewidth=1.6, label=f"budget {_mw(budget * W_PER_MW)}")
    top = max(float(power.max()), budget or 0.0)
    axes.set(ylim=(0, top * 1.25), title="Power of the mean core", ylabel="mW per core")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda mw, _: digits(mw)))
    _time(axes, course, power, [_mw(mw * W_PER_MW) for mw in power])
    axes.legend(loc="upper left", ncols=3, fontsize=8.5)


def _activity(axes: Axes, course: _Course) -> None:
    floor = np.zeros(len(course.edges) - 1)
    for name, watts in course.shares.items():
        axes.stairs(floor + watts, course.edges, baseline=floor, fill=True, color=SHARE_COLOURS[name], label=name)
        floor = floor + watts
    axes.axhline(_mean(course), color=MUTED, linewidth=1.2, linestyle="--", label="mean")
    axes.set(ylim=(0, float(floor.max()) * 1.25), title="Activity alone, closer", ylabel="per core")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda watts, _: si(watts, "W") if watts else "0"))
    parts = [", ".join(f"{name} {si(watts[i], 'W')}" for name, watts in course.shares.items()) for i in range(len(floor))]
    _time(axes, course, floor, parts)
    axes.legend(loc="upper left", ncols=len(course.shares) + 1, fontsize=8.5)


def _time(axes: Axes, course: _Course, tops: Floats, texts: list[str]) -> None:
    """The axis of time; what each interval says."""
    edges = course.edges
    corners = np.stack([edges[:-1], np.zeros(len(tops)), edges[1:], tops], axis=1)
    spans = [f"{si(a, 's') if a else '0'} to {si(b, 's')}" for a, b in pairwise(edges.tolist())]
    hover.boxes(axes, corners, [f"{span}|{text}" for span, text in zip(spans, texts, strict=True)], "{0}: {1}")
    axes.set(xlim=(course.edges[0], course.edges[-1]), xlabel="chip time")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: si(seconds, "s") if seconds else "0"))
    axes.locator_params(axis="x", nbins=6)
    axes.locator_params(axis="y", nbins=6)
    axes.grid(axis="y")


def _mw(watts: float) -> str:
    return f"{digits(watts / W_PER_MW, 4)} mW"


DRAWING = Drawing("over-time", "Power over time", draw, caption, alt)

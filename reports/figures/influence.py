"""A tornado of constants: power of a core with one of them at either end of its plausible range, the one that moves most on top."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, number, rows, texts
from chipsim.quantity import digits, si
from reports.figures import hover
from reports.figures.base import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, RED, Drawing, NothingToDrawError, new_figure
from reports.influence import KEY, W_PER_MW, Moved, change, moved

MOST = 12
"""Constants drawn; the table has them all."""

CLOSER = 20
"""A constant that moves this many times less than the widest has a panel with a scale of its own."""

ROUND, BELOW = 1.3, 0.5
"""Inches round the axes of a panel, and from them down to the legend."""

FACTOR = 0.45
"""Opacity of a range without a published source."""


def draw(summary: Summary, tables: Tables) -> Figure:
    """Left: mean and hottest core with each constant at the ends of its range, beside the budget. Right: those that move little, closer.

    Raises:
        NothingToDrawError: no constant moves anything, with the reason.
    """
    if number(summary, "power_per_core_mw.mean") is None:
        raise NothingToDrawError("No chip time passed in this run, so no constant of a chip has any influence on it.")
    told = [one for one in moved(tables) if one.width > 0]
    if not told:
        raise NothingToDrawError(_nothing(tables))
    near = [one for one in told if one.width * CLOSER < told[0].width and one.hottest[0] != one.hottest[1]][:MOST]
    far = [one for one in told if one.width * CLOSER >= told[0].width]
    shown = told[: max(len(far), 4)][:MOST]
    height = 0.32 * max(len(shown), len(near), 4)
    figure, axes = new_figure(ROUND + height, 2 if near else 1)
    below = -BELOW / height
    _to_scale(axes[0], summary, shown, below)
    if near:
        _closer(axes[1], summary, near, below)
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """Which one moves most, whether any leads over the budget, and which move nothing."""
    every = moved(tables)
    told, idle = [one for one in every if one.width > 0], [one for one in every if one.width == 0]
    if not told:
        return ""
    top, budget = told[0], number(summary, "power_per_core_mw.budget")
    text = (
        f"{top.path} moves most: at {top.low} the mean core draws {_mw(top.mean[0])} and the hottest one {_mw(top.hottest[0])}, at {top.high}"
        f" {_mw(top.mean[1])} and {_mw(top.hottest[1])}. "
    )
    if len(told) > 1:
        text += f"The next, {told[1].path}, moves a core by {si(told[1].width * W_PER_MW, 'W')}. "
    if budget is not None:
        text += _budget(told, summary, budget)
    factors = sum(not one.sourced for one in told)
    if factors:
        text += f"Pale bars ({factors} of {len(told)}) are ranges without a published source: factors, on which the verdict does not rest. "
    if len(told) > MOST:
        text += f"Drawn are at most {MOST} a panel; the table has all {len(told)}. "
    if idle:
        without = _listed([one.path for one in idle])
        text += f"Without influence: {without}, which price nothing that counts in the power of a core in this run. "
    return text + "Times and capacities would make it another run, so they are not moved here (a sweep moves them)."


def alt(summary: Summary, tables: Tables) -> str:
    """The largest in words."""
    listed = ", ".join(f"{one.path} by {si(one.width * W_PER_MW, 'W')}" for one in moved(tables)[:6] if one.width > 0)
    return f"Bars of the power of a core over the ranges of constants, the widest on top: {listed}. {caption(summary, tables)}"


def _nothing(tables: Tables) -> str:
    idle = [one.path for one in moved(tables)]
    if not idle and not any(texts(tables, "constants", "range")):
        return "No constant of this chip has a plausible range beside its value, so there is nothing to move."
    if not idle:
        return f"None of the {rows(tables, 'constants')} constants of this chip is a price with a plausible range, so there is nothing to move."
    return (
        "Every price that this run used is given without a plausible range, so none was moved. Without influence are those with one: "
        f"{_listed(idle)}; they price nothing that counts in the power of a core in this run."
    )


def _listed(paths: list[str]) -> str:
    """Names of prices, in a sentence."""
    names = [path.removeprefix("energy.").replace("_", " ") for path in paths]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _budget(told: list[Moved], summary: Summary, budget: float) -> str:
    """Which ends lie on the other side of the budget."""
    now = max(number(summary, f"power_per_core_mw.{name}") or 0.0 for name in ("mean", "max"))
    over = now > budget
    turning = [
        one.path for one in told if any((max(pair) > budget) != over for pair in zip(one.mean, one.hottest, strict=True))
    ]
    side = "above" if over else "within"
    if not turning:
        return (
            f"At every end all cores are {side} the budget of {_mw(budget)}. "
            if not over
            else f"At every end a core is above the budget of {_mw(budget)}. "
        )
    return f"Of this run, {side} the budget of {_mw(budget)}, the other side is reached with {' and '.join(turning)}. "


def _to_scale(axes: Axes, summary: Summary, told: list[Moved], below: float) -> None:
    budget = number(summary, "power_per_core_mw.budget")
    top = max([max(*one.mean, *one.hottest) for one in told] + ([budget] if budget else []))
    for place, one in enumerate(reversed(told)):
        for up, ends, colour, core in ((0.18, one.mean, BLUE, "mean"), (-0.18, one.hottest, ORANGE, "hottest")):
            low, high = sorted(ends)
            said = f"{one.path} at {one.low}: {core} core {_mw(ends[0])}, at {one.high}: {_mw(ends[1])}"
            hover.boxes(axes, [(low, place + up - 0.16, high, place + up + 0.16)], [said])
            # A range too narrow to be seen at this scale is a stroke.
            axes.barh(
                place + up,
                max(high - low, top * 0.004),
                0.32,
                left=low,
                color=colour,
                alpha=1.0 if one.sourced else FACTOR,
                linewidth=0,
            )
    _names(axes, told)
    for name, colour in (("mean", BLUE), ("max", ORANGE)):
        now = number(summary, f"power_per_core_mw.{name}")
        if now is not None:
            axes.axvline(now, color=colour, linewidth=1, linestyle=":", zorder=0)
    if budget:
        axes.axvline(budget, color=RED, linewidth=1.6)
    handles: list[Artist] = [Patch(color=colour) for colour in (BLUE, ORANGE)]
    labels = ["mean core", "hottest core"]
    if budget:
        handles.append(Line2D([], [], color=RED, linewidth=1.6))
        labels.append(f"budget {_mw(budget)}")
    axes.legend(handles, labels, loc="upper left", bbox_to_anchor=(-0.02, below), fontsize=8.5, ncols=3)
    axes.set(xlim=(0, top * 1.06), title="A core with one constant at its ends", xlabel="mW per core (dotted: this run)")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda mw, _: digits(mw)))
    axes.locator_params(axis="x", nbins=6)


def _closer(axes: Axes, summary: Summary, told: list[Moved], below: float) -> None:
    """Change of the hottest core by those that move little."""
    now = number(summary, "power_per_core_mw.max") or 0.0
    changes = np.array([[end - now for end in one.hottest] for one in told])
    span = float(np.abs(changes).max())
    for place, (one, ends) in enumerate(zip(reversed(told), changes[::-1], strict=True)):
        for length, colour in zip(ends, (GREEN, PURPLE), strict=True):
            axes.barh(place, length, 0.62, color=colour, alpha=1.0 if one.sourced else FACTOR, linewidth=0)
        said = f"{one.path} at {one.low}: {change(ends[0])}, at {one.high}: {change(ends[1])}"
        hover.boxes(axes, [(min(ends.min(), 0.0), place - 0.31, max(ends.max(), 0.0), place + 0.31)], [said])
        right = max(ends.max(), 0.0)
        axes.text(right + span * 0.03, place, f"{change(ends[0])} to {change(ends[1])}", va="center", fontsize=8)
    _names(axes, told)
    axes.axvline(0, color=INK, linewidth=1)
    low = min(float(changes.min()), 0.0)
    axes.set(xlim=(low - 0.05 * span, span * 1.75), title="Closer: change of the hottest core", xlabel="per core")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda mw, _: change(mw)))
    axes.locator_params(axis="x", nbins=5)
    handles = [Patch(color=colour) for colour in (GREEN, PURPLE)]
    axes.legend(
        handles,
        ["at the low end", "at the high end"],
        loc="upper left",
        bbox_to_anchor=(-0.02, below),
        fontsize=8.5,
        ncols=2,
    )


def _names(axes: Axes, told: list[Moved]) -> None:
    short = [one.path.removeprefix("energy.").removeprefix("power.").replace("_", " ") for one in told]
    axes.set_yticks(range(len(told)), short[::-1])
    axes.set(ylim=(-0.6, len(told) - 0.4))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_color(MUTED)
    axes.grid(axis="x")


def _mw(power: float) -> str:
    return f"{digits(power, 4)} mW"


DRAWING = Drawing(KEY, "Which constants move a core's power", draw, caption, alt)

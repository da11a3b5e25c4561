"""Where the joules went: shares of the whole on a logarithmic scale, and the dynamic part action by action."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from chipsim.lookup import Summary, Tables, number, numbers, rows, texts
from chipsim.quantity import percent, si
from reports.figures import hover
from reports.figures.base import FAINT, INK, MUTED, SHARE_COLOURS, Drawing, NothingToDrawError, new_figure

SHARES = ("static", "core", "router", "link", "interchip", "host")
MOST_ACTIONS = 12


def draw(summary: Summary, tables: Tables) -> Figure:
    """Left: joules per share (dots on a logarithmic scale). Right: the dynamic joules by action (bars from zero)."""
    shares = _shares(summary)
    if not shares:
        raise NothingToDrawError("This run has no energy account: it ran in software, or ended before the chip's clock moved.")
    actions = _actions(tables)
    figure, axes = new_figure(0.9 + 0.27 * max(6, min(len(actions), MOST_ACTIONS)), 2, [1, 1.15])
    _dots(axes[0], shares)
    _bars(axes[1], actions)
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """Total, static part, and the largest dynamic action."""
    shares, actions = _shares(summary), _actions(tables)
    total = sum(shares.values())
    text = f"{si(total, 'J')} in all, of which {percent(shares.get('static', 0.0) / total)} is static power times time. "
    if actions:
        dynamic = sum(joules for _, _, joules in actions)
        name, share, joules = actions[0]
        text += f"Of the {si(dynamic, 'J')} that activity cost, {percent(joules / dynamic)} went into {words(name)} ({share}). "
    else:
        text += "Activity cost nothing. "
    return text + "The left scale is logarithmic: grid lines are powers of ten. The right one starts at zero."


def alt(summary: Summary, tables: Tables) -> str:
    """All shares in words."""
    listed = ", ".join(f"{name} {si(joules, 'J')}" for name, joules in _shares(summary).items())
    return f"Energy by share: {listed}. {caption(summary, tables)}"


def words(action: str) -> str:
    """An action's name as words."""
    return action.replace("_", " ")


def _shares(summary: Summary) -> dict[str, float]:
    """Joules per share; empty when there is no account or nothing in it."""
    found = {name: number(summary, f"energy_j.{name}") for name in SHARES}
    known = {name: joules for name, joules in found.items() if joules is not None}
    return known if sum(known.values()) > 0 else {}


def _actions(tables: Tables) -> list[tuple[str, str, float]]:
    """Dynamic actions as (action, share, joules), largest first; those that cost nothing are left out."""
    if not rows(tables, "energy"):
        return []
    action, share = (texts(tables, "energy", name) for name in ("action", "share"))
    lines = zip(action, share, numbers(tables, "energy", "joules"), strict=True)
    return sorted(
        ((action, share, float(joules)) for action, share, joules in lines if share != "static" and joules > 0),
        key=lambda line: (-line[2], line[0]),
    )


def _dots(axes: Axes, shares: dict[str, float]) -> None:
    names = list(shares)
    rows_ = np.arange(len(names))[::-1]
    positive = [joules for joules in shares.values() if joules > 0]
    low, high = 10.0 ** np.floor(np.log10(min(positive)) - 0.3), 10.0 ** np.ceil(np.log10(max(positive)) + 0.2)
    total = sum(shares.values())
    for row, (name, joules) in zip(rows_, shares.items(), strict=True):
        if joules > 0:
            axes.hlines(row, low, joules, color=INK, alpha=FAINT, linewidth=1)
            axes.plot(joules, row, "o", color=SHARE_COLOURS[name], markersize=8)
            hover.points(axes, [joules], [row], [f"{name}: {si(joules, 'J', 6)}"])
        said = f"{si(joules, 'J')}  ({percent(joules / total)})" if joules > 0 else "nothing"
        axes.text(1.02, row, said, transform=axes.get_yaxis_transform(), va="center", fontsize=8.5)
    axes.set(xscale="log", xlim=(low, high), ylim=(-0.6, len(names) - 0.4), title="All joules, by share")
    axes.set_yticks(rows_, names)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda joules, _: si(joules, "J")))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(_decades(low, high))
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _bars(axes: Axes, actions: list[tuple[str, str, float]]) -> None:
    axes.set_title("The dynamic part, by action")
    if not actions:
        axes.text(0.02, 0.5, "Nothing happened that costs energy.", transform=axes.transAxes, color=MUTED)
        axes.set_axis_off()
        axes.set_title("The dynamic part, by action")
        return
    shown = actions[:MOST_ACTIONS]
    total = sum(joules for _, _, joules in actions)
    if len(actions) > MOST_ACTIONS:
        rest = actions[MOST_ACTIONS - 1 :]
        shown = [*actions[: MOST_ACTIONS - 1], (f"{len(rest)} others", "", sum(joules for _, _, joules in rest))]
    places = np.arange(len(shown))[::-1]
    values = np.array([joules for _, _, joules in shown])
    drawn = axes.barh(places, values, height=0.66, color=[SHARE_COLOURS.get(share, MUTED) for _, share, _ in shown])
    hover.bars(axes, drawn, [f"{words(action)}: {si(joules, 'J', 6)}" for action, _, joules in shown])
    for place, joules in zip(places, values, strict=True):
        axes.text(joules + values.max() * 0.012, place, f"{percent(joules / total)}", va="center", fontsize=8.5)
    axes.set_yticks(places, [words(action) for action, _, _ in shown])
    axes.set(xlim=(0, values.max() * 1.16), ylim=(-0.6, len(shown) - 0.4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda joules, _: si(joules, "J")))
    axes.locator_params(axis="x", nbins=5)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    present = [share for share in SHARES if any(share == s for _, s, _ in shown)]
    handles = [axes.barh([0], [0], color=SHARE_COLOURS[share]) for share in present]
    axes.legend(handles, present, loc="lower right", fontsize=8.5)


def _decades(low: float, high: float) -> FixedLocator:
    first, last = round(np.log10(low)), round(np.log10(high))
    step = max(1, -(-(last - first) // 5))
    return FixedLocator([10.0**power for power in range(first, last + 1, step)])


DRAWING = Drawing("energy", "Where the joules went", draw, caption, alt)

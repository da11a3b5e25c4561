"""How far senders reach: the other cores that each of them sends its packets to."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, numbers, rows
from chipsim.quantity import count, digits, percent, short
from reports.figures import hover
from reports.figures.base import BLUE, ORANGE, Drawing, NothingToDrawError, new_figure

MOST_BARS = 30
"""Cores up to which each number of them has a bar; beyond, marks on a logarithmic scale."""


def draw(_summary: Summary, tables: Tables) -> Figure:
    """Senders by the number of other cores that they reach, and the share of packets that those up to a number send."""
    if not rows(tables, "reach"):
        raise NothingToDrawError("Nobody reads anybody, or the network is too large for this figure.")
    cores, here, naive = (numbers(tables, "reach", name) for name in ("cores", "senders", "naive_senders"))
    figure, axes = new_figure(3.4, 2)
    few = float(cores.max()) <= MOST_BARS
    for place, (load, name, colour) in enumerate(((here, "this mapping", BLUE), (naive, "naive mapping", ORANGE))):
        seen = load > 0
        if not seen.any():
            continue
        words = f"{name}: {{1}} senders reach {{0}} other cores"
        if few:
            drawn = axes[0].bar(cores[seen] + 0.38 * place - 0.19, load[seen], width=0.36, color=colour, label=name)
            hover.bars(axes[0], drawn, [f"{a:.0f}|{count(b)}" for a, b in zip(cores[seen], load[seen], strict=True)], words)
        else:
            axes[0].plot(cores[seen], load[seen], color=colour, linestyle="", marker="o", markersize=3, label=name)
            said = [f"{a:.0f}|{count(b)}" for a, b in zip(cores[seen], load[seen], strict=True)]
            hover.points(axes[0], cores[seen], load[seen], said, words)
        last = int(np.flatnonzero(seen)[-1]) + 1
        at_least = load[::-1].cumsum()[::-1] / load.sum()
        axes[1].plot(cores[:last], at_least[:last], color=colour, marker="o", markersize=3, linewidth=1.2, label=name)
        said = [f"{a:.0f}|{percent(b)}" for a, b in zip(cores[:last], at_least[:last], strict=True)]
        hover.points(axes[1], cores[:last], at_least[:last], said, f"{name}: {{1}} reach {{0}} or more other cores")
    axes[0].set(title="Senders that reach so many other cores", xlabel="other cores reached", yscale="log")
    axes[1].set(title="Share of senders that reach so many or more", xlabel="other cores reached", yscale="log")
    axes[0].yaxis.set_major_formatter(FuncFormatter(lambda number, _: short(number)))
    axes[1].yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{digits(100 * share)} %"))
    for axis in axes:
        if few:
            axis.set_xlim(-0.6, float(cores.max()) + 0.6)
            axis.locator_params(axis="x", nbins=10, integer=True)
        else:
            axis.set_xscale("symlog", linthresh=1)
            axis.set_xlim(-0.15, 1.3 * float(cores.max()))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda number, _: digits(number)))
        axis.minorticks_off()
        axis.grid(True)
        axis.legend()
    return figure


def caption(_summary: Summary, tables: Tables) -> str:
    """Means, and how many reach no other core."""
    cores = numbers(tables, "reach", "cores")
    said = []
    for name, words in (("senders", "With this mapping"), ("naive_senders", "with the naive one")):
        senders = numbers(tables, "reach", name)
        total = senders.sum()
        if total:
            inside, most = float(senders[cores == 0].sum()), int(cores[senders > 0].max())
            said.append(
                f"{words} a sender reaches {digits(float(cores @ senders) / total)} other cores on average, at most {count(most)}, and"
                f" {percent(inside / total)} reach none"
            )
    return f"{'; '.join(said)}. Every sender counts once, however often it spikes; those without readers are left out."


def alt(summary: Summary, tables: Tables) -> str:
    """The figure in words."""
    return f"Senders over the number of other cores that they reach. {caption(summary, tables)}"


DRAWING = Drawing("reach", "How far senders reach", draw, caption, alt)

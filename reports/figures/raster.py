"""Which neuron fired when: a mark per spike, or where there are many a map of how often; and the spikes of each step."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, number, numbers, rows
from chipsim.quantity import count, digits, percent, plural
from reports.figures import hover
from reports.figures.base import BLUE, ORANGE, SEQUENTIAL, Drawing, NothingToDrawError, colour_bar, new_figure, whole_ticks

MOST_BARS = 240
"""Steps drawn one by one; more are drawn as means over as many steps as give at most so many bars."""

_HEIGHT = 3.5
_LEAST = 150
"""A mark is at least this part of the height of the raster."""
_SPARSE = 1000
"""Spikes up to which a mark is twice as high."""


def draw(summary: Summary, tables: Tables) -> Figure:
    """Left: neurons over steps. Right: spikes of each step, with their mean."""
    if not number(summary, "counts.spikes"):
        raise NothingToDrawError("No neuron fired in this run.")
    if not rows(tables, "raster"):
        raise NothingToDrawError(how_to_record(tables))
    figure, axes = new_figure(_HEIGHT, 2, [1.25, 1])
    _raster(axes[0], summary, tables)
    _population(axes[1], tables)
    return figure


def how_to_record(tables: Tables) -> str:
    """What to do for a run that keeps its spikes."""
    probes = "packets,spikes" if rows(tables, "packets") else "spikes"
    return (
        "Which neuron fired when was not recorded. In this folder, "
        f"`chipsim run experiment.yaml --set 'probes=[{probes}]' --out again` runs the same and keeps it."
    )


def caption(summary: Summary, tables: Tables) -> str:
    """What a mark is, and how even the activity was."""
    fired, neurons = numbers(tables, "steps", "fired"), number(summary, "mapping.neurons") or 1
    cells = {name: numbers(tables, "raster", name) for name in ("steps", "neurons", "spikes")}
    total = float(cells["spikes"].sum())
    wide, high = (int(cells[name][0]) for name in ("steps", "neurons"))
    if wide == high == 1 == cells["spikes"].max():
        text = f"Each mark is one of {plural(total, 'spike')}. "
    else:
        text = (
            f"{plural(total, 'spike')} are too many for marks of their own: a cell is {plural(wide, 'step')} of {plural(high, 'neuron')}, "
            "its colour the spikes per neuron and step in it. "
        )
    text += (
        f"In a step {percent(total / len(fired) / neurons)} of {plural(neurons, 'neuron')} fired on average: {digits(fired.mean())} spikes, "
        f"from {count(fired.min())} to {count(fired.max())}, with a standard deviation of {digits(fired.std())}."
    )
    if len(fired) > MOST_BARS:
        text += f" A bar is the mean of {plural(_each(len(fired)), 'step')}."
    return text


def alt(summary: Summary, tables: Tables) -> str:
    """Both panels in words."""
    return f"A raster of spikes, neurons over steps, and bars of the spikes of each step. {caption(summary, tables)}"


def _raster(axes: Axes, summary: Summary, tables: Tables) -> None:
    step, neuron, wide, high, spikes = (
        numbers(tables, "raster", name) for name in ("step", "neuron", "steps", "neurons", "spikes")
    )
    steps, neurons = numbers(tables, "steps", "step").max(), int(number(summary, "mapping.neurons") or neuron.max() + 1)
    if wide[0] == high[0] == 1 == spikes.max():
        half = max(0.42, neurons / (_LEAST if len(step) > _SPARSE else _LEAST / 2) / 2)
        ends = np.stack([np.stack([step, neuron - half], 1), np.stack([step, neuron + half], 1)], 1).reshape(-1, 2)
        codes = np.tile([Path.MOVETO, Path.LINETO], len(step)).astype(np.uint8)
        axes.add_artist(PathPatch(Path(ends, codes), edgecolor=BLUE, facecolor="none", linewidth=1.3, capstyle="butt"))
        axes.set(xlim=(0.4, steps + 0.6), title="Spikes")
        hover.points(
            axes, step, neuron, [f"{n:.0f}|{s:.0f}" for n, s in zip(neuron, step, strict=True)], "neuron {0}, step {1}"
        )
    else:
        across, down = ((step - 1) // wide).astype(int), (neuron // high).astype(int)
        grid = np.full((down.max() + 1, across.max() + 1), np.nan)
        firsts, starts = high[0] * np.arange(grid.shape[0]), 1 + wide[0] * np.arange(grid.shape[1])
        lasts, ends = np.minimum(firsts + high[0], neurons) - 1, np.minimum(starts + wide[0] - 1, steps)
        grid[down, across] = spikes / ((lasts - firsts + 1)[down] * (ends - starts + 1)[across])
        extent = (0.5, 0.5 + wide[0] * grid.shape[1], -0.5, high[0] * grid.shape[0] - 0.5)
        norm = Normalize(0, float(np.nanmax(grid)))
        drawn = axes.imshow(
            grid, cmap=SEQUENTIAL, norm=norm, origin="lower", extent=extent, aspect="auto", interpolation="none"
        )
        colour_bar(axes, drawn, digits)
        said = [[""] * grid.shape[1] for _ in range(grid.shape[0])]
        for y, x, held in zip(down.tolist(), across.tolist(), spikes, strict=True):
            said[y][x] = count(held)
        names = [
            [f"{a:.0f}" if a == b else f"{a:.0f} to {b:.0f}" for a, b in zip(*pair, strict=True)]
            for pair in ((starts, ends), (firsts, lasts))
        ]
        corners = (extent[0], extent[2], extent[1], extent[3])
        hover.cells(axes, corners, said, "neurons {y}, steps {x}: {0} spikes", (names[0], names[1]))
        axes.set(xlim=(0.5, steps + 0.5), title="Spikes per neuron and step")
    axes.set(ylim=(-0.5 - neurons / _LEAST, neurons - 0.5 + neurons / _LEAST), xlabel="step", ylabel="neuron")
    whole_ticks(axes.xaxis, 1, steps)
    whole_ticks(axes.yaxis, 0, neurons)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda n, _: count(n)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: count(n)))


def _population(axes: Axes, tables: Tables) -> None:
    step, fired = numbers(tables, "steps", "step"), numbers(tables, "steps", "fired")
    each = _each(len(step))
    starts = np.arange(0, len(step), each)
    sizes = np.diff(np.r_[starts, len(step)])
    means = np.add.reduceat(fired, starts) / sizes
    drawn = axes.bar(step[starts] - 0.5, means, width=sizes * 0.9, align="edge", color=BLUE, linewidth=0)
    ends = step[starts] + sizes - 1
    names = [f"{a:.0f}" if a == b else f"{a:.0f} to {b:.0f}" for a, b in zip(step[starts], ends, strict=True)]
    hover.bars(
        axes, drawn, [f"{name}|{digits(one, 6)}" for name, one in zip(names, means, strict=True)], "step {0}: {1} spikes"
    )
    mean = float(fired.mean())
    axes.axhline(mean, color=ORANGE, linewidth=1.6, label=f"mean, {digits(mean)}")
    axes.set(title="Spikes of each step", xlabel="step", xlim=(0.4, step.max() + 0.6), ylim=(0, max(means.max(), 1) * 1.25))
    whole_ticks(axes.xaxis, 1, step.max())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: count(n)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda n, _: digits(n)))
    axes.grid(axis="y")
    axes.legend(loc="upper right", fontsize=8.5)


def _each(steps: int) -> int:
    """Steps of a bar."""
    return max(1, -(-steps // MOST_BARS))


DRAWING = Drawing("raster", "Who fired when", draw, caption, alt)

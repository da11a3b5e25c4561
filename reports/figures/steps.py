"""A spiking network step by step: spikes and packets, and what the step cost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, number, numbers, rows
from chipsim.quantity import count, digits, plural, si
from reports.figures import hover
from reports.figures.base import BLUE, GREEN, MUTED, ORANGE, SKY, Drawing, NothingToDrawError, new_figure, whole_ticks

MOST_POINTS = 1000
"""Steps drawn one by one; more are drawn as means over as many equal parts."""

_PARTS = (("synapse", SKY), ("soma", BLUE), ("network", GREEN))
_DECADES = 10  # ratio of packets to spikes above which one linear scale would flatten the smaller


def draw(_summary: Summary, tables: Tables) -> Figure:
    """Left: spikes and packets of each step. Right: its energy by synapses, neurons and network."""
    if not rows(tables, "steps"):
        raise NothingToDrawError("No step had begun when the run ended.")
    figure, axes = new_figure(3.1, 2)
    _activity(axes[0], tables)
    _energy(axes[1], tables)
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """How many there were, how much they varied, how long a step took."""
    steps, fired, packets = rows(tables, "steps"), numbers(tables, "steps", "fired"), numbers(tables, "steps", "packets")
    if not steps:
        return ""
    times, joules = numbers(tables, "steps", "time_s"), numbers(tables, "steps", "energy_total_j")
    text = (
        f"{plural(steps, 'step')} with {count(float(fired.mean()))} spikes and {count(float(packets.mean()))} packets each on average, "
        f"at most {count(float(fired.max()))} and {count(float(packets.max()))}. A step took {si(float(times.mean()), 's')} on average, "
        f"{si(float(times.max()), 's')} at most, and {si(float(joules.mean()), 'J')} without static power."
    )
    late = number(summary, "counts.late_spikes")
    if late:
        text += f" {plural(late, 'packet')} came after the step in which they should have acted had begun."
    if steps > MOST_POINTS:
        text += f" Drawn are means over {MOST_POINTS} equal parts."
    return text


def alt(summary: Summary, tables: Tables) -> str:
    """Both panels in words."""
    return f"Spikes, packets and energy over steps. {caption(summary, tables)}"


def _activity(axes: Axes, tables: Tables) -> None:
    step = _thinned(numbers(tables, "steps", "step"))
    fired, packets = (_thinned(numbers(tables, "steps", name)) for name in ("fired", "packets"))
    mark = "o" if len(step) == 1 else ""  # a line needs two points
    axes.plot(step, packets, color=BLUE, linewidth=1.4, marker=mark, markersize=5, label="packets")
    axes.plot(step, fired, color=ORANGE, linewidth=1.4, marker=mark, markersize=5, label="spikes")
    top = max(float(packets.max()), float(fired.max()), 1.0)
    if packets.max() > _DECADES * fired.max() > 0:
        axes.set_yscale("symlog", linthresh=1)
        axes.set_ylim(0, top * 4)
    else:
        axes.set_ylim(0, top * 1.25)
    axes.set(title="Spikes and packets", xlabel="step")
    said = [f"{a:.6g}|{digits(b, 6)}|{digits(c, 6)}" for a, b, c in zip(step, fired, packets, strict=True)]
    hover.columns(axes, step, said, "step {0}: {1} spikes, {2} packets")
    whole_ticks(axes.xaxis, step.min(), step.max())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda n, _: digits(n)))
    axes.grid(axis="y")
    axes.legend(loc="upper right", ncols=2, fontsize=8.5)


def _energy(axes: Axes, tables: Tables) -> None:
    step = _thinned(numbers(tables, "steps", "step"))
    parts = [_thinned(numbers(tables, "steps", f"energy_{name}_j")) for name, _ in _PARTS]
    if len(step) == 1:  # an area needs two points
        step, parts = np.r_[step - 0.4, step + 0.4], [np.r_[part, part] for part in parts]
    axes.stackplot(step, parts, labels=[name for name, _ in _PARTS], colors=[colour for _, colour in _PARTS], linewidth=0)
    top = float(np.sum(parts, axis=0).max())
    axes.set(title="Energy of a step, without static", xlabel="step", ylim=(0, (top or 1.0) * 1.25))
    each = zip(*([si(joules, "J", 4) for joules in part] for part in parts), strict=True)
    said = [f"{np.round(at):.6g}|{'|'.join(one)}" for at, one in zip(step, each, strict=True)]
    hover.columns(axes, step, said, "step {0}: synapses {1}, neurons {2}, network {3}")
    whole_ticks(axes.xaxis, np.ceil(step.min()), np.floor(step.max()))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda joules, _: si(joules, "J")))
    axes.grid(axis="y")
    axes.legend(loc="upper right", ncols=3, fontsize=8.5)
    if not top:
        axes.text(0.02, 0.5, "All prices are 0.", transform=axes.transAxes, color=MUTED)


def _thinned(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Means over at most MOST_POINTS equal parts."""
    if len(values) <= MOST_POINTS:
        return values
    edges = np.linspace(0, len(values), MOST_POINTS + 1).astype(np.int64)
    return np.asarray(np.add.reduceat(values, edges[:-1]) / np.diff(edges))


DRAWING = Drawing("steps", "Step by step", draw, caption, alt)

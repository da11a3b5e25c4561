"""How often neurons fired, and how regularly: spikes of each neuron, and the intervals between them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, number, numbers, rows
from chipsim.quantity import count, digits, percent, plural, si
from reports.figures import hover
from reports.figures.base import BLUE, ONE_PANEL, ORANGE, Drawing, NothingToDrawError, new_figure, whole_ticks
from reports.figures.raster import how_to_record

Numbers = npt.NDArray[np.float64]

MOST_BINS = 40


def draw(summary: Summary, tables: Tables) -> Figure:
    """Left: neurons by how many spikes they had. Right: intervals by their length in steps. Of cores where spikes were not kept."""
    if not number(summary, "counts.spikes"):
        raise NothingToDrawError("No neuron fired in this run, so there are no rates.")
    if not rows(tables, "firing"):
        figure, (axes,) = new_figure(3.1, width=ONE_PANEL)
        rates = per_core(tables)
        bars(axes, rates, np.ones(len(rates)), "cores")
        axes.set(title="Spikes per neuron, mean of each core", xlabel="spikes per neuron")
        return figure
    lengths, how_many = (numbers(tables, "intervals", name) for name in ("steps", "count"))
    twice = len(lengths) > 0  # that none fired twice is said below
    figure, drawn = new_figure(3.1, 2) if twice else new_figure(3.1, width=ONE_PANEL)
    spikes = numbers(tables, "firing", "spikes")
    bars(drawn[0], spikes, np.ones(len(spikes)), "neurons")
    drawn[0].set(title="Spikes of each neuron", xlabel="spikes in the run")
    if twice:
        bars(drawn[1], lengths, how_many, "intervals")
        drawn[1].set(title="Intervals between spikes of a neuron", xlabel="steps")
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """Mean rate, neurons that were silent, mean interval and how much intervals vary."""
    time = number(summary, "sim_time_s")
    neurons = number(summary, "mapping.neurons") or 0
    mean = (number(summary, "counts.spikes") or 0) / max(neurons, 1)
    span, dt = (number(summary, f"snn.lif.{name}") for name in ("network_time_s", "dt_ms"))
    hertz = f", {si(mean / time, 'Hz')} of chip time" if time else ""
    if span and dt:  # the network was given in ms
        hertz = f", {si(mean / span, 'Hz')} in the network's own time"
    if not rows(tables, "firing"):
        rates = per_core(tables)
        silent = int((rates == 0).sum())
        return (
            f"{digits(mean)} spikes per neuron on average{hertz}. "
            f"Of {plural(len(rates), 'core')} that hold neurons {count(silent) if silent else 'none'} had no spike. {how_to_record(tables)}"
        )
    spikes = numbers(tables, "firing", "spikes")
    silent, most = int((spikes == 0).sum()), "once" if spikes.max() == 1 else f"{count(spikes.max())} times"
    never = (
        f"{count(silent)} of {plural(len(spikes), 'neuron')} ({percent(silent / len(spikes))}) never did"
        if silent
        else "all fired"
    )
    text = f"A neuron fired {digits(spikes.mean())} times on average{hertz}, at most {most}; {never}. "
    lengths, how_many = (numbers(tables, "intervals", name) for name in ("steps", "count"))
    if not len(lengths):
        return text + "No neuron fired twice, so there are no intervals."
    middle, spread = moments(lengths, how_many)
    text += f"{plural(how_many.sum(), 'interval')} of {digits(middle)} steps {f'({digits(middle * dt)} ms) ' if dt else ''}on average, "
    text += f"with a CV (standard deviation over mean) of {digits(spread / middle)}"
    own = numbers(tables, "firing", "cv")
    known = own[np.isfinite(own)]
    if len(known):
        text += f"; the CV of a single neuron is {digits(known.mean())} on average, over the {count(len(known))} with two intervals or more"
    return text + ". A CV of 0 is a clock, 1 is chance (a Poisson process)."


def alt(summary: Summary, tables: Tables) -> str:
    """The histograms in words."""
    return f"Histograms of spikes per neuron and of the intervals between them. {caption(summary, tables)}"


def per_core(tables: Tables) -> Numbers:
    """Spikes per neuron of each core that holds neurons."""
    neurons, spikes = (numbers(tables, "cores", name) for name in ("neurons", "spikes"))
    return np.asarray(spikes[neurons > 0] / neurons[neurons > 0])


def moments(values: Numbers, weights: Numbers) -> tuple[float, float]:
    """Mean and standard deviation of values that occur so often."""
    mean = float(np.average(values, weights=weights))
    return mean, float(np.sqrt(np.average((values - mean) ** 2, weights=weights)))


def binned(values: Numbers, weights: Numbers) -> tuple[Numbers, Numbers]:
    """Edges of at most MOST_BINS equal bins, and the weight in each; whole numbers get bins of whole width about them."""
    low, high = float(values.min()), float(values.max())
    if (values == np.round(values)).all():
        width = max(1.0, np.ceil((high - low + 1) / MOST_BINS))
        edges = low - 0.5 + width * np.arange(np.ceil((high - low + 1) / width) + 1)
    else:
        edges = np.linspace(low, high, MOST_BINS + 1)
    return edges, np.histogram(values, edges, weights=weights)[0]


def bars(axes: Axes, values: Numbers, weights: Numbers, what: str) -> None:
    """A histogram with its mean."""
    edges, held = binned(values, weights)
    widths = np.diff(edges)
    drawn = axes.bar(edges[:-1] + 0.05 * widths, held, width=0.9 * widths, align="edge", color=BLUE, linewidth=0)
    whole = (values == np.round(values)).all()
    first, last = (np.ceil(edges[:-1]), np.ceil(edges[1:]) - 1) if whole else (edges[:-1], edges[1:])
    names = [digits(a, 6) if a == b else f"{digits(a, 6)} to {digits(b, 6)}" for a, b in zip(first, last, strict=True)]
    hover.bars(axes, drawn, [f"{name}|{count(one)}" for name, one in zip(names, held, strict=True)], f"{{0}}: {{1}} {what}")
    mean, _ = moments(values, weights)
    axes.axvline(mean, color=ORANGE, linewidth=1.6, label=f"mean, {digits(mean)}")
    pad = max(float(widths[0]), 2.0) / 2  # a single bar is no wall
    axes.set(ylabel=what, ylim=(0, held.max() * 1.25), xlim=(edges[0] - pad, edges[-1] + pad))
    if whole:
        whole_ticks(axes.xaxis, edges[0], edges[-1], 7)
    whole_ticks(axes.yaxis, 0, float(held.max()) * 1.25)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda n, _: digits(n, 4)))
    axes.grid(axis="y")
    axes.legend(loc="upper right", fontsize=8.5)


DRAWING = Drawing("firing", "How often and how regularly neurons fired", draw, caption, alt)

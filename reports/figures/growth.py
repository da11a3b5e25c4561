"""What the chip learned: neurons that each layer grew, over chip time, how many it had before, and the room that is left."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, number, numbers, rows
from chipsim.quantity import count, digits, percent, plural, si
from reports.figures import hover, room
from reports.figures.base import MUTED, ORANGE, PURPLE, WIDTH, Drawing, NothingToDrawError, new_figure

S_PER_PS = 1e-12


def draw(summary: Summary, tables: Tables) -> Figure:
    """Above: neurons grown so far, per layer, over chip time; stored before and grown, per layer. Below, if any grew: what is taken."""
    grown, layered = rows(tables, "growth"), rows(tables, "layers")
    if not grown and not layered:
        raise NothingToDrawError("Nothing grew in this run.")
    height = max(3.0, 1.2 + 0.3 * layered)
    if not grown:
        figure, axes = new_figure(max(2.0, 1.0 + 0.3 * layered))
        _stock(axes[0], tables)
        return figure
    slots, others = room.slots_taken(summary, tables), room.others_taken(summary, tables)
    if not slots:
        figure, axes = new_figure(height, 2 if layered else 1, [1.25, 1] if layered else None)
    else:
        figure, axes = _two_rows(height, 1.2 + 0.5 * max(len(slots), len(others)))
        room.slots_panel(axes[2], slots)
        room.others_panel(axes[3], others)
    _curves(axes[0], summary, tables)
    if layered:
        _stock(axes[1], tables)
    elif slots:
        axes[1].remove()
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """How much was new, and whether the rate fell."""
    pattern = numbers(tables, "layers", "layer") > 0  # layer 0 reads symbols, it has no segments
    recognised, created = (float(np.nansum(numbers(tables, "layers", name)[pattern])) for name in ("recognised", "created"))
    segments = recognised + created
    grown = float(np.nansum(numbers(tables, "layers", "created")))
    text = f"The run added {plural(grown, 'neuron')}. " if grown else "The run added no neuron. "
    if segments:
        text += f"Layers 1 and up found or learned a pattern in {plural(segments, 'segment')}: "
        text += f"{percent(recognised / segments)} of them were recognised from memory. "
    if number(summary, "nsn.unstored"):
        text += f"{count(number(summary, 'nsn.unstored'))} times something new found no room and was flagged. "
    if rows(tables, "growth") > 1:
        when = np.sort(numbers(tables, "growth", "time_ps")) * S_PER_PS
        half = (number(summary, "sim_time_s") or float(when[-1])) / 2
        early, late = int((when <= half).sum()), int((when > half).sum())
        text += f"{plural(early, 'neuron')} grew in the first half of the time, {count(late)} in the second; "
        text += "a curve bends down where the input repeats what is known. "
    return (text + room.room_left(summary, tables)).strip()


def alt(summary: Summary, tables: Tables) -> str:
    """All layers in words."""
    layer, created = numbers(tables, "layers", "layer"), numbers(tables, "layers", "created")
    listed = ", ".join(f"layer {int(one)}: {count(new)}" for one, new in zip(layer, created, strict=True))
    return f"Neurons grown per layer over time ({listed}). {room.in_words(summary, tables)}{caption(summary, tables)}"


def _two_rows(above: float, below: float) -> tuple[Figure, list[Axes]]:
    """A figure with two panels of so many inches above two others, in the order of reading."""
    figure = Figure(figsize=(WIDTH, above + below))
    axes = figure.subplots(2, 2, width_ratios=[1.1, 1], height_ratios=[above, below])
    return figure, list(axes.ravel())


def _curves(axes: Axes, summary: Summary, tables: Tables) -> None:
    layer, when = numbers(tables, "growth", "layer"), numbers(tables, "growth", "time_ps") * S_PER_PS
    present = sorted({int(one) for one in layer})
    end = max(number(summary, "sim_time_s") or 0.0, float(when.max()))
    # The ends of the map are left out: too dark and too light for lines.
    colours = matplotlib.colormaps["viridis"](np.linspace(0.25, 0.9, max(2, len(present))))
    lines = []
    for colour, one in zip(colours, present, strict=False):
        mine = np.sort(when[layer == one])
        steps = np.arange(len(mine) + 1)
        (line,) = axes.plot(np.r_[0, mine, end], np.r_[steps, len(mine)], drawstyle="steps-post", color=colour, linewidth=1.7)
        lines.append((len(mine), line, f"layer {one}: {len(mine):,}"))
    lines.sort(key=lambda entry: -entry[0])
    axes.legend([line for _, line, _ in lines], [text for _, _, text in lines], loc="upper left", fontsize=8.5)
    axes.set(xlim=(0, end), ylim=(0, max(n for n, _, _ in lines) * 1.06), xlabel="chip time", ylabel="neurons grown so far")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: si(seconds, "s")))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda n, _: digits(n)))
    axes.locator_params(axis="x", nbins=6)
    axes.grid(axis="y")
    events, seconds = number(summary, "counts.events_in"), number(summary, "sim_time_s")
    axes.set_title("Grown on the chip", pad=38)  # above the upper axis
    if events and seconds:
        per_second = events / seconds

        def to_events(at: Any) -> Any:
            return np.asarray(at) * per_second

        def to_seconds(number: Any) -> Any:
            return np.asarray(number) / per_second

        top = axes.secondary_xaxis("top", functions=(to_events, to_seconds))
        top.set_xlabel("input events, at their mean rate", color=MUTED)
        top.tick_params(colors=MUTED)
        top.xaxis.set_major_formatter(FuncFormatter(lambda n, _: digits(n)))


def _stock(axes: Axes, tables: Tables) -> None:
    layer, neurons, created = (numbers(tables, "layers", name) for name in ("layer", "neurons", "created"))
    before = np.maximum(np.nan_to_num(neurons) - np.nan_to_num(created), 0)
    new = np.nan_to_num(created)
    places = np.arange(len(layer))[::-1]
    axes.barh(places, before, height=0.66, color=PURPLE, label="loaded")
    axes.barh(places, new, height=0.66, left=before, color=ORANGE, label="grown in this run")
    said = [f"{one:.0f}|{count(old)}|{count(more)}" for one, old, more in zip(layer, before, new, strict=True)]
    corners = np.stack([np.zeros(len(places)), places - 0.33, before + new, places + 0.33], axis=1)
    hover.boxes(axes, corners, said, "layer {0}: {1} loaded, {2} grown")
    longest = max(float((before + new).max()), 1.0)
    for place, old, more in zip(places, before, new, strict=True):
        axes.text(old + more + longest * 0.015, place, f"{count(old)} + {count(more)}", va="center", fontsize=8.5)
    axes.set_yticks(places, [f"layer {int(one)}" for one in layer])
    axes.set(xlim=(0, longest * 1.3), ylim=(-0.6, len(layer) - 0.4), title="Stored at the end", xlabel="neurons")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: digits(n)))
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.legend(loc="lower right", fontsize=8.5)


DRAWING = Drawing("growth", "What the chip learned", draw, caption, alt)

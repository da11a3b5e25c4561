"""How long the chip took (service): one row of histogram per layer over a logarithmic time axis, median and 99th percentile marked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from chipsim.lookup import Summary, Tables, number, numbers, rows
from chipsim.quantity import count, percent, plural, si
from reports.figures import hover
from reports.figures.base import BLUE, INK, ONE_PANEL, RED, Drawing, NothingToDrawError, log_ticks, new_figure

S_PER_PS = 1e-12
BINS_PER_DECADE = 24


def draw(_summary: Summary, tables: Tables) -> Figure:
    """One row per layer; bar heights are shares of the row's largest bin, bins are equal steps of the logarithm."""
    layers = _layers(tables)
    if not layers:
        raise NothingToDrawError("No latency was measured: no event was decided on the chip.")
    edges = _edges(tables)
    figure, (axes,) = new_figure(1.0 + 0.64 * len(layers))
    figure.set_figwidth(ONE_PANEL)
    median, tail = _quantiles(tables)
    for place, layer in enumerate(layers):
        base = len(layers) - 1 - place
        share = _rebinned(tables, layer, edges)
        axes.stairs(base + 0.66 * share / share.max(), edges, baseline=base, fill=True, color=BLUE, alpha=0.75)
        seen = np.flatnonzero(share)
        shares = [f"{layer}|{si(edges[at], 's')}|{si(edges[at + 1], 's')}|{percent(share[at])}" for at in seen]
        corners = [(edges[at], base, edges[at + 1], base + 0.66 * share[at] / share.max()) for at in seen]
        hover.boxes(axes, corners, shares, "layer {0}, {1} to {2}: {3}")
        axes.axhline(base, color=INK, linewidth=0.5, alpha=0.4)
        for value, colour in ((median.get(layer), INK), (tail.get(layer), RED)):
            if value is not None:
                axes.plot([value, value], [base, base + 0.7], color=colour, linewidth=1.8)
        said = _row_text(tables, layer, median, tail)
        axes.text(1, base + 0.74, said, transform=axes.get_yaxis_transform(), ha="right", va="bottom", fontsize=8.5)
    axes.set(
        xscale="log",
        xlim=(edges[0], edges[-1]),
        ylim=(-0.05, len(layers)),
        xlabel="from offer to decision, without the wait for later input",
    )
    axes.set_yticks([len(layers) - 1 - place + 0.3 for place in range(len(layers))], [f"layer {layer}" for layer in layers])
    axes.xaxis.set_major_locator(FixedLocator(log_ticks(edges[0], edges[-1], 6)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: si(seconds, "s")))
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.plot([], [], color=INK, linewidth=1.8, label="p50")
    axes.plot([], [], color=RED, linewidth=1.8, label="p99")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, fontsize=8.5)
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """Median and tail, what the latency is of, and what it leaves out."""
    of = summary.get("latency_of") or "event"
    p50, p99 = number(summary, "service_s.p50"), number(summary, "service_s.p99")
    text = f"Half of all {of}s took at most {si(p50, 's')}, 99 of 100 at most {si(p99, 's')}. "
    wait = number(summary, "lookahead_wait_s.mean")
    if wait:
        text += f"Not in it: waiting for later events to be offered, which a decision can need, on average {si(wait, 's')}. "
        text += (
            f"With it half of them were answered within {si(number(summary, 'latency_s.p50'), 's')}. "
            "Each layer's own waiting is taken off, so a high layer, which mostly waits, can show less than the one below it. "
        )
    text += "Read each row by itself: bars are shares of that layer's own count."
    deepest = numbers(tables, "layers", "deepest_buffer")
    if len(deepest) and np.nanmax(deepest, initial=0) > 0:
        text += f" The deepest buffer of a layer held {count(float(np.nanmax(deepest)))} items."
    return text


def alt(summary: Summary, tables: Tables) -> str:
    """All rows in words."""
    median, tail = _quantiles(tables)
    rows_ = ((layer, _row_text(tables, layer, median, tail)) for layer in _layers(tables))
    listed = "; ".join(f"layer {layer}: {said}" for layer, said in rows_)
    return f"Histograms of latency per layer: {listed}. {caption(summary, tables)}"


def _layers(tables: Tables) -> list[int]:
    if not rows(tables, "service"):
        return []
    layer, n = numbers(tables, "service", "layer"), numbers(tables, "service", "count")
    return sorted({int(one) for one, seen in zip(layer, n, strict=True) if seen > 0})


def _middles(tables: Tables) -> npt.NDArray[np.float64]:
    """Geometric middle of each bin in seconds; a bin that starts at 0 counts from 1 ps, the smallest step of time."""
    lower = np.maximum(numbers(tables, "service", "lower_ps"), 1)
    upper = np.maximum(numbers(tables, "service", "upper_ps"), lower)
    return np.sqrt(lower * upper) * S_PER_PS


def _edges(tables: Tables) -> npt.NDArray[np.float64]:
    """Edges of equal logarithmic bins (s) that cover everything measured."""
    seen = _middles(tables)[numbers(tables, "service", "count") > 0]
    first, last = (int(np.floor(np.log10(seen.min()) * BINS_PER_DECADE)), int(np.floor(np.log10(seen.max()) * BINS_PER_DECADE)))
    # Some room on both sides, at least half a decade in all.
    pad = max(2, (BINS_PER_DECADE // 2 - (last - first)) // 2)
    return 10.0 ** (np.arange(first - pad, last + pad + 2) / BINS_PER_DECADE)


def _rebinned(tables: Tables, layer: int, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Share of the layer's count in each drawn bin."""
    mine = numbers(tables, "service", "layer") == layer
    weight = numbers(tables, "service", "count")[mine]
    found, _ = np.histogram(_middles(tables)[mine], edges, weights=weight)
    return found / weight.sum()


def _quantiles(tables: Tables) -> tuple[dict[int, float], dict[int, float]]:
    """Median and 99th percentile (s) by layer, where known."""
    layer = numbers(tables, "layers", "layer")

    def known(column: str) -> dict[int, float]:
        values = numbers(tables, "layers", column)
        return {int(one): float(value) for one, value in zip(layer, values, strict=True) if value > 0}

    return known("service_p50_s"), known("service_p99_s")


def _row_text(tables: Tables, layer: int, median: dict[int, float], tail: dict[int, float]) -> str:
    n = numbers(tables, "service", "count")[numbers(tables, "service", "layer") == layer].sum()
    return f"{plural(n, 'event')}, p50 {si(median.get(layer), 's')}, p99 {si(tail.get(layer), 's')}"


DRAWING = Drawing("latency", "How long the chip took, layer by layer", draw, caption, alt)

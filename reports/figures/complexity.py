"""The figures of ``chipsim complexity``: work against length, per symbol, by layer, and against memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from chipsim.lookup import Summary, Tables
from chipsim.quantity import count, digits, exact, percent, si
from reports.figures.base import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    RED,
    Drawing,
    NothingToDrawError,
    log_ticks,
    new_figure,
    whole_ticks,
)
from reports.figures.strokes import stroke

Rows = Sequence[dict[str, Any]]

_TICKS = 6
_COLOURS = {"keyed": BLUE, "associative": ORANGE}
_MARKS = {"keyed": "o", "associative": "s"}


def matches_of(rows: Rows) -> list[str]:
    """Matching modes in the order in which they stand there."""
    return list(dict.fromkeys(str(row["match"]) for row in rows))


def draw_growth(summary: Summary, _tables: Tables) -> Figure:
    """Left: what the chip counted in an episode of L. Right: the transformer's measures, up to 131,072, with the crossover."""
    symbols = _some(summary["symbols"])
    figure, (left, right) = new_figure(4.2, 2)
    for match in matches_of(symbols):
        mine = [row for row in symbols if row["match"] == match]
        length = [row["length"] for row in mine]
        ops, messages = ([row[name] * row["length"] for row in mine] for name in ("synaptic_ops", "messages_in"))
        _line(left, length, ops, f"synaptic ops, {match}", match)
        _line(left, length, messages, f"messages, {match}", match, "--")
    _scales(left, "Chip: counted in an episode", "", "symbols of an episode, L")
    model = summary["transformer"]
    length = [row["length"] for row in model["lengths"]]
    for name, told, colour in (
        ("multiply_adds", "all multiply-adds", GREEN),
        ("attention", "multiply-adds of K·Q", PURPLE),
        ("measure", "the talk's measure, 96 L²", RED),
    ):
        _curve(right, length, [row[name] for row in model["lengths"]], told, colour)
    right.axvline(model["crossover"], color=INK, linestyle=":", label=f"L = 6 d = {count(model['crossover'])}")
    _scales(right, "Transformer: worked out for L tokens", "", "tokens, L")
    _legends(left, right)
    return figure


def draw_symbol(summary: Summary, _tables: Tables) -> Figure:
    """Left: counts of a symbol against L. Right: joules of a symbol on the chip and of a token's multiply-adds."""
    symbols = _some(summary["symbols"])
    figure, (left, right) = new_figure(4.0, 2)
    for match in matches_of(symbols):
        mine = [row for row in symbols if row["match"] == match]
        length = [row["length"] for row in mine]
        _line(left, length, [row["synaptic_ops"] for row in mine], f"synaptic ops, {match}", match)
        _line(left, length, [row["messages_in"] for row in mine], f"messages, {match}", match, "--")
        _line(right, length, [row["dynamic_j"] for row in mine], f"symbol, {match}", match, unit="J")
    first = [row for row in symbols if row["match"] == matches_of(symbols)[0]]
    _curve(right, [row["length"] for row in first], [row["token_j"] for row in first], "token, multiply-adds", GREEN, "J")
    _scales(left, "Counted per symbol", "", "symbols of an episode, L")
    _scales(right, "Joules per symbol or token", "J", "symbols or tokens, L")
    _legends(left, right)
    return figure


def draw_layers(summary: Summary, _tables: Tables) -> Figure:
    """Left: share of its items that a layer passes on, beside 1/k and what winners alone give. Right: work of each layer."""
    layers = [row for row in _some(summary["layers"]) if row["layer"] and row["inputs"]]
    if not layers:
        raise NothingToDrawError("No layer above the symbols read anything.")
    figure, (left, right) = new_figure(4.0, 2)
    first = [row for row in layers if row["match"] == matches_of(layers)[0]]
    number = [row["layer"] for row in first]
    _curve(left, number, [row["narrowing"] for row in first], "counted: items out of items in", BLUE)
    _curve(left, number, [row["by_k"] for row in first], "1/k, k of its stored neurons", RED, dashes="--")
    _curve(left, number, [row["narrowing_by_cover"] for row in first], "by winners alone", GREEN, dashes=":")
    left.set(title="Narrowing of a layer", ylim=(0, 1.05))
    for match in matches_of(layers):
        mine = [row for row in layers if row["match"] == match]
        here = [row["layer"] for row in mine]
        _line(right, here, [row["synaptic_ops"] or None for row in mine], f"synaptic ops, {match}", match)
        _line(right, here, [row["messages"] or None for row in mine], f"messages, {match}", match, "--")
    _curve(right, number, [row["formula"] for row in first], "k D(l-1) + ln(k D(l))", RED, dashes=":")
    _height(right, f"Work of a layer in {count(first[0]['length'])} symbols", "")
    for axes in (left, right):
        axes.set_xlabel("layer")
        whole_ticks(axes.xaxis, 0.5, max(number) + 0.5, 12)
        axes.grid(True)
    _legends(left, right)
    return figure


def draw_memory(summary: Summary, _tables: Tables) -> Figure:
    """The same text read with more and less memory: counts and joules of a symbol against stored neurons."""
    memory = [one for one in summary["memory"] if len(one["points"]) > 1]
    if not memory:
        raise NothingToDrawError("The text was read with one memory only, so nothing is known of growth with it.")
    figure, (left, right) = new_figure(4.0, 2)
    for one in memory:
        size = [point["neurons"] for point in one["points"]]
        mean = [point["mean"] for point in one["points"]]
        axes = right if one["column"] == "dynamic_j" else left
        told = {"synaptic_ops": "synaptic ops", "messages_in": "messages", "dynamic_j": "symbol"}[one["column"]]
        unit = "J" if axes is right else ""
        _line(axes, size, mean, f"{told}, {one['match']}", one["match"], "--" if told == "messages" else "", unit)
    _scales(left, "Counted per symbol", "", "stored neurons")
    _scales(right, "Dynamic joules per symbol", "J", "stored neurons")
    _legends(left, right)
    return figure


def growth_caption(summary: Summary, _tables: Tables) -> str:
    """What is drawn, from which columns, with its slopes."""
    told = "; ".join(
        f"{one['match']}: {of} L^{one['slope']:.2f}"
        for one in summary["slopes"]
        if one["layer"] is None and one["slope"] is not None
        for of in [{"synaptic_ops": "synaptic operations", "messages_in": "messages", "dynamic_j": "joules"}[one["column"]]]
    )
    model = summary["transformer"]
    ends = [f"{one:.2f}" for one in list(model["slope_at"].values())[:2]]
    return (
        f"Means over stretches of columns synaptic_ops and messages_in of runs.csv, against length. Fitted: {told or 'too few lengths'}. The"
        f" right panel is arithmetic: the talk's L² of all {model['blocks']} blocks, K·Q with its d multiply-adds each, and 12 L d² + 2 L² d,"
        f" whose slope is {ends[0]} to {ends[1]} over the lengths of the left panel. The two panels have different units."
    )


def symbol_caption(summary: Summary, _tables: Tables) -> str:
    """From which columns, and what is left out."""
    price = summary["transformer"]["multiply_add"]
    return (
        "Columns synaptic_ops, messages_in and dynamic_j of runs.csv over length. Dynamic: cores, routers and links, without static power and"
        f" without the host. A token's multiply-adds at {digits(price['value_pj'])} pJ each ({price['grade']}), without static power and"
        " without moving weights from memory. A token and a symbol are not the same piece of text, and its work is another."
    )


def layers_caption(summary: Summary, _tables: Tables) -> str:
    """Why it is not 1/k."""
    deep = [
        one for one in summary["layers"] if one["layer"] and one["inputs"] and one["match"] == summary["layers"][0]["match"]
    ]
    told = ", ".join(f"{one['layer']}: {percent(one['covered'] or 0.0)}" for one in deep[:4])
    return (
        "Means over stretches of columns of layers.csv at the longest length: narrowing is segments over inputs, 1/k is of mean_k,"
        f" narrowing_by_cover what is left if nothing but winners took items together. Share of its items that stored neurons covered, by"
        f" layer: {told}. The rest is taken together by neurons that grow at first sight, up to eight at once. Layers that count nothing are"
        " not drawn on the right."
    )


def memory_caption(summary: Summary, _tables: Tables) -> str:
    """How it grows, by slope."""
    told = "; ".join(
        f"{one['match']}: synaptic operations as neurons^{one['slope']:.2f}"
        for one in summary["memory"]
        if one["column"] == "synaptic_ops" and one["slope"] is not None
    )
    length = summary["memory"][0]["length"] if summary["memory"] else 0
    return (
        f"Rows of runs.csv of length {count(length)}, by neurons: the same stretches read after learning more or fewer symbols. {told or ''}"
    ).strip() + ("." if told else "")


def words(summary: Summary, tables: Tables) -> str:
    """All means in words, for those who cannot see the figures."""
    del tables
    told = [
        f"{one['match']}, L = {count(one['length'])}: {digits(one['synaptic_ops'])} synaptic operations, {digits(one['messages_in'])} messages"
        f" and {si(one['dynamic_j'], 'J')} per symbol"
        for one in summary["symbols"]
    ]
    return f"{'; '.join(told)}."


def layer_words(summary: Summary, tables: Tables) -> str:
    """Narrowing and work of each layer in words."""
    del tables
    told = [
        f"layer {one['layer']}, {one['match']}: {exact(one['inputs'])} items in, {exact(one['segments'])} out, {exact(one['synaptic_ops'])}"
        " synaptic operations"
        for one in summary["layers"]
        if one["inputs"]
    ]
    return f"{'; '.join(told)}."


def memory_words(summary: Summary, tables: Tables) -> str:
    """Every point of the figure of memory in words."""
    del tables
    return "; ".join(_memory_told(summary)) + "."


def _memory_told(summary: Summary) -> Iterator[str]:
    for one in summary["memory"]:
        of = {"synaptic_ops": "synaptic operations", "messages_in": "messages"}.get(one["column"])
        for point in one["points"]:
            value = si(point["mean"], "J") if of is None else f"{digits(point['mean'])} {of}"
            yield f"{count(point['neurons'])} neurons, {one['match']}: {value} per symbol"


def _some(rows: Rows) -> Rows:
    if not rows:
        raise NothingToDrawError("No run was made.")
    return rows


def _line(
    axes: Axes, x: Sequence[float], y: Sequence[float | None], label: str, match: str, dashes: str = "", unit: str = ""
) -> None:
    _curve(axes, x, y, label, _COLOURS.get(match, GREEN), unit, dashes, _MARKS.get(match, "^"))


def _curve(
    axes: Axes,
    x: Sequence[float],
    y: Sequence[float | None],
    label: str,
    colour: str,
    unit: str = "",
    dashes: str = "",
    mark: str = "^",
) -> None:
    values = np.array([np.nan if one is None else float(one) for one in y])
    stroke(
        axes, np.array(x, float), values, [True] * (len(x) - 1), [True] * len(x), mark, unit, dashes, color=colour, label=label
    )


def _height(axes: Axes, title: str, unit: str) -> None:
    """A logarithmic scale upwards, with few ticks that can be read."""
    axes.set_title(title)
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    if high < 2 * low:  # what is flat shall look it
        low, high = low / 2, high * 2
    axes.set_yticks(log_ticks(low, high, _TICKS))
    large = high >= 1e12  # beyond what has a prefix
    axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: _power(number) if large else si(number, unit).strip()))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.set_ylim(low, high)


def _power(number: float) -> str:
    """A power of ten as such."""
    lead, _, power = f"{number:.0e}".partition("e")
    raised = str(int(power)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if lead == "1" else f"{lead}·10{raised}"


def _scales(axes: Axes, title: str, unit: str, across: str) -> None:
    """Both scales logarithmic."""
    _height(axes, title, unit)
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xticks(log_ticks(low, high, _TICKS))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: si(number, "").strip()))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.set_xlim(low, high)
    axes.set_xlabel(across)
    axes.grid(True)


def _legends(*panels: Axes) -> None:
    """Below the panels: over the lines they would hide them."""
    for axes in panels:
        handles, labels = axes.get_legend_handles_labels()
        axes.legend(
            handles,
            labels,
            fontsize=8.5,
            loc="upper left",
            bbox_to_anchor=(-0.02, -0.19),
            ncols=1 if len(labels) < 3 else 2,
        )


DRAWINGS = (
    Drawing("growth", "Work against the length of an episode", draw_growth, growth_caption, words),
    Drawing("symbol", "Per symbol", draw_symbol, symbol_caption, words),
    Drawing("layer", "By layer", draw_layers, layers_caption, layer_words),
    Drawing("memory", "Work against memory", draw_memory, memory_caption, memory_words),
)

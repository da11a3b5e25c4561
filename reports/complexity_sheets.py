"""The tables of the page of ``chipsim complexity``: the talk's table beside what was counted, closed forms, slopes, layers, symbols, memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chipsim.programs.told import Sheet
from chipsim.quantity import count, digits, exact, percent, si

Summary = Mapping[str, Any]

TALK = (
    ("CX1", "context unit", "tokens, 50k, fixed", "symbols, about 100, open", "symbols of the text, open dictionary"),
    ("CX2", "L", "2k; 128k in 2025", "up to 4k", "{lengths}"),
    ("CX3", "goal", "attend to as much context as possible", "process an episode, linked to earlier ones", "one episode a run"),
    ("CX4", "element of layer 0", "d about 12k", "k = 1", "k = 1"),
    ("CX5", "later element", "d about 12k", "k = 1 to 8", "mean k by layer, below"),
    ("CX6", "input of a layer", "tensor of L d numbers", "list of (id, time)", "column inputs of layers.csv"),
    ("CX7", "narrowing", "none", "D(0) = L, D(l) about D(l-1) / k", "not 1/k: Layers, counted, below"),
    ("CX8", "layers", "96 blocks", "48 = 8 + 5·8", "{layers} base layers; with {recursive} recursive networks each besides"),
    ("CX9", "neurons of a layer", "about 6 L", "grows, saturates", "{neurons} stored; column neurons_created"),
    ("CX10", "cost of a layer", "L² (K·Q)", "k D(l-1) + ln(k D(l))", "slope {slope} in L ({match})"),
    ("CX11", "operations", "matrix products, L d", "sparse, k D(l)", "synaptic_ops, messages: Layers, counted, below"),
    ("CX12", "cost by layer", "96 L², all alike", "falls by layer for k of 2 or more", "Layers, counted, below"),
)
"""Row, quantity, the talk's two columns, and where it is counted here."""


def interval(one: Summary) -> str:
    """A slope with its interval, where there is one."""
    return f"{one['slope']:.3f}" + ("" if one["low"] is None else f" ({spread(one)})")


def spread(one: Summary) -> str:
    """The interval of a slope; a dash where there is none."""
    return "–" if one["low"] is None else f"{one['low']:.3f} to {one['high']:.3f}"


def sheets(summary: Summary) -> Iterator[Sheet]:
    """All tables, in the order of the page; those without rows are left out."""
    made = (
        _slopes(summary),
        _layers(summary),
        _symbols(summary),
        _memory(summary),
        _talk(summary),
        _forms(summary),
        _transformer(summary),
        _remarks(summary),
    )
    return (one for one in made if one.lines)


def _slopes(summary: Summary) -> Sheet:
    lines = tuple(
        (
            str(one["match"]),
            "all" if one["layer"] is None else str(one["layer"]),
            f"{one['column']} of {one['table']}.csv",
            f"{one['slope']:.3f}",
            spread(one),
            f"{count(one['x'][0])} to {count(one['x'][-1])}",
            f"{one['first']:.2f}",
            f"{one['last']:.2f}",
        )
        for one in summary["slopes"]
        if one["slope"] is not None
    )
    stretches = max((one["stretches"] for one in summary["slopes"]), default=0)
    without = sorted({one["layer"] for one in summary["slopes"] if one["slope"] is None and one["layer"] is not None})
    note = (
        f"Least squares of logarithms on each of {stretches} stretches of text; their mean, and its 95 % interval over"
        " stretches (Student's t). First and last: between the two shortest and the two longest lengths, which tell a curve from a line. A"
        " layer is fitted over the lengths at which it read at least 16 items in every stretch and counted something, at least three."
    )
    if without:
        note += f" Not fitted, or not in every column, for they read too little: layers {', '.join(map(str, without))}."
    heads = ("match", "layer", "column", "slope in L", "95 % interval", "over L", "first", "last")
    return Sheet("slopes", "Slopes in L, counted", heads, lines, (False, True, False, True, True, True, True, True), note)


def _layers(summary: Summary) -> Sheet:
    heads = (
        "match", "layer", "items in", "items out", "narrowing", "1/k stored", "by winners", "covered", "new neurons", "synaptic ops",
        "messages", "joules", "formula",
    )  # fmt: skip
    lines = tuple(
        (
            str(one["match"]),
            str(one["layer"]),
            *(exact(one[name]) for name in ("inputs", "segments")),
            *(_some(one[name]) for name in ("narrowing", "by_k", "narrowing_by_cover")),
            "–" if one["covered"] is None else percent(one["covered"]),
            *(exact(one[name]) for name in ("created", "synaptic_ops", "messages")),
            si(one["core_joules"], "J"),
            "–" if one["formula"] is None else exact(one["formula"]),
        )
        for one in summary["layers"]
    )
    length = summary["layers"][0]["length"] if summary["layers"] else 0
    note = (
        f"Means over stretches at L = {count(length)}, columns of layers.csv: inputs, segments, narrowing, mean_k, narrowing_by_cover, covered,"
        " created, synaptic_ops, messages, core_joules (cores and slot servers; links and routers carry all layers at once). Formula: k D(l-1)"
        " + ln(k D(l)) with the stored mean k and the items that were counted; its unit is the table's own."
    )
    return Sheet("layers", "Layers, counted", heads, lines, (False, *(len(heads) - 1) * (True,)), note)


def _symbols(summary: Summary) -> Sheet:
    heads = (
        "match",
        "L",
        "synaptic ops",
        "messages",
        "dynamic",
        "95 % interval",
        "static",
        "new neurons",
        "token",
        "multiply-adds",
    )
    lines = tuple(
        (
            str(one["match"]),
            count(one["length"]),
            digits(one["synaptic_ops"]),
            digits(one["messages_in"]),
            si(one["dynamic_j"], "J"),
            "–" if one["dynamic_j_low"] is None else f"{si(one['dynamic_j_low'], 'J')} to {si(one['dynamic_j_high'], 'J')}",
            si(one["static_j"], "J"),
            digits(one["neurons_created"]),
            si(one["token_j"], "J"),
            _large(one["token_multiply_adds"]),
        )
        for one in summary["symbols"]
    )
    price = summary["transformer"]["multiply_add"]
    note = (
        "Means over stretches of columns synaptic_ops, messages_in, dynamic_j (core_j + router_j + link_j + interchip_j), static_j and"
        f" neurons_created of runs.csv, divided by length. Token: a transformer's multiply-adds at {digits(price['value_pj'])} pJ each"
        f" ({price['grade']}), weights not moved. Static power of the chip is of all its cores at the rate of the runs, 5 kHz."
    )
    return Sheet("symbols", "Per symbol, and per token", heads, lines, (False, *(len(heads) - 1) * (True,)), note)


def _memory(summary: Summary) -> Sheet:
    heads = ("match", "column", "slope in neurons", "95 % interval", "neurons", "per symbol", "95 % interval of that")
    lines = tuple(
        (
            str(one["match"]),
            f"{one['column']} of runs.csv",
            "–" if one["slope"] is None else f"{one['slope']:.3f}",
            spread(one),
            count(point["neurons"]),
            _value(one["column"], point["mean"]),
            "–" if point["low"] is None else f"{_value(one['column'], point['low'])} to {_value(one['column'], point['high'])}",
        )
        for one in summary["memory"]
        for point in one["points"]
    )
    length = summary["memory"][0]["length"] if summary["memory"] else 0
    note = (
        f"The same stretches, {count(length)} symbols of each, read after learning more or fewer symbols (columns learned and neurons of"
        " runs.csv). The slope is fitted per stretch over all memories, as above."
    )
    return Sheet("memory", "Against memory", heads, lines, (False, False, True, True, True, True, True), note)


def _talk(summary: Summary) -> Sheet:
    found = next(
        (
            one
            for one in summary["slopes"]
            if one["layer"] is None and one["column"] == "synaptic_ops" and one["slope"] is not None
        ),
        None,
    )
    asked = summary["asked"]
    base = [row for row in summary["runs"] if row["learned"] == asked["learned"] and not row["recursive"]]
    values = {
        "lengths": ", ".join(count(one) for one in asked["lengths"]),
        "layers": count(asked["layers"]),
        "recursive": count(asked["recursive"]),
        "neurons": count(base[0]["neurons"]) if base else "–",
        "slope": "–" if found is None else interval(found),
        "match": "" if found is None else found["match"],
    }
    lines = tuple((row, what, llm, own, here.format(**values)) for row, what, llm, own, here in TALK)
    heads = ("row", "quantity", "transformer (GPT-3)", "neurosemantic network", "here")
    note = "The table of the talk, requirements CX1 to CX12; the last column says what was counted, or where."
    return Sheet("talk", "The talk's table", heads, lines, len(heads) * (False,), note)


def _forms(summary: Summary) -> Sheet:
    heads = ("k", "layer 1, L = 4096", "8 layers, L = 4096", "8 layers, L = 4000", "sum of k D(l)", "D(8)")
    lines = tuple(
        (
            str(one["k"]),
            *(f"{one[name]:,.1f}" for name in ("layer_1", "sum_4096", "sum_4000", "operations")),
            f"{one['left']:,.0f}{' (floor)' if one['floor'] else ''}",
        )
        for one in summary["forms"]
    )
    note = (
        "k D(l-1) + ln(k D(l)) with D(0) = L, D(l) = D(l-1) / k and not below 1, natural logarithm, 8 layers, k the same in all. Nothing here"
        " is counted."
    )
    return Sheet("forms", "Closed forms of the network", heads, lines, len(heads) * (True,), note)


def _transformer(summary: Summary) -> Sheet:
    model = summary["transformer"]
    heads = ("L", "L² a block", "96 L²", "multiply-adds of K·Q", "all multiply-adds", "slope there")
    lines = tuple(
        (
            count(one["length"]),
            count(one["length"] ** 2),
            count(one["measure"]),
            _large(one["attention"]),
            _large(one["multiply_adds"]),
            f"{(model['crossover'] + 2 * one['length']) / (model['crossover'] + one['length']):.2f}",
        )
        for one in (*model["lengths"], *({"length": one["length"], **_at(one, model)} for one in _missing(model)))
    )
    note = (
        f"d = {count(model['width'])}, {model['blocks']} blocks, {count(model['parameters'])} parameters. K·Q: L² d a block; all: 12 L d² + 2"
        " L² d a block. The talk's lengths are 2,048 and 131,072; at the first a layer's input is"
        f" {count(model['talk'][0]['numbers'])} numbers."
    )
    return Sheet("transformer", "Closed forms of the transformer", heads, lines, len(heads) * (True,), note)


def _missing(model: Summary) -> Sequence[Summary]:
    """The talk's lengths that were not asked for."""
    have = {one["length"] for one in model["lengths"]}
    return [one for one in model["talk"] if one["length"] not in have]


def _at(one: Summary, model: Summary) -> dict[str, Any]:
    return {
        "measure": one["all_blocks"],
        "attention": one["all_blocks"] * model["width"],
        "multiply_adds": one["multiply_adds"],
    }


def _remarks(summary: Summary) -> Sheet:
    lines = tuple((one["row"], one["text"]) for one in summary["remarks"])
    return Sheet("remarks", "Remarks on the table", ("row", "remark"), lines, (False, False), "Requirements CX13 to CX20.")


def _some(value: float | None) -> str:
    return "–" if value is None else digits(value)


def _value(column: str, value: float) -> str:
    return si(value, "J") if column.endswith("_j") else digits(value)


def _large(value: float) -> str:
    """A large number with its power of ten."""
    lead, _, power = f"{value:.2e}".partition("e")
    return f"{lead}·10^{int(power)}"

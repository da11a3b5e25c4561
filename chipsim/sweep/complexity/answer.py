"""What the runs come to: slopes with intervals, what each layer did, joules beside a transformer's; all of it from the rows of runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import chipsim
from chipsim.sweep.complexity.fits import fit, interval, slope_of
from chipsim.sweep.complexity.forms import Transformer, forms, remarks, transformer_forms
from chipsim.sweep.complexity.runs import Row
from chipsim.sweep.complexity.spec import ComplexitySpec

SCHEMA = 1

RUN_COLUMNS = ("synaptic_ops", "messages_in", "dynamic_j")
"""Of a run whose growth is fitted."""

LAYER_COLUMNS = ("synaptic_ops", "messages", "core_joules")
"""Of a layer whose growth is fitted."""

FAR = 131_072
"""Length that is worked out for the transformer only."""

J_PER_PJ = 1e-12


def complexity_object(spec: ComplexitySpec, rows: Sequence[Row], status: str, left_out: Sequence[str] = ()) -> dict[str, Any]:
    """What ``chipsim complexity --json`` prints and ``complexity.json`` holds.

    Args:
        spec: what was asked for.
        rows: runs so far, in their order.
        status: ``done`` or ``interrupted``.
        left_out: what did not fit the chip, and why.
    """
    plain = [row for row in rows if not row["recursive"]]
    base = [row for row in plain if row["learned"] == spec.learned]
    model = Transformer()
    return {
        "schema": SCHEMA,
        "version": chipsim.__version__,
        "status": status,
        "complexity": "text",
        "asked": asdict(spec),
        "forms": forms(),
        "remarks": [{"row": name, "text": text} for name, text in remarks()],
        "transformer": _transformer(spec, model),
        "slopes": list(_slopes(base)),
        "memory": list(_memory(plain, spec.memory_length)),
        "recursion": _recursion(spec, rows),
        "symbols": list(_per_symbol(spec, base, model)),
        "layers": list(_per_layer(base)),
        "same_winners": _same_winners(plain),
        "left_out": list(left_out),
        "runs": [{"run": number} | row for number, row in enumerate(rows)],
    }


def _transformer(spec: ComplexitySpec, model: Transformer) -> dict[str, Any]:
    lengths = spec.lengths
    counts = {"measure": model.measure, "attention": model.attention, "multiply_adds": model.multiply_adds}
    return {
        "width": model.width,
        "blocks": model.blocks,
        "parameters": model.parameters,
        "crossover": model.crossover,
        "talk": transformer_forms(model),
        "multiply_add": {"value_pj": spec.multiply_add_pj, "grade": spec.grade, "source": spec.source},
        "lengths": [{"length": length, **{name: of(length) for name, of in counts.items()}} for length in (*lengths, FAR)],
        "slopes": {
            name: None if len(lengths) < 2 else slope_of(lengths, [of(length) for length in lengths])
            for name, of in counts.items()
        },
        "slope_at": {str(length): model.slope(length) for length in (lengths[0], lengths[-1], FAR)},
    }


def _by_stretch(rows: Sequence[Row], match: str, column: str, x: str = "length") -> dict[int, dict[int, float]]:
    found: dict[int, dict[int, float]] = {}
    for row in rows:
        if row["match"] == match:
            found.setdefault(row["stretch"], {})[row[x]] = row[column]
    return found


def _whole(rows: Sequence[Row], x: str = "length") -> list[Row]:
    """Rows of the stretches that have all that the first one has: of an interrupted series the last may be cut."""
    have: dict[tuple[str, int], set[int]] = {}
    for row in rows:
        have.setdefault((row["match"], row["stretch"]), set()).add(row[x])
    most = {match: max(len(one) for (other, _), one in have.items() if other == match) for match, _ in have}
    return [row for row in rows if len(have[row["match"], row["stretch"]]) == most[row["match"]]]


def _layers_of(rows: Sequence[Row], layer: int) -> list[Row]:
    return [row | {"read": row["layers"][layer]["inputs"]} | row["layers"][layer] for row in rows]


def _matches(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row["match"] for row in rows))


def _slopes(base: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Growth with L, of all layers (``layer`` null) and of each; the column of the table ``runs`` or ``layers`` that it is fitted to."""
    rows = _whole(base)
    for match in _matches(rows):
        for column in RUN_COLUMNS:
            yield {"match": match, "layer": None, "table": "runs", "column": column} | _fitted(
                _by_stretch(rows, match, column), None
            )
        for layer in range(len(rows[0]["layers"])):
            mine = _layers_of(rows, layer)
            items = _by_stretch(mine, match, "read")
            for column in LAYER_COLUMNS:
                lead = {"match": match, "layer": layer, "table": "layers", "column": column}
                yield lead | _fitted(_by_stretch(mine, match, column), items)


def _fitted(counts: dict[int, dict[int, float]], items: dict[int, dict[int, float]] | None) -> dict[str, Any]:
    found = fit(counts, items)
    if found is None:
        return {"slope": None, "low": None, "high": None, "stretches": len(counts), "x": [], "first": None, "last": None}
    return asdict(found) | {"x": list(found.x)}


def _memory(rows: Sequence[Row], length: int) -> Iterator[dict[str, Any]]:
    """Growth of work with stored neurons, the same text being read: slope, and the mean per symbol at each memory."""
    mine = _whole([row for row in rows if row["length"] == length], "learned")
    for match in _matches(mine):
        for column in RUN_COLUMNS:
            counts = _by_stretch(mine, match, column, "neurons")
            points = {size: interval([one[size] / length for one in counts.values()]) for size in next(iter(counts.values()))}
            yield {
                "match": match,
                "table": "runs",
                "column": column,
                "length": length,
                **_fitted(counts, None),
                "points": [
                    {"neurons": size, "mean": mean, "low": low, "high": high}
                    for size, (mean, low, high) in sorted(points.items())
                ],
            }


def _recursion(spec: ComplexitySpec, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Work with recursive networks over work without, the same stretches being read; None where that was not run."""
    mine = [row for row in rows if row["recursive"]]
    if not mine:
        return None
    length, match = mine[0]["length"], mine[0]["match"]
    base = {
        row["stretch"]: row
        for row in rows
        if not row["recursive"] and (row["learned"], row["length"], row["match"]) == (spec.learned, length, match)
    }
    found: dict[str, Any] = {"networks": mine[0]["recursive"], "match": match, "length": length, "stretches": len(mine)}
    for column in RUN_COLUMNS:
        mean, low, high = interval([row[column] / base[row["stretch"]][column] for row in mine])
        found[column] = {"ratio": mean, "low": low, "high": high}
    return found


def _per_symbol(spec: ComplexitySpec, base: Sequence[Row], model: Transformer) -> Iterator[dict[str, Any]]:
    """Means per symbol at each length, with intervals over stretches, and what a transformer's token takes."""
    for match in _matches(base):
        for length in spec.lengths:
            mine = [row for row in base if row["match"] == match and row["length"] == length]
            if not mine:
                continue
            found: dict[str, Any] = {"match": match, "length": length, "stretches": len(mine)}
            for column in (*RUN_COLUMNS, "static_j", "neurons_created"):
                mean, low, high = interval([row[column] / length for row in mine])
                found |= {column: mean, f"{column}_low": low, f"{column}_high": high}
            each = model.multiply_adds(length) / length
            yield found | {"token_multiply_adds": each, "token_j": each * spec.multiply_add_pj * J_PER_PJ}


def _per_layer(base: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Means of each layer at the longest length, beside k D_(l-1) + ln(k D_l) of the stored k and the items that were counted."""
    if not base:
        return
    longest = max(row["length"] for row in base)
    for match in _matches(base):
        mine = [row for row in base if row["match"] == match and row["length"] == longest]
        for layer in range(len(mine[0]["layers"]) if mine else 0):
            cells = [row["layers"][layer] for row in mine]
            read, left = (_mean(cells, name) for name in ("inputs", "segments"))
            k = _mean(cells, "mean_k")
            yield {
                "match": match,
                "layer": layer,
                "length": longest,
                **{name: _mean(cells, name) for name in ("inputs", "segments", *LAYER_COLUMNS, "created", "recognised")},
                "mean_k": k,
                "covered": _mean(cells, "covered"),
                "narrowing": left / read if read and left is not None else None,
                "narrowing_by_cover": _mean(cells, "narrowing_by_cover"),
                "by_k": 1 / k if k else None,
                "formula": k * read + math.log(k * left) if layer and read and left and k else None,
            }


def _mean(cells: Sequence[Row], name: str) -> float | None:
    values = [cell[name] for cell in cells if cell[name] is not None]
    return sum(values) / len(values) if values else None


def _same_winners(rows: Sequence[Row]) -> bool | None:
    """Whether both modes decided and learned the same wherever both were run; None where they were not."""
    found: dict[tuple[Any, ...], set[str]] = {}
    counted: dict[tuple[Any, ...], int] = {}
    for row in rows:
        place = row["learned"], row["stretch"], row["length"]
        found.setdefault(place, set()).add(row["functional_digest"])
        counted[place] = counted.get(place, 0) + 1
    both = [len(digests) == 1 for place, digests in found.items() if counted[place] > 1]
    return all(both) if both else None

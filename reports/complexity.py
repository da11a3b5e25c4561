"""What ``chipsim complexity`` leaves in its folder: the counters of every run as tables, and a page that says first what is not as claimed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chipsim.errors import UsageError
from chipsim.programs.told import Fact
from chipsim.quantity import count, digits, percent, si
from reports.complexity_sheets import interval, sheets, spread
from reports.file import write_text
from reports.pictures import pictures_of
from reports.run import Run
from reports.scale import csv_text, flat_columns
from reports.series import Page, page_html, page_markdown

Summary = Mapping[str, Any]

OBJECT, HTML, MARKDOWN = "complexity.json", "report.html", "report.md"
TABLES = ("runs", "layers")
"""In the folder as Parquet and CSV: a row per run, and a row per run and layer."""

BAR = 0.05
"""By which a slope may be off 1 and still be called that."""

FEW = 16
"""Items that a layer reads on average, below which what it does says little."""

NEAR = 0.1
"""Part of 1/k by which narrowing may be off it."""

MODELLED = (
    "Every count of the chip is of a run in the compiled engine: messages between cores, matching, winner-takes-all, growth. Energy is counted"
    " actions times the chip's prices.",
    "Every run starts from the same learned network on the same mapping and reads one episode; what it learns in it belongs to its work.",
    "Each stretch of the text is read from its first symbol at every length, so that each gives a slope of its own; intervals are over these.",
)
NOT_MODELLED = (
    "The transformer: its figures are arithmetic on dense matrix products, without embedding, softmax, normalisation, caches or sparsity. A"
    " causal mask that is made use of would halve what grows with L².",
    "Weights: their way from memory is in no figure, and in 45 nm a 32-bit word from DRAM takes hundreds of times a multiply-add.",
    "What the work is worth: a token is some four characters, a transformer predicts text, and this network stores and recognises it.",
    "Static power, of either: the chip's is told apart (column static_j), it does not depend on the work.",
)


def build_complexity_report(folder: Path) -> Path:
    """Make ``report.html``, ``report.md`` and the tables ``runs`` and ``layers`` (``.parquet``, ``.csv``) of ``complexity.json``.

    Returns:
        Path of ``report.html``.

    Raises:
        UsageError: it is no folder of ``chipsim complexity`` with a run in it, or its file is broken.
        OSError: a file cannot be written.
    """
    from reports.figures.complexity import DRAWINGS

    summary = _read(folder)
    for name, rows in zip(TABLES, (summary["runs"], list(_layer_rows(summary["runs"]))), strict=True):
        columns = flat_columns(rows)
        pq.write_table(pa.table(columns), folder / f"{name}.parquet", write_page_checksum=True)
        write_text(folder / f"{name}.csv", csv_text(columns))
    page = tell_complexity(Run(folder, summary, {}), DRAWINGS)
    write_text(folder / HTML, page_html(page))
    write_text(folder / MARKDOWN, page_markdown(page))
    return folder / HTML


def _read(folder: Path) -> dict[str, Any]:
    advice = "give a folder that `chipsim complexity` wrote with --out"
    path = folder / OBJECT
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}; {advice}") from error
    except ValueError as error:
        raise UsageError(f"{path}: not JSON ({error}); {advice}") from error
    keys = {"asked", "forms", "layers", "left_out", "memory", "recursion", "remarks", "slopes", "symbols", "transformer"}
    runs = summary.get("runs") if isinstance(summary, dict) and keys <= summary.keys() else None
    if not isinstance(runs, list) or not all(isinstance(one, dict) and {"length", "layers"} <= one.keys() for one in runs):
        raise UsageError(f"{path}: not the runs of chipsim complexity; {advice}")
    if not runs:
        raise UsageError(f"{path}: no run was made; run chipsim complexity again")
    return dict(summary)


def _layer_rows(runs: Sequence[Summary]) -> Iterator[dict[str, Any]]:
    """One row per run and layer, with what tells the run."""
    for one in runs:
        lead = {name: one[name] for name in ("run", "learned", "neurons", "stretch", "length", "match", "recursive")}
        yield from (lead | layer for layer in one["layers"])


def tell_complexity(run: Run, drawings: Sequence[Any]) -> Page:
    """Everything that the page says; ``drawings`` are its figures."""
    summary = run.summary
    asked = summary["asked"]
    tone, headline = _answer(summary)
    text = asked["path"] or "the shipped text"
    cut = "Interrupted: slopes are of the stretches that were read whole." if summary["status"] != "done" else ""
    cut = " ".join([cut, *(f"Left out: {one}." for one in summary["left_out"])]).strip()
    return Page(
        title=f"Complexity: {text}, episodes of {_between(asked['lengths'])} symbols, on {_chip(asked['chip'])}",
        command="chipsim complexity",
        warning=cut,
        tone=tone,
        question="Does the work grow as the table says",
        headline=headline,
        reasons=tuple(_reasons(summary)),
        facts=tuple(_facts(summary)),
        pictures=tuple(pictures_of(drawings, run)),
        sheets=tuple(sheets(summary)),
        settings=tuple(_settings(summary)),
        modelled=MODELLED,
        not_modelled=NOT_MODELLED,
        again=(),
        version=str(summary.get("version") or "of unknown version"),
        made_of=OBJECT,
    )


def _chip(name: str) -> str:
    return Path(name).stem if name.endswith((".yaml", ".yml")) else name


def _between(lengths: Sequence[int]) -> str:
    return count(lengths[0]) if len(lengths) == 1 else f"{count(lengths[0])} to {count(lengths[-1])}"


def _of(rows: Sequence[Summary], **keys: Any) -> Summary | None:
    """The first row with these values that has a slope."""
    return next(
        (one for one in rows if all(one[name] == value for name, value in keys.items()) and one.get("slope") is not None), None
    )


def _answer(summary: Summary) -> tuple[str, str]:
    lead = "The table sets different units beside each other"
    if any(reason.startswith("Does not hold") for told in (_narrows, _falls) for reason in told(summary)):
        lead += ", and not all of it holds on this text"
    slopes = summary["slopes"]
    first = slopes[0]["match"] if slopes else "keyed"
    found = _of(slopes, layer=None, column="synaptic_ops", match=first)
    if found is None:
        return "none", f"{lead}. Too few lengths were run for a slope."
    near = abs(found["slope"] - 1) <= BAR
    told = f"the counted work of {first} matching grows as L to the {interval(found)}"
    if near:
        return "depends", f"{lead}. What does hold: {told}, linear within {BAR}."
    return "fails", f"{lead}. {told[0].upper()}{told[1:]}, which is not linear within {BAR}."


def _reasons(summary: Summary) -> Iterator[str]:
    model = summary["transformer"]
    low, high = (f"{one:.2f}" for one in list(model["slope_at"].values())[:2])
    yield (
        f"A matter of units (ER6): L² counts entries of K·Q and leaves out that each takes d = {count(model['width'])} multiply-adds, and the"
        " MLP; k D(l-1) counts sparse operations. Neither is a multiple of the other."
    )
    yield (
        f"A matter of what is counted (CX17): K·Q alone grows as L²; with all multiply-adds, 12 L d² + 2 L² d a block, the slope is {low} to"
        f" {high} over these lengths. L² is half of the work at L = 6 d = {count(model['crossover'])}."
    )
    yield (
        "The table disagrees with itself (ER5): its row of operations has k D(l), its row of complexity k D(l-1), which is k times as much."
    )
    yield from _narrows(summary)
    yield from _grows(summary)
    yield from _falls(summary)
    yield from _recurs(summary)
    yield from _joules(summary)
    if summary["same_winners"] is not None:
        same = (
            "the same winners and the same stored network" if summary["same_winners"] else "different winners, which is a fault"
        )
        yield f"Both ways of matching gave {same} (functional digests of all runs)."


def _narrows(summary: Summary) -> Iterator[str]:
    read = [one for one in summary["layers"] if one["layer"] and one["by_k"] and one["inputs"] >= FEW]
    mine = [one for one in read if one["match"] == read[0]["match"]]
    if not mine:
        return
    told = "; ".join(
        f"layer {one['layer']} {digits(one['narrowing'], 2)}, 1/k {digits(one['by_k'], 2)}"
        + (", no winner" if (alone := one["narrowing_by_cover"]) is None else f", winners alone {digits(alone, 2)}")
        for one in mine
    )
    if all(abs(one["narrowing"] / one["by_k"] - 1) <= NEAR for one in mine):
        yield f"Holds (CX7): every layer narrows by about 1/k of its stored neurons: {told}."
        return
    text = f"Does not hold (CX7): not every layer narrows by 1/k of its stored neurons: {told}."
    grown = [one for one in mine if (one["narrowing_by_cover"] or 1.0) > (1 + one["narrowing"]) / 2]
    if grown:
        layers = ", ".join(str(one["layer"]) for one in grown)
        text += f" On layer{'s' if len(grown) > 1 else ''} {layers} it is mostly new neurons that take items together, not recognised ones."
    yield text


def _grows(summary: Summary) -> Iterator[str]:
    lead = "The table leaves out how the stored vectors are found that an item may belong to (CX18)."
    found = {(one["match"], one["column"]): one for one in summary["memory"] if one["slope"] is not None}
    if not found:
        sizes = max((len(one["points"]) for one in summary["memory"]), default=1)
        few = "one memory only" if sizes < 2 else f"{sizes} memories only, too few to fit an exponent"
        yield f"{lead} Not counted here, for the text was read with {few}."
        return
    first = next(iter(found.values()))
    told = []
    for match in dict.fromkeys(match for match, _ in found):
        names = (("synaptic_ops", "synaptic operations"), ("messages_in", "messages"), ("dynamic_j", "joules"))
        parts = [f"{interval(one)} in {of}" for column, of in names if (one := found.get((match, column))) is not None]
        some = [one for (other, _), one in found.items() if other == match]
        grows = [one for one in some if one["low"] is not None and one["low"] > 0]
        verdict = "grows" if len(grows) == len(some) else "grows in part" if grows else "does not grow"
        told.append(f"{match} {verdict}, exponents {', '.join(parts)}")
    yield (
        f"{lead} Against memory, from {count(first['x'][0])} to {count(first['x'][-1])} neurons, the work per symbol of {'; of '.join(told)}."
    )


def _falls(summary: Summary) -> Iterator[str]:
    first = summary["layers"][0]["match"] if summary["layers"] else ""
    mine = [one for one in summary["layers"] if one["match"] == first and one["layer"]]
    read = [one for one in mine if one["inputs"] >= FEW]
    risen = [late["layer"] for low, late in pairwise(read) if late["core_joules"] > low["core_joules"]]
    if risen:
        yield f"Does not hold (CX12): layer {risen[0]} takes more joules than the one below it."
    elif len(read) > 1:
        share = read[0]["core_joules"] / sum(one["core_joules"] for one in mine)
        yield (
            f"Holds (CX12): of the layers that read {FEW} items and more, each takes fewer joules than the one below it; layer 1 takes"
            f" {percent(share)} of those of all pattern layers."
        )


def _recurs(summary: Summary) -> Iterator[str]:
    nets = summary["recursion"]
    if nets is None:
        return
    told = ", ".join(
        f"{digits(nets[column]['ratio'])} times the {of}" + ("" if nets[column]["low"] is None else f" ({_ends(nets[column])})")
        for column, of in (("synaptic_ops", "synaptic operations"), ("messages_in", "messages"), ("dynamic_j", "joules"))
    )
    yield (
        f"Not in the table (CX16): what recursive networks cost. With {nets['networks']} a layer, {nets['match']}, the same stretches take"
        f" {told}; if each cost as its base layer it would be {nets['networks'] + 1} times."
    )


def _ends(one: Summary) -> str:
    return f"{digits(one['low'])} to {digits(one['high'])}"


def _joules(summary: Summary) -> Iterator[str]:
    longest = summary["asked"]["lengths"][-1]
    mine = [one for one in summary["symbols"] if one["length"] == longest]
    if mine:
        price = summary["transformer"]["multiply_add"]
        chip = ", ".join(f"{si(one['dynamic_j'], 'J')} ({one['match']})" for one in mine)
        yield (
            f"At L = {count(longest)} a symbol takes {chip} of dynamic energy on the chip, and {si(mine[0]['static_j'], 'J')} of static at the"
            f" rate of the runs; a token's multiply-adds take {si(mine[0]['token_j'], 'J')} at {digits(price['value_pj'])} pJ each"
            f" ({price['grade']}: {price['source']}), without moving a weight. They do not do the same work."
        )


def _facts(summary: Summary) -> Iterator[Fact]:
    slopes = summary["slopes"]
    names = (("synaptic_ops", "synaptic operations"), ("messages_in", "messages"), ("dynamic_j", "joules on the chip"))
    for match in dict.fromkeys(one["match"] for one in slopes):
        for column, told in names:
            if (one := _of(slopes, layer=None, column=column, match=match)) is not None:
                within = "one stretch, no interval" if one["low"] is None else spread(one)
                yield Fact(f"Slope in L, {match}", f"{one['slope']:.3f}", f"{told}; {within}; column {column} of runs.csv")
    model = summary["transformer"]["slopes"]
    if model["measure"] is not None:
        yield Fact("Slope in L, transformer", f"{model['measure']:.3f}", "K·Q alone")
        yield Fact("Slope in L, transformer", f"{model['multiply_adds']:.3f}", "all multiply-adds, over the same lengths")
    stretches = len({one["stretch"] for one in summary["runs"]})
    told = "one stretch" if stretches == 1 else f"{count(stretches)} stretches"
    yield Fact("Runs", count(len(summary["runs"])), f"on {told} of text; rows of runs.csv")


def _settings(summary: Summary) -> Iterator[tuple[str, str]]:
    asked = summary["asked"]
    yield "text", str(asked["path"] or "shipped, as in experiment text")
    yield "chip", str(asked["chip"])
    yield "lengths", ", ".join(count(one) for one in asked["lengths"])
    yield (
        "stretches",
        f"{count(asked['stretches'])}, the last {count(asked['stretches'] * asked['lengths'][-1])} symbols of the text",
    )
    yield "learned before every run", f"{count(asked['learned'])} symbols, in episodes of 512"
    yield "pattern layers", count(asked["layers"])
    yield "recursive networks of a layer, besides", count(asked["recursive"])
    yield "matches", ", ".join(asked["matches"])
    price = summary["transformer"]["multiply_add"]
    yield "multiply-add", f"{digits(price['value_pj'])} pJ, {price['grade']}: {price['source']}"
    model = summary["transformer"]
    yield (
        "transformer",
        f"d = {count(model['width'])}, {count(model['blocks'])} blocks, {count(model['parameters'])} parameters (12 d² a block)",
    )

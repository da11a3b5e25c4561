"""A comparison as text: the most telling first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipsim.cli.text import columns, labelled, unbroken
from chipsim.results.comparison.comparison import letter
from chipsim.results.comparison.tables import POINTS
from chipsim.results.comparison.words import span, texts, times
from chipsim.terminal import plural

if TYPE_CHECKING:
    from chipsim.results.comparison import Comparison, Difference, TableDifference

_MOST = {"settings": 20, "figures": 15, "columns": 6, "values": 4}
"""Lines that are shown without ``--all``."""
_WIDEST = 26
"""Characters of a value; a longer one is cut in the middle."""

_FORMS = {
    "json": "only the JSON object of each is read, as not all are folders: neither experiment.yaml nor the tables beside it",
    "npz": "only the mapping file of each is read, as not all are folders: no settings, no figures",
}


def comparison_lines(comparison: Comparison, everything: bool, pages: Sequence[Path]) -> Iterator[str]:
    """What differs, for people.

    Args:
        comparison: the outcome.
        everything: whether all that differs is listed.
        pages: that were written.
    """
    yield labelled("compare", f"{comparison.kind}: {comparison.headline}")
    for number, path in enumerate(comparison.paths):
        yield labelled(letter(number), unbroken(path))
    if comparison.form in _FORMS:
        yield labelled("read", _FORMS[comparison.form])
    yield from _digests(comparison)
    if comparison.settings:
        yield from ("", *_values("setting", comparison.settings, everything, "settings", ratios=False))
    if comparison.figures:
        yield from ("", *_values("figure", comparison.figures, everything, "figures", ratios=True))
    if comparison.tables:
        yield ""
    for table in comparison.tables:
        yield from _table(table, everything, several=len(comparison.paths) > 2)
    yield ""
    if everything and comparison.machine:
        yield from (*_values("of the machine", comparison.machine, True, "figures", ratios=True), "")
    elif comparison.machine:
        names = list(dict.fromkeys(one.key.partition(".")[0] for one in comparison.machine))
        yield labelled("machine", f"also different, and no difference of the results: {', '.join(names)}")
    for page in pages:
        yield labelled("page", unbroken(page))
    if not pages:
        yield labelled("page", "not made; --page FILE makes one")


def _digests(comparison: Comparison) -> Iterator[str]:
    told = [f"{one.key} {'equal' if one.equal else 'not in all' if one.absent else 'DIFFERS'}" for one in comparison.digests]
    if told:
        yield labelled("digests", ", ".join(told))


def _values(head: str, found: Sequence[Difference], everything: bool, what: str, *, ratios: bool) -> Iterator[str]:
    shown = found if everything else found[: _MOST[what]]
    results = len(found[0].values)
    heads = [head, *map(letter, range(results))]
    heads += [f"{letter(n)}/A" for n in range(1, results)] if ratios else []
    rows = []
    for one in shown:
        cells = [one.key, *(_cut(text, everything) for text in texts(one.key, one.values, one.absent))]
        rows.append([*cells, *(map(times, one.ratios) if ratios else ()), ""])
    yield from columns([*heads, ""], rows, right=range(1, len(heads)) if ratios else ())
    if len(shown) < len(found):
        yield f"and {plural(len(found) - len(shown), 'more ' + what.removesuffix('s'))}: --all"


def _table(table: TableDifference, everything: bool, *, several: bool) -> Iterator[str]:
    of = f" of {letter(table.other)}" if several else ""
    if None in table.rows:
        side = letter(table.other) if table.rows[0] is None else "A"
        yield labelled("table", f"{table.name}{of}: only in {side}")
        return
    here, there = table.rows
    rows = f"{here:,}" if here == there else f"{here:,} and {there:,}"
    text = f"{table.name}{of}: {table.differing:,} of {rows} rows differ"
    for number, who in zip(table.unmatched, ("A", letter(table.other)), strict=True):
        text += f", {number:,} only in {who}" if number else ""
    text += f"; columns of one alone: {', '.join(table.lost)}" if table.lost else ""
    yield labelled("table", text)
    if table.name == POINTS:
        yield from _points(table, everything)
        return
    shown = table.columns if everything else table.columns[: _MOST["columns"]]
    told = [f"{one.name} in {one.rows:,}{_span(one.least, one.most)}" for one in shown]
    if len(shown) < len(table.columns):
        told.append(f"and {len(table.columns) - len(shown):,} more: --all")
    if told:
        yield labelled("", "; ".join(told))
    if table.first is not None:
        first = table.first
        where = ", ".join(f"{key} {value}" for key, value in first.where.items())
        pairs = [f"{name} {_pair(name, values)}" for name, values in first.values.items()]
        pairs = pairs if everything else pairs[: _MOST["values"]]
        yield labelled("", f"first: row {first.number}{f' ({where})' if where else ''}: {'; '.join(pairs)}")


def _points(table: TableDifference, everything: bool) -> Iterator[str]:
    """Points of a sweep or a curve: each has the figures of a run, so their columns stand below each other."""
    shown = table.columns if everything else table.columns[: _MOST["figures"]]
    first = {} if table.first is None else table.first.values
    rows = []
    for one in shown:
        pair = [_cut(text, everything) for text in texts(one.name, first[one.name])] if one.name in first else ["", ""]
        rows.append([one.name, f"{one.rows:,}", span(one.least, one.most), *pair, ""])
    other = letter(table.other)
    if rows:
        yield from columns(["column", "rows", f"{other}/A", "first: A", f"first: {other}", ""], rows, right=range(1, 5))
    if len(shown) < len(table.columns):
        yield f"and {plural(len(table.columns) - len(shown), 'more column')}: --all"
    if table.first is not None:
        yield labelled("first", ", ".join(f"{key} {value}" for key, value in table.first.where.items()))


def _span(least: float | None, most: float | None) -> str:
    told = span(least, most)
    return f" (times {told})" if told else ""


def _pair(name: str, values: tuple[Any, Any]) -> str:
    here, there = (_cut(text, everything=False) for text in texts(name, values))
    return f"{here} -> {there}"


def _cut(text: str, everything: bool) -> str:
    """Both ends of a long text: what differs in a path or a digest is mostly there."""
    text = text.replace("\n", " ")
    if everything or len(text) <= _WIDEST:
        return text
    half = (_WIDEST - 3) // 2
    return f"{text[:half]}...{text[-half:]}"

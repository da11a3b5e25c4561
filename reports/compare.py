"""The page of a comparison: what differs between results, as tables; one file that is readable offline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chipsim import __version__
from chipsim.programs.told import Fact, Sheet
from chipsim.results.comparison import Comparison, Difference, TableDifference
from chipsim.results.comparison.comparison import letter
from chipsim.results.comparison.words import span, texts, times
from reports.file import write_text

TEMPLATE = "compare.html.j2"

_MOST_ROWS = 1000
"""Rows of a table on the page; ``--json`` has all."""


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write the page.

    Raises:
        OSError: it cannot be written.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = environment.get_template(TEMPLATE).render(
        comparison=comparison,
        results=[(letter(n), one) for n, one in enumerate(comparison.paths)],
        facts=list(_facts(comparison)),
        sheets=list(_sheets(comparison)),
        version=__version__,
    )
    write_text(path, text)


def _facts(comparison: Comparison) -> Iterator[Fact]:
    """The figures that tell most, as far as they differ."""
    for one in comparison.figures[:6]:
        told = [text for text in map(times, one.ratios) if text]
        values = " → ".join(texts(one.key, one.values, one.absent))
        yield Fact(one.key, ", ".join(told) or values, values if told else "A → B")


def _sheets(comparison: Comparison) -> Iterator[Sheet]:
    """Tables of the page: digests, settings, figures, one per table that differs, the machine's own."""
    if comparison.digests:
        lines = [
            (one.key, "equal" if one.equal else "differs", *texts(one.key, one.values, one.absent))
            for one in comparison.digests
        ]
        heads = ("digest", "", *map(letter, range(len(comparison.paths))))
        note = "Equal digests mean the same events at the same picoseconds; equal functional digests the same answers."
        yield Sheet("digests", "Digests", heads, tuple(lines), (False,) * len(heads), note)
    for key, title, found, note in (
        ("settings", "Settings that differ", comparison.settings, ""),
        ("figures", "Figures that differ", comparison.figures, "The most telling first; what is equal is left out."),
    ):
        if found:
            yield _values(key, title, found, note)
    for number, table in enumerate(comparison.tables):
        yield _table(f"table-{number}", table)
    if comparison.machine:
        note = "Times, memory and version: they belong to the machine and make no results different."
        yield _values("machine", "The machine's own", comparison.machine, note)


def _values(key: str, title: str, found: Sequence[Difference], note: str) -> Sheet:
    results = len(found[0].values)
    heads = ("key", *map(letter, range(results)), *(f"{letter(n)}/A" for n in range(1, results)))
    lines = [(one.key, *texts(one.key, one.values, one.absent), *map(times, one.ratios)) for one in found[:_MOST_ROWS]]
    numeric = (False, *(_is_number(column) for column in zip(*(one.values for one in found), strict=True)))
    if len(found) > _MOST_ROWS:
        note += f" The first {_MOST_ROWS:,} of {len(found):,} are shown."
    return Sheet(key, title, heads, tuple(lines), (*numeric, *(results - 1) * (True,)), note)


def _is_number(column: Sequence[Any]) -> bool:
    return any(isinstance(value, (int, float)) and not isinstance(value, bool) for value in column)


def _table(key: str, table: TableDifference) -> Sheet:
    who = letter(table.other)
    title = f"Table {table.name}, A and {who}"
    if None in table.rows:
        only = who if table.rows[0] is None else "A"
        return Sheet(key, title, ("",), ((f"only in {only}",),), (False,))
    first = table.first.values if table.first is not None else {}
    lines = [
        (column.name, f"{column.rows:,}", span(column.least, column.most), *_pair(column.name, first.get(column.name)))
        for column in table.columns
    ]
    lines += [(name, "", "only in one", "", "") for name in table.lost]
    note = f"{table.differing:,} of {table.rows[0]:,} rows differ ({table.rows[1]:,} rows in {who})"
    for number, side in zip(table.unmatched, ("A", who), strict=True):
        note += f", {number:,} only in {side}" if number else ""
    if table.first is not None:
        where = ", ".join(f"{name} {value}" for name, value in table.first.where.items())
        note += f"; the first is row {table.first.number}{f' ({where})' if where else ''}, its values are at the right"
    heads = ("column", "rows", f"{who}/A", "first: A", f"first: {who}")
    return Sheet(key, title, heads, tuple(lines), (False, True, False, True, True), f"{note}.")


def _pair(name: str, values: tuple[Any, Any] | None) -> list[str]:
    return ["", ""] if values is None else texts(name, values)

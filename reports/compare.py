"""The page of a comparison: what differs between results, as tables; one file that is readable offline."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from chipsim import __version__
from chipsim.programs.told import Fact, Sheet
from chipsim.quantity import plural
from chipsim.results.comparison import Comparison, Difference, TableDifference
from chipsim.results.comparison.comparison import letter
from chipsim.results.comparison.ranking import WORDS
from chipsim.results.comparison.side import DIGESTS
from chipsim.results.comparison.tables import POINTS
from chipsim.results.comparison.words import span, texts, times
from reports.file import write_text
from reports.page import rendered

TEMPLATE = "compare.html.j2"

DETAIL = "table-"
"""Beginning of the keys of sheets that the contents leave out: one table each."""

_MOST_ROWS, _MOST_FACTS, _MOST_REASONS = 1000, 6, 5
"""Rows of a table on the page, of which ``--json`` has all; figures and settings at the top."""

_SLIGHT = 1e-4  # a ratio as near to 1 is no figure for the top of the page
_LONGEST_NUMBER = 24
_WIDEST = 60  # characters of a value at the top


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write the page.

    Raises:
        OSError: it cannot be written.
    """
    text = rendered(
        TEMPLATE,
        comparison=comparison,
        results=[(letter(n), one) for n, one in enumerate(comparison.paths)],
        reasons=list(_reasons(comparison)),
        facts=list(_facts(comparison)),
        detail=DETAIL,
        sheets=list(_sheets(comparison)),
        again=shlex.join(["chipsim", "compare", *comparison.paths, "--page", "compare.html"]),
        version=__version__,
    )
    write_text(path, text)


def _facts(comparison: Comparison) -> Iterator[Fact]:
    """What moved most tellingly: figures, and columns of the points of a sweep or a curve."""
    facts = [_fact(one) for one in comparison.figures if any(ratio and abs(ratio - 1) >= _SLIGHT for ratio in one.ratios)]
    for table in comparison.tables:
        for column in table.columns if table.name == POINTS else ():
            if column.least is not None and column.most is not None and column.name in WORDS:
                note = f"{letter(table.other)}/A over {plural(column.rows, 'point')} that differ; {column.name}"
                facts.append(Fact(WORDS[column.name], f"× {span(column.least, column.most)}", note))
    yield from facts[:_MOST_FACTS]


def _fact(one: Difference) -> Fact:
    value = ", ".join(f"× {text}" for text in map(times, one.ratios) if text)
    values = " → ".join(texts(one.key, one.values, one.absent))
    known = one.key in WORDS
    return Fact(WORDS.get(one.key, one.key), value, f"{values}; {one.key}" if known else values)


def _reasons(comparison: Comparison) -> Iterator[str]:
    """The first settings that differ, in a line each."""
    for one in comparison.settings[:_MOST_REASONS]:
        yield f"{one.key}: {' → '.join(_cut(text) for text in texts(one.key, one.values, one.absent))}"
    if len(comparison.settings) > _MOST_REASONS:
        yield f"and {plural(len(comparison.settings) - _MOST_REASONS, 'more setting')}"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _sheets(comparison: Comparison) -> Iterator[Sheet]:
    """Tables of the page: digests, settings, figures, what tables differ and each of them, the machine's own."""
    if comparison.digests:
        lines = [
            (
                one.key,
                "equal" if one.equal else "not in all" if one.absent else "differs",
                *map(_end, texts(one.key, one.values, one.absent)),
            )
            for one in comparison.digests
        ]
        heads = ("digest", "equal?", *map(letter, range(len(comparison.paths))))
        note = "Equal digests mean the same events at the same picoseconds; equal functional digests the same answers."
        yield Sheet("digests", "Digests", heads, tuple(lines), (False,) * len(heads), note)
    for key, title, found, note in (
        ("settings", "Settings that differ", comparison.settings, ""),
        ("figures", "Figures that differ", comparison.figures, "The most telling first; what is equal is left out."),
    ):
        if found:
            yield _values(key, title, found, note)
    if comparison.tables:
        yield _overview(comparison)
    for number, table in enumerate(comparison.tables):
        if None not in table.rows:
            yield _table(f"{DETAIL}{number}", table)
    if comparison.machine:
        note = "Times, memory, version and the engine that auto took: they make no results different."
        yield _values("machine", "The machine's own", comparison.machine, note)


def _overview(comparison: Comparison) -> Sheet:
    """A row per table that differs."""
    lines = []
    for table in comparison.tables:
        who = letter(table.other)
        if None in table.rows:
            lines.append((table.name, who, "", "", "", f"only in {who if table.rows[0] is None else 'A'}"))
            continue
        columns = ", ".join(column.name for column in table.columns[:6]) + (" …" if len(table.columns) > 6 else "")
        alone = " and ".join(
            f"{number:,} in {side}" for number, side in zip(table.unmatched, ("A", who), strict=True) if number
        )
        lines.append((table.name, who, f"{table.differing:,}", f"{table.rows[0]:,}", alone, columns or "columns of one alone"))
    heads = ("table", "against A", "rows that differ", "rows of A", "rows of one alone", "columns that differ")
    return Sheet("tables", "Tables that differ", heads, tuple(lines), (False, False, True, True, False, False))


def _values(key: str, title: str, found: Sequence[Difference], note: str) -> Sheet:
    results = len(found[0].values)
    ratios = any(ratio is not None for one in found for ratio in one.ratios)
    heads = ["key", *map(letter, range(results)), *((f"{letter(n)}/A" for n in range(1, results)) if ratios else ())]
    lines = [
        (one.key, *texts(one.key, one.values, one.absent), *(map(times, one.ratios) if ratios else ()))
        for one in found[:_MOST_ROWS]
    ]
    columns = zip(*(one.values for one in found), strict=True)
    numeric = [False, *(_is_number(column) and _is_short(line[n] for line in lines) for n, column in enumerate(columns, 1))]
    numeric += [True] * (len(heads) - len(numeric))
    if len(found) > _MOST_ROWS:
        note += f" The first {_MOST_ROWS:,} of {len(found):,} are shown."
    return Sheet(key, title, tuple(heads), tuple(lines), tuple(numeric), note)


def _is_number(column: Sequence[Any]) -> bool:
    return any(isinstance(value, (int, float)) and not isinstance(value, bool) for value in column)


def _is_short(cells: Iterable[str]) -> bool:
    """Whether a column may stand at the right, where lines are not broken."""
    return all(len(cell) <= _LONGEST_NUMBER for cell in cells)


def _table(key: str, table: TableDifference) -> Sheet:
    who = letter(table.other)
    title = f"Table {table.name}, A and {who}"
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
    found = ["", ""] if values is None else texts(name, values)
    return [_end(text) for text in found] if name.rpartition(".")[2] in DIGESTS else found


def _end(text: str) -> str:
    """The end of a digest, enough to see which are equal."""
    return f"…{text[-12:]}" if len(text) > 12 else text

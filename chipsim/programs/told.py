"""What a program says of its runs: words for the ten lines, key numbers and tables of the report, and which figures it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chipsim.lookup import Columns, Summary, Table, Tables

STATUS = {
    "done": "all work done",
    "until": "stopped at the end that was set",
    "interrupted": "interrupted",
}
"""How a run ended, in words."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One key number: what it is, its value, a remark."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Try:
    """What to try next: a setting, ``key=value``, and what one learns by it, beginning with a verb."""

    setting: str
    why: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as text.

    Attributes:
        key: short unique name.
        title: heading.
        columns: headers.
        lines: cells, one tuple per row.
        numeric: for each column, whether it is set flush right.
        note: what to know when reading it.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    note: str = ""


def sheet(
    key: str, title: str, columns: tuple[str, ...], cells: Sequence[Sequence[str]], numeric: tuple[bool, ...], note: str = ""
) -> Sheet:
    """A table from its cells, column by column."""
    return Sheet(key, title, columns, tuple(zip(*cells, strict=True)), numeric, note)


Condense = Callable[[Summary, Tables, Iterable[Table]], Mapping[str, Columns]]
"""Makes small tables of a large one, from summary, other tables, and the rows of the large one in parts, each as columns."""


@dataclass(frozen=True, slots=True)
class Condensed:
    """A table that reports do not read whole, for it may not fit in memory or on a page.

    Attributes:
        columns: what is read of it.
        condense: what is made of them; its tables stand in the place of the large one.
    """

    columns: tuple[str, ...]
    condense: Condense


def _nothing(summary: Summary) -> str:
    return ""


def _no_sheets(tables: Tables) -> list[Sheet]:
    return []


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a program's runs.

    Attributes:
        done: what was done, in a phrase for a terminal.
        network: what the network did, likewise.
        latency_way: between which two moments latency is; no_latency: what to say where none was measured.
        next: a setting to try next, and why.
        facts: the numbers to look at first, from summary and tables.
        figures: names of the report's figures, in order (``reports.figures``).
        sheets: the program's own tables of the report.
        scale: what became of a user's numbers on the chip, in a line for a terminal; empty where there is nothing to say.
        condensed: tables of which reports see only what is made of them, by name.
    """

    done: Callable[[Summary], str]
    network: Callable[[Summary], str]
    latency_way: str
    no_latency: str
    next: Callable[[Summary], Try]
    facts: Callable[[Summary, Tables], list[Fact]]
    figures: tuple[str, ...]
    sheets: Callable[[Tables], list[Sheet]] = _no_sheets
    scale: Callable[[Summary], str] = _nothing
    condensed: Mapping[str, Condensed] = field(default_factory=dict)

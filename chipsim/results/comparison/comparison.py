"""The outcome of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from chipsim.frames import Frames, html_table
from chipsim.results.comparison.places import is_place
from chipsim.results.comparison.same import ratio, same
from chipsim.results.comparison.tables import TableDifference
from chipsim.results.comparison.words import span, texts, times

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting or figure in all results.

    Attributes:
        key: its dotted name.
        values: in the order of the results; None where it is null or absent.
        absent: numbers of the results that do not have it, from 0.
    """

    key: str
    values: tuple[Any, ...]
    absent: tuple[int, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether all results have it, with one value."""
        return not self.absent and all(same(self.values[0], value) for value in self.values[1:])

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """Each value but the first to the first; None where that says nothing."""
        return tuple(None if is_place(self.key) else ratio(self.values[0], value) for value in self.values[1:])


@dataclass(frozen=True, slots=True)
class Comparison(Frames):
    """Results of one kind side by side; the first is what the others are held against.

    Attributes:
        kind: ``run``, ``sweep``, ``mapping``, ``noc`` or ``scale``.
        form: ``folder``; ``json`` or ``npz`` where only a file of each was read.
        paths: of the results, as given.
        settings, figures: those that differ, the most telling figures first.
        digests: all, equal ones too.
        machine: the machine's own figures that differ: times, memory, version. They make nothing unequal.
        tables: those that differ.
        looked_at: how many ``settings``, ``figures``, ``digests`` and ``tables`` there are in all.
    """

    kind: str
    form: str
    paths: tuple[str, ...]
    settings: tuple[Difference, ...]
    figures: tuple[Difference, ...]
    digests: tuple[Difference, ...]
    machine: tuple[Difference, ...]
    tables: tuple[TableDifference, ...]
    looked_at: dict[str, int]

    @property
    def equal(self) -> bool:
        """Whether nothing but the machine's own differs."""
        return not (self.settings or self.figures or self.tables) and all(one.equal for one in self.digests)

    @property
    def headline(self) -> str:
        """What comes out, in one sentence."""
        looked = ", ".join(
            f"{number:,} {what if number != 1 else what.removesuffix('s')}" for what, number in self.looked_at.items() if number
        )
        if self.equal:
            return f"equal in everything but the machine's own: {looked}"
        parts = []
        for what, found in (
            ("settings", len(self.settings)),
            ("figures", len(self.figures)),
            ("digests", sum(not one.equal for one in self.digests)),
            ("tables", len({one.name for one in self.tables})),
        ):
            if self.looked_at[what]:
                parts.append(f"{found:,} of {self.looked_at[what]:,} {what}")
        return "different in " + ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The object of ``--json``."""
        return {
            "schema": 1,
            "kind": self.kind,
            "form": self.form,
            "paths": list(self.paths),
            "equal": self.equal,
            "looked_at": self.looked_at,
            "settings": [_plain(one) for one in self.settings],
            "digests": [_plain(one) for one in self.digests],
            "figures": [_plain(one) for one in self.figures],
            "tables": [asdict(one) for one in self.tables],
            "machine": [_plain(one) for one in self.machine],
        }

    def _tables(self) -> Mapping[str, Callable[[], pa.Table]]:
        """``settings``, ``figures``, ``digests``, ``machine``: a row per key with the value in each result; ``tables``: what differs there."""
        parts = {name: getattr(self, name) for name in ("settings", "figures", "digests", "machine")}
        found: dict[str, Callable[[], pa.Table]] = {name: partial(self._values, part) for name, part in parts.items()}
        return found | {"tables": self._columns}

    def _values(self, found: tuple[Difference, ...]) -> pa.Table:
        from chipsim.results.comparison.files import rows_table

        sides = range(len(self.paths))
        rows = [
            {"key": one.key}
            | {letter(n): one.values[n] for n in sides}
            | {f"{letter(n)}/A": one.ratios[n - 1] for n in sides[1:]}
            for one in found
        ]
        return rows_table(rows)

    def _columns(self) -> pa.Table:
        from chipsim.results.comparison.files import rows_table

        rows = [
            {
                "table": table.name,
                "against": letter(table.other),
                "column": column.name,
                "rows": column.rows,
                "least": column.least,
                "most": column.most,
            }
            for table in self.tables
            for column in table.columns
        ]
        return rows_table(rows)

    def _repr_html_(self) -> str:
        """A notebook's view: what differs, as tables."""
        heads = ["", *map(letter, range(len(self.paths))), *(f"{letter(n)}/A" for n in range(1, len(self.paths)))]
        parts = [f"<p><b>{self.kind}</b>: {escape(self.headline)}</p>", "<ul>"]
        parts += [f"<li>{letter(n)}: {escape(path)}</li>" for n, path in enumerate(self.paths)]
        parts.append("</ul>")
        for title, found in (("settings", self.settings), ("digests", self.digests), ("figures", self.figures)):
            if found:
                rows = [[one.key, *texts(one.key, one.values, one.absent), *map(times, one.ratios)] for one in found]
                parts.append(f"<p>{title}</p>{html_table(heads, rows)}")
        if self.tables:
            rows = [
                [table.name, column.name, f"{column.rows:,}", span(column.least, column.most)]
                for table in self.tables
                for column in table.columns
            ]
            parts.append(f"<p>tables</p>{html_table(['table', 'column', 'rows', 'ratio'], rows)}")
        return "".join(parts)


def letter(number: int) -> str:
    """What the results are called: A to Z, then R27 and on."""
    return chr(ord("A") + number) if number < 26 else f"R{number + 1}"


def _plain(one: Difference) -> dict[str, Any]:
    return {
        "key": one.key,
        "equal": one.equal,
        "values": list(one.values),
        "ratios": list(one.ratios),
        "absent": list(one.absent),
    }

"""Hold results against the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chipsim.errors import UsageError
from chipsim.results.comparison.comparison import Comparison, Difference
from chipsim.results.comparison.kinds import source_of
from chipsim.results.comparison.ranking import rank
from chipsim.results.comparison.read import read_sides
from chipsim.results.comparison.side import Side
from chipsim.results.comparison.tables import TableDifference, compare_tables


def compare(paths: Sequence[str | Path]) -> Comparison:
    """Hold results of one kind against the first of them: settings, figures, digests, tables; equality, no tolerance.

    Args:
        paths: two or more folders of runs, sweeps, mappings, ``noc`` or ``scale``, or files with what ``--json`` prints, or mapping
            files; the kind is told by what is in them.

    Returns:
        What differs. Figures of the machine (times, memory, version) are listed apart and make nothing unequal.

    Raises:
        UsageError: fewer than two, of different kinds, not a result, or broken; the message names the path.
    """
    if len(paths) < 2:
        raise UsageError(f"compare: {len(paths)} given; allowed: two or more results of one kind")
    sources = [source_of(Path(path)) for path in paths]
    sides, form = read_sides(sources)
    settings, figures, digests, machine = (
        _values([getattr(one, part) for one in sides]) for part in ("settings", "figures", "digests", "machine")
    )
    names = list(dict.fromkeys(name for one in sides for name in one.tables))
    return Comparison(
        kind=sources[0].kind,
        form=form,
        paths=tuple(map(str, paths)),
        settings=tuple(one for one in settings if not one.equal),
        figures=tuple(sorted((one for one in figures if not one.equal), key=lambda one: rank(one.key))),
        digests=tuple(digests),
        machine=tuple(one for one in machine if not one.equal),
        tables=tuple(found for name in names for found in _tables(name, sides)),
        looked_at={"settings": len(settings), "figures": len(figures), "digests": len(digests), "tables": len(names)},
    )


def _values(parts: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """Every key of all results with its values."""
    keys = dict.fromkeys(key for part in parts for key in part)
    return [
        Difference(key, tuple(part.get(key) for part in parts), tuple(n for n, part in enumerate(parts) if key not in part))
        for key in keys
    ]


def _tables(name: str, sides: Sequence[Side]) -> list[TableDifference]:
    found = []
    first = sides[0].tables[name]() if name in sides[0].tables else None
    for other, one in enumerate(sides[1:], 1):
        table = one.tables[name]() if name in one.tables else None
        if first is not None and table is not None:
            difference = compare_tables(name, other, first, table, _keys(name, sides[0], one))
            found += [] if difference is None else [difference]
        elif first is not None or table is not None:
            rows = None if first is None else len(first), None if table is None else len(table)
            found.append(TableDifference(name, other, rows))
    return found


def _keys(name: str, one: Side, two: Side) -> tuple[str, ...]:
    """Columns that rows are matched by: what the two results have in common of them."""
    others = two.keys.get(name, ())
    return tuple(key for key in one.keys.get(name, ()) if key in others)

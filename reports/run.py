"""A run as reports see it: the summary and the flat tables that figures and pages are made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chipsim.lookup import Summary, Tables, value
from chipsim.programs.base import PROGRAMS
from chipsim.results.store import read_parts, read_run, read_summary


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its folder tells it.

    Attributes:
        folder: the run folder.
        summary: object of ``summary.json``.
        tables: table name to columns; a table that the run did not write is absent. Of tables that its program has condensed
            (``Told.condensed``) there is what is made of them.
    """

    folder: Path
    summary: Summary
    tables: Tables


def load_run(folder: Path) -> Run:
    """Summary and tables of a run folder.

    Raises:
        UsageError: it is not a run folder, or a file of it is broken.
    """
    kind = str(value(read_summary(folder), "kind"))
    condensed = PROGRAMS.get(kind).told.condensed
    summary, tables = read_run(folder, leave=condensed)
    for name, one in condensed.items():
        if (folder / f"{name}.parquet").exists():
            tables |= one.condense(summary, tables, read_parts(folder, name, one.columns))
    return Run(folder, summary, tables)


def counted(summary: Summary) -> str:
    """What rates count, in the plural: ``events``, of a spiking network ``spikes``, of given packets ``packets``."""
    return f"{value(summary, 'claim.rate_of')}s"

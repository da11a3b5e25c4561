"""A run as reports see it: the summary and the flat tables that figures and pages are made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chipsim.lookup import Summary, Tables, value
from chipsim.results.store import read_run


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its folder tells it.

    Attributes:
        folder: the run folder.
        summary: object of ``summary.json``.
        tables: table name to columns; a table that the run did not write is absent.
    """

    folder: Path
    summary: Summary
    tables: Tables


def load_run(folder: Path) -> Run:
    """Summary and tables of a run folder.

    Raises:
        UsageError: it is not a run folder, or a file of it is broken.
    """
    summary, tables = read_run(folder)
    return Run(folder, summary, tables)


def counted(summary: Summary) -> str:
    """What rates count, in the plural: ``events``, of a spiking network ``spikes``, of given packets ``packets``."""
    return f"{value(summary, 'claim.rate_of')}s"

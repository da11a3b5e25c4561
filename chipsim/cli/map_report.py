"""The folder of a mapping: its summary, its tables, and the report made from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipsim.errors import UsageError

if TYPE_CHECKING:
    from chipsim.lookup import Columns


def refuse_folder(folder: Path, force: bool) -> None:
    """Make the folder of a report, and see that it can be written, before time is spent on what goes into it.

    What an earlier run or report left there goes first.

    Raises:
        UsageError: it holds something already and nothing may be replaced, or it cannot be made.
    """
    from chipsim.results.store import remove_stale

    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not force:
            raise UsageError(
                f"{folder}: the folder is not empty; name another with --report, or replace what is there with --force"
            )
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be written: {error.strerror or error}; name another folder with --report"
        ) from error
    remove_stale(folder)


def write_report(folder: Path, summary: dict[str, Any], tables: dict[str, Columns]) -> Path:
    """Write ``mapping.json``, the tables and the report.

    Args:
        folder: exists.
        summary: of the mapping.
        tables: ``cores`` and what else there is, by name.

    Returns:
        Path of ``report.html``.

    Raises:
        UsageError: a file cannot be written.
    """
    from chipsim.results.store import MAPPING_SUMMARY, refused, write_summary, write_table  # heavy, and --help must be quick
    from reports.mapping import build_mapping_report

    for name, table in tables.items():
        write_table(folder, name, table)
    write_summary(folder, summary, MAPPING_SUMMARY)
    try:
        return build_mapping_report(folder)
    except OSError as error:
        raise refused(folder / "report.html", error) from error

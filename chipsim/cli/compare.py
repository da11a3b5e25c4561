"""``chipsim compare``: results of one kind side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chipsim.cli.options import Json, Quiet
from chipsim.cli.output import tell
from chipsim.errors import UsageError

if TYPE_CHECKING:
    from chipsim.results.comparison import Comparison

DIFFERENT = 1
"""Exit code of ``--fail-on-difference``."""

PAGE, OBJECT = "compare.html", "compare.json"


def compare(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="A B [C]...",
            help="Folders that run, sweep, map, noc, scale or complexity wrote; files of their --json; mapping files.",
        ),
    ],
    all_: Annotated[
        bool, typer.Option("--all", help="Every figure and table that differs, not only the most telling.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page, one file that is readable offline.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help=f"Write {PAGE} and {OBJECT} there.", show_default=False)
    ] = None,
    fail: Annotated[
        bool,
        typer.Option(
            "--fail-on-difference", help="Exit with 1 where anything differs but times, memory and version of chipsim."
        ),
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Hold results of one kind against the first of them.

    Settings and figures that differ, with ratio; digests; tables, in how many rows, and the first of them. Equality, no tolerance.
    """
    from chipsim.cli.compare_lines import comparison_lines  # heavy, and --help must be quick
    from chipsim.results.comparison import compare as hold
    from chipsim.results.store import summary_text

    comparison = hold(paths)
    written = _write(comparison, page, out)
    if json:
        tell(summary_text(comparison.as_dict()), nl=False)
    if not quiet:
        tell("\n".join(comparison_lines(comparison, all_, written)), err=json)
    if fail and not comparison.equal:
        raise typer.Exit(DIFFERENT)


def _write(comparison: Comparison, page: Path | None, out: Path | None) -> list[Path]:
    """Write what is asked for; returns the pages."""
    from chipsim.results.store import summary_text
    from reports.compare import write_comparison
    from reports.file import write_text

    files = [] if page is None else [page]
    try:
        where = out
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            write_text(out / OBJECT, summary_text(comparison.as_dict()))
            files.append(out / PAGE)
        for where in files:
            write_comparison(where, comparison)
    except OSError as error:
        raise UsageError(
            f"{where}: cannot be written: {error.strerror or error}; name another place with --page or --out"
        ) from error
    return files

"""``chipsim report``: make the report of a folder, again or for the first time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from chipsim.cli.options import Json, Quiet
from chipsim.cli.output import tell
from chipsim.errors import UsageError


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A folder that chipsim run, sweep, map, noc, scale or complexity wrote.")
    ],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make report.html of a folder of a run, a sweep, a mapping, a measured network, a series of sizes or of lengths.

    One file, readable offline.
    """
    from chipsim.cli.progress import shown_stages
    from chipsim.results.comparison.kinds import source_of  # heavy, and --help must be quick
    from chipsim.results.store import refused

    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; give one that chipsim run, sweep, map, noc, scale or complexity wrote")
    kind = source_of(folder).kind
    build = _builders().get(kind)
    if build is None:
        raise UsageError(
            f"{folder}: of kind {kind}, which has no page; give a folder that chipsim run, sweep, map, noc, scale or complexity wrote"
        )
    try:
        with shown_stages(quiet) as stage:
            stage("writing the report")
            path = build(folder)
    except OSError as error:
        raise refused(folder / "report.html", error) from error
    if json:
        from json import dumps

        tell(dumps({"report": str(path)}))
    elif not quiet:
        tell(str(path))


def _builders() -> dict[str, Callable[[Path], Path]]:
    """What makes the page of a folder, by the kind of result in it."""
    from chipsim.results.comparison.kinds import COMPLEXITY, MAPPED, NOC, RUN, SCALE, SWEEP
    from reports.complexity import build_complexity_report
    from reports.html import build_report
    from reports.mapping import build_mapping_report
    from reports.noc import build_noc_report
    from reports.scale import build_scale_report
    from reports.sweep import build_sweep_report

    return {
        RUN: build_report,
        SWEEP: build_sweep_report,
        MAPPED: build_mapping_report,
        NOC: build_noc_report,
        SCALE: build_scale_report,
        COMPLEXITY: build_complexity_report,
    }

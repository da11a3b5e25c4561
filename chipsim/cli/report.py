"""``chipsim report``: make the report of a folder, again or for the first time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chipsim.cli.options import Json, Quiet
from chipsim.cli.output import tell


def report(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that chipsim run, sweep or map wrote.")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make report.html of a folder of a run, a sweep or a mapping.

    One file, readable offline.
    """
    from chipsim.cli.progress import shown_stages
    from chipsim.results.store import read_summary, refused  # heavy, and --help must be quick
    from reports.html import build_report
    from reports.mapping import build_mapping_report
    from reports.sweep import build_sweep_report

    build = build_report
    if (folder / "points.parquet").is_file():
        build = build_sweep_report
    elif (folder / "mapping.json").is_file() and not (folder / "summary.json").is_file():
        build = build_mapping_report
    else:
        read_summary(folder)  # what is no run folder is refused before anything is drawn
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

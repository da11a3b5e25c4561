"""One self-contained HTML page per run: figures, numbers and the verdict, readable offline, on paper, and without a mouse."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from reports.content import facts, sheets
from reports.file import write_text
from reports.markdown import markdown
from reports.pictures import Picture, pictures
from reports.run import Run, load_run
from reports.scope import MODELLED, NOT_MODELLED, identity, settings
from reports.verdict import verdict

log = logging.getLogger(__name__)

HTML, MARKDOWN = "report.html", "report.md"
TEMPLATE = "report.html.j2"


def build_report(folder: Path) -> Path:
    """Make ``report.html`` of a run folder, and its twin ``report.md`` for reviews, from what the folder holds.

    Returns:
        Path of ``report.html``.

    Raises:
        UsageError: it is not a run folder, or a file of it is broken.
        OSError: the report cannot be written.
    """
    run = load_run(folder)
    path = folder / HTML
    figures = pictures(run)
    write_text(path, page(run, figures))
    write_text(folder / MARKDOWN, markdown(run, figures))
    log.info("wrote %s and %s", path, MARKDOWN)
    return path


def page(run: Run, figures: list[Picture]) -> str:
    """The page as text; the same run gives the same bytes."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(TEMPLATE).render(_content(run, figures))


def _content(run: Run, figures: list[Picture]) -> dict[str, Any]:
    summary = run.summary
    chip = summary.get("chip") or {}
    return {
        "name": summary.get("name", run.folder.name),
        "chip": chip,
        "status": summary.get("status"),
        "engine": summary.get("engine"),
        "version": summary.get("version"),
        "verdict": verdict(summary, run.tables),
        "facts": facts(summary, run.tables),
        "pictures": figures,
        "sheets": sheets(run),
        "modelled": MODELLED,
        "not_modelled": NOT_MODELLED,
        "settings": settings(run),
        "identity": identity(run),
    }

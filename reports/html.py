"""One self-contained HTML page per run: figures, numbers and the verdict, readable offline, on paper, and without a mouse."""

from __future__ import annotations

import logging
from pathlib import Path

from reports.file import write_text
from reports.markdown import markdown
from reports.page import rendered
from reports.run import load_run
from reports.scope import MODELLED, NOT_MODELLED
from reports.story import Story, tell

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
    story = tell(load_run(folder))
    path = folder / HTML
    write_text(path, page(story))
    write_text(folder / MARKDOWN, markdown(story))
    log.info("wrote %s and %s", path, MARKDOWN)
    return path


def page(story: Story) -> str:
    """The page as text; the same run gives the same bytes."""
    return rendered(TEMPLATE, story=story, modelled=MODELLED, not_modelled=NOT_MODELLED)

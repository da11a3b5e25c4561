"""The page of a series of measurements: what it says, as HTML that is readable offline and as Markdown for reviews."""

from __future__ import annotations

from dataclasses import dataclass

from chipsim.programs.told import Fact, Sheet
from reports.markdown import escaped, table_lines
from reports.page import rendered
from reports.pictures import Picture

TEMPLATE = "series.html.j2"


@dataclass(frozen=True, slots=True)
class Page:
    """The content of a page.

    Attributes:
        title: what was done with what, on one line; command: that made it, such as ``chipsim noc``.
        warning: what is not whole, empty if all is.
        tone: ``holds``, ``fails``, ``depends`` or ``none``; question: that the headline answers; headline: the answer; reasons: what else
            there is to know.
        facts: key numbers; pictures: figures, or sentences in their place; sheets: tables.
        settings: choices behind it as (name, value).
        modelled, not_modelled: what the numbers cover, and what they do not.
        again: what to run to have it once more, or to go on.
        version: of chipsim; made_of: the files that the page is made of.
    """

    title: str
    command: str
    warning: str
    tone: str
    question: str
    headline: str
    reasons: tuple[str, ...]
    facts: tuple[Fact, ...]
    pictures: tuple[Picture, ...]
    sheets: tuple[Sheet, ...]
    settings: tuple[tuple[str, str], ...]
    modelled: tuple[str, ...]
    not_modelled: tuple[str, ...]
    again: tuple[str, ...]
    version: str
    made_of: str


def page_html(page: Page) -> str:
    """The page as text; the same content gives the same bytes."""
    return rendered(TEMPLATE, page=page)


def page_markdown(page: Page) -> str:
    """The page as Markdown without its figures."""
    lines = [f"# {escaped(page.title)}", ""]
    lines += [f"**{escaped(page.warning)}**", ""] if page.warning else []
    lines += [f"**{escaped(page.headline)}**", "", *(f"- {escaped(reason)}" for reason in page.reasons), ""]
    lines += ["Figures are in report.html.", "", "## Key numbers", ""]
    lines += table_lines(("what", "value", "remark"), ((fact.label, fact.value, fact.note) for fact in page.facts))
    lines += ["## What the figures say", ""]
    lines += [*(f"- **{escaped(figure.title)}.** {escaped(figure.caption)}" for figure in page.pictures), ""]
    for sheet in page.sheets:
        lines += [f"## {sheet.title}", "", *([escaped(sheet.note), ""] if sheet.note else [])]
        lines += table_lines(sheet.columns, sheet.lines, sheet.numeric)
    lines += ["## What is modelled", "", *(f"- {line}" for line in page.modelled), ""]
    lines += ["## What is not", "", *(f"- {line}" for line in page.not_modelled), ""]
    lines += ["## Settings", "", *table_lines(("what", "value"), page.settings)]
    if page.again:
        lines += ["## Again", "", *(f"    {line}" for line in page.again)]
    return "\n".join(lines).rstrip() + "\n"

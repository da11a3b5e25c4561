"""The report as Markdown: the same words and tables without the figures, for reviews and for comparing two runs line by line."""

from __future__ import annotations

from collections.abc import Iterable

from reports.scope import MODELLED, NOT_MODELLED
from reports.story import Story


def markdown(story: Story) -> str:
    """The report as text, with the captions of its figures; the same run gives the same bytes."""
    lines = [
        f"# {escaped(story.title)}",
        "",
        f"**{escaped(story.verdict.headline)}**",
        "",
        *(f"- {escaped(reason)}" for reason in story.verdict.reasons),
        "",
        f"Status: {story.status_words}. Figures are in report.html.",
        "",
        "## Key numbers",
        "",
        *table_lines(("what", "value", "remark"), ((fact.label, fact.value, fact.note) for fact in story.facts)),
        "## What the figures say",
        "",
        *(f"- **{escaped(figure.title)}.** {prose(figure.caption)}" for figure in story.pictures),
        "",
    ]
    for sheet in story.sheets:
        lines += [f"## {sheet.title}", "", *([escaped(sheet.note), ""] if sheet.note else [])]
        lines += table_lines(sheet.columns, sheet.lines, sheet.numeric)
    lines += ["## What is modelled", "", *(f"- {line}" for line in MODELLED), ""]
    lines += ["## What is not", "", *(f"- {line}" for line in NOT_MODELLED), ""]
    lines += ["## How to run it again", "", "In this folder: `chipsim run experiment.yaml --out again`", ""]
    lines += table_lines(("what", "value"), [*story.settings, *story.identity])
    return "\n".join(lines).rstrip() + "\n"


def table_lines(heads: tuple[str, ...], lines: Iterable[tuple[str, ...]], numeric: tuple[bool, ...] = ()) -> list[str]:
    """A table in Markdown with a blank line after it; numbers flush right."""
    rule = ["---:" if flush else "---" for flush in numeric or len(heads) * (False,)]
    return [_row(heads), _row(rule), *(_row(line) for line in lines), ""]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"


def prose(text: str) -> str:
    """Sentences in which what stands between two backquotes is a command."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escaped(text)
    spaced = (f"`{part}`" if place % 2 else escaped(f"x{part}x")[1:-1] for place, part in enumerate(parts))
    return "".join(spaced)


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: nothing in it is taken for markup, no cell ends early."""
    text = " ".join(text.split())
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#~" else char for char in text)

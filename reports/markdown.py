"""The report as Markdown: the same words and tables without the figures, for reviews and for comparing two runs line by line."""

from __future__ import annotations

from collections.abc import Iterable

from reports.content import STATUS, facts, sheets
from reports.pictures import Picture
from reports.run import Run
from reports.scope import MODELLED, NOT_MODELLED, identity, settings
from reports.verdict import verdict


def markdown(run: Run, figures: list[Picture]) -> str:
    """The report as text, with the captions of its figures; the same run gives the same bytes."""
    found = verdict(run.summary, run.tables)
    chip = run.summary.get("chip") or {}
    lines = [
        f"# {run.summary.get('name', run.folder.name)} on {chip.get('name', 'no chip')}",
        "",
        f"**{found.headline}**",
        "",
        *(f"- {_plain(reason)}" for reason in found.reasons),
        "",
        f"Status: {STATUS.get(str(run.summary.get('status')), 'unknown')}. Figures are in report.html.",
        "",
        "## Key numbers",
        "",
        *_table(("what", "value", "remark"), ((fact.label, fact.value, fact.note) for fact in facts(run.summary, run.tables))),
        "## What the figures say",
        "",
    ]
    lines += [*(f"- **{_plain(figure.title)}.** {_plain(figure.caption)}" for figure in figures), ""]
    for sheet in sheets(run):
        lines += [
            f"## {sheet.title}",
            "",
            *([sheet.note, ""] if sheet.note else []),
            *_table(sheet.columns, sheet.lines, sheet.numeric),
        ]
    lines += ["## What is modelled", "", *(f"- {line}" for line in MODELLED), ""]
    lines += ["## What is not", "", *(f"- {line}" for line in NOT_MODELLED), ""]
    lines += ["## How to run it again", "", "In this folder: `chipsim run experiment.yaml --out again`", ""]
    lines += _table(("what", "value"), [*settings(run), *identity(run)])
    return "\n".join(lines).rstrip() + "\n"


def _table(heads: tuple[str, ...], lines: Iterable[tuple[str, ...]], numeric: tuple[bool, ...] = ()) -> list[str]:
    """A table with a blank line after it; numbers flush right."""
    rule = ["---:" if flush else "---" for flush in numeric or len(heads) * (False,)]
    return [_row(heads), _row(rule), *(_row(line) for line in lines), ""]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_plain(cell) for cell in cells)} |"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: nothing in it is taken for markup, no cell ends early."""
    text = " ".join(text.split())
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#~" else char for char in text)

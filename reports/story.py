"""All that a report says, gathered once; HTML and Markdown are two ways to write it down."""

from __future__ import annotations

from dataclasses import dataclass

from chipsim.lookup import value
from chipsim.programs.told import STATUS, Fact, Sheet
from reports.content import facts, sheets
from reports.pictures import Picture, pictures
from reports.run import Run
from reports.scope import identity, settings
from reports.verdict import Verdict, verdict


@dataclass(frozen=True, slots=True)
class Story:
    """The content of a report.

    Attributes:
        title: what ran where, on one line.
        version: version of chipsim that ran it.
        status: ``done``, ``until`` or ``interrupted``; ``status_words`` the same for people.
        verdict: the answer to the question of the budget.
        facts: key numbers.
        pictures: figures, or sentences in their place.
        sheets: tables.
        settings: choices behind the run; identity: what tells it from others. Both as (name, value).
    """

    title: str
    version: str
    status: str
    status_words: str
    verdict: Verdict
    facts: tuple[Fact, ...]
    pictures: tuple[Picture, ...]
    sheets: tuple[Sheet, ...]
    settings: tuple[tuple[str, str], ...]
    identity: tuple[tuple[str, str], ...]


def tell(run: Run) -> Story:
    """Everything that the reports of a run say."""
    status = str(value(run.summary, "status"))
    return Story(
        title=_title(run),
        version=str(value(run.summary, "version") or "of unknown version"),
        status=status,
        status_words=STATUS.get(status, "unknown"),
        verdict=verdict(run.summary, run.tables),
        facts=tuple(facts(run.summary, run.tables)),
        pictures=tuple(pictures(run)),
        sheets=tuple(sheets(run)),
        settings=tuple(settings(run)),
        identity=tuple(identity(run)),
    )


def _title(run: Run) -> str:
    name, engine = value(run.summary, "name") or run.folder.name, value(run.summary, "engine")
    if engine == "golden":
        return f"{name} in software, without a chip (golden engine)"
    chip, cores, each = (value(run.summary, f"chip.{key}") for key in ("name", "cores", "neurons_per_core"))
    return f"{name} on {chip}, {cores} cores of {each} neurons · {engine} engine"

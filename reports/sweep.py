"""The page of a sweep: what was asked, which point is best for what, what each swept key does, then the budget.

It is made from ``points.parquet`` and ``sweep.yaml`` alone, but for links to reports of points that are there; the same rows give the
same page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chipsim.errors import UsageError
from chipsim.programs.told import Fact, Sheet
from chipsim.quantity import count, digits, percent, plural
from reports.answer import FLAT, Best, Front, best, effects, finished, incomplete, pareto, settings, swept, tail, undecided
from reports.file import write_text
from reports.objectives import FURTHER, OBJECTIVES, Row, event_of, figure
from reports.page import rendered
from reports.pictures import Picture
from reports.sweep_pictures import sweep_pictures

HTML = "report.html"
TEMPLATE = "sweep.html.j2"
_MOST_ROWS = 500
"""Rows of the table of points; ``points.parquet`` has all."""
_MOST_FRONT, _MOST_VALUES, _MOST_KEYS = 10, 8, 4
"""Points, values and keys that a sentence names; tables have all."""
_BESIDE = tuple(one for one in FURTHER if one.name == "power")
"""Figures of the table of points beside the objectives."""
_MOVED = 0.005
"""Relative change of a mean from which on a key is said to move it."""
_OWN = ("number", "status", "exit_code", "reason", "folder")


@dataclass(frozen=True, slots=True)
class SweepStory:
    """The content of the page.

    Attributes:
        title: what was asked: the sweep, its keys and their values; headline: the best point; reasons: what else the sweep answers.
        unfinished: points not run to their end.
        facts: key numbers; pictures: figures; sheets: tables.
        tone, budget, budget_reasons: what comes out for the budget per core, as in the report of a run.
        version: of chipsim.
    """

    title: str
    headline: str
    reasons: tuple[str, ...]
    unfinished: int
    facts: tuple[Fact, ...]
    pictures: tuple[Picture, ...]
    sheets: tuple[Sheet, ...]
    tone: str
    budget: str
    budget_reasons: tuple[str, ...]
    version: str


def build_sweep_report(folder: Path) -> Path:
    """Make ``report.html`` of a sweep's folder.

    Raises:
        UsageError: it is not the folder of a sweep.
        OSError: the page cannot be written.
    """
    path = folder / HTML
    write_text(path, rendered(TEMPLATE, story=tell_sweep(folder)))
    return path


def notable(rows: Sequence[Row]) -> list[str]:
    """Folders of the points that are the best of all in an objective that varies, each once."""
    done = len(finished(rows))
    return list(dict.fromkeys(str(one.row["folder"]) for one in best(rows) if not _alike(one, done)))


def tell_sweep(folder: Path) -> SweepStory:
    """Everything that the page of a sweep says."""
    rows, keys, name = _read(folder)
    done = finished(rows)
    tone, budget, budget_reasons = _budget(done)
    points = _points(rows, keys, folder)
    front = pareto(rows)
    return SweepStory(
        title=f"{name}: which is best of {plural(len(rows), 'point')}? {_asked(rows, keys)}",
        headline=_headline(rows, keys),
        reasons=tuple(_reasons(rows, keys, front)),
        unfinished=sum(row["status"] == "interrupted" for row in rows),
        facts=tuple(_facts(rows, keys)),
        pictures=tuple(sweep_pictures(done, swept(done, keys), front)),
        sheets=tuple(
            sheet
            for sheet in (
                _best(rows, keys, folder),
                _front(front, keys, folder),
                *_effects(rows, keys),
                points,
                _failures(rows, keys),
            )
            if sheet.lines
        ),
        tone=tone,
        budget=budget,
        budget_reasons=budget_reasons,
        version=next((str(row["version"]) for row in done if row.get("version")), "of unknown version"),
    )


def _asked(rows: Sequence[Row], keys: Sequence[str]) -> str:
    """The swept keys with their values."""
    said = []
    for key in keys:
        values = list(dict.fromkeys(str(row[key]) for row in rows))
        more = f" … {values[-1]}" if len(values) > _MOST_VALUES else ""
        between = "; " if any(", " in value for value in values) else ", "
        said.append(f"{key} {between.join(values[:_MOST_VALUES])}{more}")
    return " × ".join(said)


def _first(rows: Sequence[Row]) -> Best | None:
    """The best point for the objective that weighs most of those that vary: the energy-delay product where it does."""
    done = len(finished(rows))
    varying = [one for one in best(rows) if not _alike(one, done)]
    return next((one for one in varying if one.objective is OBJECTIVES[-1]), varying[0] if varying else None)


def _alike(one: Best, done: int) -> bool:
    """Whether all points that have the figure have the same one."""
    return len(one.equal) + 1 + one.without == done


def _headline(rows: Sequence[Row], keys: Sequence[str]) -> str:
    one, event = _first(rows), event_of(rows)
    if one is None:
        alike = "All points are alike in every objective."
        return alike if finished(rows) else "No point has run to its end, so that there is nothing to choose from."
    return f"Least {one.objective.called(event)}: {one.objective.text(one.value)}, {_where(one, keys)}."


def _where(one: Best, keys: Sequence[str]) -> str:
    text = f"point {one.row['number']} ({settings(one.row, keys)})"
    text += f" and {plural(len(one.equal), 'other')}" if one.equal else ""
    if one.near:
        numbers = ", ".join(map(str, one.near[:_MOST_FRONT])) + (" …" if len(one.near) > _MOST_FRONT else "")
        text += f"; {len(one.near):,} more within {percent(FLAT)} of it: {numbers}"
    return text


def _reasons(rows: Sequence[Row], keys: Sequence[str], front: Front) -> Iterator[str]:
    done, event = finished(rows), event_of(rows)
    if front.rows:
        numbers = ", ".join(str(row["number"]) for row in front.rows[:_MOST_FRONT])
        more = f" and {len(front.rows) - _MOST_FRONT:,} more" if len(front.rows) > _MOST_FRONT else ""
        names = ", ".join(one.called(event) for one in front.objectives)
        yield f"Not beaten by any other point in {names} together (Pareto front): {numbers}{more}, of {len(done):,}."
    for effect in effects(rows, keys)[:_MOST_KEYS]:
        moved = [each for each in effect.effects if each.spread is not None and each.spread > 1 + _MOVED]
        if moved:
            said = (f"{each.objective.called(event)} ×{digits(each.spread)}" for each in moved)
            yield f"{effect.key} moves {', '.join(said)} between the means of its values."
        elif not effect.effects:
            yield f"No combination of the other keys has run with all values of {effect.key}: what it does is not known."
        else:
            yield f"{effect.key} moves none of the objectives by more than {percent(_MOVED)}."
    if missing := undecided(rows) if done else ():
        yield f"No point has a figure for {', '.join(one.called(event) for one in missing)}."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _read(folder: Path) -> tuple[list[dict[str, Any]], list[str], str]:
    """Rows, swept keys and the name of the sweep in a folder."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from chipsim.config.yaml12 import read_document

    path = folder / "points.parquet"
    try:
        rows: list[dict[str, Any]] = pq.read_table(path, page_checksum_verification=True).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{path}: not the table of a sweep ({error}); give a folder that `chipsim sweep` wrote") from error
    file = read_document(folder / "sweep.yaml").value
    grid = file.get("grid") if isinstance(file, dict) else None
    missing = [key for key in (*_OWN, *(grid or [])) if rows and key not in rows[0]]
    if not rows or not isinstance(grid, dict) or missing:
        raise UsageError(f"{folder}: {path.name} and sweep.yaml do not belong together; run the sweep again into a new folder")
    return rows, list(grid), str(file.get("name") or folder.name)


def _budget(done: Sequence[Row]) -> tuple[str, str, tuple[str, ...]]:
    """Tone, sentence and reasons for the budget per core."""
    found = Counter(str(row["claim.verdict"]) for row in done if row.get("claim.verdict"))
    if not found:
        return "none", f"{plural(len(done), 'point')} run to their end; none says anything about power per core.", ()
    budgets = sorted({row["power_per_core_mw.budget"] for row in done if row.get("power_per_core_mw.budget") is not None})
    budget = " or ".join(f"{digits(one, 4)} mW" for one in budgets)
    total = sum(found.values())
    words = (
        ("holds", "holds"),
        ("holds_to", "holds up to a rate"),
        ("fails", "does not hold"),
        ("depends_on_assumed", "hangs on assumed constants"),
    )
    parts = [f"{word} in {_of(found[key], total)}" for key, word in words if found[key]]
    drawn = [one for row in done if (one := figure(row, "power_per_core_mw.mean")) is not None]
    reasons = [f"A core draws {digits(min(drawn), 4)} to {digits(max(drawn), 4)} mW on average."] if drawn else []
    most = [one for row in done if (one := figure(row, "power_per_core_mw.max")) is not None]
    if most:
        reasons.append(f"The hottest core of each point draws {digits(min(most), 4)} to {digits(max(most), 4)} mW.")
    assumed = sorted({one for row in done for one in str(row.get("claim.assumed") or "").split(", ") if one})
    if assumed:
        reasons.append(f"Where it hangs on something: {', '.join(assumed)}, moved within the range given for it, turns it.")
    kept = found["holds"] + found["holds_to"]
    if found["fails"] == total:
        return "fails", f"{budget} per core holds in none of {plural(total, 'point')}.", tuple(reasons)
    tone = "holds" if kept == total else "depends"
    return tone, f"{budget} per core {', '.join(parts)}.", tuple(reasons)


def _of(part: int, total: int) -> str:
    return f"all {plural(total, 'point')}" if part == total else f"{part:,} of {total:,} points"


def _facts(rows: Sequence[Row], keys: Sequence[str]) -> Iterator[Fact]:
    done, event = finished(rows), event_of(rows)
    failed = sum(row["status"] == "failed" for row in rows)
    yield Fact("Points", count(len(rows)), f"{len(done):,} run to their end, {failed:,} failed")
    for one in best(rows):
        note = "the same in all points" if _alike(one, len(done)) else _where(one, keys)
        yield Fact(f"Least {one.objective.called(event)}", one.objective.text(one.value), note)


def _best(rows: Sequence[Row], keys: Sequence[str], folder: Path) -> Sheet:
    event, found = event_of(rows), best(rows)
    some_without = any(one.without for one in found)
    lines = [
        (
            one.objective.called(event),
            _link(one.row, folder),
            *(str(one.row[key]) for key in keys),
            *(each.text(each.value(one.row)) for each in OBJECTIVES),
            count(len(one.equal)),
            *([count(one.without)] if some_without else []),
        )
        for one in found
    ]
    figures = tuple(one.head(event) for one in OBJECTIVES)
    last = ("others alike", *(["points without"] if some_without else []))
    heads = ("least", "point", *map(tail, keys), *figures, *last)
    numeric = (False, True, *len(keys) * (False,), *len(figures) * (True,), *len(last) * (True,))
    note = "; ".join(f"{one.called(event)} is {one.path}" for one in OBJECTIVES)
    return Sheet("best", "Best points", heads, tuple(lines), numeric, f"{_sentence(note)}. Lower is better in all.")


def _front(front: Front, keys: Sequence[str], folder: Path) -> Sheet:
    event = event_of(front.rows)
    lines = [
        (_link(row, folder), *(str(row[key]) for key in keys), *(one.text(one.value(row)) for one in front.objectives))
        for row in front.rows[:_MOST_ROWS]
    ]
    heads = ("point", *map(tail, keys), *(one.called(event) for one in front.objectives))
    note = "No other point is as good in all of these figures, and better in one."
    if front.without:
        note += f" {plural(front.without, 'point')} without one of the figures left out."
    if len(front.rows) > _MOST_ROWS:
        note += f" The first {_MOST_ROWS:,} of {len(front.rows):,} are shown."
    numeric = (True, *len(keys) * (False,), *len(front.objectives) * (True,))
    return Sheet("pareto", "Pareto front", heads, tuple(lines), numeric, note)


def _link(row: Row, folder: Path) -> str:
    """The number of a point as a link to its run: the report where there is one, else the folder."""
    from markupsafe import Markup  # as templates do; what is in a cell otherwise is escaped by them

    where = str(row["folder"])
    if not (folder / where).is_dir():
        return count(row["number"])
    target = f"{where}/{HTML}" if (folder / where / HTML).is_file() else f"{where}/"
    return Markup('<a href="{}">{}</a>').format(target, count(row["number"]))


def _effects(rows: Sequence[Row], keys: Sequence[str]) -> Iterator[Sheet]:
    event = event_of(rows)
    measures = (*OBJECTIVES, *FURTHER)
    for number, one in enumerate(effects(rows, keys, measures), 1):
        found = {each.objective.name: each for each in one.effects}
        shown = [each for each in measures if each.name in found]
        lines = [
            (value, count(points), *(each.text(found[each.name].means[value]) for each in shown))
            for value, points in list(one.points.items())[:_MOST_ROWS]
        ]
        spreads, shares = ([getattr(found[each.name], what) for each in shown] for what in ("spread", "share"))
        lines.append(("largest over smallest", "", *("–" if one is None else f"×{digits(one, 4)}" for one in spreads)))
        lines.append(("share of variance", "", *("–" if one is None else percent(one) for one in shares)))
        heads = (tail(one.key), "points", *(each.called(event) for each in shown))
        note = "Means over all other keys; the share is the part of the variance over all points that the means account for."
        if lacks := incomplete(one):
            share = "The share is the part of the variance over these points that the means account for."
            note = f"Points are missing. {_sentence(lacks)}. {share}"
        yield Sheet(f"effect-{number}", f"Effect of {one.key}", heads, tuple(lines), (False, *(len(heads) - 1) * (True,)), note)


def _points(rows: Sequence[Row], keys: Sequence[str], folder: Path) -> Sheet:
    event = event_of(rows)
    measures = [one for one in (*OBJECTIVES, *_BESIDE) if any(one.value(row) is not None for row in rows)]
    lines = [
        (
            _link(row, folder),
            *(str(row[key]) for key in keys),
            row["status"],
            *(one.text(one.value(row)) for one in measures),
            str(row.get("claim.verdict") or "–").replace("depends_on_assumed", "depends").replace("_", " "),
            _digest(row.get("digest")),
        )
        for row in rows[:_MOST_ROWS]
    ]
    heads = ("point", *map(tail, keys), "status", *(one.called(event) for one in measures), "budget", "digest")
    numeric = (True, *(len(keys) + 1) * (False,), *len(measures) * (True,), False, False)
    note = (
        "A point leads to its report where there is one (the best have; chipsim report FOLDER makes others), else to its run folder;"
        " points.parquet and points.csv have every figure."
    )
    if len(rows) > _MOST_ROWS:
        note += f" The first {_MOST_ROWS:,} of {len(rows):,} are shown."
    return Sheet("points", "All points", heads, tuple(lines), numeric, note)


def _digest(digest: Any) -> str:
    """The end of a digest, enough to see which points are equal."""
    return f"…{str(digest)[-8:]}" if digest else "–"


def _failures(rows: Sequence[Row], keys: Sequence[str]) -> Sheet:
    failed = [row for row in rows if row["status"] == "failed"]
    lines = [
        (count(row["number"]), *(str(row[key]) for key in keys), count(row["exit_code"]), str(row["reason"]))
        for row in failed[:_MOST_ROWS]
    ]
    heads = ("point", *(tail(key) for key in keys), "exit code", "reason")
    note = "Exit codes as of chipsim run: 3 invalid configuration or input, 4 does not fit the chip, 5 the simulation failed."
    if len(failed) > _MOST_ROWS:
        note += f" The first {_MOST_ROWS:,} of {len(failed):,} are shown."
    return Sheet("failures", "Failed points", heads, tuple(lines), (True, *len(keys) * (False,), True, False), note)

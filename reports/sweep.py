"""The page of a sweep: its points, energy against latency, what each swept key does, and what failed.

It is made from ``points.parquet`` and ``sweep.yaml`` alone; the same rows give the same page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chipsim.errors import UsageError
from chipsim.programs.told import Fact, Sheet
from chipsim.quantity import count, plural
from reports.file import write_text
from reports.pictures import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HTML = "report.html"
TEMPLATE = "sweep.html.j2"
_MOST_ROWS = 500
"""Rows of the table of points; ``points.parquet`` has all."""
_OWN = ("number", "status", "exit_code", "reason", "folder")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SweepStory:
    """The content of the page.

    Attributes:
        title: the sweep on one line; tone, headline: what comes out for the budget per core, as in the report of a run.
        unfinished: points not run to their end.
        facts: key numbers; pictures: figures; sheets: tables.
        again: command that runs it again; version: of chipsim.
    """

    title: str
    tone: str
    headline: str
    reasons: tuple[str, ...]
    unfinished: int
    facts: tuple[Fact, ...]
    pictures: tuple[Picture, ...]
    sheets: tuple[Sheet, ...]
    version: str


def build_sweep_report(folder: Path) -> Path:
    """Make ``report.html`` of a sweep's folder.

    Raises:
        UsageError: it is not the folder of a sweep.
        OSError: the page cannot be written.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    path = folder / HTML
    write_text(path, environment.get_template(TEMPLATE).render(story=tell_sweep(folder)))
    return path


def tell_sweep(folder: Path) -> SweepStory:
    """Everything that the page of a sweep says."""
    rows, paths, name = _read(folder)
    done = [row for row in rows if row["status"] == "done"]
    tone, headline, reasons = _verdict(done)
    unfinished = sum(row["status"] == "interrupted" for row in rows)
    version = next((str(row["version"]) for row in done if row.get("version")), "of unknown version")
    return SweepStory(
        title=f"{name}: {plural(len(rows), 'point')} over {' × '.join(paths)}",
        tone=tone,
        headline=headline,
        reasons=reasons,
        unfinished=unfinished,
        facts=tuple(_facts(rows, done, paths)),
        pictures=tuple(_pictures(done, paths)),
        sheets=tuple(sheet for sheet in (*_effects(done, paths), _points(rows, paths), _failures(rows, paths)) if sheet.lines),
        version=version,
    )


def _read(folder: Path) -> tuple[list[Row], list[str], str]:
    """Rows, swept keys and the name of the sweep in a folder."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from chipsim.config.yaml12 import read_document

    path = folder / "points.parquet"
    try:
        rows: list[Row] = pq.read_table(path, page_checksum_verification=True).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{path}: not the table of a sweep ({error}); give a folder that `chipsim sweep` wrote") from error
    file = read_document(folder / "sweep.yaml").value
    grid = file.get("grid") if isinstance(file, dict) else None
    missing = [key for key in (*_OWN, *(grid or [])) if rows and key not in rows[0]]
    if not rows or not isinstance(grid, dict) or missing:
        raise UsageError(f"{folder}: {path.name} and sweep.yaml do not belong together; run the sweep again into a new folder")
    return rows, list(grid), str(file.get("name") or folder.name)


def _verdict(done: Sequence[Row]) -> tuple[str, str, tuple[str, ...]]:
    from reports.figures.sweep import POWER, column

    found = Counter(str(row["claim.verdict"]) for row in done if row.get("claim.verdict"))
    if not found:
        return "none", f"{plural(len(done), 'point')} run to their end; none says anything about power per core.", ()
    budgets = sorted({row["power_per_core_mw.budget"] for row in done if row.get("power_per_core_mw.budget") is not None})
    budget = " or ".join(POWER.text(one) for one in budgets)
    total = sum(found.values())
    words = (
        ("holds", "holds"),
        ("holds_to", "holds up to a rate"),
        ("fails", "does not hold"),
        ("depends_on_assumed", "hangs on assumed constants"),
    )
    parts = [f"{word} in {_of(found[key], total)}" for key, word in words if found[key]]
    drawn = column(done, POWER.key)
    reasons = [f"A core draws {POWER.text(float(np.nanmin(drawn)))} to {POWER.text(float(np.nanmax(drawn)))} on average."]
    assumed = sorted({one for row in done for one in str(row.get("claim.assumed") or "").split(", ") if one})
    if assumed:
        reasons.append(f"Where it hangs on something: {', '.join(assumed)}, moved within the range given for it, turns it.")
    kept = found["holds"] + found["holds_to"]
    tone = "holds" if kept == total else "fails" if found["fails"] == total else "depends"
    return tone, f"{budget} per core {', '.join(parts)}.", tuple(reasons)


def _of(part: int, total: int) -> str:
    return f"all {plural(total, 'point')}" if part == total else f"{part:,} of {total:,} points"


def _facts(rows: Sequence[Row], done: Sequence[Row], paths: Sequence[str]) -> Iterator[Fact]:
    from reports.figures.sweep import DYNAMIC, ENERGY, HOPS, MEDIAN, TAIL, column

    failed = sum(row["status"] == "failed" for row in rows)
    yield Fact("Points", count(len(rows)), f"{len(done):,} run to their end, {failed:,} failed")
    for label, measure in (
        ("Least energy", ENERGY),
        ("Least energy without static", DYNAMIC),
        ("Shortest median latency", MEDIAN),
        ("Shortest tail", TAIL),
        ("Fewest hops", HOPS),
    ):
        found = column(done, measure.key)
        if np.isfinite(found).any():
            equals = np.flatnonzero(found <= np.nanmin(found) * (1 + 1e-9))  # a difference of two sums is never quite the same
            best, equal = int(equals[0]), len(equals)
            more = f" and {equal - 1} more" if equal > 1 else ""
            yield Fact(
                label, measure.text(float(found[best])), f"point {done[best]['number']}{more}: {_set(done[best], paths)}"
            )


def _set(row: Row, paths: Sequence[str]) -> str:
    return ", ".join(f"{path.rpartition('.')[2]} {row[path]}" for path in paths)


def _pictures(done: Sequence[Row], paths: Sequence[str]) -> Iterator[Picture]:
    if not done:
        return
    from reports.figures.sweep import draw_tradeoff

    caption = (
        "Each mark is a point of the sweep: towards the lower left is better. Left with the static power of all powered cores, "
        "right what the activity alone costs."
    )
    yield _picture(
        "tradeoff",
        "Energy against latency",
        lambda: draw_tradeoff(done, paths),
        caption,
        "Energy over latency, one mark per point.",
    )
    for number, path in enumerate(_swept(done, paths), 1):
        caption = _caption(done, path)
        yield _picture(
            f"effect-{number}", f"Effect of {path}", _effect_of(done, path), caption, f"Curves over {path}. {caption}"
        )


def _effect_of(done: Sequence[Row], path: str) -> Callable[[], Figure]:
    from reports.figures.sweep import draw_effect

    return lambda: draw_effect(done, path)


def _picture(key: str, title: str, draw: Callable[[], Figure], caption: str, alt: str) -> Picture:
    from reports.figures import NothingToDrawError, look, svg

    try:
        with look():
            return Picture(key, title, svg(draw(), key), caption, alt)
    except NothingToDrawError as nothing:
        return Picture(key, title, "", str(nothing), "")


def _swept(done: Sequence[Row], paths: Sequence[str]) -> list[str]:
    """Keys with more than one value among the points that were run to their end."""
    return [path for path in paths if len({row[path] for row in done}) > 1]


def _caption(done: Sequence[Row], path: str) -> str:
    """Which figures the key moves, and from what to what; means over all other keys."""
    from reports.figures.sweep import MEASURES, values_of

    said = []
    for measure in MEASURES:
        means = {value: one for value in values_of(done, path) if np.isfinite(one := _mean(done, path, value, measure.key))}
        if len(means) < 2:
            continue
        low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
        if means[high] > 0 and means[high] - means[low] > 0.01 * means[high]:
            said.append(
                (
                    means[low] / means[high],
                    f"{measure.title} {measure.text(means[low])} ({low}) to {measure.text(means[high])} ({high})",
                )
            )
    text = "Dots are means over all other keys, bars reach from the least to the most. "
    if not said:
        return text + "The key moves none of these figures by more than 1 %."
    return text + "What moves by more than 1 %, most first: " + "; ".join(line for _, line in sorted(said)) + "."


def _mean(done: Sequence[Row], path: str, value: str, key: str) -> float:
    from reports.figures.sweep import column

    found = column([row for row in done if str(row[path]) == value], key)
    return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")


def _effects(done: Sequence[Row], paths: Sequence[str]) -> Iterator[Sheet]:
    from reports.figures.sweep import MEASURES, values_of

    for number, path in enumerate(_swept(done, paths), 1):
        lines = []
        for value in values_of(done, path):
            points = sum(str(row[path]) == value for row in done)
            lines.append((value, count(points), *(one.text(_mean(done, path, value, one.key)) for one in MEASURES)))
        heads = (path.rpartition(".")[2], "points", *(one.title for one in MEASURES))
        yield Sheet(f"effect-{number}", f"Means by {path}", heads, tuple(lines), (False, *(len(heads) - 1) * (True,)))


def _points(rows: Sequence[Row], paths: Sequence[str]) -> Sheet:
    from reports.figures.sweep import MEASURES, column

    shown = list(rows[:_MOST_ROWS])
    figures = [[measure.text(one) for one in column(shown, measure.key)] for measure in MEASURES]
    lines = [
        (
            count(row["number"]),
            *(str(row[path]) for path in paths),
            row["status"],
            *(figure[place] for figure in figures),
            str(row.get("claim.verdict") or "–").replace("depends_on_assumed", "depends").replace("_", " "),
            count(cores) if (cores := row.get("mapping.cores_used")) is not None else "–",
            _digest(row.get("digest")),
        )
        for place, row in enumerate(shown)
    ]
    heads = (
        "point",
        *(path.rpartition(".")[2] for path in paths),
        "status",
        *(measure.title for measure in MEASURES),
        "budget",
        "cores used",
        "digest",
    )
    numeric = (True, *(len(paths) + 1) * (False,), *len(MEASURES) * (True,), False, True, False)
    note = "Each has a run folder of its own under points/; points.parquet has every figure."
    if len(rows) > _MOST_ROWS:
        note += f" The first {_MOST_ROWS:,} of {len(rows):,} are shown."
    return Sheet("points", "All points", heads, tuple(lines), numeric, note)


def _digest(digest: Any) -> str:
    """The end of a digest, enough to see which points are equal."""
    return f"…{str(digest)[-8:]}" if digest else "–"


def _failures(rows: Sequence[Row], paths: Sequence[str]) -> Sheet:
    failed = [row for row in rows if row["status"] == "failed"]
    lines = [
        (count(row["number"]), *(str(row[path]) for path in paths), count(row["exit_code"]), str(row["reason"]))
        for row in failed[:_MOST_ROWS]
    ]
    heads = ("point", *(path.rpartition(".")[2] for path in paths), "exit code", "reason")
    note = "Exit codes as of chipsim run: 3 invalid configuration or input, 4 does not fit the chip, 5 the simulation failed."
    if len(failed) > _MOST_ROWS:
        note += f" The first {_MOST_ROWS:,} of {len(failed):,} are shown."
    return Sheet("failures", "Failed points", heads, tuple(lines), (True, *len(paths) * (False,), True, False), note)

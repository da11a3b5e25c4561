"""The end of ``chipsim sweep``: best points, front of Pareto, effects of the keys and what failed, as lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from chipsim.cli.text import labelled, width
from chipsim.terminal import count, percent, plural, si
from reports.answer import (
    FLAT,
    Effect,
    Front,
    KeyEffect,
    best,
    effects,
    failures,
    finished,
    incomplete,
    pareto,
    settings,
    tail,
    undecided,
)
from reports.objectives import OBJECTIVES, Objective, event_of

_MOST_FRONT = 10
_MOST_VALUES = 8
_MOST_FAILURES = 8
_MOST_NUMBERS = 6
_INDENT = " " * 9
_LEAST_WIDTH = 16

Row = dict[str, Any]


def answer_lines(rows: Sequence[Row], keys: Sequence[str]) -> Iterator[str]:
    """What the rows of a sweep answer.

    Args:
        rows: one per point, as in ``points.parquet``.
        keys: the swept keys.
    """
    done, event = finished(rows), event_of(rows)
    if done:
        yield from _best(rows, keys, event)
        yield from _front(pareto(rows), len(done), keys, event)
        yield from _effects(effects(rows, keys), event)
    yield from _failed(rows, keys)


def _best(rows: Sequence[Row], keys: Sequence[str], event: str) -> Iterator[str]:
    done, lines = finished(rows), []
    for one in best(rows):
        where = f"point {one.row['number']}: {settings(one.row, keys)}"
        if one.equal:
            alike = len(one.equal) + 1
            where = "the same in all points" if alike == len(done) else f"{alike} points alike, first {where}"
        if one.near:
            numbers = ", ".join(map(str, one.near[:_MOST_NUMBERS])) + (" ..." if len(one.near) > _MOST_NUMBERS else "")
            where += f" ({len(one.near):,} more within {percent(FLAT)}: {numbers})"
        if one.without:
            where += f" ({plural(one.without, 'point')} without this figure)"
        lines.append((one.objective.called(event), figure_text(one.objective, one.value), where))
    yield from _table("best", ("least", "", "at"), lines)
    if missing := undecided(rows):
        yield labelled("", f"no finished point has a figure for: {', '.join(one.called(event) for one in missing)}")


def _front(front: Front, done: int, keys: Sequence[str], event: str) -> Iterator[str]:
    if not front.rows:
        return
    names = ", ".join(one.called(event) for one in front.objectives)
    text = f"{count(len(front.rows))} of {plural(done, 'point')}: no other is as good in all of {names}, and better in one"
    text += f"; {plural(front.without, 'point')} without one of the figures left out" if front.without else ""
    yield labelled("pareto", text)
    heads = ("point", *(one.head(event) for one in front.objectives), ", ".join(tail(key) for key in keys))
    lines = [
        (
            str(row["number"]),
            *(figure_text(one, one.value(row)) for one in front.objectives),
            ", ".join(row[key] for key in keys),
        )
        for row in front.rows[:_MOST_FRONT]
    ]
    yield from _table("", heads, lines, range(len(heads) - 1))
    if len(front.rows) > _MOST_FRONT:
        yield f"{_INDENT}and {len(front.rows) - _MOST_FRONT:,} more"


def _effects(found: Sequence[KeyEffect], event: str) -> Iterator[str]:
    if not found:
        return
    whole = not any(one.left_out for one in found)
    yield labelled(
        "effects",
        ("means over all other keys" if whole else "INCOMPLETE, points are missing: means over what is compared (below)")
        + "; ratio: the largest of them over the smallest; variance: the part of that"
        " over all points that they account for; the key with the largest ratio first",
    )
    for said in filter(None, map(incomplete, found)):
        yield labelled("", said)
    shown = [one for one in OBJECTIVES if any(each.objective is one for key in found for each in key.effects)]
    heads = ("key", "value", *(one.head(event) for one in shown))
    lines = []
    for one in found:
        by_objective = {each.objective.name: each for each in one.effects}
        values = list(one.points)
        for place, value in enumerate(values[:_MOST_VALUES]):
            means = [each.means[value] if (each := by_objective.get(some.name)) else None for some in shown]
            texts = (figure_text(some, mean) for some, mean in zip(shown, means, strict=True))
            lines.append(("" if place else tail(one.key), value, *texts))
        if len(values) > _MOST_VALUES:
            lines.append(("", f"{len(values) - _MOST_VALUES:,} more", *len(shown) * ("",)))
        for head, text in (("ratio", _ratio), ("variance", _share)):
            lines.append(("", head, *(text(by_objective.get(some.name)) for some in shown)))
    yield from _table("", heads, lines, range(2, len(heads)))


def _ratio(effect: Effect | None) -> str:
    return "-" if effect is None or effect.spread is None else f"x{effect.spread:.3g}"


def _share(effect: Effect | None) -> str:
    return "-" if effect is None or effect.share is None else percent(effect.share)


def _failed(rows: Sequence[Row], keys: Sequence[str]) -> Iterator[str]:
    found = failures(rows, keys)
    for place, one in enumerate(found[:_MOST_FAILURES]):
        shown = ", ".join(map(str, one.numbers[:_MOST_NUMBERS]))
        shown += f" and {len(one.numbers) - _MOST_NUMBERS} more" if len(one.numbers) > _MOST_NUMBERS else ""
        points = "point" if len(one.numbers) == 1 else f"{len(one.numbers)} points"
        common = f" (all with {settings(one.settings, list(one.settings))})" if one.settings and len(one.numbers) > 1 else ""
        yield labelled("" if place else "failed", f"{points} {shown}{common}: {one.reason}")
    if len(found) > _MOST_FAILURES:
        yield labelled("", f"and {len(found) - _MOST_FAILURES} more reasons")


def _table(
    label: str, heads: Sequence[str], lines: Sequence[Sequence[str]], right: Sequence[int] | range = (1,)
) -> Iterator[str]:
    """A table behind the column of the labels: only its last column goes on below itself where the terminal ends."""
    if not lines:
        return
    rows = [tuple(heads), *(tuple(line) for line in lines)]
    last = len(heads) - 1
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads))]
    indent = len(_INDENT) + sum(widths[:last]) + 2 * last
    for row in rows:
        cells = [
            cell.rjust(wide) if at in right else cell.ljust(wide)
            for at, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ]
        begin = label.ljust(len(_INDENT)) + "".join(f"{cell}  " for cell in cells[:last])
        label = ""
        if last in right:
            yield (begin + cells[last]).rstrip()
            continue
        parts = textwrap.wrap(row[last], max(_LEAST_WIDTH, width() - indent), break_long_words=False, break_on_hyphens=False)
        yield (begin + (parts[0] if parts else "")).rstrip()
        yield from (" " * indent + part for part in parts[1:])


def figure_text(objective: Objective, value: float | None) -> str:
    """A value of an objective for a terminal."""
    if value is None:
        return "-"
    return si(value, objective.unit) if objective.unit else f"{value:,.4g}"

"""What a sweep answers as one object, for Python and notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from chipsim.frames import html_table
from chipsim.quantity import digits, percent
from reports.answer import Best, Failure, Front, KeyEffect, as_json, best, effects, failures, pareto, settings
from reports.objectives import OBJECTIVES, Row, event_of

_MOST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What the finished points of a sweep answer; all objectives are better when lower.

    Attributes:
        rows: all points; keys: the swept keys.
        best: the best point per objective, in the unit of the objective.
        front: the points that no other beats in all objectives (Pareto front).
        effects: what each key does, the one with the largest ratio of means first.
        failures: points that failed, by reason.
    """

    rows: tuple[Row, ...]
    keys: tuple[str, ...]
    best: tuple[Best, ...]
    front: Front
    effects: tuple[KeyEffect, ...]
    failures: tuple[Failure, ...]

    def as_dict(self) -> dict[str, Any]:
        """``best``, ``pareto``, ``effects`` and ``failures`` as ``chipsim sweep --json`` has them."""
        return as_json(self.rows, self.keys)

    def _repr_html_(self) -> str:
        """A notebook's view: best points, front, effects, failures."""
        event, parts = event_of(self.rows), []
        if self.best:
            rows = [
                [
                    one.objective.called(event),
                    one.objective.text(one.value),
                    str(one.row["number"]),
                    settings(one.row, self.keys),
                ]
                for one in self.best
            ]
            parts.append(html_table(["least", "", "point", "at"], rows))
        if self.front.rows:
            heads = ["Pareto front: point", *(one.called(event) for one in self.front.objectives), *self.keys]
            shown = [
                [
                    str(row["number"]),
                    *(one.text(one.value(row)) for one in self.front.objectives),
                    *(str(row[key]) for key in self.keys),
                ]
                for row in self.front.rows[:_MOST_ROWS]
            ]
            parts.append(html_table(heads, shown))
        if self.effects:
            heads = ["effect of", "value", *(one.called(event) for one in OBJECTIVES)]
            parts.append(html_table(heads, [row for effect in self.effects for row in _effect_rows(effect)]))
        parts += [f"<p>failed: points {', '.join(map(str, one.numbers))}: {escape(one.reason)}</p>" for one in self.failures]
        return "".join(parts)


def answer(rows: Sequence[Row], keys: Sequence[str]) -> Answer:
    """What the rows of a sweep answer.

    Args:
        rows: one per point, as in ``points.parquet``.
        keys: the swept keys.
    """
    return Answer(tuple(rows), tuple(keys), best(rows), pareto(rows), effects(rows, keys), failures(rows, keys))


def _effect_rows(effect: KeyEffect) -> Iterator[list[str]]:
    """Means by value, then how far they are apart and what part of the variance they account for."""
    found = {one.objective.name: one for one in effect.effects}
    for value in list(effect.points)[:_MOST_ROWS]:
        means = [one.text(found[one.name].means[value]) if one.name in found else "–" for one in OBJECTIVES]
        yield [effect.key, value, *means]
    for what, text in (("spread", lambda one: f"×{digits(one)}"), ("share", percent)):
        cells = [getattr(found[one.name], what) if one.name in found else None for one in OBJECTIVES]
        yield [
            effect.key,
            {"spread": "ratio", "share": "variance"}[what],
            *("–" if one is None else text(one) for one in cells),
        ]

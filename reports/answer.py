"""What a sweep answers: the best point per objective, the front of Pareto, the effect of each key, and what failed.

Functions of the rows of ``points.parquet`` alone. Terminal, ``--json`` and page say what they return.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt

from reports.objectives import OBJECTIVES, Objective, Row

SAME = 1e-9
"""Relative difference up to which two values are equally good: sums in another order are never quite the same."""

FLAT = 1e-3
"""Relative range up to which a figure is said not to vary, and a point to be as good as the best: less would be a picture of noise."""


_MOST_LEFT_OUT = 4


@dataclass(frozen=True, slots=True)
class Best:
    """The best value of an objective.

    Attributes:
        objective: which one; value: the least of all points.
        row: the first point that has it; equal: numbers of the others that have it too.
        near: numbers of those that have a little more, by no more than ``FLAT`` of it.
        without: how many finished points have no such figure.
    """

    objective: Objective
    value: float
    row: Row
    equal: tuple[int, ...]
    near: tuple[int, ...]
    without: int


@dataclass(frozen=True, slots=True)
class Front:
    """The points that no other point beats.

    Attributes:
        objectives: over which; those that no point has a figure for are left out.
        rows: the points, by rising value of the first objective.
        without: how many finished points lack one of the figures, and are left out.
    """

    objectives: tuple[Objective, ...]
    rows: tuple[Row, ...]
    without: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a swept key does to an objective.

    Attributes:
        objective: the objective.
        means: mean of each value of the key, over the points that are compared (`matched`); None where none has the figure.
        spread: largest mean over smallest; None where the smallest is 0 or there are fewer than two.
        share: of the variance of the figure over these points, what the means account for: 0 to 1; None where nothing varies.
    """

    objective: Objective
    means: Mapping[str, float | None]
    spread: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class KeyEffect:
    """What a swept key does.

    Attributes:
        key: its path; points: how many points of each value are compared.
        effects: one per objective that these points have a figure for.
        combinations: how many of the other keys the sweep has.
        left_out: those in which a value has not run that has run elsewhere: its values are not compared there.
        never: values that have run nowhere.
    """

    key: str
    points: Mapping[str, int]
    effects: tuple[Effect, ...]
    combinations: int
    left_out: tuple[Mapping[str, str], ...]
    never: tuple[str, ...]

    @property
    def most(self) -> float:
        """The largest spread over the objectives; 1 where there is none."""
        return max((one.spread for one in self.effects if one.spread is not None), default=1.0)


@dataclass(frozen=True, slots=True)
class Failure:
    """Points that failed for the same reason.

    Attributes:
        reason: its first line; exit_code: what ``chipsim run`` would have ended with; numbers: the points.
        settings: swept keys that have one value in all of them, and others elsewhere.
    """

    reason: str
    exit_code: int | None
    numbers: tuple[int, ...]
    settings: Mapping[str, str]


def finished(rows: Sequence[Row]) -> list[Row]:
    """The points that ran to their end."""
    return [row for row in rows if row["status"] == "done"]


def swept(rows: Sequence[Row], keys: Sequence[str]) -> list[str]:
    """Keys with more than one value among these points."""
    return [key for key in keys if len({row[key] for row in rows}) > 1]


def best(rows: Sequence[Row], objectives: Sequence[Objective] = OBJECTIVES) -> tuple[Best, ...]:
    """The best finished point per objective; an objective that no point has a figure for has none."""
    done, found = finished(rows), []
    for objective in objectives:
        values = [(value, row) for row in done if (value := objective.value(row)) is not None]
        if not values:
            continue
        least = min(value for value, _ in values)
        first, *others = [row for value, row in values if value <= least + SAME * abs(least)]
        near = [row for value, row in values if SAME * abs(least) < value - least <= FLAT * abs(least)]
        equal, close = (tuple(int(row["number"]) for row in some) for some in (others, near))
        found.append(Best(objective, least, first, equal, close, len(done) - len(values)))
    return tuple(found)


def undecided(rows: Sequence[Row], objectives: Sequence[Objective] = OBJECTIVES) -> tuple[Objective, ...]:
    """The objectives that no finished point has a figure for."""
    done = finished(rows)
    return tuple(one for one in objectives if all(one.value(row) is None for row in done))


def pareto(rows: Sequence[Row], objectives: Sequence[Objective] = OBJECTIVES) -> Front:
    """The finished points for which no other is as good in all objectives and better in one."""
    done = finished(rows)
    known = tuple(one for one in objectives if any(one.value(row) is not None for row in done))
    values = [(row, [one.value(row) for one in known]) for row in done]
    whole = [(row, figures) for row, figures in values if known and None not in figures]
    if not whole:
        return Front(known, (), len(done))
    table = np.array([figures for _, figures in whole], np.float64)
    kept = sorted(np.flatnonzero(undominated(table)), key=lambda place: (*table[place], place))
    return Front(known, tuple(whole[place][0] for place in kept), len(done) - len(whole))


def undominated(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Which rows of float64[points, objectives] no other row dominates: none is at most as large everywhere and smaller somewhere.

    A row can only be dominated by one that sorts before it, so each is held against those kept so far: points x front, not points
    squared. Rows that are equal dominate each other nowhere, and share their fate.
    """
    distinct, which = np.unique(values, axis=0, return_inverse=True)  # sorted by the first column, then the next
    kept = np.zeros(len(distinct), np.bool_)
    front = np.empty_like(distinct)
    size = 0
    for place, row in enumerate(distinct):
        if not (front[:size] <= row).all(axis=1).any():
            front[size] = row
            size += 1
            kept[place] = True
    return kept[which.reshape(-1)]


def matched(rows: Sequence[Row], compared: Sequence[str], keys: Sequence[str]) -> list[Row]:
    """Those of some points between which nothing but the compared keys differs on the whole.

    Kept are the combinations of the other keys that have a point for all values (of several keys: all combinations of values) which occur
    at all. Where points are missing, means over anything else would mix what the compared keys do with what the others do.
    """
    others = [key for key in keys if key not in compared]
    blocks: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for row in rows:
        blocks.setdefault(_values(row, others), set()).add(_values(row, compared))
    every = set().union(*blocks.values())
    return [row for row in rows if blocks[_values(row, others)] == every]


def _values(row: Row, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[key]) for key in keys)


def effects(rows: Sequence[Row], keys: Sequence[str], objectives: Sequence[Objective] = OBJECTIVES) -> tuple[KeyEffect, ...]:
    """The effect of each key that has more than one value among the finished points, the largest spread first."""
    done = finished(rows)
    found = []
    for key in keys:
        values = dict.fromkeys(str(row[key]) for row in done)
        if len(values) > 1:
            each = tuple(effect for one in objectives if (effect := _effect(done, key, keys, one)) is not None)
            others = [other for other in keys if other != key]
            compared = matched(done, (key,), keys)
            kept = {_values(row, others) for row in compared}
            every = dict.fromkeys(_values(row, others) for row in rows)
            found.append(
                KeyEffect(
                    key,
                    {value: sum(str(row[key]) == value for row in compared) for value in values},
                    each,
                    len(every),
                    tuple(dict(zip(others, one, strict=True)) for one in every if one not in kept),
                    tuple(value for value in dict.fromkeys(str(row[key]) for row in rows) if value not in values),
                )
            )
    return tuple(sorted(found, key=lambda one: -one.most))


def _effect(done: Sequence[Row], key: str, keys: Sequence[str], objective: Objective) -> Effect | None:
    compared = matched([row for row in done if objective.value(row) is not None], (key,), keys)
    figures: dict[str, list[float]] = {str(row[key]): [] for row in done}
    for row in compared:
        if (one := objective.value(row)) is not None:
            figures[str(row[key])].append(one)
    every = [one for values in figures.values() for one in values]
    if not every:
        return None
    means = {value: fmean(values) if values else None for value, values in figures.items()}
    known = [mean for mean in means.values() if mean is not None]
    middle = fmean(every)
    whole = sum((one - middle) ** 2 for one in every)
    between = sum(len(figures[value]) * (mean - middle) ** 2 for value, mean in means.items() if mean is not None)
    return Effect(
        objective,
        means,
        max(known) / min(known) if len(known) > 1 and min(known) > 0 else None,
        None if flat(every) else min(1.0, between / whole),
    )


def incomplete(effect: KeyEffect) -> str:
    """What is not compared for a key, as it lacks points, in a sentence; empty where nothing lacks."""
    said = []
    if effect.left_out:
        kept = effect.combinations - len(effect.left_out)
        shown = "; ".join(settings(one, list(one)) for one in effect.left_out[:_MOST_LEFT_OUT] if one)
        more = len(effect.left_out) - _MOST_LEFT_OUT
        text = f"over {kept:,} of {effect.combinations:,} combinations of the other keys, those that have run with all of its values"
        said.append(f"{text}; left out: {shown}{f'; and {more:,} more' if more > 0 else ''}" if shown else text)
    if effect.never:
        said.append(
            f"{', '.join(effect.never)} has run nowhere"
            if len(effect.never) == 1
            else f"none of {', '.join(effect.never)} has run"
        )
    return f"{tail(effect.key)}: {'; '.join(said)}" if said else ""


def flat(values: Sequence[float], most: float = SAME) -> bool:
    """Whether values differ by no more than a part of the largest."""
    return not values or max(values) - min(values) <= most * max(abs(one) for one in values)


def moved_by(rows: Sequence[Row], key: str, objective: Objective) -> bool:
    """Whether the mean, the least or the most of a figure varies by more than ``FLAT`` over the values of a key."""
    groups: dict[str, list[float]] = {}
    for row in rows:
        if (found := objective.value(row)) is not None:
            groups.setdefault(str(row[key]), []).append(found)
    return any(not flat([each(group) for group in groups.values()], FLAT) for each in (fmean, min, max))


def failures(rows: Sequence[Row], keys: Sequence[str] = ()) -> tuple[Failure, ...]:
    """The failed points by reason, the most frequent reason first."""
    found: dict[tuple[str, int | None], list[Row]] = {}
    for row in rows:
        if row["status"] == "failed":
            found.setdefault((str(row["reason"]).split("\n")[0], row["exit_code"]), []).append(row)
    several = swept(rows, keys)
    made = (
        Failure(
            reason,
            code,
            tuple(int(row["number"]) for row in group),
            {key: str(group[0][key]) for key in several if len({row[key] for row in group}) == 1},
        )
        for (reason, code), group in found.items()
    )
    return tuple(sorted(made, key=lambda one: -len(one.numbers)))


def settings(row: Row, keys: Sequence[str]) -> str:
    """What a point was set to, on one line, keys by their last part."""
    return ", ".join(f"{tail(key)} {row[key]}" for key in keys)


def tail(key: str) -> str:
    """The last part of a key."""
    return key.rpartition(".")[2]


def as_json(rows: Sequence[Row], keys: Sequence[str]) -> dict[str, Any]:
    """The answer as plain values: ``best``, ``pareto``, ``effects`` and ``failures``."""
    front = pareto(rows)
    return {
        "best": [
            {
                "objective": one.objective.name,
                "path": one.objective.path,
                "unit": one.objective.unit,
                "direction": one.objective.direction,
                "value": one.value,
                **_point(one.row, keys),
                "equal": list(one.equal),
                "near": list(one.near),
                "points_without": one.without,
            }
            for one in best(rows)
        ],
        "pareto": {
            "objectives": [one.name for one in front.objectives],
            "points": [_point(row, keys) for row in front.rows],
            "points_without": front.without,
        },
        "effects": [
            {
                "key": one.key,
                "points": dict(one.points),
                "combinations": one.combinations,
                "left_out": [dict(each) for each in one.left_out],
                "never_run": list(one.never),
                "objectives": {
                    each.objective.name: {"means": dict(each.means), "spread": each.spread, "share_of_variance": each.share}
                    for each in one.effects
                },
            }
            for one in effects(rows, keys)
        ],
        "failures": [
            {"reason": one.reason, "exit_code": one.exit_code, "points": list(one.numbers), "all_with": dict(one.settings)}
            for one in failures(rows, keys)
        ],
    }


def _point(row: Row, keys: Sequence[str]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "folder": row["folder"],
        "settings": {key: row[key] for key in keys},
        "figures": {one.name: one.value(row) for one in OBJECTIVES},
    }

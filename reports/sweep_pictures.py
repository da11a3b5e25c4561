"""The figures of a sweep's page, each with what to read from it; what does not vary is said in a sentence and not drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

from chipsim.quantity import percent
from reports.answer import FLAT, Front, effects, flat, matched, moved_by, tail
from reports.objectives import FURTHER, OBJECTIVES, Objective, Row, event_of
from reports.pictures import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PART = percent(FLAT)
"""Of the largest value: what varies by no more is flat."""
_MOST_VALUES = 40
"""Values of a key up to which it is drawn."""
_MISSING = "Points are missing: only combinations of the other keys that have run with all of these values are compared."
_MOST_KEYS = 3
"""Keys that effects and interactions are drawn for, those with the largest effect; tables have all."""


def sweep_pictures(done: Sequence[Row], keys: Sequence[str], front: Front) -> Iterator[Picture]:
    """The figures of the points that ran to their end.

    Args:
        done: these points.
        keys: keys with more than one value among them.
        front: those of them that no other beats.
    """
    if len(done) < 2 or not keys:
        return
    yield _tradeoff(done, keys, front)
    found = effects(done, keys)
    few = [one.key for one in found if one.effects and len(one.points) <= _MOST_VALUES]
    main = sorted(few[:_MOST_KEYS], key=list(keys).index)
    if not main:
        return
    moving = [one for one in OBJECTIVES if _varies(done, one)]
    further = [one for one in FURTHER if _varies(done, one)]
    event = event_of(done)
    for key, title, measures in (
        ("effects", "What each key does", moving),
        ("effects-further", "What each key does to other figures", further),
    ):
        yield _effects(done, main, key, title, measures, event, keys)
    if len(main) > 1:
        for one in moving:
            yield _interaction(done, list(combinations(main, 2)), one, event, keys)


def _tradeoff(done: Sequence[Row], keys: Sequence[str], front: Front) -> Picture:
    from reports.figures.sweep import draw_tradeoff, encoding

    event, numbers = event_of(done), frozenset(int(row["number"]) for row in front.rows)
    moving = [one for one in OBJECTIVES if _varies(done, one)][:2]
    if len(moving) < 2:
        only = f"only {moving[0].called(event)} varies" if moving else "no objective varies"
        return Picture(
            "tradeoff", "One objective against another", "", f"Over these points {only}: nothing is to be weighed.", ""
        )
    up, across = moving
    code = encoding(done, keys)
    told = [f"{what} tells {tail(key)}" for what, key in code.told() if key]
    caption = f"Each mark is a point of the sweep; towards the lower left is better. {'; '.join(told).capitalize()}."
    if code.untold:
        caption += f" Not told apart: {', '.join(code.untold)}."
    if numbers:
        caption += " Points with a ring are not beaten by any other in all objectives together."
    return _picture(
        "tradeoff",
        f"{up.called(event).capitalize()} against {across.called(event)}",
        lambda: draw_tradeoff(done, keys, across, up, numbers, event),
        caption,
        f"{up.called(event)} over {across.called(event)}, one mark per point.",
    )


def _effects(
    done: Sequence[Row],
    keys: Sequence[str],
    key: str,
    title: str,
    measures: Sequence[Objective],
    event: str,
    every_key: Sequence[str],
) -> Picture:
    from reports.figures.sweep import draw_effects

    every = OBJECTIVES if key == "effects" else FURTHER
    still = [one.called(event) for one in every if one not in measures and any(one.value(row) is not None for row in done)]
    none = [one.called(event) for one in every if all(one.value(row) is None for row in done)]
    said = (
        f"Over these points the following vary by no more than {PART}, and are not drawn: {', '.join(still)}." if still else ""
    )
    moving = {one: [name for name in keys if moved_by(matched(done, (name,), every_key), name, one)] for one in measures}
    alike = [
        f"{one.called(event)} by {' and '.join(tail(name) for name in keys if name not in some)}"
        for one, some in moving.items()
        if len(some) < len(keys)
    ]
    said += f" Nor are panels in which nothing moves by more than that: {'; '.join(alike)}." if alike and still else ""
    said += (
        f" Panels in which nothing moves by more than {PART} are left out: {'; '.join(alike)}." if alike and not still else ""
    )
    said += f" No point has a figure for {', '.join(none)}." if none else ""
    if not measures:
        return Picture(key, title, "", said.strip() or "Nothing varies over the points of this sweep.", "")
    caption = (
        "Dots are means over all other keys, bars reach from the least to the most of all points with that value; a line joins numbers;"
        f" axes fit the data and do not begin at zero. {said.strip()}"
    ).strip()
    if any(len(matched(done, (name,), every_key)) < len(done) for name in keys):
        caption += f" {_MISSING}"
    rows = [
        _picture(f"{key}-{one.name}", title, partial(draw_effects, done, some, one, event, every_key), "", "")
        for one, some in moving.items()
        if some
    ]
    return Picture(key, title, "".join(f'<div class="row">{row.svg}</div>' for row in rows), caption, f"{title}. {caption}")


def _interaction(
    done: Sequence[Row], pairs: Sequence[tuple[str, str]], measure: Objective, event: str, every_key: Sequence[str]
) -> Picture:
    from reports.figures.sweep import draw_interaction

    title = f"Two keys together: {measure.called(event)}"
    caption = (
        "Means over all other keys; all maps share one scale of colours. Where a row is to the next by another factor in one column"
        " than in another, the two keys act on each other."
    )
    if any(len(matched(done, pair, every_key)) < len(done) for pair in pairs):
        caption += f" {_MISSING}"
    alt = f"{title}, a heat map for each pair of keys."
    return _picture(f"together-{measure.name}", title, lambda: draw_interaction(done, pairs, measure, every_key), caption, alt)


def _varies(done: Sequence[Row], measure: Objective) -> bool:
    return not flat([one for row in done if (one := measure.value(row)) is not None], FLAT)


def _picture(key: str, title: str, draw: Callable[[], Figure], caption: str, alt: str) -> Picture:
    from reports.figures import NothingToDrawError, look, svg

    try:
        with look():
            return Picture(key, title, svg(draw(), key), caption, alt)
    except NothingToDrawError as nothing:
        return Picture(key, title, "", str(nothing), "")

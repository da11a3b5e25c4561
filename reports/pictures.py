"""Drawing all figures of a run once, each with its caption and its alternative text, or with a sentence instead."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.run import Run

if TYPE_CHECKING:
    from reports.figures import Drawing


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as a page shows it.

    Attributes:
        key: short unique name.
        title: heading.
        svg: the ``<svg>`` element, empty where there is nothing to draw.
        caption: what to read from it; where there is no figure, why not.
        alt: what it shows, in words.
    """

    key: str
    title: str
    svg: str
    caption: str
    alt: str


def pictures(run: Run) -> list[Picture]:
    """All figures in the order of the report."""
    with uncollected():
        from reports.figures import drawings_of  # matplotlib, a second on a slow machine

        return pictures_of(drawings_of(run.summary), run)


@contextmanager
def uncollected() -> Iterator[None]:
    """No look for garbage cycles for a moment: drawing makes many objects and few cycles, and the looks take a seventh of its time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def pictures_of(drawings: Iterable[Drawing], run: Run) -> list[Picture]:
    """These figures, each drawn once."""
    from reports.figures import NothingToDrawError, look, svg

    made = []
    for drawing in drawings:
        try:
            with look():
                figure = drawing.draw(run.summary, run.tables)
                image = svg(figure, drawing.key)
        except NothingToDrawError as nothing:
            made.append(Picture(drawing.key, drawing.title, "", str(nothing), ""))
            continue
        caption, alt = drawing.caption(run.summary, run.tables), drawing.alt(run.summary, run.tables)
        made.append(Picture(drawing.key, drawing.title, image, caption, alt))
    return made

"""Room around the axes of a figure, by one look at what sticks out of them.

matplotlib's constrained layout solves for margins in two rounds and asks for the size of every text in each; that took longer than drawing.
Here every axes is measured once, at a first guess of its place, and the grid gives way by what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

PAD = 0.045
"""Inches left free round a figure."""

GAP = 0.16
"""Inches between what sticks out of a cell and what sticks out of the next: scales and names are not to be read as one."""

_FIRST = {"left": 0.6, "right": 0.3, "bottom": 0.5, "top": 0.35}
"""A first guess of the margins, inches."""

BROWSER = 1.1
"""Browsers set text a little wider than it is measured here, and a panel that grows needs larger text."""

_LEAST = 0.2
"""Least share of the figure that its grid keeps, per direction, however long the texts round it are."""


class _Sides(NamedTuple):
    """Inches by which something is larger than its place, per side; at least 0."""

    left: float
    right: float
    bottom: float
    top: float


def arrange(figure: Figure) -> None:
    """Make room for the labels, titles, legends and colour bars of axes that lie in one grid.

    The margins of the grid and the gaps between its cells become as wide as the widest that sticks out there. Axes outside of a grid
    stay, and so does a figure with a layout engine of its own.
    """
    FigureCanvasAgg(figure)  # measures without writing anything
    cells = cells_of(figure)
    if not cells or figure.get_layout_engine() is not None:
        return
    width, height = (float(inches) for inches in figure.get_size_inches())
    figure.subplots_adjust(
        left=_FIRST["left"] / width,
        right=1 - _FIRST["right"] / width,
        bottom=_FIRST["bottom"] / height,
        top=1 - _FIRST["top"] / height,
    )
    out = {place: _sticking_out(figure, axes) for place, axes in cells.items()}
    rows, columns = (range(max(place[axis] for place in cells) + 1) for axis in (0, 1))
    left, right, gap = _room(
        [_most(out, 1, column, "left") for column in columns], [_most(out, 1, column, "right") for column in columns], width
    )
    top, bottom, drop = _room(
        [_most(out, 0, row, "top") for row in rows], [_most(out, 0, row, "bottom") for row in rows], height
    )
    figure.subplots_adjust(
        left=left / width,
        right=1 - right / width,
        bottom=bottom / height,
        top=1 - top / height,
        wspace=_share(gap, width - left - right, len(columns)),
        hspace=_share(drop, height - top - bottom, len(rows)),
    )


def cells_of(figure: Figure) -> dict[tuple[int, int], list[Axes]]:
    """Axes by the cell of the grid, row and column, in which they lie; a colour bar lies in that of its axes."""
    cells: dict[tuple[int, int], list[Axes]] = {}
    for axes in figure.axes:
        spec = axes.get_subplotspec()
        if spec is not None:
            place = spec.get_topmost_subplotspec()
            cells.setdefault((place.rowspan.start, place.colspan.start), []).append(axes)
    return cells


def panels_of(figure: Figure, on_paper: Callable[[float], float]) -> list[tuple[list[int], Bbox]]:
    """The panels of an arranged figure in the order of reading: numbers of their axes from 1, and what they cover in points from the top left.

    A figure with texts or legends of its own is one panel, as one outside of any grid.

    Args:
        figure: arranged.
        on_paper: least size of text on paper, in points of a panel of a width; there is room for texts of that size.
    """
    cells = cells_of(figure)
    if figure.legends or figure.texts or sum(map(len, cells.values())) < len(figure.axes):
        cells = {(0, 0): list(figure.axes)}
    if not isinstance(figure.canvas, FigureCanvasAgg):  # one that measured it before knows its texts
        FigureCanvasAgg(figure)
    found = []
    for place in sorted(cells):
        artists: list[Artist] = [*cells[place]]
        if len(cells) == 1:
            artists += [*figure.legends, *figure.texts]
        shown = _points(figure, artists)
        texts = [text for artist in artists for text in artist.findobj(Text) if text.get_visible() and text.get_text()]
        for _ in range(2):  # a wider panel is smaller on paper, so its text has to be larger
            size = BROWSER * on_paper(shown.width)
            shown = Bbox.union([shown, *_grown(figure, texts, size, shown)])
        found.append(([1 + figure.axes.index(axes) for axes in cells[place]], shown))
    return found


def _grown(figure: Figure, texts: list[Text], size: float, within: Bbox) -> Iterator[Bbox]:
    """What texts smaller than a size cover if they have it, in points from the top left: a page lets them grow about their anchors.

    Those that are not within the panel, such as the names of ticks beyond its scale, are not drawn.
    """
    height, unit = 72 * float(figure.get_size_inches()[1]), 72 / figure.dpi
    for text in texts:
        now = float(text.get_fontsize())
        if now >= size:
            continue
        box = text.get_window_extent()
        x, y = text.get_transform().transform(text.get_unitless_position())
        grow = size / now
        x0, x1 = (unit * (x + grow * (side - x)) for side in (box.x0, box.x1))
        y0, y1 = (height - unit * (y + grow * (side - y)) for side in (box.y1, box.y0))
        if (
            within.x0 <= unit * (box.x0 + box.x1) / 2 <= within.x1
            and within.y0 <= height - unit * (box.y0 + box.y1) / 2 <= within.y1
        ):
            yield Bbox(np.array([[x0, y0], [x1, y1]]))


def _points(figure: Figure, artists: list[Artist]) -> Bbox:
    """What artists cover, in points from the top left of the figure, with some room around."""
    height = 72 * float(figure.get_size_inches()[1])
    seen = Bbox.union([box for artist in artists if (box := artist.get_tightbbox()) is not None])
    x0, x1, y0, y1 = (72 * float(length) / figure.dpi for length in (seen.x0, seen.x1, seen.y0, seen.y1))
    pad = 72 * PAD
    return Bbox(np.array([[x0 - pad, height - y1 - pad], [x1 + pad, height - y0 + pad]]))


def _sticking_out(figure: Figure, cell: list[Axes]) -> _Sides:
    """What the axes of one cell of the grid need beyond it."""
    boxes = [box for axes in cell if (box := axes.get_tightbbox(for_layout_only=True)) is not None]
    spec = cell[0].get_subplotspec()
    assert spec is not None
    place = figure.transFigure.transform_bbox(spec.get_topmost_subplotspec().get_position(figure))
    seen = Bbox.union([place, *boxes])
    lengths = (place.x0 - seen.x0, seen.x1 - place.x1, place.y0 - seen.y0, seen.y1 - place.y1)
    return _Sides(*(float(length) / figure.dpi for length in lengths))


def _most(out: dict[tuple[int, int], _Sides], axis: int, index: int, side: str) -> float:
    """The most that sticks out at a side, of the cells of a row (axis 0) or a column (1)."""
    return max((getattr(sides, side) for place, sides in out.items() if place[axis] == index), default=0.0)


def _room(before: list[float], after: list[float], length: float) -> tuple[float, float, float]:
    """Inches before the first cell, after the last, and between two of them; a little is always kept for the cells."""
    gaps = [end + begin + GAP for end, begin in zip(after, before[1:], strict=False)]
    room = before[0] + PAD, after[-1] + PAD, max(gaps, default=0.0)
    needed = room[0] + room[1] + room[2] * len(gaps)
    scale = min(1.0, (1 - _LEAST) * length / needed)
    return room[0] * scale, room[1] * scale, room[2] * scale


def _share(gap: float, length: float, cells: int) -> float:
    """A gap between two of so many cells as matplotlib wants it: in parts of their mean length."""
    return gap * cells / max(length - gap * (cells - 1), 1e-6)

"""Room around the axes of a figure, by one look at what sticks out of them.

matplotlib's constrained layout solves for margins in two rounds and asks for the size of every text in each; that took longer than drawing.
Here every axes is measured once, at a first guess of its place, and the grid gives way by what was seen.
"""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

PAD = 0.045
"""Inches left free round a figure and between two cells of its grid."""

_FIRST = {"left": 0.6, "right": 0.3, "bottom": 0.5, "top": 0.35}
"""A first guess of the margins, inches."""

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
    cells: dict[tuple[int, int], list[Axes]] = {}
    for axes in figure.axes:
        spec = axes.get_subplotspec()
        if spec is not None:
            place = spec.get_topmost_subplotspec()
            cells.setdefault((place.rowspan.start, place.colspan.start), []).append(axes)
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
    gaps = [end + begin + 2 * PAD for end, begin in zip(after, before[1:], strict=False)]
    room = before[0] + PAD, after[-1] + PAD, max(gaps, default=0.0)
    needed = room[0] + room[1] + room[2] * len(gaps)
    scale = min(1.0, (1 - _LEAST) * length / needed)
    return room[0] * scale, room[1] * scale, room[2] * scale


def _share(gap: float, length: float, cells: int) -> float:
    """A gap between two of so many cells as matplotlib wants it: in parts of their mean length."""
    return gap * cells / max(length - gap * (cells - 1), 1e-6)

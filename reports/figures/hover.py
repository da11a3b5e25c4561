"""What the marks of a figure say under a pointer, a finger or the arrow keys: places in the figure, each with its text.

A drawing says of each of its marks where it is and what its value is; ``says`` writes that down for one panel, in the units of its view
box, and the script of the page (``templates/hover.js``) shows it. A mark needs no element of its own, so images have values too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

Numbers = npt.NDArray[np.float64]

MOST = 40_000
"""Marks of a group that say something; a page is not to grow without bounds."""

Names = tuple[Sequence[str], Sequence[str]]

SPLIT = "|"
"""Between the parts of a text that stand in the places ``{0}``, ``{1}`` of the words of its group."""


class Said(Artist):
    """Draws nothing: what the marks of one kind in an axes say.

    Attributes:
        corners: float64[marks, 4], from x and y to x and y in data; from is to for points. For cells of a map one row: of the whole map.
        texts: what each says, or the parts of it; empty for a mark that says nothing.
        words: pattern for the parts, empty where texts are whole.
        shape: rows and columns of a map, the first row being that at the corner named first; None for single marks.
        names: of the columns and of the rows of a map, if its words have places for them.
    """

    def __init__(
        self, corners: Numbers, texts: Sequence[str], words: str, shape: tuple[int, int] | None = None, names: Names = ((), ())
    ) -> None:
        super().__init__()
        self.corners, self.texts, self.words, self.shape, self.names = corners, texts, words, shape, names
        self.set_in_layout(False)

    def draw(self, renderer: Any) -> None:
        """Nothing."""


def points(axes: Axes, x: Iterable[float], y: Iterable[float], texts: Sequence[str], words: str = "") -> None:
    """Marks at places in data."""
    at = np.stack([np.asarray(one, np.float64) for one in (list(x), list(y))], axis=1)
    _say(axes, np.hstack([at, at]), texts, words)


def boxes(axes: Axes, corners: Sequence[Sequence[float]] | Numbers, texts: Sequence[str], words: str = "") -> None:
    """Marks that cover a box each: from x and y to x and y in data."""
    _say(axes, np.asarray(corners, np.float64).reshape(-1, 4), texts, words)


def bars(axes: Axes, drawn: BarContainer, texts: Sequence[str], words: str = "") -> None:
    """The bars of a bar chart."""
    boxes(axes, [(p.get_x(), p.get_y(), p.get_x() + p.get_width(), p.get_y() + p.get_height()) for p in drawn], texts, words)


def columns(axes: Axes, x: Sequence[float] | Numbers, texts: Sequence[str], words: str = "") -> None:
    """What lines over ascending x say: each x owns what is nearer to it than to others, over the whole height. Limits are set before."""
    at = np.asarray(x, np.float64)
    low, high = axes.get_ylim()
    edges = np.r_[at[:1], (at[1:] + at[:-1]) / 2, at[-1:]]
    heights = np.full(len(at), low), np.full(len(at), high)
    boxes(axes, np.stack([edges[:-1], heights[0], edges[1:], heights[1]], axis=1), texts, words)


def cells(
    axes: Axes,
    extent: tuple[float, float, float, float],
    texts: Sequence[Sequence[str]],
    words: str = "",
    names: Names = ((), ()),
) -> None:
    """A map of equal cells; ``extent`` is from x and y to x and y in data, the first row of texts the one at the corner named first.

    ``names`` of the columns and rows stand in the places ``{x}`` and ``{y}`` of the words.
    """
    flat = [text for row in texts for text in row]
    if len(flat) <= MOST:
        axes.add_artist(Said(np.array([extent], np.float64), flat, words, (len(texts), len(texts[0])), names))


def _say(axes: Axes, corners: Numbers, texts: Sequence[str], words: str) -> None:
    if len(corners) != len(texts):
        raise ValueError(f"{len(texts)} texts for {len(corners)} marks; allowed: one each")
    if 0 < len(texts) <= MOST:
        axes.add_artist(Said(corners, texts, words))


def says(figure: Figure, axes: Iterable[Axes], box: Bbox) -> str:
    """An attribute for the ``<svg>`` of a panel with all that its marks say; empty where they say nothing.

    Args:
        figure: arranged.
        axes: of the panel.
        box: its view box, in points from the top left of the figure.

    Each group has ``at``: x, y, width and height of every mark (of a map: of the whole), ``texts``, where needed ``words`` and of a map its
    ``rows`` and ``columns``, how many, and ``x`` and ``y``, names of columns and rows.
    """
    height, scale = 72 * float(figure.get_size_inches()[1]), 72 / figure.dpi
    groups: list[dict[str, Any]] = []
    for said in (one for each in axes for one in each.findobj(Said)):
        place = said.axes
        assert isinstance(place, Axes)
        assert isinstance(said, Said)
        ends = [scale * place.transData.transform(said.corners[:, at : at + 2]) for at in (0, 2)]
        ends = [np.stack([end[:, 0], height - end[:, 1]], axis=1) for end in ends]
        # a map says its rows from the corner named first, so its width or height may be negative
        near, size = (ends[0], ends[1] - ends[0]) if said.shape else (np.minimum(*ends), np.abs(ends[1] - ends[0]))
        near = np.hstack([near, size])
        shown = np.isfinite(near).all(axis=1)
        inside = np.asarray(_within(near, box) & shown if said.shape is None else shown)
        group: dict[str, Any] = {
            "at": [_short(one) for one in near[inside].ravel()],
            "texts": list(said.texts) if said.shape else [text for text, keep in zip(said.texts, inside, strict=True) if keep],
        }
        if said.words:
            group["words"] = said.words
        if said.shape:
            group["rows"], group["columns"] = said.shape
        if any(said.names):
            group["x"], group["y"] = (list(names) for names in said.names)
        groups.append(group)
    if not any(group["texts"] for group in groups):
        return ""
    text = json.dumps(groups, ensure_ascii=False, separators=(",", ":"))
    return " data-says='" + escape(text, quote=False).replace("'", "&#39;") + "'"


def _within(marks: Numbers, box: Bbox) -> npt.NDArray[np.bool_]:
    """Marks whose middle lies in the panel."""
    x, y = marks[:, 0] + marks[:, 2] / 2, marks[:, 1] + marks[:, 3] / 2
    return np.asarray((x >= box.x0) & (x <= box.x1) & (y >= box.y0) & (y <= box.y1))


def _short(value: float) -> float | int:
    """A tenth of a point is finer than anybody points."""
    rounded = round(float(value), 1)
    return int(rounded) if rounded.is_integer() else rounded

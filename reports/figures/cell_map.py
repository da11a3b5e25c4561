"""A map of equal cells from above, coloured by a value: squares on a small grid, an image on a large one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from matplotlib.path import Path

from reports.figures import hover
from reports.figures.base import FAINT, INK, MUTED, SEQUENTIAL, colour_bar

MOST_SIDE = 20
"""Cells on a side up to which each is a mark of its own, as is each link between tiles; above, they are parts of an image."""

Numbers = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SQUARE = np.array([(-0.46, -0.46), (0.46, -0.46), (0.46, 0.46), (-0.46, 0.46)])  # of a cell of side 1


def cell_map(
    axes: Axes,
    title: str,
    values: Numbers,
    place: tuple[Ints, Ints, int, int],
    norm: Normalize,
    text: Callable[[float], str],
    said: Sequence[str],
    words: str,
) -> None:
    """A map of cells; those without anything are grey.

    Args:
        axes: to draw in.
        title: of the map.
        values: float64[cells], 0 or NaN for nothing.
        place: int64[cells] column and int64[cells] row of each, then columns and rows of the map.
        norm: the scale of colours.
        text: writes the numbers of the scale.
        said: what each cell says, or its parts for the words.
        words: pattern for the parts (``hover``).
    """
    column, row, width, height = place
    used = values > 0
    drawn: ScalarMappable
    if max(width, height) > MOST_SIDE:
        cells = np.full((height, width), np.nan)
        cells[row[used], column[used]] = values[used]
        axes.add_artist(Rectangle((-0.5, -0.5), width, height, facecolor=INK, alpha=FAINT / 2, linewidth=0))
        # not resampled: in a page one pixel per cell
        drawn = axes.imshow(cells, cmap=SEQUENTIAL, norm=norm, interpolation="none")
    else:
        squares = np.stack([column, row], axis=1)[:, None, :] + _SQUARE
        axes.add_collection(PolyCollection(squares[~used], facecolor=INK, alpha=FAINT / 2, linewidth=0), autolim=False)
        drawn = PolyCollection(squares[used], array=values[used], cmap=SEQUENTIAL, norm=norm, linewidth=0)
        axes.add_collection(drawn, autolim=False)
    frame(axes, width, height, title)
    if used.any():
        colour_bar(axes, drawn, text)
    if width * height <= hover.MOST:
        texts = [[""] * width for _ in range(height)]
        for x, y, one in zip(column.tolist(), row.tolist(), said, strict=True):
            texts[y][x] = one
        hover.cells(axes, (-0.5, -0.5, width - 0.5, height - 0.5), texts, words)


def outline(polygons: Numbers) -> Path:
    """One path of many polygons, float64[polygons, corners, 2]: in a page each of its own would cost some 300 bytes."""
    many, corners, _ = polygons.shape
    codes = np.full((many, corners), Path.LINETO, np.uint8)
    codes[:, 0] = Path.MOVETO
    return Path(polygons.reshape(-1, 2), codes.ravel())


def frame(axes: Axes, width: int, height: int, title: str) -> None:
    """Limits, ticks and names of a map seen from above, the first row on top."""
    axes.set(xlim=(-0.6, width - 0.4), ylim=(height - 0.4, -0.6), title=title, xlabel="column", aspect="equal")
    for axis, size in ((axes.xaxis, width), (axes.yaxis, height)):
        axis.set_ticks(range(0, size, max(1, size // 8)))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelcolor=MUTED)

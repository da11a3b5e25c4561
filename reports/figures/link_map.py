"""The network-on-chip from above: each directed link an arrow, coloured by packets carried and by how long packets waited for it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from reports.figures.base import FAINT, INK, MUTED, SEQUENTIAL, Drawing, NothingToDrawError, new_figure
from reports.quantity import digits, percent, si
from reports.run import Summary, Tables, numbers, rows

Numbers = npt.NDArray[np.float64]

# An arrow that points right, from tile (0, 0) to tile (1, 0), in tiles. It keeps to the right of its way, so that the two
# directions of a link lie side by side; between 0.2 and 0.8 it leaves room for the tiles.
_ARROW = np.array([(0.2, 0.07), (0.55, 0.07), (0.55, 0.0), (0.82, 0.14), (0.55, 0.28), (0.55, 0.21), (0.2, 0.21)])
_DECADES = 20  # a scale that spans more than this ratio is logarithmic


def draw(_summary: Summary, tables: Tables) -> Figure:
    """Arrows by packets carried; beside them, where any packet waited, arrows by mean wait per packet (ns)."""
    if not rows(tables, "cores"):
        raise NothingToDrawError("No chip took part in this run, so no link carried anything.")
    if not rows(tables, "links"):
        raise NothingToDrawError("A chip with a single tile has no links between tiles.")
    packets, wait = numbers(tables, "links", "packets"), _mean_wait_ns(tables)
    if not (packets > 0).any():
        raise NothingToDrawError("No packet crossed any link in this run.")
    waited = bool((wait > 0).any())
    width, height = _size(tables)
    figure, axes = new_figure(min(7.0, max(2.4, 0.85 + (3.75 if waited else 5.5) * height / width)), 2 if waited else 1)
    _panel(axes[0], "Packets carried", packets, tables)
    if waited:
        _panel(axes[1], "Mean wait for the link, ns per packet", wait, tables)
    return figure


def caption(_summary: Summary, tables: Tables) -> str:
    """How many links worked, which carried most, and whether anything queued."""
    packets, busy = numbers(tables, "links", "packets"), numbers(tables, "links", "utilisation")
    total, used = float(np.nansum(packets)), int((packets > 0).sum())
    top = int(np.nanargmax(packets))
    text = (
        f"{used} of {len(packets)} directed links carried packets. The busiest, {name(tables, top)}, carried {digits(packets[top])} packets, "
        f"{percent(packets[top] / total)} of all crossings, and was in use {percent(busy[top])} of the time. "
    )
    wait, longest = float(np.nansum(numbers(tables, "links", "wait_ps"))), numbers(tables, "links", "wait_max_ps")
    if wait > 0:
        slowest = int(np.nanargmax(longest))
        text += (
            f"A crossing waited {si(wait / total * 1e-12, 's')} for its link on average, at most {si(longest[slowest] * 1e-12, 's')} "
            f"({name(tables, slowest)}). "
        )
    else:
        text += "No packet waited for a link. "
    text += "An arrow keeps to the right of its way; faint ones carried nothing."
    if _spans(packets) or _spans(_mean_wait_ns(tables)):
        text += " Scales that span decades are logarithmic."
    return text


def alt(summary: Summary, tables: Tables) -> str:
    """The map in words."""
    width, height = _size(tables)
    return f"A map of the links between {width} by {height} tiles, one arrow per direction. {caption(summary, tables)}"


def name(tables: Tables, row: int) -> str:
    """A link in words, e.g. ``(3, 0) to (4, 0)``."""
    x, y, to_x, to_y = (int(numbers(tables, "links", column)[row]) for column in ("x", "y", "to_x", "to_y"))
    return f"({x}, {y}) to ({to_x}, {to_y})"


def _size(tables: Tables) -> tuple[int, int]:
    return tuple(int(max(numbers(tables, "cores", axis).max(), numbers(tables, "links", axis).max())) + 1 for axis in "xy")  # type: ignore[return-value]


def _mean_wait_ns(tables: Tables) -> Numbers:
    packets, wait = numbers(tables, "links", "packets"), numbers(tables, "links", "wait_ps")
    return np.divide(wait, packets, out=np.zeros_like(packets), where=packets > 0) / 1000


def _spans(values: Numbers) -> bool:
    positive = values[values > 0]
    return len(positive) > 1 and bool(positive.max() > _DECADES * positive.min())


def _arrows(tables: Tables) -> Numbers:
    """Polygons float64[links, 7, 2] in tile coordinates, y downwards."""
    x, y, to_x, to_y = (numbers(tables, "links", column) for column in ("x", "y", "to_x", "to_y"))
    # A link of a torus goes round the rim: draw it as a step of one tile outwards.
    dx, dy = to_x - x, to_y - y
    dx, dy = np.where(abs(dx) > 1, -np.sign(dx), dx), np.where(abs(dy) > 1, -np.sign(dy), dy)
    along, aside = _ARROW[:, 0], _ARROW[:, 1]
    # With y downwards, (-dy, dx) points to the right of the way.
    px = x[:, None] + along * dx[:, None] - aside * dy[:, None]
    py = y[:, None] + along * dy[:, None] + aside * dx[:, None]
    return np.stack([px, py], axis=2)


def _panel(axes: Axes, title: str, values: Numbers, tables: Tables) -> None:
    arrows, used = _arrows(tables), values > 0
    many = len(values) > 5000
    axes.add_collection(PolyCollection(list(arrows[~used]), facecolor=INK, alpha=FAINT, linewidth=0, rasterized=many))
    top, low = values[used].max(), values[used].min()
    norm = LogNorm(low, top) if _spans(values) else Normalize(0, top)
    drawn = PolyCollection(list(arrows[used]), array=values[used], cmap=SEQUENTIAL, norm=norm, linewidth=0, rasterized=many)
    axes.add_collection(drawn)
    width, height = _size(tables)
    if width * height <= 1600:
        xs, ys = np.meshgrid(np.arange(width), np.arange(height))
        # In points; tiles shrink with the mesh.
        axes.scatter(xs, ys, s=(70 / max(width, height)) ** 2, marker="s", color=INK, alpha=0.3, linewidth=0)
    axes.set(xlim=(-0.6, width - 0.4), ylim=(height - 0.4, -0.6), title=title, xlabel="column", aspect="equal")
    axes.set_ylabel("row" if axes.get_subplotspec().is_first_col() else "")  # type: ignore[union-attr]
    for axis, size in ((axes.xaxis, width), (axes.yaxis, height)):
        axis.set_ticks(range(0, size, max(1, size // 8)))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelcolor=MUTED)
    bar = axes.figure.colorbar(drawn, ax=axes, shrink=0.9, pad=0.02, aspect=28)
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.minorticks_off()
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda number, _: digits(number)))


DRAWING = Drawing("link-map", "The network-on-chip: which links worked", draw, caption, alt)

"""The network-on-chip from above: each directed link an arrow, coloured by packets and by how long they waited for it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter

from reports.figures.base import (
    BLUE,
    FAINT,
    INK,
    MUTED,
    SEQUENTIAL,
    Drawing,
    NothingToDrawError,
    colour_bar,
    colour_scale,
    map_height,
    new_figure,
    spans_decades,
)
from reports.quantity import count, digits, percent, plural, si
from reports.run import Summary, Tables, numbers, rows

S_PER_PS = 1e-12

Numbers = npt.NDArray[np.float64]

# An arrow that points right, from tile (0, 0) to tile (1, 0), in tiles. It keeps to the right of its way, so that the two
# directions of a link lie side by side; between 0.2 and 0.8 it leaves room for the tiles.
_ARROW = np.array([(0.2, 0.07), (0.55, 0.07), (0.55, 0.0), (0.82, 0.14), (0.55, 0.28), (0.55, 0.21), (0.2, 0.21)])


def draw(_summary: Summary, tables: Tables) -> Figure:
    """Arrows by packets carried; beside them arrows by mean wait per packet (ns), or the busiest links where nothing waited."""
    if not rows(tables, "cores"):
        raise NothingToDrawError("No chip took part in this run, so no link carried anything.")
    if not rows(tables, "links"):
        raise NothingToDrawError("A chip with a single tile has no links between tiles.")
    packets, wait = numbers(tables, "links", "packets"), _mean_wait_ns(tables)
    if not (packets > 0).any():
        raise NothingToDrawError("No packet crossed any link in this run.")
    waited = bool((wait > 0).any())
    width, height = _size(tables)
    figure, axes = new_figure(map_height(width, height), 2, [1, 1] if waited else [1.2, 1])
    _panel(axes[0], "Packets carried", packets, tables)
    axes[0].set_ylabel("row")
    if waited:
        _panel(axes[1], "Mean wait for the link, ns per packet", wait, tables)
    else:
        _busiest(axes[1], packets, tables, map_height(width, height))
    return figure


def caption(_summary: Summary, tables: Tables) -> str:
    """How many links worked, which carried most, and whether anything queued."""
    packets, busy = numbers(tables, "links", "packets"), numbers(tables, "links", "utilisation")
    total, used = float(np.nansum(packets)), int((packets > 0).sum())
    top = int(np.nanargmax(packets))
    text = (
        f"{count(used)} of {plural(len(packets), 'directed link')} carried packets. The busiest, {name(tables, top)}, carried "
        f"{digits(packets[top])} packets, {percent(packets[top] / total)} of all crossings, and was in use "
        f"{percent(busy[top])} of the time. "
    )
    wait, longest = float(np.nansum(numbers(tables, "links", "wait_ps"))), numbers(tables, "links", "wait_max_ps")
    if wait > 0:
        slowest = int(np.nanargmax(longest))
        text += (
            f"A crossing waited {si(wait / total * S_PER_PS, 's')} for its link on average, at most "
            f"{si(longest[slowest] * S_PER_PS, 's')} ({name(tables, slowest)}). "
        )
    else:
        text += "No packet waited for a link. "
    text += "An arrow keeps to the right of its way; faint ones carried nothing."
    if spans_decades(packets) or spans_decades(_mean_wait_ns(tables)):
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
    if not used.all():  # one path for all: in a page each polygon would cost some 300 bytes
        unused = Path.make_compound_path(*(Path(arrow, closed=False) for arrow in arrows[~used]))
        axes.add_patch(PathPatch(unused, facecolor=INK, alpha=FAINT, linewidth=0, rasterized=many))
    norm = colour_scale(values)
    drawn = PolyCollection(list(arrows[used]), array=values[used], cmap=SEQUENTIAL, norm=norm, linewidth=0, rasterized=many)
    axes.add_collection(drawn)
    width, height = _size(tables)
    if width * height <= 1600:
        xs, ys = np.meshgrid(np.arange(width), np.arange(height))
        # In points; tiles shrink with the mesh.
        axes.scatter(xs, ys, s=(70 / max(width, height)) ** 2, marker="s", color=INK, alpha=0.3, linewidth=0)
    axes.set(xlim=(-0.6, width - 0.4), ylim=(height - 0.4, -0.6), title=title, xlabel="column", aspect="equal")
    for axis, size in ((axes.xaxis, width), (axes.yaxis, height)):
        axis.set_ticks(range(0, size, max(1, size // 8)))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelcolor=MUTED)
    colour_bar(axes, drawn, digits)


def _busiest(axes: Axes, packets: Numbers, tables: Tables, inches: float) -> None:
    """Bars of the links that carried most."""
    most = max(3, int((inches - 0.8) / 0.24))  # a bar needs a quarter of an inch
    order = np.argsort(-packets, kind="stable")[: min(10, most)]
    order = order[packets[order] > 0]
    places = np.arange(len(order))[::-1]
    axes.barh(places, packets[order], height=0.66, color=BLUE)
    axes.set_yticks(places, [name(tables, int(link)) for link in order])
    axes.set(title="The busiest links", xlabel="packets", ylim=(-0.6, max(len(order), 3) - 0.4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: digits(number)))
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


DRAWING = Drawing("link-map", "The network-on-chip: which links worked", draw, caption, alt)

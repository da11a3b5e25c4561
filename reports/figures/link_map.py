"""The network-on-chip from above: each directed link an arrow, coloured by packets and by how long they waited for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, numbers, rows, texts
from chipsim.quantity import count, digits, percent, plural, si
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

S_PER_PS = 1e-12

Numbers = npt.NDArray[np.float64]

MOST_BARS = 40
"""Links listed where there is no map."""

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
    waited, names = bool((wait > 0).any()), link_names(tables)
    if not is_grid(tables):
        figure, axes = new_figure(0.9 + 0.2 * min(MOST_BARS, max(3, int((packets > 0).sum()))), 1 + waited)
        bars(axes[0], packets, names, MOST_BARS, "The busiest links", "packets")
        if waited:
            bars(axes[1], wait, names, MOST_BARS, "Mean wait for the link", "ns per packet")
        return figure
    width, height = on_grid_size(tables)
    figure, axes = new_figure(map_height(width, height), 2, [1, 1] if waited else [1.2, 1])
    arrow_map(axes[0], "Packets carried", packets, tables)
    axes[0].set_ylabel("row")
    if waited:
        arrow_map(axes[1], "Mean wait for the link, ns per packet", wait, tables)
    else:
        most = min(10, max(3, int((map_height(width, height) - 0.8) / 0.24)))  # a bar needs a quarter of an inch
        bars(axes[1], packets, names, most, "The busiest links", "packets")
    return figure


def caption(_summary: Summary, tables: Tables) -> str:
    """How many links worked, which carried most, and whether anything queued."""
    packets, busy = numbers(tables, "links", "packets"), numbers(tables, "links", "utilisation")
    total, used, names = float(np.nansum(packets)), int((packets > 0).sum()), link_names(tables)
    top = int(np.nanargmax(packets))
    text = (
        f"{count(used)} of {plural(len(packets), 'directed link')} carried packets. The busiest, {names[top]}, carried "
        f"{digits(packets[top])} packets, {percent(packets[top] / total)} of all crossings, and was in use "
        f"{percent(busy[top])} of the time. "
    )
    wait, longest = float(np.nansum(numbers(tables, "links", "wait_ps"))), numbers(tables, "links", "wait_max_ps")
    if wait > 0:
        slowest = int(np.nanargmax(longest))
        text += f"A crossing waited {si(wait / total * S_PER_PS, 's')} for its link on average"
        if longest[slowest] > 0:  # not counted by wormhole routers
            text += f", at most {si(longest[slowest] * S_PER_PS, 's')} ({names[slowest]})"
        text += ". "
    else:
        text += "No packet waited for a link. "
    if not is_grid(tables):
        return text + f"The links have no place on a plane, so at most {MOST_BARS} are listed, the busiest first."
    text += "An arrow keeps to the right of its way; faint ones carried nothing."
    if spans_decades(packets) or spans_decades(_mean_wait_ns(tables)):
        text += " Scales that span decades are logarithmic."
    return text


def alt(summary: Summary, tables: Tables) -> str:
    """The map in words."""
    if not is_grid(tables):
        return f"Bars of the busiest links. {caption(summary, tables)}"
    width, height = on_grid_size(tables)
    return f"A map of the links between {width} by {height} tiles, one arrow per direction. {caption(summary, tables)}"


def link_names(tables: Tables) -> list[str]:
    """Links in words: ``(3, 0) to (4, 0)``, or where routers have no place ``router 3 to 4``."""
    if not is_grid(tables):
        ends = (numbers(tables, "links", column).astype(np.int64).tolist() for column in ("tile", "to_tile"))
        return [f"router {a} to {b}" for a, b in zip(*ends, strict=True)]
    places = (numbers(tables, "links", column).astype(np.int64).tolist() for column in ("x", "y", "to_x", "to_y"))
    return [f"({x}, {y}) to ({to_x}, {to_y})" for x, y, to_x, to_y in zip(*places, strict=True)]


def is_grid(tables: Tables) -> bool:
    """Whether every link joins neighbours in a row or column, or closes one round the rim, so that a map can be drawn."""
    if any(one.startswith("port") for one in texts(tables, "links", "direction")):
        return False
    width, height = on_grid_size(tables)
    dx, dy = (np.abs(numbers(tables, "links", f"to_{axis}") - numbers(tables, "links", axis)) for axis in "xy")
    along_x = (dy == 0) & ((dx == 1) | (dx == width - 1))
    along_y = (dx == 0) & ((dy == 1) | (dy == height - 1))
    return bool((along_x | along_y).all())


def on_grid_size(tables: Tables) -> tuple[int, int]:
    """Columns and rows of tiles."""
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


def arrow_map(
    axes: Axes,
    title: str,
    values: Numbers,
    tables: Tables,
    text: Callable[[float], str] = digits,
    norm: Normalize | None = None,
) -> None:
    """A map with an arrow per link, coloured by a value; ``text`` writes the numbers of the scale, which ``norm`` fixes if given."""
    arrows, used = _arrows(tables), values > 0
    many = len(values) > 5000
    if not used.all():  # one path for all: in a page each polygon would cost some 300 bytes
        unused = Path.make_compound_path(*(Path(arrow, closed=False) for arrow in arrows[~used]))
        axes.add_patch(PathPatch(unused, facecolor=INK, alpha=FAINT, linewidth=0, rasterized=many))
    norm = norm or colour_scale(values)
    drawn = PolyCollection(list(arrows[used]), array=values[used], cmap=SEQUENTIAL, norm=norm, linewidth=0, rasterized=many)
    axes.add_collection(drawn)
    width, height = on_grid_size(tables)
    if width * height <= 1600:
        xs, ys = np.meshgrid(np.arange(width), np.arange(height))
        # In points; tiles shrink with the mesh.
        axes.scatter(xs, ys, s=(70 / max(width, height)) ** 2, marker="s", color=INK, alpha=0.3, linewidth=0)
    axes.set(xlim=(-0.6, width - 0.4), ylim=(height - 0.4, -0.6), title=title, xlabel="column", aspect="equal")
    for axis, size in ((axes.xaxis, width), (axes.yaxis, height)):
        axis.set_ticks(range(0, size, max(1, size // 8)))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelcolor=MUTED)
    colour_bar(axes, drawn, text)


def bars(axes: Axes, values: Numbers, names: list[str], most: int, title: str, label: str) -> None:
    """Bars of the largest values, at most so many, the largest on top."""
    order = np.argsort(-values, kind="stable")[:most]
    order = order[values[order] > 0]
    places = np.arange(len(order))[::-1]
    axes.barh(places, values[order], height=0.66, color=BLUE)
    axes.set_yticks(places, [names[one] for one in order.tolist()])
    axes.set(title=title, xlabel=label, ylim=(-0.6, max(len(order), 3) - 0.4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: digits(number)))
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


DRAWING = Drawing("link-map", "The network-on-chip: which links worked", draw, caption, alt)

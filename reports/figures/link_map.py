"""The network-on-chip from above: links coloured by packets and by how long they waited; arrows, on a large grid the busiest of a tile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, numbers, rows, texts
from chipsim.quantity import count, digits, percent, plural, si
from reports.figures import hover
from reports.figures.base import (
    BLUE,
    FAINT,
    INK,
    SEQUENTIAL,
    Drawing,
    NothingToDrawError,
    colour_bar,
    colour_scale,
    map_height,
    new_figure,
    spans_decades,
)
from reports.figures.cell_map import MOST_SIDE, cell_map, frame, outline

S_PER_PS = 1e-12

Numbers = npt.NDArray[np.float64]

_TILE = np.array([(-0.13, -0.13), (0.13, -0.13), (0.13, 0.13), (-0.13, 0.13)])

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
    waited, names = worth_a_panel(wait, packets), link_names(tables)
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


def worth_a_panel(marked: Numbers, used: Numbers) -> bool:
    """Whether enough of the marks that something happened to have a value: at least three, and one in twenty. Else a sentence tells it."""
    return int((marked > 0).sum()) >= max(3, 0.05 * int((used > 0).sum()))


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
        waited_for = int((_mean_wait_ns(tables) > 0).sum())
        text += (
            f"{plural(waited_for, 'link')} had packets waiting: a crossing waited {si(wait / total * S_PER_PS, 's')} on average"
        )
        if longest[slowest] > 0:  # not counted by wormhole routers
            text += f", at most {si(longest[slowest] * S_PER_PS, 's')} ({names[slowest]})"
        text += ". "
    else:
        text += "No packet waited for a link. "
    if not is_grid(tables):
        return text + f"The links have no place on a plane, so at most {MOST_BARS} are listed, the busiest first."
    text += f"{reading(tables)} {'Grey' if max(on_grid_size(tables)) > MOST_SIDE else 'Faint'}: carried nothing."
    if spans_decades(packets) or spans_decades(_mean_wait_ns(tables)):
        text += " Scales that span decades are logarithmic."
    return text


def alt(summary: Summary, tables: Tables) -> str:
    """The map in words."""
    if not is_grid(tables):
        return f"Bars of the busiest links. {caption(summary, tables)}"
    width, height = on_grid_size(tables)
    return f"A map of the links between {width} by {height} tiles. {caption(summary, tables)}"


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
    """A map of the links, coloured by a value; ``text`` writes the numbers of the scale, which ``norm`` fixes if given.

    Up to MOST_SIDE tiles on a side a link is an arrow; on larger grids a tile has the colour of the busiest of the links that leave it.
    """
    norm = norm or colour_scale(values)
    width, height = on_grid_size(tables)
    if max(width, height) > MOST_SIDE:
        _busiest(axes, title, values, tables, text, norm)
        return
    arrows, used = _arrows(tables), values > 0
    if not used.all():
        axes.add_artist(PathPatch(outline(arrows[~used]), facecolor=INK, alpha=FAINT, linewidth=0))
    drawn = PolyCollection(list(arrows[used]), array=values[used], cmap=SEQUENTIAL, norm=norm, linewidth=0)
    axes.add_collection(drawn, autolim=False)
    centres = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=2).reshape(-1, 1, 2)
    axes.add_artist(PathPatch(outline(centres + _TILE), facecolor=INK, alpha=0.3, linewidth=0))
    frame(axes, width, height, title)
    colour_bar(axes, drawn, text)
    said = [f"{name}|{text(value)}" for name, value in zip(link_names(tables), values, strict=True)]
    hover.boxes(axes, np.hstack([arrows.min(axis=1), arrows.max(axis=1)]), said, f"{title}, {{0}}: {{1}}")


def _busiest(axes: Axes, title: str, values: Numbers, tables: Tables, text: Callable[[float], str], norm: Normalize) -> None:
    """A tile has the colour of the busiest of the links that leave it, and says the values of all."""
    width, height = on_grid_size(tables)
    x, y = (numbers(tables, "links", axis).astype(np.int64) for axis in "xy")
    tile = y * width + x
    most = np.zeros(width * height)
    np.maximum.at(most, tile, np.nan_to_num(values))
    ways: list[list[str]] = [[] for _ in most]
    for at, way, value in zip(tile.tolist(), texts(tables, "links", "direction"), values, strict=True):
        ways[at].append(f"{way} {text(value)}")
    column, row = np.arange(len(most)) % width, np.arange(len(most)) // width
    said = [f"{a}, {b}|{', '.join(one)}" if one else "" for a, b, one in zip(column, row, ways, strict=True)]
    cell_map(axes, title, most, (column, row, width, height), norm, text, said, f"{title}, from ({{0}}): {{1}}")


def reading(tables: Tables) -> str:
    """What a mark of a map of links is."""
    if max(on_grid_size(tables)) > MOST_SIDE:
        return "A tile has the colour of the busiest of the links that leave it."
    return "An arrow is a link; it keeps to the right of its way."


def bars(axes: Axes, values: Numbers, names: list[str], most: int, title: str, label: str) -> None:
    """Bars of the largest values, at most so many, the largest on top."""
    order = np.argsort(-values, kind="stable")[:most]
    order = order[values[order] > 0]
    places = np.arange(len(order))[::-1]
    drawn = axes.barh(places, values[order], height=0.66, color=BLUE)
    axes.set_yticks(places, [names[one] for one in order.tolist()])
    axes.set(title=title, xlabel=label, ylim=(-0.6, max(len(order), 3) - 0.4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: digits(number)))
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    hover.bars(axes, drawn, [f"{names[one]}|{digits(values[one])}" for one in order.tolist()], f"{{0}}: {{1}} {label}")


DRAWING = Drawing("link-map", "The network-on-chip: which links worked", draw, caption, alt)

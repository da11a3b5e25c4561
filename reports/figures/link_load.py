"""What a mapping asks of each link of a mesh: packets as unicasts and on multicast trees, before any run."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from chipsim.lookup import Summary, Tables, numbers, rows
from chipsim.quantity import count, digits, short
from reports.figures.base import MUTED, SEQUENTIAL, Drawing, NothingToDrawError, colour_bar, map_height, new_figure
from reports.figures.link_map import arrow_map, on_grid_size

Numbers = npt.NDArray[np.float64]

MOST_ARROWS = 20
"""Tiles on a side up to which each link is an arrow; on larger meshes each tile shows the busiest link that leaves it."""


def draw(_summary: Summary, tables: Tables) -> Figure:
    """Packets over each directed link, as unicasts and on multicast trees."""
    if not rows(tables, "links"):
        raise NothingToDrawError(
            "There are no links between tiles, or the network of the chip is no mesh with x-then-y routing."
        )
    single, tree = (numbers(tables, "links", name) for name in ("packets", "tree_packets"))
    if not (single > 0).any():
        raise NothingToDrawError("No packet crosses any link.")
    width, height = on_grid_size(tables)
    figure, axes = new_figure(map_height(width, height) + 0.3, 2)
    for axis, load, title in zip(axes, (single, tree), ("Packets as unicasts", "Packets on multicast trees"), strict=True):
        if max(width, height) <= MOST_ARROWS:
            arrow_map(axis, title, load, tables, short, Normalize(0, float(load.max())))
        else:
            _busiest(axis, f"{title}, busiest link of a tile", load, tables, width, height)
    axes[0].set_ylabel("row")
    return figure


def caption(_summary: Summary, tables: Tables) -> str:
    """Which link carries most, against the mean."""
    said = []
    for name, words in (("packets", "As unicasts"), ("tree_packets", "on trees")):
        load = numbers(tables, "links", name)
        top = int(np.nanargmax(load))
        x, y, to_x, to_y = (int(numbers(tables, "links", column)[top]) for column in ("x", "y", "to_x", "to_y"))
        mean = float(load.mean())
        said.append(
            f"{words} the busiest link, ({x}, {y}) to ({to_x}, {to_y}), carries {count(load[top])} packets, {digits(load[top] / mean)} times"
            " the mean"
        )
    if max(on_grid_size(tables)) <= MOST_ARROWS:
        reading = "An arrow keeps to the right of its way; faint ones carry nothing."
    else:
        reading = "A square is as bright as the busiest of the links that leave its tile; white: they carry nothing."
    return f"{'; '.join(said)}. Ways go along rows first, then along columns. {reading}"


def _busiest(axes: Axes, title: str, load: Numbers, tables: Tables, width: int, height: int) -> None:
    grid = np.zeros((height, width))
    at = tuple(numbers(tables, "links", name).astype(np.int64) for name in ("y", "x"))
    np.maximum.at(grid, at, load)
    edges = np.arange(width + 1) - 0.5, np.arange(height + 1) - 0.5
    drawn = axes.pcolormesh(
        *edges, np.ma.masked_equal(grid, 0), cmap=SEQUENTIAL, norm=Normalize(0, grid.max()), rasterized=True
    )
    axes.set(title=title, xlabel="column", aspect="equal", ylim=(height - 0.5, -0.5))
    axes.tick_params(length=0, labelcolor=MUTED)
    axes.spines[:].set_visible(False)
    colour_bar(axes, drawn, short)


def alt(summary: Summary, tables: Tables) -> str:
    """The maps in words."""
    return f"Maps of the links between tiles by the packets that cross them. {caption(summary, tables)}"


DRAWING = Drawing("link-load", "What links carry", draw, caption, alt)

"""What a mapping asks of each link of a mesh: packets as unicasts and on multicast trees, before any run."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from chipsim.lookup import Summary, Tables, numbers, rows
from chipsim.quantity import count, digits, short
from reports.figures.base import Drawing, NothingToDrawError, map_height, new_figure
from reports.figures.link_map import arrow_map, on_grid_size, reading

Numbers = npt.NDArray[np.float64]


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
    top = max(float(single.max()), float(tree.max()))
    figure, axes = new_figure(map_height(width, height) + 0.3, 2)
    for axis, load, title in zip(axes, (single, tree), ("Packets as unicasts", "Packets on multicast trees"), strict=True):
        arrow_map(axis, title, load, tables, short, Normalize(0, top))
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
    return f"{'; '.join(said)}. Ways go along rows first, then along columns. Both maps have one scale. {reading(tables)}"


def alt(summary: Summary, tables: Tables) -> str:
    """The maps in words."""
    return f"Maps of the links between tiles by the packets that cross them. {caption(summary, tables)}"


DRAWING = Drawing("link-load", "What links carry", draw, caption, alt)

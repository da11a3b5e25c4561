"""The load of the network from above: what each router switched, how much of the time each link was in use, and what waited.

Routers that have a place (a mesh, a torus) are drawn where they are; of trees, graphs and stacks of layers the busiest are listed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from chipsim.lookup import Summary, Tables, number, numbers, rows, value
from chipsim.quantity import count, digits, percent, plural, si
from reports.figures.base import (
    Drawing,
    NothingToDrawError,
    colour_scale,
    map_height,
    new_figure,
    spans_decades,
)
from reports.figures.cell_map import cell_map
from reports.figures.link_map import (
    MOST_BARS,
    Numbers,
    arrow_map,
    bars,
    is_grid,
    link_names,
    on_grid_size,
    reading,
    worth_a_panel,
)


def draw(_summary: Summary, tables: Tables) -> Figure:
    """Router load, link load and queues: maps on a grid, else bars of the busiest.

    Raises:
        NothingToDrawError: no link carried anything.
    """
    if not rows(tables, "cores"):
        raise NothingToDrawError("No chip took part in this run, so no router switched anything.")
    if not rows(tables, "links"):
        raise NothingToDrawError("A chip with a single tile has no network between tiles.")
    if not rows(tables, "routers"):
        raise NothingToDrawError("The run has no table of routers; a run of the present version has one.")
    use = numbers(tables, "links", "utilisation")
    if not (use > 0).any():
        raise NothingToDrawError("No packet crossed any link in this run, so no link was ever in use.")
    return _maps(tables, use) if is_grid(tables) else _lists(tables, use)


def _maps(tables: Tables, use: Numbers) -> Figure:
    title, queue = queues(tables)
    waited = worth_a_panel(queue, numbers(tables, "routers", "flits"))
    width, height = on_grid_size(tables)
    columns = 2 + waited
    # Three maps share the width of two, so they are lower.
    figure, axes = new_figure(
        map_height(width, height) if columns == 2 else max(2.0, 0.75 * map_height(width, height)), columns
    )
    _squares(axes[0], "Flits switched", numbers(tables, "routers", "flits"), tables, lambda flits: si(flits, "").rstrip())
    axes[0].set_ylabel("row")
    arrow_map(axes[1], "Links in use, share of time", use, tables, lambda share: f"{digits(100 * share)} %")
    if waited:
        _squares(axes[2], title, queue, tables, lambda mean: f"{mean:.2g}")
    return figure


def _lists(tables: Tables, use: Numbers) -> Figure:
    title, queue = queues(tables)
    most = int(min(MOST_BARS, max((use > 0).sum(), 3)))
    figure, axes = new_figure(0.9 + 0.2 * most, 2)
    bars(axes[0], use, link_names(tables), most, "The busiest links", "share of time in use")
    axes[0].xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{digits(100 * share)} %"))
    tile = [f"router {one:.0f}" for one in numbers(tables, "routers", "tile")]
    waited = worth_a_panel(queue, numbers(tables, "routers", "flits"))
    values = queue if waited else numbers(tables, "routers", "flits")
    bars(
        axes[1],
        values,
        tile,
        most,
        title if waited else "The busiest routers",
        "mean over time" if waited else "flits switched",
    )
    return figure


def queues(tables: Tables) -> tuple[str, Numbers]:
    """What waited in routers, mean over time: flits in the FIFOs of wormhole routers, else packets that waited for a link."""
    if "queue_mean" in tables.get("routers", {}):
        return "Flits in queues, mean", numbers(tables, "routers", "queue_mean")
    return "Packets waiting, mean", numbers(tables, "routers", "waiting")


def caption(summary: Summary, tables: Tables) -> str:
    """How busy links and routers were, how evenly, and what waited where."""
    use, flits = numbers(tables, "links", "utilisation"), numbers(tables, "routers", "flits")
    top, router = int(np.nanargmax(use)), int(np.nanargmax(flits))
    tile = numbers(tables, "routers", "tile")
    text = (
        f"The busiest of {plural(len(use), 'directed link')}, {link_names(tables)[top]}, was in use {percent(use[top])} of the time; "
        f"the mean link {percent(number(summary, 'noc.link_utilisation.mean'))}, with a standard deviation of "
        f"{percent(number(summary, 'noc.link_load_std'))}. Router {tile[router]:.0f} switched most, {count(flits[router])} flits. "
    )
    title, queue = queues(tables)
    if (queue > 0).any():
        fullest = int(np.nanargmax(queue))
        what = "flits in its queues" if title.startswith("Flits") else "packets waiting for a link"
        text += f"Router {tile[fullest]:.0f} had most {what}, {digits(queue[fullest])} on average. "
    else:
        text += "Nothing waited in any router. "
    stalls = value(summary, "noc.stalls")
    if stalls:
        text += (
            f"Heads and flits in front waited {count(stalls['vc'])} cycles for a virtual channel, {count(stalls['credit'])} for a credit or "
            f"a free link, {count(stalls['switch'])} for the switch. "
        )
    if not is_grid(tables):
        return text + f"The links have no place on a plane, so at most {MOST_BARS} are listed, the busiest first."
    text += f"A square is a router. {reading(tables)} Grey: nothing."
    if any(spans_decades(one) for one in (use, flits, queue)):
        text += " Scales that span decades are logarithmic."
    return text


def alt(summary: Summary, tables: Tables) -> str:
    """The figure in words."""
    if not is_grid(tables):
        return f"Bars of the busiest links and routers. {caption(summary, tables)}"
    width, height = on_grid_size(tables)
    return f"Maps of {width} by {height} routers and the links between them, coloured by load. {caption(summary, tables)}"


def _squares(axes: Axes, title: str, values: Numbers, tables: Tables, text: Callable[[float], str]) -> None:
    """A map of the routers."""
    x, y = (numbers(tables, "routers", axis).astype(np.int64) for axis in "xy")
    tile = numbers(tables, "routers", "tile")
    said = [f"{t:.0f}|{a}, {b}|{text(one)}" for t, a, b, one in zip(tile, x, y, values, strict=True)]
    place = (x, y, *on_grid_size(tables))
    cell_map(axes, title, values, place, colour_scale(values), text, said, f"{title}, router {{0}} at ({{1}}): {{2}}")


DRAWING = Drawing("network", "The load of the network: routers, links and queues", draw, caption, alt)

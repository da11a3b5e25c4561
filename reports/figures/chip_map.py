"""The chip from above: every core coloured by how full its memory is and by how busy it was; roots are marked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from chipsim.lookup import Summary, Tables, number, numbers, rows, texts
from chipsim.quantity import count, digits, percent, plural
from reports.figures.base import (
    INK,
    SEQUENTIAL,
    Drawing,
    NothingToDrawError,
    colour_scale,
    ink_on,
    map_height,
    new_figure,
    spans_decades,
)
from reports.figures.cell_map import MOST_SIDE, cell_map


def draw(_summary: Summary, tables: Tables) -> Figure:
    """Two maps side by side: memory in use (linear) and time busy (logarithmic where it spans decades), both as shares."""
    if not rows(tables, "cores"):
        raise NothingToDrawError("No chip took part in this run, so there is no map of its cores.")
    column, row, width, height = grid_of(tables)
    fill, busy = _fill(tables), numbers(tables, "cores", "utilisation")
    figure, axes = new_figure(map_height(width, height), 2)
    top = float(np.nanmax(fill, initial=0.0))
    panel(axes[0], "Memory in use", fill, Normalize(0, top if 0 < top < 0.25 else 1.0), (column, row, width, height), tables)
    panel(axes[1], "Time busy", busy, colour_scale(busy), (column, row, width, height), tables)
    axes[0].set_ylabel("row")
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """How many cores hold something, how full and busy the first of them is, and what the letters mean."""
    fill, busy, role = _fill(tables), numbers(tables, "cores", "utilisation"), texts(tables, "cores", "role")
    holding = int((fill > 0).sum())
    cores = int(number(summary, "chip.cores") or len(fill))  # the table of a very large chip lists only cores in use
    said = [f"{count(holding)} of {plural(cores, 'core')} {'holds' if holding == 1 else 'hold'} something"]
    if (fill > 0).any():
        said[0] += f"; the fullest uses {percent(float(np.nanmax(fill)))} of its memory"
    if (busy > 0).any():
        top = int(np.nanargmax(busy))
        share, core = percent(float(busy[top])), int(numbers(tables, "cores", "core")[top])
        said.append(f"{int((busy > 0).sum())} did work; the busiest, core {core}, was busy {share} of the time")
    else:
        said.append("none did any work")
    text = ". ".join(part[0].upper() + part[1:] for part in said) + ". Grey: nothing stored, or never busy."
    if any(role) and max(grid_of(tables)[2:]) <= MOST_SIDE:
        text += " A number marks the root of that layer, R the keeper of episode records, + a core of several roles."
    if spans_decades(busy):
        text += " The right scale is logarithmic."
    return text


def alt(summary: Summary, tables: Tables) -> str:
    """The map in words."""
    _, _, width, height = grid_of(tables)
    return f"Two maps of {width} by {height} cores, coloured by memory in use and by time busy. {caption(summary, tables)}"


def label(role: str) -> str:
    """One or two characters for a core's roles: the layer of a root, R for the record keeper, + where there are several."""
    parts = [part.strip() for part in role.split(",") if part.strip()]
    if not parts:
        return ""
    found = re.search(r"\d+", parts[0])
    return (found.group(0) if found else parts[0][0].upper()) + "+" * (len(parts) > 1)


def grid_of(tables: Tables) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int, int]:
    """Column and row of each core in a picture where cores that share a tile lie side by side; width, height."""
    x, y = (numbers(tables, "cores", name).astype(np.int64) for name in ("x", "y"))
    tiles = y * (int(x.max(initial=0)) + 1) + x
    # Which of its tile's cores each one is: cores are listed in order, so count those before it.
    order = np.argsort(tiles, kind="stable")
    first = np.r_[True, tiles[order][1:] != tiles[order][:-1]] if len(order) else np.zeros(0, bool)
    starts = np.flatnonzero(first)
    within = np.empty(len(tiles), np.int64)
    within[order] = np.arange(len(tiles)) - np.repeat(starts, np.diff(np.r_[starts, len(tiles)]))
    each = int(within.max(initial=0)) + 1
    across = int(np.ceil(np.sqrt(each)))
    down = -(-each // across)
    column, row = x * across + within % across, y * down + within // across
    return column, row, (int(x.max(initial=0)) + 1) * across, (int(y.max(initial=0)) + 1) * down


def _fill(tables: Tables) -> npt.NDArray[np.float64]:
    bits, allowed = numbers(tables, "cores", "memory_bits"), numbers(tables, "cores", "memory_bits_allowed")
    return np.divide(bits, allowed, out=np.zeros_like(bits), where=allowed > 0)


def panel(
    axes: Axes,
    title: str,
    values: npt.NDArray[np.float64],
    norm: Normalize,
    grid: Any,
    tables: Tables,
    text: Callable[[float], str] = lambda share: f"{digits(100 * share)} %",
) -> None:
    """A map of the cores, coloured by a value; ``grid`` is ``grid_of`` the tables, ``text`` writes the numbers of the scale."""
    column, row, width, height = grid
    core, x, y = (numbers(tables, "cores", name) for name in ("core", "x", "y"))
    said = [f"{c:.0f}|{a:.0f}, {b:.0f}|{text(one)}" for c, a, b, one in zip(core, x, y, values, strict=True)]
    cell_map(axes, title, values, grid, norm, text, said, f"{title}, core {{0}} at ({{1}}): {{2}}")
    if max(width, height) > MOST_SIDE:
        return
    for at_x, at_y, role, value in zip(column, row, texts(tables, "cores", "role"), values, strict=True):
        if said_of := label(role):
            colour = INK if not value > 0 else ink_on(SEQUENTIAL(norm(value)))
            axes.text(at_x, at_y, said_of, ha="center", va="center", fontsize=8, fontweight="bold", color=colour)


DRAWING = Drawing("chip-map", "The chip: what its cores hold and how busy they were", draw, caption, alt)

"""What the cores of a mapping hold: neurons, axons and memory from above, of what each may hold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from chipsim.lookup import Summary, Tables, numbers, rows
from chipsim.quantity import count, digits, plural, short
from reports.figures.base import Drawing, NothingToDrawError, map_height, new_figure
from reports.figures.chip_map import grid_of, panel

Numbers = npt.NDArray[np.float64]

_RESOURCES = (("neurons", "Neurons"), ("axons", "Axons"), ("memory_bits", "Memory bits"))


def draw(_summary: Summary, tables: Tables) -> Figure:
    """Up to three maps: neurons, axons and memory of each core, as shares of what it may hold where there is a limit."""
    shown = _shown(tables)
    if not shown:
        raise NothingToDrawError("No core holds anything.")
    grid = grid_of(tables)
    figure, axes = new_figure(map_height(grid[2], grid[3]) * 2 / max(2, len(shown)) + 0.3, max(2, len(shown)))
    for axis, (_, title, amount, limit) in zip(axes, shown, strict=False):
        if limit:
            panel(axis, f"{title}, of {short(limit)}", amount / limit, Normalize(0, 1), grid, tables)
        else:
            panel(axis, title, amount, Normalize(0, float(amount.max())), grid, tables, short)
    for axis in axes[len(shown) :]:
        axis.set_visible(False)
    axes[0].set_ylabel("row")
    return figure


def caption(_summary: Summary, tables: Tables) -> str:
    """How full the fullest core is, and how even the rest."""
    said = []
    for _, title, amount, limit in _shown(tables):
        used = amount[amount > 0]
        words = f"{title}: {count(used.min())} to {count(used.max())} on a core that has any, {digits(used.mean())} on average"
        said.append(words + (f", {count(limit)} allowed" if limit else ", no limit"))
    holding = int((numbers(tables, "cores", "neurons") > 0).sum())
    text = f"{plural(holding, 'core')} of {count(rows(tables, 'cores'))} hold neurons. {'. '.join(said)}. Grey: empty."
    return text[0].upper() + text[1:]


def _shown(tables: Tables) -> list[tuple[str, str, Numbers, float | None]]:
    """Resources that are in use: key, title, used per core, limit."""
    found: list[tuple[str, str, Numbers, float | None]] = []
    for name, title in _RESOURCES:
        amount, limit = numbers(tables, "cores", name), numbers(tables, "cores", f"{name}_allowed")
        if len(amount) and np.nanmax(np.nan_to_num(amount)) > 0:
            found.append((name, title, np.nan_to_num(amount), float(limit[0]) if limit[0] > 0 else None))
    return found


def alt(summary: Summary, tables: Tables) -> str:
    """The maps in words."""
    return f"Maps of the chip's cores by what they hold. {caption(summary, tables)}"


DRAWING = Drawing("core-fill", "What cores hold", draw, caption, alt)

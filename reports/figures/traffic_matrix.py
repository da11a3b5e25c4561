"""The traffic matrix: packets from each core to each other core, this mapping beside the naive one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from chipsim.lookup import Summary, Tables, numbers, rows, value
from chipsim.quantity import count, plural, short
from reports.figures import hover
from reports.figures.base import MUTED, SEQUENTIAL, Drawing, NothingToDrawError, colour_bar, new_figure

Numbers = npt.NDArray[np.float64]


def draw(summary: Summary, tables: Tables) -> Figure:
    """Packets from each core (row) to each core (column), this mapping beside the naive one, on one logarithmic scale."""
    if not rows(tables, "traffic"):
        raise NothingToDrawError(
            "Nothing goes between cores." if "traffic" in tables else "The network is too large for its traffic."
        )
    here, naive = _matrices(summary, tables)
    both = naive.max() > 0
    figure, axes = new_figure(4.75, 1 + both)
    positive = np.concatenate([here[here > 0], naive[naive > 0]])
    low, high = float(positive.min()), float(positive.max())
    norm = LogNorm(low, high) if high > low else Normalize(0, high)
    side, group = _side_and_group(summary, tables)
    for axis, matrix, title in zip(axes, (here, naive), ("This mapping", "Naive mapping"), strict=False):
        extent = (0.0, float(side * group), float(side * group), 0.0)
        drawn = axis.imshow(
            np.where(matrix > 0, matrix, np.nan), cmap=SEQUENTIAL, norm=norm, extent=extent, interpolation="none"
        )
        said = [
            ["" if not held else f"{_cores(a, group)}|{_cores(b, group)}|{count(held)}" for b, held in enumerate(row)]
            for a, row in enumerate(matrix)
        ]
        hover.cells(axis, (0, 0, extent[1], extent[2]), said, "from {0} to {1}: {2} packets")
        axis.set(title=f"{title}: {short(matrix.sum())} packets", xlabel="to core", aspect="equal", ylim=(side * group, 0))
        axis.tick_params(labelcolor=MUTED)
        axis.locator_params(nbins=6, integer=True)
        axis.spines[:].set_visible(True)
        axis.spines[:].set_alpha(0.3)
        colour_bar(axis, drawn, short)  # on both, so that both are of one size
    axes[0].set_ylabel("from core")
    return figure


def caption(summary: Summary, tables: Tables) -> str:
    """How many pairs of cores talk, and how much of it stays near."""
    here, naive = _matrices(summary, tables)
    _, group = _side_and_group(summary, tables)
    each = f"Each cell is {group} by {group} cores. " if group > 1 else ""
    pairs = int((here > 0).sum())
    text = f"{each}{plural(pairs, 'cell')} of {count(here.size)} carry packets"
    if naive.max() > 0:
        text += f", {count((naive > 0).sum())} with the naive mapping"
    order = np.sort(here[here > 0])[::-1]
    half = int(np.searchsorted(np.cumsum(order), order.sum() / 2)) + 1
    return (
        f"{text}; half of all packets go through {plural(half, 'cell')}. Cores are in the order of their numbers, so neighbours in a row of"
        " the chip lie beside each other. Both colours are of one logarithmic scale; without colour: nothing."
    )


def _matrices(summary: Summary, tables: Tables) -> tuple[Numbers, Numbers]:
    """This mapping's and the naive one's, float64[rows, rows], senders in rows."""
    source, destination = (numbers(tables, "traffic", name).astype(np.int64) for name in ("source", "destination"))
    side, _ = _side_and_group(summary, tables)
    found = []
    for name in ("packets", "naive"):
        matrix = np.zeros((side, side))
        matrix[source, destination] = numbers(tables, "traffic", name)
        found.append(matrix)
    return found[0], found[1]


def _cores(cell: int, group: int) -> str:
    """Cores of a row of the matrix."""
    return f"{cell * group}" if group == 1 else f"{cell * group}-{(cell + 1) * group - 1}"


def _side_and_group(summary: Summary, tables: Tables) -> tuple[int, int]:
    """Rows of the matrix, and cores of a row."""
    group = int(value(summary, "traffic.group") or 1)
    cores = int(value(summary, "chip.cores") or value(summary, "mesh.cores") or 0)
    last = max(int(numbers(tables, "traffic", name).max()) for name in ("source", "destination"))
    return max(-(-cores // group), last + 1), group


def alt(summary: Summary, tables: Tables) -> str:
    """The matrix in words."""
    return f"Matrices of packets between cores. {caption(summary, tables)}"


DRAWING = Drawing("traffic-matrix", "Who sends to whom: packets between cores", draw, caption, alt)

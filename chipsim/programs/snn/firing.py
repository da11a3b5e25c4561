"""Who fired when, condensed for a page: spikes of each neuron, intervals between them, and a raster of bounded size.

The table of spikes may have tens of millions of rows: it comes in batches, and what is kept of it grows with neurons and steps only.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from chipsim.lookup import Columns, Summary, Table, Tables, number, numbers

Ints = npt.NDArray[np.int64]

MOST_MARKS = 4000
"""Spikes, and neurons, up to which each spike is a mark of its own; above, spikes are counted in cells."""

MOST_COLUMNS, MOST_ROWS = 240, 128
"""Cells of a raster, by step and by neuron."""


def condense(summary: Summary, tables: Tables, spikes: Iterable[Table]) -> dict[str, Columns]:
    """What a page shows of the spikes, in one pass over them.

    Args:
        summary: of the run, for the number of its neurons.
        tables: of the run, for its table of steps.
        spikes: the table of spikes in parts, columns ``step`` and ``neuron``; those of a neuron in the order in which it fired.

    Returns:
        ``firing``: one row per neuron, with its ``spikes`` and the ``cv`` of its intervals (their standard deviation over their mean; NaN for
        fewer than two). ``intervals``: how many are of so many ``steps``. ``raster``: cells that hold ``spikes``, with their first ``step`` and
        ``neuron`` and their size (``steps``, ``neurons``); of one step and neuron where the run has at most MOST_MARKS spikes and neurons.
    """
    neurons = round(number(summary, "mapping.neurons") or 0)
    begun = numbers(tables, "steps", "step")
    steps = int(begun.max(initial=0))
    cells = _Cells(steps, neurons)
    seen, last = np.zeros(neurons, np.int64), np.zeros(neurons, np.int64)
    sums, squares = np.zeros(neurons), np.zeros(neurons)
    lengths = np.zeros(steps + 1, np.int64)
    for part in spikes:
        step, neuron = (np.asarray(part[name], np.int64) for name in ("step", "neuron"))
        if not len(step):
            continue
        order = np.lexsort((step, neuron))
        step, neuron = step[order], neuron[order]
        before = np.r_[0, step[:-1]]
        first = np.r_[True, neuron[1:] != neuron[:-1]]
        before[first] = last[neuron[first]]
        apart = (step - before)[before > 0]
        of = neuron[before > 0]
        lengths += np.bincount(apart, minlength=steps + 1)
        sums += np.bincount(of, apart, neurons)
        squares += np.bincount(of, apart.astype(np.float64) ** 2, neurons)
        seen += np.bincount(neuron, minlength=neurons)
        ends = np.r_[first[1:], True]
        last[neuron[ends]] = step[ends]
        cells.add(step, neuron)
    many = np.maximum(seen - 1, 1)
    mean = sums / many
    spread = np.sqrt(np.maximum(squares / many - mean**2, 0.0))
    cv = np.divide(spread, mean, out=np.full(neurons, np.nan), where=seen > 2)
    found = np.flatnonzero(lengths)
    return {
        "firing": {"neuron": np.arange(neurons), "spikes": seen, "cv": cv},
        "intervals": {"steps": found, "count": lengths[found]},
        "raster": cells.table(),
    }


class _Cells:
    """Spikes by step and neuron: one by one as long as they are few, and counted in cells."""

    def __init__(self, steps: int, neurons: int) -> None:
        self.steps, self.neurons = max(1, -(-steps // MOST_COLUMNS)), max(1, -(-neurons // MOST_ROWS))
        self.grid = np.zeros((neurons // self.neurons + 1, steps // self.steps + 1), np.int64)
        self.few: list[tuple[Ints, Ints]] | None = [] if neurons <= MOST_MARKS else None
        self.held = 0

    def add(self, step: Ints, neuron: Ints) -> None:
        """Take in some spikes."""
        across, down = (step - 1) // self.steps, neuron // self.neurons
        width = self.grid.shape[1]
        self.grid += np.bincount(down * width + across, minlength=self.grid.size).reshape(self.grid.shape)
        self.held += len(step)
        if self.held > MOST_MARKS:
            self.few = None
        if self.few is not None:
            self.few.append((step, neuron))

    def table(self) -> Columns:
        """Cells that hold anything, by neuron and step."""
        if self.few is not None:
            step, neuron = (np.concatenate([np.zeros(0, np.int64), *(one[axis] for one in self.few)]) for axis in (0, 1))
            order = np.lexsort((step, neuron))
            ones = np.ones(len(step), np.int64)
            return {"step": step[order], "neuron": neuron[order], "steps": ones, "neurons": ones, "spikes": ones}
        down, across = np.nonzero(self.grid)
        size = np.ones(len(down), np.int64)
        return {
            "step": across * self.steps + 1,
            "neuron": down * self.neurons,
            "steps": size * self.steps,
            "neurons": size * self.neurons,
            "spikes": self.grid[down, across],
        }

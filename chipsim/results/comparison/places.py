"""Figures and columns that say which, where or when: they differ or not, and no ratio of them means anything."""

from __future__ import annotations

PLACES = frozenset(
    {
        "core", "hottest_core", "tile", "to_tile", "x", "y", "to_x", "to_y", "level", "link", "link_from", "source", "destination",
        "sequence", "step", "neuron", "id", "layer", "ordinal", "slot", "number", "seed", "time", "time_ps", "begin_ps", "end_ps",
        "injected_ps", "delivered_ps", "entered_ps", "lower_ps", "upper_ps",
    }
)  # fmt: skip
"""Last parts of their names: numbers of things, coordinates, moments, edges of bins."""


def is_place(key: str) -> bool:
    """Whether a figure or column, by its dotted name, says which, where or when."""
    return key.rpartition(".")[2] in PLACES

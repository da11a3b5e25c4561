"""Figures of a run, in the order of the report; each is a function of summary and tables.

The only place of the project that imports matplotlib; nothing here draws on a screen or touches its global state.
"""

from reports.figures import chip_map, energy, growth, latency, link_map, power
from reports.figures.base import Drawing, NothingToDrawError, look, png, svg

DRAWINGS: tuple[Drawing, ...] = (
    power.DRAWING,
    energy.DRAWING,
    chip_map.DRAWING,
    link_map.DRAWING,
    latency.DRAWING,
    growth.DRAWING,
)

__all__ = ["DRAWINGS", "Drawing", "NothingToDrawError", "look", "png", "svg"]

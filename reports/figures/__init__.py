"""Figures of a run, in the order of the report; each is a function of summary and tables.

The only place of the project that imports matplotlib; nothing here draws on a screen or touches its global state.
"""

from reports.figures import (
    chip_map,
    core_fill,
    energy,
    growth,
    latency,
    link_load,
    link_map,
    network,
    power,
    reach,
    steps,
    traffic_matrix,
)
from reports.figures.base import Drawing, NothingToDrawError, look, png, svg
from reports.run import Summary, value

DRAWINGS: tuple[Drawing, ...] = (
    power.DRAWING,
    energy.DRAWING,
    chip_map.DRAWING,
    link_map.DRAWING,
    network.DRAWING,
    latency.DRAWING,
    growth.DRAWING,
)

SPIKING: tuple[Drawing, ...] = (
    power.DRAWING,
    energy.DRAWING,
    steps.DRAWING,
    chip_map.DRAWING,
    link_map.DRAWING,
    network.DRAWING,
)
"""Figures of a spiking network."""

TRAFFIC: tuple[Drawing, ...] = (power.DRAWING, energy.DRAWING, chip_map.DRAWING, link_map.DRAWING, network.DRAWING)
"""Figures of given packets."""

MAPPING: tuple[Drawing, ...] = (traffic_matrix.DRAWING, core_fill.DRAWING, link_load.DRAWING, reach.DRAWING)
"""Figures of a mapping that has not been run."""


def drawings_of(summary: Summary) -> tuple[Drawing, ...]:
    """The figures for what ran."""
    return {"spike": SPIKING, "packet": TRAFFIC}.get(str(value(summary, "claim.rate_of")), DRAWINGS)


__all__ = ["DRAWINGS", "MAPPING", "Drawing", "NothingToDrawError", "drawings_of", "look", "png", "svg"]

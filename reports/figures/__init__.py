"""Figures of a run, in the order of the report; each is a function of summary and tables.

The only place of the project that imports matplotlib; nothing here draws on a screen or touches its global state.
"""

from chipsim.lookup import Summary, value
from chipsim.programs.base import PROGRAMS
from reports.figures import (
    chip_map,
    core_fill,
    energy,
    firing,
    growth,
    influence,
    latency,
    link_load,
    link_map,
    network,
    over_time,
    power,
    raster,
    reach,
    steps,
    traffic_matrix,
)
from reports.figures.base import Drawing, NothingToDrawError, look, png, svg

_MODULES = (power, over_time, influence, energy, raster, firing, steps, chip_map, link_map, network, latency, growth)

DRAWINGS: dict[str, Drawing] = {module.DRAWING.key: module.DRAWING for module in _MODULES}
"""Figures that a run may have, by name."""

MAPPING: tuple[Drawing, ...] = (traffic_matrix.DRAWING, core_fill.DRAWING, link_load.DRAWING, reach.DRAWING)
"""Figures of a mapping that has not been run."""


def drawings_of(summary: Summary) -> tuple[Drawing, ...]:
    """The figures that the program that ran asks for."""
    return tuple(DRAWINGS[name] for name in PROGRAMS.get(str(value(summary, "kind"))).told.figures)


__all__ = ["DRAWINGS", "MAPPING", "Drawing", "NothingToDrawError", "drawings_of", "look", "png", "svg"]

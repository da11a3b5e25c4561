"""Static power per core of chips for which one is published: what a static power that is not known can be held against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedStatic:
    """A chip's static power per core.

    Attributes:
        chip: its name.
        mw: mW per core.
        source: how it follows from what is published.
    """

    chip: str
    mw: float
    source: str


STATIC = (
    PublishedStatic("TrueNorth", 42 / 4096, "42 mW at 0.70 V, 0 Hz, no synapses (Merolla 2014), over 4,096 cores"),
    PublishedStatic("ODIN", 27.3e-3, "leakage of 27.3 uW at 0.55 V (Frenkel 2019), one core"),
    PublishedStatic("Loihi 1", 3340 / 4096, "at most: 3.34 W of 32 chips of 128 cores (Frady 2020)"),
    PublishedStatic(
        "SpiNNaker 2", 250 / 152, "at most: baseline below 250 mW (Gonzalez 2024, arXiv 2401.04491), 152 processing elements"
    ),
    PublishedStatic("SpiNNaker 1", 360 / 18, "idle chip 0.36 W (Hoeppner 2019, after Painkras 2013), 18 cores"),
)
"""From the lowest on."""

"""Placers: which core a part sits on. One algorithm per file, one signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from chipsim.noc import Mesh
from nsn_mapping.place import hilbert, random, row, searched
from nsn_mapping.place.placement import Placement
from nsn_mapping.place.seats import Seats
from nsn_mapping.place.traffic import Traffic

Placer = Callable[[Traffic, Mesh, Seats, int], Placement]

PLACERS: Mapping[str, Placer] = MappingProxyType(
    {"row": row.place, "hilbert": hilbert.place, "random": random.place, "force": searched.force, "anneal": searched.anneal}
)
"""Placers by the name that a description uses."""

__all__ = ["PLACERS", "Placement", "Placer"]

"""What a mapper hands over: where each stored neuron and each role lives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where a stored network lives on a chip.

    Attributes:
        core: int32[neurons], core of each neuron, in the order of ``NsnState``.
        slot: int32[neurons], slot within the core, 0 .. neurons per core - 1; a (core, slot) is used once.
        roots: int32[layers + 2], core that plays the root of layers 0..L and, last, the record keeper.
        fill_order: int32[cores], the order in which growth opens cores; a permutation of all cores of the chip.
        method: what made it, e.g. ``metis/hilbert``.
    """

    core: npt.NDArray[np.int32]
    slot: npt.NDArray[np.int32]
    roots: npt.NDArray[np.int32]
    fill_order: npt.NDArray[np.int32]
    method: str

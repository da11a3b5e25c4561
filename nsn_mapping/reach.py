"""How far each sender reaches: the cores that its packets go to."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.hypergraph import Hypergraph

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]


def cores_reached(h: Hypergraph, core: npt.NDArray[np.integer[Any]], cores: int) -> Ints:
    """Different cores, other than the source's, that hold a pin of each net: its packets for a weight of one.

    Args:
        h: the network.
        core: int[n], core of each vertex, 0..cores-1.
        cores: of the chip.

    Returns:
        int64[nets].
    """
    found = np.zeros(h.edges, np.int64)
    stamp = np.full(cores, -1, np.int64)
    jit.load(__name__, entries=("count_reached",)).count_reached(
        h.pin_start, h.pins, h.source, np.ascontiguousarray(core, np.int32), stamp, found
    )
    return found


def count_reached(pin_start: Ints, pins: Words, source: Words, core: Words, stamp: Ints, found: Ints) -> None:
    """Count cores net by net.

    Args:
        pin_start: int64[nets + 1], where the pins of each net begin.
        pins: int32[pins], readers.
        source: int32[nets], who sends, -1 for nobody.
        core: int32[n], of each vertex.
        stamp: int64[cores], -1: the net that a core was last found for.
        found: int64[nets], 0; written.
    """
    for e in range(len(source)):
        if source[e] >= 0:
            stamp[core[source[e]]] = e
        for i in range(pin_start[e], pin_start[e + 1]):
            c = core[pins[i]]
            if stamp[c] != e:
                stamp[c] = e
                found[e] += 1

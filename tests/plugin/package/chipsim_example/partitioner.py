"""A partitioner in one file: cores are filled breadth first, from the neuron with the most readers on; then from the
next that has no core.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from chipsim.config.mapping import Partitioner
from nsn_mapping.hypergraph import Caps, Hypergraph
from nsn_mapping.methods.in_order import fill_graph


def partition(h: Hypergraph, caps: Caps, parts: int, seed: int) -> npt.NDArray[np.int32]:
    """int32[neurons], parts within all caps. Raises MappingError: there are none."""
    return fill_graph(h, caps, parts, order_of(h))


def order_of(h: Hypergraph) -> npt.NDArray[np.int64]:
    """int64[neurons], each once: neighbours of neighbours, breadth first."""
    n = len(h)
    readers, sent = np.zeros(n, np.int64), h.source >= 0
    np.add.at(readers, h.source[sent], np.diff(h.pin_start)[sent])
    order: list[int] = []
    seen = np.zeros(n, bool)
    for first in np.argsort(-readers, kind="stable").tolist():
        waiting = deque([] if seen[first] else [first])
        seen[first] = True
        while waiting:
            vertex = waiting.popleft()
            order.append(vertex)
            for net in h.own[h.own_start[vertex] : h.own_start[vertex + 1]].tolist():
                for reader in h.pins[h.pin_start[net] : h.pin_start[net + 1]].tolist():
                    if not seen[reader]:
                        seen[reader] = True
                        waiting.append(reader)
    return np.array(order, np.int64)


READERS = Partitioner(name="readers", about="breadth first, from the neuron with the most readers on", nets=partition)

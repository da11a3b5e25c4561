"""A spiking network as nets: every neuron that has synapses sends to the cores that hold its targets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.network.spiking import SpikingNetwork
from nsn_mapping.hypergraph import Hypergraph, from_graph

Ints = npt.NDArray[np.int64]


def to_hypergraph(network: SpikingNetwork, spikes: Ints | None = None) -> Hypergraph:
    """Nets of a spiking network, one per neuron; synapses between the same two neurons are one pin.

    Args:
        network: neurons by number.
        spikes: int64[neurons], how often each fires; None for once.
    """
    n = len(network)
    size = np.diff(network.start)
    target = network.target
    first = np.ones(len(target), bool)
    # Targets ascend within a source, so equal ones are neighbours.
    source_of_next = np.repeat(np.arange(n, dtype=np.int64), size)
    first[1:] = (target[1:] != target[:-1]) | (source_of_next[1:] != source_of_next[:-1])
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(source_of_next[first], minlength=n), out=start[1:])
    weight = np.ones(n, np.int64) if spikes is None else spikes
    return from_graph(start, target[first], weight)

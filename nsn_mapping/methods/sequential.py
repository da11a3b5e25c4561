"""Neurons in order of number: mapping without a mapper."""

from __future__ import annotations

import numpy as np

from chipsim.config.mapping import Partitioner
from chipsim.network.spiking import SpikingNetwork
from nsn_mapping.hypergraph import Caps, Hypergraph
from nsn_mapping.methods.in_order import fill_graph
from nsn_mapping.partition import sequential
from nsn_mapping.partition.pins import Words


def partition(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    """Fill all cores in order of number, as evenly as can be. Raises MappingError: more cores would be needed."""
    return fill_graph(h, caps, parts, np.arange(len(h), dtype=np.int64))


def spiking(network: SpikingNetwork, parts: int, cap: int, seed: int) -> Words:
    """Fill one core after the other."""
    return (np.arange(len(network)) // cap).astype(np.int32)


SEQUENTIAL = Partitioner(
    name="sequential",
    about="neurons in order of number, over all cores of a graph's mesh, of a network one core after the other",
    nets=partition,
    stored=sequential.partition,
    spiking=spiking,
    placer="row",
    draws=False,
)

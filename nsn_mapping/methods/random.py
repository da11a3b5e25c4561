"""Neurons drawn at random: what any mapper has to beat."""

from __future__ import annotations

import numpy as np

from chipsim.config.mapping import Partitioner
from chipsim.network.spiking import SpikingNetwork
from nsn_mapping.hypergraph import Caps, Hypergraph
from nsn_mapping.methods.in_order import fill_graph
from nsn_mapping.partition import random
from nsn_mapping.partition.pins import Words


def partition(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    """Fill all cores evenly in an order drawn from a stream of its own: graphs made by rule may be numbered by the one of the seed.

    Raises:
        MappingError: more cores would be needed.
    """
    stream = np.random.SeedSequence([abs(seed), 79])
    return fill_graph(h, caps, parts, np.random.Generator(np.random.PCG64(stream)).permutation(len(h)))


def spiking(network: SpikingNetwork, parts: int, cap: int, seed: int) -> Words:
    """Fill one core after the other in an order that is drawn."""
    part = np.empty(len(network), np.int32)
    part[np.random.Generator(np.random.PCG64(seed)).permutation(len(network))] = np.arange(len(network)) // cap
    return part


RANDOM = Partitioner(
    name="random",
    about="as sequential, in an order that is drawn",
    nets=partition,
    stored=random.partition,
    spiking=spiking,
    placer="row",
)

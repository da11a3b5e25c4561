"""The partitioner for what is too large, or too little time, for any search."""

from __future__ import annotations

from chipsim.config.mapping import Partitioner
from nsn_mapping.hypergraph import Caps, Hypergraph
from nsn_mapping.partition import streamed
from nsn_mapping.partition.pins import Words
from nsn_mapping.partition.streaming import stream


def partition(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    """Three passes: neurons in breadth-first order to the core where each costs least.

    Args:
        h: the network.
        caps: what a part can hold.
        parts: how many; all may be used.
        seed: not used by this order.

    Raises:
        MappingError: a neuron found no part that can hold it.
    """
    return stream(h, caps, parts, seed, passes=3)


STREAMING = Partitioner(
    name="streaming",
    about="one neuron after the other to the core where it costs least packets, then twice more; texts and logs: one pass",
    nets=partition,
    stored=streamed.partition,
)

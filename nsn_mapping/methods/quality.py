"""The partitioner for the fewest packets and hops that are found in minutes."""

from __future__ import annotations

from chipsim.config.mapping import Partitioner
from nsn_mapping.hypergraph import Caps, Hypergraph
from nsn_mapping.partition import kahypar, multilevel, neighbours
from nsn_mapping.partition.pins import Words


def partition(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    """Mt-KaHyPar's partition made better, limits that it breaks held; of large networks own search alone, with more effort.

    Args:
        h: the network.
        caps: what a part can hold.
        parts: how many; all may be used.
        seed: of all that is random.

    Raises:
        MappingError: the network does not fit, or the package mtkahypar is missing.
    """
    if kahypar.is_worth_it(h, parts):
        return multilevel.partition(h, caps, parts, seed, start=kahypar.partition(h, caps, parts, seed))
    return multilevel.partition(h, caps, parts, seed, multilevel.NORMAL)


QUALITY = Partitioner(
    name="quality",
    about="Mt-KaHyPar (package mtkahypar) and then the search of default, above 512 cores or 4 million synapses that search alone, twice as"
    " long; neurons of a graph then move between placed cores; texts and logs: the best of twelve expansions, cores emptied and refilled",
    nets=partition,
    stored=neighbours.partition_best,
    placer="adaptive",
    refines=True,
    compared=True,
)

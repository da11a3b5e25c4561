"""The partitioner that is taken where nothing is said."""

from __future__ import annotations

from chipsim.config.mapping import Partitioner
from nsn_mapping.partition import multilevel, neighbours

DEFAULT = Partitioner(
    name="default",
    about="multilevel search on packets with own kernels; texts and logs: the best of four expansions of neighbourhoods",
    nets=multilevel.partition,
    stored=neighbours.partition,
    compared=True,
)

"""The partitioner that cuts few synapses, as most mappers of the field do."""

from __future__ import annotations

from chipsim.config.mapping import Partitioner
from nsn_mapping.partition import edge_cut, metis
from nsn_mapping.spiking.metis import cut

METIS = Partitioner(
    name="metis",
    about="METIS on the edge cut, neurons above a limit moved where that costs least; texts and logs: layer by layer, then local search",
    nets=edge_cut.partition,
    stored=metis.partition,
    spiking=cut,
    compared=True,
)

"""The partitioner that makes no parts: an archive names the core of each neuron."""

from __future__ import annotations

from chipsim.config.mapping import Partitioner
from chipsim.errors import MappingError
from chipsim.network.spiking import SpikingNetwork
from nsn_mapping.partition.pins import Words


def refuse(network: SpikingNetwork, parts: int, cap: int, seed: int) -> Words:
    """There are no parts to find. Raises MappingError."""
    raise MappingError(f"{network.where}: cores are given; there are no parts to make")


GIVEN = Partitioner(name="given", about="arrays: the cores that neuron_core of the archive names", spiking=refuse, draws=False)

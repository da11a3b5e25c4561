"""What a program hands its mapper: the graph to place, and what is known of its messages. Each mapper takes one of these forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chipsim.machine.message import Kinds
from chipsim.network import NsnState
from chipsim.network.spiking import SpikingNetwork
from chipsim.noc.plan import NocPlan
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Ints


@dataclass(frozen=True, slots=True)
class StoredGraph:
    """Stored neurons that read each other through axons; for the mapper ``stored``.

    Attributes:
        state: the neurons, and what each is made of.
        match: ``associative``, or ``keyed``: by a hash of two neighbours, without axons.
        longest_interval: the longest between two items, in classes.
        kinds: of messages.
        flits: of an axon access.
        misses, strays: as in ``network.memory.Widths``.
        listeners: number of the layer that each listener hears.
    """

    state: NsnState
    match: Literal["associative", "keyed"]
    longest_interval: int
    kinds: Kinds
    flits: int
    misses: bool
    strays: bool
    listeners: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SpikingGraph:
    """Neurons with synapses; for the mapper ``spiking``.

    Attributes:
        network: neurons by number.
        flits: of a spike.
        load: what the cores hold when it is mapped so. Raises ConfigError, MappingError, SimulationError, as a run would.
    """

    network: SpikingNetwork
    flits: int
    load: Callable[[Mapping], SpikingLoad]


@dataclass(frozen=True, slots=True)
class SpikingLoad:
    """What the cores of a mapped spiking network hold, and what one spike of every neuron costs.

    Attributes:
        neurons, axons, memory_bits: int64[cores]; an axon is a source with targets on the core.
        cores_used, neurons_in_all, synapses, sources: how many; sources are neurons with synapses.
        packets, hops: of one unicast spike of every neuron, the own core included.
        tree_entries: of router tables; None without multicast.
        noc: the network that it runs on; None for a mesh known by heart.
    """

    neurons: Ints
    axons: Ints
    memory_bits: Ints
    cores_used: int
    neurons_in_all: int
    synapses: int
    sources: int
    packets: int
    hops: int
    tree_entries: int | None
    noc: NocPlan | None

"""What spiking cores are given to run: made by a kind of workload, whatever that reads."""

from __future__ import annotations

from dataclasses import dataclass

from chipsim.network.spiking import SpikingNetwork


@dataclass(frozen=True, slots=True)
class SnnInput:
    """A spiking network.

    Attributes:
        network: neurons, synapses, inputs, and how many steps.
        check_memory: whether a core that needs more than ``core.memory`` is refused.
        warnings: what of the input is not taken as it says, and how to take it; a sentence each.
    """

    network: SpikingNetwork
    check_memory: bool
    warnings: tuple[str, ...] = ()

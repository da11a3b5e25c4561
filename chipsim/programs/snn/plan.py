"""A spiking network, lowered: neurons in the order of (core, slot), synapses as one row per source, all in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.network.spiking import USUAL_MODEL, NeuronColumn
from chipsim.plan.forecast import Forecast
from chipsim.plan.plan import Plan
from chipsim.programs.snn.forecast import network_forecast

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SnnPlan:
    """What is a spiking network's own in a plan: neurons, synapses and input spikes.

    A neuron is named by its *position*: its index in the order of (core, slot). Potentials are whole multiples of 2^-fraction.

    Attributes:
        number: int64[N], the number that the user's file gives each neuron.
        core: int32[N], core of each neuron, ascending.
        used: int64[U], the cores that hold neurons, ascending; first: int64[U + 1], position of the first neuron of each.
        kind: uint8[N], ``network.spiking.NEURON`` or ``INPUT``.
        potential, bias, threshold: int64[N]; what becomes of them is the neuron model's.
        fraction: binary digits behind the point, at least 6.
        leak, leak_shift: what remains of a potential in a step is leak / 2^leak_shift.
        start: int64[N + 1], first synapse of each source; target: int32[S], position, ascending within a source; weight: int32[S] (or int16),
            multiples of 2^-fraction; delay: uint8[S] steps, or empty where all are 1.
        longest: longest delay in steps, at least 1.
        input_start: int64[N + 1], or empty without inputs; input_step: int64[spikes], steps (from 1) in which each input fires, ascending.
        steps: how many steps the run has.
        late: ``state.NEXT`` or ``DROP``: what becomes of a spike that comes after its step has begun.
        sync: ps from the last thing done in a step to the next, with ``pace: barrier``.
        flits: of one spike on the network.
        model: name of the neuron model; columns: what it has of each neuron, by position.
    """

    number: Ints
    core: npt.NDArray[np.int32]
    used: Ints
    first: Ints
    kind: npt.NDArray[np.uint8]
    potential: Ints
    bias: Ints
    threshold: Ints
    fraction: int
    leak: int
    leak_shift: int
    start: Ints
    target: npt.NDArray[np.int32]
    weight: npt.NDArray[np.int32] | npt.NDArray[np.int16]
    delay: npt.NDArray[np.uint8]
    longest: int
    input_start: Ints
    input_step: Ints
    steps: int
    late: int
    sync: int
    flits: int
    model: str = USUAL_MODEL
    columns: tuple[NeuronColumn, ...] = ()

    @property
    def neurons(self) -> int:
        """Number of neurons, inputs included."""
        return len(self.number)

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return len(self.target)

    @property
    def ring(self) -> int:
        """Steps for which a neuron keeps apart what arrives: the one that is being worked on, and those that a spike can still name."""
        return self.longest + 2

    def forecast(self, plan: Plan) -> Forecast:
        """What its run needs beside the chip."""
        synapse_bytes = self.target.itemsize + self.weight.itemsize + (1 if len(self.delay) else 0)
        return network_forecast(self.neurons, self.synapses, synapse_bytes, self.steps, self.longest, False, len(self.columns))

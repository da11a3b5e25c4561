"""A spiking network before it is anywhere: neurons by number, synapses as one row per source, all in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.network.lif_scale import LifScale

Ints = npt.NDArray[np.int64]

NEURON, INPUT = 0, 1
"""Kinds of neuron, as archives give them."""

QUANTUM = 6
"""Fewest binary digits behind the point: a potential that decays is cut to them (1/64, as Loihi's model in SANA-FE)."""

MOST_DIGITS = 30
"""Most binary digits behind the point."""

MAX_STEPS = 2**31 - 1
"""Most steps of a run; steps are counted in 32 bits in files."""

LONGEST_DELAY = 63
"""Longest delay in steps: a spike carries six bits of its step."""


USUAL_MODEL = "lif"
"""The neuron model where none is asked for."""

LIF_MODEL = "lif-refractory"
"""The neuron model of networks whose neurons are given in ms and mV."""

OWN_LEAK_BITS = 16
"""Binary digits of a leak that a neuron of that model has to itself."""


@dataclass(frozen=True, slots=True)
class NeuronColumn:
    """What a neuron model has of each neuron beside potential, bias and threshold.

    Attributes:
        name: of the model's quantity.
        values: int64[N].
    """

    name: str
    values: Ints


@dataclass(frozen=True, slots=True)
class Quantised:
    """What became of the weights, potentials and biases of an archive when they were put on a common step.

    Attributes:
        step: 2^-fraction.
        values: how many there are; rounded: how many are not exactly what was given.
        worst, mean: absolute error, over all of them.
        saturated: weights that were cut to the largest that 31 bits hold.
        scale: of a network that was given in ms and mV, whose weights alone are then counted here; None for others.
    """

    step: float
    values: int
    rounded: int
    worst: float
    mean: float
    saturated: int
    scale: LifScale | None = None


@dataclass(frozen=True, slots=True)
class SpikingNetwork:
    """Neurons, synapses, and input spikes; potentials are whole multiples of 2^-fraction.

    Attributes:
        kind: uint8[N], ``NEURON`` or ``INPUT``.
        potential, bias, threshold: int64[N]; what becomes of them is the neuron model's.
        fraction: binary digits behind the point, ``QUANTUM`` to ``MOST_DIGITS``.
        leak, leak_shift: what remains of a potential in a step is leak / 2^leak_shift.
        start: int64[N + 1], first synapse of each source; target: int32[S], number of a neuron, ascending within a source, equal ones in the
            order given; weight: int16[S] or int32[S], multiples of 2^-fraction; delay: uint8[S] steps, empty where all are 1.
        longest: longest delay, at least 1.
        input_start: int64[N + 1], empty without input spikes; input_step: int64[spikes], ascending within a neuron.
        core: int32[N], the core that the archive names for each, empty where it names none.
        steps: of the run.
        where: what messages call the network.
        model: name of the neuron model (``chipsim.neurons``); columns: what it has of each neuron, in its order.
        quantised: what rounding did to an archive's numbers; None where they were made in steps.
    """

    kind: npt.NDArray[np.uint8]
    potential: Ints
    bias: Ints
    threshold: Ints
    fraction: int
    leak: int
    leak_shift: int
    start: Ints
    target: npt.NDArray[np.int32]
    weight: npt.NDArray[np.int16] | npt.NDArray[np.int32]
    delay: npt.NDArray[np.uint8]
    longest: int
    input_start: Ints
    input_step: Ints
    core: npt.NDArray[np.int32]
    steps: int
    where: str
    model: str = USUAL_MODEL
    columns: tuple[NeuronColumn, ...] = ()
    quantised: Quantised | None = None

    def __len__(self) -> int:
        """Number of neurons, inputs included."""
        return len(self.kind)

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return len(self.target)

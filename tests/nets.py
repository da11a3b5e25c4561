"""Spiking networks and packets as arrays, drawn by a seed; no program is needed to make them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.network.spiking import INPUT, NEURON
from chipsim.noc import Mesh

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Net:
    """A network as a user gives it.

    Attributes:
        src, dst, weight, delay: synapses; weights are multiples of 2^-fraction.
        core, kind, v0, bias, threshold: by neuron.
        leak: factor of a potential per step.
        in_step, in_neuron: input spikes.
    """

    src: Ints
    dst: Ints
    weight: Floats
    delay: Ints
    core: Ints
    kind: Ints
    v0: Floats
    bias: Floats
    threshold: Floats
    leak: float
    in_step: Ints
    in_neuron: Ints
    steps: int
    fraction: int = 6

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return len(self.core)


def random_net(
    seed: int,
    mesh: Mesh,
    neurons: int = 60,
    fan_out: int = 8,
    steps: int = 20,
    longest: int = 1,
    leak: float = 0.9,
    fraction: int = 6,
) -> Net:
    """Weights, biases, potentials and thresholds drawn by a seed; some neurons are inputs, some have no synapse, some targets repeat."""
    draw = np.random.default_rng(seed)
    out = draw.integers(0, 2 * fan_out, neurons) * (draw.random(neurons) > 0.1)
    src = np.repeat(np.arange(neurons), out)
    draw.shuffle(src)
    kind = np.where(draw.random(neurons) < 0.2, INPUT, NEURON)
    fires = draw.random((steps, neurons)) < 0.3 * (kind == INPUT)
    in_step, in_neuron = np.nonzero(fires)
    scale = 1 << fraction
    return Net(
        src=src,
        dst=draw.integers(0, neurons, len(src)),
        weight=draw.integers(-scale // 2, scale, len(src)) / scale,
        delay=draw.integers(1, longest + 1, len(src)),
        core=draw.integers(0, mesh.cores, neurons),
        kind=kind,
        v0=draw.integers(-3 * scale, 3 * scale, neurons) / scale,
        bias=np.where(draw.random(neurons) < 0.5, 0, draw.integers(-scale // 4, scale, neurons)) / scale,
        threshold=draw.integers(scale, 4 * scale, neurons) / scale,
        leak=leak,
        in_step=in_step + 1,
        in_neuron=in_neuron,
        steps=steps,
        fraction=fraction,
    )


def random_packets(seed: int, mesh: Mesh, packets: int, span: int, longest: int = 4) -> Ints:
    """Uniform traffic, several packets of one source at one time included."""
    draw = np.random.default_rng(seed)
    time = draw.integers(0, span, packets) // 7 * 7
    ends = draw.integers(0, mesh.cores, (2, packets))
    return np.stack([time, *ends, draw.integers(1, longest + 1, packets)], axis=1)


def to_one_core(seed: int, mesh: Mesh, packets: int) -> Ints:
    """Traffic that meets at one core: everybody sends to the last one."""
    rows = random_packets(seed, mesh, packets, packets // 2)
    rows[:, 2] = mesh.cores - 1
    return rows

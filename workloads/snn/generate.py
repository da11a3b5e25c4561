"""A spiking network made by rule, the load of the benchmarks: as many spikes per step as one likes, onto random targets.

N neurons of bias 1 and threshold period - 0.5 start at a random phase, so that each fires once per period whatever arrives: weights are 0.
Phases and targets are hashes of (seed, neuron, synapse), so a row does not depend on the others or on how many are made at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chipsim.network.rows import BLOCK, sort_rows
from chipsim.network.spiking import NEURON, USUAL_MODEL, SpikingNetwork
from workloads.snn.columns import Quantities, columns_of, digits_of, usual

if TYPE_CHECKING:
    from workloads.kinds.arrays import GenerateSpec

_STEP = 0x9E3779B97F4A7C15
_PHASES = 0xD1B54A32D192ED03
"""Added to the seed for phases, so that they do not repeat the targets' draws."""


def generate_network(spec: GenerateSpec, steps: int, model: str = USUAL_MODEL, quantities: Quantities = ()) -> SpikingNetwork:
    """Make a network.

    Args:
        spec: neurons, fan-out, period and seed.
        steps: of the run.
        model: name of the neuron model.
        quantities: what it has beside potential, bias and threshold, which is as it is by default.
    """
    neurons, synapses = spec.neurons, spec.neurons * spec.fan_out
    target = np.empty(synapses, np.int32)
    for begin in range(0, synapses, BLOCK):
        number = np.arange(begin, min(begin + BLOCK, synapses), dtype=np.uint64)
        target[begin : begin + BLOCK] = _below(_hash(spec.seed, number), neurons)
    start = np.arange(neurons + 1, dtype=np.int64) * spec.fan_out
    sort_rows(start, target, ())
    columns = usual(quantities)
    fraction = digits_of(quantities, columns)
    phase = _below(_hash(spec.seed + _PHASES, np.arange(neurons, dtype=np.uint64)), spec.period)
    return SpikingNetwork(
        kind=np.full(neurons, NEURON, np.uint8),
        potential=phase.astype(np.int64) << fraction,
        bias=np.full(neurons, 1 << fraction, np.int64),
        threshold=np.full(neurons, (spec.period << fraction) - (1 << fraction - 1), np.int64),
        fraction=fraction,
        leak=1,
        leak_shift=0,
        start=start,
        target=target,
        weight=np.zeros(synapses, np.int16),
        delay=np.zeros(0, np.uint8),
        longest=1,
        input_start=np.zeros(0, np.int64),
        input_step=np.zeros(0, np.int64),
        core=np.zeros(0, np.int32),
        steps=steps,
        where=f"generated network of {neurons} neurons",
        model=model,
        columns=columns_of(quantities, columns, neurons, fraction, "generated network"),
    )


def _hash(seed: int, number: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """64 bits for each (seed, number): the mixing function of SplitMix64 on seed + number x golden ratio."""
    x = number * np.uint64(_STEP) + np.uint64(_scramble(seed % 2**64))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _scramble(x: int) -> int:
    """The same mixing of one number: neighbouring seeds start far apart."""
    x = (x + _STEP) % 2**64
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
    return x ^ (x >> 31)


def _below(draws: npt.NDArray[np.uint64], limit: int) -> npt.NDArray[np.uint64]:
    """Draws scaled to 0 .. limit - 1 (limit below 2^31) from their upper halves."""
    return ((draws >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32)

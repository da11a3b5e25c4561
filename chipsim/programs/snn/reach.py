"""Which cores a spiking network's sources reach: synapses and axons per core, and what one spike of every neuron costs on the network.

An *axon* is a (source, core with a target of it): one packet of a unicast spike, one line in the core's memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.network.rows import row_blocks
from chipsim.noc import Mesh
from chipsim.noc.hops import hops
from chipsim.noc.plan import NocPlan
from chipsim.plan.plan import Ints

WEIGHT_BITS = 8
DELAY_BITS = 6
POINTER_BITS = 16
"""Where the synapses of an axon begin in the core."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the synapses ask of cores and network.

    Attributes:
        synapses, axons: int64[used cores], in the order of ``used``.
        packets: axons of all cores: unicast packets if every neuron fires once.
        hops_ew, hops_ns: links that these cross.
    """

    synapses: Ints
    axons: Ints
    packets: int
    hops_ew: int
    hops_ns: int


def axon_blocks(start: Ints, target: npt.NDArray[np.int32], first: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Axons block by block: position of the source, index of the core (in ``used``), first synapse.

    Args:
        start: int64[N + 1], first synapse of each source.
        target: int32[S], positions, ascending within a source.
        first: int64[U + 1], position of the first neuron of each used core.
    """
    index = np.repeat(np.arange(len(first) - 1, dtype=np.int32), np.diff(first))
    for begin, end in row_blocks(start):
        low, high = int(start[begin]), int(start[end])
        if high == low:
            continue
        size = np.diff(start[begin : end + 1])
        core = index[target[low:high]]
        fresh = np.empty(high - low, bool)
        fresh[0] = True
        np.not_equal(core[1:], core[:-1], out=fresh[1:])
        fresh[start[begin:end][size > 0] - low] = True
        at = np.flatnonzero(fresh)
        source = begin + np.searchsorted(start[begin + 1 : end + 1], low + at, "right")
        yield source, core[at].astype(np.int64), low + at


def reach_of(
    start: Ints, target: npt.NDArray[np.int32], first: Ints, used: Ints, mesh: Mesh, noc: NocPlan | None = None
) -> Reach:
    """Count who reaches what.

    Args:
        start: int64[N + 1], first synapse of each source.
        target: int32[S], positions.
        first: int64[U + 1], position of the first neuron of each used core.
        used: int64[U], the cores.
        mesh: tells distances.
        noc: tells them where it is not a plain mesh.

    Raises:
        MappingError: no way leads to a core.
    """
    cores = len(used)
    synapses, axons = np.zeros(cores, np.int64), np.zeros(cores, np.int64)
    tile = used // mesh.concentration
    packets = ew = ns = 0
    for source, core, at in axon_blocks(start, target, first):
        last = int(start[source[-1] + 1])
        size = np.diff(np.append(at, last))
        axons += np.bincount(core, minlength=cores)
        synapses += np.bincount(core, size, cores).astype(np.int64)
        home = np.searchsorted(first, source, "right") - 1
        packets += len(core)
        along, other = hops(mesh, noc, tile[home], tile[core])
        ew, ns = ew + int(along.sum()), ns + int(other.sum())
    return Reach(synapses, axons, packets, ew, ns)


def memory_bits(reach: Reach, first: Ints, neuron_bits: int, slot_bits: int, core_bits: int, delays: bool) -> Ints:
    """int64[used cores], bits that neurons, axons and synapses take in each core.

    A synapse is a weight, the slot of its target and, where the network has any, a delay; an axon is the address of its source and a
    pointer to its first synapse. Given networks are kept as they are: nothing is compressed.
    """
    synapse = WEIGHT_BITS + slot_bits + (DELAY_BITS if delays else 0)
    axon = core_bits + slot_bits + POINTER_BITS
    return np.diff(first) * neuron_bits + reach.synapses * synapse + reach.axons * axon

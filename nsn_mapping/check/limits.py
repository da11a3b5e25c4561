"""Independent check of the limits of a graph's partition or mapping. It shares no code with what makes them, nor with kernels.

Everything is counted again from the definitions in ``Caps``, by sorting: which (net, core) pairs have a reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from nsn_mapping.hypergraph import Caps, Hypergraph

Ints = npt.NDArray[np.int64]
Whole = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Use:
    """What every core holds.

    Attributes:
        neurons: int64[cores], vertices.
        axons: int64[cores], nets with a reader in the core.
        bits: int64[cores], memory bits: of its vertices, axons and forwarding entries.
        entries: int64[cores], forwarding entries: over the nets whose source is in the core, the cores that hold a reader.
    """

    neurons: Ints
    axons: Ints
    bits: Ints
    entries: Ints


def count_use(h: Hypergraph, caps: Caps, core: Whole, cores: int) -> Use:
    """Count what every core holds.

    Args:
        h: the network.
        caps: prices of axons and entries, and memory of each vertex; its limits are not looked at.
        core: int[n], core of each vertex, 0..cores-1.
        cores: how many there are.
    """
    at = core.astype(np.int64)
    net = np.repeat(np.arange(h.edges, dtype=np.int64), np.diff(h.pin_start))
    reached = np.sort(net * cores + at[h.pins])
    reached = reached[np.diff(reached, prepend=-1) != 0]
    net, reader = reached // max(1, cores), reached % max(1, cores)
    source = h.source[net].astype(np.int64)
    axons = np.bincount(reader, minlength=cores)
    entries = np.bincount(at[source[source >= 0]], minlength=cores)
    own = np.zeros(cores, np.int64)
    np.add.at(own, at, caps.own_bits)
    bits = own + axons * caps.axon_bits + entries * caps.forward_bits
    return Use(np.bincount(at, minlength=cores), axons, bits, entries)


def check_limits(h: Hypergraph, caps: Caps, core: Whole, cores: int, usable: npt.NDArray[np.bool_] | None = None) -> Use:
    """Check that every vertex has a core that there is, and that no core holds more than it can.

    Args:
        h: the network.
        caps: what a core can hold.
        core: int[n], core (or part) of each vertex.
        cores: how many there are.
        usable: bool[cores], False for cores that must stay empty; None where all may be used.

    Returns:
        What every core holds.

    Raises:
        MappingError: naming vertex or core, resource, used and allowed.
    """
    if core.ndim != 1 or len(core) != len(h):
        raise MappingError(
            f"mapping: core has shape {core.shape}, it must be ({len(h)},), one value for each neuron; it was made for another network,"
            " map again"
        )
    if core.dtype.kind not in "iu":
        raise MappingError(f"mapping: core holds {core.dtype}, it must hold whole numbers; map again")
    odd = np.flatnonzero((core < 0) | (core >= cores))
    if len(odd):
        raise MappingError(f"mapping: neuron {odd[0]} is on core {core[odd[0]]}, allowed are 0..{cores - 1}; map again")
    if usable is not None:
        odd = np.flatnonzero(~usable[core])
        if len(odd):
            raise MappingError(
                f"mapping: neuron {odd[0]} is on core {core[odd[0]]}, which is out of order; allowed are the other"
                f" {int(usable.sum())} cores; map again"
            )
    use = count_use(h, caps, core, cores)
    for resource, used, allowed in (
        ("neurons", use.neurons, caps.neurons),
        ("axons", use.axons, caps.axons),
        ("memory bits", use.bits, caps.bits),
        ("forwarding entries", use.entries, caps.entries),
    ):
        over = np.flatnonzero(used > allowed)
        if len(over):
            raise MappingError(
                f"mapping: core {over[0]} holds {used[over[0]]} {resource}, allowed are {allowed}; map by another method, or with more or"
                " larger cores"
            )
    return use

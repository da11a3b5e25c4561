"""Neurons in an order on cores: what ``sequential`` and ``random`` share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.errors import MappingError
from nsn_mapping.evaluate import axons_used
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph
from nsn_mapping.partition.fill import Reads, new_filled
from nsn_mapping.partition.pins import Words


def evenly(vertices: int, cores: int) -> Words:
    """int32[n], neurons in order of number over all cores, as evenly as can be: what every mapping is held against."""
    return (np.arange(vertices, dtype=np.int64) * cores // vertices).astype(np.int32)


def fill_graph(h: Hypergraph, caps: Caps, parts: int, order: npt.NDArray[np.int64]) -> Words:
    """Cores as evenly filled as can be; with further limits, each core until it is full.

    Args:
        h: the network.
        caps: what a core can hold.
        parts: cores.
        order: int64[n], neurons.

    Raises:
        MappingError: more cores would be needed.
    """
    n = len(h)
    part = np.zeros(n, np.int32)
    part[order] = evenly(n, parts)
    if min(caps.bits, caps.entries) >= NO_LIMIT and int(axons_used(h, part, parts).max()) <= caps.axons:
        return part
    limits = np.array([caps.forward_bits, caps.axon_bits, caps.neurons, caps.axons, caps.bits], np.int64)
    filled = new_filled(n, h.edges)
    fill = jit.load("nsn_mapping.partition.fill", entries=("fill",)).fill
    last = int(
        fill(
            Reads(h.net_start, h.nets.astype(np.int64), h.source.astype(np.int64)),
            caps.own_bits,
            np.zeros(n, np.int64),
            order,
            limits,
            filled,
        )
    )
    if last >= parts:
        raise MappingError(
            f"cores: filled in order, {n} neurons use {last + 1} cores at {caps.neurons} neurons and {caps.axons} axons each, allowed are"
            f" {parts}; use --method default, a larger mesh, or higher limits (--neurons, --axons)"
        )
    return filled.part.astype(np.int32)

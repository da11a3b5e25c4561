"""Who sends to whom: one net per sender and kind of message, and what a core can hold of it.

A *net* is one source vertex and the vertices that read it (its pins). Each time that the source sends, one packet goes to every core
that holds a pin, other than the source's own: weight x (cores reached) is the weighted hypergraph metric lambda-1. This is the one form
in which partitioners, placers and the evaluator see a network; bare graphs (`nsn_mapping.graph`), spiking networks and neurosemantic
networks (`nsn_mapping.problem`) are brought into it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

NO_LIMIT = 2**62
"""Stands for an absent limit; larger than any count that occurs."""


@dataclass(frozen=True, slots=True)
class Hypergraph:
    """Nets over vertices 0..n-1, in both directions.

    Attributes:
        pin_start, pins: CSR by net (int64[nets + 1], int32[pins]), readers of each net, ascending, none twice; the source may be
            one of them.
        source: int32[nets], the vertex that sends, -1 where nobody on the chip does (all cores that read then count).
        weight: int64[nets], how often it sends; 0 or more.
        net_start, nets: the transpose (int64[n + 1], int32[pins]), nets that each vertex reads, ascending.
        own_start, own: nets by source (int64[n + 1], int32), ascending.
    """

    pin_start: Ints
    pins: Words
    source: Words
    weight: Ints
    net_start: Ints
    nets: Words
    own_start: Ints
    own: Words

    def __len__(self) -> int:
        return len(self.net_start) - 1

    @property
    def edges(self) -> int:
        """Number of nets."""
        return len(self.source)


@dataclass(frozen=True, slots=True)
class Caps:
    """What one core can hold, and what vertices take of it. Nothing may ever exceed it.

    Attributes:
        neurons: vertices.
        axons: nets with a pin in the core (its input lines); NO_LIMIT for none.
        bits: memory bits: ``own_bits`` of its vertices + ``axon_bits`` x axons + ``forward_bits`` x entries; NO_LIMIT for none.
        entries: forwarding entries: over the nets whose source is in the core, the cores that hold a pin (the own one too); NO_LIMIT.
        own_bits: int64[n], memory that a vertex takes wherever it is.
        axon_bits, forward_bits: memory of one axon and of one forwarding entry.
    """

    neurons: int
    own_bits: Ints
    axons: int = NO_LIMIT
    bits: int = NO_LIMIT
    entries: int = NO_LIMIT
    axon_bits: int = 0
    forward_bits: int = 0


def plain_caps(vertices: int, neurons: int, axons: int = NO_LIMIT) -> Caps:
    """Caps on neurons and axons alone."""
    return Caps(neurons=neurons, own_bits=np.zeros(vertices, np.int64), axons=axons)


def build_hypergraph(vertices: int, pin_start: Ints, pins: Words, source: Words, weight: Ints) -> Hypergraph:
    """Lay nets out in both directions.

    Args:
        vertices: how many.
        pin_start: int64[nets + 1], where the pins of each net begin.
        pins: int32[pins], ascending within a net, none twice.
        source: int32[nets], -1 for none.
        weight: int64[nets].
    """
    nets = len(source)
    order = np.argsort(pins, kind="stable")  # within a vertex nets stay ascending
    net_of_pin = np.repeat(np.arange(nets, dtype=np.int32), np.diff(pin_start))
    sent = np.flatnonzero(source >= 0)
    by_source = sent[np.argsort(source[sent], kind="stable")]
    return Hypergraph(
        pin_start=pin_start,
        pins=pins,
        source=source,
        weight=weight,
        net_start=_starts(pins, vertices),
        nets=net_of_pin[order],
        own_start=_starts(source[sent], vertices),
        own=by_source.astype(np.int32),
    )


def from_graph(indptr: Ints, targets: Words, spikes: Ints) -> Hypergraph:
    """Nets of a graph of synapses: one per neuron, its targets the pins.

    Args:
        indptr: int64[n + 1].
        targets: CSR of outgoing synapses, ascending within a neuron, none twice, no neuron onto itself.
        spikes: int64[n], spikes of each neuron.
    """
    n = len(indptr) - 1
    return build_hypergraph(
        n, indptr.astype(np.int64), targets.astype(np.int32), np.arange(n, dtype=np.int32), spikes.astype(np.int64)
    )


def _starts(rows: npt.NDArray[np.int32], count: int) -> Ints:
    start = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=count), out=start[1:])
    return start

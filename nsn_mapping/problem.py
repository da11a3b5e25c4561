"""What a partitioner works on: neurons, the axons that each of them needs, and what one core can hold.

An *axon* of a core is a distinct (layer l, lower id) over the pairs of the layer-l neurons stored there, l >= 1; an axon access of
the lower neuron on layer l goes to every core that holds the axon, and each of those cores answers. Seen as a hypergraph, an
axon is a net whose pins are the neurons that name the lower id; the number of parts that a net touches is the number of cores
that answer. In keyed matching an axon access goes to the home core of a hash instead: there are no axons, and matching memory is
the same everywhere.

How often an axon is read follows from the activations of the neurons that name it: each of them was one presentation of every pair, on
this layer. Left-over items and probes that found nothing are not in it. Measured on 8,000 characters that follow 100,000 learned ones
of a play: correlation with the presentations of each axon 0.99. The activations of the lower neuron instead, 0.63: most of what it
fires is read on the next layer alone, and items that are covered later in a probe are presented once more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from chipsim.ids import UNSTORED, layer_of, ordinal_of
from chipsim.network import NsnState
from chipsim.network.memory import Widths, axon_bits, forward_bits, keyed_bits, match_state_bits, neuron_bits, row_bits
from chipsim.shares import share_of
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph, build_hypergraph
from nsn_mapping.limits import MATCHES, CoreLimits, Match


@dataclass(frozen=True, slots=True)
class Problem:
    """A network as the partitioners see it; rows of neurons follow ``NsnState``.

    Attributes:
        layer: int64[neurons].
        id: int64[neurons], ascending.
        count: int64[neurons], activations.
        net_start, nets: CSR, the distinct axons (net numbers) that each neuron needs; empty on layer 0.
        pin_start, pins: the transpose, the neurons that need each net, ascending.
        net_layer: int64[nets], layer on which the net is read.
        net_owner: int64[nets], row of the lower neuron, -1 where the pair holds the id of an unstored novelty.
        net_weight: int64[nets], axon accesses: over the pairs that name the axon, the activations of the neuron that they belong to; 0 for
            an unstored lower neuron.
        own_bits: int64[neurons], bits that a neuron takes whatever its core.
        axon_bits: bits of an axon.
        forward_bits: bits at the lower neuron's core for each core that holds the axon.
        reserved_bits: bits to keep free in every core (keyed entries, spread by hash).
        limits: what a core can hold.
        fill: share of neuron slots and memory that a mapping may use, the rest is for growth.
        cores: cores of the chip.
        match: ``associative`` or ``keyed``.
    """

    layer: npt.NDArray[np.int64]
    id: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]
    net_start: npt.NDArray[np.int64]
    nets: npt.NDArray[np.int64]
    pin_start: npt.NDArray[np.int64]
    pins: npt.NDArray[np.int64]
    net_layer: npt.NDArray[np.int64]
    net_owner: npt.NDArray[np.int64]
    net_weight: npt.NDArray[np.int64]
    own_bits: npt.NDArray[np.int64]
    axon_bits: int
    forward_bits: int
    reserved_bits: int
    limits: CoreLimits
    fill: float
    cores: int
    match: Match

    def __len__(self) -> int:
        return len(self.layer)

    @property
    def max_neurons(self) -> int:
        """Neurons that a part may hold."""
        return max(1, share_of(self.limits.neurons, self.fill))

    @property
    def max_axons(self) -> int:
        """Axons that a part may hold."""
        return NO_LIMIT if self.limits.axons is None or self.match == "keyed" else self.limits.axons

    @property
    def max_bits(self) -> int:
        """Memory bits that a part may hold."""
        return share_of(self.limits.memory_bits, self.fill) - self.reserved_bits

    def nets_of(self, neuron: int) -> npt.NDArray[np.int64]:
        """Nets that a neuron needs."""
        return self.nets[self.net_start[neuron] : self.net_start[neuron + 1]]


def build_problem(
    state: NsnState, cores: int, limits: CoreLimits, widths: Widths, match: Match, fill: float, homes: int | None = None
) -> Problem:
    """Lay a stored network out for the partitioners.

    Args:
        state: the network, neurons sorted by (layer, ordinal).
        cores: cores of the chip.
        limits: what one core can hold.
        widths: bit widths on the chip.
        match: ``associative`` or ``keyed``.
        fill: share of neuron slots and memory bits to use, 0 < fill <= 1.
        homes: cores that keyed entries are spread over; None for all.

    Raises:
        MappingError: an unknown match mode, a fill out of range, limits that hold nothing, or a pair that names a lower
            neuron that is not stored.
    """
    _check_arguments(cores, limits, match, fill)
    n = len(state)
    k = np.diff(state.pair_start).astype(np.int64)
    holder = np.repeat(np.arange(n, dtype=np.int64), k)
    reads = state.layer[holder] >= 1
    row, lower, layer = holder[reads], state.pair_id[reads], state.layer[holder[reads]]
    net_key, net_of_pair = _distinct(layer, lower)
    owner = _rows_of(state, net_key[:, 1])
    weight = np.zeros(len(net_key), np.int64)
    np.add.at(weight, net_of_pair, state.count[row])
    weight[owner < 0] = 0
    associative = match == "associative"
    start, nets = _csr(row, net_of_pair, n)
    pin_start, pins = _csr(net_of_pair, row, len(net_key))
    own = neuron_bits(widths, 0) + k * (neuron_bits(widths, 1) - neuron_bits(widths, 0))
    if associative:
        own = own + match_state_bits(widths) + np.where(state.layer >= 1, k * row_bits(widths), 0)
    reserved = 0 if associative else _keyed_share(state, homes or cores) * keyed_bits(widths)
    return Problem(
        layer=state.layer,
        id=state.ids(),
        count=state.count,
        net_start=start,
        nets=nets,
        pin_start=pin_start,
        pins=pins,
        net_layer=net_key[:, 0],
        net_owner=owner,
        net_weight=weight,
        own_bits=own.astype(np.int64),
        axon_bits=axon_bits(widths) if associative else 0,
        forward_bits=forward_bits(widths) if associative else 0,
        reserved_bits=reserved,
        limits=limits,
        fill=fill,
        cores=cores,
        match=match,
    )


def to_hypergraph(problem: Problem) -> tuple[Hypergraph, Caps]:
    """A stored network as nets, and what a core can hold of it, for partitioners, placers and the evaluator.

    An axon is a net: its source is the lower neuron (-1 for an unstored one), its pins are the neurons that name it, its weight is
    ``net_weight``. The hypergraph's packets leave an axon access within one core out, while unicast charges it as a packet of no hops.
    """
    hypergraph = build_hypergraph(
        len(problem),
        problem.pin_start,
        problem.pins.astype(np.int32),
        problem.net_owner.astype(np.int32),
        problem.net_weight,
    )
    caps = Caps(
        neurons=problem.max_neurons,
        own_bits=problem.own_bits,
        axons=problem.max_axons,
        bits=problem.max_bits,
        axon_bits=problem.axon_bits,
        forward_bits=problem.forward_bits,
    )
    return hypergraph, caps


def keyed_entries(state: NsnState) -> int:
    """Entries of the keyed index: distinct beginnings (one pair or longer) of the vectors of each layer from 1 up."""
    k, start = np.diff(state.pair_start), state.pair_start[:-1]
    ids, classes = (
        np.unique(column, return_inverse=True)[1].astype(np.int64) for column in (state.pair_id, state.pair_interval)
    )
    each_id, each_class = int(ids.max(initial=0)) + 1, int(classes.max(initial=0)) + 1
    row = np.flatnonzero(state.layer >= 1)
    beginning = state.layer[row].astype(np.int64)  # as yet no pair, on its layer
    found, length = 0, 0
    while len(row):
        longer = k[row] > length
        row, beginning = row[longer], beginning[longer]
        pair = start[row] + length
        distinct, beginning = np.unique((beginning * each_id + ids[pair]) * each_class + classes[pair], return_inverse=True)
        found, length = found + len(distinct), length + 1
    return found


def _keyed_share(state: NsnState, cores: int) -> int:
    # A hash spreads entries like balls over bins; the fullest of up to some thousand bins stays below mean + 5 deviations.
    mean = keyed_entries(state) / cores
    return math.ceil(mean + 5 * math.sqrt(mean))


def _check_arguments(cores: int, limits: CoreLimits, match: str, fill: float) -> None:
    if match not in MATCHES:
        raise MappingError(f"mapping: match mode {match!r} is not known; allowed: {', '.join(MATCHES)}")
    if not 0 < fill <= 1:
        raise MappingError(f"mapping.fill: {fill} is not a share of a core; allowed: above 0, at most 1, e.g. 0.9")
    if cores < 1 or limits.neurons < 1 or limits.memory_bits < 1 or (limits.axons is not None and limits.axons < 1):
        raise MappingError(f"mapping: a chip of {cores} cores with {limits} holds nothing; every limit must be at least 1")


def _distinct(
    layer: npt.NDArray[np.int64], lower: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    if len(layer) == 0:
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64)
    order = np.lexsort((lower, layer))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(layer[order]) != 0) | (np.diff(lower[order]) != 0)
    inverse = np.empty(len(order), dtype=np.int64)
    inverse[order] = np.cumsum(first) - 1
    chosen = order[first]
    return np.stack((layer[chosen], lower[chosen]), axis=1), inverse


def _rows_of(state: NsnState, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    packed = state.ids()
    place = np.searchsorted(packed, ids)
    inside = np.minimum(place, max(len(packed) - 1, 0))
    found = packed[inside] == ids if len(packed) else np.zeros(len(ids), dtype=bool)
    lost = ~found & (ids != UNSTORED)
    if lost.any():
        one = int(ids[lost][0])
        raise MappingError(
            f"network: a stored vector names neuron {ordinal_of(one)} of layer {layer_of(one)}, which is not stored; "
            f"{int(lost.sum())} such ids; the network was cut or damaged, learn or load it again"
        )
    return np.where(found, inside, -1).astype(np.int64)


def _csr(
    row: npt.NDArray[np.int64], column: npt.NDArray[np.int64], rows: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    pair, _ = _distinct(row, column)
    start = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(np.bincount(pair[:, 0], minlength=rows), out=start[1:])
    return start, np.ascontiguousarray(pair[:, 1])

"""METIS recursive bisection, layer by layer, then repair to the hard caps and local search.

METIS cuts graphs, while what costs here is a net (an axon): the number of parts that it touches. Each net becomes a vertex
of no weight of its own, joined to the neurons that need it (a star): it pulls readers together and leaves it open where the
lower neuron lives. The weight of an edge is the activation count of the lower neuron over the root of the net's pins: a hub is
cut whatever one does, so it counts for less than its traffic, though not for nothing.

Layers are cut apart, from the top down, since the forwarding lists of a layer are known when the layers above it are cut;
small parts of different layers are merged afterwards. Measured on the network that the golden model learns from 100,000
characters of the shipped text (7,651 neurons; caps of 512 neurons, 512 axons, 32 KiB; fill 0.9; seed 1): mean cores that
answer an axon access, weighted by activations of the lower neurons, and cores used, each after an earlier repair and local search from 26
proposed parts.

    layers apart, count/sqrt(pins)        5.0 on 36
    layers apart, count                   4.9 on 36
    layers apart, no weights              7.8 on 36
    all layers in one graph, stars        5.6 on 85
    edges to the lower neurons, no stars  7.6 on 53
    this file as it is                    4.6 on 35  (count alone 4.8 on 36; other seeds within 2 %)
    filling in order                      8.3 on 34
    filling at random                    29.9 on 48
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from nsn_mapping.partition.table import insert, merge, new_table, repair, result, take_over
from nsn_mapping.problem import Problem

Ints = npt.NDArray[np.int64]

_WEIGHT_SCALE = 16
_SLACK = 1.02
"""A part may propose this much above a cap: moving the last few neurons costs less than one more part."""

_ATTEMPTS = 8
_FEWEST_PER_PART = 4
"""METIS complains on standard output where parts run empty; with fewer neurons per part than this they are cut in order of
creation."""

_METIS_SEED = 2**31 - 1


def partition(problem: Problem, seed: int) -> npt.NDArray[np.int32]:
    """Partition with METIS, hard caps held by repair.

    Args:
        problem: the network and what a core can hold.
        seed: goes to METIS; the same seed gives the same parts.

    Returns:
        int32[neurons], parts 0..parts-1, every one within the caps.

    Raises:
        MappingError: the network does not fit the chip, or pymetis is not installed.
    """
    table = new_table(problem)
    reach = np.zeros(len(problem), dtype=np.int64)
    labels = np.zeros(len(problem), dtype=np.int64)
    base = 0
    for layer in np.unique(problem.layer)[::-1].tolist():
        rows = np.flatnonzero(problem.layer == layer)
        own = _cut_layer(problem, rows, reach[rows], seed)
        labels[rows] = base + own
        base += int(own.max()) + 1
        _extend_reach(problem, rows, own, reach)
    take_over(table, labels)
    repair(table)
    merge(table)
    insert(table, np.ones(len(problem), bool), own_free=False)
    merge(table)
    return result(table)


def _cut_layer(problem: Problem, rows: Ints, reach: Ints, seed: int) -> Ints:
    """Labels 0.. of one layer's neurons, with as few parts as stay about within the caps."""
    bits = problem.own_bits[rows] + reach * problem.forward_bits
    degree = np.diff(problem.net_start)[rows]
    member = np.repeat(np.arange(len(rows), dtype=np.int64), degree)
    flat = np.repeat(problem.net_start[rows] - np.cumsum(degree) + degree, degree) + np.arange(int(degree.sum()))
    used, net = np.unique(problem.nets[flat], return_inverse=True)
    net = net.astype(np.int64)
    count = max(
        math.ceil(len(rows) / problem.max_neurons),
        math.ceil((int(bits.sum()) + len(used) * problem.axon_bits) / problem.max_bits),
        1,
    )
    labels = np.zeros(len(rows), dtype=np.int64)
    for _ in range(_ATTEMPTS):
        if count * _FEWEST_PER_PART > len(rows):
            labels = np.arange(len(rows), dtype=np.int64) * count // len(rows)
        elif count > 1:
            labels = _metis(problem, member, net, used, bits, count, seed)
        load = _loads(problem, labels, member, net, bits, count)
        if float(load.max()) <= _SLACK or count >= len(rows):
            break
        count = min(len(rows), max(count + 1, math.ceil(float(load.sum()) / _SLACK)))
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _loads(problem: Problem, labels: Ints, member: Ints, net: Ints, bits: Ints, count: int) -> npt.NDArray[np.float64]:
    """float64[parts], the largest use of a part in units of its cap, over neurons, axons and bits."""
    size = int(net.max(initial=0)) + 1
    axons = np.bincount(np.unique(labels[member] * size + net) // size, minlength=count)
    memory = np.bincount(labels, weights=bits, minlength=count) + axons * problem.axon_bits
    neurons = np.bincount(labels, minlength=count)
    use = np.stack((neurons / problem.max_neurons, axons / problem.max_axons, memory / problem.max_bits))
    return np.asarray(use.max(axis=0), dtype=np.float64)


def _metis(problem: Problem, member: Ints, net: Ints, used: Ints, bits: Ints, count: int, seed: int) -> Ints:
    pymetis = _import()
    neurons, nets = len(bits), len(used)
    weight = problem.net_weight[used] * _WEIGHT_SCALE / np.sqrt(np.maximum(1, np.bincount(net, minlength=nets)))
    # METIS counts in 32 bits: weights are scaled down until all of them together stay below 2^30.
    edge = np.maximum(1, weight)[net]
    edge = np.maximum(1, edge * min(1.0, 2**29 / max(1.0, float(edge.sum())))).astype(np.int64)
    # A neuron heavier than a part is as good as one that fills it; heavier ones would leave other parts empty.
    size = np.minimum(bits, int(bits.sum()) // count)
    size = np.maximum(1, size * min(1.0, 2**30 / max(1, int(size.sum())))).astype(np.int64)
    ends = np.concatenate((member, neurons + net))
    others = np.concatenate((neurons + net, member))
    order = np.lexsort((others, ends))
    start = np.zeros(neurons + nets + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=neurons + nets), out=start[1:])
    _, found = pymetis.part_graph(
        count,
        pymetis.CSRAdjacency(start, others[order]),
        vweights=np.concatenate((size, np.zeros(nets, dtype=np.int64))),
        eweights=np.concatenate((edge, edge))[order],
        recursive=True,
        options=pymetis.Options(seed=seed % _METIS_SEED),
    )
    return np.asarray(found, dtype=np.int64)[:neurons]


def _import() -> Any:
    try:
        import pymetis
    except ImportError as error:
        raise MappingError(
            "mapping.partitioner: metis needs the package pymetis, which is not installed; "
            "run `pip install pymetis`, or set mapping.partitioner=sequential"
        ) from error
    return pymetis


def _extend_reach(problem: Problem, rows: Ints, labels: Ints, reach: Ints) -> None:
    """Add, in place, the forwarding members that the parts of one layer cost its lower neurons."""
    part = np.full(len(problem), -1, dtype=np.int64)
    part[rows] = labels
    of_pin = part[problem.pins]
    net = np.repeat(np.arange(len(problem.net_owner), dtype=np.int64), np.diff(problem.pin_start))
    seen = of_pin >= 0
    parts = int(labels.max()) + 1
    touched = np.unique(net[seen] * parts + of_pin[seen]) // parts
    owner = problem.net_owner[touched]
    np.add.at(reach, owner[owner >= 0], 1)

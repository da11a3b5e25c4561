"""Fill one part after the other in a given order: the next part when the next neuron does not fit."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.partition.possible import check_possible
from nsn_mapping.partition.table import new_table, repair, result, take_over
from nsn_mapping.problem import Problem

Ints = npt.NDArray[np.int64]

_ROUNDS = 3
_COMPILED_FROM = 50_000
"""Neurons from which the filling is worth a compiled loop."""


def fill_in_order(problem: Problem, order: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.int32]:
    """Place neurons in an order; a part that a neuron does not fit is closed.

    Args:
        problem: the network and what a core can hold.
        order: int[neurons], each once.

    Returns:
        int32[neurons], parts 0..parts-1, every one within the caps.

    Raises:
        MappingError: the network does not fit the chip.
    """
    check_possible(problem)
    labels, excess = fill_labels(problem, order)
    if not excess and int(labels.max(initial=-1)) < problem.cores:
        return labels.astype(np.int32)
    table = new_table(problem)
    take_over(table, labels)
    repair(table)
    return result(table)


def fill_labels(problem: Problem, order: npt.NDArray[np.integer[Any]]) -> tuple[Ints, int]:
    """Part of each neuron when they are placed in an order, and how many bits too many that gives, all parts together.

    A neuron's forwarding lists grow while its readers are placed, often after it. So the filling is done several times: each
    round leaves every neuron the room that its forwarding lists took in the round before.

    Args:
        problem: the network and what a core can hold.
        order: each neuron once.

    Returns:
        int64[neurons], parts 0, 1, ... in the order in which they were opened; bits above the cap.
    """
    n, nets = len(problem), len(problem.net_owner)
    fill = jit.load(__name__, entries=("fill",)).fill if n >= _COMPILED_FROM else globals()["fill"]
    expected = np.zeros(n, np.int64)
    best, least = np.zeros(n, np.int64), -1
    for _ in range(_ROUNDS):
        caps = np.array(
            [problem.forward_bits, problem.axon_bits, problem.max_neurons, problem.max_axons, problem.max_bits], np.int64
        )
        order_array = np.asarray(order, np.int64)
        reads = Reads(problem.net_start, problem.nets, problem.net_owner)
        inputs, filled = (problem.own_bits, expected, order_array, caps), new_filled(n, nets)
        if n < _COMPILED_FROM:
            lists = Filled(*(a.tolist() for a in filled))
            fill(Reads(*(a.tolist() for a in reads)), *(a.tolist() for a in inputs), lists)
            filled = Filled(*(np.array(values, np.int64) for values in lists))
        else:
            fill(reads, *inputs, filled)
        part, reach, axons = filled.part, filled.reach, filled.axons
        bits = np.zeros(int(part.max(initial=0)) + 1, np.int64)
        np.add.at(bits, part, problem.own_bits + reach * problem.forward_bits)
        bits += axons[: len(bits)] * problem.axon_bits
        excess = int(np.maximum(0, bits - problem.max_bits).sum())
        if least < 0 or excess < least:
            best, least = part, excess
        if not excess:
            break
        expected = np.maximum(expected, reach)
    return best, max(least, 0)


@jit.struct
class Reads(NamedTuple):
    """Nets that neurons read.

    Attributes:
        start: int64[neurons + 1], first net of each neuron.
        nets: of the neurons.
        owner: neuron of each net, or -1.
    """

    start: Ints
    nets: Ints
    owner: Ints


@jit.struct
class Filled(NamedTuple):
    """Parts as they are filled.

    Attributes:
        part: part of each neuron, written.
        reach: members of its forwarding lists, 0 before.
        stamp: the last part that holds an axon of each net, -1 before.
        axons: of each part, 0 before.
    """

    part: Ints
    reach: Ints
    stamp: Ints
    axons: Ints


def new_filled(neurons: int, nets: int) -> Filled:
    """Nothing filled yet; there are never more parts than neurons."""
    none = np.full(nets, -1, np.int64)
    return Filled(np.zeros(neurons, np.int64), np.zeros(neurons, np.int64), none, np.zeros(neurons + 1, np.int64))


def fill(R: Reads, own: Ints, expected: Ints, order: Ints, caps: Ints, F: Filled) -> int:
    """One round: the next part when the next neuron does not fit.

    Args:
        R: what neurons read.
        own: bits of each neuron.
        expected: members that each neuron's forwarding lists will have.
        order: of the neurons.
        caps: forwarding bits, axon bits, neurons, axons and bits of a part.
        F: written.

    Returns:
        The last part.
    """
    forward_bits, axon_bits, most, most_axons, most_bits = caps[0], caps[1], caps[2], caps[3], caps[4]
    current, held, promised = 0, 0, 0
    for i in range(len(order)):
        neuron = order[i]
        bits = own[neuron] + expected[neuron] * forward_bits
        new = 0
        for j in range(R.start[neuron], R.start[neuron + 1]):
            if F.stamp[R.nets[j]] != current:
                new += 1
        over = F.axons[current] + new > most_axons or promised + bits + new * axon_bits > most_bits
        if held > 0 and (held >= most or over):
            current, held, promised = current + 1, 0, 0
            new = R.start[neuron + 1] - R.start[neuron]
        for j in range(R.start[neuron], R.start[neuron + 1]):
            net = R.nets[j]
            if F.stamp[net] != current:
                F.stamp[net] = current
                F.axons[current] += 1
                if R.owner[net] >= 0:
                    F.reach[R.owner[net]] += 1
        F.part[neuron] = current
        held += 1
        promised += bits + new * axon_bits
    return current

"""Fill one part after the other in a given order: the next part when the next neuron does not fit."""

from __future__ import annotations

from typing import Any

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
        part, reach, stamp, axons = np.zeros(n, np.int64), np.zeros(n, np.int64), np.full(nets, -1), np.zeros(n + 1, np.int64)
        caps = np.array(
            [problem.forward_bits, problem.axon_bits, problem.max_neurons, problem.max_axons, problem.max_bits], np.int64
        )
        order_array = np.asarray(order, np.int64)
        inputs = (problem.net_start, problem.nets, problem.net_owner, problem.own_bits, expected, order_array, caps)
        outputs = (part, reach, stamp, axons)
        if n < _COMPILED_FROM:
            lists = [a.tolist() for a in outputs]
            fill(*(a.tolist() for a in inputs), *lists)
            part, reach, stamp, axons = (np.array(values, np.int64) for values in lists)
        else:
            fill(*inputs, *outputs)
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


def fill(
    start: Ints,
    nets: Ints,
    owner: Ints,
    own: Ints,
    expected: Ints,
    order: Ints,
    caps: Ints,
    part: Ints,
    reach: Ints,
    stamp: Ints,
    axons: Ints,
) -> int:
    """One round: the next part when the next neuron does not fit.

    Args:
        start: first net of each neuron.
        nets: of the neurons.
        owner: neuron of each net, or -1.
        own: bits of each neuron.
        expected: members that each neuron's forwarding lists will have.
        order: of the neurons.
        caps: forwarding bits, axon bits, neurons, axons and bits of a part.
        part: written: part of each neuron.
        reach: written: members of its forwarding lists.
        stamp: the last part that holds an axon of each net, -1; written.
        axons: written: axons of each part.

    Returns:
        The last part.
    """
    forward_bits, axon_bits, most, most_axons, most_bits = caps[0], caps[1], caps[2], caps[3], caps[4]
    current, held, promised = 0, 0, 0
    for i in range(len(order)):
        neuron = order[i]
        bits = own[neuron] + expected[neuron] * forward_bits
        new = 0
        for j in range(start[neuron], start[neuron + 1]):
            if stamp[nets[j]] != current:
                new += 1
        over = axons[current] + new > most_axons or promised + bits + new * axon_bits > most_bits
        if held > 0 and (held >= most or over):
            current, held, promised = current + 1, 0, 0
            new = start[neuron + 1] - start[neuron]
        for j in range(start[neuron], start[neuron + 1]):
            net = nets[j]
            if stamp[net] != current:
                stamp[net] = current
                axons[current] += 1
                if owner[net] >= 0:
                    reach[owner[net]] += 1
        part[neuron] = current
        held += 1
        promised += bits + new * axon_bits
    return current

"""Fill one part after the other in a given order: the next part when the next neuron does not fit."""

from __future__ import annotations

from collections.abc import Sequence

from nsn_mapping.partition.parts import Parts
from nsn_mapping.problem import Problem

_ROUNDS = 3


def fill_in_order(problem: Problem, order: Sequence[int]) -> Parts:
    """Place neurons in an order; a part that a neuron does not fit is closed.

    A neuron's forwarding lists grow while its readers are placed, often after it. So the filling is done several times: each
    round leaves every neuron the room that its forwarding lists took in the round before.

    Args:
        problem: the network and what a core can hold.
        order: each neuron once.

    Returns:
        Parts whose neurons and axons are within the caps. Bits may still be over where the forwarding lists of the last round
        came out longer than those of the round before; ``repair`` settles that.
    """
    expected = [0] * len(problem)
    best: Parts | None = None
    for _ in range(_ROUNDS):
        parts = _fill(problem, order, expected)
        if best is None or _excess(parts) < _excess(best):
            best = parts
        if not _excess(parts):
            break
        expected = [max(old, new) for old, new in zip(expected, parts.reach, strict=True)]
    assert best is not None
    return best


def _fill(problem: Problem, order: Sequence[int], expected: list[int]) -> Parts:
    parts = Parts(problem)
    current = parts.open()
    promised = 0
    for neuron in order:
        bits = parts.own[neuron] + expected[neuron] * problem.forward_bits
        new = sum(1 for net in parts.nets[neuron] if current not in parts.holders[net])
        if parts.neurons[current] and (
            parts.neurons[current] >= parts.max_neurons
            or parts.axons[current] + new > parts.max_axons
            or promised + bits + new * problem.axon_bits > parts.max_bits
        ):
            current = parts.open()
            promised, new = 0, len(parts.nets[neuron])
        parts.put(neuron, current)
        promised += bits + new * problem.axon_bits
    return parts


def _excess(parts: Parts) -> int:
    return sum(max(0, bits - parts.max_bits) for bits in parts.bits)

"""Local search on a partition that is within its caps: fewer cores that answer, fewer cores used."""

from __future__ import annotations

from nsn_mapping.partition.parts import Parts

_TARGETS_TRIED = 8


def improve(parts: Parts, passes: int = 4) -> None:
    """Move single neurons where that lowers the sum over nets of weight times parts touched; limits are kept.

    A neuron looks at the parts that it shares axons with, the most weight in common first; passes end when nothing moved. One
    pass takes time in proportion to the pins times the parts that a net touches.

    Args:
        parts: changed in place.
        passes: at most so many.
    """
    weight = parts.problem.net_weight.tolist()
    for _ in range(passes):
        moved = 0
        for neuron in range(len(parts.part)):
            nets = parts.nets[neuron]
            here = parts.part[neuron]
            freed = 0
            common: dict[int, int] = {}
            for net in nets:
                holders = parts.holders[net]
                if holders[here] == 1:
                    freed += weight[net]
                for part in holders:
                    common[part] = common.get(part, 0) + weight[net]
            common.pop(here, None)
            total = sum(weight[net] for net in nets)
            for part in sorted(common, key=lambda part: (-common[part], part))[:_TARGETS_TRIED]:
                if freed - (total - common[part]) <= 0:
                    break
                if parts.fits(neuron, part):
                    parts.move(neuron, part)
                    moved += 1
                    break
        if not moved:
            return


def merge(parts: Parts) -> None:
    """Empty small parts into larger ones with room for all of them; this only ever lowers the number of parts touched.

    Args:
        parts: changed in place; emptied parts stay as holes.
    """
    members: list[list[int]] = [[] for _ in parts.neurons]
    for neuron, part in enumerate(parts.part):
        members[part].append(neuron)
    held: list[set[int]] = [{net for neuron in group for net in parts.nets[neuron]} for group in members]
    for small in sorted((part for part in range(len(members)) if members[part]), key=lambda part: (parts.bits[part], part)):
        # The fullest part that takes it first: best fit leaves the large rooms to others.
        for large in sorted(range(len(members)), key=lambda part: (-parts.bits[part], part)):
            if large == small or not members[large] or parts.bits[large] < parts.bits[small]:
                continue
            union = len(held[large] | held[small])
            saved = (parts.axons[large] + parts.axons[small] - union) * parts.problem.axon_bits
            if (
                parts.neurons[large] + parts.neurons[small] <= parts.max_neurons
                and union <= parts.max_axons
                and parts.bits[large] + parts.bits[small] - saved <= parts.max_bits
            ):
                for neuron in members[small]:
                    parts.move(neuron, large)
                members[large] += members[small]
                held[large] |= held[small]
                members[small] = []
                break

"""Bring every part under its caps: an overfull part gives neurons up to parts with room, or to new ones.

Makers of partitions that know no caps (METIS), or not all of them (filling in order does not see forwarding lists grow at
earlier parts), end with this. A move into an existing part never breaks a limit, and the part that gives shrinks, so the
excess only falls; new parts are opened up to twice the cores of the chip, and small parts merged at the end where there are
too many. Hence it ends, and near-linearly: each neuron looks only at the parts that it shares axons with and at the emptiest
ones.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from chipsim.errors import MappingError
from nsn_mapping.partition.improve import merge
from nsn_mapping.partition.parts import Parts, too_few_cores

_EMPTIEST_TRIED = 4


def repair(parts: Parts) -> None:
    """Move neurons until no part is over a limit and there are no more parts than cores.

    Args:
        parts: changed in place; emptied parts stay as holes.

    Raises:
        MappingError: no way was found to do with the cores of the chip.
    """
    cores = parts.problem.cores
    # More parts than cores may come about on the way, half of them in the worst case to be merged again.
    _relieve(parts, 2 * cores)
    if _used(parts) > cores or _full(parts):
        merge(parts)
    if _used(parts) > cores:
        raise too_few_cores(parts.problem, _used(parts), "the partition that was found")
    for part in _full(parts):
        neuron = parts.part.index(part)
        raise MappingError(
            f"mapping: a part holds {parts.bits[part]} memory bits, allowed are {parts.max_bits}: neuron {neuron} alone has "
            f"forwarding lists of {parts.reach[neuron]} members, as many cores hold its readers; raise core.memory or "
            "core.neurons, learn fewer symbols (workload.learned), or set workload.match=keyed"
        )


def _full(parts: Parts) -> list[int]:
    return [part for part in range(len(parts.neurons)) if parts.over(part)]


def _relieve(parts: Parts, most: int) -> None:
    queue = _full(parts)
    heapify(queue)
    while queue:
        part = heappop(queue)
        if parts.neurons[part] == 1:
            # Its neuron's forwarding lists fill it: moving it helps nothing, only fewer reading parts do.
            continue
        for neuron in _leavers(parts, part):
            if not parts.over(part) or parts.neurons[part] == 1:
                break
            target = _with_room(parts, neuron, part)
            if target < 0:
                if _used(parts) >= most:
                    raise too_few_cores(parts.problem, parts.problem.cores + 1, "the partition that was found")
                target = _reopen(parts)
                heappush(queue, target)
                for net in parts.nets[neuron]:
                    # The new axon lengthens forwarding lists elsewhere: those parts are looked at again.
                    owner = parts.owner[net]
                    if owner >= 0:
                        heappush(queue, parts.part[owner])
            parts.move(neuron, target)
        if parts.over(part):
            # The order of leaving was made before the moves changed it; take a fresh one.
            heappush(queue, part)


def _used(parts: Parts) -> int:
    return sum(1 for neurons in parts.neurons if neurons)


def _leavers(parts: Parts, part: int) -> list[int]:
    """Neurons of a part, those first that hold most of the resource that is over and share least with the rest."""
    members = [neuron for neuron, where in enumerate(parts.part) if where == part]
    over_axons = parts.axons[part] > parts.max_axons

    def key(neuron: int) -> tuple[int, int, int]:
        own = sum(1 for net in parts.nets[neuron] if parts.holders[net][part] == 1)
        forwarding = parts.reach[neuron]
        return (-own, -forwarding, -neuron) if over_axons else (-forwarding, -own, -neuron)

    return sorted(members, key=key)


def _with_room(parts: Parts, neuron: int, source: int) -> int:
    shared: dict[int, int] = {}
    for net in parts.nets[neuron]:
        for part in parts.holders[net]:
            shared[part] = shared.get(part, 0) + 1
    shared.pop(source, None)
    for part in sorted(shared, key=lambda part: (-shared[part], parts.bits[part], part)):
        if not parts.over(part) and parts.fits(neuron, part):
            return part
    rest = (part for part in range(len(parts.neurons)) if part not in shared and part != source and parts.neurons[part])
    for part in sorted(rest, key=lambda part: (parts.bits[part], part))[:_EMPTIEST_TRIED]:
        if parts.fits(neuron, part):
            return part
    return -1


def _reopen(parts: Parts) -> int:
    """An empty part: one that was emptied, otherwise a new one."""
    for part, neurons in enumerate(parts.neurons):
        if not neurons:
            return part
    return parts.open()

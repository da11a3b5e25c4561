"""Account of a partition in the making: what every part holds, kept up to date move by move."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from nsn_mapping.problem import Problem

UNPLACED = -1


class Parts:
    """Contents of the parts of one partitioning run (a working object, never handed out).

    Bits of a part are those of its neurons, of its axons, and of the forwarding lists of its neurons, one member per part that
    holds an axon of theirs; the last depends on where the readers are, so a move can charge a third part.

    Attributes:
        part: part of each neuron, ``UNPLACED`` before it has one.
        neurons, axons, bits: what each part holds.
        holders: per net, part -> number of its pins there.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.max_neurons, self.max_axons, self.max_bits = problem.max_neurons, problem.max_axons, problem.max_bits
        start, nets = problem.net_start.tolist(), problem.nets.tolist()
        self.nets: list[list[int]] = [nets[a:b] for a, b in pairwise(start)]
        self.owner: list[int] = problem.net_owner.tolist()
        self.own: list[int] = problem.own_bits.tolist()
        self.part: list[int] = [UNPLACED] * len(problem)
        self.reach: list[int] = [0] * len(problem)
        self.holders: list[dict[int, int]] = [{} for _ in self.owner]
        self.neurons: list[int] = []
        self.axons: list[int] = []
        self.bits: list[int] = []

    def open(self) -> int:
        """Open an empty part and return its number."""
        self.neurons.append(0)
        self.axons.append(0)
        self.bits.append(0)
        return len(self.neurons) - 1

    def put(self, neuron: int, part: int) -> None:
        """Place a neuron that has no part."""
        problem = self.problem
        self.part[neuron] = part
        self.neurons[part] += 1
        self.bits[part] += self.own[neuron] + self.reach[neuron] * problem.forward_bits
        for net in self.nets[neuron]:
            here = self.holders[net]
            pins = here.get(part, 0)
            here[part] = pins + 1
            if not pins:
                self.axons[part] += 1
                self.bits[part] += problem.axon_bits
                self._forward(self.owner[net], 1)

    def take(self, neuron: int) -> None:
        """Take a neuron out of its part."""
        problem = self.problem
        part = self.part[neuron]
        for net in self.nets[neuron]:
            here = self.holders[net]
            if here[part] > 1:
                here[part] -= 1
                continue
            del here[part]
            self.axons[part] -= 1
            self.bits[part] -= problem.axon_bits
            self._forward(self.owner[net], -1)
        self.part[neuron] = UNPLACED
        self.neurons[part] -= 1
        self.bits[part] -= self.own[neuron] + self.reach[neuron] * problem.forward_bits

    def move(self, neuron: int, part: int) -> None:
        """Take a neuron out of its part and place it in another."""
        self.take(neuron)
        self.put(neuron, part)

    def over(self, part: int) -> bool:
        """Whether a part holds more than a core can."""
        return self.neurons[part] > self.max_neurons or self.axons[part] > self.max_axons or self.bits[part] > self.max_bits

    def fits(self, neuron: int, part: int) -> bool:
        """Whether a neuron can go to a part without any part ending above a limit that it keeps now.

        A third part whose forwarding lists grow by the move counts too; one that is over its limit already may not grow.
        """
        problem = self.problem
        if self.neurons[part] >= self.max_neurons:
            return False
        source = self.part[neuron]
        new = [net for net in self.nets[neuron] if part not in self.holders[net]]
        if self.axons[part] + len(new) > self.max_axons:
            return False
        grown = {part: self.own[neuron] + self.reach[neuron] * problem.forward_bits + len(new) * problem.axon_bits}
        for net in new:
            owner = self.owner[net]
            if owner < 0 or self.holders[net].get(source) == 1:
                continue  # the forwarding list loses a member and gains one
            home = part if owner == neuron else self.part[owner]
            if home != UNPLACED and home != source:
                grown[home] = grown.get(home, 0) + problem.forward_bits
        return all(self.bits[where] + more <= self.max_bits for where, more in grown.items())

    def result(self) -> npt.NDArray[np.int32]:
        """int32[neurons], parts renumbered without holes, in the old order; empty parts vanish."""
        part = np.array(self.part, dtype=np.int64)
        used = np.unique(part)
        return np.searchsorted(used, part).astype(np.int32)

    def _forward(self, owner: int, step: int) -> None:
        if owner < 0:
            return
        self.reach[owner] += step
        home = self.part[owner]
        if home != UNPLACED:
            self.bits[home] += step * self.problem.forward_bits


def from_labels(problem: Problem, labels: npt.NDArray[np.int64]) -> Parts:
    """Parts as a partitioner without caps proposes them; limits may be broken."""
    parts = Parts(problem)
    for _ in range(int(labels.max(initial=-1)) + 1):
        parts.open()
    for neuron, label in enumerate(labels.tolist()):
        parts.put(neuron, label)
    return parts


def fewest_cores(problem: Problem) -> dict[str, int]:
    """Cores that a network needs at the very least, by resource; no partition can use fewer."""
    if len(problem) == 0:
        return {"neurons": 0, "memory bits": 0}
    # Every net is an axon of at least one core and a member of at least one forwarding list.
    bits = int(problem.own_bits.sum()) + len(problem.net_owner) * problem.axon_bits
    bits += int((problem.net_owner >= 0).sum()) * problem.forward_bits
    need = {
        "neurons": math.ceil(len(problem) / problem.max_neurons),
        "memory bits": math.ceil(bits / max(1, problem.max_bits)),
    }
    if problem.max_axons <= len(problem.net_owner):
        need["axons"] = math.ceil(len(problem.net_owner) / problem.max_axons)
    return need


def check_possible(problem: Problem) -> None:
    """Refuse early what no partition can hold.

    Raises:
        MappingError: a neuron larger than a core, or more neurons, axons or bits than all cores of the chip together.
    """
    if len(problem) == 0:
        return
    if problem.max_bits < 1:
        allowed = problem.max_bits + problem.reserved_bits
        raise MappingError(
            f"mapping: the keyed index takes {problem.reserved_bits} of the {allowed} memory bits of every core that "
            f"mapping.fill {problem.fill} allows; nothing is left for neurons: use a chip with more cores or more core.memory, "
            "learn fewer symbols, or set workload.match=associative"
        )
    needs = np.diff(problem.net_start)
    alone = problem.own_bits + needs * problem.axon_bits
    worst = int(np.argmax(alone))
    if alone[worst] > problem.max_bits:
        raise MappingError(
            f"mapping: neuron {worst} alone takes {int(alone[worst])} memory bits of a core, allowed are {problem.max_bits} "
            f"(core.memory {problem.limits.memory_bits} bits, mapping.fill {problem.fill}); raise core.memory or mapping.fill"
        )
    if int(needs.max()) > problem.max_axons:
        raise MappingError(
            f"mapping: a neuron alone needs {int(needs.max())} axons of a core, allowed are {problem.max_axons}; "
            "raise core.axons"
        )
    for resource, need in fewest_cores(problem).items():
        if need > problem.cores:
            raise too_few_cores(problem, need, resource)


def too_few_cores(problem: Problem, need: int, resource: str) -> MappingError:
    """The error for a network that does not fit on the chip's cores."""
    limits = problem.limits
    axons = "no limit of" if problem.max_axons > len(problem.net_owner) else f"{problem.max_axons}"
    return MappingError(
        f"mapping: does not fit for {resource}: {len(problem)} neurons need at least {need} cores, the chip has "
        f"{problem.cores}; allowed per core are {problem.max_neurons} of {limits.neurons} neurons, {axons} axons and "
        f"{problem.max_bits} of {limits.memory_bits} memory bits (mapping.fill {problem.fill}); use a chip with more cores or "
        "larger ones, learn fewer symbols (workload.learned), raise mapping.fill towards 1, or try another mapping.partitioner"
    )

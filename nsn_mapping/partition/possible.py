"""What no partition can hold is refused before one is sought, with the resource, what is needed and what is allowed."""

from __future__ import annotations

import math

import numpy as np

from chipsim.errors import MappingError
from nsn_mapping.problem import Problem


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
        f"{problem.cores} that work; allowed per core are {problem.max_neurons} of {limits.neurons} neurons, {axons} axons and "
        f"{problem.max_bits} of {limits.memory_bits} memory bits (mapping.fill {problem.fill}); use a chip with more cores or "
        "larger ones, learn fewer symbols (workload.learned), raise mapping.fill towards 1, or try another mapping.partitioner"
    )

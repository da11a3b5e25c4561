"""What every core of a mapping holds, computed at one go from the arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nsn_mapping.problem import Problem

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Account:
    """What the cores hold.

    Attributes:
        neurons, axons, bits: int64[cores].
        net, reader: int64[rows], every (net, core that holds its axon), sorted by net, then core.
    """

    neurons: Ints
    axons: Ints
    bits: Ints
    net: Ints
    reader: Ints


def core_account(problem: Problem, core: npt.NDArray[np.int32]) -> Account:
    """Count neurons, axons and memory bits (with forwarding lists and the share kept for keyed entries) per core.

    Args:
        problem: the network.
        core: int32[neurons], core of each neuron.
    """
    cores = problem.cores
    pin_net = np.repeat(np.arange(len(problem.net_owner), dtype=np.int64), np.diff(problem.pin_start))
    touched = np.unique(pin_net * cores + core[problem.pins])
    net, reader = touched // cores, touched % cores
    neurons = np.bincount(core, minlength=cores).astype(np.int64)
    axons = np.bincount(reader, minlength=cores).astype(np.int64)
    bits = np.full(cores, problem.reserved_bits, dtype=np.int64)
    np.add.at(bits, core, problem.own_bits)
    bits += axons * problem.axon_bits
    owner = problem.net_owner[net]
    np.add.at(bits, core[owner[owner >= 0]], problem.forward_bits)
    if problem.match == "keyed":
        axons = np.zeros(cores, dtype=np.int64)
    return Account(neurons, axons, bits, net, reader)


def largest_shares(problem: Problem, core: npt.NDArray[np.int32]) -> dict[str, float]:
    """The largest share of a core's limits that is used: of neurons, axons (0 without a limit) and memory."""
    account, limits = core_account(problem, core), problem.limits
    return {
        "max_core_fill": float(account.neurons.max(initial=0) / limits.neurons),
        "max_axon_fill": 0.0 if limits.axons is None else float(account.axons.max(initial=0) / limits.axons),
        "max_memory_fill": float(account.bits.max(initial=0) / limits.memory_bits),
    }

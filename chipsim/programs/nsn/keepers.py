"""Which cores keep the episode records, before the first event and at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.network import END_EPISODE
from chipsim.programs.nsn.state import Constants

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the records of a plan are.

    Attributes:
        record: int64[rows, 4]: core, then id, class or time, and flags.
        keepers: int64[keepers], their cores, each behind the one before it.
        server: int64[regions], cores that each slot server has named as keepers.
    """

    record: Ints
    keepers: Ints
    server: Ints


def place_records(K: Constants, rows: Ints, server_core: Ints, used: Ints) -> Placed:
    """Give records that are there before the first event to the keepers that would have them, had they come one by one.

    Args:
        K: constants of the run.
        rows: int64[rows, 3] as in ``image.Memory``.
        server_core: int64[regions, cores] in the order of growth, -1 beyond.
        used: int64[cores] bits, without those of records; what they take is added.
    """
    working = set(K.home)
    server = np.array([_trailing(row[row >= 0].tolist(), working) for row in server_core], np.int64)
    first = K.root_core[K.layers + 1]
    further = _further(K, server_core, server)
    chain, where, begins = [first], np.zeros(len(rows), np.int64), True
    for n, flags in enumerate(rows[:, 2].tolist()):
        bits = K.bits_first if begins else K.bits_record
        begins = bool(flags & END_EPISODE)
        while used[chain[-1]] + bits > K.growth_bits:
            core = next((c for c in further if used[c] + bits + K.bits_core <= K.growth_bits), None)
            if core is None:  # the plan will be refused for what the first one would have to hold
                core = first
                used[first] += bits * (len(rows) - n)
                chain.append(first)
                break
            used[core] += K.bits_core
            chain.append(core)
        used[chain[-1]] += bits
        where[n] = chain[-1]
    return Placed(np.column_stack([where, rows]).astype(np.int64), np.array(chain, np.int64), server)


def _trailing(cores: list[int], working: set[int]) -> int:
    """Cores at the end of a region's order of growth that do not work."""
    size = len(cores)
    while size and cores[size - 1] not in working:
        size -= 1
    return len(cores) - size


def _further(K: Constants, server_core: Ints, server: Ints) -> Iterator[int]:
    """Cores in the order in which slot servers name them; ``server`` is counted up."""
    for n in range(K.regions):
        region = (K.root_region[K.layers + 1] + n) % K.regions
        cores = [core for core in server_core[region].tolist() if core >= 0]
        while server[region] < len(cores):
            core = cores[len(cores) - 1 - int(server[region])]
            server[region] += 1
            if core != K.root_core[K.layers + 1]:
                yield core


def chain_of(first: int, last: int, before: Mapping[int, int]) -> list[int]:
    """The keepers from the first to the last; ``before`` has the one before each further one."""
    chain = [last]
    while chain[-1] != first:
        chain.append(before[chain[-1]])
    return chain[::-1]

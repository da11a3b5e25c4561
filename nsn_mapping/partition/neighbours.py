"""Partitions of stored networks by neighbourhood expansion: full cores that share as many axons as they can.

What an axon access costs is the number of cores that hold its axon. In networks that were learned from texts a few axons make most of the
axon accesses, and their readers are on nearly every core of their layer; what helps is to have few such cores, filled to their limits. An
axon is priced by the fourth root of its accesses: with equal prices rare axons count too much, with the accesses themselves the cores run
out of axons half empty. Several prices and orders of seeds are tried, and the cheapest partition is kept.

Measured with 32 KiB, 512 neurons and 512 axons a core, fill 0.9, on axon accesses that the golden model counted in the 8,000 characters that
follow (cores that an axon access reaches; cores used):

    learned                           in order      default       quality
    100,000 characters of a play      9.97, 38      7.23, 38      7.23, 38
    135,000 characters of a novel    10.37, 50      7.20, 47      7.17, 47
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from nsn_mapping.partition.possible import too_few_cores
from nsn_mapping.partition.table import Table, close_gaps, expand, insert, merge, new_table, recreate, repair, result, take_over
from nsn_mapping.problem import Problem

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

_SCALE = 64
"""Price of an axon that is read once."""

_ROUNDS = 2_000
_EMPTIED = 5
_TRIED = 200_000
"""Neurons up to which more than one expansion is tried."""

_LARGEST_RECREATED = 200_000
"""Neurons up to which ``quality`` empties and refills cores: one round takes as long as a few cores have pins."""


def partition(problem: Problem, seed: int) -> Words:
    """Partition with the best of a few expansions.

    Args:
        problem: the network and what a core can hold.
        seed: not used, there is nothing random in it.

    Returns:
        int32[neurons], parts 0..parts-1, every one within the caps.

    Raises:
        MappingError: the network does not fit the chip.
    """
    del seed
    return result(_best(problem, 4))


def partition_best(problem: Problem, seed: int) -> Words:
    """Partition with the best of more expansions, then empty and refill cores that share axons for some seconds.

    Args:
        problem: the network and what a core can hold.
        seed: of the choice of cores.

    Returns:
        int32[neurons], parts 0..parts-1, every one within the caps.

    Raises:
        MappingError: the network does not fit the chip.
    """
    table = _best(problem, 12)
    if table.used > 1 and len(problem) <= _LARGEST_RECREATED:
        close_gaps(table)
        recreate(table, _prices(problem)[0], min(_ROUNDS, len(problem) // 4), _EMPTIED, seed)
        merge(table)
        _insert(table)
    return result(table)


def _best(problem: Problem, tries: int) -> Table:
    table = new_table(problem)
    if not len(problem):
        return table
    best: Words | None = None
    least = 0
    group = (problem.layer.max() - problem.layer).astype(np.int32)
    for (price, seeds), _ in zip(_attempts(problem, group), range(tries if len(problem) <= _TRIED else 1), strict=False):
        take_over(table, np.full(len(problem), table.limbo, np.int32))
        if not expand(table, price, seeds, group):
            continue
        if table.used > problem.cores:
            merge(table)
        if table.used <= problem.cores and (best is None or table.cost < least):
            best, least = table.label.copy(), table.cost
    if best is None:
        raise too_few_cores(problem, problem.cores + 1, "the partition that was found")
    take_over(table, best)
    repair(table)
    merge(table)
    _insert(table)
    return table


def _insert(table: Table) -> None:
    # A neuron that reads nothing costs its own core no axon: it may sit with those that read it.
    insert(table, np.diff(table.nets.net_start) == 0)


def _prices(problem: Problem) -> list[Ints]:
    pins = np.diff(problem.pin_start)
    accesses = _SCALE * np.sqrt(np.sqrt(1.0 + problem.net_weight))
    readers = _SCALE * np.sqrt(np.sqrt(np.maximum(1, pins)))
    return [price.astype(np.int64) for price in (accesses, readers, np.sqrt(_SCALE * accesses), np.sqrt(accesses * readers))]


def _attempts(problem: Problem, group: Words) -> Iterator[tuple[Ints, Words]]:
    """Prices of axons, and seeds: those that name what is read most, least, or in the order of creation."""
    pins = np.diff(problem.pin_start)
    number = np.arange(len(problem))
    heat = np.zeros(len(problem), np.int64)
    np.add.at(heat, problem.pins, np.repeat(problem.net_weight, pins))
    share = heat / np.maximum(1, problem.own_bits)
    for keys in (share, -share), (number,):
        for price in _prices(problem):
            for key in keys:
                yield price, np.lexsort((number, key, group)).astype(np.int32)

"""The partition of a stored network in the making: steps that partitioners are put together from, each with all limits of a core.

There are twice as many parts as the chip has cores, and one for each layer, since parts come about on the way that are merged at the end;
and one more, the limbo, which holds what has no part and knows no limits.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.errors import MappingError
from nsn_mapping.partition.expand import Growth, new_growth
from nsn_mapping.partition.pins import Nets, Parts, Words, as_nets, empty_parts
from nsn_mapping.partition.possible import check_possible, too_few_cores
from nsn_mapping.partition.recreate import new_ruin
from nsn_mapping.problem import Problem, to_hypergraph
from nsn_mapping.xorshift import new_state

Ints = npt.NDArray[np.int64]

log = logging.getLogger(__name__)

_ROUNDS = 8

_SHARES = (64, 64, 63, 62, 61, 60, 56, 48, 32)
"""64ths of its memory that a part may keep, round by round of repair: where nothing fits anywhere any more, because the forwarding lists of
full parts would have to grow for it, these parts give up more."""


@dataclass(frozen=True, slots=True)
class Table:
    """A partition and what it is counted with.

    Attributes:
        problem: the network.
        nets, parts: its nets and the partition as kernels see them; ``parts`` changes.
    """

    problem: Problem
    nets: Nets
    parts: Parts

    @property
    def limbo(self) -> int:
        """Number of the part that holds what has no part."""
        return len(self.parts.held) - 1

    @property
    def label(self) -> Words:
        """int32[neurons], the part of each now."""
        return self.parts.part

    @property
    def used(self) -> int:
        """Parts that hold neurons."""
        return int(np.count_nonzero(self.parts.held[: self.limbo]))

    @property
    def cost(self) -> int:
        """Sum over axons of axon accesses x parts that hold them, the own one of the lower neuron too."""
        return int(self.nets.weight @ self.parts.spread.astype(np.int64))


def new_table(problem: Problem) -> Table:
    """A table with every neuron in limbo.

    Raises:
        MappingError: no partition can hold the network.
    """
    check_possible(problem)
    h, caps = to_hypergraph(problem)
    nets = as_nets(h, caps)
    table = Table(problem, nets, empty_parts(nets, caps, 2 * problem.cores + len(np.unique(problem.layer)) + 1))
    take_over(table, np.full(len(problem), table.limbo, np.int32))
    return table


def take_over(table: Table, label: npt.NDArray[np.integer[Any]]) -> None:
    """Count a partition, whatever was there before; limits may be broken.

    Args:
        table: changed in place.
        label: int[neurons], 0 and up; what is not below ``limbo`` goes there.
    """
    within = np.minimum(label, table.limbo).astype(np.int32)
    _kernels("pins", "count").count(table.nets, table.parts, within)


def expand(table: Table, price: Ints, seeds: Words, group: Words, seed: int = 0) -> bool:
    """Fill empty parts with all that is in limbo by neighbourhood expansion; returns whether there were enough parts.

    Args:
        table: changed in place.
        price: int64[axons], what an axon costs that a part does not hold.
        seeds: int32[neurons], by group, and within a group those first that parts are to grow from.
        group: int32[neurons], groups in the order in which they are placed.
        seed: of the random numbers.
    """
    growth = new_growth(table.nets, price, group, new_state(seed))
    return bool(_kernels("expand", "expand_all").expand_all(table.nets, table.parts, growth, seeds, table.limbo))


def stream(table: Table, order: Words) -> bool:
    """Take neurons out of limbo one by one, each to the part that it shares most with; returns whether there were enough parts.

    Args:
        table: changed in place.
        order: int32[neurons], each once.
    """
    return bool(_kernels("repair", "stream").stream(table.nets, table.parts, order, table.limbo))


def top_down(problem: Problem) -> Words:
    """int32[neurons], the highest layer first: what reads a neuron comes before it, and its forwarding lists are then as long as they get."""
    return np.lexsort((np.arange(len(problem)), -problem.layer)).astype(np.int32)


def repair(table: Table) -> None:
    """Move neurons until no part is over a limit and there are no more parts than cores; nothing stays in limbo.

    A partition that cannot be kept, since forwarding lists that are full hold each other, is given up for one in a single pass.

    Args:
        table: changed in place.

    Raises:
        MappingError: no way was found to do with the cores of the chip.
    """
    problem, nets, parts = table.problem, table.nets, table.parts
    kernels = _kernels("repair", "burden", "evict", "house")
    axons, entries = (np.zeros(len(problem), np.int32) for _ in range(2))
    number = np.arange(len(problem), dtype=np.int32)
    price, group = np.ones(len(nets.source), np.int64), np.zeros(len(problem), np.int32)
    for share in _SHARES:
        kernels.burden(nets, parts, axons, entries)
        cost = axons.astype(np.int64) * max(1, problem.axon_bits) + entries.astype(np.int64) * problem.forward_bits
        order = np.lexsort((-number, -cost)).astype(np.int32)
        if not kernels.evict(nets, parts, order, table.limbo, share) and not parts.held[table.limbo]:
            break
        housed = not kernels.house(nets, parts, order[::-1].copy(), table.limbo) or expand(table, price, number, group)
        if not housed and table.used == table.limbo:
            merge(table)  # gives parts back
    if parts.held[table.limbo]:
        log.info("repair: the partition could not be kept, all %d neurons are placed anew", len(problem))
        take_over(table, np.full(len(problem), table.limbo, np.int32))
        if not stream(table, top_down(problem)):
            raise too_few_cores(problem, problem.cores + 1, "the partition that was found")
    if table.used > problem.cores:
        merge(table)
    if table.used > problem.cores:
        raise too_few_cores(problem, table.used, "the partition that was found")
    _refuse_over(table)


def merge(table: Table) -> None:
    """Empty small parts into others with room for all of them, those first that have most to do with them.

    Args:
        table: changed in place; emptied parts stay as holes.
    """
    nets, parts = table.nets, table.parts
    kernels = _kernels("merge", "pulls", "merge")
    pull, shared = np.zeros(table.limbo, np.int64), np.zeros(table.limbo, np.int64)
    stamp = np.zeros(len(nets.source), np.int64)
    number = np.arange(table.limbo)
    problem = table.problem
    for small in np.lexsort((number, parts.bits[: table.limbo])):
        # Of two parts that go together one takes at most about half of a core.
        if not parts.held[small] or 2 * parts.held[small] > problem.max_neurons or 5 * parts.bits[small] > 3 * problem.max_bits:
            continue
        members = np.flatnonzero(parts.part == small).astype(np.int32)
        kernels.pulls(nets, parts, members, table.limbo, pull, shared, stamp)
        order = np.lexsort((number, -parts.bits[: table.limbo], -pull)).astype(np.int32)
        kernels.merge(nets, parts, members, order, shared)


def insert(table: Table, which: npt.NDArray[np.bool_], own_free: bool = True) -> None:
    """Move single neurons to where most of what they send and read is, as long as limits are kept.

    Args:
        table: changed in place.
        which: bool[neurons], those that may move.
        own_free: whether an axon access within one core costs nothing.
    """
    order = np.flatnonzero(which).astype(np.int32)
    told = table.nets
    if not own_free:
        nobody, none = np.full_like(told.source, -1), np.zeros_like(told.own_start)
        told = told._replace(source=nobody, own_start=none, own=told.own[:0])
    improve = _kernels("repair", "improve").improve
    for _ in range(_ROUNDS):
        if not improve(table.nets, told, table.parts, order):
            return


def recreate(table: Table, price: Ints, rounds: int, most: int, seed: int) -> int:
    """Empty a few parts that share axons and fill them anew, again and again; returns what ``cost`` fell by.

    Args:
        table: without gaps: parts 0 to ``used`` - 1 hold all neurons; changed in place.
        price: int64[axons], what an axon costs that a part does not hold.
        rounds: how often.
        most: parts emptied at once, at most.
        seed: of the random numbers.
    """
    growth: Growth = new_growth(table.nets, price, np.zeros(len(table.problem), np.int32), new_state(seed))
    ruin = new_ruin(table.nets, table.limbo + 1, table.problem.max_neurons)
    scratch = np.zeros(len(table.problem), np.int32)
    kernel = _kernels("recreate", "recreate").recreate
    return int(kernel(table.nets, table.parts, growth, ruin, scratch, table.used, table.limbo, rounds, most))


def close_gaps(table: Table) -> None:
    """Number the parts that hold neurons 0, 1, ... in their order.

    Args:
        table: changed in place.
    """
    take_over(table, result(table))


def result(table: Table) -> npt.NDArray[np.int32]:
    """int32[neurons], parts renumbered without holes, in the old order; empty parts vanish."""
    used = np.unique(table.label)
    return np.searchsorted(used, table.label).astype(np.int32)


def _refuse_over(table: Table) -> None:
    problem, parts = table.problem, table.parts
    over = parts.bits > problem.max_bits
    over[table.limbo] = False
    for part in np.flatnonzero(over).tolist():
        neuron = int(np.flatnonzero(parts.part == part)[0])
        own = table.nets.own_start
        reach = int(parts.spread[table.nets.own[own[neuron] : own[neuron + 1]]].sum())
        raise MappingError(
            f"mapping: a part holds {parts.bits[part]} memory bits, allowed are {problem.max_bits}: neuron {neuron} alone has "
            f"forwarding lists of {reach} members, as many cores hold its readers; raise core.memory or "
            "core.neurons, learn fewer symbols (workload.learned), or set workload.match=keyed"
        )


def _kernels(module: str, *entries: str) -> Any:
    return jit.load(f"nsn_mapping.partition.{module}", entries=entries)

"""Compaction of one layer: what it reads is counted pair by pair, and what occurs together becomes vectors.

The rules are in ``docs/nsn.md``, *Sleep*. Here an item of a layer is known by two codes, one for (id, 0), by which a vector begins, and one
for (id, class of the interval before it), by which it goes on; a *unit* is a neuron of the layer, by number, or ``~code`` of an item alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.network.rules import MAX_PAIRS, NsnRules

Ints = npt.NDArray[np.int64]
Codes = tuple[int, ...]
"""A flat vector: the code of its first pair, then those of the others."""

Digram = tuple[int, int, int]
"""Two neighbouring units and the code by which the first item of the second goes on."""

_NEURON = -1
"""Key of a node at which a vector is complete."""


@dataclass(frozen=True, slots=True)
class Items:
    """What a layer reads: the items of all stored episodes, one after the other.

    Attributes:
        id: int64[items].
        start, end: int64[items], event time of the first and the last thing that each stands for.
        begins: bool[items], the first of its episode.
    """

    id: Ints
    start: Ints
    end: Ints
    begins: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reading:
    """A layer's input, cut into units.

    Attributes:
        units: what each unit is.
        starts: number of the item that each begins with.
    """

    units: list[int]
    starts: list[int]

    def uses(self) -> Counter[int]:
        """How often each neuron fires."""
        return Counter(unit for unit in self.units if unit >= 0)


@dataclass(slots=True)
class SleepingLayer:
    """A layer that is being compacted.

    Attributes:
        pairs: (id, class) of each code.
        head, tail: of each item, the codes by which a vector begins and goes on with it.
        joined: of each item, whether a vector may go on to it from the item before.
        vectors: neurons by number, in the order in which they were made.
    """

    pairs: list[tuple[int, int]]
    head: list[int]
    tail: list[int]
    joined: list[bool]
    vectors: dict[int, Codes] = field(default_factory=dict)
    _made: int = 0
    _known: set[Codes] = field(default_factory=set)
    _root: dict[int, Any] = field(default_factory=dict)

    def read(self) -> Reading:
        """Cut the input from left to right: the longest vector that begins at an item, or else the item alone."""
        head, tail, joined, root = self.head, self.tail, self.joined, self._root
        units: list[int] = []
        starts: list[int] = []
        at, items = 0, len(head)
        while at < items:
            unit, end, ahead = ~head[at], at + 1, at + 1
            node = root.get(head[at])
            while node is not None:
                found = node.get(_NEURON)
                if found is not None:
                    unit, end = found, ahead
                if ahead == items or not joined[ahead]:
                    break
                node = node.get(tail[ahead])
                ahead += 1
            units.append(unit)
            starts.append(at)
            at = end
        return Reading(units, starts)

    def count(self, reading: Reading) -> dict[Digram, int]:
        """How often two units follow each other that have at most eight pairs together; in a run of three alike, once.

        In the order of the first place at which each was counted.
        """
        tail, joined = self.tail, self.joined
        size = {unit: len(codes) for unit, codes in self.vectors.items()}
        counts: dict[Digram, int] = {}
        left, before, room = 0, None, 0
        for unit, start in zip(reading.units, reading.starts, strict=True):
            pairs = size.get(unit, 1)
            digram = None
            if joined[start] and pairs <= room:
                digram = left, unit, tail[start]
                if digram == before:
                    digram = None  # it overlaps the one that was counted last
                else:
                    counts[digram] = counts.get(digram, 0) + 1
            left, before, room = unit, digram, MAX_PAIRS - pairs
        return counts

    def grow(self, counts: dict[Digram, int], threshold: int) -> None:
        """Make vectors of what occurs often enough, the most frequent first, among equals what was counted first."""
        often = sorted((digram for digram, count in counts.items() if count >= threshold), key=lambda digram: -counts[digram])
        for left, right, code in often:
            codes = (*self._flat(left), code, *self._flat(right)[1:])
            if codes not in self._known:
                self._known.add(codes)
                self._enter(self._made, codes)
                self.vectors[self._made] = codes
                self._made += 1

    def free(self, numbers: Iterable[int]) -> None:
        """Forget neurons."""
        for number in numbers:
            self._known.discard(self.vectors.pop(number))
        self._root = {}
        for number, codes in self.vectors.items():
            self._enter(number, codes)

    def vector(self, number: int) -> tuple[tuple[int, int], ...]:
        """A neuron's pairs (id, class)."""
        return tuple(self.pairs[code] for code in self.vectors[number])

    def _flat(self, unit: int) -> Codes:
        return self.vectors[unit] if unit >= 0 else (~unit,)

    def _enter(self, number: int, codes: Codes) -> None:
        node = self._root
        for code in codes:
            node = node.setdefault(code, {})
        node[_NEURON] = number


def fall_asleep(items: Items, rules: NsnRules) -> SleepingLayer:
    """A layer without neurons, and what it reads.

    Args:
        items: its input.
        rules: of its intervals and of the gaps that nothing joins.
    """
    gap = gaps_of(items, rules)
    joined = ~items.begins
    if rules.max_gap:
        joined &= gap <= rules.max_gap
    ids, name = np.unique(items.id, return_inverse=True)
    classes = classes_of(gap, rules)
    width = int(classes.max(initial=0)) + 1
    both = np.concatenate((name * width, name * width + classes))
    keys, code = np.unique(both, return_inverse=True)
    pairs = list(zip(ids[keys // width].tolist(), (keys % width).tolist(), strict=True))
    return SleepingLayer(pairs, code[: len(name)].tolist(), code[len(name) :].tolist(), joined.tolist())


def gaps_of(items: Items, rules: NsnRules) -> Ints:
    """int64[items], the interval before each item, 0 for the first of an episode."""
    gap = np.zeros(len(items.id), np.int64)
    gap[1:] = (items.start if rules.gaps >= 0 else items.end)[1:] - items.end[:-1]
    gap[items.begins] = 0
    return gap


def classes_of(gap: Ints, rules: NsnRules) -> Ints:
    """int64[gaps], class of each; floor(log2(1 + gap / unit)) is found without floats."""
    if rules.gaps < 0:
        return gap
    left = 1 + gap // rules.unit
    classes = np.zeros(len(gap), np.int64)
    for bit in (32, 16, 8, 4, 2, 1):
        longer = left >> bit > 0
        classes[longer] += bit
        left[longer] >>= bit
    return classes

"""Stored vectors that sum: which of those that begin with an item can still respond well enough, as the items behind it are presented.

Vectors that begin with the same id form a group, in which each has a bit. Of a group it is known, for every position, id and class, who has
that pair; and a probe keeps, for every number of misses, who has missed no more pairs than that. So a presented item costs a few operations
on whole groups, however many vectors are in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chipsim.network.rules import MAX_PAIRS, NsnRules
from workloads.nsn.choice import Candidate, Pair

LENGTHS = range(2, MAX_PAIRS + 1)
"""Pairs of a vector of a layer that sums."""

NOBODY: dict[int, int] = {}


class Sums:
    """What the rules say of vectors of k pairs.

    Attributes:
        tolerance: by how much the class of a pair that matches may be off.
        spare: by k, pairs that may be missed.
        misses: the most that any vector may miss.
        reach: by position and the horizon answered there, the last position that the probe goes on to because of it.
    """

    def __init__(self, rules: NsnRules) -> None:
        self.tolerance = rules.tolerance
        self.spare = [max(0, k - least) for k, least in enumerate(rules.least)]
        self.misses = max(self.spare[k] for k in LENGTHS)
        self.reach = [
            [min(horizon - 1, position + 1 + self.spare[horizon]) for horizon in range(MAX_PAIRS + 1)]
            for position in range(MAX_PAIRS)
        ]

    def matches(self, stored: Pair, read: Pair) -> bool:
        """Whether a pair behind the first one counts for the response."""
        return stored[0] == read[0] and abs(stored[1] - read[1]) <= self.tolerance

    def candidate(self, ordinal: int, pairs: Sequence[Pair], read: Sequence[Pair]) -> Candidate:
        """A complete vector, weighed against what was read: at least as many pairs."""
        if pairs == read[: len(pairs)]:
            return Candidate(ordinal, len(pairs), 0)
        missed = off = 0
        for stored, seen in zip(pairs, read, strict=False):
            if stored != seen:
                if self.matches(stored, seen):
                    off += 1
                else:
                    missed += 1
        return Candidate(ordinal, len(pairs) - missed, 2 * missed + off)

    def differences(self, pairs: Sequence[Pair], read: Sequence[Pair]) -> Iterator[tuple[int, int, int]]:
        """What a winner does not say of the pairs that it stands for: position, id, and class as read; id -1 where the class alone is off."""
        for position, (stored, seen) in enumerate(zip(pairs, read, strict=True)):
            if stored != seen:
                yield position, -1 if self.matches(stored, seen) else seen[0], seen[1]


class Group:
    """Vectors of one layer that begin with the same id. In a mask, bit b stands for the b-th of them.

    Attributes:
        ordinals: of the neurons.
        longest: the most pairs of one of them.
        at: by position, id and class, who has that pair.
        of_length: by number of pairs, who has so many.
        may_miss: by number of pairs, who may miss as many.
    """

    __slots__ = ("_fresh", "at", "longest", "may_miss", "of_length", "ordinals", "sums")

    def __init__(self, sums: Sums) -> None:
        self.sums = sums
        self.ordinals: list[int] = []
        self.longest = 0
        self.at: list[dict[int, dict[int, int]]] = []
        self.of_length = [0] * (MAX_PAIRS + 1)
        self.may_miss = [0] * (sums.misses + 1)
        self._fresh: list[Sequence[Pair]] = []

    def add(self, ordinal: int, pairs: Sequence[Pair]) -> None:
        """Take up a vector that begins with the id of the group; what it has where is noted when that is asked for the first time."""
        self.ordinals.append(ordinal)
        self.longest = max(self.longest, len(pairs))
        self._fresh.append(pairs)

    def probe(self) -> Probe:
        """A probe to which the item with that id has been presented."""
        if self._fresh:
            self._note()
        return Probe(self)

    def _note(self) -> None:
        self.at += [{} for _ in range(self.longest - len(self.at))]
        first = len(self.ordinals) - len(self._fresh)
        for number, pairs in enumerate(self._fresh, first):
            bit, length = 1 << number, len(pairs)
            self.of_length[length] |= bit
            for misses in range(self.sums.spare[length] + 1):
                self.may_miss[misses] |= bit
            for position in range(1, length):
                lower, cls = pairs[position]
                classes = self.at[position].setdefault(lower, {})
                classes[cls] = classes.get(cls, 0) | bit
        self._fresh.clear()


class Probe:
    """A probe under way.

    Attributes:
        reach: the last position that an item has to be presented at, as far as is known.
        complete: numbers of pairs, and masks of the vectors of the group of so many that are candidates.
    """

    __slots__ = ("_group", "_within", "complete", "reach")

    def __init__(self, group: Group) -> None:
        self._group = group
        self._within = [group.may_miss[0]] * len(group.may_miss)  # by number of misses: who has missed no more
        self.reach = group.sums.reach[0][group.longest]
        self.complete: list[tuple[int, int]] = []

    def present(self, position: int, lower: int, cls: int) -> None:
        """The item at the next position, 1 to ``reach``."""
        group, within = self._group, self._within
        tolerance = group.sums.tolerance
        matching = 0
        for stored, who in group.at[position].get(lower, NOBODY).items():
            if -tolerance <= stored - cls <= tolerance:
                matching |= who
        if not matching:
            within.insert(0, 0)
            within.pop()
            return
        able = within[0] & matching
        for misses in range(len(within) - 1, 0, -1):
            within[misses] = within[misses] & matching | within[misses - 1]
            able |= within[misses] & group.may_miss[misses]
        within[0] &= matching
        able &= matching
        if not able:
            return
        done = able & group.of_length[position + 1]
        if done:
            self.complete.append((position + 1, done))
        reach = group.sums.reach[position]
        for horizon in range(group.longest, position + 1, -1):
            if reach[horizon] <= self.reach:
                break
            if able & group.of_length[horizon]:
                self.reach = reach[horizon]
                break

    def ordinals(self) -> Iterator[int]:
        """Neurons of the candidates."""
        for _, who in self.complete:
            while who:
                lowest = who & -who
                yield self._group.ordinals[lowest.bit_length() - 1]
                who ^= lowest

"""How the golden model chooses among the stored vectors that are complete at one start, and what it counts of such choices.

The chip's tree of answers has the same key in a code of its own; both are written from ``docs/nsn.md``.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

Pair = tuple[int, int]
"""(id on the layer below, interval class)."""

UPTO = (1, 2, 4, 8)
"""Choices are counted by their candidates: up to so many, or more."""

NAMES = ("1", "2", "3-4", "5-8", "9+")

LEVELS = ("residual", "primed", "response", "count", "age")
"""Components of the key, in their order; age is the first event time or else the ordinal."""


class Stored(Protocol):
    """A stored vector, how often it fired and when first."""

    pairs: tuple[Pair, ...]
    count: int
    first: int


class Candidate(NamedTuple):
    """A stored vector that is complete at a start.

    Attributes:
        ordinal: of the neuron.
        response: pairs that match.
        words: what has to be kept for the input to be told again: 2 words per pair that does not match, 1 per class that is off.
    """

    ordinal: int
    response: int
    words: int


Key = tuple[int, bool, int, int, tuple[int, int]]


def key_of(candidate: Candidate, neuron: Stored, primed: bool) -> Key:
    """The larger, the better; a component for each of ``LEVELS``."""
    ordinal, response, words = candidate
    return -words, primed, response, neuron.count, (-neuron.first, -ordinal)


@dataclass(slots=True)
class Choices:
    """Segments that a stored vector won, counted.

    Attributes:
        without_others: those with one candidate.
        candidates: the others by the number of candidates, in the bins of ``NAMES``.
        apart: the same, of those in which no candidate begins another.
        decided_by: of those with several candidates, by the first component of the key in which the winner differs from the best of the
            others, as in ``LEVELS``.
    """

    without_others: int = 0
    candidates: list[int] = field(default_factory=lambda: [0] * len(NAMES))
    apart: list[int] = field(default_factory=lambda: [0] * len(NAMES))
    decided_by: list[int] = field(default_factory=lambda: [0] * len(LEVELS))

    def choose(self, candidates: Sequence[Candidate], neurons: Sequence[Stored], primed: Set[int], *, counting: bool) -> int:
        """The best candidate, counted if asked for.

        Args:
            candidates: at least two.
            neurons: of the layer, by ordinal.
            primed: ordinals of those that are expected.
            counting: count this choice.

        Returns:
            The ordinal of the winner.
        """
        ranked = sorted((key_of(one, neurons[one.ordinal], one.ordinal in primed), one.ordinal) for one in candidates)
        (second, _), (best, winner) = ranked[-2:]
        if counting:
            several = sum(len(candidates) > most for most in UPTO)
            self.candidates[several] += 1
            self.apart[several] += not any_begins_another([neurons[one.ordinal].pairs for one in candidates])
            self.decided_by[[a == b for a, b in zip(best, second, strict=True)].index(False)] += 1
        return winner

    def _with_one(self, several: list[int]) -> dict[str, int]:
        return dict(zip(NAMES, [self.without_others, *several[1:]], strict=True))

    def summary(self) -> dict[str, dict[str, int]]:
        """By name."""
        return {
            "candidates": self._with_one(self.candidates),
            "candidates_apart": self._with_one(self.apart),
            "decided_by": dict(zip(LEVELS, self.decided_by, strict=True)),
        }


def any_begins_another(vectors: Sequence[tuple[Pair, ...]]) -> bool:
    """Whether some vector is a beginning of another one."""
    beginnings = {vector[:k] for vector in vectors for k in range(1, len(vector))}
    return any(vector in beginnings for vector in vectors)

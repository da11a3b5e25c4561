"""The named rules by which an NSN reads, classes intervals, and cuts; the same object drives the golden model and the chip."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from chipsim.network.stimulus import END_EPISODE, Stimulus

UNIT, CUT, COVER, PASS = 0, 1, 2, 3
"""How a layer cuts its input into segments: every item (layer 0), where the data says so (events of fields), by `cover`, or by `pass`.

Those from ``COVER`` on find segments by probing.
"""

EXACT, LOG2 = 0, 1
"""How an interval becomes a class: itself, or floor(log2(1 + interval / unit))."""

MAX_PAIRS = 8
"""A vector holds 1 to 8 pairs (IN6)."""

NO_TIME = -(1 << 62)
"""Instead of an event time: there is none."""

ALL_PAIRS = tuple(range(MAX_PAIRS + 1))
"""Of vectors of k pairs, 0 to 8: every pair has to match."""

MAX_EPISODE = 4096
"""Items per episode at most: the seed's "4k" read as 4096 (IN8, IN9)."""


@dataclass(frozen=True, slots=True)
class NsnRules:
    """Rules of one network.

    Attributes:
        reading: per layer 0..L how it cuts its input.
        interval: ``EXACT`` or ``LOG2``, for the layers that read by `cover` or `pass`. Exact intervals run from the end of an item to the
            end of the next one, the others from its end to the start of the next one.
        unit: unit of the logarithmic classes, in units of event time.
        max_gap: a longer interval ends a segment; 0 means no limit.
        summing: vectors sum what matches, and compete; without it a vector has to match in all of its pairs. Layers that are read by
            `unit` or `cut` are exact in any case.
        least: by k, how many pairs of a vector have to match, where vectors sum (``least_of``).
        tolerance: by how much the class of a pair that matches may be off, where vectors sum.
    """

    reading: tuple[int, ...]
    interval: int = EXACT
    unit: int = 1
    max_gap: int = 0
    summing: bool = False
    least: tuple[int, ...] = ALL_PAIRS
    tolerance: int = 0

    @property
    def layers(self) -> int:
        """Pattern layers L; neurons live on layers 0..L."""
        return len(self.reading) - 1

    @property
    def gaps(self) -> int:
        """The layer whose root keeps what classes leave out of the gaps between its items: the first that reads by `cover` or `pass`;
        -1 where intervals are exact, or no layer does: then those of the episode records are exact.
        """
        if self.interval == EXACT:
            return -1
        return next((layer for layer, how in enumerate(self.reading) if how in (COVER, PASS)), -1)

    @property
    def sums(self) -> tuple[bool, ...]:
        """Per layer 0..L whether its vectors sum what matches, and compete."""
        return tuple(self.summing and reading in (COVER, PASS) for reading in self.reading)

    @property
    def misses(self) -> bool:
        """Whether a pair of a vector may be missed."""
        return self.summing and any(least < k for k, least in enumerate(self.least))

    @property
    def strays(self) -> bool:
        """Whether the class of a pair that matches may be off."""
        return self.summing and self.tolerance > 0


def least_of(threshold: Fraction) -> tuple[int, ...]:
    """Pairs that have to match of a vector of k, for k = 0 to 8: ceil(threshold k)."""
    return tuple(-(-threshold.numerator * k // threshold.denominator) for k in range(MAX_PAIRS + 1))


def passing(rules: NsnRules) -> NsnRules:
    """The same rules with `pass` below the last layer: nothing grows there but by compaction, and what is unknown passes up item by item."""
    below, last = rules.reading[:-1], rules.reading[-1:]
    return replace(rules, reading=(*(PASS if reading == COVER else reading for reading in below), *last))


def longest_interval(rules: NsnRules, stimulus: Stimulus) -> int:
    """Largest interval class that the network can come to store: the longest episode's span, if intervals are exact."""
    if rules.gaps >= 0 or not len(stimulus):
        return 0
    ends = np.flatnonzero(stimulus.flags & END_EPISODE)
    starts = np.concatenate([[0], ends[:-1] + 1])
    return int((stimulus.time[ends] - stimulus.time[starts]).max(initial=0))


def text_rules(layers: int, interval: int = EXACT, unit: int = 1, max_gap: int = 0) -> NsnRules:
    """Layer 0 holds characters, layer 1 already patterns."""
    return NsnRules((UNIT, *[COVER] * layers), interval, unit, max_gap)


def event_rules(layers: int, interval: int = LOG2, unit: int = 1, max_gap: int = 0) -> NsnRules:
    """Layer 0 holds field values, layer 1 events (cut by the data), patterns of events start at layer 2."""
    return NsnRules((UNIT, CUT, *[COVER] * (layers - 1)), interval, unit, max_gap)

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
        networks: recursive networks of each layer from 1 up, 0 to 5; scale: of their intervals, network r has units of ``scale`` to the r.
        delay: outputs of a layer after which what a network expected is heeded, at least 1.
        linked: the reading of networks goes on over the ends of episodes.
    """

    reading: tuple[int, ...]
    interval: int = EXACT
    unit: int = 1
    max_gap: int = 0
    summing: bool = False
    least: tuple[int, ...] = ALL_PAIRS
    tolerance: int = 0
    networks: int = 0
    scale: int = 4
    delay: int = 1
    linked: bool = False

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
        """By number of a layer whether its vectors sum what matches, and compete; those of recursive networks match exactly."""
        own = (self.summing and reading in (COVER, PASS) for reading in self.reading)
        return (*own, *[False] * (self.numbers - len(self.reading)))

    @property
    def misses(self) -> bool:
        """Whether a pair of a vector may be missed."""
        return self.summing and any(least < k for k, least in enumerate(self.least))

    @property
    def strays(self) -> bool:
        """Whether the class of a pair that matches may be off."""
        return self.summing and self.tolerance > 0

    @property
    def numbers(self) -> int:
        """One more than the highest number of a layer: 0..L, the record keeper's L + 1, then those of recursive networks."""
        return self.layers + 2 + self.layers * self.networks

    def network(self, layer: int, r: int) -> int:
        """Number, as a layer, of a recursive network of a layer from 1 up."""
        return self.layers + 2 + (layer - 1) * self.networks + r

    def read_by(self, number: int) -> int:
        """Number of the layer whose output one reads, which is -1 for layer 0."""
        first = self.layers + 2
        return number - 1 if number < first else 1 + (number - first) // self.networks

    def unit_of(self, number: int) -> int:
        """Unit of the interval classes of a layer or recursive network, in units of event time."""
        first, unit = self.layers + 2, self.unit if self.interval != EXACT else 1
        return unit if number < first else self.unit * self.scale ** ((number - first) % self.networks)


def least_of(threshold: Fraction) -> tuple[int, ...]:
    """Pairs that have to match of a vector of k, for k = 0 to 8: ceil(threshold k)."""
    return tuple(-(-threshold.numerator * k // threshold.denominator) for k in range(MAX_PAIRS + 1))


def passing(rules: NsnRules) -> NsnRules:
    """The same rules with `pass` below the last layer: nothing grows there but by compaction, and what is unknown passes up item by item."""
    below, last = rules.reading[:-1], rules.reading[-1:]
    return replace(rules, reading=(*(PASS if reading == COVER else reading for reading in below), *last))


def longest_interval(rules: NsnRules, stimulus: Stimulus) -> int:
    """Largest interval class that the network can come to store: the longest episode's span, if intervals are exact.

    Recursive networks that read on over the ends of episodes store intervals of two neighbouring ones.
    """
    if rules.gaps >= 0 or not len(stimulus):
        return 0
    ends = np.flatnonzero(stimulus.flags & END_EPISODE)
    starts = np.concatenate([[0], ends[:-1] + 1])
    if rules.linked:
        ends, starts = np.append(ends[1:], len(stimulus) - 1), starts[: max(1, len(ends))]
    return int((stimulus.time[ends] - stimulus.time[starts]).max(initial=0))


def text_rules(layers: int, interval: int = EXACT, unit: int = 1, max_gap: int = 0) -> NsnRules:
    """Layer 0 holds characters, layer 1 already patterns."""
    return NsnRules((UNIT, *[COVER] * layers), interval, unit, max_gap)


def event_rules(layers: int, interval: int = LOG2, unit: int = 1, max_gap: int = 0) -> NsnRules:
    """Layer 0 holds field values, layer 1 events (cut by the data), patterns of events start at layer 2."""
    return NsnRules((UNIT, CUT, *[COVER] * (layers - 1)), interval, unit, max_gap)

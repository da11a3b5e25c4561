"""When sources send: a packet per cycle and source with a probability, or that while a source is on.

Gaps between packets are drawn, so the work is that of the packets and not of the cycles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from workloads.synthetic.draw import Geometric, Ints, chance, geometric, streams, words

GAP, ON, OFF, FIRST = 0, 5, 6, 7
"""Purposes of draws."""

_CHUNK = 1 << 21
"""Draws in memory at a time."""

Arrivals = tuple[Ints, Ints, Ints]
"""int64[packets] each: source, cycle, and which packet of its source it is."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Sources that are on and off.

    Attributes:
        alpha: probability that one that is off goes on, each cycle.
        beta: probability that one that is on goes off.
    """

    alpha: Fraction
    beta: Fraction

    @property
    def share(self) -> Fraction:
        """Share of the time that a source is on."""
        return self.alpha / (self.alpha + self.beta)


def bernoulli(sources: Ints, probability: Fraction, cycles: int, seed: int) -> Iterator[Arrivals]:
    """Each source sends in each cycle with a probability.

    Args:
        sources: int64, who sends.
        probability: above 0, at most 1.
        cycles: of the run.
        seed: of the traffic.

    Yields:
        Packets of some of the sources; within a source in the order of sending.
    """
    gaps = geometric(probability, cycles)
    for some in _chunks(sources, _enough(cycles, probability)):
        row, cycle, number = _within(_until(gaps, streams(seed, GAP, some), _enough(cycles, probability), cycles), cycles)
        yield some[row], cycle, number


def bursty(sources: Ints, probability: Fraction, burst: Burst, cycles: int, seed: int) -> Iterator[Arrivals]:
    """As `bernoulli`, but only while a source is on, then with ``probability / burst.share``.

    A source begins on with probability ``burst.share``; times on and off have at least one cycle.

    Args:
        sources: int64, who sends.
        probability: per cycle on average; at most ``burst.share``.
        burst: how long sources are on and off.
        cycles: of the run.
        seed: of the traffic.
    """
    gaps = geometric(probability / burst.share, cycles)
    on, off = geometric(burst.beta, cycles), geometric(burst.alpha, cycles)
    periods = _enough(cycles, 1 / (1 / burst.alpha + 1 / burst.beta))
    for some in _chunks(sources, max(periods, _enough(cycles, probability))):
        first = words(streams(seed, FIRST, some), np.zeros(len(some), np.int64))
        while True:  # until the last time on ends behind the run
            draw = np.arange(periods, dtype=np.int64)[None, :]
            ons = np.cumsum(np.minimum(on.numbers(streams(seed, ON, some)[:, None], draw), cycles) + 1, axis=1)
            offs = np.minimum(off.numbers(streams(seed, OFF, some)[:, None], draw), cycles) + 1
            offs[chance(first, burst.share), 0] = 0
            offs = np.cumsum(offs, axis=1)
            if ((ons + offs)[:, -1] >= cycles).all():
                break
            periods *= 2
        row, tick, number = _within(_until(gaps, streams(seed, GAP, some), _enough(cycles, probability), cycles), cycles)
        # ticks count the cycles in which the source is on; rows are put behind one another to find all at once
        far = int(ons[:, -1].max()) + cycles + 1
        flat = (ons + np.arange(len(some), dtype=np.int64)[:, None] * far).ravel()
        place = np.searchsorted(flat, tick + row * far, side="right") - row * periods
        inside = place < periods
        tick, number, row, place = (values[inside] for values in (tick, number, row, place))
        cycle = tick + offs[row, place]
        inside = cycle < cycles
        yield some[row[inside]], cycle[inside], number[inside]


def _chunks(sources: Ints, draws: int) -> Iterator[Ints]:
    size = max(1, _CHUNK // draws)
    for begin in range(0, len(sources), size):
        yield sources[begin : begin + size]


def _enough(cycles: int, probability: Fraction) -> int:
    """Draws of a source that reach the end of the run with near certainty; more are drawn where they do not."""
    mean = cycles * probability.numerator // probability.denominator + 1
    return min(cycles, mean + 8 * int(mean**0.5)) + 8


def _until(gaps: Geometric, stream: np.ndarray, draws: int, cycles: int) -> Ints:
    """int64[sources, draws], ascending cycles of each source's packets, as many as reach the end."""
    while True:
        found = gaps.numbers(stream[:, None], np.arange(draws, dtype=np.int64)[None, :])
        at = np.cumsum(np.minimum(found, cycles) + 1, axis=1) - 1
        if (at[:, -1] >= cycles).all():
            return at
        draws *= 2


def _within(at: Ints, cycles: int) -> Arrivals:
    """Row, time and column of every time within the run."""
    row, number = np.nonzero(at < cycles)
    return row, at[row, number], number.astype(np.int64)

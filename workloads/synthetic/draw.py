"""Random words by counting: a word is a function of (seed, purpose, source, draw number), so no draw depends on another.

The words are those of SplitMix64 (Steele, Lea and Flood, 2014), a stream per purpose and source. Whole numbers that follow a law come from
integer tables; no float, logarithm or exponential takes part in what reaches a packet.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1
_RADIX = 4096
_FIXED = 192
"""Bits behind the point of a probability while tables are made."""

_DRAWN = 63
"""Bits of a draw that is compared with a table."""


def streams(seed: int, purpose: int, sources: Ints) -> Words:
    """uint64[sources], one stream of words for each source.

    Args:
        seed: of the traffic, 0 to 2^63 - 1.
        purpose: what is drawn; other purposes have other words.
        sources: int64, numbers of the sources.
    """
    base = _mix(_mix(np.array([seed & _WORD], np.uint64)) ^ np.array([purpose * _GOLDEN & _WORD], np.uint64))
    return _mix(base + (sources.astype(np.uint64) + np.uint64(1)) * np.uint64(_GOLDEN))


def words(stream: Words, draw: Ints) -> Words:
    """The word of each draw number of each stream; the shapes are put together as numpy does."""
    return _mix(stream + (draw.astype(np.uint64) + np.uint64(1)) * np.uint64(_GOLDEN))


def below(word: Words, limit: int) -> Ints:
    """Whole numbers from 0 to limit - 1 (at most 2^31), equally likely but for limit / 2^32."""
    return ((word >> np.uint64(32)) * np.uint64(limit) >> np.uint64(32)).astype(np.int64)


def chance(word: Words, share: Fraction) -> npt.NDArray[np.bool_]:
    """True with a probability, to 2^-63."""
    return (word >> np.uint64(1)) < np.uint64((share.numerator << _DRAWN) // share.denominator)


@dataclass(frozen=True, slots=True)
class Geometric:
    """Failures before the first success, as tables: the digits of such a number in any radix are independent of each other.

    Attributes:
        tables: per digit, lowest first: uint64, ascending bounds; the digit is the number of bounds above the draw.
        horizon: numbers from here on are all alike: beyond it.
    """

    tables: tuple[Words, ...]
    horizon: int

    def numbers(self, stream: Words, draw: Ints) -> Ints:
        """The number of each draw number of each stream."""
        found: Ints | None = None
        for place, table in enumerate(self.tables):
            word = words(stream, draw * len(self.tables) + place) >> np.uint64(64 - _DRAWN)
            digit = (len(table) - np.searchsorted(table, word.ravel(), side="right")).reshape(word.shape)
            found = digit if found is None else found + digit * _RADIX**place
        assert found is not None
        return found


def geometric(success: Fraction, horizon: int) -> Geometric:
    """Tables of the number of failures before the first success.

    Args:
        success: probability, above 0, at most 1.
        horizon: numbers of at least this may come out as any number of at least this.
    """
    one, ratio = 1 << _FIXED, ((success.denominator - success.numerator) << _FIXED) // success.denominator
    tables: list[Words] = []
    while True:
        last = _RADIX ** (len(tables) + 1) >= horizon
        power, powers = one, []
        for _ in range(_RADIX):
            power = power * ratio >> _FIXED
            powers.append(power)  # ratio^1 to ratio^RADIX
        if last:
            bounds = [p >> (_FIXED - _DRAWN) for p in powers]
        else:
            bounds = [(p - power << _DRAWN) // (one - power) for p in powers[:-1]]
        tables.append(np.array([b for b in reversed(bounds) if b], np.uint64))
        ratio = power
        if last or not ratio >> (_FIXED - _DRAWN):
            return Geometric(tuple(tables), horizon)


def _mix(z: Words) -> Words:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))

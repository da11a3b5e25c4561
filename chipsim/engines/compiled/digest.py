"""The hash of ``chipsim.machine.digest`` in signed 64-bit words, and its sums in halves that cannot overflow within a slice."""

from __future__ import annotations

import numpy as np

from chipsim.engines.compiled.layout import COUNT, HIGH, HIGH_DECIDED, LOW, LOW_DECIDED
from chipsim.machine.digest import MULTIPLIER
from chipsim.machine.ints import Ints

FACTOR = np.int64(MULTIPLIER - (1 << 64))
HALF = 0xFFFFFFFF
INLINE = ("begin", "fold", "close", "hash3", "add")


def begin(kind: int) -> int:
    """Hash of a record of a kind, before its fields."""
    return kind * FACTOR


def fold(h: int, word: int) -> int:
    """Take a field in."""
    h = (h ^ word) * FACTOR
    return h ^ (h >> 32 & HALF)


def close(h: int) -> int:
    """The finished hash."""
    h = h * FACTOR
    return h ^ (h >> 29 & 0x7FFFFFFFF)


def hash3(kind: int, a: int, b: int, c: int) -> int:
    """Hash of a record with three fields."""
    return close(fold(fold(fold(kind * FACTOR, a), b), c))


def add(S: Ints, h: int) -> None:
    """Add a hash to the digest."""
    S[LOW] += h & HALF
    S[HIGH] += h >> 32 & HALF
    S[COUNT] += 1


def add_decision(S: Ints, h: int) -> None:
    """Add a hash to the functional part."""
    S[LOW_DECIDED] += h & HALF
    S[HIGH_DECIDED] += h >> 32 & HALF

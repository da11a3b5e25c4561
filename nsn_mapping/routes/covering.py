"""Ordered covering: a table that is still too long is shortened by merging any two entries of one route.

After "On-chip order-exploiting routing table minimization for a multicast supercomputer network" (Mundy, Heathcote and Garside, 2016, HPSR).
The merge of two entries matches all keys that either does, and others. It takes the place of the later one, so it must neither
take keys from entries behind it that go elsewhere, nor lose keys of the earlier one to entries in between. Where the paper checks that against
the entries, this checks it against the keys that occur, as keys that do not may go anywhere; that refuses no merge that is right.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.routes.multicast import STRAIGHT

Ints = npt.NDArray[np.int64]

TRIES = 12
"""Partners that are tried for an entry, those first whose merge matches fewest keys."""


def first_key(low: int, high: int, value: int, key: Ints) -> int:
    """First place in low..high whose key is not below a value."""
    while low < high:
        middle = (low + high) // 2
        if key[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


def ones(mask: int) -> int:
    """Bits that are set in a mask of at most 62."""
    mask -= mask >> 1 & 0x1555555555555555
    mask = (mask & 0x3333333333333333) + (mask >> 2 & 0x3333333333333333)
    mask = mask + (mask >> 4) & 0x0F0F0F0F0F0F0F0F
    mask += mask >> 8
    mask += mask >> 16
    return (mask + (mask >> 32)) & 127


def next_match(low: int, high: int, value: int, key: Ints, mask: Ints, route: Ints) -> int:
    """First entry in use in low..high-1 that matches a key, -1 for none; dead ones have route 0."""
    for e in range(low, high):
        if route[e] != 0 and value & mask[e] == key[e]:
            return e
    return -1


@jit.struct
class Rules(NamedTuple):
    """Entries of a table in order of priority.

    Attributes:
        key, mask: int64[entries], what they match.
        route: int64[entries], 0 for those that are gone.
        uses: int64[entries], scratch: keys that take each entry.
    """

    key: Ints
    mask: Ints
    route: Ints
    uses: Ints


@jit.struct
class Wanted(NamedTuple):
    """Keys that occur.

    Attributes:
        key: int64[keys], ascending within a router.
        want: int64[keys], their routes, with bit ``STRAIGHT``.
        first: int64[keys], scratch: entry that each takes, -1 for none.
        moved: int64[keys], scratch.
    """

    key: Ints
    want: Ints
    first: Ints
    moved: Ints


def look(a: int, b: int, cube: int, care: int, full: int, R: Rules, begin: int, end: int, K: Wanted, work: Ints) -> int:
    """Whether entry ``a`` may be merged into ``b``, behind it; if so the merge is made.

    Args:
        a: the earlier entry.
        b: the later one.
        cube: key of the merge.
        care: its mask.
        full: mask of all bits.
        R: the entries; changed if the merge is made.
        begin: first key of the router.
        end: behind its last key.
        K: the keys.
        work: work[0] is lowered by what was looked at.

    Returns:
        How many entries are gone, 0 if the merge is not allowed.
    """
    low, high = first_key(begin, end, cube, K.key), first_key(begin, end, (cube | (full & ~care)) + 1, K.key)
    work[0] -= high - low
    for q in range(low, high):
        K.moved[q] = K.first[q]
        if K.key[q] & care != cube or (K.first[q] != a and K.first[q] != -1 and K.first[q] <= b):
            continue
        K.moved[q] = b
        if K.first[q] == a:
            work[0] -= b - a
            between = next_match(a + 1, b, K.key[q], R.key, R.mask, R.route)
            if between >= 0:
                K.moved[q] = between
        if K.want[q] & ~(1 << STRAIGHT) != R.route[K.moved[q]]:
            return 0
    gone = 1
    for q in range(low, high):
        if K.moved[q] != K.first[q]:
            if K.first[q] >= 0:
                R.uses[K.first[q]] -= 1
                if R.uses[K.first[q]] == 0 and K.first[q] != a:
                    R.route[K.first[q]] = 0
                    gone += 1
            R.uses[K.moved[q]] += 1
            K.first[q] = K.moved[q]
    R.key[b], R.mask[b], R.route[a] = cube, care, 0
    return gone


def cover(count: int, target: int, bits: int, R: Rules, begin: int, end: int, K: Wanted, work: Ints) -> int:
    """Merge entries of a table until it is short enough, nothing more can be merged, or ``work[0]`` is used up.

    Args:
        count: entries.
        target: how many there may be.
        bits: of a key.
        R: the entries; changed.
        begin: first key of the router.
        end: behind its last key.
        K: the keys.
        work: work[0], how much may be looked at; lowered.

    Returns:
        How many entries are left, in order at the beginning of the arrays.
    """
    full, left = (1 << bits) - 1, count
    for e in range(count):
        R.uses[e] = 0
    for q in range(begin, end):
        K.first[q] = next_match(0, count, K.key[q], R.key, R.mask, R.route)
        if K.first[q] >= 0:
            R.uses[K.first[q]] += 1
    for i in range(count):
        last, tried = -1, 0  # order of the partner that was tried last
        while left > target and R.route[i] != 0 and tried < TRIES and work[0] > 0:
            best = -1
            for j in range(count):
                if j != i and R.route[j] == R.route[i]:
                    care = R.mask[i] & R.mask[j] & ~(R.key[i] ^ R.key[j])
                    rank = (bits - ones(care)) * count + j
                    if rank > last and (best < 0 or rank < best):
                        best = rank
            work[0] -= count
            if best < 0:
                break
            last, tried = best, tried + 1
            j = best % count
            care = R.mask[i] & R.mask[j] & ~(R.key[i] ^ R.key[j])
            gone = look(min(i, j), max(i, j), R.key[i] & care, care, full, R, begin, end, K, work)
            left -= gone
            if gone > 0:
                last, tried = -1, 0
    kept = 0
    for e in range(count):
        if R.route[e] != 0:
            R.key[kept], R.mask[kept], R.route[kept] = R.key[e], R.mask[e], R.route[e]
            kept += 1
    return kept

"""Ordered covering: a table that is still too long is shortened by merging any two entries of one route.

After "On-chip order-exploiting routing table minimization for a multicast supercomputer network" (Mundy, Heathcote and Garside, 2016, HPSR).
The merge of two entries matches all keys that either does, and others. It takes the place of the later one, so it must neither
take keys from entries behind it that go elsewhere, nor lose keys of the earlier one to entries in between. Where the paper checks that against
the entries, this checks it against the keys that occur, as keys that do not may go anywhere; that refuses no merge that is right.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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
    """First living entry in low..high-1 that matches a key, -1 for none; dead ones have route 0."""
    for e in range(low, high):
        if route[e] != 0 and value & mask[e] == key[e]:
            return e
    return -1


def look(
    a: int, b: int, cube: int, care: int, full: int, table: Ints, mask: Ints, route: Ints,
    begin: int, end: int, key: Ints, want: Ints, first: Ints, moved: Ints, uses: Ints, work: Ints,
) -> int:  # fmt: skip
    """Whether entry ``a`` may be merged into ``b``, behind it; if so the merge is made.

    Args:
        a: the earlier entry.
        b: the later one.
        cube: key of the merge.
        care: its mask.
        full: mask of all bits.
        table: keys of the entries; that of b is changed.
        mask: their masks; that of b is changed.
        route: their routes, 0 for those that are gone; that of a is changed.
        begin: first key of the router.
        end: behind its last key.
        key: that occur, ascending.
        want: their routes, with bit ``STRAIGHT``.
        first: entry that each takes, -1 for none; changed.
        moved: scratch, int64[keys].
        uses: keys that take each entry; changed.
        work: work[0] is lowered by what was looked at.

    Returns:
        How many entries are gone, 0 if the merge is not allowed.
    """
    low, high = first_key(begin, end, cube, key), first_key(begin, end, (cube | (full & ~care)) + 1, key)
    work[0] -= high - low
    for q in range(low, high):
        moved[q] = first[q]
        if key[q] & care != cube or (first[q] != a and first[q] != -1 and first[q] <= b):
            continue
        moved[q] = b
        if first[q] == a:
            work[0] -= b - a
            between = next_match(a + 1, b, key[q], table, mask, route)
            if between >= 0:
                moved[q] = between
        if want[q] & ~(1 << STRAIGHT) != route[moved[q]]:
            return 0
    gone = 1
    for q in range(low, high):
        if moved[q] != first[q]:
            if first[q] >= 0:
                uses[first[q]] -= 1
                if uses[first[q]] == 0 and first[q] != a:
                    route[first[q]] = 0
                    gone += 1
            uses[moved[q]] += 1
            first[q] = moved[q]
    table[b], mask[b], route[a] = cube, care, 0
    return gone


def cover(
    count: int, target: int, bits: int, table: Ints, mask: Ints, route: Ints,
    begin: int, end: int, key: Ints, want: Ints, first: Ints, moved: Ints, uses: Ints, work: Ints,
) -> int:  # fmt: skip
    """Merge entries of a table until it is short enough, nothing more can be merged, or ``work[0]`` is used up.

    Args:
        count: entries.
        target: how many there may be.
        bits: of a key.
        table: keys of the entries in order of priority; changed, as ``mask`` and ``route``.
        mask: their masks.
        route: their routes.
        begin: first key of the router.
        end: behind its last key.
        key: that occur, ascending.
        want: their routes, with bit ``STRAIGHT``.
        first: scratch, int64[keys].
        moved: scratch, int64[keys].
        uses: scratch, int64[entries].
        work: work[0], how much may be looked at; lowered.

    Returns:
        How many entries are left, in order at the beginning of the arrays.
    """
    full, left = (1 << bits) - 1, count
    for e in range(count):
        uses[e] = 0
    for q in range(begin, end):
        first[q] = next_match(0, count, key[q], table, mask, route)
        if first[q] >= 0:
            uses[first[q]] += 1
    for i in range(count):
        last, tried = -1, 0  # order of the partner that was tried last
        while left > target and route[i] != 0 and tried < TRIES and work[0] > 0:
            best = -1
            for j in range(count):
                if j != i and route[j] == route[i]:
                    care = mask[i] & mask[j] & ~(table[i] ^ table[j])
                    rank = (bits - ones(care)) * count + j
                    if rank > last and (best < 0 or rank < best):
                        best = rank
            work[0] -= count
            if best < 0:
                break
            last, tried = best, tried + 1
            j = best % count
            care = mask[i] & mask[j] & ~(table[i] ^ table[j])
            gone = look(
                min(i, j), max(i, j), table[i] & care, care, full, table, mask, route,
                begin, end, key, want, first, moved, uses, work,
            )  # fmt: skip
            left -= gone
            if gone > 0:
                last, tried = -1, 0
    kept = 0
    for e in range(count):
        if route[e] != 0:
            table[kept], mask[kept], route[kept] = table[e], mask[e], route[e]
            kept += 1
    return kept

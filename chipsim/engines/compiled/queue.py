"""What is due when: a timing wheel for the near future, with bitmaps of its occupied slots, and a heap for what lies beyond.

The wheel has a slot per unit of time; a slot has a list per kind of thing (``layout.ARRIVE`` ...), threaded through the things themselves.
Two levels of bitmaps find the next occupied slot in a few steps however far away it is. The heap is ordered by time alone: within an
instant, order is made where it matters, at the links and in the inboxes.
"""

from __future__ import annotations

import numpy as np

from chipsim.engines.compiled.layout import FAR, NOW, SIZE, SUMMARY
from chipsim.model.state import Ints

Table = np.ndarray[tuple[int, int], np.dtype[np.int64]]
"""Rows of words."""

DE_BRUIJN = np.array(
    [0, 1, 28, 2, 29, 14, 24, 3, 30, 22, 20, 15, 25, 17, 4, 8, 31, 27, 13, 23, 21, 19, 16, 7, 26, 12, 18, 6, 11, 5, 10, 9], np.int64
)
"""Number of the lowest bit from the product with a de Bruijn sequence (Leiserson, Prokop, Randall 1998)."""


def lowest_bit(word: int) -> int:
    """Number of the lowest set bit of a 32-bit word that is not 0."""
    return DE_BRUIJN[((word & -word) * 0x077CB531 & 0xFFFFFFFF) >> 27]


def mark(map_: Ints, slot: int) -> None:
    """Note that a slot holds something."""
    word = slot >> 5
    known = map_[SUMMARY + word]
    if known == 0:
        map_[word >> 5] |= 1 << (word & 31)
    map_[SUMMARY + word] = known | 1 << (slot & 31)


def unmark(map_: Ints, slot: int) -> None:
    """Note that a slot is empty."""
    word = slot >> 5
    left = map_[SUMMARY + word] & ~(1 << (slot & 31))
    map_[SUMMARY + word] = left
    if left == 0:
        map_[word >> 5] &= ~(1 << (word & 31))


def next_slot(map_: Ints, size: int, slot: int) -> int:
    """How many slots further the next occupied one is, counted around from ``slot`` itself; -1 if all are empty."""
    word = slot >> 5
    here = map_[SUMMARY + word] >> (slot & 31)
    if here != 0:
        return lowest_bit(here)
    words = size >> 5
    at = word + 1
    for _ in range((words >> 5) + 2):
        if at >= words:
            at = 0
        above = map_[at >> 5] >> (at & 31)
        if above != 0:
            found = at + lowest_bit(above)
            return ((found << 5) + lowest_bit(map_[SUMMARY + found]) - slot) & (size - 1)
        at = ((at >> 5) + 1) << 5
    return -1


def put(S: Ints, P: Ints, slots: Table, map_: Ints, far: Table, kind: int, ref: int, at: int) -> int:
    """Make a thing due at a time after now; returns what it must be threaded to."""
    size = P[SIZE]
    if at - S[NOW] < size:
        slot = at & (size - 1)
        before = slots[slot, kind]
        slots[slot, kind] = ref
        if before == 0:
            mark(map_, slot)
        return before
    push(S, far, at, kind << 56 | ref)
    return 0


def push(S: Ints, far: Table, at: int, what: int) -> None:
    """Into the heap: rows of time and what is due."""
    i = S[FAR]
    S[FAR] = i + 1
    while i > 0:
        above = (i - 1) >> 1
        if far[above, 0] <= at:
            break
        far[i, 0] = far[above, 0]
        far[i, 1] = far[above, 1]
        i = above
    far[i, 0] = at
    far[i, 1] = what


def pop(S: Ints, far: Table) -> int:
    """The first of the heap."""
    first = far[0, 1]
    n = S[FAR] - 1
    S[FAR] = n
    at, what = far[n, 0], far[n, 1]
    i = 0
    while True:
        below = 2 * i + 1
        if below >= n:
            break
        if below + 1 < n and far[below + 1, 0] < far[below, 0]:
            below += 1
        if far[below, 0] >= at:
            break
        far[i, 0] = far[below, 0]
        far[i, 1] = far[below, 1]
        i = below
    far[i, 0] = at
    far[i, 1] = what
    return first


def sort_list(T: Table, head: int, link: int, key: int, mask: int) -> int:
    """Sort a threaded list by a column: merges of runs of 1, 2, 4 ...; returns its new head.

    Args:
        T: rows.
        head: first row, 0 for none.
        link: column of the thread; ``key``: of the keys; ``mask``: which of their bits count.
    """
    run = 1
    while True:
        rest, head, tail, merges = head, 0, 0, 0
        while rest != 0:
            merges += 1
            left, right, lefts = rest, rest, 0
            while lefts < run and right != 0:
                right = T[right, link]
                lefts += 1
            rights = run
            while lefts > 0 or (rights > 0 and right != 0):
                take_left = lefts > 0 and (rights == 0 or right == 0 or (T[left, key] & mask) <= (T[right, key] & mask))
                if take_left:
                    one = left
                    left = T[left, link]
                    lefts -= 1
                else:
                    one = right
                    right = T[right, link]
                    rights -= 1
                if tail != 0:
                    T[tail, link] = one
                else:
                    head = one
                tail = one
            rest = right
        if tail != 0:
            T[tail, link] = 0
        if merges <= 1:
            return head
        run *= 2

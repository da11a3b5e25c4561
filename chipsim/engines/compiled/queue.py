"""What is due when: two timing wheels with bitmaps of their occupied slots.

The near wheel has a slot per unit of time, the far one a bucket per turn of the near wheel. A slot has a list per kind of thing
(``layout.ARRIVE`` ...), threaded through the things themselves, so that the queue never needs memory of its own. A bucket is emptied into
the near wheel when time comes to it; what is due a turn of the far wheel later, or more, stays in its bucket. Two levels of bitmaps find
the next occupied slot in a few steps however far away it is. (A heap for what lies beyond the near wheel took most of the time of
congested networks.) Within an instant there is no order here: it is made where it matters, at the links and in the inboxes.
"""

from __future__ import annotations

import numpy as np

from chipsim.engines.compiled.layout import (
    BASE,
    BUCKETS,
    DELIVER,
    E_NEXT,
    E_SIDE_NEXT,
    END,
    ENDPOINTS,
    FAR_AT,
    NEVER,
    SHIFT,
    SIZE,
    SUMMARY,
    T_NEXT,
)
from chipsim.engines.compiled.tables import Endpoints, Slots, Tokens
from chipsim.machine.ints import Ints

INLINE = ("lowest_bit", "mark", "unmark", "next_slot", "far_map", "put", "put_from", "near_time")

DE_BRUIJN = np.array(
    [
        0, 1, 48, 2, 57, 49, 28, 3, 61, 58, 50, 42, 38, 29, 17, 4,
        62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5,
        63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11,
        46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9, 13, 8, 7, 6,
    ],
    np.int64,
)  # fmt: skip
"""Number of the lowest bit from the product with a de Bruijn sequence (Leiserson, Prokop, Randall 1998)."""


def lowest_bit(word: int) -> int:
    """Number of the lowest set bit of a word that is not 0."""
    return DE_BRUIJN[(word & -word) * 0x03F79D71B4CB0A89 >> 58 & 63]


def mark(map_: Ints, first: int, slot: int) -> None:
    """Note that a slot holds something; ``first``: where the wheel's map begins."""
    word = slot >> 5
    known = map_[first + SUMMARY + word]
    if known == 0:
        map_[first + (word >> 5)] |= 1 << (word & 31)
    map_[first + SUMMARY + word] = known | 1 << (slot & 31)


def unmark(map_: Ints, first: int, slot: int) -> None:
    """Note that a slot is empty."""
    word = slot >> 5
    left = map_[first + SUMMARY + word] & ~(1 << (slot & 31))
    map_[first + SUMMARY + word] = left
    if left == 0:
        map_[first + (word >> 5)] &= ~(1 << (word & 31))


def next_slot(map_: Ints, first: int, size: int, slot: int) -> int:
    """How many slots further the next occupied one is, counted around from ``slot`` itself; -1 if all are empty."""
    word = slot >> 5
    here = map_[first + SUMMARY + word] >> (slot & 31)
    if here != 0:
        return lowest_bit(here)
    words = size >> 5
    at = word + 1
    for _ in range((words >> 5) + 2):
        if at >= words:
            at = 0
        above = map_[first + (at >> 5)] >> (at & 31)
        if above != 0:
            found = at + lowest_bit(above)
            return ((found << 5) + lowest_bit(map_[first + SUMMARY + found]) - slot) & (size - 1)
        at = ((at >> 5) + 1) << 5
    return -1


def far_map(size: int) -> int:
    """Where the map of the far wheel begins."""
    return SUMMARY + (size >> 5)


def put(S: Ints, P: Ints, slots: Slots, map_: Ints, far: Ints, kind: int, ref: int, at: int) -> int:
    """Make a thing due at a time after now; returns what it must be threaded to."""
    return put_from(S, P, slots, map_, far, kind, ref, at, S[BASE], P[SIZE])


def put_from(
    S: Ints, P: Ints, slots: Slots, map_: Ints, far: Ints, kind: int, ref: int, at: int, base: int, size: int
) -> int:  # fmt: skip
    """``put`` for those who know where the near wheel begins and how large it is."""
    if at - base < size:
        slot = at & (size - 1)
        before = slots[slot, kind]
        slots[slot, kind] = ref
        if before == 0:
            mark(map_, 0, slot)
        return before
    return put_far(S, P, slots, map_, far, kind, ref, at)


def put_far(S: Ints, P: Ints, slots: Slots, map_: Ints, far: Ints, kind: int, ref: int, at: int) -> int:
    """Into the far wheel; ``far`` keeps the time, which the place does not tell."""
    size = P[SIZE]
    far[place_of(P, kind, ref)] = at
    bucket = (at >> P[SHIFT]) & (BUCKETS - 1)
    ahead = (bucket - (S[BASE] >> P[SHIFT])) & (BUCKETS - 1)
    if ahead == 0:
        ahead = BUCKETS
    S[FAR_AT] = min(S[FAR_AT], ((S[BASE] >> P[SHIFT]) + ahead) << P[SHIFT])
    before = slots[size + bucket, kind]
    slots[size + bucket, kind] = ref
    mark(map_, far_map(size), bucket)
    return before


def place_of(P: Ints, kind: int, ref: int) -> int:
    """Where the time of a thing is kept: operations of endpoints, their other sides, then tokens."""
    if kind <= DELIVER:
        return 2 * P[ENDPOINTS] + ref
    return (kind - END) * P[ENDPOINTS] + ref - 1


def turn(S: Ints, P: Ints, T: Tokens, E: Endpoints, slots: Slots, map_: Ints, far: Ints) -> None:
    """Time comes to the next bucket of the far wheel: it is emptied into the near one."""
    size = P[SIZE]
    S[BASE] = S[FAR_AT]
    bucket = (S[BASE] >> P[SHIFT]) & (BUCKETS - 1)
    stay = 0
    for kind in range(4):
        ref = slots[size + bucket, kind]
        slots[size + bucket, kind] = 0
        while ref != 0:
            at = far[place_of(P, kind, ref)]
            if at - S[BASE] < size:
                slot = at & (size - 1)
                before = slots[slot, kind]
                slots[slot, kind] = ref
                mark(map_, 0, slot)
            else:
                before = slots[size + bucket, kind]
                slots[size + bucket, kind] = ref
                stay = 1
            if kind <= DELIVER:
                after = T[ref, T_NEXT]
                T[ref, T_NEXT] = before
            elif kind == END:
                after = E[ref - 1, E_NEXT]
                E[ref - 1, E_NEXT] = before
            else:
                after = E[ref - 1, E_SIDE_NEXT]
                E[ref - 1, E_SIDE_NEXT] = before
            ref = after
    if stay == 0:
        unmark(map_, far_map(size), bucket)
    ahead = next_slot(map_, far_map(size), BUCKETS, (bucket + 1) & (BUCKETS - 1))
    S[FAR_AT] = NEVER
    if ahead >= 0:
        S[FAR_AT] = ((S[BASE] >> P[SHIFT]) + 1 + ahead) << P[SHIFT]


def near_time(S: Ints, P: Ints, map_: Ints) -> int:
    """When the first thing in the near wheel is due; ``NEVER`` if it is empty."""
    size = P[SIZE]
    ahead = next_slot(map_, 0, size, S[BASE] & (size - 1))
    return S[BASE] + ahead if ahead >= 0 else NEVER


def sort_list(T: Tokens, head: int, link: int, key: int, mask: int) -> int:
    """Sort a threaded list by a column: merges of runs of 1, 2, 4 ...; returns its new head.

    Args:
        T: rows.
        head: first row, 0 for none.
        link, key: columns of the thread and of the keys.
        mask: which bits of a key count.
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

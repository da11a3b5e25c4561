"""What is due when: two timing wheels with bitmaps of their occupied slots.

The near wheel has a slot per unit of time, the far one a bucket per turn of the near wheel. A slot has a list per kind of thing
(``layout.ARRIVE`` ...), threaded through the things themselves, so that the queue never needs memory of its own. A bucket is emptied into
the near wheel when time comes to it; what is due a turn of the far wheel later, or more, stays in its bucket. Two levels of bitmaps find
the next occupied slot in a few steps however far away it is. (A heap for what lies beyond the near wheel took most of the time of
congested networks.) Within an instant there is no order here: it is made where it matters, at the links and in the inboxes.
"""

from __future__ import annotations

from chipsim.engines.compiled.layout import BUCKET_BITS, BUCKETS, DELIVER, END, MOST_TURNS, PLACE_BITS, SIDE, SUMMARY, Network
from chipsim.jit import lowest_bit
from chipsim.machine.state import NEVER, TOO_FAR, TOO_LATE

INLINE = ("far_map", "mark", "near_time", "next_slot", "put", "put_from", "unmark")


def mark(m: Network, first: int, slot: int) -> None:
    """Note that a slot holds something; ``first``: where the wheel's map begins."""
    word = slot >> 5
    known = m.map_[first + SUMMARY + word]
    if known == 0:
        m.map_[first + (word >> 5)] |= 1 << (word & 31)
    m.map_[first + SUMMARY + word] = known | 1 << (slot & 31)


def unmark(m: Network, first: int, slot: int) -> None:
    """Note that a slot is empty."""
    word = slot >> 5
    left = m.map_[first + SUMMARY + word] & ~(1 << (slot & 31))
    m.map_[first + SUMMARY + word] = left
    if left == 0:
        m.map_[first + (word >> 5)] &= ~(1 << (word & 31))


def next_slot(m: Network, first: int, size: int, slot: int) -> int:
    """How many slots further the next occupied one is, counted around from ``slot`` itself; -1 if all are empty."""
    word = slot >> 5
    here = m.map_[first + SUMMARY + word] >> (slot & 31)
    if here != 0:
        return lowest_bit(here)
    words = size >> 5
    at = word + 1
    for _ in range((words >> 5) + 2):
        if at >= words:
            at = 0
        above = m.map_[first + (at >> 5)] >> (at & 31)
        if above != 0:
            found = at + lowest_bit(above)
            return ((found << 5) + lowest_bit(m.map_[first + SUMMARY + found]) - slot) & (size - 1)
        at = ((at >> 5) + 1) << 5
    return -1


def far_map(size: int) -> int:
    """Where the map of the far wheel begins."""
    return SUMMARY + (size >> 5)


def put(m: Network, kind: int, ref: int, at: int) -> int:
    """Make a thing due at a time after now; returns what it must be threaded to."""
    return put_from(m, kind, ref, at, m.base, m.size)


def put_from(m: Network, kind: int, ref: int, at: int, base: int, size: int) -> int:
    """``put`` for those who know where the near wheel begins and how large it is."""
    if at - base < size:
        slot = at & (size - 1)
        before = m.slots[4 * slot + kind]
        m.slots[4 * slot + kind] = ref
        if before == 0:
            mark(m, 0, slot)
        return before
    return put_far(m, kind, ref, at)


def put_far(m: Network, kind: int, ref: int, at: int) -> int:
    """Into the far wheel, which keeps the time apart: the place does not tell it."""
    size = m.size
    if at > m.latest and m.error == 0:
        m.error, m.detail_a = TOO_LATE, at
    keep_time(m, kind, ref, at)
    bucket = (at >> m.shift) & (BUCKETS - 1)
    ahead = (bucket - (m.base >> m.shift)) & (BUCKETS - 1)
    if ahead == 0:
        ahead = BUCKETS
    m.far_at = min(m.far_at, ((m.base >> m.shift) + ahead) << m.shift)
    before = m.slots[4 * (size + bucket) + kind]
    m.slots[4 * (size + bucket) + kind] = ref
    mark(m, far_map(size), bucket)
    return before


def keep_time(m: Network, kind: int, ref: int, at: int) -> None:
    """When a thing in the far wheel is due: of a packet, the turn of that wheel and the place within its bucket."""
    if kind > DELIVER:
        m.far[(kind - END) * len(m.endpoints) + ref - 1] = at
        return
    turn_bits = m.shift + BUCKET_BITS
    if (at >> turn_bits) - (m.base >> turn_bits) > MOST_TURNS and m.error == 0:
        m.error, m.detail_a, m.detail_b = TOO_FAR, at, MOST_TURNS << turn_bits
    m.packets[ref].far = (at >> turn_bits & MOST_TURNS) << PLACE_BITS | at & (m.size - 1)


def kept_time(m: Network, kind: int, ref: int) -> int:
    """When a thing is due that is in the bucket which begins now; ``NEVER`` if that is turns of the far wheel away."""
    if kind > DELIVER:
        return m.far[(kind - END) * len(m.endpoints) + ref - 1]
    far = m.packets[ref].far
    if far >> PLACE_BITS != m.base >> (m.shift + BUCKET_BITS) & MOST_TURNS:
        return NEVER
    return m.base + (far & (1 << PLACE_BITS) - 1)


def turn(m: Network) -> None:
    """Time comes to the next bucket of the far wheel: it is emptied into the near one."""
    size = m.size
    m.base = m.far_at
    bucket = (m.base >> m.shift) & (BUCKETS - 1)
    stay = 0
    for kind in range(4):
        ref = m.slots[4 * (size + bucket) + kind]
        m.slots[4 * (size + bucket) + kind] = 0
        while ref != 0:
            at = kept_time(m, kind, ref)
            place = size + bucket
            if at - m.base < size:
                place = at & (size - 1)
                mark(m, 0, place)
            else:
                stay = 1
            before = m.slots[4 * place + kind]
            m.slots[4 * place + kind] = ref
            ref = rethread(m, kind, ref, before)
    if stay == 0:
        unmark(m, far_map(size), bucket)
    ahead = next_slot(m, far_map(size), BUCKETS, (bucket + 1) & (BUCKETS - 1))
    m.far_at = NEVER
    if ahead >= 0:
        m.far_at = ((m.base >> m.shift) + 1 + ahead) << m.shift


def rethread(m: Network, kind: int, ref: int, before: int) -> int:
    """Put a thing before another in a list; returns what came after it where it was."""
    if kind <= DELIVER:
        after = m.next[ref]
        m.next[ref] = before
    elif kind == END:
        after = m.endpoints[ref - 1].next
        m.endpoints[ref - 1].next = before
    else:
        after = m.endpoints[ref - 1].side_next
        m.endpoints[ref - 1].side_next = before
    return after


def schedule(m: Network, kind: int, ref: int, at: int) -> None:
    """Make a thing due at a time after now."""
    rethread(m, kind, ref, put(m, kind, ref, at))


def end_side(m: Network, endpoint: int, at: int) -> None:
    """An operation of the other side of an endpoint ends at a time after now."""
    m.endpoints[endpoint].side_next = put(m, SIDE, endpoint + 1, at)


def near_time(m: Network) -> int:
    """When the first thing in the near wheel is due; ``NEVER`` if it is empty."""
    size = m.size
    ahead = next_slot(m, 0, size, m.base & (size - 1))
    return m.base + ahead if ahead >= 0 else NEVER


def sort_list(m: Network, head: int, mask: int) -> int:
    """Sort a list of packets by their keys, of which a mask says which bits count: merges of runs of 1, 2, 4 ...; returns its new head."""
    packets, after = m.packets, m.next
    run = 1
    while True:
        rest, head, tail, merges = head, 0, 0, 0
        while rest != 0:
            merges += 1
            left, right, lefts = rest, rest, 0
            while lefts < run and right != 0:
                right = after[right]
                lefts += 1
            rights = run
            while lefts > 0 or (rights > 0 and right != 0):
                take_left = lefts > 0 and (
                    rights == 0 or right == 0 or (packets[left].key & mask) <= (packets[right].key & mask)
                )
                if take_left:
                    one = left
                    left = after[left]
                    lefts -= 1
                else:
                    one = right
                    right = after[right]
                    rights -= 1
                if tail != 0:
                    after[tail] = one
                else:
                    head = one
                tail = one
            rest = right
        if tail != 0:
            after[tail] = 0
        if merges <= 1:
            return head
        run *= 2

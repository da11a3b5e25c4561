"""Fewest entries for a router's table: prefixes of keys that share a route, exceptions before rules.

A table is a list of (key, mask, route), looked at in order; the first with ``packet key & mask == key`` counts. A packet that no entry
matches goes straight on ("default routing", Furber et al., 2013, IEEE Trans. Comput. 62(12), SpiNNaker). Three steps:

1. The shortest table of prefixes, by the optimal routing table constructor (ORTC: Draves, King, Venkatachary and Zill, 1999, INFOCOM): bottom
   up, each node of the key trie keeps the routes that would be best to inherit from above; top down, an entry is written where what is
   inherited is none of these. Keys that do not occur may take any route. ORTC knows no default routing, so a second count goes up beside
   the first: the entries of a subtree that inherits nothing, where whatever goes straight on is free.
2. Pairs of entries of one prefix length and one route whose keys differ in one bit become one (Quine and McCluskey). As entries of
   one length exclude each other, this is exact in any order.
3. Entries in the order of their length, longest first.

Ordered covering (Mundy, Heathcote and Garside, 2016) merges any entries of one route and checks what that would hide; here the order of
the keys (`nsn_mapping.routes.keys`) brings what belongs together under one prefix, and the work is in proportion to entries x bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.routes.multicast import STRAIGHT

Ints = npt.NDArray[np.int64]

NONE = -1
"""Nothing inherited: the packet would go straight on."""

NODE = 8
"""Words of a node: left, right, bit, first and number of its routes, entries with the best route inherited, with none, key."""

LEFT, RIGHT, BIT, FIRST, SIZE, BEST, BARE, KEY = range(8)


def high_bit(value: int) -> int:
    """Number of the highest bit that is set; value > 0."""
    bit = 0
    step = 32
    while step > 0:
        if value >> step:
            value >>= step
            bit += step
        step >>= 1
    return bit


def join(left: int, right: int, bit: int, node: int, trie: Ints, routes: Ints, top: int) -> int:
    """Make the node above two others; its routes are those common to both, or else all of both.

    Args:
        left: node of the smaller keys.
        right: node of the larger keys.
        bit: highest bit in which they differ.
        node: number of the new one.
        trie: nodes, written.
        routes: sets of routes, each ascending, written from ``top`` on.
        top: first free place.

    Returns:
        The first free place behind.
    """
    a, b = trie[left * NODE + FIRST], trie[right * NODE + FIRST]
    a_end, b_end = a + trie[left * NODE + SIZE], b + trie[right * NODE + SIZE]
    first = top
    i, j = a, b
    while i < a_end and j < b_end:
        if routes[i] == routes[j]:
            routes[top] = routes[i]
            top += 1
            i += 1
            j += 1
        elif routes[i] < routes[j]:
            i += 1
        else:
            j += 1
    best = trie[left * NODE + BEST] + trie[right * NODE + BEST]
    if top == first:
        best += 1
        i, j = a, b
        while i < a_end or j < b_end:
            if j == b_end or (i < a_end and routes[i] < routes[j]):
                routes[top] = routes[i]
                i += 1
            else:
                routes[top] = routes[j]
                j += 1
            top += 1
    trie[node * NODE + LEFT] = left
    trie[node * NODE + RIGHT] = right
    trie[node * NODE + BIT] = bit
    trie[node * NODE + FIRST] = first
    trie[node * NODE + SIZE] = top - first
    trie[node * NODE + BEST] = best
    trie[node * NODE + BARE] = min(trie[left * NODE + BARE] + trie[right * NODE + BARE], best + 1)
    trie[node * NODE + KEY] = trie[right * NODE + KEY] >> bit << bit
    return top


def grow(begin: int, end: int, key: Ints, route: Ints, trie: Ints, routes: Ints, stack: Ints) -> int:
    """Build the trie of the keys ``begin`` up to ``end`` (ascending, none twice) bottom up; returns its root."""
    nodes, top, depth = 0, 0, 0
    for i in range(begin, end):
        straight = route[i] >> STRAIGHT & 1
        routes[top] = route[i] & ~(1 << STRAIGHT)
        current = nodes
        trie[current * NODE + LEFT] = -1
        trie[current * NODE + BIT] = 0
        trie[current * NODE + FIRST] = top
        trie[current * NODE + SIZE] = 1
        trie[current * NODE + BEST] = 0
        trie[current * NODE + BARE] = 1 - straight
        trie[current * NODE + KEY] = key[i]
        nodes += 1
        top += 1
        bit = high_bit(key[i] ^ key[i + 1]) if i + 1 < end else 63
        while depth > 0 and stack[2 * depth - 1] < bit:
            depth -= 1
            top = join(stack[2 * depth], current, stack[2 * depth + 1], nodes, trie, routes, top)
            current = nodes
            nodes += 1
        stack[2 * depth] = current
        stack[2 * depth + 1] = bit
        depth += 1
    return stack[0]


def has(value: int, node: int, trie: Ints, routes: Ints) -> bool:
    """Whether a route is among those of a node."""
    low = trie[node * NODE + FIRST]
    high = low + trie[node * NODE + SIZE]
    while low < high:
        middle = (low + high) // 2
        if routes[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low < trie[node * NODE + FIRST] + trie[node * NODE + SIZE] and routes[low] == value


def choose(
    root: int, full: int, trie: Ints, routes: Ints, stack: Ints, key: Ints, mask: Ints, route: Ints, length: Ints
) -> int:
    """Write the entries of a trie top down.

    Args:
        root: of the trie.
        full: mask of all bits of a key.
        trie: its nodes.
        routes: their sets.
        stack: scratch.
        key: written, with ``mask``, ``route`` and ``length`` (bits below the prefix).
        mask: written.
        route: written.
        length: written.

    Returns:
        Number of entries.
    """
    count, depth = 0, 1
    stack[0], stack[1] = root, NONE
    while depth > 0:
        depth -= 1
        node, given = stack[2 * depth], stack[2 * depth + 1]
        base = node * NODE
        leaf = trie[base + LEFT] < 0
        bare = trie[base + BARE]
        if given == NONE:
            if leaf:
                write = bare > 0
            else:
                write = trie[trie[base + LEFT] * NODE + BARE] + trie[trie[base + RIGHT] * NODE + BARE] > bare
        else:
            write = not has(given, node, trie, routes)
        if write:
            given = routes[trie[base + FIRST]]
            # below an inner node, all bits up to the one in which its halves differ are free
            free = 0 if leaf else trie[base + BIT] + 1
            key[count] = trie[base + KEY] >> free << free
            mask[count] = full >> free << free
            route[count] = given
            length[count] = free
            count += 1
        if not leaf and (given != NONE or bare > 0):
            stack[2 * depth], stack[2 * depth + 1] = trie[base + RIGHT], given
            stack[2 * depth + 2], stack[2 * depth + 3] = trie[base + LEFT], given
            depth += 2
    return count


def find(key: int, mask: int, route: int, keys: Ints, masks: Ints, routes: Ints, table: Ints, size: int) -> int:
    """Place of an entry in the hash table ``table`` of ``size`` places (entry numbers, -1 for free), or where it would go."""
    at = (key * 40_503 + mask % 65_521 * 30_323 + route % 65_521 * 20_011) % size
    while table[at] >= 0:
        other = table[at]
        if keys[other] == key and masks[other] == mask and routes[other] == route:
            break
        at = at + 1 if at + 1 < size else 0
    return at


def pair(count: int, bits: int, key: Ints, mask: Ints, route: Ints, length: Ints, table: Ints) -> int:
    """Merge entries of one length and route that differ in one bit, the lowest bits first.

    Args:
        count: of entries.
        bits: of a key.
        key: changed, with ``mask``, ``route`` and ``length``; see ``choose``.
        mask: changed.
        route: changed.
        length: changed.
        table: scratch, twice as long as there are entries, and 1.

    Returns:
        How many are left.
    """
    for bit in range(bits):
        size = 2 * count + 1
        for i in range(size):
            table[i] = -1
        for i in range(count):
            if mask[i] >> bit & 1 and key[i] >> bit & 1:
                table[find(key[i], mask[i], route[i], key, mask, route, table, size)] = i
        for i in range(count):
            if mask[i] >> bit & 1 and not key[i] >> bit & 1:
                at = table[find(key[i] | 1 << bit, mask[i], route[i], key, mask, route, table, size)]
                if at >= 0 and length[at] == length[i]:
                    length[at] = -1
                    mask[at] = -1  # is found by no other
                    mask[i] &= ~(1 << bit)
        kept = 0
        for i in range(count):
            if length[i] >= 0:
                key[kept], mask[kept], route[kept], length[kept] = key[i], mask[i], route[i], length[i]
                kept += 1
        count = kept
    return count


@jit.struct
class Room(NamedTuple):
    """Scratch for one router.

    Attributes:
        nodes: NODE words for each of twice the entries of the largest table.
        routes: bits + 1 words per entry of the largest table.
        stack: 4 x bits + 8 words.
        table: twice the entries of the largest table and 1.
    """

    nodes: Ints
    routes: Ints
    stack: Ints
    table: Ints


@jit.struct
class Rows(NamedTuple):
    """Entries: ``key``, ``mask``, ``route``, and ``length``, bits below the prefix; int64[entries] each."""

    key: Ints
    mask: Ints
    route: Ints
    length: Ints


def minimise(bits: int, start: Ints, key: Ints, route: Ints, T: Room, F: Rows, begin: Ints, C: Rows) -> None:
    """Compress the tables of a range of routers.

    Args:
        bits: of a key.
        start: int64[routers + 1], first entry of each router.
        key: of the entries, ascending within a router.
        route: of the entries, with bit ``STRAIGHT``.
        T: scratch.
        F: scratch: as many as the largest table has.
        begin: int64[routers + 1], written: first compressed entry of each router.
        C: written but for the lengths: the compressed entries in order of priority.
    """
    full = (1 << bits) - 1
    total = 0
    for router in range(len(start) - 1):
        begin[router] = total
        if start[router] == start[router + 1]:
            continue
        root = grow(start[router], start[router + 1], key, route, T.nodes, T.routes, T.stack)
        count = choose(root, full, T.nodes, T.routes, T.stack, F.key, F.mask, F.route, F.length)
        count = pair(count, bits, F.key, F.mask, F.route, F.length, T.table)
        for length in range(bits + 1):  # the longest prefixes first
            for i in range(count):
                if F.length[i] == length:
                    C.key[total], C.mask[total], C.route[total] = F.key[i], F.mask[i], F.route[i]
                    total += 1
    begin[len(start) - 1] = total

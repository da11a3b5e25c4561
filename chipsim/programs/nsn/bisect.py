"""Cutting a core's neurons of one layer in two, so that few axon accesses have to go to both halves.

A core that is full knows all it takes to be split well: its axons are the nets and its holder rows the pins of a hypergraph whose cut
costs, per axon, as many packets as the axon is read. Half of the neurons are collected around one of them by growing (the next is always
the neuron with the closest ties to those that are in), then single neurons change sides, best gain first, each once a pass, and the best
state of a pass is kept, and the best of four starts (C. M. Fiduccia, R. M. Mattheyses, "A linear-time heuristic for improving network
partitions", DAC 1982; growing: G. Karypis, V. Kumar, SIAM J. Sci. Comput. 20, 1998). A core has few neurons, so the best is found by
looking at all of them.

Sides, gains, locks and the order of moves take the 36 bits of a slot's open match state, which means nothing while its layer is between two
segments. Every word looked at is a memory read, every neuron that changes sides a memory write.
"""

from __future__ import annotations

from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.programs.nsn.match import find_axon
from chipsim.programs.nsn.state import PAIRS, Constants, Core

LEAST, MOST = 42, 58
"""Percent of the neurons that a side may hold."""

PATIENCE = 60
"""Moves without a better state after which a pass ends."""

PASSES = 6
STARTS = 4
"""Neurons that a half is grown from, one after the other; what cuts least is kept."""

TIE = 16
"""Scale of ties: a net ties two neurons by its accesses over its rows."""


def bisect(K: Constants, m: Core, c: int, layer: int, least: int, named: Row, first: int, count: int, act: Ints) -> int:
    """Mark the neurons of a layer that are to leave (``Core.leave``).

    Args:
        K: constants.
        m: memory of the core.
        c: where it begins.
        layer: whose neurons.
        least: thousandths of the accesses that a cut must leave whole.
        named: holds ids of lower neurons: the half that reads more of them leaves; without any the smaller one.
        first: where they begin.
        count: how many.
        act: actions, counted up.

    Returns:
        How many leave; 0 if a cut leaves too little whole.
    """
    n = members(K, m, c, layer, act)
    if n < 2:
        return 0
    divide(K, m, c, layer, n, act)
    cut, whole = accesses(K, m, c, layer, True, act), accesses(K, m, c, layer, False, act)
    if cut * 1000 > whole * (1000 - least):
        return 0
    return mark(K, m, c, n, leaving(K, m, c, layer, n, named, first, count, act), act)


def divide(K: Constants, m: Core, c: int, layer: int, n: int, act: Ints) -> None:
    """Sides from the start that cuts least; ``leave`` keeps the best so far."""
    s, best = c * K.slots, -1
    for start in range(STARTS):
        clear(K, m, c, n)
        collect(K, m, c, n, m.cut_list[s + (2 * start + 1) * n // (2 * STARTS)], act)
        for _ in range(PASSES):
            if swap(K, m, c, n, act) == 0:
                break
        cut = accesses(K, m, c, layer, True, act)
        if best < 0 or cut < best:
            best = cut
            for i in range(n):
                m.leave[s + m.cut_list[s + i]] = m.cut_side[s + m.cut_list[s + i]]
            act[A_WRITE] += n
    clear(K, m, c, n)
    for i in range(n):
        if m.leave[s + m.cut_list[s + i]]:
            turn(K, m, c, m.cut_list[s + i])
    act[A_READ] += n


def members(K: Constants, m: Core, c: int, layer: int, act: Ints) -> int:
    """List the slots of a layer and find the axons of their pairs; how many slots."""
    s, n = c * K.slots, 0
    for slot in range(K.slots):
        if m.k[s + slot] > 0 and m.layer[s + slot] == layer:
            m.cut_list[s + n] = slot
            m.cut_side[s + slot] = 0
            m.leave[s + slot] = 0
            n += 1
            for p in range(m.k[s + slot]):
                pair = (s + slot) * PAIRS + p
                axon = find_axon(K, m, c, layer, m.vector_id[pair], act)
                m.cut_axon[pair] = axon
                m.cut_rows[c * K.axons + axon] = 0
    act[A_READ] += K.slots
    return n


def rows_of(m: Core, pair: int, p: int, k: int) -> int:
    """Rows of a neuron (its first pair is ``pair``, it has k) on the axon of pair p; 0 if an earlier pair is on that axon."""
    axon = m.cut_axon[pair + p]
    for q in range(p):
        if m.cut_axon[pair + q] == axon:
            return 0
    rows = 1
    for q in range(p + 1, k):
        if m.cut_axon[pair + q] == axon:
            rows += 1
    return rows


def turn(K: Constants, m: Core, c: int, slot: int) -> None:
    """A neuron changes sides."""
    s = c * K.slots + slot
    step = -1 if m.cut_side[s] else 1
    m.cut_side[s] = 1 - m.cut_side[s]
    for p in range(m.k[s]):
        m.cut_rows[c * K.axons + m.cut_axon[s * PAIRS + p]] += step


def clear(K: Constants, m: Core, c: int, n: int) -> None:
    """All neurons on side 0."""
    for i in range(n):
        slot = m.cut_list[c * K.slots + i]
        if m.cut_side[c * K.slots + slot]:
            turn(K, m, c, slot)


def accesses(K: Constants, m: Core, c: int, layer: int, both: bool, act: Ints) -> int:
    """Accesses of the axons of a layer that go to ``both`` sides, or to any."""
    total = 0
    for i in range(K.axons):
        a = c * K.axons + i
        if m.axon_layer[a] == layer and m.axon_rows[a] > 0 and (not both or 0 < m.cut_rows[a] < m.axon_rows[a]):
            total += m.axon_use[a] + 1
    act[A_READ] += m.axon_count[c]
    return total


def collect(K: Constants, m: Core, c: int, n: int, seed: int, act: Ints) -> None:
    """Side 1 grows from a neuron to half of all; ``cut_gain`` holds how closely each is tied to it."""
    s, best = c * K.slots, seed
    for i in range(n):
        m.cut_gain[s + m.cut_list[s + i]] = 0
    for size in range(1, n // 2 + 1):
        turn(K, m, c, best)
        act[A_WRITE] += 1
        for p in range(m.k[s + best]):
            axon = m.cut_axon[(s + best) * PAIRS + p]
            if m.cut_rows[c * K.axons + axon] == rows_of(m, (s + best) * PAIRS, p, m.k[s + best]):  # new to side 1
                tie(K, m, c, axon, act)
        if size == n // 2:
            return
        best = -1
        for i in range(n):
            slot = m.cut_list[s + i]
            if not m.cut_side[s + slot] and (best < 0 or m.cut_gain[s + slot] > m.cut_gain[s + best]):
                best = slot
        act[A_READ] += n


def tie(K: Constants, m: Core, c: int, axon: int, act: Ints) -> None:
    """The holders of an axon that has come to side 1 are tied to it."""
    a = c * K.axons + axon
    weight = (m.axon_use[a] + 1) * TIE // m.axon_rows[a]
    for p in range(PAIRS):
        row = m.axon_row[a * PAIRS + p]
        while row >= 0:
            m.cut_gain[c * K.slots + m.row_slot[c * K.rows + row]] += weight
            act[A_READ] += 1
            row = m.row_next[c * K.rows + row]


def gain(K: Constants, m: Core, c: int, slot: int) -> int:
    """Accesses that would go to one half less, less those that would go to one more, if a neuron changed sides."""
    s = c * K.slots + slot
    total = 0
    for p in range(m.k[s]):
        rows = rows_of(m, s * PAIRS, p, m.k[s])
        a = c * K.axons + m.cut_axon[s * PAIRS + p]
        if rows == 0 or m.axon_rows[a] == rows:
            continue
        here = m.cut_rows[a] if m.cut_side[s] else m.axon_rows[a] - m.cut_rows[a]
        if here == rows:
            total += m.axon_use[a] + 1
        elif here == m.axon_rows[a]:
            total -= m.axon_use[a] + 1
    return total


def swap(K: Constants, m: Core, c: int, n: int, act: Ints) -> int:
    """One pass; how much it gained."""
    s, size = c * K.slots, 0
    for i in range(n):
        slot = m.cut_list[s + i]
        m.cut_gain[s + slot] = gain(K, m, c, slot)
        m.cut_lock[s + slot] = 0
        size += m.cut_side[s + slot]
        act[A_READ] += m.k[s + slot]
    now, most, kept, done = 0, 0, 0, 0
    while done < n and done - kept <= PATIENCE:
        best = -1
        for i in range(n):
            slot = m.cut_list[s + i]
            after = size - 1 if m.cut_side[s + slot] else size + 1
            if m.cut_lock[s + slot] or after * 100 < n * LEAST or after * 100 > n * MOST:
                continue
            if best < 0 or m.cut_gain[s + slot] > m.cut_gain[s + best]:
                best = slot
        act[A_READ] += n
        if best < 0:
            break
        now += gain(K, m, c, best)
        size += -1 if m.cut_side[s + best] else 1
        m.cut_lock[s + best] = 1
        m.cut_order[s + done] = best
        done += 1
        act[A_WRITE] += 1
        turn(K, m, c, best)
        renew(K, m, c, best, act)
        if now > most:
            most, kept = now, done
    for i in range(kept, done):
        turn(K, m, c, m.cut_order[s + i])
    act[A_WRITE] += done - kept
    return most


def renew(K: Constants, m: Core, c: int, slot: int, act: Ints) -> None:
    """The gains of those that share an axon with a neuron that changed sides, where so few are left on a side that they change."""
    s = c * K.slots + slot
    for p in range(m.k[s]):
        rows = rows_of(m, s * PAIRS, p, m.k[s])
        a = c * K.axons + m.cut_axon[s * PAIRS + p]
        here = m.cut_rows[a] if m.cut_side[s] else m.axon_rows[a] - m.cut_rows[a]  # on the side that it came to
        if rows == 0 or (here - rows > 1 and m.axon_rows[a] - here > 1):
            continue
        for q in range(PAIRS):
            row = m.axon_row[a * PAIRS + q]
            while row >= 0:
                other = m.row_slot[c * K.rows + row]
                if not m.cut_lock[c * K.slots + other]:
                    m.cut_gain[c * K.slots + other] = gain(K, m, c, other)
                act[A_READ] += m.k[c * K.slots + other]
                row = m.row_next[c * K.rows + row]


def leaving(K: Constants, m: Core, c: int, layer: int, n: int, named: Row, first: int, count: int, act: Ints) -> int:
    """Which side leaves: the one that alone reads more of what is named, or the smaller one."""
    pull = 0
    for i in range(first, first + count):
        axon = find_axon(K, m, c, layer, named[i], act)
        if axon >= 0:
            a = c * K.axons + axon
            if m.cut_rows[a] == m.axon_rows[a]:
                pull += m.axon_use[a] + 1
            elif m.cut_rows[a] == 0:
                pull -= m.axon_use[a] + 1
    if pull != 0:
        return 1 if pull > 0 else 0
    size = 0
    for i in range(n):
        size += m.cut_side[c * K.slots + m.cut_list[c * K.slots + i]]
    return 1 if 2 * size <= n else 0


def mark(K: Constants, m: Core, c: int, n: int, side: int, act: Ints) -> int:
    """Mark the neurons of a side; how many."""
    s, size = c * K.slots, 0
    for i in range(n):
        slot = m.cut_list[s + i]
        m.leave[s + slot] = 1 if m.cut_side[s + slot] == side else 0
        size += m.leave[s + slot]
    act[A_WRITE] += size
    return size

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
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.match import find_axon
from chipsim.programs.nsn.state import PAIRS, Constants

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
    """Mark the neurons of a layer that are to leave (``Cut.leave``).

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
        collect(K, m, c, n, m.cuts[s + (2 * start + 1) * n // (2 * STARTS)].slot, act)
        for _ in range(PASSES):
            if swap(K, m, c, n, act) == 0:
                break
        cut = accesses(K, m, c, layer, True, act)
        if best < 0 or cut < best:
            best = cut
            for i in range(n):
                one = m.cuts[s + m.cuts[s + i].slot]
                one.leave = one.side
            act[A_WRITE] += n
    clear(K, m, c, n)
    for i in range(n):
        if m.cuts[s + m.cuts[s + i].slot].leave:
            turn(K, m, c, m.cuts[s + i].slot)
    act[A_READ] += n


def members(K: Constants, m: Core, c: int, layer: int, act: Ints) -> int:
    """List the slots of a layer and find the axons of their pairs; how many slots."""
    s, n = c * K.slots, 0
    for slot in range(K.slots):
        neuron, cut = m.neurons[s + slot], m.cuts[s + slot]
        if neuron.k > 0 and neuron.layer == layer:
            m.cuts[s + n].slot = slot
            cut.side = 0
            cut.leave = 0
            n += 1
            for p in range(neuron.k):
                axon = find_axon(K, m, c, layer, m.pairs[(s + slot) * PAIRS + p].id, act)
                cut.axon[p] = axon
                m.cut_rows[c * K.axons + axon] = 0
    act[A_READ] += K.slots
    return n


def rows_of(m: Core, s: int, p: int, k: int) -> int:
    """Rows of a neuron (at ``s``, with k pairs) on the axon of pair p; 0 if an earlier pair is on that axon."""
    axons = m.cuts[s].axon
    for q in range(p):
        if axons[q] == axons[p]:
            return 0
    rows = 1
    for q in range(p + 1, k):
        if axons[q] == axons[p]:
            rows += 1
    return rows


def turn(K: Constants, m: Core, c: int, slot: int) -> None:
    """A neuron changes sides."""
    s = c * K.slots + slot
    step = -1 if m.cuts[s].side else 1
    m.cuts[s].side = 1 - m.cuts[s].side
    for p in range(m.neurons[s].k):
        m.cut_rows[c * K.axons + m.cuts[s].axon[p]] += step


def clear(K: Constants, m: Core, c: int, n: int) -> None:
    """All neurons on side 0."""
    for i in range(n):
        slot = m.cuts[c * K.slots + i].slot
        if m.cuts[c * K.slots + slot].side:
            turn(K, m, c, slot)


def accesses(K: Constants, m: Core, c: int, layer: int, both: bool, act: Ints) -> int:
    """Accesses of the axons of a layer that go to ``both`` sides, or to any."""
    total = 0
    for i in range(K.axons):
        a = c * K.axons + i
        axon = m.axons[a]
        if axon.layer == layer and axon.rows > 0 and (not both or 0 < m.cut_rows[a] < axon.rows):
            total += axon.use + 1
    act[A_READ] += m.ledgers[c].axons
    return total


def collect(K: Constants, m: Core, c: int, n: int, seed: int, act: Ints) -> None:
    """Side 1 grows from a neuron to half of all; ``cut_gain`` holds how closely each is tied to it."""
    s, best = c * K.slots, seed
    for i in range(n):
        m.cuts[s + m.cuts[s + i].slot].gain = 0
    for size in range(1, n // 2 + 1):
        turn(K, m, c, best)
        act[A_WRITE] += 1
        for p in range(m.neurons[s + best].k):
            axon = m.cuts[s + best].axon[p]
            if m.cut_rows[c * K.axons + axon] == rows_of(m, s + best, p, m.neurons[s + best].k):  # new to side 1
                tie(K, m, c, axon, act)
        if size == n // 2:
            return
        best = -1
        for i in range(n):
            slot = m.cuts[s + i].slot
            if not m.cuts[s + slot].side and (best < 0 or m.cuts[s + slot].gain > m.cuts[s + best].gain):
                best = slot
        act[A_READ] += n


def tie(K: Constants, m: Core, c: int, axon: int, act: Ints) -> None:
    """The holders of an axon that has come to side 1 are tied to it."""
    a = c * K.axons + axon
    weight = (m.axons[a].use + 1) * TIE // m.axons[a].rows
    for p in range(PAIRS):
        i = m.axons[a].first[p] - 1
        while i >= 0:
            row = m.rows[c * K.rows + i]
            m.cuts[c * K.slots + row.slot].gain += weight
            act[A_READ] += 1
            i = row.next - 1


def gain(K: Constants, m: Core, c: int, slot: int) -> int:
    """Accesses that would go to one half less, less those that would go to one more, if a neuron changed sides."""
    s = c * K.slots + slot
    total = 0
    for p in range(m.neurons[s].k):
        rows = rows_of(m, s, p, m.neurons[s].k)
        a = c * K.axons + m.cuts[s].axon[p]
        if rows == 0 or m.axons[a].rows == rows:
            continue
        here = m.cut_rows[a] if m.cuts[s].side else m.axons[a].rows - m.cut_rows[a]
        if here == rows:
            total += m.axons[a].use + 1
        elif here == m.axons[a].rows:
            total -= m.axons[a].use + 1
    return total


def swap(K: Constants, m: Core, c: int, n: int, act: Ints) -> int:
    """One pass; how much it gained."""
    s, size = c * K.slots, 0
    for i in range(n):
        slot = m.cuts[s + i].slot
        cut = m.cuts[s + slot]
        cut.gain = gain(K, m, c, slot)
        cut.lock = 0
        size += cut.side
        act[A_READ] += m.neurons[s + slot].k
    now, most, kept, done = 0, 0, 0, 0
    while done < n and done - kept <= PATIENCE:
        best = -1
        for i in range(n):
            slot = m.cuts[s + i].slot
            cut = m.cuts[s + slot]
            after = size - 1 if cut.side else size + 1
            if cut.lock or after * 100 < n * LEAST or after * 100 > n * MOST:
                continue
            if best < 0 or cut.gain > m.cuts[s + best].gain:
                best = slot
        act[A_READ] += n
        if best < 0:
            break
        now += gain(K, m, c, best)
        size += -1 if m.cuts[s + best].side else 1
        m.cuts[s + best].lock = 1
        m.cuts[s + done].order = best
        done += 1
        act[A_WRITE] += 1
        turn(K, m, c, best)
        renew(K, m, c, best, act)
        if now > most:
            most, kept = now, done
    for i in range(kept, done):
        turn(K, m, c, m.cuts[s + i].order)
    act[A_WRITE] += done - kept
    return most


def renew(K: Constants, m: Core, c: int, slot: int, act: Ints) -> None:
    """The gains of those that share an axon with a neuron that changed sides, where so few are left on a side that they change."""
    s = c * K.slots + slot
    for p in range(m.neurons[s].k):
        rows = rows_of(m, s, p, m.neurons[s].k)
        a = c * K.axons + m.cuts[s].axon[p]
        here = m.cut_rows[a] if m.cuts[s].side else m.axons[a].rows - m.cut_rows[a]  # on the side that it came to
        if rows == 0 or (here - rows > 1 and m.axons[a].rows - here > 1):
            continue
        for q in range(PAIRS):
            i = m.axons[a].first[q] - 1
            while i >= 0:
                row = m.rows[c * K.rows + i]
                other = c * K.slots + row.slot
                if not m.cuts[other].lock:
                    m.cuts[other].gain = gain(K, m, c, row.slot)
                act[A_READ] += m.neurons[other].k
                i = row.next - 1


def leaving(K: Constants, m: Core, c: int, layer: int, n: int, named: Row, first: int, count: int, act: Ints) -> int:
    """Which side leaves: the one that alone reads more of what is named, or the smaller one."""
    pull = 0
    for i in range(first, first + count):
        axon = find_axon(K, m, c, layer, named[i], act)
        if axon >= 0:
            a = c * K.axons + axon
            if m.cut_rows[a] == m.axons[a].rows:
                pull += m.axons[a].use + 1
            elif m.cut_rows[a] == 0:
                pull -= m.axons[a].use + 1
    if pull != 0:
        return 1 if pull > 0 else 0
    size = 0
    for i in range(n):
        size += m.cuts[c * K.slots + m.cuts[c * K.slots + i].slot].side
    return 1 if 2 * size <= n else 0


def mark(K: Constants, m: Core, c: int, n: int, side: int, act: Ints) -> int:
    """Mark the neurons of a side; how many."""
    s, size = c * K.slots, 0
    for i in range(n):
        cut = m.cuts[s + m.cuts[s + i].slot]
        cut.leave = 1 if cut.side == side else 0
        size += cut.leave
    act[A_WRITE] += size
    return size

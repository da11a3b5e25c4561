"""Growth at the chosen core: store a vector, index it, and say which of its ids are new here (NG8)."""

from __future__ import annotations

from chipsim.jit.records import Rows
from chipsim.machine.actions import A_PAIR, A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, LAYER, TRACE, emit
from chipsim.programs.nsn.core import Core, Holder
from chipsim.programs.nsn.match import axon_bucket, find_axon
from chipsim.programs.nsn.messages import GROWN, T_WRITE
from chipsim.programs.nsn.state import AXON_BUCKETS, PAIRS, UNLINKED, Constants

NO_MEMORY, NO_AXONS = -1, -2
"""Why a core refuses a neuron."""

FIRST_PAIR = F3 + 1
"""Column of the first pair in a GROW row."""


def new_axons(K: Constants, m: Core, c: int, layer: int, ids: Row, offset: int, stride: int, k: int, act: Ints) -> int:
    """Mask of the pairs whose id has no axon here that is linked to its neuron, each id once."""
    mask = 0
    for p in range(k):
        neuron = ids[offset + stride * p]
        axon = find_axon(K, m, c, layer, neuron, act)
        fresh = axon < 0 or m.axons[c * K.axons + axon].parent == UNLINKED
        for q in range(p):
            if ids[offset + stride * q] == neuron:
                fresh = False
        if fresh:
            mask |= 1 << p
    return mask


def store(  # noqa: PLR0913  a vector comes as a part of what a message or a snapshot holds
    K: Constants, m: Core, c: int, slot: int, layer: int, ordinal: int, ids: Row, offset: int, stride: int, k: int, act: Ints
) -> int:
    """Store a vector in a slot and index it; returns the mask of ids new to the core, or, with nothing changed, NO_MEMORY or NO_AXONS."""
    associative = layer > 0 and not K.keyed
    mask = new_axons(K, m, c, layer, ids, offset, stride, k, act) if associative else 0
    fresh = 0
    for p in range(k):  # an axon may be here already, left unlinked by a neuron that was erased
        if mask >> p & 1 and find_axon(K, m, c, layer, ids[offset + stride * p], act) < 0:
            fresh += 1
    bits = K.bits_neuron + k * K.bits_pair + fresh * K.bits_axon
    if associative:
        bits += k * K.bits_row
    own, one = m.ledgers[c], m.neurons[c * K.slots + slot]
    if own.axons + fresh > K.axon_limit:
        return NO_AXONS
    if own.used + bits > K.growth_bits or (associative and (own.rows + k > K.rows or own.axons + fresh > K.axons)):
        return NO_MEMORY
    own.used += bits
    one.layer = layer
    one.ordinal = ordinal
    one.k = k
    one.match = 0
    for p in range(k):
        neuron, cls = ids[offset + stride * p], ids[offset + stride * p + 1]
        pair = m.pairs[(c * K.slots + slot) * PAIRS + p]
        pair.id = neuron
        pair.cls = cls
        act[A_PAIR] += 1
        if associative:
            if mask >> p & 1 and find_axon(K, m, c, layer, neuron, act) < 0:
                add_axon(K, m, c, layer, neuron)
                act[A_WRITE] += 1
            add_row(K, m, c, find_axon(K, m, c, layer, neuron, act), slot, p, cls)
            act[A_WRITE] += 1
    return mask


def order_rows(K: Constants, m: Core, c: int, scratch: Rows[Holder]) -> None:
    """Put the holder rows of a core in the order in which spikes go through them: those that follow each other share cache lines.

    ``scratch`` has room for the rows of a core.
    """
    base, n = c * K.rows, 0
    for a in range(c * K.axons, c * K.axons + m.ledgers[c].axons):
        for place in range(PAIRS):
            i = m.axons[a].first[place]
            if i > 0:
                m.axons[a].first[place] = n + 1
            while i > 0:
                old, row = m.rows[base + i - 1], scratch[n]
                i = old.next
                n += 1
                row.cls = old.cls
                row.slot = old.slot
                row.next = n + 1 if i > 0 else 0
    for i in range(n):
        row, old = m.rows[base + i], scratch[i]
        row.cls = old.cls
        row.slot = old.slot
        row.next = old.next


def add_axon(K: Constants, m: Core, c: int, layer: int, neuron: int) -> None:
    """A new axon without rows or children, not linked yet."""
    own = m.ledgers[c]
    i = own.free_axon - 1
    if i >= 0:
        own.free_axon = m.axons[c * K.axons + i].next
    else:  # all that were ever taken are in use
        i = own.axons
    axon, bucket = m.axons[c * K.axons + i], c * AXON_BUCKETS + axon_bucket(layer, neuron)
    axon.layer = layer
    axon.id = neuron
    axon.rows = 0
    for p in range(PAIRS):
        axon.first[p] = 0
    axon.parent = UNLINKED
    axon.children = 0
    axon.use = 0
    axon.next = m.axon_buckets[bucket]
    m.axon_buckets[bucket] = i + 1
    own.axons += 1


def add_row(K: Constants, m: Core, c: int, axon: int, slot: int, position: int, cls: int) -> None:
    """A new holder row of an axon."""
    own, of = m.ledgers[c], m.axons[c * K.axons + axon]
    i = own.free_row - 1
    if i >= 0:
        own.free_row = m.rows[c * K.rows + i].next
    else:
        i = own.rows
    row = m.rows[c * K.rows + i]
    row.slot = slot
    row.cls = cls
    row.next = of.first[position]
    of.first[position] = i + 1
    of.rows += 1
    own.rows += 1


def grow(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """GROW: k pair writes, k index writes, one history record; acknowledged with what has to be linked."""
    layer, slot, ordinal, k = msg[LAYER], msg[F0], msg[F1], msg[F2]
    mask = store(K, m, c, slot, layer, ordinal, msg, FIRST_PAIR, 2, k, act)
    if mask < 0:
        act[A_READ] += 1
        if not K.batch:
            m.scores[c * K.numbers + layer].barred = 1
        emit(out, GROWN, msg[F3], layer, 0, mask)
        return
    s = c * K.slots + slot
    m.neurons[s].activations = 0
    m.neurons[s].first = 0
    m.last[s] = 0
    act[A_WRITE] += 1
    for p in range(k):
        pair = m.pairs[s * PAIRS + p]
        emit(out, T_WRITE, TRACE, layer, p, pair.id, pair.cls)
    emit(out, GROWN, msg[F3], layer, 1, mask)

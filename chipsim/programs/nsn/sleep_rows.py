"""Memory of a sleep: what its sleeper knows, and what home cores keep for it.

A node is named by ``NODES + core * K.notes + place``; below ``NODES`` are the starts of the layers, and 0 is none. A *unit* is the id of an
item alone, or from ``UNIT`` on the node of a vector, sixteen times, and its number of pairs.
"""

from __future__ import annotations

from chipsim.jit.records import I32, I64, Row

NODES = 1 << 12
UNIT = 1 << 52
SIZES = 16
"""Scale of nodes in a unit."""

NOTE_BUCKETS = 1024
STRIPE = 64
"""Entries of the tape that follow each other on one core."""

WINDOW = 16
"""Items of the tape that the sleeper has room for: a vector, the item before it, and a power of two."""

A_NODE, A_NAME = 1, 2
"""What a note is: a beginning of vectors, or where an id is."""


class Dream(Row):
    """What a core knows of what it keeps for a sleep: how much of each table is taken, the most bits ever in use, bits of its records."""

    notes: I64
    counters: I64
    tape: I64
    peak: I64
    record_bits: I64
    bits: I64


class Note(Row):
    """A node: the node that it goes on from, id, class; or a name: an id, its node and its address.

    Attributes:
        what: ``A_NODE`` or ``A_NAME``.
        parent, id, cls: of the pair; of a name only the id.
        number: 1 + the vector's that is complete here, in the order in which the layer's were made; 0: none. Of a name: its node.
        ordinal: 1 + that of the layer's neuron that has this vector; 0: none. Of a name: its address.
        uses, first, last: how often the vector fired in this reading, and when.
        layer: whose vectors begin like this; k: pairs up to here; next: of the bucket.
    """

    what: I64
    parent: I64
    id: I64
    cls: I64
    number: I64
    ordinal: I64
    uses: I64
    first: I64
    last: I64
    layer: I32
    next: I32


class Counter(Row):
    """A digram: its units and the class between them, how often it was counted, where first; the next one of the bucket."""

    left: I64
    right: I64
    cls: I64
    count: I64
    place: I64
    next: I64


class Tape(Row):
    """An item that a layer reads: id, event time of its end and of its start, 1 if it begins an episode."""

    id: I64
    end: I64
    start: I64
    begins: I64


class Pick(Row):
    """The best that a home core has not given yet: count and first place of a digram, its units and class; or number, node and ordinal."""

    count: I64
    place: I64
    left: I64
    right: I64
    cls: I64


class Sleeper(Row):
    """The sleeper, beside its window of the tape, a vector, a stack and a choice per home core (``Core``).

    Attributes:
        stage: what it waits for, 0: it is awake; todo: what it does next (``sleep_stages``); then: what it does with a vector entered.
        home, slot: which home core, and of its slots, is asked next.
        layer: that is compacted; run, runs, threshold: pass, passes in all, how often is often enough; 0: not known yet.
        made, freed, following: vectors of the layer made; freed behind a reading; next ordinal.
        keeper, entry, begins, hole, origin, time: record keeper and entry being read; whether an episode begins with it, has a hole; its
            first entry on the tape; event time up to there.
        id, end, node: of what is being expanded; deep: rows of the stack.
        items, at, held, pos, out: of the tape: all, first item of the unit, items in the window from there on, pairs walked, written.
        mode: of the reading; best, size, ordinal: of the longest vector so far.
        left, left_size: the unit before, 0 pairs: none; last_left, last_right, last_cls: the digram counted just before, -1: none.
        part, parent, depth, number, old: of the vector being entered or made.
        pick: home core whose choice is being made; address, peak, count, first, last: of the neuron made; bits in all.
    """

    stage: I64
    todo: I64
    then: I64
    home: I64
    slot: I64
    layer: I64
    run: I64
    runs: I64
    threshold: I64
    made: I64
    freed: I64
    following: I64
    keeper: I64
    entry: I64
    begins: I64
    hole: I64
    origin: I64
    time: I64
    id: I64
    end: I64
    node: I64
    deep: I64
    items: I64
    at: I64
    held: I64
    pos: I64
    out: I64
    mode: I64
    best: I64
    size: I64
    ordinal: I64
    left: I64
    left_size: I64
    last_left: I64
    last_right: I64
    last_cls: I64
    part: I64
    parent: I64
    depth: I64
    number: I64
    old: I64
    pick: I64
    address: I64
    peak: I64
    first: I64
    last: I64
    fresh: I64
    before: I64
    homes: I64

"""Memory of a core, as records: what one message touches together lies together."""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import Annotated

from chipsim.jit.records import I16, I32, I64, Column, Handle, Row, Rows
from chipsim.programs.nsn.sleep_rows import Counter, Dream, Note, Pick, Sleeper, Tape
from chipsim.programs.nsn.state import PAIRS

Places = Annotated[MutableSequence[int], "i4", PAIRS]
"""A number of 32 bits per pair of a vector."""

MATCH = 16
"""Scale of probes in a match state: so many numbers of pairs that may have matched, and more."""


class Ledger(Row):
    """What a core knows of itself, a cache line: its number, bits in use, how much of each table is taken, and the first of what became free.

    Free axons, rows, lists and members are threaded by their ``next``; while none is free, those taken are the first ones of their table.
    """

    number: I64
    used: I64
    axons: I64
    rows: I64
    keys: I64
    lists: I32
    members: I32
    free_axon: I32
    free_row: I32
    free_list: I32
    free_member: I32


class Neuron(Row):
    """A slot: what a spike and a decision touch, half a cache line.

    Attributes:
        match: of the probe that the match state belongs to, ``MATCH`` times its number + pairs matched so far; 0: none.
        first: event time of the first activation; activations: how often it won.
        ordinal: of the layer's neurons.
        list: its first forwarding list.
        layer: k: of its vector, 0: the slot is empty.
    """

    match: I64
    first: I64
    activations: I32
    ordinal: I32
    list: I32
    layer: I16
    k: I16


class Pair(Row):
    """A pair of a vector."""

    id: I64
    cls: I64


class Axon(Row):
    """(layer, lower id) -> holder rows, and where answers go: a cache line.

    Attributes:
        id, layer: of the lower neuron; the layer that reads it.
        next: of the bucket, or of the free ones.
        rows: holder rows in all.
        parent: core that gets the answer, -1: the layer's root, ``UNLINKED``: nobody spikes to it yet.
        children: answers that come in here.
        use: accesses so far, at most ``USE_MOST``; where cores score.
        first: first row by position.
    """

    id: I64
    next: I32
    layer: I32
    rows: I32
    parent: I32
    children: I32
    use: I32
    first: Places


class Holder(Row):
    """A holder row: a neuron that has an axon's id at a position, with an interval class; the next one."""

    cls: I64
    slot: I32
    next: I32


class List(Row):
    """A forwarding list of one of the core's own neurons: the cores that hold its axon on a layer.

    Attributes:
        layer: that reads.
        next: list of the neuron, or of the free ones.
        first, last: members.
        size: members in all.
        use: accesses so far, at most ``USE_MOST``; where cores score.
    """

    layer: I32
    next: I32
    first: I32
    last: I32
    size: I32
    use: I32


class Member(Row):
    """A core that holds an axon; the next one of the list, or of the free ones."""

    core: I32
    next: I32


class Key(Row):
    """A keyed entry.

    Attributes:
        id, cls, layer: of the pair; parent: node that the entry extends, -1: the start.
        next: of the bucket.
        open: something extends it.
        ordinal, address: of the neuron that is complete here, or -1.
    """

    id: I64
    parent: I64
    cls: I64
    next: I32
    layer: I16
    open: I16
    ordinal: I64
    address: I64


class Kept(Row):
    """What a core knows of the entries of episode records that it keeps: how many, and the number + 1 of the core that keeps those before."""

    entries: I64
    before: I64


class Entry(Row):
    """An entry of an episode record: id, class of the interval before it or, of the first of an episode, its event time, and flags."""

    id: I64
    word: I64
    flags: I64


class Wait(Row):
    """Answers being combined on a layer: a cache line.

    Attributes:
        tag: probe * 8 + position, 0: nothing pending.
        address, seniority, first, ordinal: of the candidate; its seniority is its count.
        score: best score of the cores that answered so far.
        got: children's answers so far.
        own: own matching done.
        open: something can go on.
    """

    tag: I64
    ordinal: I64
    address: I64
    seniority: I64
    first: I64
    score: I64
    got: I32
    own: I32
    open: I64


class Going(Row):
    """The best vector that can go on, of the answers being combined on the layer of a recursive network.

    Attributes:
        ordinal: -1: none; count, first: of its neuron.
        expected: the id that it goes on with, -1: none.
    """

    count: I64
    first: I64
    ordinal: I64
    expected: I64


class Contest(Row):
    """What a core has to offer for the item presented on a layer, where winners are found by inhibition.

    Attributes:
        ordinal, address, seniority, first: of the candidate, the ordinal -1 once it is out.
        word: what an answer says of it (``sums``).
    """

    ordinal: I64
    address: I64
    seniority: I64
    first: I64
    word: I64


class Score(Row):
    """The core's score for a new neuron of a layer.

    Attributes:
        segment: probe with which the segment began, 0: none.
        sum: accesses of the axons that it read here.
        crowded: links made while the core was crowded.
        barred: 1: the core has no room and cannot be split, so it scores nothing.
    """

    segment: I64
    sum: I64
    crowded: I64
    barred: I64


class Link(Row):
    """A link being made from one of the core's neurons to a reader on a layer.

    Attributes:
        slot, id: of the neuron; child: the reader; root: who is told; stage: see ``link``.
        tile: next router on the way back from the child.
        index: unlinking: place of the member that went; moving a tree: the member whose way is taken back.
        step: unlinking: members told so far.
        use: linking again: accesses so far.
    """

    slot: I64
    id: I64
    child: I64
    root: I64
    stage: I64
    tile: I64
    index: I64
    step: I64
    use: I64


class Departure(Row):
    """A neuron of a layer leaving for another core.

    Attributes:
        slot, address: where it is and where it goes.
        root: core of the layer's root.
        mask: links still to be made there.
        list: forwarding list that is being handed over, or -1.
        member: members of it handed over.
        scan: slots below have been seen.
    """

    slot: I64
    address: I64
    root: I64
    mask: I64
    list: I64
    member: I64
    scan: I64


class Removal(Row):
    """A neuron of a layer being taken out: its slot and pairs, the next pair, and whom to answer with a message of which kind."""

    slot: I64
    pairs: I64
    pair: I64
    kind: I64
    asker: I64


class Cut(Row):
    """A core being split (``bisect``).

    Attributes:
        gain, side, lock, leave, axon: of the neuron in this slot; leave: 1: it is to go; axon: of each of its pairs.
        slot, order: in the n-th row: the n-th slot of the layer, and the n-th that changed sides.
    """

    gain: I64
    slot: I32
    order: I32
    side: I32
    lock: I32
    leave: I64
    axon: Places


class Core(Handle):
    """Memory of a core, by tables; ``sizes`` says how many rows each has per core.

    A row that leads to another (``next``, ``first``, ``last``, ``list``, ``free_axon`` and the like, and buckets) holds the other's number + 1,
    0 for none: a memory that was never written is an empty one, and takes no memory of the machine that emulates it.

    Attributes:
        ledgers: one a core.
        neurons, pairs, last: by slot; ``PAIRS`` pairs each; event time of the last activation.
        axon_buckets, axons, homes, rows: what the core's neurons read; address of the lower neuron of each axon, where neurons move.
        lists, members: who reads the core's neurons.
        key_buckets, keys: keyed entries.
        kept, records: entries of episode records.
        waits, scores, links, departures, removals: one per layer; going: likewise, where there are recursive networks; contests: where winners
            are found by inhibition.
        dreams, note_buckets, notes, counter_buckets, counters, tape: what a home core keeps for a sleep (``sleep_rows``).
        sleepers, window, parts, stack, picks, beds: what the sleeper keeps: of tape, vector and expansion, of home cores, and which these are.
        cuts, cut_rows: of a core being split, by slot, and by axon its rows on side 1.
    """

    ledgers: Rows[Ledger]
    neurons: Rows[Neuron]
    pairs: Rows[Pair]
    last: Column[I64]
    axon_buckets: Column[I32]
    axons: Rows[Axon]
    homes: Column[I64]
    rows: Rows[Holder]
    lists: Rows[List]
    members: Rows[Member]
    key_buckets: Column[I32]
    keys: Rows[Key]
    kept: Rows[Kept]
    records: Rows[Entry]
    waits: Rows[Wait]
    going: Rows[Going]
    contests: Rows[Contest]
    scores: Rows[Score]
    links: Rows[Link]
    departures: Rows[Departure]
    removals: Rows[Removal]
    cuts: Rows[Cut]
    cut_rows: Column[I32]
    dreams: Rows[Dream]
    note_buckets: Column[I32]
    notes: Rows[Note]
    counter_buckets: Column[I32]
    counters: Rows[Counter]
    tape: Rows[Tape]
    sleepers: Rows[Sleeper]
    window: Rows[Tape]
    parts: Rows[Pair]
    stack: Rows[Pair]
    picks: Rows[Pick]
    beds: Column[I64]

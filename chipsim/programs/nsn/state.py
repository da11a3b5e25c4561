"""State of the programs, as records and arrays of whole numbers.

Every memory is a set of tables that kernels index as ``base * capacity + i``. The reference engine gives each core tables of its own
and base 0, so a core program has no handle on another core's memory (HW10, enforced by construction); an engine in arrays gives one set
for all cores and the place of the core's memory in it as base.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chipsim.machine.ints import Ints

AXON_BUCKETS = 256
KEY_BUCKETS = 256
"""Of a core's keyed entries where other layers than 0 do not match by key; else it has one for each entry."""
RING = 32
"""Items that a root buffers per layer: a run of 8 pairs and a probe of 8 more must fit."""

PAIRS = 8

UNLINKED = -2

SUBSTITUTION = 5
"""Words of a substitution: episode, occurrence in it, position, id or -1, class."""

NO_BIT, ANSWERS = -2, -1

CLASS_ALONE = -1
"""In place of an id: a substitution of the class alone."""

END_INPUT = 4
"""Flag of the last item of a run behind which the network sleeps."""

SATURATE = -1
"""Instead of a time: an event is offered as soon as the one before it was taken."""

USE_MOST = (1 << 16) - 1
"""A core counts the accesses of an axon up to this."""

FOLLOW, LOCALITY, LOAD, AXONS = range(4)
"""Policies of growth (``slots.py``)."""


class Constants(NamedTuple):
    """What every program knows of chip and network and never writes: a bundle like the others, but read-only."""

    cores: int
    slots: int
    width: int
    height: int
    column: int  # 1: tiles are numbered column by column
    concentration: int
    layers: int
    numbers: int  # one more than the highest number of a layer: 0..L, the record keeper's, then those of recursive networks
    networks: int  # recursive networks of each layer from 1 up
    delay: int  # outputs after which what a network expects is heeded
    linked: int  # 1: networks read on over the ends of episodes
    listeners: int
    keyed: int
    multicast: int
    arity: int
    interval: int
    unit: int
    gaps: int  # layer whose root keeps the residuals of the gaps between its items, -1: none
    max_gap: int
    alerts: int
    stop_when_full: int
    memory_bits: int
    growth_bits: int
    axon_limit: int
    rows: int
    axons: int
    keys: int
    lists: int
    members: int
    records: int
    residuals: int
    regions: int
    region_cores: int
    policy: int  # where a new neuron goes (slots.py)
    scores: int  # 1: cores count accesses of their axons and score new neurons
    reuse: int  # 1: slots that become free are given again
    batch: int  # neurons moved between two segments, 0: none ever
    least_gain: int  # thousandths of a core's axon accesses that a split must leave whole
    host: int
    bits_neuron: int
    bits_pair: int
    bits_row: int
    bits_axon: int
    bits_member: int
    bits_list: int  # of a forwarding list beside its members
    bits_key: int
    bits_record: int
    bits_first: int  # of the first entry of an episode's record
    bits_core: int  # number of a core
    bits_residual: int
    bits_expected: int
    bits_heard: int
    reading: Sequence[int]
    below: Sequence[int]  # number of the layer that one reads, -1: the host
    unit_of: Sequence[int]  # of the interval classes of a layer
    listened: Sequence[int]  # number of the layer that each listener hears; one -1 where there are none
    bits_substitution: int  # of the class alone
    bits_id: int  # more, with an id
    sleeps: int  # 1: the network sleeps when all is read (sleeper.py)
    asleep: int  # the first layer that sleeps
    often: int  # how often a digram must occur, at least
    tracks: int  # 1: axons know where their neuron is
    notes: int  # rows of a sleep's tables
    counters: int
    tape: int
    stack: int
    bits_node: int
    bits_name: int
    bits_counter: int
    bits_tape: int
    bits_sleeper: int
    sums: Sequence[int]  # per layer: 1: vectors sum, answers carry the key, and the root compares across lengths (sums.py)
    least: Sequence[int]  # by k, pairs that have to match
    tolerance: int  # by how much a class may be off
    differs: int  # 1: a winner may stand for what it does not match in every pair
    substitutions: int  # rows of them that a root has words for
    inhibits: int  # 1: winners are found by inhibition (inhibit.py)
    ordinal_bits: int  # of the key that is asked for bit by bit: ordinals, first event times from time_base on, counts
    age_bits: int
    count_bits: int
    time_base: int
    key_homes: int  # cores that are homes of keys
    home: Sequence[int]  # these, ascending
    root_core: Sequence[int]
    root_region: Sequence[int]


class Root(NamedTuple):
    """Memory of a layer's root (sizes per root in brackets; N residuals and episodes)."""

    scalar: Ints  # [SCALARS], see below
    item_id: Ints  # [RING]
    item_address: Ints  # [RING]
    item_time: Ints  # [RING]
    item_flags: Ints  # [RING]
    item_needed: Ints  # [RING]
    item_start: Ints  # [RING]
    path: Ints  # [8] keyed: nodes that the segment's first probe reached
    named: Ints  # [8] ids that the neuron names for which a core is to be split, -1 behind the last; where neurons move
    residual: Ints  # [N]
    residual_end: Ints  # [N] only the root of layer ``Constants.gaps`` has any
    substitution: Ints  # [S SUBSTITUTION]
    expected: Ints  # [networks x delay] what recursive networks expected: by network, then number of the output modulo delay
    expected_at: Ints  # [networks x delay] number of that output, -1: none yet


# Root.scalar
(
    START,  # number of the first item of the segment being decided
    RECEIVED,  # items received so far
    OWED,  # 1: the sender below waits for TAKEN until there is room
    PHASE,
    AT,  # first item of the current probe, relative to START
    POSITION,  # position being presented
    PROBE,  # probes so far
    WIN_COVER,  # of the current probe; 0: none
    WIN_ORDINAL,
    WIN_ADDRESS,
    NODE,  # keyed: node reached by the current probe
    PATH,  # keyed: nodes of the first probe
    NEEDED,  # last input item that had to be seen
    ORDINAL,  # next ordinal = neurons of the layer so far
    DECIDED,  # segments decided so far = number of the next fired item
    COVER,  # items of the segment being fired
    ADDRESS,  # slot of the neuron being grown
    MASK,  # links still to be made
    CURSOR,  # keyed: next pair to be written
    UNSTORED_COUNT,
    RESIDUALS,
    EPISODES,  # that have ended
    RECORDS,
    LOST,  # keeper: items that found no room; root: 1 once the end of an episode found none
    USED,  # bits of what the root keeps for replay
    ROOM,  # bits free in the root's core when the operation began
    RESERVED,  # bits of USED taken for the segment being decided
    ROUNDS,  # WTA rounds
    DEEPEST,  # most items ever buffered
    SCORE,  # best score for the segment's neuron, 0: none
    HEARD_SCORE,  # that of the probe that is going on
    JOB,  # a core being split (migrate.py)
    JOB_FROM,  # the core that was full
    JOB_TO,  # the core that takes half of it
    STEP,  # what the migration waits for (migrate.py)
    LEFT,  # neurons that may still move before the next segment
    HOLD,  # 1 + the layer that asked this root to stop at its next safe point, 0: none
    BEFORE,  # root that keeps residuals, and keeper: end of the item before if its episode goes on, else NO_TIME
    WIN_WORD,  # of the best candidate so far: what answers say beside its ordinal and history (sums.py); its history
    WIN_COUNT,
    WIN_FIRST,
    UNTIL,  # the last position behind which the current probe goes on
    FIRED,  # neurons of the layer that fired in the episode so far
    SUBSTITUTIONS,
    AWAITED,  # those that have not taken what was fired
    BEGAN,  # number of the first output of the episode
    PRIMED_A,  # ordinals + 1 of the primed neurons, two in a word (prime.py)
    PRIMED_B,
    PRIMED_C,
    TOLD,  # of a recursive network: number of the first item that it never asked for
    EXPECTED,  # of a recursive network: the id that its running probe expects, -1: none
    TAIL,  # keeper: core that keeps the last entry
    BIT,  # inhibition: bit of the key that is asked for, ``NO_BIT`` while none is, ``ANSWERS`` while who is left is to answer
    HORIZON,  # told by the quorum, and how many complete vectors there are
    COMPLETE,
    LAST_LEVEL,  # at which the last cores dropped out
) = range(56)
RIVALS = 56
"""Segments that a stored vector won, by the candidates: 1, 2, 3-4, 5-8, more."""
DECIDED_BY = 61
"""Of those with several, by the level of the key that decided (``wta.LEVELS``)."""
MAKING = 66
"""Root: 1 + its next ordinal while it grows a neuron that a sleep has made; record keeper: ``ANEW`` or ``DUE``; else 0."""
SCALARS = 67

ANEW, DUE = 1, 2
"""Records are written anew by a sleep; or a sleep is to begin."""

# Root.scalar[PHASE]
(
    IDLE,
    NEED_ITEM,
    NEED_NEXT,
    NEED_RUN,
    NEED_END,
    ASKED,
    ALLOCATING,
    GROWING,
    LINKING,
    WRITING,
    OPENING,
    ERASING,
    FIRING,
    RESTART,
    MOVING,
    HELD,
    NEED_PRIME,
    SEEKING,
) = range(18)

PHASE_NAMES = (
    "nothing", "an item", "the next item of a probe", "the next item of a run", "the end of an event", "an answer of the cores",
    "a slot", "a core to store a neuron", "a link to be made", "a keyed entry to be written", "a keyed entry to be opened",
    "a neuron to be erased", "the next layer to take its item", "the item after those that were loaded",
    "a neuron to be moved", "neurons of a lower layer to be moved", "what its recursive networks expect",
    "an entry of the index, for a vector that a sleep has made",
)  # fmt: skip


class Server(NamedTuple):
    """Memory of a slot server (sizes per server; C cores of its region)."""

    number: Ints  # [1] the region's number
    core: Ints  # [C] cores of the region in the order of growth, -1 beyond
    next_slot: Ints  # [C] first slot never given
    closed: Ints  # [C] the core refused a neuron: for lack of memory, or of axons (slots.py)
    held: Ints  # [C] slots given and not free again
    free_first: Ints  # [C] first slot that became free or -1
    free_next: Ints  # [S C] the next of it
    kept: Ints  # [1] cores that were named as record keepers, from the last in the order of growth
    current: Ints  # [numbers] index of the core that a layer grows on, -1: none yet

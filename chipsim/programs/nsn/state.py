"""State of the programs, as arrays of whole numbers.

Every record type is a bundle of sequences that kernels index as ``base * capacity + i``. The reference engine gives each core its own
bundle of lists and base 0, so a core program has no handle on another core's memory (HW10, enforced by construction); an engine in
arrays gives one bundle for all cores and the core's number as base.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chipsim.machine.ints import Ints

AXON_BUCKETS = 256
KEY_BUCKETS = 256
RING = 32
"""Items that a root buffers per layer: a run of 8 pairs and a probe of 8 more must fit."""

PAIRS = 8

UNLINKED = -2

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
    keyed: int
    multicast: int
    arity: int
    interval: int
    unit: int
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
    bits_residual: int
    reading: Sequence[int]
    living: int  # cores that are homes of keys
    home: Sequence[int]  # these, ascending
    root_core: Sequence[int]
    root_region: Sequence[int]


class Core(NamedTuple):
    """Memory of a core (sizes per core in brackets; S slots, A axons, R rows, F lists, M members, K keyed entries, L layers + 2)."""

    self_core: Ints  # [1] the core's own number
    used: Ints  # [1] bits of memory in use
    # neurons by slot
    layer: Ints  # [S]
    ordinal: Ints  # [S]
    k: Ints  # [S] pairs of the vector, 0: empty slot
    vector_id: Ints  # [8 S]
    vector_class: Ints  # [8 S]
    activations: Ints  # [S] how often the neuron won
    first: Ints  # [S]
    last: Ints  # [S]
    match_probe: Ints  # [S] probe that the match state belongs to
    match_pairs: Ints  # [S] pairs matched so far in it
    # axons: (layer, lower id) -> holder rows, and where answers go
    axon_count: Ints  # [1]
    axon_bucket: Ints  # [AXON_BUCKETS] first axon or -1
    axon_layer: Ints  # [A]
    axon_id: Ints  # [A]
    axon_next: Ints  # [A]
    axon_rows: Ints  # [A] holder rows in all
    axon_row: Ints  # [8 A] first row by position or -1
    axon_parent: Ints  # [A] core that gets the answer, -1: the layer's root, UNLINKED: nobody spikes to it yet
    axon_children: Ints  # [A] answers that come in here
    axon_use: Ints  # [A] accesses so far, at most USE_MOST; where cores score
    axon_home: Ints  # [A] address of the lower neuron; where neurons move
    axon_free: Ints  # [1] first axon that became free or -1, threaded by axon_next
    row_count: Ints  # [1]
    row_slot: Ints  # [R]
    row_class: Ints  # [R]
    row_next: Ints  # [R]
    row_free: Ints  # [1] first row that became free or -1, threaded by row_next
    # forwarding lists of the core's own neurons: per (layer, slot) the cores that hold axon (layer, neuron)
    list_count: Ints  # [1]
    slot_list: Ints  # [S] first list of the slot or -1
    list_layer: Ints  # [F]
    list_next: Ints  # [F]
    list_first: Ints  # [F] first member
    list_last: Ints  # [F] last member
    list_size: Ints  # [F]
    list_use: Ints  # [F] accesses so far, at most USE_MOST; where cores score
    list_free: Ints  # [1] first list that became free or -1, threaded by list_next
    member_count: Ints  # [1]
    member_core: Ints  # [M]
    member_next: Ints  # [M]
    member_free: Ints  # [1] first member that became free or -1, threaded by member_next
    # keyed entries
    key_count: Ints  # [1]
    key_bucket: Ints  # [KEY_BUCKETS]
    key_layer: Ints  # [K]
    key_parent: Ints  # [K] node that the entry extends, -1: the start
    key_id: Ints  # [K]
    key_class: Ints  # [K]
    key_next: Ints  # [K]
    key_ordinal: Ints  # [K] complete neuron or -1
    key_address: Ints  # [K]
    key_open: Ints  # [K] something extends it
    # answers being combined, per layer
    wait_tag: Ints  # [L] probe * 8 + position, -1: nothing pending
    wait_own: Ints  # [L] own matching done
    wait_got: Ints  # [L] children's answers so far
    wait_open: Ints  # [L]
    wait_ordinal: Ints  # [L]
    wait_address: Ints  # [L]
    wait_seniority: Ints  # [L] count of the candidate
    wait_first: Ints  # [L]
    wait_score: Ints  # [L] best score of the cores that answered so far
    # the core's score for a new neuron, per layer
    score_segment: Ints  # [L] probe with which the segment began
    score_sum: Ints  # [L] accesses of the axons that it read here
    crowded: Ints  # [L] links made while the core was crowded
    barred: Ints  # [L] 1: the core has no room and cannot be split, so it scores nothing
    # a link being made from one of the core's neurons, per layer
    link_slot: Ints  # [L]
    link_id: Ints  # [L]
    link_child: Ints  # [L]
    link_root: Ints  # [L]
    link_stage: Ints  # [L]
    link_tile: Ints  # [L] next router on the way back from the child
    link_index: Ints  # [L] unlinking: place of the member that went; moving a tree: the member whose way is taken back
    link_step: Ints  # [L] unlinking: members told so far
    link_use: Ints  # [L] linking again: accesses so far
    # a neuron leaving for another core, per layer of the neuron
    go_slot: Ints  # [L]
    go_address: Ints  # [L] where it goes
    go_root: Ints  # [L] core of the layer's root
    go_mask: Ints  # [L] links still to be made there
    go_list: Ints  # [L] forwarding list that is being handed over
    go_member: Ints  # [L] members of it handed over
    go_scan: Ints  # [L] slots below have been seen
    # a neuron being taken out, per layer of the neuron
    out_slot: Ints  # [L]
    out_pairs: Ints  # [L]
    out_pair: Ints  # [L] next pair
    out_kind: Ints  # [L] kind of the answer
    out_asker: Ints  # [L]
    # the core being split (bisect.py)
    leave: Ints  # [S] 1: the neuron is to go
    cut_list: Ints  # [S] slots of the layer
    cut_side: Ints  # [S]
    cut_gain: Ints  # [S]
    cut_lock: Ints  # [S]
    cut_order: Ints  # [S]
    cut_axon: Ints  # [8 S] axon of each pair
    cut_rows: Ints  # [A] rows of the axon on side 1


class Root(NamedTuple):
    """Memory of a layer's root (sizes per root in brackets; N residuals, E episodes)."""

    scalar: Ints  # [SCALARS], see below
    item_id: Ints  # [RING]
    item_address: Ints  # [RING]
    item_time: Ints  # [RING]
    item_flags: Ints  # [RING]
    item_needed: Ints  # [RING]
    path: Ints  # [8] keyed: nodes that the segment's first probe reached
    named: Ints  # [8] ids that the neuron names for which a core is to be split, -1 behind the last; where neurons move
    residual: Ints  # [N]
    residual_end: Ints  # [N]
    record_id: Ints  # [records] record keeper only
    record_time: Ints  # [records]
    record_flags: Ints  # [records]


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
    EPISODES,
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
) = range(37)
SCALARS = 37

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
) = range(16)

PHASE_NAMES = (
    "nothing", "an item", "the next item of a probe", "the next item of a run", "the end of an event", "an answer of the cores",
    "a slot", "a core to store a neuron", "a link to be made", "a keyed entry to be written", "a keyed entry to be opened",
    "a neuron to be erased", "the next layer to take its item", "the item after those that were loaded",
    "a neuron to be moved", "neurons of a lower layer to be moved",
)  # fmt: skip


class Server(NamedTuple):
    """Memory of a slot server (sizes per server; C cores of its region, L layers)."""

    number: Ints  # [1] the region's number
    core: Ints  # [C] cores of the region in the order of growth, -1 beyond
    next_slot: Ints  # [C] first slot never given
    closed: Ints  # [C] the core refused a neuron: for lack of memory, or of axons (slots.py)
    held: Ints  # [C] slots given and not free again
    free_first: Ints  # [C] first slot that became free or -1
    free_next: Ints  # [S C] the next of it
    current: Ints  # [L + 2] index of the core that a layer grows on, -1: none yet

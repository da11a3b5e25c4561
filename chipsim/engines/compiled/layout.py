"""Where things are in the arrays of the compiled engine.

References to tokens, endpoints, links and message rows that may be none are kept as index + 1, so that memory which nothing has touched yet
says "none" everywhere and costs nothing.
"""

from __future__ import annotations

# Scalars of a run: the array ``S``.
(
    NOW,  # units
    PHASE,  # of the instant, see below
    STATUS,
    LIMIT,  # the run stops before this time
    LEFT,  # events left in this slice
    LAST,  # units of the last delivery or end of an operation
    COUNT,  # records hashed
    LOW, HIGH,  # digest: sums of the lower and upper 32 bits of the hashes
    LOW_DECIDED, HIGH_DECIDED,  # likewise of decisions
    HOPS,
    HOPS_EW,
    HOPS_NS,
    FREE_TOKEN, FREE_TOKENS,  # first of the free tokens, and how many there are
    FREE_ROW, FREE_ROWS,  # likewise of message rows
    BASE,  # units; the near wheel holds what is due before BASE + SIZE
    READY,  # first endpoint with something to do in this instant
    DELIVER_LIST, END_LIST, SIDE_LIST, ARRIVE_LIST, LINK_LIST, EJECT_LIST,  # what is left of this instant
    LOGGED,  # rows of the log
    BANKS,  # core memories in use
    ENTRIES,  # multicast entries in the table
    ERROR, DETAIL_A, DETAIL_B, DETAIL_C, DETAIL_D,
    NEXT_ITEM, TAKEN_ITEMS, OFFERED, OVERRUNS, OFFER_AT,  # host; OFFER_AT: -1 or when it looks again
    HOST_FLITS,
    CURSOR,  # traffic: next packet; spiking cores: next core to begin the step
    STEP, STEP_AT,  # last step begun; when the next begins, -1: not known
    WORK,  # spiking cores: packets and output sides that the barrier waits for
    FIRED, UPDATED, PACKETS, SYNOPS, LATE_SPIKES,
    FAR_AT,  # when the next bucket of the far wheel begins
    ONE_BY_ONE,  # operations are not begun ahead of time
    AHEAD,  # begin of the last operation that was
) = range(52)  # fmt: skip
SCALARS = 224

# Phases of an instant.
BETWEEN, DELIVERING, ENDING, OFFERING, ARRIVING, LEAVING, STEPPING, COMPUTING = range(8)

# Why ``advance`` came back.
RUNNING, EMPTY, AT_LIMIT, SLICE, NEED_TOKENS, NEED_ROWS, NEED_LOG, NEED_BANK, NEED_ENTRIES, FAILED = range(10)

# Errors.
NO_ENTRY, TABLE_FULL, NOTE, BEHIND = 1, 2, 3, 4

# Parameters: the array ``P``; times in units.
(
    SIZE,  # slots of the wheel
    UNIT,  # ps
    TICK_UNITS,
    FLIT_UNITS,
    LOCAL_UNITS,
    HOST_UNITS,
    LATENCY,  # four of them, by port
    _1, _2, _3,
    CORES,
    CONCENTRATION,
    HOST,
    LOSSES,
    KEEP_PACKETS,
    KEEP_SPIKES,
    TABLE_LIMIT,
    ITEMS,
    FIRST_ITEM,
    STEPS,
    NEURONS,
    RINGS,
    LEAK,
    LEAK_SHIFT,
    COARSE,
    DELAYS,
    LATE_RULE,
    SYNC_UNITS,
    SPIKE_FLITS,
    MULTICAST,
    BARRIER_PACE,
    USED_CORES,
    SHIFT,  # binary logarithm of SIZE
    ENDPOINTS,
) = range(34)  # fmt: skip
STEP_OF = 40  # four: what to add to a tile's number to go through a port
FLITS_OF, GROW_FLITS, UNITS_OF, LOSS = 48, 80, 96, 112
"""Where the flits of each kind, of GROW by pairs, the units per counted action, and pairs (kind, number) of lost messages begin in ``P``."""

SENT, DELIVERED, DROPPED, COPIES, SEEN = 64, 96, 128, 160, 192
"""Where packets are counted by kind in ``S``; SEEN: for the faults."""

SUMMARY = 64
"""Words of the map of a wheel that are bits of words; the bits of slots follow."""

BUCKETS = 1 << 13
"""Buckets of the far wheel, each as long as the whole near one."""

NEVER = 1 << 62

# A token: a packet, or a copy of one, that is somewhere: the rows of ``T``.
T_NEXT, T_KEY, T_DEST, T_INFO, T_INJECTED, T_PAYLOAD, T_TILE, T_WAY = range(8)
TOKEN = 8
"""Words per token: one cache line. KEY is port << 60 | source << 36 | sequence; INFO flits | kind << 16 | step << 24; WAY destination tile |
neuron << 24; PAYLOAD a message row or a synapse; TILE where it is or, at its endpoint, when it came."""

COUNT_BITS = 12
"""PAYLOAD of a spike: its first synapse << COUNT_BITS | how many follow in the same core, all bits set for as many or more."""

PORT_SHIFT, SOURCE_SHIFT = 60, 36
SEQUENCE_MASK, SOURCE_MASK, KEY_MASK = (1 << 36) - 1, (1 << 24) - 1, (1 << 60) - 1
KIND_SHIFT, STEP_SHIFT, NEURON_SHIFT = 16, 24, 24
FLIT_MASK, KIND_MASK, WAY_MASK = (1 << 16) - 1, 255, (1 << 24) - 1

# A link: the rows of ``L``.
FREE, PACKETS_L, FLITS_L, WAIT, WAIT_MAX, HEAD, TAIL, ORDER = range(8)
"""ORDER: the next link of this instant << 1 | whether the list must be sorted."""

# An endpoint: the rows of ``E``.
(
    E_NEXT, E_SIDE_NEXT, E_READY_NEXT,
    E_INJECT, E_EJECT,  # when its ports are free
    E_SEQUENCE,
    E_INBOX, E_INBOX_TAIL,
    E_NEW, E_NEW_TAIL,  # what came in this instant
    E_STATE,
    E_EDGE, E_SPAN, E_END,
    E_RECEIVED, E_OPERATIONS, E_BUSY, E_LATE,
    E_OUT, E_OUT_ROWS,  # rows that leave when the operation ends
    E_HEAD, E_TAIL, E_ORDER,  # packets that leave the router for it in this instant
    E_BANK,  # its memory
    E_TILE,
    E_FLITS,  # through its local port
) = range(26)  # fmt: skip
ENDPOINT = 32

IDLE, BUSY, WAITING = 0, 1, 2
"""States of an endpoint; bit 2 is set while it is in the list of those with something to do."""
IN_READY = 4
UNSORTED = 8
"""Bit of E_STATE: what came in this instant is not in order."""

# A spiking core: the rows of ``C``.
C_ENDPOINT, C_BEGUN, C_AT, C_ACTIVE, C_PENDING, C_END, C_SPAN, C_DUE = range(8)
SPIKING = 8

# Kinds of things in the wheel.
ARRIVE, DELIVER, END, SIDE = range(4)

# Lists in the log, and how many columns each has.
WINNERS, WAITS, GROWTHS, UNSTOREDS, ALERTS, PACKET_LIST, SPIKE_LIST = range(7)
LISTS = (("winners", 8), ("waits", 5), ("growth", 4), ("unstored", 4), ("alerts", 6), ("packets", 8), ("spikes", 4))
LOG = 9
"""Words per row of the log: the list, then the columns."""

# A message row: the rows of ``M``. Row 0 is never used.
ROW_NEXT, REFERENCES = 24, 25
MESSAGE = 26

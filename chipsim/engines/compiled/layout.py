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
    # Wormhole routers
    NET_AT,  # when they act next, -1: nothing is in them
    NET_CURSOR,  # routers done in this cycle
    ACTIVE,  # routers that hold flits
    SENDERS,  # first endpoint with packets to send
    FLYING,  # flits and credits on links
    FREE_FLIT, USED_FLITS, FREE_BRANCH, USED_BRANCHES,
    MOVED,  # whether anything changed in this cycle
    STANDSTILL,  # nothing will change by itself
    TOUCHED,  # nothing: what was looked at to have it in the cache
) = range(64)  # fmt: skip
SCALARS = 392

# Phases of an instant.
BETWEEN, DELIVERING, ENDING, OFFERING, ARRIVING, LEAVING, STEPPING, COMPUTING = range(8)

# Why ``advance`` came back.
RUNNING, EMPTY, AT_LIMIT, SLICE, NEED_TOKENS, NEED_ROWS, NEED_LOG, NEED_BANK, NEED_ENTRIES, FAILED, STUCK = range(11)

# Errors.
NO_ENTRY, TABLE_FULL, NOTE, BEHIND, NO_WAY_ON = 1, 2, 3, 4, 5

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
    PORTS_OF,  # of a router at most
    HOLD_UNITS,  # for which a flit holds a local port: not at all where routers are ideal
) = range(36)  # fmt: skip
STEP_OF = 40  # four: what to add to a tile's number to go through a port
GROW_FLITS, UNITS_OF, FLITS_OF, CLASS_RANGE, LOSS = 48, 96, 192, 256, 320
"""Where the flits of GROW by pairs, the units per counted action, the flits of each kind, the VCs of each kind, and pairs (kind, number) of
lost messages begin in ``P``."""

# Parameters of a damaged network: whether it is one, seed of the draws, units and cycles after which a flit is sent again, whether all ways go
# up*/down* by one order.
FAULTY, LOSS_SEED, RETRY_UNITS, RETRY_CYCLES, ORDERED = range(89, 94)

# Parameters of wormhole routers.
(
    VCS,  # virtual channels per input
    BUFFER,  # flits that one holds
    RING,  # cycles that the calendar of links looks ahead, a power of two
    CLOCK_UNITS,
    ROUTE_CYCLES,
    SPECULATIVE,
    ATOMIC,
    EJECTION,
    CHOICE,  # of outputs: none, some, or some with an escape
    HALVES,  # of virtual channels
    LOCAL_PORTS,  # row of the way into the router of endpoint 0
    MOST_COPIES,  # of packets that one router makes in a cycle at most
    SINKS,  # given traffic is absorbed as it is delivered
    PLAIN,  # a mesh, along x first
    WINDOW,  # packets of a source on the way at most
) = range(176, 191)  # fmt: skip
NO_CHOICE, SOME_CHOICE, ESCAPE = 0, 1, 2

SENT, DELIVERED, DROPPED, COPIES, SEEN = 64, 128, 192, 256, 320
"""Where packets are counted by kind in ``S``; SEEN: for the faults."""
HELD_BACK, LOST = 384, 385
"""Credits that endpoints hold back; packets that a damaged network dropped, by cause."""

SUMMARY = 64
"""Words of the map of a wheel that are bits of words; the bits of slots follow."""

BUCKETS = 1 << 13
"""Buckets of the far wheel, each as long as the whole near one."""

NEVER = 1 << 62

# A token: a packet, or a copy of one, that is somewhere: the rows of ``T``.
T_NEXT, T_KEY, T_DEST, T_INFO, T_INJECTED, T_PAYLOAD, T_TILE, T_WAY = range(8)
TOKEN = 8
"""Words per token: one cache line. KEY is port << 57 | source << 33 | sequence; INFO flits | kind << 16 | step << 24; WAY destination tile
(without a grid: links crossed so far) | neuron << 24; PAYLOAD a message row or a synapse; TILE where it is | units that it waited for the way
into its router << 24 or, at its endpoint, when it came."""

CAUSE_SHIFT, SOUND, REAR = 60, (1 << 60) - 1, 7
"""In a damaged network: INFO | (cause for which the packet is going to be dropped + 1) << 60; REAR: it is what drains of a cut packet."""

COUNT_BITS = 12
"""PAYLOAD of a spike: its first synapse << COUNT_BITS | how many follow in the same core, all bits set for as many or more."""

PORT_SHIFT, SOURCE_SHIFT = 57, 33
SEQUENCE_MASK, SOURCE_MASK, KEY_MASK = (1 << 33) - 1, (1 << 24) - 1, (1 << 57) - 1
KIND_SHIFT, STEP_SHIFT, NEURON_SHIFT = 16, 24, 24
FLIT_MASK, KIND_MASK, WAY_MASK = (1 << 16) - 1, 255, (1 << 24) - 1
WAIT_SHIFT, TILE_MASK = 24, (1 << 24) - 1

# A link: the rows of ``L``.
FREE, PACKETS_L, FLITS_L, WAIT, WAIT_MAX, HEAD, TAIL, ORDER = range(8)
"""ORDER: the next link of this instant << 1 | whether the list must be sorted."""

# What is behind a link: the rows of ``W``, without a grid.
W_TO, W_LATENCY, W_HOLD, W_GAP, W_DIES, W_LOSES = range(6)
WAY = 6
"""Router << 1 | whether it counts as a link along x; units to it; units for which a flit holds it, 0 where routers are ideal; units that it
takes longer per flit than others do; when it dies; threshold of its draws << 1 | whether it leads up."""

MOST_PORTS = 61
"""Ports of a router at most; a port takes 6 bits of a token's key."""

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
    E_PORT,  # wormhole: row of its port at the router
    E_WAITING,  # messages that wait at it, where that is limited
    E_HELD, E_HELD_TAIL,  # credits that it holds back
    E_DEAD,  # cut off from its router
) = range(31)  # fmt: skip
ENDPOINT = 32

IDLE, BUSY, WAITING = 0, 1, 2
"""States of an endpoint; bit 2 is set while it is in the list of those with something to do."""
IN_READY = 4
UNSORTED = 8
"""Bit of E_STATE: what came in this instant is not in order."""

E_AWAY, E_FIRST, E_LAST = E_EDGE, E_SPAN, E_END
"""Of a source with a window, which has no operations: packets on the way; first and last row of traffic that waits."""

# A spiking core: the rows of ``C``.
C_ENDPOINT, C_BEGUN, C_AT, C_ACTIVE, C_PENDING, C_END, C_SPAN, C_DUE = range(8)
SPIKING = 8

# A wormhole router: the rows of ``R``. SUM and MOST: flits in its FIFOs over all cycles, and in one; WORK: ports with
# a head in front.
R_FIRST, R_PORTS, R_FLITS, R_SUM, R_MOST, R_WORK = range(6)
ROUTER_ROW = 8

# A port of a router, as input and as output, or an endpoint's way into its router: the rows of ``N``, a cache line each.
(
    N_WAIT, N_FRESH, N_ACT, N_MULTI,  # input: VCs whose head asks for a VC, will ask, has one; that have branches
    N_TURN, N_ACCEPT,  # input: pointers of its choice among its VCs, and among outputs
    N_TAKE, N_CREDIT,  # output: VCs that are free to take, that have credits
    N_GRANT,  # output: pointer among inputs
    N_BACK, N_BACK_CYCLES,  # input: output that sends into it, and cycles until that has a credit
    N_TO, N_CYCLES, N_PERIOD, N_LINK,  # output: input behind it or -1 - endpoint; cycles to it and per flit; number of the link or -1
    N_ROUTER,  # whose it is
) = range(16)  # fmt: skip
PORT_ROW = 16

LOSSY = 1 << 20
"""Added to N_PERIOD of a link that can lose flits."""

# A VC of an input: words of ``V``, followed by its FIFO; with 8 flits, a cache line.
V_HEAD, V_COUNT, V_TOKEN, V_SENT, V_OUT, V_RANGE, V_ACCEPT, V_FLITS = range(8)
V_BRANCH = V_OUT
FIFO = 8
"""HEAD, COUNT of the FIFO; TOKEN in front and how many of its FLITS have left; OUT + 1 | the VC that it has << 8, or its first BRANCH; RANGE of
VCs that it may ask for; ACCEPT: its pointer among those."""
OUT_MASK, VC_SHIFT = 255, 8

# A VC of an output: a word of ``U``: credits | pointer among inputs << 16 | whether a packet holds it << 27.
CREDITS, POINTER_SHIFT, POINTER_MASK, HELD = (1 << 16) - 1, 16, (1 << 11) - 1, 1 << 27

# A flit or a credit on its way: the rows of ``F``. A branch of a packet on a tree: those of ``B``. Row 0 is never used.
F_NEXT, F_WHERE, F_VC, F_TOKEN = range(4)
FLIT_ROW = 4
B_NEXT, B_OUT, B_VC, B_RANGE, B_SENT, B_TOKEN = range(6)
BRANCH_ROW = 8

# Those of a router that ask for a VC in a cycle: the rows of ``X``; for the switch: those of ``Y``.
X_IN, X_VC, X_OUT, X_RANGE, X_BRANCH, X_TAKEN, X_ELIGIBLE, X_MOVED = range(8)
REQUEST_ROW = 8
Y_IN, Y_OUT, Y_VC, Y_SPECULATIVE, Y_REQUEST, Y_WON = range(6)
BID_ROW = 8

STALL_VC, STALL_CREDIT, STALL_SWITCH = 5, 6, 7
"""Words of a link's row that only routers of the other kinds use otherwise."""

HOPS_SHIFT, ENTERED_SHIFT = 16, 32
"""T_TILE in wormhole networks: flits at the endpoint | links crossed << 16 | cycles in the source queue << 32."""

ESCAPE_BIT, ESCAPE_SHIFT = 1 << 8, 16
"""Added to an output that is asked for as the escape; where channels stand beside an output in one word."""

# Kinds of things in the wheel.
ARRIVE, DELIVER, END, SIDE = range(4)

# Lists in the log, and how many columns each has.
WINNERS, WAITS, GROWTHS, UNSTOREDS, ALERTS, PACKET_LIST, SPIKE_LIST = range(7)
NSN, LIF, TRAFFIC = range(3)
PROGRAMS = {"nsn": NSN, "snn": LIF, "packets": TRAFFIC}
"""Programs by number, as the loop is compiled for them."""

LISTS = (("winners", 8), ("waits", 5), ("growth", 4), ("unstored", 4), ("alerts", 6), ("packets", 9), ("spikes", 4))
LOG = 10
"""Words per row of the log: the list, then the columns."""

# A message row: the rows of ``M``. Row 0 is never used.
ROW_NEXT, REFERENCES = 24, 25
MESSAGE = 26

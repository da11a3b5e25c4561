"""The machine as programs see it: one handle for all state, the functions that a program gives it, and those that it gives a program.

The compiled engine drives a program through `Hooks` and serves it through `Services`; neither knows the other's code. The engine has a
handle of its own (``chipsim.engines.compiled.layout``) that begins with these fields and goes on with links and routers. References to
packets, endpoints and rows that may be none are kept as index + 1, so that memory which nothing has touched yet says "none" everywhere.

An instant has phases. **Deliver**: packets come to their endpoints (a *sink* takes them at once; where ``answers`` is set, the program hears
of it by ``answered``); operations that end release their outputs (``release``, ``side``). **Offering**: ``offer``, at ``offer_at``. Routers
act. **Stepping**: ``step``, at ``step_at``. **Compute**: an endpoint with something to do begins it (``work``, ``begin``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypeAlias

from chipsim.jit.records import I16, I32, I64, U8, Column, Functions, Handle, Row, Rows

if TYPE_CHECKING:
    Own: TypeAlias = Any
else:
    Own = Handle

# What a hook that may lack room gives back, and why the machine comes back to Python. From NEED_OWN on: what a program's host provides.
RUNNING, EMPTY, AT_LIMIT, SLICE, NEED_PACKETS, NEED_LOG, NEED_ENTRIES, FAILED, DEADLOCKED = range(9)
NEED_OWN = 16

# Errors. From OWN_ERROR on: a program's.
NO_ENTRY, NO_ROUTE, TABLE_FULL, TOO_FAR, TOO_LATE = 1, 2, 3, 4, 5
OWN_ERROR = 16

NEVER = 1 << 62

LATEST_PS = 1 << 61
"""No run goes beyond (26 days): what is due later by less than an operation or a message can take is still within int64 ps."""

PORT_SHIFT, SOURCE_SHIFT = 57, 33
SEQUENCE_MASK, SOURCE_MASK, KEY_MASK = (1 << 33) - 1, (1 << 24) - 1, (1 << 57) - 1

MOST_EVENTS = 1 << 22
"""Events of a slice at most: then Python looks at the machine."""

MOST_SENT = SEQUENCE_MASK - (1 << 31) - 2 * MOST_EVENTS
"""Packets that a source may have sent when Python looks at the machine: in a slice it sends at most as many as there are rows for, and one for
each event that frees a row."""

IDLE, BUSY, WAITING = 0, 1, 2
"""States of an endpoint, in two bits; the next are set while it is in the list of those with something to do, while what came in this instant
is not in order, and while its other side has something to begin."""
STATE, IN_READY, UNSORTED, DUE = 3, 4, 8, 16

# Lists in the log, and how many columns each has.
WINNERS, WAITS, GROWTHS, UNSTOREDS, ALERTS, PACKET_LIST, SPIKE_LIST, EXPECTED_LIST = range(8)
LOG = 10
"""Words per row of the log: the list, then the columns."""


class Packet(Row):
    """A packet, or a copy of one, that is somewhere: one cache line.

    Attributes:
        key: port through which it came << 57 | source << 33 | sequence number.
        injected: units.
        when: units that it waited for the way into its router; at its endpoint, units when it came; in wormhole networks, cycles in the
            source queue.
        payload: a word of the program's.
        tree: what trees are looked up by; of a packet to one endpoint, a word of the program's.
        far: when it is due, while that is beyond the near wheel, see ``chipsim.engines.compiled.queue``.
        dest: endpoint, or ``TREE``.
        tile: where it is; in wormhole networks, links crossed.
        route: tile of the destination; without a grid, links crossed; in wormhole networks always the tile.
        flits: how long it is; landed: how many are at the endpoint, in wormhole networks.
        kind: of message, below ``MOST_KINDS``.
        cause: 1 + why a damaged network is going to drop it, 0: not at all; ``REAR``: what drains of a cut packet.
        layer: trees are looked up by this too, at most ``MOST_LAYER``.
    """

    key: I64
    injected: I64
    when: I64
    payload: I64
    tree: I64
    far: I32
    dest: I32
    tile: I32
    route: I32
    flits: I16
    landed: I16
    kind: U8
    cause: U8
    layer: U8
    unused: U8


REAR = 7
MOST_LAYER = (1 << 8) - 1
"""Plans are held to it; a program that numbers layers itself holds its own plan to it."""


class Endpoint(Row):
    """A core, a slot server or the host: three cache lines, for the network, the inbox and the operation.

    Attributes:
        inject, eject: units from which its ports are free.
        sequence: packets sent.
        edge, span, end: of its operation: 1 + the edge of its batch; duration; end.
        received, operations, busy, late, flits: counted.
        next, side_next, ready_next: of lists.
        inbox, inbox_tail: messages that wait; new, new_tail: what came in this instant; new_last: key of the tail.
        state: see ``IDLE``.
        taken: messages that its operation has taken in.
        out, rows: the program's: what leaves when the operation ends, and how much.
        head, tail, order: packets that leave the router for it in this instant, and the next such endpoint << 1 | whether they must be
            sorted; last: key of the tail; in wormhole networks packets that wait to be sent, and the next endpoint with such.
        own: 1 + the program's number of it, 0: none.
        tile: its router; port: in wormhole networks, row of its port there.
        waiting: messages that wait at it, where that is limited; held, held_tail: credits that it holds back.
        sending: flits of the first packet that have been sent; vc: where to.
        dead: cut off from its router.
    """

    inject: I64
    eject: I64
    sequence: I64
    flits: I64
    last: I64
    head: I32
    tail: I32
    order: I32
    tile: I32
    sending: I32
    vc: I16
    dead: I16
    received: I64
    operations: I64
    busy: I64
    new_last: I64
    new: I32
    new_tail: I32
    inbox: I32
    inbox_tail: I32
    state: I32
    ready_next: I32
    taken: I32
    own: I32
    edge: I64
    span: I64
    end: I64
    late: I64
    next: I32
    side_next: I32
    out: I32
    rows: I32
    port: I32
    waiting: I32
    held: I32
    held_tail: I32


class Entry(Row):
    """An entry of the routers' tables for trees: (tile << 8 | layer, id) -> output ports and local endpoints; mask 0: empty."""

    where: I64
    id: I64
    mask: I64


class Hooks(Functions, ABC):
    """What a program does, called by the machine. Those of which it has no use it takes from ``chipsim.machine.hooks``.

    A number that says ``need`` is ``RUNNING`` or what there was no room for, before anything was changed: the hook is called again.
    """

    @abstractmethod
    def offer(self, m: Machine) -> int:
        """It is ``m.offer_at``, which the hook sets anew: packets of the outside world leave. Gives ``need``."""

    @abstractmethod
    def step(self, m: Machine) -> int:
        """Step ``m.step + 1`` begins. Gives ``need``."""

    @abstractmethod
    def begin(self, m: Machine, endpoint: int, packet: int) -> int:
        """An idle endpoint takes the first message of its inbox.

        Gives the duration of its operation in units, at least 1, with what it counted added to ``m.act``; 0 if the message is taken at
        once, without an operation; or - ``need``.
        """

    @abstractmethod
    def release(self, m: Machine, endpoint: int) -> int:
        """An operation ends: its outputs leave. Gives ``need``."""

    @abstractmethod
    def work(self, m: Machine, endpoint: int) -> int:
        """The other side of an endpoint, which was ``DUE``, begins its operation. Gives ``need``."""

    @abstractmethod
    def side(self, m: Machine, endpoint: int) -> None:
        """An operation of the other side ends."""

    @abstractmethod
    def answered(self, m: Machine, endpoint: int, source: int) -> None:
        """A sink has taken a packet."""

    @abstractmethod
    def held(self, m: Machine, packet: int, more: int) -> None:
        """A packet was copied so many times, or (-1) dropped: what it carries has more or fewer holders."""


class Services(Functions, ABC):
    """What the machine does for a program."""

    @abstractmethod
    def inject(
        self, m: Machine, source: int, dest: int, kind: int, flits: int, at: int, payload: int, tree: int, layer: int
    ) -> bool:
        """Send a packet at a time (units) that is now or later; False if the network drops it at once. The caller has seen to a row.

        Flits are at most ``MOST_FLITS``, the layer is 0 to ``MOST_LAYER``.
        """

    @abstractmethod
    def end_side(self, m: Machine, endpoint: int, at: int) -> None:
        """Have the operation of the other side end at a time after now (units)."""

    @abstractmethod
    def add_entry(self, m: Machine, tile: int, layer: int, id_: int, mask: int) -> None:
        """Outputs and endpoints join the entry of a tree; the caller has seen to room for an entry."""

    @abstractmethod
    def clear_entry(self, m: Machine, tile: int, layer: int, id_: int, mask: int) -> None:
        """Some leave it."""


class Machine(Handle):
    """State that programs see; times in units of ``unit`` ps.

    Attributes:
        now: of the instant.
        last: when a packet was last delivered or an operation ended.
        left: events left in this slice.
        count: records hashed; low, high: sums of the lower and upper halves of their hashes; the other two, of decisions.
        free_packet, free_packets: first of the free rows for packets, and how many there are.
        ready: first endpoint with something to do in this instant.
        logged: rows of the log.
        error, detail_a ... detail_d: what went wrong.
        offer_at: when the program offers, ``NEVER``: not at all.
        step, steps: begun and in all; step_at: when the next begins, or ``NEVER``.
        work: packets, operations and whatever else must be done before a step is.
        hops_ew, hops_ns: links crossed along x, and others; tails_ew, tails_ns: in wormhole networks, by flits behind the head.
        local_flits: flits through the local ports of routers; looked_up: entries of tables that packets were looked up in; credits: that went
            back over links.
        entries_used: entries of the tables for trees.
        unit: ps; tick_units: from step to step, 0: no clock; sync_units: from the last thing done in a step to the next, 0: likewise;
            flit_units: per flit.
        edge_units: period of the edges at which cores begin operations; 0: at any time.
        cores, host: how many cores there are, and the number of the host.
        next: of each packet, the one behind it in the list in which it is: lists are followed far ahead of what is looked at.
        keep_spikes: whether spikes are logged; table_limit: entries in one router, 0: any number.
        multicast: whether there are trees.
        sinks: packets are taken at once, without an operation; answers: and ``answered`` is called.
        ahead_allowed: an operation sends nothing and knows what comes after it, so the next message may be taken before time comes to it.
        act: counted by the operation that begins, and by those before it that were begun ahead; else all 0 before it does.
        action_units: duration of each action; actions: counted, by endpoint and action.
        log: rows of ``LOG`` words; entries: of each tile, how many entries it has.
        own: what the program keeps.
    """

    now: I64
    last: I64
    left: I64
    count: I64
    low: I64
    high: I64
    low_decided: I64
    high_decided: I64
    free_packet: I64
    free_packets: I64
    ready: I64
    logged: I64
    error: I64
    detail_a: I64
    detail_b: I64
    detail_c: I64
    detail_d: I64
    offer_at: I64
    step: I64
    steps: I64
    step_at: I64
    work: I64
    hops_ew: I64
    hops_ns: I64
    tails_ew: I64
    tails_ns: I64
    local_flits: I64
    looked_up: I64
    credits: I64
    entries_used: I64
    unit: I64
    tick_units: I64
    sync_units: I64
    flit_units: I64
    edge_units: I64
    cores: I64
    host: I64
    keep_spikes: I64
    table_limit: I64
    multicast: I64
    sinks: I64
    answers: I64
    ahead_allowed: I64
    act: Column[I64]
    action_units: Column[I64]
    actions: Column[I64]
    log: Column[I64]
    entries: Column[I64]
    table: Rows[Entry]
    packets: Rows[Packet]
    next: Column[I32]
    endpoints: Rows[Endpoint]
    program: Hooks
    services: Services
    own: Own

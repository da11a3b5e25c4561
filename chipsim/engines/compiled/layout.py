"""What the compiled engine keeps of a machine beyond what programs see: the queue, links, and wormhole routers.

References to packets, links, flits and branches that may be none are kept as index + 1, or row 0 is never used.
"""

from __future__ import annotations

from chipsim.jit.records import I32, I64, U8, Column, Row, Rows
from chipsim.machine.state import Machine
from chipsim.noc.plan import QUEUED
from chipsim.noc.routing import Routing

ROUTER = QUEUED
"""Fidelity of the routers; a unit is compiled for each."""

GRID = 1
"""1: a plain mesh, x first; 0: any topology and routing, from tables; likewise."""

OWN = 0
"""Actions that the program counts beside those of the machine; likewise."""

# Phases of an instant.
BETWEEN, DELIVERING, ENDING, OFFERING, ARRIVING, STEPPING, COMPUTING = range(7)

# Kinds of things in the wheel.
ARRIVE, DELIVER, END, SIDE = range(4)

SUMMARY = 64
"""Words of the map of a wheel that are bits of words; the bits of slots follow."""

BUCKET_BITS = 13
BUCKETS = 1 << BUCKET_BITS
"""Buckets of the far wheel, each as long as the whole near one."""

PLACE_BITS, MOST_TURNS = 15, (1 << 16) - 1
"""A packet in the far wheel keeps its place within a bucket, below the turn of that wheel; it may be due so many turns from now."""

MOST_PORTS = 61
"""Ports of a router at most; a port takes 6 bits of a packet's key."""

NO_CHOICE, SOME_CHOICE, ESCAPE = 0, 1, 2
"""Of outputs: none, some, or some with an escape."""

LOSSY = 1 << 20
"""Added to the period of a port whose link can lose flits."""

# A VC of an input: words of ``inputs``, followed by its FIFO; with 8 flits, a cache line.
V_HEAD, V_COUNT, V_PACKET, V_SENT, V_OUT, V_RANGE, V_ACCEPT, V_FLITS = range(8)
V_BRANCH = V_OUT
FIFO = 8
"""HEAD, COUNT of the FIFO; PACKET in front and how many of its FLITS have left; OUT + 1 | the VC that it has << 8, or its first BRANCH; RANGE
of VCs that it may ask for; ACCEPT: its pointer among those."""
OUT_MASK, VC_SHIFT = 255, 8

# A VC of an output: a word of ``outputs``: credits | pointer among inputs << 16 | whether a packet holds it << 27.
CREDITS, POINTER_SHIFT, POINTER_MASK, HELD = (1 << 16) - 1, 16, (1 << 11) - 1, 1 << 27

LISTS = (
    ("winners", 8),
    ("waits", 5),
    ("growth", 4),
    ("unstored", 4),
    ("alerts", 6),
    ("packets", 9),
    ("spikes", 4),
    ("expected", 3),
)
"""Lists of the log, and how many columns each has."""

ESCAPE_BIT, ESCAPE_SHIFT = 1 << 8, 16
"""Added to an output that is asked for as the escape; where channels stand beside an output in one word."""


class Link(Row):
    """A link between routers: a cache line.

    Attributes:
        free: units from which it is free; packets, flits: counted; wait, wait_max: units, of packets.
        head, tail: packets that want it in this instant.
        order: the next such link << 1 | whether they must be sorted; last: key of the tail.
    """

    free: I64
    packets: I64
    flits: I64
    wait: I64
    wait_max: I64
    order: I64
    head: I32
    tail: I32
    last: I64


class Stall(Row):
    """Cycles that branches in front waited for the output of a link: without a VC, without a credit or a free link, and for the switch."""

    vc: I64
    credit: I64
    switch: I64


class LinkSpec(Row):
    """What is behind a link, without a grid.

    Attributes:
        latency: units to the router behind it; hold: units for which a flit holds it, 0 where routers are ideal; gap: units that it takes
            longer per flit than others do; dies: when; loses: threshold of its draws << 1 | whether it leads up.
        to: router << 1 | whether it counts as a link along x.
    """

    latency: I64
    hold: I64
    gap: I64
    dies: I64
    loses: I64
    to: I64


class Place(Row):
    """Where a tile is."""

    x: I32
    y: I32


class Router(Row):
    """A wormhole router.

    Attributes:
        work: mask of ports with a head in front; sum, most: flits in its FIFOs over all cycles, and in one; first, ports: its ports.
    """

    work: I64
    sum: I64
    first: I32
    ports: I32
    flits: I32
    most: I32


class Port(Row):
    """A port of a router, as input and as output, or an endpoint's way into its router: a cache line.

    Attributes:
        wait, fresh, act, multi: input: VCs whose head asks for a VC, will ask, has one; that have branches.
        take, credit: output: VCs that are free to take, that have credits.
        back, back_cycles: input: output that sends into it, and cycles until that has a credit.
        to, cycles, period, link: output: input behind it or -1 - endpoint; cycles to it and per flit; number of the link or -1.
        router: whose it is.
        turn, accept: input: pointers of its choice among its VCs, and among outputs; grant: output: pointer among inputs.
        across: whether the link counts as one along x.
        credits: input: that went back over the link that leads to it.
    """

    wait: I32
    fresh: I32
    act: I32
    multi: I32
    take: I32
    credit: I32
    back: I32
    back_cycles: I32
    to: I32
    cycles: I32
    period: I32
    link: I32
    router: I32
    turn: U8
    accept: U8
    grant: U8
    across: U8
    credits: I64


class Flit(Row):
    """A flit or a credit on its way."""

    next: I32
    where: I32
    vc: I32
    packet: I32


class Branch(Row):
    """A branch of a packet on a tree."""

    next: I32
    out: I32
    vc: I32
    range: I32
    sent: I32
    packet: I32


class VcRequest(Row):
    """One that asks for a VC in a cycle."""

    input: I32
    vc: I32
    out: I32
    range: I32
    branch: I32
    taken: I32
    eligible: I32
    moved: I32


class SwitchRequest(Row):
    """One that asks for the switch; ``request`` is its request for a VC where it is speculative, else its branch or -1."""

    input: I32
    out: I32
    vc: I32
    speculative: I32
    request: I32
    won: I32


class Network(Machine):
    """A machine with its queue and its network.

    Attributes:
        phase, status, limit: of ``advance``; it stops before the last.
        latest: units beyond which no run goes.
        base: units; the near wheel holds what is due before base + size; far_at: when the next bucket of the far wheel begins.
        deliver_list ... eject_list: what is left of this instant.
        one_by_one: operations are not begun ahead of time; ahead: begin of the last that was.
        hops, host_flits: counted.
        size, shift: slots of the near wheel, and the logarithm; slots: first thing of each kind in each; map_: which are not empty; far: when
            what endpoints do ends, and their other sides, while that is in the far wheel.
        hold_units: for which a flit holds a local port: not at all where routers are ideal; local_units, host_units: to endpoints and host.
        ports_of: of a router at most; concentration: endpoints of a tile.
        losses: faults that take messages; loss: kind, number and source or -1 of each; seen: of each, messages of the kind that every endpoint
            has sent.
        keep_packets: whether packets are logged.
        lookups: of each tile, entries of its router's table that packets were looked up in.
        sent, delivered, dropped, copies: packets by kind; lost: those that a damaged network dropped, by cause.
        latency, step_of: of the links of a mesh by port: units, and what to add to a tile's number.
        faulty: the network is damaged; loss_seed: of the draws; retry_units, retry_cycles: after which a flit is sent again; ordered:
            all ways go up*/down* by one order.
        vcs, buffer: of an input, and flits that one holds; ring_size: cycles that the calendar of links looks ahead, a power of two;
            clock_units; route_cycles; speculative, atomic, choice; ejection: messages that an endpoint takes in at most; vc_classes: whether
            the routing has two; local_ports: row of the way into the router of endpoint 0; most_copies: of packets that one router makes in a
            cycle at most; plain: a mesh, along x first; message_class_range: VCs by kind of message.
        net_at: when the routers act next, -1: nothing is in them; net_cursor: routers done in this cycle; active_routers: that hold flits;
            senders: first endpoint with packets to send; flying: flits and credits on links; held_back: credits that endpoints hold back.
        moved: whether anything changed in this cycle; deadlocked: nothing will change by itself; touched: nothing: what was looked at to have
            it in the cache.
    """

    phase: I64
    status: I64
    limit: I64
    latest: I64
    base: I64
    far_at: I64
    deliver_list: I64
    end_list: I64
    side_list: I64
    arrive_list: I64
    link_list: I64
    eject_list: I64
    one_by_one: I64
    ahead: I64
    hops: I64
    host_flits: I64
    size: I64
    shift: I64
    hold_units: I64
    local_units: I64
    host_units: I64
    ports_of: I64
    concentration: I64
    losses: I64
    keep_packets: I64
    faulty: I64
    loss_seed: I64
    retry_units: I64
    retry_cycles: I64
    ordered: I64
    vcs: I64
    buffer: I64
    ring_size: I64
    clock_units: I64
    route_cycles: I64
    speculative: I64
    atomic: I64
    ejection: I64
    choice: I64
    vc_classes: I64
    local_ports: I64
    most_copies: I64
    plain: I64
    net_at: I64
    net_cursor: I64
    active_routers: I64
    senders: I64
    flying: I64
    held_back: I64
    free_flit: I64
    used_flits: I64
    free_branch: I64
    used_branches: I64
    moved: I64
    deadlocked: I64
    touched: I64
    slots: Column[I32]
    map_: Column[I64]
    far: Column[I64]
    loss: Column[I64]
    lookups: Column[I64]
    sent: Column[I64]
    delivered: Column[I64]
    dropped: Column[I64]
    copies: Column[I64]
    seen: Column[I64]
    lost: Column[I64]
    latency: Column[I64]
    step_of: Column[I64]
    message_class_range: Column[I64]
    links: Rows[Link]
    stalls: Rows[Stall]
    link_specs: Rows[LinkSpec]
    place: Rows[Place]
    routing: Routing
    routers: Rows[Router]
    ports: Rows[Port]
    inputs: Column[I32]
    outputs: Column[I32]
    flits: Rows[Flit]
    ring: Column[I32]
    active: Column[I32]
    branches: Rows[Branch]
    vc_requests: Rows[VcRequest]
    switch_requests: Rows[SwitchRequest]
    best: Column[I64]
    busy: Column[I64]

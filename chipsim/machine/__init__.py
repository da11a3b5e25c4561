"""The model: what every engine must do, whatever the cores run. This prose comes before the code; where they differ, one of them is wrong.

What one program does is prose in that program: ``chipsim.programs.nsn``, ``chipsim.programs.snn``, ``chipsim.programs.packets``.

**Time** is a whole number of picoseconds. A run covers [0, until): what is due at ``until`` is not done. Whatever unit an engine counts in
is only an encoding; records, digests and results are in ps, and an unused delay of 1 ps somewhere changes nothing. A delay of 0 between
components is refused before the run; a run that goes beyond 2^61 ps (26 days) is refused, so that no time exceeds int64 ps. The state of an
idle component does not change.

**State** is whole numbers, without exception: no float is computed inside a run.

**Components** are routers (one per tile), links (one per direction between neighbours), cores, a program's servers that are no
cores, and the host port. Everything that one component does to another takes at least 1 ps. Hence, within one instant, components are
independent of each other and an engine may visit them in any order.

**An instant** has phases. *Fault*: a fault of this time acts. *Deliver*: operations that end now release their outputs into the network;
messages whose last flit is there enter the inbox of their core, server or host; then the host, and whatever sends by itself, sends what is due.
*Arbitrate*: each router takes the packets whose head arrived in this instant in the order (input port, source, sequence number);
the port is that by which the packet left the router before it (0 to 3 are east, west, south, north as it travels), and for the local port of
endpoint e the number of network ports (4 on a mesh) + e. *Transfer*: each packet is
appended to the queue of every output that it needs, in that order, which is final. *Compute*: an idle core or server with a message
takes the first of its inbox, in the order (arrival, source, sequence), and begins an operation. *Account*: counters and
records are written. The sequence number is the source's own count of messages; (source, sequence) names a packet on every engine.

**Routers.** ``ideal``: a packet that arrives at t starts on its link at t; nothing waits. ``queued``: every output, local ones included, is a
FIFO with one server; a packet that is appended at t starts at max(t, time the link is free) and holds the link for flits x flit_time of the
link. In both, the head of a packet that starts on a link at s arrives at the next router at s + latency of the link (east-west and north-south
may differ; behind a link whose flits take longer than ``flit_time`` it arrives (flits - 1) x the difference later, when its flits can follow it
without gaps), and an endpoint has the whole message (flits - 1) x flit_time after its head came through the local port (virtual cut-through:
flits follow their head without gaps). Between a router and its endpoints the latency is ``local_latency``, and ``host.latency`` for the host.
Nothing is ever dropped by a router. Zero-load latency from core to core over h_x and h_y hops: 2 local + h_x ew + h_y ns + (flits - 1)
flit_time.

**Wormhole routers** (``routing.py``) are clocked: they and the ways into them act at edges only, the multiples of ``flit_time``; what comes
between two edges, or in the compute phase of one, is seen at the next. Times of links are rounded up to whole cycles. Below, c is a number
of a cycle.

*Parts.* A router has an input and an output per neighbour (its network ports, in the order of the topology) and, after these, per endpoint
of its tile, in the order of their numbers. An input has V virtual channels (VC), each a FIFO of b flits of its own; an output knows, per VC
of the input that it leads to, the credits left (b at first) and whether a packet holds it. An endpoint has a source queue without limit
towards its router, and takes in whatever comes.

*Deliver.* Messages released up to c join the source queue of their endpoint, in the order of release. Then flits and credits that are due
land. A flit joins the FIFO of its VC; at an endpoint its credit goes back at once (it lands at c + 1 + local cycles; but see *ejection*),
and the last flit of a packet makes it delivered. A credit counts for its output.

*Front.* A head that is first in its FIFO is in front from the cycle in which it landed there, or from the cycle after the one in which the
last flit before it left. A packet in front has a branch per output that it needs: one, or with a tree one per bit of the routing entry. It
asks for VCs from cycle ``front`` + 1 on with timing D (a cycle for the route), from ``front`` on with L and S (the route was found on the
way). In the first cycle in which it asks, its branches are looked up, and the copies that branching makes are counted.

*VC allocation* (separable, one round; inputs are numbered port x V + VC). Each output VC that nobody holds (with *atomic* reuse, that also
has all its credits) and that branches ask for is granted to the first of the asking inputs from its pointer on, going round; each input
takes of what it was granted the first, in the order output port x V + VC, from its own pointer on. Pointers of both move behind what was
taken, only of those. A branch asks for all VCs of the range that its route allows, of one output. Where the routing leaves a choice, a head
chooses anew in each cycle: the permitted output with the greatest sum of (credits + 1) over the VCs of the range that are free to take, the
lowest port of equals; if no VC is free, the lowest permitted port. With an escape (``ADAPTIVE``) the first VC of the range belongs to the
escape: a head that came in an escape VC through a network port asks for that of the x-then-y port only; any other chooses as above among
the other VCs of the outputs on its shortest ways, and where none is free asks for the escape VC of the x-then-y port. For the output to an
endpoint there is neither choice nor escape nor VC class: any VC of the message's class.

*Switch allocation* (likewise, inputs and outputs are ports). A branch that had its VC before this cycle asks for its output if its next
flit is there, the VC has a credit and the link is free. With timing S a branch that asks for a VC in this cycle asks for the switch as
well, if some VC in its range is free and has a credit and the link is free. Per input and output the VC that is first from the input's
pointer on asks for both, those that have their VC before those that do not. Each output grants to the first input from its pointer on, each
input accepts the first output from its own pointer on; both pointers move behind. The input's VC pointer moves behind the VC that was
accepted. A winner without VC goes only if it was given one of that output in this cycle, with a credit.

*Transfer.* The flit of a winner leaves: it takes a credit, is on the link from (c + 1) x flit_time, lands at c + 2 + link cycles, and the
link is free again after its own time per flit (in cycles; 1 on chip). If it is the last of its packet, the output VC is nobody's from c + 1
on. When all branches have sent the flit in front it leaves the FIFO, and a credit lands at the sender at c + 1 + link cycles. Timing counts
the zero-load latency of ``docs/noc.md``.

*Into the router.* An endpoint whose source queue is not empty sends a flit in each cycle in which it can: a head goes to the first VC, from
the one after that of its last packet on, going round, that may be given away and has a credit; further flits follow in the same VC. It
lands at c + 1 + local cycles. The head has ``entered`` at c.

*Counts*. A link counts a packet with its head, and flits; a tile the flits of packets sent when they are sent, and those for its endpoints
when they land, and a link that is not dead the credits that go back over it: one per flit that leaves the FIFO behind it. A stall of a link
in a cycle is a branch that wants it, asks or has its VC, has its next flit there, and sends nothing: it asked for a VC and was given none;
or it had a VC before this cycle (with timing S: or was given one in it) and that has no credit or the link is not free; or neither, and it
lost the switch. With timings D and L the cycle in which a VC is given is no stall.

*Ejection.* With a limit n, the credit of a last flit is held back while more than n messages, this one among them, wait at the endpoint;
when the endpoint takes one, the longest waiting credit goes back, in the cycle of the edge at or after that.

*Deadlock.* A run ends, as a deadlock, in the arbitration of the first cycle after which nothing can change any more: a router holds flits,
and in this cycle no VC was given and no flit left a router or an endpoint; no flit or credit is on its way, none is held back; no head in
front has still to ask, and no branch that has its VC and its next flit finds its link taken. That a head asked for the first time and was given
nothing changes nothing. What is released in the compute phase of this cycle or later, and a fault to come, are not waited for.

*Multicast*. VC classes of a tree go by the dateline rule, which does not depend on a destination. It needs atomic reuse and b of at least the
longest packet: a branch never waits for another, since the whole packet is there.

*Classes.* Kinds of messages may have classes with VCs of their own: class k of n has the VCs k V / n up to (k + 1) V / n.

**Routing** (``routing.py``) is a function of where a packet is, goes and comes from, and of its tie bits: x first, then y on a mesh, else what
the chip says. Where a routing leaves a choice, ideal and queued routers take the x-then-y way. **Casting**: with ``unicast`` a spike is one
packet per destination core, the own core included; with ``multicast`` it is one packet with the key (layer, id of the neuron). A router's table
gives the output ports and local cores of a key; the packet is copied where branches part, links first in port order, then local cores. The tree
is the union of the paths from the neuron's core to its readers, with all tie bits 0; where two paths of a routing table meet again after they
parted, the later one follows the earlier one to their last common router (``tree.py``). Trees that grow at run time follow x-then-y paths, so
such networks are multicast on a mesh with this routing only. A router that a packet on a tree comes to looks it up in its table, which is
counted there, with wormhole routers when its branches are looked up; so is every packet, also at its last router, where the routing is a table.

**Cores** are serial servers. An operation handles one message: it reads and writes the core's state when it starts and counts its
actions; it takes sum(count x time of the action), at least 1 ps; its outputs leave when it ends. A core reads no state but
its own. Actions are rows of one table (``actions.py``). **Servers** that are no cores are serial servers of the same kind, without a clock.
**The host** takes no time. Where everything is absorbed (``Plan.sinks``) a message is gone when it is delivered and costs its endpoint nothing.

**Pace.** ``event``: an idle core begins as soon as it has a message. ``tick``: an idle core begins only on an edge (multiples of the period);
at an edge it handles all messages that had come by then, one after the other, and what comes later waits for a later edge. A
batch that is not done by the next edge makes a late tick, which is counted; the core goes on and takes the next batch at
the first edge after it. Results do not depend on pace, only times do. ``barrier``, for programs that work in steps: the next step begins a set
time after the last thing done in the one before.

**Randomness**: this model draws none. **Faults** are part of the plan: a message of a kind is lost on injection, by its number among
those of the kind that its source has sent (so no source has to know of another), at one source or, where none is named, at every one; or a
bit of a stored pair flips; or the network is damaged:

*Dead* links, routers (with all their links and endpoints) and cores (the ways between the core and its router) are dead from a time on, and
for good; wormhole routers see it at the edge at or after that time. The fault phase of that instant changes the routing: at every change
all packets follow the new one from the router on at which they are looked up next. A packet is dropped when it is released (counted, with
the network as it is when the message is counted) if its source is dead (cause ``dead_core``) or no way leads to its destination
(``unreachable``). A packet that arrives at a router from which no way leads on any more is dropped there, ``unreachable``; one that is at a
dead endpoint is dropped instead of delivered, ``dead_core``. What was released before its core died goes its way. A chip whose messages go
on trees may have dead parts from the start only.

With ideal and queued routers, a packet whose link dies before it has arrived behind it is dropped at the time of that arrival (``cut``):
the queue of a link is lost with it.

With wormhole routers, all that is on a dead link or in a dead router is gone, credits included; the source queues of dead endpoints are
emptied (``dead_core``), but for a packet that has begun to enter a router that lives. A packet of which the head had gone over what is
gone, and not all flits, is *cut*. Its front part goes on: it ends with the last flit that is in the VC behind the break, and if there is
none there a flit is made for that (a poison tail, which frees the VCs); where it is delivered it is dropped instead, ``cut``. Its rear part
is drained: the output to a dead link takes flits as before, they are counted nowhere and their credits come back as if they were taken in
behind the link at once. If nothing of the front is left the packet is dropped in the fault phase. A head in front that has no VC yet, or
one of a dead link but has sent nothing, asks anew by the new routing. Dead outputs hold no packet but those that are drained into them. A
packet that finds no way, or that came down and would have to go up where all routes go up*/down* by one order, goes as ``unreachable``, or
``cut``, to the first endpoint of the tile where it is, which drops it.

*Flit loss*: a link loses a flit if a draw (``loss.py``) of the link and a number is below a threshold. With retransmission the number is
the count of flits that the link has taken before; a lost flit holds the link for ``retry`` longer and lands so much later (wormhole: in
whole cycles, at least 1). Without, the flits of the n-th packet of the link have the numbers (n << 16) + their place; they go on, and the
packet, or this copy of it, is dropped instead of delivered, ``flit_loss``. Ways between routers and endpoints lose nothing.

**Records** are hashed to 64 bits and added modulo 2^128 (``digest.py``): every hop (start, link, source, sequence), delivery (time, endpoint,
source, sequence), operation (start, end, endpoint, kind), spike (time, core, layer that reads it, neuron; for the host the raw code; of a
spiking core: time, core and step, the neuron's number), decision
(time, layer, item, id), write (pairs stored, records kept, routing entries taken up
or given up, bits flipped), growth, migration and drop. Winner and pair
records without time form the functional digest together with the final stored network (``chipsim.programs.nsn.functional``).

**Snapshot.** Between two instants the state of a run is what its components keep, the packets on the way with the time at which each is due,
and the operations with their ends (``chipsim.machine.snapshot``). Going on from it gives the records that the undivided run gives.

**Conservation** at the end of a run: per kind of message, sent + copies made by branching = delivered + dropped; and no role is
left in the middle of something. A run that breaks the first fails; one that breaks the second is a deadlock, and says who
waits for what.
"""

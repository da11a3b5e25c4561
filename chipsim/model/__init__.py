"""The model: what every engine must do. This prose comes before the code; where they differ, one of them is wrong.

**Time** is a whole number of picoseconds. A run covers [0, until): what is due at ``until`` is not done. Whatever unit an engine counts in
is only an encoding; records, digests and results are in ps, and an unused delay of 1 ps somewhere changes nothing. A delay of 0 between
components is refused before the run, and a run that could exceed int64 ps is refused too. The state of an idle component does not change.

**State** is whole numbers, without exception: no float is computed inside a run.

**Components** are routers (one per tile), links (one per direction between neighbours), cores, slot servers (one per region) and
the host port. Everything that one component does to another takes at least 1 ps. Hence, within one instant, components are
independent of each other and an engine may visit them in any order.

**An instant** has phases. *Fault*: a fault of this time acts. *Deliver*: operations that end now release their outputs into the network;
messages whose last flit is there enter the inbox of their core, slot server or host; the host offers events that are due.
*Arbitrate*: each router takes the packets whose head arrived in this instant in the order (input port, source, sequence number);
the ports 0 to 3 are east, west, south, north as the packet travels, port 4 + e is the local port of endpoint e. *Transfer*: each packet is
appended to the queue of every output that it needs, in that order, which is final. *Compute*: an idle core or slot server with a message
takes the first of its inbox, in the order (arrival, source, sequence), and begins an operation. *Account*: counters and
records are written. The sequence number is the source's own count of messages; (source, sequence) names a packet on every engine.

**Routers.** ``ideal``: a packet that arrives at t starts on its link at t; nothing waits. ``queued``: every output, local ones
included, is a FIFO with one server; a packet that is appended at t starts at max(t, time the link is free) and holds the link for
flits x flit_time. In both, the head of a packet that starts on a link at s arrives at the next router at s + latency of the link (east-west and
north-south may differ), and an endpoint has the whole message (flits - 1) x flit_time after its head came through the local port
(virtual cut-through: flits follow their head without gaps). Between a router and its endpoints the latency is ``local_latency``, and
``host.latency`` for the host. Nothing is ever dropped by a router. Zero-load latency from core to core over h_x and h_y hops:
2 local + h_x ew + h_y ns + (flits - 1) flit_time.

**Routing** is x first, then y. **Casting**: with ``unicast`` a spike is one packet per destination core, the own core included; with
``multicast`` it is one packet with the key (layer, id of the neuron). A router's table gives the output ports and local cores of a
key; the packet is copied where branches part, links first in port order, then local cores. The tree is the union of
the x-then-y paths from the neuron's core to its readers.

**Cores** are serial servers. An operation handles one message: it reads and writes the core's state when it starts and counts its
actions; it takes sum(count x time of the action), at least 1 ps; its outputs leave when it ends. A core reads no state but
its own (``state.py``). Actions: message taken in, axon lookup, synaptic operation (one holder row or keyed entry compared with
one item), neuron update (one write of match state, or of count and times), memory read, memory write, pair write, message sent, slot
looked at, neuron accessed, updated and fired at a step, routing entry written. **Slot servers** are serial servers
of the same kind, without a clock. **The host** takes no time.

**Pace.** ``event``: an idle core begins as soon as it has a message. ``tick``: an idle core begins only on an edge (multiples of the period);
at an edge it handles all messages that had come by then, one after the other, and what comes later waits for a later edge. A
batch that is not done by the next edge makes a late tick, which is counted; the core goes on and takes the next batch at
the first edge after it. Results do not depend on pace, only times do.

``barrier`` (spiking cores only): steps are told by a barrier, a component; *go* for the first step comes at ``sync``, for each next step at
(last completion or delivery of the step) + ``sync``: when no output side is at work and every spike sent has been taken in.

**Spiking cores** (``lif.py``) have two sides, each a serial server: the input side with the inbox, which begins as soon as it has a message
on every pace, and the output side, which a step wakes. With ``tick`` step k begins at (k - 1) x period, with ``barrier`` at *go*; a step
acts at the beginning of compute, before any operation of the instant. The output side works through the core's neurons in order of
position: one operation (kind ``SOMA``) updates neurons up to and including the next that fires, and the next operation begins when it ends,
in compute. A step is done when the last neuron is, also if it fired: a step in which nothing fires is one operation. A neuron that fires is
recorded at the operation's start + time of its counted accesses, updates and the spike; its messages, one per destination core in ascending
order (or one for the tree), then leave one after the other, each one ``spike_out`` time after the one before, the last at the end of the
operation (at its start, where all these times are 0). They are counted, numbered and recorded when the operation starts, and join the queue
of their core's way into the router in that order. A neuron without synapses fires and sends nothing. A core that is still at a step when
the next tick comes begins the next one in the deliver phase in which it is done (a late tick, counted); one that has not begun a step when
the tick after its own comes stops the run. A spike that comes when its step has begun at the target core is late, is counted once per
message when it is taken in, and acts in the next step to begin or is dropped, as the chip says. The run ends when the last step's work is
done; with ``tick`` it covers whole periods. What is counted before a step acts belongs to the step before (``RawRun.steps``).

**Traffic.** Given packets are sent by cores at given times, in the order given, in the deliver phase after all releases; a core takes
each in as one operation of one message, as soon as it is idle, on every pace.

**Roles.** Each layer 0..L has a root, and the record keeper stands above the last layer; a role lives on a core and shares its time
and memory. Items flow up one at a time: the sender waits for TAKEN, which is withheld while the receiver's buffer
of 32 items is full, so a slow layer holds back the one below it and in the end the host (``overruns`` counts events offered late).

**Growth** happens inside the run by messages (``neurogenesis.py``, ``slots.py``, ``grow.py``, ``link.py``, ``keyed.py``): a slot is asked for,
the vector is stored, links are made leaf first and root last, each step acknowledged. The plan holds the initial state and capacities
and is never written. A new neuron may take a core's memory up to fifteen sixteenths; the rest is for links of neurons that are there.

**Randomness**: this model draws none. **Faults** are part of the plan: a message of a kind, counted in the order (time
of release, source), is lost on injection; or a bit of a stored pair flips.

**Records** are hashed to 64 bits and added modulo 2^128 (``digest.py``): every hop (start, link, source, sequence), delivery (time, endpoint,
source, sequence), operation (start, end, endpoint, kind), spike (time, core, layer that reads it, neuron; for the host the raw code; of a
spiking core: time, core and step, the neuron's number), decision
(time, layer, item, id), write (pairs stored, records kept, routing entries, bits flipped), growth and drop. Winner and pair
records without time form the functional digest together with the final stored network (``chipsim.trace.functional``).

**Snapshot.** Between two instants the state of a run is what its components keep, the packets on the way with the time at which each is due,
and the operations with their ends (``chipsim.trace.snapshot``). Going on from it gives the records that the undivided run gives.

**Conservation** at the end of a run: per kind of message, sent + copies made by branching = delivered + dropped; and no role is
left in the middle of something. A run that breaks the first fails; one that breaks the second is a deadlock, and says who
waits for what.
"""

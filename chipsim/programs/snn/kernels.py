"""Spiking cores: the output side updates neurons until one fires and sends its spikes, the input side takes spikes in."""

from __future__ import annotations

from chipsim.jit import prefetch
from chipsim.jit.records import I32, I64, Column, Row, Rows
from chipsim.machine.actions import A_ACCESS, A_AXON, A_MESSAGE, A_SENT, A_SOMA, A_SYNOP
from chipsim.machine.digest import OPERATION, SPIKE
from chipsim.machine.hooks import answered, held, offer, release
from chipsim.machine.message import TREE
from chipsim.machine.state import NEED_PACKETS, OWN_ERROR, RUNNING, SPIKE_LIST, Machine
from chipsim.machine.tally import add, count_actions, duration, hash3, log_row, make_due
from chipsim.network.spiking import INPUT
from chipsim.programs.snn.messages import LIF_SPIKE, SOMA
from chipsim.programs.snn.sides import first_synapse, integrate, scan
from chipsim.programs.snn.state import Neurons

__all__ = ["answered", "begin", "held", "offer", "release", "side", "step", "work"]
EXPORTS = tuple(__all__)
INLINE = ("count_together", "look_ahead")

BEHIND = OWN_ERROR

COUNT_BITS = 12
"""Payload of a spike to one core: its first synapse there << COUNT_BITS | how many follow there, all bits set for as many or more; the second
word is its step << STEP_SHIFT | neuron. A spike on a tree has its step in the first word, and in the second the neuron by which it is looked
up."""
MANY = (1 << COUNT_BITS) - 1
STEP_SHIFT, NEURON_MASK = 32, (1 << 32) - 1

TOTALS = 17
"""Words per step: ``now``, ``last`` and what had been counted when it began."""


class SpikingCore(Row):
    """A core with neurons.

    Attributes:
        end, span: of the output side's operation.
        endpoint: its number; begun: last step begun; at: position to go on from; active: whether it works on a step; pending: steps that have
            begun since.
    """

    end: I64
    span: I64
    endpoint: I32
    begun: I32
    at: I32
    active: I32
    pending: I32
    unused: I32


class Spiking(Neurons):
    """What the program keeps beside neurons and synapses.

    Attributes:
        fired, updated, packets, synops, late_spikes, inputs, accesses, taken: counted over all cores.
        most: packets that a neuron can send at once; flits: of each.
        core, number: of each neuron; first: position of the first neuron of each core.
        cores: those with neurons; totals: at the begin of each step.
    """

    fired: I64
    updated: I64
    packets: I64
    synops: I64
    late_spikes: I64
    inputs: I64
    accesses: I64
    taken: I64
    most: I64
    flits: I64
    core: Column[I32]
    number: Column[I64]
    first: Column[I64]
    cores: Rows[SpikingCore]
    totals: Column[I64]


def step(m: Machine) -> int:
    """Every core begins the next step, if it has done with the one before."""
    own: Spiking = m.own
    totals, at = own.totals, m.step * TOTALS
    totals[at] = m.now
    totals[at + 1] = m.last
    totals[at + 2] = own.fired
    totals[at + 3] = own.updated
    totals[at + 4] = own.packets
    totals[at + 5] = m.hops_ew
    totals[at + 6] = m.hops_ns
    totals[at + 7] = own.synops
    totals[at + 8] = own.late_spikes
    totals[at + 9] = own.inputs
    totals[at + 10] = own.accesses
    totals[at + 11] = own.taken
    totals[at + 12] = m.tails_ew
    totals[at + 13] = m.tails_ns
    totals[at + 14] = m.local_flits
    totals[at + 15] = m.looked_up
    totals[at + 16] = m.credits
    for u in range(len(own.cores)):
        if begin_step(m, u):
            make_due(m, own.cores[u].endpoint)
    return RUNNING


def begin_step(m: Machine, u: int) -> bool:
    """Wake a core's output side for the next step; False if it still works on the one before."""
    own: Spiking = m.own
    c = own.cores[u]
    if c.active != 0:
        c.pending += 1
        m.endpoints[c.endpoint].late += 1
        if c.pending > 1 and m.error == 0:
            m.error, m.detail_a, m.detail_b, m.detail_c = BEHIND, c.endpoint, c.begun, u
        return False
    c.begun += 1
    c.active = 1
    m.work += 1
    return True


def work(m: Machine, endpoint: int) -> int:
    """One operation of the output side: up to and including the next neuron that fires, and its spikes."""
    own: Spiking = m.own
    if m.free_packets < own.most:
        return NEED_PACKETS
    e = m.endpoints[endpoint]
    u = e.own - 1
    c = own.cores[u]
    act, end = m.act, own.first[u + 1]
    q = scan(own, c.at, end, c.begun, act)
    m.left -= 1 + ((q - c.at) >> 3)
    c.at = min(q + 1, end)
    span = duration(m)
    own.updated += act[A_SOMA]
    own.accesses += act[A_ACCESS]
    if q < end:
        span += fire(m, endpoint, q, c.begun, m.now + span)
    span = max(1, span)
    count_actions(m, endpoint)
    e.busy += span
    e.operations += 1
    add(m, hash3(OPERATION, m.now * m.unit, (m.now + span) * m.unit, endpoint << 8 | SOMA))
    c.end = m.now + span
    c.span = span
    m.services.end_side(m, endpoint, c.end)
    return RUNNING


def fire(m: Machine, endpoint: int, q: int, step: int, fires: int) -> int:
    """A neuron fires and its spikes leave, one after the other; returns how long that takes."""
    own: Spiking = m.own
    own.fired += 1
    if own.role[q] == INPUT:
        own.updated += 1
        own.inputs += 1
    gap, number = m.action_units[A_SENT], own.number[q]
    add(m, hash3(SPIKE, fires * m.unit, endpoint << 32 | step, number))
    if m.keep_spikes != 0:
        log_row(m, SPIKE_LIST, fires * m.unit, endpoint, step, number, 0, 0, 0, 0)
    s, last, sent = own.start[q], own.start[q + 1], 0
    if m.multicast != 0:
        if s < last:
            sent = 1
            m.services.inject(m, endpoint, TREE, LIF_SPIKE, own.flits, fires + gap, step, q, 0)
    else:
        core, target = own.core, own.target
        while s < last:
            prefetch(core, target[min(s + 8, last - 1)])
            dest = core[target[s]]
            sent += 1
            count = count_together(own, s, last)
            m.services.inject(
                m, endpoint, dest, LIF_SPIKE, own.flits, fires + sent * gap, s << COUNT_BITS | count, step << STEP_SHIFT | q, 0
            )  # fmt: skip
            s += count
            while s < last and core[target[s]] == dest:
                s += 1
    m.act[A_SENT] = sent
    own.packets += sent
    return sent * gap


def count_together(own: Spiking, synapse: int, end: int) -> int:
    """How many synapses from one on are in the same core, so that the receiver need not look where they end; at most ``MANY``."""
    core, target = own.core, own.target
    dest, count = core[target[synapse]], 1
    while synapse + count < end and count < MANY and core[target[synapse + count]] == dest:
        count += 1
    return count


def side(m: Machine, endpoint: int) -> None:
    """An operation of the output side has ended; the phase with it if no neuron is left."""
    own: Spiking = m.own
    u = m.endpoints[endpoint].own - 1
    c = own.cores[u]
    if c.at < own.first[u + 1]:
        make_due(m, endpoint)
        return
    c.at = own.first[u]
    c.active = 0
    m.work -= 1
    if c.pending > 0:
        c.pending -= 1
        c.begun += 1
        c.active = 1
        m.work += 1
        make_due(m, endpoint)


def begin(m: Machine, endpoint: int, packet: int) -> int:
    """The input side takes a spike in; returns the duration in units."""
    own: Spiking = m.own
    t = m.packets[packet]
    u = m.endpoints[endpoint].own - 1
    if m.multicast != 0:
        step, last = t.payload, own.start[t.tree + 1]
        synapse = first_synapse(own, own.start[t.tree], last, own.first[u])
    else:
        step, synapse, count = t.tree >> STEP_SHIFT, t.payload >> COUNT_BITS, t.payload & MANY
        last = synapse + count
        if count == MANY:
            last = own.start[(t.tree & NEURON_MASK) + 1]
        look_ahead(m, m.next[packet])
    act, units = m.act, m.action_units
    before = act[A_SYNOP]
    own.late_spikes += integrate(own, synapse, last, own.first[u + 1], step, own.cores[u].begun, act)
    synops = act[A_SYNOP] - before
    own.synops += synops
    own.taken += 1
    return max(1, units[A_MESSAGE] + units[A_AXON] + synops * units[A_SYNOP])


def look_ahead(m: Machine, packet: int) -> None:
    """The synapses of the next message, and the message after it: memory is what the input side waits for."""
    own: Spiking = m.own
    later = m.next[m.next[packet]]
    prefetch(m.packets, m.next[m.next[later]])
    synapse = m.packets[later].payload >> COUNT_BITS
    prefetch(own.target, synapse)
    prefetch(own.weight, synapse)

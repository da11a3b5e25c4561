"""Which output, and which of its virtual channels, a head in front of a wormhole router's FIFO asks for."""

from __future__ import annotations

from chipsim.engines.compiled.channels import request_vc
from chipsim.engines.compiled.layout import (
    CREDITS,
    ESCAPE,
    ESCAPE_BIT,
    ESCAPE_SHIFT,
    OUT_MASK,
    V_BRANCH,
    V_OUT,
    V_PACKET,
    V_RANGE,
    Network,
)
from chipsim.engines.compiled.routes import direction, find_entry
from chipsim.engines.compiled.sources import copied, note_copies
from chipsim.jit import lowest_bit
from chipsim.machine.message import TREE
from chipsim.machine.raw import CUT, UNREACHABLE
from chipsim.machine.state import NO_ENTRY, SEQUENCE_MASK, SOURCE_MASK, SOURCE_SHIFT
from chipsim.noc.routing import TABLE, next_port, permitted, tie_bits, vc_class

INLINE = ("ask",)


def ask(m: Network, vcs: int, r: int, first: int, p: int, vc: int, at: int, n: int) -> int:
    """A head in front asks for a channel of the output that it needs, or of each output of its tree."""
    v = m.inputs
    known = v[at + V_OUT] & OUT_MASK
    if known != 0 and m.choice == 0:
        return request_vc(m, n, p, vc, known - 1, v[at + V_RANGE], -1)
    packet = v[at + V_PACKET]
    t = m.packets[packet]
    if known != 0 and t.dest == TREE:
        return request_vc(m, n, p, vc, known - 1, v[at + V_RANGE], -1)
    range_ = m.message_class_range[t.kind]
    if t.dest == TREE:
        out = spread(m, r, first + p, at, vc, packet, range_)
        if out < 0:
            return n  # its branches ask when those of the port are looked at, which comes next
        range_ = range_on_tree(m, r, out, packet, range_)
    else:
        there = t.route
        if m.routing.kind == TABLE:
            m.lookups[r] += 1
            m.looked_up += 1
        if there == r:
            out = m.endpoints[t.dest].port - first
        elif m.plain != 0:
            out = direction(m, r, there)
        else:
            found = route_output(m, vcs, first, p, vc, r, there, packet, range_)
            out = found & (ESCAPE_BIT - 1)
            range_ = found >> ESCAPE_SHIFT
    v[at + V_OUT] = out + 1
    v[at + V_RANGE] = range_
    return request_vc(m, n, p, vc, out, range_, -1)


def route_output(
    m: Network, vcs: int, first: int, p: int, vc: int, r: int, there: int, packet: int, range_: int,
) -> int:  # fmt: skip
    """Output that a packet asks for | channels of it << ESCAPE_SHIFT, by any routing but x first on a plain mesh."""
    source = m.packets[packet].key >> SOURCE_SHIFT & SOURCE_MASK
    home = m.endpoints[source].tile
    if m.choice != 0:
        escape = range_ & -range_
        out = choose(m, vcs, first, p, vc, r, there, home, range_)
        if m.choice == ESCAPE:
            if out >= ESCAPE_BIT:
                return out - ESCAPE_BIT | escape << ESCAPE_SHIFT
            range_ &= ~escape
        return out | range_ << ESCAPE_SHIFT
    ties = 0
    if m.vc_classes != 0:
        ties = tie_bits(m.routing.seed, source, m.packets[packet].key & SEQUENCE_MASK)
    out = next_port(m.routing, r, there, home, ties)
    if m.faulty != 0:
        out = diverted(m, r, p, out, packet)
    if m.vc_classes != 0 and out < m.ports_of:
        range_ = range_of_vc_class(range_, vc_class(m.routing, r, out, there, home, ties))
    return out | range_ << ESCAPE_SHIFT


def range_of_vc_class(range_: int, which: int) -> int:
    """The channels of a range that are in a VC class of it; all of them if ``which`` is negative."""
    if which < 0:
        return range_
    lo = lowest_bit(range_)
    count = 0
    while range_ >> (lo + count) & 1 != 0:
        count += 1
    low = (1 << (lo + count - count // 2)) - (1 << lo)
    return low if which == 0 else range_ & ~low


def range_on_tree(m: Network, r: int, out: int, packet: int, range_: int) -> int:
    """Channels of an output that a packet on a tree may take; it has no one destination, so VC classes go by the dateline."""
    if m.vc_classes == 0 or out >= m.ports_of:
        return range_
    return range_of_vc_class(
        range_, vc_class(m.routing, r, out, -1, m.endpoints[m.packets[packet].key >> SOURCE_SHIFT & SOURCE_MASK].tile, 0)
    )


def diverted(m: Network, r: int, p: int, out: int, packet: int) -> int:
    """In a damaged network: the output, or where there is no way on the one to the first endpoint, which drops the packet."""
    cause = -1
    if out < 0:
        cause = UNREACHABLE
    elif m.ordered != 0 and p < m.ports_of:
        here = r * m.ports_of
        if m.link_specs[here + p].loses & m.link_specs[here + out].loses & 1 != 0:
            cause = CUT
    if cause < 0:
        return out
    if m.packets[packet].cause != CUT + 1:
        m.packets[packet].cause = cause + 1
    return m.ports_of


def choose(
    m: Network, vcs: int, first: int, p: int, vc: int, r: int, there: int, home: int, range_: int
) -> int:  # fmt: skip
    """The output that a head asks for where its routing leaves a choice; plus ESCAPE_BIT where it asks for the escape channel."""
    escape = next_port(m.routing, r, there, home, 0)
    if m.choice == ESCAPE:
        if 1 << vc == range_ & -range_ and p < m.ports_of:
            return escape + ESCAPE_BIT
        range_ &= range_ - 1
    mask = permitted(m.routing, r, there, home)
    found, most = lowest_bit(mask), 0
    while mask != 0:
        out = lowest_bit(mask)
        mask &= mask - 1
        free = m.ports[first + out].take & range_
        score = 0
        while free != 0:
            at = lowest_bit(free)
            free &= free - 1
            score += (m.outputs[(first + out) * vcs + at] & CREDITS) + 1
        if score > most:
            found, most = out, score
    if most == 0 and m.choice == ESCAPE:
        return escape + ESCAPE_BIT
    return found


def spread(m: Network, r: int, port: int, at: int, vc: int, packet: int, range_: int) -> int:
    """The outputs that a packet on a tree needs: the one, or -1 and branches with a copy of the packet each."""
    t = m.packets[packet]
    mask = m.table[find_entry(m, r, t.layer, t.tree)].mask
    if mask == 0:
        m.error, m.detail_a, m.detail_b, m.detail_c = NO_ENTRY, r, t.layer, t.tree
        return 0
    m.lookups[r] += 1
    m.looked_up += 1
    if mask & (mask - 1) == 0:
        out = 0
        while mask >> out & 1 == 0:
            out += 1
        return out
    copies, head = 0, 0
    for bit in range(m.ports_of + m.concentration - 1, -1, -1):
        if mask >> bit & 1 != 0:
            branch = take_branch(m)
            b = m.branches[branch]
            b.next = head
            b.out = bit
            b.vc = 0
            b.range = range_on_tree(m, r, bit, packet, range_)
            b.sent = 0
            b.packet = copied(m, packet)
            head = branch
            copies += 1
    m.inputs[at + V_BRANCH] = head
    m.ports[port].wait &= ~(1 << vc)
    m.ports[port].multi |= 1 << vc
    note_copies(m, packet, copies - 1)
    return -1


def take_branch(m: Network) -> int:
    """A row for a branch."""
    branch = m.free_branch
    if branch != 0:
        m.free_branch = m.branches[branch].next
        return branch
    m.used_branches += 1
    return m.used_branches

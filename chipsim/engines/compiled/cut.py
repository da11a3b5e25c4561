"""What is left of packets when parts of a wormhole network die (``chipsim.machine``, "Faults"): rare, so arrays are searched in Python."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chipsim import jit
from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.fabric import channels, packets_inside
from chipsim.engines.compiled.machine import Machine
from chipsim.machine.digest import DROP, record_hash
from chipsim.machine.message import TREE
from chipsim.machine.raw import CUT, DEAD_CORE
from chipsim.machine.state import NEED_PACKETS, REAR, SEQUENCE_MASK, SOURCE_MASK, SOURCE_SHIFT
from chipsim.noc.damage import Epoch
from chipsim.plan.plan import Plan


def begin_epoch(plan: Plan, machine: Machine, epoch: Epoch) -> int:
    """Something dies: from now on packets follow another routing, and in wormhole routers what was on or in it is gone.

    Returns:
        The sum of the hashes of what is recorded.
    """
    assert plan.noc is not None
    assert plan.noc.damage is not None
    machine.state.endpoints["dead"] = plan.noc.damage.dead_endpoints(plan.endpoint_tile, epoch.time)
    machine.state.routing = jit.pack(epoch.routing)
    return _Cut(plan, machine, epoch).run() if plan.noc.wormhole is not None else 0


class _Cut:
    """The arrays of a wormhole network at the time when something dies. A channel is a row of ``inputs``: port x VCs + VC."""

    def __init__(self, plan: Plan, machine: Machine, epoch: Epoch) -> None:
        assert plan.noc is not None
        assert plan.noc.damage is not None
        assert plan.noc.wormhole is not None
        m = self.m = machine.state
        self.plan, self.machine, self.now, self.links = plan, machine, epoch.time, plan.noc.fabric.ports
        self.T, self.E, self.Q, self.N, self.F, self.ring = m.packets, m.endpoints, m.routers, m.ports, m.flits, m.ring
        self.V, self.U = channels(m), m.outputs
        self.vcs, self.buffer, self.endpoints, self.total = m.vcs, m.buffer, plan.endpoints, m.local_ports
        damage, fabric = plan.noc.damage, plan.noc.fabric
        self.dead = damage.router <= self.now
        died = np.flatnonzero((damage.link == self.now) & (fabric.to >= 0))
        self.out = (self.Q["first"][died // self.links] + died % self.links).astype(np.int64)
        self.entry = self.N["to"][self.out].astype(np.int64)
        self.digest = 0
        self.touched: set[int] = set()
        self.length: dict[int, int] = {}  # flits of packets before they are cut

    def run(self) -> int:
        """Take away what has just died with all that was on or in it, and end or drain what is left of packets."""
        self.parameters()
        self.empty_sources()
        self.empty_links()
        for router in np.flatnonzero(self.dead).tolist():
            self.empty_router(router)
        rears = [found for out in self.out.tolist() for found in self.close(out)]
        for entry in self.entry.tolist():
            self.N["back"][entry] = len(self.N) - 1
            if not self.dead[self.N["router"][entry]]:
                for vc in range(self.vcs):
                    self.end(entry * self.vcs + vc)
        for channel in rears:
            self.separate(channel)
        self.ask_anew()
        inside = set(packets_inside(self.m).tolist())
        for packet in sorted(self.touched, key=lambda i: int(self.T["key"][i])):
            if int(self.T["cause"][packet]) == REAR:
                if packet not in inside:
                    self.free(packet)
            elif packet in inside:
                self.T["cause"][packet] = CUT + 1
            else:
                self.drop(packet, CUT)
        edge = self.now // self.machine.unit
        if (self.m.active_routers or self.m.senders or self.m.flying) and (self.m.net_at < 0 or self.m.net_at > edge):
            self.m.net_at = edge
        return self.digest

    def parameters(self) -> None:
        """The routing may be of another kind: from now on it is a table."""
        assert self.plan.noc is not None
        if len(self.out):
            self.m.choice = self.m.vc_classes = self.m.plain = 0

    def drop(self, packet: int, cause: int) -> None:
        """A packet is dropped now."""
        T = self.T
        key, kind = int(T["key"][packet]), int(T["kind"][packet])
        self.m.dropped[kind] += 1
        self.m.lost[cause] += 1
        self.m.work -= 1
        self.m.count += 1
        self.digest += record_hash(DROP, (self.now, key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK))
        self.machine.hooks("held", self.m, packet, -1)
        self.free(packet)

    def free(self, packet: int) -> None:
        """Free the row of a packet."""
        self.m.next[packet] = self.m.free_packet
        self.m.free_packet = packet
        self.m.free_packets += 1

    def empty_sources(self) -> None:
        """Dead endpoints have nothing to send, but for a packet that has begun at a router that lives."""
        E = self.E
        endpoint, left = self.m.senders - 1, []
        while endpoint >= 0:
            after, gone = int(E["order"][endpoint]) - 1, self.dead[E["tile"][endpoint]]
            if E["dead"][endpoint]:
                packet, begun = int(E["head"][endpoint]), 0
                if E["sending"][endpoint]:
                    begun, packet = packet, int(self.m.next[packet])
                while packet:
                    following = int(self.m.next[packet])
                    self.drop(packet, DEAD_CORE)
                    packet = following
                if begun:
                    self.m.next[begun] = 0
                if gone:
                    begun, E["sending"][endpoint] = 0, 0
                E["head"][endpoint] = E["tail"][endpoint] = begun
            if E["head"][endpoint]:
                left.append(endpoint)
            endpoint = after
        self.m.senders = 0
        for endpoint in reversed(left):
            E["order"][endpoint], self.m.senders = self.m.senders, endpoint + 1

    def flights(self, credit: int) -> Iterator[tuple[int, int, int]]:
        """Flits (0) or credits (1) on links: slot of the calendar, row before (0: none), row; what a slot holds may change meanwhile."""
        for slot in range(credit, len(self.ring), 2):
            before, i = 0, int(self.ring[slot])
            while i:
                after = int(self.F["next"][i])
                yield slot, before, i
                if int(self.F["next"][before] if before else self.ring[slot]) == i:
                    before = i
                i = after

    def take_out(self, slot: int, before: int, i: int) -> None:
        """Something on a link is gone."""
        after = self.F["next"][i]
        if before:
            self.F["next"][before] = after
        else:
            self.ring[slot] = after
        self.F["next"][i] = self.m.free_flit
        self.m.free_flit = i
        self.m.flying -= 1

    def empty_links(self) -> None:
        """Flits on dead links, in and out of dead routers, and credits for dead outputs."""
        entries, outs = set(self.entry.tolist()), set(self.out.tolist())
        for slot, before, i in self.flights(0):
            where = int(self.F["where"][i])
            endpoint = -1 - where
            if endpoint >= self.endpoints:  # is drained
                if self.dead[self.N["router"][endpoint - self.endpoints]]:
                    self.take_out(slot, before, i)
                continue
            if where in entries or self.dead[self.N["router"][where] if where >= 0 else self.E["tile"][endpoint]]:
                self.touched.add(int(self.F["packet"][i]))
                self.take_out(slot, before, i)
        for slot, before, i in self.flights(1):
            where = int(self.F["where"][i])
            router = self.E["tile"][where - self.total] if self.total <= where < len(self.N) - 1 else self.N["router"][where]
            if where in outs or (where < len(self.N) - 1 and self.dead[router]):
                self.take_out(slot, before, i)

    def empty_router(self, r: int) -> None:
        """A router that has died, and the ways between it and its endpoints, are as if they were new."""
        N, V, U = self.N, self.V, self.U
        first, ports = int(self.Q["first"][r]), int(self.Q["ports"][r])
        for port in range(first, first + ports):
            for channel in range(port * self.vcs, (port + 1) * self.vcs):
                self.touched |= {packet for packet in self.fifo(channel) if packet}
                if V[channel, at.V_PACKET]:
                    self.touched.add(int(V[channel, at.V_PACKET]))
                V[channel, [at.V_HEAD, at.V_COUNT, at.V_PACKET, at.V_SENT, at.V_OUT, at.V_RANGE, at.V_FLITS]] = 0
            for name in ("wait", "fresh", "act", "multi"):
                N[name][port] = 0
        own = np.flatnonzero(self.E["tile"] == r)
        for endpoint in own.tolist():
            held = int(self.E["held"][endpoint])
            while held:
                after = int(self.F["next"][held])
                self.F["next"][held], self.m.free_flit = self.m.free_flit, held
                self.m.held_back -= 1
                held = after
            self.E["held"][endpoint] = 0
        into = self.total + own
        for port in (*range(first, first + ports), *into.tolist()):
            N["take"][port] = N["credit"][port] = (1 << self.vcs) - 1
            rows = slice(port * self.vcs, (port + 1) * self.vcs)
            U[rows] = U[rows] & at.POINTER_MASK << at.POINTER_SHIFT | self.buffer
            self.m.busy[port] = 0
        self.Q["flits"][r] = self.Q["work"][r] = 0
        active, many = self.m.active, self.m.active_routers
        left = active[:many][active[:many] != r]
        active[: len(left)] = left
        self.m.active_routers = len(left)

    def fifo(self, channel: int) -> list[int]:
        """Packets of the flits in a channel, first to last."""
        v = self.V[channel].tolist()
        return [v[at.FIFO + (v[at.V_HEAD] + k) % self.buffer] for k in range(v[at.V_COUNT])]

    def close(self, out: int) -> Iterator[int]:
        """An output whose link has died: it drains the packets that have begun to leave through it; their channels come back."""
        N, V, U = self.N, self.V, self.U
        r = int(N["router"][out])
        first, ports = int(self.Q["first"][r]), int(self.Q["ports"][r])
        every = (1 << self.vcs) - 1
        N["to"][out], N["link"][out] = -1 - (self.endpoints + out), -1
        N["period"][out] &= at.LOSSY - 1
        self.m.busy[out] = 0
        N["credit"][out] = N["take"][out] = every
        rows = slice(out * self.vcs, (out + 1) * self.vcs)
        U[rows] = U[rows] & at.POINTER_MASK << at.POINTER_SHIFT | self.buffer
        for port in range(first, first + ports):
            for vc in range(self.vcs):
                channel, bit = port * self.vcs + vc, 1 << vc
                if not N["act"][port] & bit or (int(V[channel, at.V_OUT]) & at.OUT_MASK) - 1 != out - first:
                    continue
                if V[channel, at.V_SENT]:
                    given = int(V[channel, at.V_OUT]) >> at.VC_SHIFT
                    U[out * self.vcs + given] |= at.HELD
                    N["take"][out] &= ~(1 << given)
                    self.touched.add(int(V[channel, at.V_PACKET]))
                    yield channel
                else:
                    N["act"][port] &= ~bit
                    N["wait"][port] |= bit

    def end(self, channel: int) -> None:
        """Nothing comes any more into a channel: a packet that is not all there ends with what is, or with a flit that is made."""
        N, V, T = self.N, self.V, self.T
        packets, front = self.fifo(channel), int(V[channel, at.V_PACKET])
        packet = packets[-1] if packets else front
        if not packet:
            return
        flits = sum(one == packet for one in packets) + (int(V[channel, at.V_SENT]) if packet == front else 0)
        whole = int(V[channel, at.V_FLITS]) if packet == front else int(T["flits"][packet])
        if flits == whole:
            return
        self.length.setdefault(packet, int(T["flits"][packet]))
        if not packets:
            flits += 1
            V[channel, at.FIFO + V[channel, at.V_HEAD]] = packet
            V[channel, at.V_COUNT] = 1
            r = int(N["router"][channel // self.vcs])
            if self.Q["flits"][r] == 0:
                self.m.active[self.m.active_routers] = r
                self.m.active_routers += 1
            self.Q["flits"][r] += 1
        drains = False
        while channel >= 0 and V[channel, at.V_PACKET] == packet:
            V[channel, at.V_FLITS] = flits
            channel, drains = self.ahead(channel)
        if not drains:
            T["flits"][packet] = flits

    def ahead(self, channel: int) -> tuple[int, bool]:
        """The channel that the packet in front of another sends into, -1 if it has none yet or leaves for an endpoint or is drained."""
        port, vc = divmod(channel, self.vcs)
        if not self.N["act"][port] >> vc & 1:
            return -1, False
        way, r = int(self.V[channel, at.V_OUT]), int(self.N["router"][port])
        to = int(self.N["to"][int(self.Q["first"][r]) + (way & at.OUT_MASK) - 1])
        return (to * self.vcs + (way >> at.VC_SHIFT), False) if to >= 0 else (-1, -1 - to >= self.endpoints)

    def separate(self, channel: int) -> None:
        """What drains of a cut packet becomes a packet of its own; the channel is the one from which it is drained."""
        V, T, E, F = self.V, self.T, self.E, self.F
        packet = int(V[channel, at.V_PACKET])
        if not self.m.free_packets:
            self.machine.provide(NEED_PACKETS)
            T = self.T = self.m.packets
        rear = self.machine.new_packet()
        T[rear], self.m.next[rear] = T[packet], self.m.next[packet]
        flits = self.length.get(packet, int(T["flits"][packet]))
        to_come = int(V[channel, at.V_FLITS]) - int(V[channel, at.V_SENT])
        T["flits"][rear], T["cause"][rear] = flits, REAR
        T["landed"][rear] = flits - to_come
        while channel >= 0:
            v = V[channel]
            for k in range(int(v[at.V_COUNT])):
                place = at.FIFO + (int(v[at.V_HEAD]) + k) % self.buffer
                if v[place] == packet:
                    v[place] = rear
            v[at.V_PACKET] = rear
            port, vc = divmod(channel, self.vcs)
            for _, _, i in self.flights(0):
                if F["where"][i] == port and F["vc"][i] == vc and F["packet"][i] == packet:
                    F["packet"][i] = rear
            before = int(self.N["back"][port])
            channel = -1
            if self.total <= before < len(self.N) - 1:
                endpoint = before - self.total
                if E["head"][endpoint] == packet and E["sending"][endpoint]:
                    E["head"][endpoint] = rear
                    if E["tail"][endpoint] == packet:
                        E["tail"][endpoint] = rear
            elif before < self.total:
                channel = self.sender(before, vc, packet)

    def sender(self, out: int, vc: int, packet: int) -> int:
        """The channel whose packet in front, this one, leaves through a VC of an output; -1 if it has left altogether."""
        r = int(self.N["router"][out])
        first, ports = int(self.Q["first"][r]), int(self.Q["ports"][r])
        way = out - first + 1 | vc << at.VC_SHIFT
        rows = np.arange(first * self.vcs, (first + ports) * self.vcs)
        mine = rows[(self.V[rows, at.V_PACKET] == packet) & (self.V[rows, at.V_OUT] == way)]
        mine = mine[self.N["act"][mine // self.vcs] >> mine % self.vcs & 1 == 1]
        return int(mine[0]) if len(mine) else -1

    def ask_anew(self) -> None:
        """Heads in front that have no VC yet look up their way again."""
        for r in self.m.active[: self.m.active_routers].tolist():
            first, ports = int(self.Q["first"][r]), int(self.Q["ports"][r])
            for port in range(first, first + ports):
                for vc in range(self.vcs):
                    row = self.V[port * self.vcs + vc]
                    if self.N["wait"][port] >> vc & 1 and self.T["dest"][row[at.V_PACKET]] != TREE:
                        row[at.V_OUT] = 0

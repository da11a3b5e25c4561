"""What is left of packets when parts of a wormhole network die (``chipsim.machine``, "Faults"): rare, so arrays are searched in Python."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chipsim import jit
from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.fabric import tokens_inside
from chipsim.engines.compiled.machine import Machine
from chipsim.engines.compiled.network import release_row
from chipsim.machine.digest import DROP, record_hash
from chipsim.machine.message import TREE
from chipsim.machine.raw import CUT, DEAD_CORE
from chipsim.noc.damage import Epoch
from chipsim.plan.plan import Plan


def begin_epoch(plan: Plan, machine: Machine, epoch: Epoch) -> int:
    """Something dies: from now on packets follow another routing, and in wormhole routers what was on or in it is gone.

    Returns:
        The sum of the hashes of what is recorded.
    """
    assert plan.noc is not None
    assert plan.noc.damage is not None
    machine.E[:, at.E_DEAD] = plan.noc.damage.dead_endpoints(plan.endpoint_tile, epoch.time)
    machine.R = jit.pack(epoch.routing)
    return _Cut(plan, machine, epoch).run() if plan.noc.wormhole is not None else 0


class _Cut:
    """The arrays of a wormhole network at the time when something dies. A channel is a row of ``V``: port x VCs + VC."""

    def __init__(self, plan: Plan, machine: Machine, epoch: Epoch) -> None:
        assert plan.noc is not None
        assert plan.noc.damage is not None
        assert plan.noc.wormhole is not None
        net = machine.net
        self.plan, self.machine, self.now, self.links = plan, machine, epoch.time, plan.noc.fabric.ports
        self.S, self.P, self.T, self.E = machine.S, machine.P, machine.T, machine.E
        self.Q, self.N, self.V, self.U, self.F, self.ring = net.routers, net.ports, net.inputs, net.outputs, net.flits, net.ring
        self.vcs, self.buffer, self.endpoints = plan.noc.wormhole.vcs, plan.noc.wormhole.buffer, plan.endpoints
        self.total = int(self.P[at.LOCAL_PORTS])
        damage, fabric = plan.noc.damage, plan.noc.fabric
        self.dead = damage.router <= self.now
        died = np.flatnonzero((damage.link == self.now) & (fabric.to >= 0))
        self.out = (self.Q[died // self.links, at.R_FIRST] + died % self.links).astype(np.int64)
        self.entry = self.N[self.out, at.N_TO].astype(np.int64)
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
            self.N[entry, at.N_BACK] = len(self.N) - 1
            if not self.dead[self.N[entry, at.N_ROUTER]]:
                for vc in range(self.vcs):
                    self.end(entry * self.vcs + vc)
        for channel in rears:
            self.separate(channel)
        self.ask_anew()
        inside = set(tokens_inside(self.machine.net, self.T, self.E).tolist())
        for token in sorted(self.touched, key=lambda i: int(self.T[i, at.T_KEY])):
            if int(self.T[token, at.T_INFO]) >> at.CAUSE_SHIFT == at.REAR:
                if token not in inside:
                    self.free(token)
            elif token in inside:
                self.T[token, at.T_INFO] = int(self.T[token, at.T_INFO]) & at.SOUND | (CUT + 1) << at.CAUSE_SHIFT
            else:
                self.drop(token, CUT)
        S = self.S
        S[at.STANDSTILL] = 0
        edge = self.now // self.machine.unit
        if (S[at.ACTIVE] or S[at.SENDERS] or S[at.FLYING]) and (S[at.NET_AT] < 0 or S[at.NET_AT] > edge):
            S[at.NET_AT] = edge
        return self.digest

    def parameters(self) -> None:
        """The routing may be of another kind: from now on it is a table."""
        assert self.plan.noc is not None
        if len(self.out):
            self.P[[at.CHOICE, at.HALVES, at.PLAIN]] = 0

    def drop(self, token: int, cause: int) -> None:
        """A packet is dropped now."""
        S, T = self.S, self.T
        key, kind = int(T[token, at.T_KEY]), int(T[token, at.T_INFO]) >> at.KIND_SHIFT & at.KIND_MASK
        S[at.DROPPED + kind] += 1
        S[at.LOST + cause] += 1
        S[at.WORK] -= 1
        S[at.COUNT] += 1
        self.digest += record_hash(DROP, (self.now, key >> at.SOURCE_SHIFT & at.SOURCE_MASK, key & at.SEQUENCE_MASK))
        if self.plan.program == "nsn":
            release_row(S, self.machine.M, int(T[token, at.T_PAYLOAD]))
        self.free(token)

    def free(self, token: int) -> None:
        """Give a token back."""
        self.T[token, at.T_NEXT] = self.S[at.FREE_TOKEN]
        self.S[at.FREE_TOKEN] = token
        self.S[at.FREE_TOKENS] += 1

    def empty_sources(self) -> None:
        """Dead endpoints have nothing to send, but for a packet that has begun at a router that lives."""
        E, T, S = self.E, self.T, self.S
        endpoint, left = int(S[at.SENDERS]) - 1, []
        while endpoint >= 0:
            after, gone = int(E[endpoint, at.E_ORDER]) - 1, self.dead[E[endpoint, at.E_TILE]]
            if E[endpoint, at.E_DEAD]:
                token, begun = int(E[endpoint, at.E_HEAD]), 0
                if E[endpoint, at.E_INJECT]:
                    begun, token = token, int(T[token, at.T_NEXT])
                while token:
                    following = int(T[token, at.T_NEXT])
                    self.drop(token, DEAD_CORE)
                    token = following
                if begun:
                    T[begun, at.T_NEXT] = 0
                if gone:
                    begun, E[endpoint, at.E_INJECT] = 0, 0
                E[endpoint, at.E_HEAD] = E[endpoint, at.E_TAIL] = begun
            if E[endpoint, at.E_HEAD]:
                left.append(endpoint)
            endpoint = after
        S[at.SENDERS] = 0
        for endpoint in reversed(left):
            E[endpoint, at.E_ORDER], S[at.SENDERS] = S[at.SENDERS], endpoint + 1

    def flights(self, credit: int) -> Iterator[tuple[int, int, int]]:
        """Flits (0) or credits (1) on links: slot of the calendar, row before (0: none), row; what a slot holds may change meanwhile."""
        for slot in range(credit, len(self.ring), 2):
            before, i = 0, int(self.ring[slot])
            while i:
                after = int(self.F[i, at.F_NEXT])
                yield slot, before, i
                if int(self.F[before, at.F_NEXT] if before else self.ring[slot]) == i:
                    before = i
                i = after

    def take_out(self, slot: int, before: int, i: int) -> None:
        """Something on a link is gone."""
        after = self.F[i, at.F_NEXT]
        if before:
            self.F[before, at.F_NEXT] = after
        else:
            self.ring[slot] = after
        self.F[i, at.F_NEXT] = self.S[at.FREE_FLIT]
        self.S[at.FREE_FLIT] = i
        self.S[at.FLYING] -= 1

    def empty_links(self) -> None:
        """Flits on dead links, in and out of dead routers, and credits for dead outputs."""
        entries, outs = set(self.entry.tolist()), set(self.out.tolist())
        for slot, before, i in self.flights(0):
            where = int(self.F[i, at.F_WHERE])
            endpoint = -1 - where
            if endpoint >= self.endpoints:  # is drained
                if self.dead[self.N[endpoint - self.endpoints, at.N_ROUTER]]:
                    self.take_out(slot, before, i)
                continue
            if where in entries or self.dead[self.N[where, at.N_ROUTER] if where >= 0 else self.E[endpoint, at.E_TILE]]:
                self.touched.add(int(self.F[i, at.F_TOKEN]))
                self.take_out(slot, before, i)
        for slot, before, i in self.flights(1):
            where = int(self.F[i, at.F_WHERE])
            router = (
                self.E[where - self.total, at.E_TILE] if self.total <= where < len(self.N) - 1 else self.N[where, at.N_ROUTER]
            )
            if where in outs or (where < len(self.N) - 1 and self.dead[router]):
                self.take_out(slot, before, i)

    def empty_router(self, r: int) -> None:
        """A router that has died, and the ways between it and its endpoints, are as if they were new."""
        N, V, U = self.N, self.V, self.U
        first, ports = int(self.Q[r, at.R_FIRST]), int(self.Q[r, at.R_PORTS])
        for port in range(first, first + ports):
            for channel in range(port * self.vcs, (port + 1) * self.vcs):
                self.touched |= {token for token in self.fifo(channel) if token}
                if V[channel, at.V_TOKEN]:
                    self.touched.add(int(V[channel, at.V_TOKEN]))
                V[channel, [at.V_HEAD, at.V_COUNT, at.V_TOKEN, at.V_SENT, at.V_OUT, at.V_RANGE, at.V_FLITS]] = 0
            N[port, [at.N_WAIT, at.N_FRESH, at.N_ACT, at.N_MULTI]] = 0
        own = np.flatnonzero(self.E[:, at.E_TILE] == r)
        for endpoint in own.tolist():
            held = int(self.E[endpoint, at.E_HELD])
            while held:
                after = int(self.F[held, at.F_NEXT])
                self.F[held, at.F_NEXT], self.S[at.FREE_FLIT] = self.S[at.FREE_FLIT], held
                self.S[at.HELD_BACK] -= 1
                held = after
            self.E[endpoint, at.E_HELD] = 0
        into = self.total + own
        for port in (*range(first, first + ports), *into.tolist()):
            N[port, [at.N_TAKE, at.N_CREDIT]] = (1 << self.vcs) - 1
            rows = slice(port * self.vcs, (port + 1) * self.vcs)
            U[rows] = U[rows] & at.POINTER_MASK << at.POINTER_SHIFT | self.buffer
            self.machine.net.busy[port] = 0
        self.Q[r, [at.R_FLITS, at.R_WORK]] = 0
        active, many = self.machine.net.active, int(self.S[at.ACTIVE])
        left = active[:many][active[:many] != r]
        active[: len(left)] = left
        self.S[at.ACTIVE] = len(left)

    def fifo(self, channel: int) -> list[int]:
        """Tokens of the flits in a channel, first to last."""
        v = self.V[channel].tolist()
        return [v[at.FIFO + (v[at.V_HEAD] + k) % self.buffer] for k in range(v[at.V_COUNT])]

    def close(self, out: int) -> Iterator[int]:
        """An output whose link has died: it drains the packets that have begun to leave through it; their channels come back."""
        N, V, U = self.N, self.V, self.U
        r = int(N[out, at.N_ROUTER])
        first, ports = int(self.Q[r, at.R_FIRST]), int(self.Q[r, at.R_PORTS])
        every = (1 << self.vcs) - 1
        N[out, at.N_TO], N[out, at.N_LINK] = -1 - (self.endpoints + out), -1
        N[out, at.N_PERIOD] &= at.LOSSY - 1
        self.machine.net.busy[out] = 0
        N[out, at.N_CREDIT] = N[out, at.N_TAKE] = every
        rows = slice(out * self.vcs, (out + 1) * self.vcs)
        U[rows] = U[rows] & at.POINTER_MASK << at.POINTER_SHIFT | self.buffer
        for port in range(first, first + ports):
            for vc in range(self.vcs):
                channel, bit = port * self.vcs + vc, 1 << vc
                if not N[port, at.N_ACT] & bit or (int(V[channel, at.V_OUT]) & at.OUT_MASK) - 1 != out - first:
                    continue
                if V[channel, at.V_SENT]:
                    given = int(V[channel, at.V_OUT]) >> at.VC_SHIFT
                    U[out * self.vcs + given] |= at.HELD
                    N[out, at.N_TAKE] &= ~(1 << given)
                    self.touched.add(int(V[channel, at.V_TOKEN]))
                    yield channel
                else:
                    N[port, at.N_ACT] &= ~bit
                    N[port, at.N_WAIT] |= bit

    def end(self, channel: int) -> None:
        """Nothing comes any more into a channel: a packet that is not all there ends with what is, or with a flit that is made."""
        N, V, T = self.N, self.V, self.T
        tokens, front = self.fifo(channel), int(V[channel, at.V_TOKEN])
        token = tokens[-1] if tokens else front
        if not token:
            return
        flits = sum(one == token for one in tokens) + (int(V[channel, at.V_SENT]) if token == front else 0)
        whole = int(V[channel, at.V_FLITS]) if token == front else int(T[token, at.T_INFO]) & at.FLIT_MASK
        if flits == whole:
            return
        self.length.setdefault(token, int(T[token, at.T_INFO]) & at.FLIT_MASK)
        if not tokens:
            flits += 1
            V[channel, at.FIFO + V[channel, at.V_HEAD]] = token
            V[channel, at.V_COUNT] = 1
            r = int(N[channel // self.vcs, at.N_ROUTER])
            if self.Q[r, at.R_FLITS] == 0:
                self.machine.net.active[int(self.S[at.ACTIVE])] = r
                self.S[at.ACTIVE] += 1
            self.Q[r, at.R_FLITS] += 1
        drains = False
        while channel >= 0 and V[channel, at.V_TOKEN] == token:
            V[channel, at.V_FLITS] = flits
            channel, drains = self.ahead(channel)
        if not drains:
            T[token, at.T_INFO] = int(T[token, at.T_INFO]) & ~at.FLIT_MASK | flits

    def ahead(self, channel: int) -> tuple[int, bool]:
        """The channel that the packet in front of another sends into, -1 if it has none yet or leaves for an endpoint or is drained."""
        port, vc = divmod(channel, self.vcs)
        if not self.N[port, at.N_ACT] >> vc & 1:
            return -1, False
        way, r = int(self.V[channel, at.V_OUT]), int(self.N[port, at.N_ROUTER])
        to = int(self.N[int(self.Q[r, at.R_FIRST]) + (way & at.OUT_MASK) - 1, at.N_TO])
        return (to * self.vcs + (way >> at.VC_SHIFT), False) if to >= 0 else (-1, -1 - to >= self.endpoints)

    def separate(self, channel: int) -> None:
        """What drains of a cut packet gets a token of its own; the channel is the one from which it is drained."""
        V, T, E, F = self.V, self.T, self.E, self.F
        token = int(V[channel, at.V_TOKEN])
        if not self.S[at.FREE_TOKENS]:
            self.machine.provide(at.NEED_TOKENS)
            T = self.T = self.machine.T
        rear = self.machine.new_token()
        T[rear] = T[token]
        flits = self.length.get(token, int(T[token, at.T_INFO]) & at.FLIT_MASK)
        to_come = int(V[channel, at.V_FLITS]) - int(V[channel, at.V_SENT])
        T[rear, at.T_INFO] = int(T[token, at.T_INFO]) & at.SOUND & ~at.FLIT_MASK | flits | at.REAR << at.CAUSE_SHIFT
        T[rear, at.T_TILE] = flits - to_come
        while channel >= 0:
            v = V[channel]
            for k in range(int(v[at.V_COUNT])):
                place = at.FIFO + (int(v[at.V_HEAD]) + k) % self.buffer
                if v[place] == token:
                    v[place] = rear
            v[at.V_TOKEN] = rear
            port, vc = divmod(channel, self.vcs)
            for _, _, i in self.flights(0):
                if F[i, at.F_WHERE] == port and F[i, at.F_VC] == vc and F[i, at.F_TOKEN] == token:
                    F[i, at.F_TOKEN] = rear
            before = int(self.N[port, at.N_BACK])
            channel = -1
            if self.total <= before < len(self.N) - 1:
                endpoint = before - self.total
                if E[endpoint, at.E_HEAD] == token and E[endpoint, at.E_INJECT]:
                    E[endpoint, at.E_HEAD] = rear
                    if E[endpoint, at.E_TAIL] == token:
                        E[endpoint, at.E_TAIL] = rear
            elif before < self.total:
                channel = self.sender(before, vc, token)

    def sender(self, out: int, vc: int, token: int) -> int:
        """The channel whose packet in front, this one, leaves through a VC of an output; -1 if it has left altogether."""
        r = int(self.N[out, at.N_ROUTER])
        first, ports = int(self.Q[r, at.R_FIRST]), int(self.Q[r, at.R_PORTS])
        way = out - first + 1 | vc << at.VC_SHIFT
        rows = np.arange(first * self.vcs, (first + ports) * self.vcs)
        mine = rows[(self.V[rows, at.V_TOKEN] == token) & (self.V[rows, at.V_OUT] == way)]
        mine = mine[self.N[mine // self.vcs, at.N_ACT] >> mine % self.vcs & 1 == 1]
        return int(mine[0]) if len(mine) else -1

    def ask_anew(self) -> None:
        """Heads in front that have no VC yet look up their way again."""
        for r in self.machine.net.active[: int(self.S[at.ACTIVE])].tolist():
            first, ports = int(self.Q[r, at.R_FIRST]), int(self.Q[r, at.R_PORTS])
            for port in range(first, first + ports):
                for vc in range(self.vcs):
                    row = self.V[port * self.vcs + vc]
                    if self.N[port, at.N_WAIT] >> vc & 1 and self.T[row[at.V_TOKEN], at.T_DEST] != TREE:
                        row[at.V_OUT] = 0

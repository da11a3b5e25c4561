"""Cores, servers and the host of the reference engine: one SimPy process each, made when its first message comes.

What they do with a message is the program's (``chipsim.programs.reference``).
"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Sequence
from operator import add, mul
from typing import Any

import simpy

from chipsim.engines.reference.faults import NO_CAUSE
from chipsim.engines.reference.network import Message, Network, Packet
from chipsim.engines.reference.phases import Clock, trigger
from chipsim.engines.reference.records import Records
from chipsim.machine.message import KIND
from chipsim.machine.phases import COMPUTE
from chipsim.plan.plan import Plan, counted
from chipsim.programs.reference import Cores

Process = Generator[simpy.Event, Any, None]


class Endpoints:
    """Everything that takes messages, and what it counts."""

    def __init__(self, plan: Plan, env: Clock, records: Records) -> None:
        self.plan, self.env, self.records = plan, env, records
        self.network: Network
        self.program: Cores
        self.cores, self.host = plan.mesh.cores, plan.endpoints - 1
        self.counted = counted(plan)
        self.times = [*plan.action_time.tolist(), *[0] * (self.counted - len(plan.action_time))]
        self.inbox: dict[int, list[tuple[int, int, int, Packet]]] = {}
        self.wake: dict[int, simpy.Event] = {}
        self.idle: dict[int, bool] = {}
        self.running: dict[int, tuple[int, int, int, list[Message]]] = {}  # end, edge, duration, outgoing rows
        self.last_ps = 0  # of the last delivery or end of an operation
        n = plan.endpoints
        self.actions = [[0] * self.counted for _ in range(n)]
        self.busy, self.operations, self.received, self.late = [0] * n, [0] * n, [0] * n, [0] * n

    def deliver(self, event: simpy.Event) -> None:
        """Deliver phase: a message enters an inbox, sorted by (arrival, source, sequence), or is absorbed."""
        endpoint, packet = event._value
        now = self.env.now
        if self.network.faults:
            cause = self.network.faults.at_endpoint(endpoint, packet.cause)
            if cause != NO_CAUSE:
                self.network.drop(packet, cause)
                return
        self.last_ps = now
        self.network.delivered[packet.kind] += 1
        self.received[endpoint] += 1
        self.records.delivery(now, endpoint, packet.source, packet.sequence)
        if self.records.keep_packets:
            hops = self.network.hops(packet, endpoint)
            what = (packet.injected, now, packet.kind, packet.source, endpoint, packet.sequence, packet.flits)
            self.records.packets.append((*what, hops, packet.entered))
        if self.plan.sinks:
            self.program.absorbed(packet.source)
            return
        if endpoint not in self.inbox:
            self.open(endpoint)
        heapq.heappush(self.inbox[endpoint], (now, packet.source, packet.sequence, packet))
        if self.idle[endpoint]:
            self.idle[endpoint] = False
            trigger(self.wake[endpoint], self.to_edge(endpoint, now) if self.program.clocked else 0, COMPUTE)

    def open(self, endpoint: int) -> None:
        """Make the process of an endpoint when it first gets work."""
        if endpoint not in self.inbox:
            self.inbox[endpoint] = []
            self.idle[endpoint] = True
            self.wake[endpoint] = simpy.Event(self.env)
            self.env.process(self.host_port() if endpoint == self.host else self.server(endpoint))

    def to_edge(self, endpoint: int, arrival: int) -> int:
        """Time until an endpoint may act on what arrived at a time: for a clocked core the first edge not before it, else now."""
        if not self.program.clocked or endpoint >= self.cores:
            return 0
        edge = arrival + -arrival % self.plan.tick
        return max(0, edge - self.env.now)

    def server(self, endpoint: int) -> Process:
        """A core or server: one message after the other; what it sends leaves when the operation ends.

        A clocked core handles at an edge what had come by then, one after the other, and what comes later at a later edge; work that is
        not done by the next edge makes that tick late.
        """
        inbox, env = self.inbox[endpoint], self.env
        clocked = self.program.clocked and endpoint < self.cores
        edge = -1
        while True:
            if endpoint not in self.running:  # it is, if this run goes on from a snapshot taken in the middle of an operation
                yield self.wake[endpoint]
                self.wake[endpoint] = simpy.Event(env)
                if clocked and env.now % self.plan.tick == 0:
                    edge = env.now
                message = heapq.heappop(inbox)[3].message
                self.network.took(endpoint)
                duration, rows = self.operate(endpoint, message)
                self.running[endpoint] = (env.now + duration, edge, duration, rows)
            self.idle[endpoint] = False
            end, edge, duration, rows = self.running[endpoint]
            yield env.timeout(end - env.now)
            del self.running[endpoint]
            self.last_ps = env.now
            self.program.release(endpoint, rows)
            if clocked and env.now > edge + self.plan.tick >= env.now - duration:
                self.late[endpoint] += 1
            if inbox:  # what had come by the edge belongs to its batch, the rest waits for the next edge from now
                wait = -env.now % self.plan.tick if clocked and inbox[0][0] > edge else 0
                trigger(self.wake[endpoint], wait, COMPUTE)
            else:
                self.idle[endpoint] = True

    def host_port(self) -> Process:
        """The host: it takes everything that has come, in no time."""
        inbox = self.inbox[self.host]
        while True:
            yield self.wake[self.host]
            self.wake[self.host] = simpy.Event(self.env)
            while inbox:
                message = heapq.heappop(inbox)[3].message
                self.network.took(self.host)
                self.program.receive(message)
            self.idle[self.host] = True

    def operate(self, endpoint: int, message: Message) -> tuple[int, list[Message]]:
        """Run the program on a message: state changes now, outputs wait for the end; returns duration in ps and outgoing rows."""
        act = [0] * self.counted
        rows = self.program.handle(endpoint, message, act)
        return self.count(endpoint, message[KIND], act), rows

    def count(self, endpoint: int, kind: int, act: Sequence[int]) -> int:
        """An operation begins now: count it and what it does; returns its duration in ps."""
        duration: int = max(1, sum(map(mul, act, self.times)))
        total = self.actions[endpoint]
        total[:] = map(add, total, act)
        self.busy[endpoint] += duration
        self.operations[endpoint] += 1
        now = self.env.now
        self.records.operation(now, now + duration, endpoint, kind)
        return duration

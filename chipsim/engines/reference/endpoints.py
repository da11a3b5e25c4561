"""Cores and slot servers of the reference engine: one SimPy process each, made when its first message comes."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from operator import add, mul
from typing import Any

import simpy

from chipsim.engines.reference.faults import NO_CAUSE
from chipsim.engines.reference.load import load_cores, load_roots, load_servers, new_core
from chipsim.engines.reference.network import Message, Network, Packet
from chipsim.engines.reference.phases import COMPUTE, RELEASE, Clock, Later, trigger
from chipsim.engines.reference.records import Records
from chipsim.errors import MappingError, SimulationError
from chipsim.ids import LAYER_SHIFT
from chipsim.machine.actions import A_SENT, ACTIONS, TIMED
from chipsim.machine.digest import WRITE
from chipsim.machine.message import DEST, F0, F1, KIND, LAYER, ROW, TRACE
from chipsim.plan.plan import TICK, Plan
from chipsim.programs.nsn import NAME
from chipsim.programs.nsn.messages import E_FULL, ITEM, KINDS, SPIKE, T_CLEAR, T_ERROR, T_ROUTE, used_words
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.program import core_message
from chipsim.programs.nsn.slots import server_message
from chipsim.programs.nsn.state import PHASE, PHASE_NAMES, RECEIVED, START

Process = Generator[simpy.Event, Any, None]


def is_spike(row: Message) -> bool:
    """Is it a neuron's spike: to its readers (as one multicast, or the first of several unicasts), or as an item for the layer above?"""
    fired = row[KIND] == ITEM and row[F0] >> LAYER_SHIFT == row[LAYER] - 1
    return row[DEST] != TRACE and (row[KIND] == SPIKE or fired)


UNUSED = [(0,) * (ROW - used_words(kind)) for kind in range(KINDS)]


def _row(out: list[int], base: int) -> Message:
    """A row of the outbox, without what an earlier operation left behind its fields."""
    unused = UNUSED[out[base]]
    return (*out[base : base + ROW - len(unused)], *unused)


class Endpoints:
    """Everything that takes messages, and what it counts; cores run the programs of a neurosemantic network.

    What cores of another kind do with a message is in subclasses (``spiking``, ``traffic``).
    """

    def __init__(self, plan: Plan, env: Clock, records: Records) -> None:
        self.plan, self.env, self.records = plan, env, records
        self.network: Network
        self.host_process: Callable[[], Process]
        nsn = plan.program == NAME
        self.cores = load_cores(plan) if nsn else {}
        self.roots, self.servers = (load_roots(plan), load_servers(plan)) if nsn else ([], [])
        self.host = plan.endpoints - 1
        self.clocked = plan.pace == TICK and nsn
        self.times = [*plan.action_time.tolist(), *[0] * (ACTIONS - TIMED)]
        self.inbox: dict[int, list[tuple[int, int, int, Packet]]] = {}
        self.wake: dict[int, simpy.Event] = {}
        self.idle: dict[int, bool] = {}
        self.running: dict[int, tuple[int, int, int, list[Message]]] = {}  # end, edge, duration, outgoing rows
        self.last_ps = 0  # of the last delivery or end of an operation
        self.ended: list[tuple[int, list[Message]]] = []
        n = plan.endpoints
        self.actions = [[0] * ACTIONS for _ in range(n)]
        self.busy, self.operations, self.received, self.late = [0] * n, [0] * n, [0] * n, [0] * n
        # one outbox for all operations: nothing in it outlives the operation
        self.outbox = [0] * (1 + (plan.mesh.cores + 64) * ROW if nsn else 0)

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
        if self.absorbed(packet):
            return
        if endpoint not in self.inbox:
            self.open(endpoint)
        heapq.heappush(self.inbox[endpoint], (now, packet.source, packet.sequence, packet))
        if self.idle[endpoint]:
            self.idle[endpoint] = False
            trigger(self.wake[endpoint], self.to_edge(endpoint, now) if self.clocked else 0, COMPUTE)

    def absorbed(self, packet: Packet) -> bool:
        """Is a packet that is delivered gone at once, since nobody takes it in?"""
        return False

    def open(self, endpoint: int) -> None:
        """Make the process of an endpoint when it first gets work."""
        if endpoint not in self.inbox:
            self.inbox[endpoint] = []
            self.idle[endpoint] = True
            self.wake[endpoint] = simpy.Event(self.env)
            self.env.process(self.host_process() if endpoint == self.host else self.server(endpoint))

    def to_edge(self, endpoint: int, arrival: int) -> int:
        """Time until an endpoint may act on what arrived at a time: for a clocked core the first edge not before it, else now."""
        if not self.clocked or endpoint >= self.plan.mesh.cores:
            return 0
        edge = arrival + -arrival % self.plan.tick
        return max(0, edge - self.env.now)

    def server(self, endpoint: int) -> Process:
        """A core or slot server: one message after the other; what it sends leaves when the operation ends.

        A clocked core handles at an edge what had come by then, one after the other, and what comes later at a later edge; work that is
        not done by the next edge makes that tick late.
        """
        inbox, env = self.inbox[endpoint], self.env
        clocked = self.clocked and endpoint < self.plan.mesh.cores
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
            self.release(endpoint, rows)
            if clocked and env.now > edge + self.plan.tick >= env.now - duration:
                self.late[endpoint] += 1
            if inbox:  # what had come by the edge belongs to its batch, the rest waits for the next edge from now
                wait = -env.now % self.plan.tick if clocked and inbox[0][0] > edge else 0
                trigger(self.wake[endpoint], wait, COMPUTE)
            else:
                self.idle[endpoint] = True

    def operate(self, endpoint: int, message: Message) -> tuple[int, list[Message]]:
        """Run the program on a message: state changes now, outputs wait for the end; returns duration in ps and outgoing rows."""
        act = [0] * ACTIONS
        rows = self.handle(endpoint, message, act)
        return self.count(endpoint, message[KIND], act), rows

    def handle(self, endpoint: int, message: Message, act: list[int]) -> list[Message]:
        """What the program of an endpoint does with a message: counts its actions in ``act`` and returns outgoing rows."""
        own: NsnPlan = self.plan.own
        K, out = own.constants, self.outbox
        out[0] = 0
        if endpoint < K.cores:
            core = self.cores.get(endpoint)
            if core is None:
                core = self.cores[endpoint] = new_core(K, endpoint)
            core_message(K, core, 0, self.roots[message[LAYER]], 0, message, out, act)
        else:
            server_message(K, self.servers[endpoint - K.cores], 0, message, out, act)
        act[A_SENT] = out[0] - out[1 + DEST : 1 + out[0] * ROW : ROW].count(TRACE)
        return [_row(out, base) for base in range(1, 1 + out[0] * ROW, ROW)]

    def count(self, endpoint: int, kind: int, act: list[int]) -> int:
        """An operation begins now: count it and what it does; returns its duration in ps."""
        duration: int = max(1, sum(map(mul, act, self.times)))
        total = self.actions[endpoint]
        total[:] = map(add, total, act)
        self.busy[endpoint] += duration
        self.operations[endpoint] += 1
        now = self.env.now
        self.records.operation(now, now + duration, endpoint, kind)
        return duration

    def release(self, endpoint: int, rows: list[Message]) -> None:
        """An operation has ended: its outputs leave.

        Who releases first within an instant changes nothing, except for which message a fault hits: then they go by number.
        """
        if not self.network.losses:
            self.release_now(endpoint, rows)
            return
        if not self.ended:
            Later(self.env, 0, RELEASE, self.release_all)
        self.ended.append((endpoint, rows))

    def release_all(self, _: simpy.Event) -> None:
        """All operations that ended in this instant, by number."""
        ended, self.ended = sorted(self.ended, key=lambda e: e[0]), []
        for endpoint, rows in ended:
            self.release_now(endpoint, rows)

    def release_now(self, endpoint: int, rows: list[Message]) -> None:
        """Traced rows become records, the others messages."""
        now = self.env.now
        if rows and is_spike(rows[0]):
            self.records.spike(now, endpoint, rows[0][LAYER], rows[0][F0])
        for row in rows:
            if row[DEST] != TRACE:
                self.network.inject(endpoint, row)
            elif not self.records.note(now, endpoint, row):
                self.other_trace(endpoint, row)

    def other_trace(self, core: int, row: tuple[int, ...]) -> None:
        """What a program traces for the engine rather than for the records: a routing entry, or an error."""
        layer = row[LAYER]
        if row[KIND] == T_ROUTE:
            self.network.take_up(core, layer, row[F0], row[F1])
        elif row[KIND] == T_CLEAR:
            self.network.give_up(core, layer, row[F0], row[F1])
        elif row[KIND] == T_ERROR and row[F0] == E_FULL:
            raise MappingError(
                f"layer {layer}: no room left for item {row[F1]} at {self.env.now} ps (chip.growth.on_full: stop); "
                "use a chip with more cores or memory, or on_full: flag"
            )
        else:
            phase = PHASE_NAMES[self.roots[layer].scalar[PHASE]] if layer < len(self.roots) - 1 else "nothing"
            raise SimulationError(
                f"core {core}, layer {layer}, {self.env.now} ps: protocol broken (code {row[F0]}, detail {row[F1]}); "
                f"the root of the layer waits for {phase}"
            )

    def flip(self, event: simpy.Event) -> None:
        """A fault: a bit of a stored pair flips."""
        core, slot, pair, bit, field = event._value
        m = self.cores.get(core)
        if m is None or pair >= m.k[slot]:
            holding = [str(n) for n, other in sorted(self.cores.items()) if any(other.k)]
            raise SimulationError(
                f"fault flip_bit: core {core}, slot {slot} stores no pair {pair} at {self.env.now} ps; neurons are on cores "
                f"{', '.join(holding[:40]) or '-'}, in slots from 0"
            )
        memory = m.vector_class if field else m.vector_id
        memory[slot * 8 + pair] ^= 1 << bit
        self.records.add(WRITE, self.env.now, core << 8, slot, pair, bit)

    def unfinished(self) -> list[int]:
        """Layers whose root still holds an item that it has not decided."""
        scalars = [root.scalar for root in self.roots[:-1]]
        return [layer for layer, scalar in enumerate(scalars) if scalar[START] != scalar[RECEIVED]]

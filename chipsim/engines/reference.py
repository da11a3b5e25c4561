"""The reference engine: one SimPy process per component, written to be read; the oracle for every other engine.

An instant has phases (contract in ``chipsim.model``); a phase is a SimPy priority, so that within one instant all deliveries come before any
router acts, and all routers before any core begins. Cores, slot servers and the host port are processes. A router has no duration of its own: it
is what happens to an arrival, and arrivals of one instant happen in the order (port, source, sequence) because that is their
priority. Components that never get work are never made.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from chipsim.engines.base import Progress, Watch
from chipsim.engines.gather import gather_memory
from chipsim.engines.load import load_cores, load_roots, load_servers, new_core
from chipsim.engines.stuck import describe_stuck
from chipsim.errors import DeadlockError, MappingError, SimulationError
from chipsim.ids import LAYER_SHIFT
from chipsim.model import digest
from chipsim.model.digest import record_hash, record_hash3
from chipsim.model.link import LOCAL_BIT
from chipsim.model.messages import (
    ALERT,
    DEST,
    E_FULL,
    F0,
    F1,
    F2,
    F3,
    F4,

    GROW,
    ITEM,
    KIND,
    KINDS,
    LAYER,
    NAMES,
    ROW,
    SPIKE,
    T_ERROR,
    T_GROWTH,
    T_PAIR,
    T_ROUTE,
    T_UNSTORED,
    T_WAIT,
    T_WINNER,
    T_WRITE,
    TAKEN,
    TRACE,
    TREE,
)
from chipsim.model.program import core_message
from chipsim.model.route import LOCAL, xy_port, xy_step
from chipsim.model.slots import alloc
from chipsim.model.state import A_SENT, ACTIONS, PHASE, PHASE_NAMES, RECEIVED, START, TIMED, Core
from chipsim.plan.plan import FLIP_BIT, IDEAL, LOSE_MESSAGE, SATURATE, TICK, Plan
from chipsim.topology import PORTS
from chipsim.trace.raw import DONE, INTERRUPTED, UNTIL, RawRun

FAULT, DELIVER, RELEASE, ARBITRATE, COMPUTE = 0, 1, 2, 1 << 92, 1 << 93
"""SimPy priorities: the phases of an instant. Transfer is part of arbitration here, since a start on a link is only a time. Between
``ARBITRATE`` and ``COMPUTE`` there is room for the order within arbitration: port << 64 | source << 40 | sequence."""

SLICE = 4096
"""Events between two looks at progress and stop."""

Process = Generator[simpy.Event, Any, None]


class _Later(simpy.Event):
    """An event at a set time in a set phase; SimPy's own Timeout knows one priority only."""

    def __init__(self, env: simpy.Environment, delay: int, phase: int, callback: Callable[[Any], None], value: Any = None) -> None:
        self.env = env  # as Timeout does, without the detour over Event.__init__
        self.callbacks = [callback]
        self._value = value
        self._ok = True
        env.schedule(self, phase, delay)  # type: ignore[arg-type]


class _Packet:
    """A message on the network; copies of a multicast share it."""

    __slots__ = ("dest", "flits", "injected", "kind", "message", "sequence", "source")

    def __init__(self, source: int, sequence: int, message: tuple[int, ...], flits: int, injected: int) -> None:
        self.source = source
        self.sequence = sequence
        self.message = message
        self.kind = message[KIND]
        self.dest = message[DEST]
        self.flits = flits
        self.injected = injected


class _Run:
    """State of one run."""

    def __init__(self, plan: Plan, watch: Watch) -> None:
        self.plan, self.watch = plan, watch
        self.K = plan.constants
        self.env = simpy.Environment()
        self.cores = load_cores(plan)
        self.roots = load_roots(plan)
        self.servers = load_servers(plan)
        self.tile = plan.endpoint_tile.tolist()
        self.host = len(self.tile) - 1
        self.tables: list[dict[tuple[int, int], int]] = [{} for _ in range(plan.mesh.tiles)]
        for tile, layer, neuron, mask in plan.route.tolist():
            self.tables[tile][layer, neuron] = mask
        self.latency = plan.link_latency.tolist()
        self.queued = plan.router != IDEAL
        # routers and links
        self.width, self.concentration, self.flit_time = plan.mesh.width, plan.mesh.concentration, plan.flit_time
        self.link_free: dict[int, int] = {}
        self.eject_free: dict[int, int] = {}
        self.inject_free: dict[int, int] = {}
        # endpoints
        self.inbox: dict[int, list[tuple[int, int, int, _Packet]]] = {}
        self.wake: dict[int, simpy.Event] = {}
        self.idle: dict[int, bool] = {}
        self.sequence: Counter[int] = Counter()
        self.ended: list[tuple[int, list[int]]] = []
        # host
        self.next_item = 0
        self.offered = 0
        self.offer_ps = np.full(len(plan.offer), -1, np.int64)
        self.overruns = 0
        self.taken = 0
        # counters and records
        n = len(self.tile)
        self.actions = [[0] * ACTIONS for _ in range(n)]
        self.busy, self.operations, self.received, self.late = [0] * n, [0] * n, [0] * n, [0] * n
        self.sent, self.delivered, self.dropped, self.copies = [0] * KINDS, [0] * KINDS, [0] * KINDS, [0] * KINDS
        links = plan.mesh.link_ids
        self.link_packets, self.link_flits = [0] * links, [0] * links
        self.link_wait, self.link_wait_max = [0] * links, [0] * links
        self.tile_flits = [0] * plan.mesh.tiles
        self.host_flits = 0
        self.digest, self.decisions, self.records = 0, 0, 0
        self.winners: list[tuple[int, ...]] = []
        self.waits: list[tuple[int, ...]] = []
        self.wait_begin: dict[int, tuple[int, int]] = {layer: (-1, 0) for layer in range(self.K.layers + 1)}
        self.growth: list[tuple[int, ...]] = []
        self.unstored: list[tuple[int, ...]] = []
        self.alerts: list[tuple[int, ...]] = []
        self.packets: list[tuple[int, ...]] = []
        self.spikes: list[tuple[int, ...]] = []
        self.probe_packets = "packets" in watch.probes
        self.probe_spikes = "spikes" in watch.probes
        # one outbox for all operations: nothing in it outlives the operation
        self.outbox = [0] * (1 + (self.K.cores + 64) * ROW)
        self.lost_kinds = [(row[1], row[2]) for row in plan.fault.tolist() if row[0] == LOSE_MESSAGE]
        self.lost_seen: Counter[int] = Counter()

    # -- records -------------------------------------------------------------------------------------------------------------

    def record(self, kind: int, *fields: int) -> None:
        self.digest += record_hash(kind, fields)
        self.records += 1

    # -- network -------------------------------------------------------------------------------------------------------------

    def inject(self, endpoint: int, message: tuple[int, ...]) -> None:
        """Send a message from an endpoint into its router."""
        plan, now = self.plan, self.env.now
        kind = message[KIND]
        flits = int(plan.grow_flits[message[F2]] if kind == GROW else plan.flits[kind])
        packet = _Packet(endpoint, self.sequence[endpoint], message, flits, now)
        self.sequence[endpoint] += 1
        self.sent[kind] += 1
        if self.lost_kinds and self.is_lost(packet):
            self.drop(packet)
            return
        latency = plan.local_latency
        if endpoint == self.host:
            latency = plan.host_latency
            self.host_flits += flits
        start = now
        if self.queued:
            start = max(now, self.inject_free.get(endpoint, 0))
            self.inject_free[endpoint] = start + flits * plan.flit_time
        tile = self.tile[endpoint]
        self.tile_flits[tile] += flits
        self.send_on(tile, PORTS + endpoint, packet, start - now + latency)

    def is_lost(self, packet: _Packet) -> bool:
        """Does a fault hit this message? Messages of a kind are counted in the order of (time, sender)."""
        number = self.lost_seen[packet.kind]
        self.lost_seen[packet.kind] += 1
        return (packet.kind, number) in self.lost_kinds

    def drop(self, packet: _Packet) -> None:
        self.dropped[packet.kind] += 1
        self.record(digest.DROP, self.env.now, packet.source, packet.sequence)

    def send_on(self, tile: int, port: int, packet: _Packet, delay: int) -> None:
        """Schedule the arrival of a packet at a router through one of its ports."""
        order = ARBITRATE | port << 64 | packet.source << 40 | packet.sequence
        _Later(self.env, delay, order, self.arrive, (tile, packet))

    def arrive(self, event: simpy.Event) -> None:
        """A router forwards what has arrived; who comes first in this order is first in the queue of a link, for good."""
        tile, packet = event._value
        dest = packet.dest
        if dest == TREE:
            mask = self.tables[tile].get((packet.message[LAYER], packet.message[F0]), 0)
            self.copies[packet.kind] += mask.bit_count() - 1
            for port in range(PORTS):
                if mask >> port & 1:
                    self.traverse(tile, port, packet)
            for local in range(self.concentration):
                if mask >> (LOCAL_BIT + local) & 1:
                    self.eject(tile * self.concentration + local, packet)
            return
        port = xy_port(tile, self.tile[dest], self.width)
        if port == LOCAL:
            self.eject(dest, packet)
        else:
            self.traverse(tile, port, packet)

    def traverse(self, tile: int, port: int, packet: _Packet) -> None:
        """Transfer phase: onto a link, behind what is queued there; the head arrives at the next router one latency later."""
        now = self.env.now
        link = tile * PORTS + port
        start = now
        if self.queued:
            start = max(now, self.link_free.get(link, 0))
            self.link_free[link] = start + packet.flits * self.flit_time
            if start > now:
                self.link_wait[link] += start - now
                self.link_wait_max[link] = max(self.link_wait_max[link], start - now)
        self.link_packets[link] += 1
        self.link_flits[link] += packet.flits
        self.digest += record_hash3(digest.HOP, start, link << 32 | packet.source, packet.sequence)
        self.records += 1
        self.send_on(xy_step(tile, port, self.width), port, packet, start - now + self.latency[port])

    def eject(self, endpoint: int, packet: _Packet) -> None:
        """From the router to one of its endpoints; it has the message when the last flit is there."""
        plan, now = self.plan, self.env.now
        start = now
        if self.queued:
            start = max(now, self.eject_free.get(endpoint, 0))
            self.eject_free[endpoint] = start + packet.flits * plan.flit_time
        self.tile_flits[self.tile[endpoint]] += packet.flits
        latency = plan.local_latency
        if endpoint == self.host:
            latency = plan.host_latency
            self.host_flits += packet.flits
        delay = start - now + latency + (packet.flits - 1) * plan.flit_time
        _Later(self.env, delay, DELIVER, self.deliver, (endpoint, packet))

    # -- endpoints -----------------------------------------------------------------------------------------------------------

    def deliver(self, event: simpy.Event) -> None:
        """Deliver phase at an endpoint: into its inbox, sorted by (arrival, source, sequence)."""
        endpoint, packet = event._value
        now = self.env.now
        self.delivered[packet.kind] += 1
        self.received[endpoint] += 1
        self.digest += record_hash3(digest.DELIVERY, now, endpoint << 32 | packet.source, packet.sequence)
        self.records += 1
        if self.probe_packets:
            a, b = self.tile[packet.source], self.tile[endpoint]
            hops = self.plan.mesh.distance(a, b)
            row = (packet.injected, now, packet.kind, packet.source, endpoint, packet.sequence, packet.flits, hops)
            self.packets.append(row)
        if endpoint not in self.inbox:
            self.inbox[endpoint] = []
            self.idle[endpoint] = True
            self.wake[endpoint] = simpy.Event(self.env)
            self.env.process(self.host_port() if endpoint == self.host else self.server(endpoint))
        heapq.heappush(self.inbox[endpoint], (now, packet.source, packet.sequence, packet))  # type: ignore[misc]
        if self.idle[endpoint]:
            self.idle[endpoint] = False
            self.call(endpoint, self.to_edge(endpoint, now))

    def call(self, endpoint: int, delay: int) -> None:
        """Wake an endpoint in the compute phase of this or a later instant."""
        wake = self.wake[endpoint]
        wake._ok, wake._value = True, None
        self.env.schedule(wake, COMPUTE, delay)  # type: ignore[arg-type]

    def to_edge(self, endpoint: int, arrival: int) -> int:
        """Time until a core may act on what arrived at a time: now without a clock, else at the first edge not before it."""
        if self.plan.pace != TICK or endpoint >= self.K.cores:
            return 0
        edge = arrival + -arrival % self.plan.tick
        return max(0, edge - self.env.now)

    def server(self, endpoint: int) -> Process:
        """A core or slot server: handles one message after the other; what it sends leaves when the operation ends.

        A clocked core handles at an edge what had come by then, one after the other, and what comes later at a later edge; work that is
        not done by the next edge makes that tick late.
        """
        inbox, env = self.inbox[endpoint], self.env
        clocked = self.plan.pace == TICK and endpoint < self.K.cores
        edge = -1
        while True:
            yield self.wake[endpoint]
            self.wake[endpoint] = simpy.Event(env)
            if clocked and env.now % self.plan.tick == 0:
                edge = env.now
            duration, rows = self.operate(endpoint, heapq.heappop(inbox)[3].message)
            yield env.timeout(duration)
            self.release(endpoint, rows)
            if clocked and env.now > edge + self.plan.tick >= env.now - duration:
                self.late[endpoint] += 1
            if inbox:
                self.call(endpoint, self.to_edge(endpoint, inbox[0][0]))
            else:
                self.idle[endpoint] = True

    def operate(self, endpoint: int, message: tuple[int, ...]) -> tuple[int, list[int]]:
        """Run the program on a message: state changes now, outputs wait for the end; returns duration in ps and outgoing rows."""
        K, out, act = self.K, self.outbox, [0] * ACTIONS
        out[0] = 0
        layer = message[LAYER]
        if endpoint < K.cores:
            core = self.cores.get(endpoint)
            if core is None:
                core = self.cores[endpoint] = new_core(K, endpoint)
            core_message(K, core, 0, self.roots[layer], 0, message, out, act)
        else:
            alloc(K, self.servers[endpoint - K.cores], 0, message, out, act)
        rows = out[1 : 1 + out[0] * ROW]
        for base in range(0, len(rows), ROW):
            if rows[base + DEST] != TRACE:
                act[A_SENT] += 1
        times = self.plan_times
        duration = max(1, sum(act[i] * times[i] for i in range(TIMED)))
        total = self.actions[endpoint]
        for i in range(ACTIONS):
            total[i] += act[i]
        self.busy[endpoint] += duration
        self.operations[endpoint] += 1
        now = self.env.now
        self.record(digest.OPERATION, now, now + duration, endpoint << 8 | message[KIND])
        return duration, rows

    def release(self, endpoint: int, rows: list[int]) -> None:
        """An operation has ended: its outputs leave.

        Who releases first within an instant changes nothing, except for which message a fault hits: then they go by number.
        """
        if not self.lost_kinds:
            self.release_now(endpoint, rows)
            return
        if not self.ended:
            _Later(self.env, 0, RELEASE, self.release_all)
        self.ended.append((endpoint, rows))

    def release_all(self, _: simpy.Event) -> None:
        ended, self.ended = sorted(self.ended, key=lambda e: e[0]), []
        for endpoint, rows in ended:
            self.release_now(endpoint, rows)

    def release_now(self, endpoint: int, rows: list[int]) -> None:
        for base in range(0, len(rows), ROW):
            row = tuple(rows[base : base + ROW])
            if row[DEST] == TRACE:
                self.note(endpoint, row)
                continue
            if row[KIND] == SPIKE and base == 0:
                self.spike(endpoint, row[LAYER], row[F0])
            elif row[KIND] == ITEM and row[F0] >> LAYER_SHIFT == row[LAYER] - 1 and base == 0:
                self.spike(endpoint, row[LAYER], row[F0])
            self.inject(endpoint, row)

    def spike(self, core: int, layer: int, neuron: int) -> None:
        self.record(digest.SPIKE, self.env.now, core << 8 | layer, neuron)
        if self.probe_spikes:
            self.spikes.append((self.env.now, core, layer, neuron))

    def note(self, core: int, row: tuple[int, ...]) -> None:
        """A traced row becomes a record."""
        now, what, layer = self.env.now, row[KIND], row[LAYER]
        if what == T_PAIR:
            self.decisions += record_hash(digest.PAIR, (layer, *row[F0 : F3 + 1]))
        elif what == T_WINNER:
            number, neuron, cover, new, needed = row[F0 : F4 + 1]
            self.decisions += record_hash(digest.WINNER, (layer, number, neuron, cover, new))
            self.record(digest.WINNER, now, layer, number, neuron)
            self.winners.append((now, layer, number, neuron, cover, new, needed, core))
        elif what == T_WAIT:
            if row[F1] < 0:
                self.wait_begin[layer] = (row[F0], now)
            else:
                begin = self.wait_begin[layer][1]
                self.waits.append((layer, row[F0], begin, now, row[F1]))
        elif what == T_WRITE:
            self.record(digest.WRITE, now, core << 8 | layer, row[F0], row[F1], row[F2])
        elif what == T_ROUTE:
            self.take_up(core, layer, row[F0], row[F1])
        elif what == T_GROWTH:
            self.record(digest.GROWTH, now, layer, row[F0], row[F1])
            self.growth.append((now, layer, row[F0], row[F1]))
        elif what == T_UNSTORED:
            self.unstored.append((now, layer, row[F0], row[F1]))
        elif what == T_ERROR:
            self.fail(core, layer, row)

    def take_up(self, core: int, layer: int, neuron: int, bit: int) -> None:
        """A router takes up a branch that the core on its tile wrote."""
        tile = self.tile[core]
        table = self.tables[tile]
        table[layer, neuron] = table.get((layer, neuron), 0) | bit
        if self.plan.table_limit and len(table) > self.plan.table_limit:
            raise SimulationError(
                f"router {tile}: {len(table)} multicast entries used, {self.plan.table_limit} allowed (chip.noc.table_entries); "
                "raise the limit, use chip.noc.cast=unicast, or learn less"
            )
        self.record(digest.WRITE, self.env.now, tile << 8 | layer, neuron, bit)

    def fail(self, core: int, layer: int, row: tuple[int, ...]) -> None:
        code = row[F0]
        if code == E_FULL:
            raise MappingError(
                f"layer {layer}: no slot left for item {row[F1]} at {self.env.now} ps (chip.growth.on_full: stop); "
                "use a chip with more cores or memory, or on_full: flag"
            )
        phase = PHASE_NAMES[self.roots[layer].scalar[PHASE]] if layer <= self.K.layers else "nothing"
        raise SimulationError(
            f"core {core}, layer {layer}, {self.env.now} ps: protocol broken (code {code}, detail {row[F1]}); "
            f"the root of the layer waits for {phase}"
        )

    # -- host ----------------------------------------------------------------------------------------------------------------

    def offers(self, _: simpy.Event) -> None:
        """Offer the next item if its time has come and the one before was taken."""
        plan = self.plan
        if self.next_item >= len(plan.code) or self.taken < self.next_item:
            return
        i = self.next_item
        event = int(plan.event[i]) - plan.first_event
        if event == self.offered:
            due = int(plan.offer[event])
            if due == SATURATE:
                due = self.env.now
            if due > self.env.now:
                _Later(self.env, due - self.env.now, RELEASE, self.offers)
                return
            self.overruns += due < self.env.now
            self.offer_ps[event] = due
            self.offered += 1
        number = plan.first_item + i
        self.next_item += 1
        self.record(digest.SPIKE, self.env.now, self.host << 8, int(plan.code[i]))
        fields = (int(plan.code[i]), -1, int(plan.time[i]), int(plan.flags[i]), number, number)
        self.inject(self.host, (ITEM, self.K.root_core[0], 0, *fields, *(0,) * (ROW - 9)))

    def host_port(self) -> Process:
        """The host's side of its port: takes acknowledgements and alerts."""
        inbox = self.inbox[self.host]
        while True:
            yield self.wake[self.host]
            self.wake[self.host] = simpy.Event(self.env)
            while inbox:
                message = heapq.heappop(inbox)[3].message
                if message[KIND] == ALERT:
                    self.alerts.append((self.env.now, *message[F0 : F4 + 1]))
                elif message[KIND] == TAKEN:
                    self.taken += 1
                    self.offers(self.wake[self.host])
            self.idle[self.host] = True

    # -- faults --------------------------------------------------------------------------------------------------------------

    def flip(self, event: simpy.Event) -> None:
        """A bit of a stored pair flips."""
        core, slot, pair, bit, field = event._value
        m = self.cores.get(core)
        if m is None or pair >= m.k[slot]:
            raise SimulationError(f"fault flip_bit: core {core}, slot {slot} stores no pair {pair} at {self.env.now} ps; name one that does")
        memory = m.vector_class if field else m.vector_id
        memory[slot * 8 + pair] ^= 1 << bit
        self.record(digest.WRITE, self.env.now, core << 8, slot, pair, bit)

    # -- the run -------------------------------------------------------------------------------------------------------------

    def run(self) -> RawRun:
        begin = time.process_time()
        plan = self.plan
        self.plan_times = plan.action_time.tolist()
        for row in plan.fault.tolist():
            if row[0] == FLIP_BIT:
                _Later(self.env, row[1], FAULT, self.flip, tuple(row[2:7]))
        if len(plan.code):
            _Later(self.env, 0, RELEASE, self.offers)
        status = self.loop()
        if status == DONE:
            self.conserve()
            self.check_finished()
        in_flight = np.array(self.sent) + np.array(self.copies) - np.array(self.delivered) - np.array(self.dropped)
        end = plan.until if status == UNTIL else self.env.now
        cpu_s = time.process_time() - begin
        return RawRun(
            engine="reference",
            status=status,
            end_ps=end,
            digest=self.digest & digest.SUM,
            decisions=self.decisions & digest.SUM,
            records=self.records,
            actions=np.array(self.actions, np.int64),
            busy_ps=np.array(self.busy, np.int64),
            operations=np.array(self.operations, np.int64),
            received=np.array(self.received, np.int64),
            late_ticks=np.array(self.late, np.int64),
            sent=np.array(self.sent, np.int64),
            delivered=np.array(self.delivered, np.int64),
            dropped=np.array(self.dropped, np.int64),
            copies=np.array(self.copies, np.int64),
            in_flight=in_flight,
            link_packets=np.array(self.link_packets, np.int64),
            link_flits=np.array(self.link_flits, np.int64),
            link_wait_ps=np.array(self.link_wait, np.int64),
            link_wait_max_ps=np.array(self.link_wait_max, np.int64),
            tile_flits=np.array(self.tile_flits, np.int64),
            host_flits=self.host_flits,
            events_in=self.offered,
            items_in=self.next_item,
            overruns=self.overruns,
            offer_ps=self.offer_ps,
            winners=_rows(self.winners, 8),
            waits=_rows(self.waits, 5),
            growth=_rows(self.growth, 4),
            unstored=_rows(self.unstored, 4),
            alerts=_rows(self.alerts, 6),
            router_entries=np.array([len(t) for t in self.tables], np.int64),
            packets=_rows(self.packets, 8),
            spikes=_rows(self.spikes, 4),
            memory=gather_memory(plan, self.cores, self.roots),
            cpu_s=cpu_s,
        )

    def loop(self) -> str:
        """Step through events in slices; between slices progress is told and a stop is heeded."""
        env, watch = self.env, self.watch
        if self.plan.until:
            _Later(env, self.plan.until, -1, self.end)
        step = env.step
        while True:
            try:
                for _ in range(SLICE):
                    step()
            except simpy.core.EmptySchedule:
                return DONE
            except simpy.core.StopSimulation:
                return UNTIL
            watch.progress(Progress(int(env.now), self.taken, len(self.plan.code), sum(self.link_packets)))
            if watch.stop():
                return INTERRUPTED

    def end(self, _: simpy.Event) -> None:
        """The run covers [0, until): what is due at that time is not done any more."""
        raise simpy.core.StopSimulation(None)

    def conserve(self) -> None:
        """Nothing is lost or made: per kind, sent + copied = delivered + dropped once nothing is left on the way."""
        for kind in range(KINDS):
            came, went = self.sent[kind] + self.copies[kind], self.delivered[kind] + self.dropped[kind]
            if came != went:
                raise SimulationError(f"conservation broken for {NAMES[kind]}: {came} sent and copied, {went} delivered or dropped")

    def check_finished(self) -> None:
        """With no event left, every item must have been offered and every layer be waiting for more of them."""
        if not len(self.plan.code):
            return
        waiting = [layer for layer in range(self.K.layers + 1) if not self.resting(layer)]
        if waiting or self.next_item < len(self.plan.code) or self.taken < self.next_item:
            raise DeadlockError(describe_stuck(self.plan, self.cores, self.roots, waiting, self.next_item, self.taken, int(self.env.now)))

    def resting(self, layer: int) -> bool:
        scalar = self.roots[layer].scalar
        return bool(scalar[START] == scalar[RECEIVED])


def _rows(rows: list[tuple[int, ...]], width: int) -> Any:
    return np.array(rows, np.int64).reshape(-1, width)


def run_reference(plan: Plan, watch: Watch | None = None) -> RawRun:
    """Run a plan to its end on the reference engine.

    Raises:
        DeadlockError: no event is left, but somebody waits; the message names who waits for what.
        SimulationError: conservation broken, a protocol error, or a table full.
        MappingError: no slot left under ``on_full: stop``.
    """
    return _Run(plan, watch or Watch()).run()




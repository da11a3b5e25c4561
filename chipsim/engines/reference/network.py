"""Routers and links of the reference engine.

A router has no duration of its own: it is what happens to an arrival, and the arrivals of one instant happen in the order (port, source,
sequence) because that is their priority. A link is the time from which it is free.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Sequence

import simpy

from chipsim.engines.reference.faults import NO_CAUSE, Faults
from chipsim.engines.reference.paths import FabricPaths, paths_of
from chipsim.engines.reference.phases import Clock, Later
from chipsim.engines.reference.records import Records
from chipsim.errors import MappingError, SimulationError
from chipsim.machine.digest import DROP, WRITE
from chipsim.machine.message import DEST, F0, KIND, LAYER, TREE
from chipsim.machine.phases import ARBITRATE, DELIVER
from chipsim.machine.raw import CAUSES, CUT, FLIT_LOSS, UNREACHABLE
from chipsim.noc.plan import IDEAL
from chipsim.noc.xy import LOCAL
from chipsim.plan.plan import LOSE_MESSAGE, Plan

Message = tuple[int, ...]


class Packet:
    """A message on the network; the copies of a multicast share it."""

    __slots__ = ("cause", "crossed", "dest", "entered", "flits", "injected", "kind", "message", "sequence", "source")

    def __init__(self, source: int, sequence: int, message: Message, flits: int, injected: int) -> None:
        self.source = source
        self.sequence = sequence
        self.message = message
        self.kind = message[KIND]
        self.dest = message[DEST]
        self.flits = flits
        self.injected = injected
        self.entered = injected  # when the head left the endpoint, after waiting for the way into the router
        self.cause, self.crossed = NO_CAUSE, 0  # in a damaged network: why it is going to be dropped; links crossed


class Network:
    """All routers and links, and what they count."""

    def __init__(self, plan: Plan, env: Clock, records: Records, deliver: Callable[[simpy.Event], None]) -> None:
        self.plan, self.env, self.records, self.deliver = plan, env, records, deliver
        self.paths = paths_of(plan)
        self.ports = self.paths.ports
        self.concentration, self.flit_time = plan.mesh.concentration, plan.flit_time
        self.masks: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {}  # routing entries seen, taken apart
        self.queued = plan.router != IDEAL
        self.flits = plan.flits.tolist()
        self.tile = plan.endpoint_tile.tolist()
        self.host = len(self.tile) - 1
        self.local = [plan.local_latency] * self.host + [plan.host_latency]
        self.tables: list[dict[tuple[int, int], int]] = [{} for _ in range(plan.mesh.tiles)]
        for tile, layer, neuron, mask in plan.route.tolist():
            self.tables[tile][layer, neuron] = mask
        self.inject_free: dict[int, int] = {}
        self.eject_free: dict[int, int] = {}
        self.sequence: Counter[int] = Counter()
        self.losses = {tuple(row[1:4]) for row in plan.fault.tolist() if row[0] == LOSE_MESSAGE}  # kind, number, source or -1
        self.losing = {kind for kind, *_ in self.losses}
        self.counted: Counter[tuple[int, int]] = Counter()  # by kind and source
        self.sent, self.delivered, self.dropped, self.copies = ([0] * len(plan.kinds) for _ in range(4))
        links = self.paths.links
        self.link_free, self.link_packets, self.link_flits = [0] * links, [0] * links, [0] * links
        self.link_wait, self.link_wait_max = [0] * links, [0] * links
        self.tile_flits = [0] * plan.mesh.tiles
        self.lookups = [0] * plan.mesh.tiles
        self.credits: list[int] = []  # by link, of wormhole routers
        self.host_flits = [0]
        self.losses_of = [0] * len(CAUSES)
        self.faults: Faults | None = None
        if plan.noc is not None and plan.noc.damage is not None:
            self.faults = Faults(plan, plan.noc, plan.noc.damage, env)
        self.dropped_late: Callable[[], None] = lambda: None  # told when a packet is dropped that was on its way

    def inject(self, endpoint: int, message: Message, more: int = 0) -> None:
        """Send a message from an endpoint into its router, with as many flits as its kind has and some more."""
        self.send(endpoint, message, self.flits[message[KIND]] + more, self.env.now)

    def send(self, endpoint: int, message: Message, flits: int, release: int) -> None:
        """Send a message of so many flits; it is counted and numbered now and leaves its endpoint at a time that may be to come."""
        kind = message[KIND]
        packet = Packet(endpoint, self.sequence[endpoint], message, flits, release)
        self.sequence[endpoint] += 1
        self.sent[kind] += 1
        if kind in self.losing and self.is_lost(packet):
            self.dropped[kind] += 1
            self.records.add(DROP, release, endpoint, packet.sequence)
            return
        if self.faults:
            cause = self.faults.at_release(endpoint, packet.dest)
            if cause != NO_CAUSE:
                self.count_drop(packet, cause, release)
                return
        self.enter(endpoint, packet)

    def count_drop(self, packet: Packet, cause: int, when: int) -> None:
        """A damaged network drops a packet."""
        self.dropped[packet.kind] += 1
        self.losses_of[cause] += 1
        self.records.add(DROP, when, packet.source, packet.sequence)

    def drop(self, packet: Packet, cause: int) -> None:
        """A packet on its way is dropped now."""
        self.count_drop(packet, cause, self.env.now)
        self.dropped_late()

    def begin_epoch(self, epoch: int) -> None:
        """Something dies: from now on packets follow another routing."""
        assert self.faults is not None
        self.faults.begin(epoch)
        if isinstance(self.paths, FabricPaths):
            self.paths.routing = self.faults.routing

    def enter(self, endpoint: int, packet: Packet) -> None:
        """A packet takes the way from its endpoint into the router, behind what is queued there."""
        start, flits = packet.injected, packet.flits
        if self.queued:
            start = packet.entered = max(start, self.inject_free.get(endpoint, 0))
            self.inject_free[endpoint] = start + flits * self.flit_time
        if endpoint == self.host:
            self.host_flits[0] += flits
        tile = self.tile[endpoint]
        self.tile_flits[tile] += flits
        self.send_on(tile, self.ports + endpoint, packet, start - self.env.now + self.local[endpoint])

    def took(self, endpoint: int) -> None:
        """An endpoint took a message out of its inbox; routers without flow control do not care."""

    def is_lost(self, packet: Packet) -> bool:
        """Does a fault hit this message? Each source counts its own of the kind."""
        number = self.counted[packet.kind, packet.source]
        self.counted[packet.kind, packet.source] += 1
        return any((packet.kind, number, source) in self.losses for source in (packet.source, -1))

    def send_on(self, tile: int, port: int, packet: Packet, delay: int) -> None:
        """Schedule the arrival of a packet at a router through one of its ports."""
        order = ARBITRATE | port << 64 | packet.source << 40 | packet.sequence
        Later(self.env, delay, order, self.arrive, (tile, port, packet))

    def arrive(self, event: simpy.Event) -> None:
        """A router forwards what has arrived; who comes first here is first in the queue of a link, for good."""
        tile, _, packet = event._value
        now = self.env.now
        dest = packet.dest
        if packet.cause == CUT:
            self.drop(packet, CUT)
            return
        if dest == TREE:
            mask = self.tables[tile].get((packet.message[LAYER], packet.message[F0]), 0)
            if not mask:
                layer, neuron = packet.message[LAYER], packet.message[F0]
                raise SimulationError(
                    f"router {tile} has no entry for neuron id {neuron} read on layer {layer}; the multicast tree is broken"
                )
            self.lookups[tile] += 1
            ports, cores = self.branches(mask)
            self.copies[packet.kind] += len(ports) + len(cores) - 1
            for port in ports:
                self.traverse(now, tile, port, packet)
            for core in cores:
                self.eject(now, tile * self.concentration + core, packet)
            return
        if self.faults and self.faults.is_cut_off(tile, self.tile[dest]):
            self.drop(packet, UNREACHABLE)
            return
        self.lookups[tile] += self.paths.by_table
        port = self.paths.port(tile, self.tile[dest], self.tile[packet.source], packet.source, packet.sequence)
        if port == LOCAL:
            self.eject(now, dest, packet)
        else:
            self.traverse(now, tile, port, packet)

    def branches(self, mask: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Output ports and cores of the tile that a routing entry names."""
        known = self.masks.get(mask)
        if known is None:
            ports = tuple(port for port in range(self.ports) if mask >> port & 1)
            known = self.masks[mask] = ports, tuple(c for c in range(self.concentration) if mask >> (self.ports + c) & 1)
        return known

    def traverse(self, now: int, tile: int, port: int, packet: Packet) -> None:
        """Onto a link, behind what is queued there; the head arrives at the next router one latency later.

        Behind a link that takes longer per flit than others do, a packet goes on when its flits can follow it without gaps.
        """
        link, flits, wait = tile * self.ports + port, packet.flits, 0
        there, latency, flit_time = self.paths.cross(tile, port)
        again = 0
        if self.faults:
            packet = copy.copy(packet)
            packet.crossed += 1
            again = self.faults.again(link, self.link_flits[link], flits) * self.faults.retry
            if self.faults.loses(link, self.link_packets[link], flits):
                packet.cause = FLIT_LOSS
        if self.queued:
            free = self.link_free[link]
            if free > now:
                wait = free - now
                self.link_wait[link] += wait
                self.link_wait_max[link] = max(self.link_wait_max[link], wait)
            self.link_free[link] = now + wait + flits * flit_time + again
        self.link_packets[link] += 1
        self.link_flits[link] += flits
        self.records.hop(now + wait, link, packet.source, packet.sequence)
        gaps = (flits - 1) * max(0, flit_time - self.flit_time)
        delay = wait + latency + gaps + again
        if self.faults and self.faults.dies[link] <= now + delay:
            packet.cause = CUT
        self.send_on(there, port, packet, delay)

    def hops(self, packet: Packet, endpoint: int) -> int:
        """Links between the endpoint that sent a packet, or the copy of one, and one that has it."""
        here, there = self.tile[packet.source], self.tile[endpoint]
        if self.plan.noc is None:
            return int(self.plan.mesh.distance(here, there))
        if self.faults:
            return packet.crossed
        if packet.dest == TREE:
            return self.depth((packet.message[LAYER], packet.message[F0]), here, there)
        count, tile = 0, here
        while (port := self.paths.port(tile, there, here, packet.source, packet.sequence)) != LOCAL:
            count, tile = count + 1, self.paths.cross(tile, port)[0]
        return count

    def depth(self, key: tuple[int, int], root: int, there: int) -> int:
        """Links between the root of a multicast tree and a router on it."""
        count, level = 0, [root]
        while there not in level:
            branches = [(tile, port) for tile in level for port in self.branches(self.tables[tile].get(key, 0))[0]]
            count, level = count + 1, [self.paths.cross(tile, port)[0] for tile, port in branches]
            assert level, "a packet came off its tree"
        return count

    def eject(self, now: int, endpoint: int, packet: Packet) -> None:
        """From the router to one of its endpoints, which has the message when the last flit is there."""
        start = now
        if self.queued:
            start = max(now, self.eject_free.get(endpoint, 0))
            self.eject_free[endpoint] = start + packet.flits * self.flit_time
        if endpoint == self.host:
            self.host_flits[0] += packet.flits
        self.tile_flits[self.tile[endpoint]] += packet.flits
        delay = start - now + self.local[endpoint] + (packet.flits - 1) * self.flit_time
        Later(self.env, delay, DELIVER, self.deliver, (endpoint, packet))

    def take_up(self, core: int, layer: int, neuron: int, bit: int) -> None:
        """A router takes up a branch that the core on its tile wrote."""
        tile = self.tile[core]
        table = self.tables[tile]
        table[layer, neuron] = table.get((layer, neuron), 0) | bit
        if self.plan.table_limit and len(table) > self.plan.table_limit:
            raise MappingError(
                f"router {tile}: {len(table)} multicast entries used, {self.plan.table_limit} allowed (chip.noc.table_entries); "
                "raise the limit, use chip.noc.cast=unicast, or learn less"
            )
        self.records.add(WRITE, self.env.now, tile << 8 | layer, neuron, bit)

    def give_up(self, core: int, layer: int, neuron: int, bit: int) -> None:
        """A router gives up a branch; an entry without any goes."""
        tile = self.tile[core]
        table = self.tables[tile]
        left = table.get((layer, neuron), 0) & ~bit
        if left:
            table[layer, neuron] = left
        else:
            table.pop((layer, neuron), None)
        self.records.add(WRITE, self.env.now, tile << 8 | layer, neuron, -1 - bit)

    def conserve(self, in_flight: Sequence[int]) -> None:
        """Nothing is lost or made: per kind, sent + copied = delivered + dropped + on the way."""
        for kind, name in enumerate(self.plan.kinds):
            came = self.sent[kind] + self.copies[kind]
            went = self.delivered[kind] + self.dropped[kind] + in_flight[kind]
            if came != went:
                raise SimulationError(
                    f"conservation broken for {name}: {came} sent and copied, {went} delivered, dropped or on the way"
                )

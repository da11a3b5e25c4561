"""The network with wormhole routers on the reference engine: what joins the routers, and the clock that drives them.

A cycle acts on routers that hold flits and on endpoints that have something to send; an empty network sleeps.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable

import simpy

from chipsim.engines.deadlock import describe_wormhole
from chipsim.engines.reference.cut import cut_packets
from chipsim.engines.reference.deadlock import waits
from chipsim.engines.reference.faults import NO_CAUSE
from chipsim.engines.reference.network import Network, Packet
from chipsim.engines.reference.parts import Branch, Channel, Flit, Input, Output, Source, Worm, message_class_range, out_of
from chipsim.engines.reference.phases import Later, PhasedClock
from chipsim.engines.reference.records import Records
from chipsim.engines.reference.router import Router, Rules
from chipsim.errors import DeadlockError, SimulationError
from chipsim.machine.message import TREE
from chipsim.machine.phases import ARBITRATE, COMPUTE, DELIVER
from chipsim.machine.raw import FLIT_LOSS
from chipsim.noc.routing import DATELINE, TABLE, TORUS, tie_bits
from chipsim.plan.plan import Plan


class Arrived(Packet):
    """A packet, or a copy of it, that an endpoint has, with the links that it crossed."""

    __slots__ = ("hops",)

    def __init__(self, worm: Worm) -> None:
        packet = worm.packet
        super().__init__(packet.source, packet.sequence, packet.message, packet.flits, packet.injected)
        self.entered, self.hops, self.cause = packet.entered, worm.hops, worm.cause if packet.cause < 0 else packet.cause


class WormholeNetwork(Network):
    """Routers, links, ways in and out, and what they count."""

    def __init__(self, plan: Plan, env: PhasedClock, records: Records, deliver: Callable[[simpy.Event], None]) -> None:
        super().__init__(plan, env, records, deliver)
        assert plan.noc is not None
        assert plan.noc.wormhole is not None
        self.phased, self.wormhole, self.routing, self.fabric = env, plan.noc.wormhole, plan.noc.routing, plan.noc.fabric
        self.clock = self.wormhole.clock
        self.rules = Rules(self.wormhole, self.routing, self.tile, lambda tile, key: self.tables[tile].get(key, 0), self.faults)
        self.routers, self.sources = build(plan, self.rules)
        ends = enumerate(zip(self.fabric.to.tolist(), self.fabric.back.tolist(), strict=True))
        self.behind = {
            link: (self.routers[to], back) for link, (to, back) in ends if to >= 0
        }  # and port by which it is entered
        self.into = {(router.number, back): link for link, (router, back) in self.behind.items()}
        self.credits = [0] * self.paths.links
        self.has_ties = self.routing.kind in (TORUS, DATELINE)
        self.active: set[int] = set()  # routers with packets
        self.sending: set[int] = set()  # endpoints with packets to send, some perhaps later
        self.flits_due: defaultdict[int, list[tuple[Router, Channel, Flit]]] = defaultdict(list)
        self.credits_due: defaultdict[int, list[tuple[list[int], int]]] = defaultdict(list)
        self.planned: set[int] = set()  # cycles
        self.last_cycle = -1
        self.arriving: Counter[int] = Counter()  # by kind: on the way out of a router to an endpoint
        self.landing = 0  # flits on the way to an endpoint
        self.settled: set[tuple[int, int]] = set()  # source and sequence number of packets that were dropped on their way
        self.ejecting: set[tuple[Output, int, Flit]] = set()  # which ones, in a damaged network
        self.limit = 0 if plan.sinks else self.wormhole.ejection
        self.waiting: Counter[int] = Counter()  # by endpoint: messages in the inbox, where there is a limit
        self.held: defaultdict[int, deque[tuple[Output, int]]] = defaultdict(deque)
        self.stalls = [[0, 0, 0] for _ in range(self.paths.links)]
        self.progress = 0  # VCs given and flits sent in a cycle

    # --- endpoints

    def enter(self, endpoint: int, packet: Packet) -> None:
        """A packet joins the source queue of its endpoint, where it is seen at the first edge whose arbitration is still to come."""
        now = self.env.now
        cycle = -(-packet.injected // self.clock)
        if packet.injected <= now and now % self.clock == 0 and self.phased.phase >= COMPUTE:
            cycle += 1
        ties = tie_bits(self.routing.seed, packet.source, packet.sequence) if self.has_ties else 0
        self.count_flits(endpoint, packet.flits)
        self.sources[endpoint].queue.append((cycle, Worm(packet, ties, packet.flits)))
        self.sending.add(endpoint)
        self.wake(cycle)

    def count_flits(self, endpoint: int, flits: int) -> None:
        """Flits between a router and one of its endpoints."""
        self.tile_flits[self.tile[endpoint]] += flits
        self.host_flits[0] += flits if endpoint == self.host else 0

    def hops(self, packet: Packet, endpoint: int) -> int:
        """Links that a packet, or a copy of one, has crossed."""
        return packet.hops if isinstance(packet, Arrived) else super().hops(packet, endpoint)

    def arrive_at(self, event: simpy.Event) -> None:
        """Deliver phase: a flit is at its endpoint. The last one makes the packet delivered; beyond the limit its credit has to wait."""
        out, vc, flit = event._value
        endpoint, packet = out.endpoint, flit.worm.packet
        if self.faults:
            if flit.worm.gone:
                return
            self.ejecting.discard((out, vc, flit))
        self.landing -= 1
        self.count_flits(endpoint, 1)
        if flit.last:
            self.arriving[packet.kind] -= 1
            came = Arrived(flit.worm)
            self.deliver(Landed((endpoint, came)))
            if self.limit and not (self.faults and self.faults.at_endpoint(endpoint, came.cause) != NO_CAUSE):
                self.waiting[endpoint] += 1
                if self.waiting[endpoint] > self.limit:
                    self.held[endpoint].append((out, vc))
                    return
        self.give_back(out.credits, vc, self.env.now // self.clock, out.cycles)

    def took(self, endpoint: int) -> None:
        """An endpoint took a message out of its inbox: the credit that has waited longest goes back."""
        if self.limit:
            self.waiting[endpoint] -= 1
            if self.held[endpoint]:
                out, vc = self.held[endpoint].popleft()
                self.give_back(out.credits, vc, -(-self.env.now // self.clock), out.cycles)

    # --- cycles

    def wake(self, cycle: int) -> None:
        """Something is to be done in a cycle."""
        if cycle not in self.planned:
            self.planned.add(cycle)
            Later(self.env, cycle * self.clock - self.env.now, ARBITRATE, self.cycle)

    def give_back(self, counts: list[int], vc: int, cycle: int, cycles: int) -> None:
        """A credit goes back over a way of so many cycles."""
        self.credits_due[cycle + 1 + cycles].append((counts, vc))

    def cycle(self, _: simpy.Event) -> None:
        """One edge of the clock: flits and credits land, routers allocate and send, endpoints send."""
        c = self.last_cycle = self.env.now // self.clock
        self.planned.remove(c)
        self.progress = 0
        self.land(c)
        for number in sorted(self.active):
            router = self.routers[number]
            self.drive(router, c)
            if not router.busy:
                self.active.remove(number)
        for endpoint in sorted(self.sending):
            source = self.sources[endpoint]
            if source.ready(c):
                self.send_flit(endpoint, source, c)
            if not source.queue:
                self.sending.remove(endpoint)
        if self.active or any(self.sources[endpoint].ready(c) for endpoint in self.sending):
            self.watch(c)
            self.wake(c + 1)
        elif self.flits_due:
            self.wake(min(self.flits_due))

    def land(self, c: int) -> None:
        """What is due by now lands; an empty network has slept over credits."""
        for router, channel, flit in self.flits_due.pop(c, ()):
            router.land(channel, flit)
            self.active.add(router.number)
        for due in [due for due in self.credits_due if due <= c]:
            for counts, vc in self.credits_due.pop(due):
                counts[vc] += 1

    def drive(self, router: Router, c: int) -> None:
        """A router's cycle, and what it counts."""
        for channel in router.advance(c):
            packet = channel.fifo[0].worm.packet
            self.copies[packet.kind] += len(channel.branches) - 1
            self.lookups[router.number] += packet.dest == TREE or router.routing.kind == TABLE
        given, winners, stalls = router.allocate(c)
        self.progress += given + len(winners)
        for branch, cause in stalls:
            link = out_of(branch).link
            if link >= 0:
                self.stalls[link][cause] += 1
                self.link_wait[link] += self.clock
        for branch in winners:
            self.transfer(router, branch, c)

    def transfer(self, router: Router, branch: Branch, c: int) -> None:
        """A flit leaves a router over a link or to an endpoint."""
        out, vc, flit, channel = out_of(branch), branch.vc, branch.flit, branch.channel
        if router.leave(branch, c):
            entry = router.inputs[channel.port]
            self.give_back(entry.credits, channel.vc, c, entry.cycles)
            link = self.into.get((router.number, channel.port), -1)
            if link >= 0 and not (self.faults and self.faults.dies[link] <= self.env.now):
                self.credits[link] += 1
        lands = c + 2 + out.cycles
        packet = flit.worm.packet
        if out.link < 0 and out.endpoint < 0:  # dead: the rest of a cut packet goes nowhere
            self.give_back(out.credits, vc, lands, out.cycles)
            return
        if out.link >= 0:
            lands += self.lose(out, flit, c)
            self.link_packets[out.link] += flit.number == 0
            self.link_flits[out.link] += 1
            self.records.hop((c + 1) * self.clock, out.link, packet.source, flit.number << 40 | packet.sequence)
            there, port = self.behind[out.link]
            self.flits_due[lands].append((there, there.inputs[port].channels[vc], flit))
            return
        self.arriving[packet.kind] += flit.number == 0
        self.landing += 1
        if self.faults:
            self.ejecting.add((out, vc, flit))
        Later(self.env, lands * self.clock - self.env.now, DELIVER, self.arrive_at, (out, vc, flit))

    def lose(self, out: Output, flit: Flit, c: int) -> int:
        """A link takes a flit, and may lose it; returns the cycles by which it is late."""
        if not self.faults:
            return 0
        if flit.number == 0 and self.faults.loses(out.link, self.link_packets[out.link], flit.worm.flits):
            flit.worm.cause = FLIT_LOSS
        late = 0
        if self.faults.again(out.link, self.link_flits[out.link], 1):
            late = max(1, -(-self.faults.retry // self.clock))
        out.free_from += late
        return late

    def drop(self, packet: Packet, cause: int) -> None:
        """A packet on its way is dropped now; what drains of it later is no packet any more."""
        super().drop(packet, cause)
        self.settled.add((packet.source, packet.sequence))

    def begin_epoch(self, epoch: int) -> None:
        """Something dies: from now on packets follow another routing, and what was on or in it is gone."""
        super().begin_epoch(epoch)
        cut_packets(self)
        self.wake(self.env.now // self.clock)

    def send_flit(self, endpoint: int, source: Source, c: int) -> None:
        """An endpoint sends a flit into its router, if it can."""
        worm = source.queue[0][1]
        flit = source.send(
            *message_class_range(self.wormhole, worm.packet.kind), self.wormhole.buffer if self.wormhole.atomic else 1
        )
        if flit is None:
            return
        self.progress += 1
        if flit.number == 0:
            worm.packet.entered = c * self.clock
        self.flits_due[c + 1 + source.cycles].append((self.routers[source.router], source.entry.channels[source.vc], flit))
        if flit.last:
            source.finish()

    # --- looking at it from outside

    def watch(self, c: int) -> None:
        """A network in which nothing can change any more is in a deadlock (``chipsim.machine``, "Deadlock").

        Raises:
            DeadlockError: the message names the packets that wait for one another.
        """
        if self.progress or self.flits_due or self.credits_due or self.landing or any(self.held.values()):
            return
        still = [self.routers[number] for number in sorted(self.active)]
        channels = [channel for router in still for channel in router.busy.values()]
        if any(channel.asks_from > c or channel.waits_for_link(c) for channel in channels):
            return
        raise DeadlockError(
            describe_wormhole(waits(still, self.behind), self.ports, still[0].routing.kind != TABLE, self.env.now)
        )

    def check_credits(self) -> None:
        """An empty network has all its credits, and nobody holds a channel.

        Raises:
            SimulationError: it has not.
        """
        if self.active or self.flits_due or self.sending or self.landing:
            return
        due: Counter[tuple[int, int]] = Counter((id(counts), vc) for rows in self.credits_due.values() for counts, vc in rows)
        due.update((id(out.credits), vc) for waiting in self.held.values() for out, vc in waiting)
        dead = self.faults.damage.router if self.faults else None
        for router in self.routers:
            if dead is not None and dead[router.number] <= self.env.now:
                continue
            own = [(f"endpoint {endpoint}", self.sources[endpoint].credits) for endpoint in router.local]
            ways = [*((f"output {port}", out.credits) for port, out in sorted(router.outputs.items())), *own]
            for name, counts in ways:
                back = [n + due[id(counts), vc] for vc, n in enumerate(counts)]
                if back != [self.wormhole.buffer] * len(back):
                    raise SimulationError(
                        f"conservation broken: router {router.number}, {name}: credits {back} in an empty network, each should be"
                        f" {self.wormhole.buffer}"
                    )
            held = [port for port, out in router.outputs.items() if any(holder is not None for holder in out.holder)]
            if held:
                raise SimulationError(
                    f"conservation broken: router {router.number}: outputs {held} are held in an empty network"
                )

    def in_flight(self) -> list[int]:
        """Packets and copies on the way, by kind: each counted where its head is, or as on its way to an endpoint until it is all there."""
        counts = [self.arriving[kind] for kind in range(len(self.plan.kinds))]
        for endpoint in self.sending:
            source = self.sources[endpoint]
            for _, worm in source.queue:
                counts[worm.packet.kind] += 1
            counts[source.queue[0][1].packet.kind] -= source.sent > 0
        for due in self.flits_due.values():
            for _, _, flit in due:
                counts[flit.worm.packet.kind] += flit.number == 0
        for number in self.active:
            for channel in self.routers[number].busy.values():
                for branch in channel.branches:
                    counts[branch.worm.packet.kind] += branch.sent == 0
                waiting = list(channel.fifo)[1 if channel.branches and not channel.left else 0 :]  # less the head in front
                for flit in waiting:
                    counts[flit.worm.packet.kind] += flit.number == 0
        return counts


class Landed(simpy.Event):
    """What an endpoint's ``deliver`` is told."""

    def __init__(self, value: tuple[int, Packet]) -> None:
        self._value = value


def build(plan: Plan, rules: Rules) -> tuple[list[Router], list[Source]]:
    """Routers with their inputs and outputs, and the way into them of every endpoint."""
    assert plan.noc is not None
    fabric, wormhole = plan.noc.fabric, rules.wormhole
    vcs, clock, ports = wormhole.vcs, wormhole.clock, fabric.ports

    def output(port: int, link: int, endpoint: int, cycles: int, period: int) -> Output:
        return Output(port, link, endpoint, cycles, period, [wormhole.buffer] * vcs, [None] * vcs, [0] * vcs)

    def entry(port: int, counts: list[int], cycles: int) -> Input:
        return Input([Channel(port, vc, port * vcs + vc) for vc in range(vcs)], counts, cycles)

    inputs: list[dict[int, Input]] = [{} for _ in range(fabric.routers)]
    outputs: list[dict[int, Output]] = [{} for _ in range(fabric.routers)]
    local: list[dict[int, Output]] = [{} for _ in range(fabric.routers)]
    for link, (to, back, latency, flit_time) in enumerate(
        zip(fabric.to.tolist(), fabric.back.tolist(), fabric.latency.tolist(), fabric.flit_time.tolist(), strict=True)
    ):
        if to >= 0:
            cycles = max(1, -(-latency // clock))
            out = output(link % ports, link, -1, cycles, max(1, -(-flit_time // clock)))
            outputs[link // ports][link % ports] = out
            inputs[to][back] = entry(back, out.credits, cycles)
    at: list[tuple[int, Input, int]] = []
    host = plan.endpoints - 1
    for endpoint, tile in enumerate(plan.endpoint_tile.tolist()):
        port = ports + len(local[tile])
        cycles = max(1, -(-(plan.host_latency if endpoint == host else plan.local_latency) // clock))
        outputs[tile][port] = local[tile][endpoint] = output(port, -1, endpoint, cycles, 1)
        inputs[tile][port] = entry(port, [wormhole.buffer] * vcs, cycles)
        at.append((tile, inputs[tile][port], cycles))
    routers = [Router(number, rules, inputs[number], outputs[number], local[number]) for number in range(fabric.routers)]
    return routers, [Source(tile, way, cycles) for tile, way, cycles in at]

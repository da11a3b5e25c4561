"""A run of the reference engine from the first instant to its counters."""

from __future__ import annotations

import time

import numpy as np
import simpy

from chipsim.engines.base import Progress, Watch
from chipsim.engines.reference.endpoints import Endpoints
from chipsim.engines.reference.gather import gather_memory
from chipsim.engines.reference.host import Host
from chipsim.engines.reference.network import Network
from chipsim.engines.reference.phases import END, FAULT, Clock, Later, PhasedClock
from chipsim.engines.reference.records import DECISIONS, Records, table
from chipsim.engines.reference.resume import on_the_way, restore, take_snapshot
from chipsim.engines.reference.spiking import SpikingCores
from chipsim.engines.reference.steps import Steps
from chipsim.engines.reference.traffic import Sinks, Traffic
from chipsim.engines.reference.wormhole import WormholeNetwork
from chipsim.engines.stuck import describe_stuck
from chipsim.errors import DeadlockError
from chipsim.machine.raw import DONE, INTERRUPTED, UNTIL, RawRun, ordered
from chipsim.machine.snapshot import Snapshot
from chipsim.noc.plan import WORMHOLE
from chipsim.plan.plan import FLIP_BIT, Plan
from chipsim.programs import nsn, packets, snn
from chipsim.programs.nsn.raw import NsnRun
from chipsim.programs.packets.raw import PacketsRun
from chipsim.programs.snn.raw import SnnRun

SLICE = 4096
"""Events between two looks at progress and stop."""


CORES: dict[str, type[Endpoints]] = {nsn.NAME: Endpoints, snn.NAME: SpikingCores, packets.NAME: Sinks}
"""What the cores do, by program."""


class Run:
    """All components of one run, wired up and ready to go; ``driver`` is what gives the cores their work."""

    def __init__(self, plan: Plan, watch: Watch, start: Snapshot | None = None) -> None:
        self.plan, self.watch = plan, watch
        now = int(start.time[0]) if start else 0
        self.env = PhasedClock(now) if plan.router == WORMHOLE else Clock(now)
        self.records = Records(plan.own.constants.layers if plan.program == nsn.NAME else 0, watch.probes)
        self.endpoints = CORES[plan.program](plan, self.env, self.records)
        self.network: Network
        if isinstance(self.env, PhasedClock):
            self.network = WormholeNetwork(plan, self.env, self.records, self.endpoints.deliver)
        else:
            self.network = Network(plan, self.env, self.records, self.endpoints.deliver)
        self.host = Host(plan, self.env, self.records, self.network, self.endpoints)
        self.endpoints.network = self.network
        self.endpoints.host_process = self.host.process
        self.driver: Host | Steps | Traffic = self.host
        if isinstance(self.endpoints, SpikingCores):
            self.driver = Steps(plan, self.env, self.network, self.endpoints)
            self.network.dropped_late = self.endpoints.look_around
        elif isinstance(self.endpoints, Sinks):
            self.driver = traffic = Traffic(plan, self.env, self.network)
            self.endpoints.answered = traffic.answered
        for row in plan.fault.tolist():
            if row[0] == FLIP_BIT and (start is None or row[1] > now):
                Later(self.env, row[1] - now, FAULT, self.flip, tuple(row[2:7]))
        epochs = plan.noc.damage.epochs if plan.noc is not None and plan.noc.damage is not None else ()
        for number, epoch in enumerate(epochs[1:], 1):
            Later(self.env, epoch.time - now, FAULT, self.die, number)
        if plan.until:
            Later(self.env, max(0, plan.until - now), END, self.end)
        if start:
            restore(self, start)
        self.driver.begin()

    def run(self) -> RawRun:
        """Run to the end of all work, to ``until``, or until asked to stop."""
        begin = time.process_time()
        status = self.loop()
        if status == UNTIL and self.nothing_left():
            status = DONE  # the chip only rests until the end that was set
        if status == DONE:
            self.check_finished()
        return self.result(status, time.process_time() - begin)

    def loop(self) -> str:
        """Step through events in slices; between slices progress is told and a stop is heeded."""
        step = self.env.step
        while True:
            try:
                for _ in range(SLICE):
                    step()
            except simpy.core.EmptySchedule:
                return DONE
            except simpy.core.StopSimulation:
                return UNTIL
            done, every = self.driver.progress()
            self.watch.progress(Progress(self.env.now, done, every, sum(self.network.link_packets)))
            if self.watch.stop():
                while self.env.peek() == self.env.now:  # a run is only ever left between two instants
                    step()
                return INTERRUPTED

    def flip(self, event: simpy.Event) -> None:
        """A bit flips, unless all work was done before."""
        if self.nothing_left():
            raise simpy.core.StopSimulation(None)
        self.endpoints.flip(event)

    def die(self, event: simpy.Event) -> None:
        """A part of the network dies, unless all work was done before."""
        if self.nothing_left():
            raise simpy.core.StopSimulation(None)
        self.network.begin_epoch(event._value)

    def nothing_left(self) -> bool:
        """Is nothing due but faults and the end that was set?"""
        own = (self.flip, self.die, self.end)
        # SimPy keeps an event whose callback stopped the simulation in its queue, without callbacks
        return all(not event.callbacks or event.callbacks[0] in own for *_, event in self.env._queue)

    def end(self, _: simpy.Event) -> None:
        """The run covers [0, until): what is due at that time is not done any more."""
        raise simpy.core.StopSimulation(None)

    def check_finished(self) -> None:
        """With no event left, every item must have been taken and every layer be waiting for more of them."""
        waiting = self.endpoints.unfinished()
        if self.host.code and (waiting or self.host.taken < len(self.host.code)):
            cores, roots, dropped = self.endpoints.cores, self.endpoints.roots, self.network.dropped
            host = (self.host.next_item, self.host.taken)
            losses = self.network.losses_of
            raise DeadlockError(describe_stuck(self.plan, cores, roots, waiting, host, dropped, self.env.now, losses))

    def end_ps(self, status: str) -> int:
        """How far the run covers: to the end that was set, to the last thing done, or to where it was interrupted."""
        if status == INTERRUPTED:
            return self.env.now
        return self.plan.until or (self.driver.end_ps() if isinstance(self.driver, Steps) else self.endpoints.last_ps)

    def in_flight(self) -> list[int]:
        """Packets on the way, by kind, counted where they are."""
        if isinstance(self.network, WormholeNetwork):
            return self.network.in_flight()
        counts = [0] * len(self.plan.kinds)
        for *_, packet in on_the_way(self):
            counts[packet.kind] += 1
        return counts

    def own(self, end_ps: int) -> NsnRun | SnnRun | PacketsRun:
        """What the program has to say of its run."""
        if isinstance(self.driver, Steps):
            return SnnRun(self.driver.table(end_ps), np.array(self.driver.cores.potential, np.int64))
        if isinstance(self.driver, Traffic):
            return PacketsRun(self.driver.sent)
        records, host = self.records, self.host
        lists = {name: ordered(name, table(getattr(records, name), columns)) for name, columns in DECISIONS.items()}
        return NsnRun(
            decisions=records.sums()[1],
            events_in=host.offered,
            items_in=host.next_item,
            overruns=host.overruns,
            offer_ps=host.offer_ps,
            memory=gather_memory(self.plan, self.endpoints.cores, self.endpoints.roots),
            **lists,
        )

    def result(self, status: str, cpu_s: float) -> RawRun:
        """Counters and records as arrays."""
        network, endpoints, records = self.network, self.endpoints, self.records

        def array(values: object) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
            return np.array(values, np.int64)

        digest, _ = records.sums()
        in_flight = self.in_flight()
        network.conserve(in_flight)
        if isinstance(network, WormholeNetwork):
            network.check_credits()
        end_ps = self.end_ps(status)
        own = self.own(end_ps)
        extra = {}
        if isinstance(network, WormholeNetwork):
            extra = {
                "link_stalls": array(network.stalls),
                "queue": array([(r.queue_sum, r.queue_most) for r in network.routers]),
            }
        # what lies in the routers, or is dead, is in no snapshot: such a run begins again
        resumable = status != DONE and self.plan.router != WORMHOLE and network.faults is None
        return RawRun(
            engine="reference",
            program=self.plan.program,
            kinds=self.plan.kinds,
            status=status,
            end_ps=end_ps,
            digest=digest,
            records=records.count,
            actions=array(endpoints.actions),
            busy_ps=array(endpoints.busy),
            operations=array(endpoints.operations),
            received=array(endpoints.received),
            late_ticks=array(endpoints.late),
            sent=array(network.sent),
            delivered=array(network.delivered),
            dropped=array(network.dropped),
            copies=array(network.copies),
            in_flight=array(in_flight),
            link_packets=array(network.link_packets),
            link_flits=array(network.link_flits),
            link_wait_ps=array(network.link_wait),
            link_wait_max_ps=array(network.link_wait_max),
            tile_flits=array(network.tile_flits),
            host_flits=network.host_flits[0],
            router_entries=array([len(t) for t in network.tables]),
            used_bits=own.memory.used_bits if isinstance(own, NsnRun) else self.plan.used_bits,
            packets=ordered("packets", table(records.packets, 9)),
            spikes=ordered("spikes", table(records.spikes, 4)),
            own=own,
            losses=array(network.losses_of),
            cpu_s=cpu_s,
            snapshot=take_snapshot(self, self.env.now - (status == UNTIL)) if resumable else None,
            **extra,
        )


def run_reference(plan: Plan, watch: Watch | None = None, start: Snapshot | None = None) -> RawRun:
    """Run a plan to its end on the reference engine, from the beginning or from a snapshot of the same plan.

    Raises:
        DeadlockError: no event is left, but somebody waits; the message names who waits for what.
        SimulationError: conservation broken, a protocol error, or a table full.
        MappingError: no slot left under ``on_full: stop``.
    """
    return Run(plan, watch or Watch(), start).run()

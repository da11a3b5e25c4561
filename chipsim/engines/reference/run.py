"""A run of the reference engine from the first instant to its counters."""

from __future__ import annotations

import time

import numpy as np
import simpy

from chipsim.engines.base import Progress, Watch, too_late
from chipsim.engines.reference.chip import EngineChip
from chipsim.engines.reference.endpoints import Endpoints
from chipsim.engines.reference.network import Network
from chipsim.engines.reference.phases import Clock, Later, PhasedClock
from chipsim.engines.reference.records import Records, table
from chipsim.engines.reference.resume import on_the_way, restore, take_snapshot
from chipsim.engines.reference.wormhole import WormholeNetwork
from chipsim.machine.phases import END, FAULT
from chipsim.machine.raw import DONE, INTERRUPTED, UNTIL, RawRun, ordered
from chipsim.machine.snapshot import Snapshot
from chipsim.machine.state import LATEST_PS, MOST_SENT
from chipsim.machine.timeline import Timeline
from chipsim.noc.links import by_class, link_classes
from chipsim.noc.plan import WORMHOLE
from chipsim.plan.plan import FLIP_BIT, Plan
from chipsim.plan.ranges import check_every_engine, check_sequence, check_sum
from chipsim.programs.reference import Cores, cores_of

SLICE = 4096
"""Events between two looks at progress and stop."""


class Run:
    """All components of one run, wired up and ready to go; ``program`` is what is in the cores."""

    def __init__(self, plan: Plan, watch: Watch, start: Snapshot | None = None) -> None:
        check_every_engine(plan)
        self.plan, self.watch = plan, watch
        now = int(start.time[0]) if start else 0
        self.env = PhasedClock(now) if plan.router == WORMHOLE else Clock(now)
        self.records = Records(watch.probes)
        self.endpoints = Endpoints(plan, self.env, self.records)
        self.network: Network
        if isinstance(self.env, PhasedClock):
            self.network = WormholeNetwork(plan, self.env, self.records, self.endpoints.deliver)
        else:
            self.network = Network(plan, self.env, self.records, self.endpoints.deliver)
        chip = EngineChip(plan, self.env, self.network, self.endpoints, self.records)
        self.program: Cores = cores_of(plan.program)(chip)
        self.endpoints.network, self.endpoints.program = self.network, self.program
        self.network.dropped_late = self.program.dropped
        for row in plan.fault.tolist():
            if row[0] == FLIP_BIT and (start is None or row[1] > now):
                Later(self.env, row[1] - now, FAULT, self.flip, tuple(row[2:7]))
        epochs = plan.noc.damage.epochs if plan.noc is not None and plan.noc.damage is not None else ()
        for number, epoch in enumerate(epochs[1:], 1):
            Later(self.env, epoch.time - now, FAULT, self.die, number)
        self.timeline, self.classes = Timeline(watch.interval_ps, now), link_classes(plan.noc, len(self.network.link_flits))
        self.mark_next()
        if plan.until:
            Later(self.env, max(0, plan.until - now), END, self.end)
        if start:
            restore(self, start)
        self.program.begin()

    def run(self) -> RawRun:
        """Run to the end of all work, to ``until``, or until asked to stop."""
        begin = time.process_time()
        status = self.loop()
        self.hold_to_range()
        if status == UNTIL and self.nothing_left():
            status = DONE  # the chip only rests until the end that was set
        if status == DONE:
            self.program.check_finished()
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
            self.hold_to_range()
            done, every = self.program.progress()
            self.watch.progress(Progress(self.env.now, done, every, sum(self.network.link_packets)))
            if self.watch.stop():
                while self.env.peek() == self.env.now:  # a run is only ever left between two instants
                    step()
                return INTERRUPTED

    def hold_to_range(self) -> None:
        """Raises SimulationError: the run has gone beyond what times, or numbers of packets, can be."""
        if self.env.now > LATEST_PS:
            raise too_late()
        if sum(self.network.sent) > MOST_SENT:  # all together, which is seen at once
            check_sequence(max(self.network.sequence.values()))

    def flip(self, event: simpy.Event) -> None:
        """A bit flips, unless all work was done before."""
        if self.nothing_left():
            raise simpy.core.StopSimulation(None)
        self.program.flip(event._value)

    def die(self, event: simpy.Event) -> None:
        """A part of the network dies, unless all work was done before."""
        if self.nothing_left():
            raise simpy.core.StopSimulation(None)
        self.network.begin_epoch(event._value)

    def mark_next(self) -> None:
        """The next time at which counts are kept comes before all else of its instant but the end."""
        if self.timeline.next_ps is not None:
            Later(self.env, self.timeline.next_ps - self.env.now, FAULT, self.mark)

    def mark(self, _: simpy.Event) -> None:
        """Counts are kept, unless all work was done before."""
        if self.nothing_left():
            raise simpy.core.StopSimulation(None)
        network, endpoints = self.network, self.endpoints
        flits, back = (np.array(counts, np.int64) for counts in (network.link_flits, network.credits))
        host = [sum(network.tile_flits), network.host_flits[0], sum(network.lookups)]
        actions = np.array(endpoints.actions, np.int64).sum(axis=0)
        self.timeline.note(np.concatenate([actions, host, by_class(self.classes, flits), by_class(self.classes, back)]))
        self.mark_next()

    def nothing_left(self) -> bool:
        """Is nothing due but faults, marks of the timeline and the end that was set?"""
        own = (self.flip, self.die, self.end, self.mark)
        # SimPy keeps an event whose callback stopped the simulation in its queue, without callbacks
        return all(not event.callbacks or event.callbacks[0] in own for *_, event in self.env._queue)

    def end(self, _: simpy.Event) -> None:
        """The run covers [0, until): what is due at that time is not done any more."""
        raise simpy.core.StopSimulation(None)

    def end_ps(self, status: str) -> int:
        """Where the run ends: where it was left, at the end that was set, or where all work does."""
        return self.env.now if status == INTERRUPTED else self.plan.until or self.program.end_ps()

    def in_flight(self) -> list[int]:
        """Packets on the way, by kind, counted where they are."""
        if isinstance(self.network, WormholeNetwork):
            return self.network.in_flight()
        counts = [0] * len(self.plan.kinds)
        for *_, packet in on_the_way(self):
            counts[packet.kind] += 1
        return counts

    def result(self, status: str, cpu_s: float) -> RawRun:
        """Counters and records as arrays."""
        network, endpoints, records = self.network, self.endpoints, self.records

        def array(values: object) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
            return np.array(values, np.int64)

        in_flight = self.in_flight()
        network.conserve(in_flight)
        check_sum(max(network.link_wait, default=0))
        extra = {}
        if isinstance(network, WormholeNetwork):
            network.check_credits()
            extra = {
                "link_stalls": array(network.stalls),
                "queue": array([(r.queue_sum, r.queue_most) for r in network.routers]),
            }
        end_ps = self.end_ps(status)
        own, used_bits = self.program.outcome(end_ps)
        # what lies in the routers, or is dead, is in no snapshot: such a run begins again
        resumable = status != DONE and self.plan.router != WORMHOLE and network.faults is None
        return RawRun(
            engine="reference",
            program=self.plan.program,
            kinds=self.plan.kinds,
            status=status,
            end_ps=end_ps,
            digest=records.digest,
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
            used_bits=used_bits,
            packets=ordered("packets", table(records.packets, 9)),
            spikes=ordered("spikes", table(records.spikes, 4)),
            losses=array(network.losses_of),
            router_lookups=array(network.lookups),
            credits=array(network.credits),
            timeline=self.timeline.rows(),
            own=own,
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

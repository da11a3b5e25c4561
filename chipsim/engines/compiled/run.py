"""A run of the compiled engine from the first instant to its counters."""

from __future__ import annotations

import time

import numpy as np

from chipsim import jit
from chipsim.engines.base import Progress, Watch, too_late
from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.credits import check_credits, credits_of
from chipsim.engines.compiled.cut import begin_epoch
from chipsim.engines.compiled.fabric import packets_inside
from chipsim.engines.compiled.failures import raise_deadlock, raise_failure
from chipsim.engines.compiled.machine import Machine, units_of
from chipsim.engines.compiled.resume import on_the_way, restore, take_snapshot
from chipsim.errors import SimulationError
from chipsim.machine import state
from chipsim.machine.digest import SUM
from chipsim.machine.raw import DONE, INTERRUPTED, UNTIL, RawRun, ordered
from chipsim.machine.snapshot import Snapshot
from chipsim.machine.state import MOST_EVENTS, MOST_SENT
from chipsim.machine.timeline import Timeline
from chipsim.noc.links import by_class, link_classes
from chipsim.plan.plan import FLIP_BIT, Plan
from chipsim.plan.ranges import check_sequence, check_sum, waiting_ps
from chipsim.programs.host import Array

FIRST_SLICE = 1 << 12
SLICE_S = 0.1
"""A slice is as many events as were done in this time: often enough for Ctrl-C and progress, too seldom to cost anything."""

NEVER = 1 << 61


class Run:
    """One run: the machine, and what is known of it outside of its arrays."""

    def __init__(self, plan: Plan, watch: Watch, start: Snapshot | None = None) -> None:
        self.plan, self.watch = plan, watch
        self.machine = Machine(plan, watch.probes)
        self.digest, self.decisions, self.flipped = 0, 0, 0
        flips = plan.fault[plan.fault[:, 0] == FLIP_BIT][:, 1:7]
        self.flips: list[tuple[int, ...]] = [tuple(row) for row in flips[np.argsort(flips[:, 0], kind="stable")].tolist()]
        damage = plan.noc.damage if plan.noc is not None else None
        self.epochs = list(damage.epochs[1:]) if damage is not None else []
        self.timeline = Timeline(watch.interval_ps, int(start.time[0]) if start is not None else 0)
        self.classes = link_classes(plan.noc, len(self.machine.state.links))
        if start is not None:
            restore(self, start)
            self.flips = [flip for flip in self.flips if flip[0] > int(start.time[0])]

    def run(self) -> RawRun:
        """Run to the end of all work, to ``until``, or until asked to stop."""
        begin = time.process_time()
        status = self._loop()
        if status == DONE:
            self.machine.host.check_finished()
        raw = self._result(status)
        object.__setattr__(raw, "cpu_s", time.process_time() - begin)
        return raw

    def _advance(self, limit: int, events: int) -> int:
        status = self.machine.advance(limit, events)
        m = self.machine.state
        self.digest += m.low + (m.high << 32)
        self.decisions += m.low_decided + (m.high_decided << 32)
        m.low = m.high = m.low_decided = m.high_decided = 0
        if status == state.FAILED:
            raise_failure(self.plan, self.machine)
        if m.sent.sum() > MOST_SENT:  # all together, which is seen at once
            check_sequence(int(m.endpoints["sequence"].max()))
        return status

    def _loop(self) -> str:
        """Slices of events, stops for faults; between slices progress is told and a stop is heeded."""
        unit, until = self.machine.unit, self.plan.until
        events = left = FIRST_SLICE
        begin = time.perf_counter()
        while True:
            limit = until // unit if until else NEVER
            due = self._next_fault(unit)
            end = limit = min(limit, due)
            mark = self._next_mark(unit)
            limit = min(limit, mark)
            status = self._advance(limit, left)
            if status == state.EMPTY:
                return DONE
            if status == state.DEADLOCKED:
                raise_deadlock(self.plan, self.machine)
            if status == state.AT_LIMIT:
                if limit == mark and not (until and limit == until // unit):
                    self.timeline.note(self._counted())
                    if mark < end:
                        left = max(
                            1, int(self.machine.state.left)
                        )  # the slice goes on: a stop is heeded as often as without marks
                        continue
                if limit == NEVER:
                    raise too_late()
                if due > limit or (until and limit == until // unit):
                    return DONE if self._only_credits_left() else UNTIL
                while self.epochs and self.epochs[0].time // unit == limit:
                    self.digest += begin_epoch(self.plan, self.machine, self.epochs.pop(0))
                while self.flips and self.flips[0][0] // unit == limit:
                    self._flip(*self.flips.pop(0))
                continue
            elapsed = max(time.perf_counter() - begin, 1e-6)
            events = int(min(MOST_EVENTS, max(FIRST_SLICE, events * min(4.0, SLICE_S / elapsed))))
            self.watch.progress(self._progress())
            if self.watch.stop():
                return self._stop()
            left, begin = events, time.perf_counter()

    def _only_credits_left(self) -> bool:
        """Is nothing due in wormhole routers but credits on their way back? They are no work: the run is done when the last packet is."""
        m = self.machine.state
        return bool(m.net_at >= 0 and m.work == 0 and m.offer_at == m.step_at == state.NEVER)

    def _next_mark(self, unit: int) -> int:
        """Before which counts are kept next, in units."""
        due = self.timeline.next_ps
        return NEVER + 1 if due is None else min(-(-due // unit), NEVER)

    def _counted(self) -> Array:
        """A row of the timeline, without its time."""
        machine, m = self.machine, self.machine.state
        wormhole = self.plan.noc is not None and self.plan.noc.wormhole is not None
        back = credits_of(self.plan, machine) if wormhole else np.zeros(0, np.int64)
        host = [int(m.endpoints["flits"].sum()), m.host_flits, int(m.lookups.sum())]
        flits = by_class(self.classes, m.links["flits"])
        return np.concatenate([m.actions.reshape(len(m.endpoints), -1).sum(axis=0), host, flits, by_class(self.classes, back)])

    def _next_fault(self, unit: int) -> int:
        """When a bit flips or a part of the network dies next, in units."""
        times = [*(flip[0] for flip in self.flips[:1]), *(epoch.time for epoch in self.epochs[:1])]
        return min((time // unit for time in times), default=NEVER + 1)

    def _stop(self) -> str:
        """Go on to where no operation has been begun ahead of time, and to the end of that instant."""
        m = self.machine.state
        m.one_by_one = 1
        if m.ahead > m.now:
            while self._advance(m.ahead + 1, MOST_EVENTS) == state.SLICE:
                pass
            m.now = m.base = max(m.now, m.ahead)
        return INTERRUPTED

    def _progress(self) -> Progress:
        m = self.machine.state
        return Progress(m.now * self.machine.unit, *self.machine.host.progress(), m.hops)

    def _flip(self, when: int, core: int, slot: int, pair: int, bit: int, field: int) -> None:
        """A fault: a bit of a core's memory flips."""
        self.digest += self.machine.host.flip(when, core, slot, pair, bit, field)
        self.machine.state.count += 1
        self.flipped = when

    def _end_ps(self, status: str) -> int:
        machine, m = self.machine, self.machine.state
        if status == INTERRUPTED:
            return int(m.now * machine.unit)
        return self.plan.until or max(m.last * machine.unit, machine.host.end_ps())

    def _in_flight(self) -> Array:
        """int64[kinds], packets on the way; nothing is lost or made: per kind, sent + copied = delivered + dropped + on the way.

        Raises:
            SimulationError: the counts do not agree.
        """
        m = self.machine.state
        flying = on_the_way(self.machine)[:, 0]
        if self.plan.noc is not None and self.plan.noc.wormhole is not None:
            flying = np.concatenate([flying, packets_inside(m)])
        flying = flying[m.packets["cause"][flying] != state.REAR]
        in_flight = np.bincount(m.packets["kind"][flying], minlength=len(m.sent)).astype(np.int64)
        for kind in np.flatnonzero(m.sent + m.copies != m.delivered + m.dropped + in_flight).tolist():
            raise SimulationError(
                f"conservation broken for {self.plan.kinds[kind]}: {m.sent[kind] + m.copies[kind]} sent and copied, "
                f"{m.delivered[kind] + m.dropped[kind] + in_flight[kind]} delivered, dropped or on the way"
            )
        return in_flight

    def _lists(self) -> dict[str, Array]:
        """The lists of the log."""
        machine = self.machine
        rows = np.concatenate(machine.logged) if machine.logged else np.zeros((0, state.LOG), np.int64)
        found = np.bincount(rows[:, 0], minlength=len(at.LISTS))
        lists = {}
        for number, (name, columns) in enumerate(at.LISTS):
            own = rows if found[number] == len(rows) else rows[rows[:, 0] == number] if found[number] else rows[:0]
            lists[name] = ordered(name, own[:, 1 : columns + 1])
        return lists

    def _result(self, status: str) -> RawRun:
        machine, plan, m = self.machine, self.plan, self.machine.state
        endpoints, links, unit = m.endpoints, m.links, machine.unit
        machine.flush_log()
        if status != DONE:
            ahead = (endpoints["state"] & state.STATE == state.BUSY) & (
                endpoints["taken"] > 1
            )  # the one before the last has ended
            m.last = max(m.last, int((endpoints["end"] - endpoints["span"])[ahead].max(initial=0)))
        in_flight = self._in_flight()
        wormhole = plan.noc.wormhole if plan.noc is not None else None
        if wormhole is not None:
            check_credits(plan, machine)
        lists = self._lists()
        kept = {name: lists.pop(name) for name in ("packets", "spikes")}
        end_ps = self._end_ps(status)
        stalls = (
            np.stack([m.stalls[name] for name in ("vc", "credit", "switch")], axis=1)
            if wormhole is not None
            else np.zeros((0, 3), np.int64)
        )
        if wormhole is not None:
            check_sum(float(stalls.sum(axis=1, dtype=np.float64).max(initial=0)) * wormhole.clock)
        done = status == DONE or wormhole is not None or (plan.noc is not None and plan.noc.damage is not None)
        return RawRun(
            engine="compiled",
            program=plan.program,
            kinds=plan.kinds,
            status=status,
            end_ps=end_ps,
            digest=self.digest & SUM,
            records=m.count,
            actions=m.actions.reshape(len(endpoints), -1),
            busy_ps=endpoints["busy"] * unit,
            operations=endpoints["operations"].copy(),
            received=endpoints["received"].copy(),
            late_ticks=endpoints["late"].copy(),
            sent=m.sent,
            delivered=m.delivered,
            dropped=m.dropped,
            copies=m.copies,
            in_flight=in_flight,
            link_packets=links["packets"].copy(),
            link_flits=links["flits"].copy(),
            link_wait_ps=stalls.sum(axis=1) * wormhole.clock
            if wormhole is not None
            else waiting_ps(links["wait"], links["packets"], links["wait_max"], unit),
            link_wait_max_ps=links["wait_max"] * unit,
            tile_flits=np.bincount(endpoints["tile"], endpoints["flits"], plan.mesh.tiles).astype(np.int64),
            host_flits=m.host_flits,
            router_entries=m.entries,
            used_bits=machine.host.used_bits(),
            **kept,
            own=machine.host.result(status, end_ps, self.decisions, lists),
            losses=m.lost.copy(),
            router_lookups=m.lookups,
            credits=credits_of(plan, machine) if wormhole is not None else np.zeros(0, np.int64),
            cpu_s=0.0,
            snapshot=None if done else take_snapshot(self, self._done_ps(status)),
            link_stalls=stalls,
            timeline=self.timeline.rows(),
            queue=np.stack([m.routers["sum"], m.routers["most"]], axis=1).astype(np.int64),
        )

    def _done_ps(self, status: str) -> int:
        """The last ps that is done."""
        return self.plan.until - 1 if status == UNTIL else max(self.machine.state.now * self.machine.unit, self.flipped)


def run_compiled(plan: Plan, watch: Watch | None = None, start: Snapshot | None = None) -> RawRun:
    """Run a plan to its end on the compiled engine, from the beginning or from a snapshot of the same plan.

    Raises:
        DeadlockError: nothing is due, but somebody waits; the message names who waits for what.
        SimulationError: conservation broken, a protocol error, a core that cannot keep up with its ticks, or an array too large.
        MappingError: no slot left under ``on_full: stop``, or a table full.
    """
    watch = watch or Watch()
    make_ready(plan, watch)
    return Run(plan, watch, start).run()


def make_ready(plan: Plan, watch: Watch) -> None:
    """Have the code that runs a plan in this process, compiled if it never was."""
    jit.prepare(units_of(plan), say=watch.say)

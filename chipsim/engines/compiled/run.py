"""A run of the compiled engine from the first instant to its counters."""

from __future__ import annotations

import logging
import time
from types import ModuleType

import numpy as np

from chipsim import jit
from chipsim.engines.base import Progress, Watch
from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.credits import check_credits
from chipsim.engines.compiled.cut import begin_epoch
from chipsim.engines.compiled.fabric import tokens_inside
from chipsim.engines.compiled.machine import Machine
from chipsim.engines.compiled.memory import Array, gather_memory
from chipsim.engines.compiled.resume import on_the_way, restore, take_snapshot
from chipsim.engines.compiled.stuck import raise_failure, raise_standstill, raise_stuck
from chipsim.errors import SimulationError
from chipsim.machine.digest import SUM, WRITE, record_hash
from chipsim.machine.raw import CAUSES, DONE, INTERRUPTED, UNTIL, RawRun, ordered
from chipsim.machine.snapshot import Snapshot
from chipsim.noc.plan import IDEAL, QUEUED
from chipsim.plan.plan import BARRIER, FLIP_BIT, TICK, Plan
from chipsim.programs import nsn, packets, snn
from chipsim.programs.nsn.raw import NsnRun
from chipsim.programs.nsn.state import RECEIVED, START
from chipsim.programs.packets.raw import PacketsRun
from chipsim.programs.snn.raw import SnnRun

log = logging.getLogger(__name__)

FIRST_SLICE, MOST_EVENTS = 1 << 12, 1 << 22
SLICE_S = 0.1
"""A slice is as many events as were done in this time: often enough for Ctrl-C and progress, too seldom to cost anything."""

NEVER = 1 << 61
PROGRAMS = {nsn.NAME: "neurosemantic cores", snn.NAME: "spiking cores", packets.NAME: "traffic"}


def loop_of(plan: Plan) -> ModuleType:
    """The event loop compiled for what a plan needs: the program of its cores, the fidelity of its routers, and a plain mesh or not.

    Where it is none, ideal routers are queued ones whose links are free again at once: that saves compilations.
    """
    router = QUEUED if plan.noc is not None and plan.router == IDEAL else plan.router
    needs = {"PROGRAM": at.PROGRAMS[plan.program], "ROUTER": router, "GRID": int(plan.noc is None)}
    return jit.load("chipsim.engines.compiled.loop", needs, ("advance",))


class Run:
    """One run: the machine, and what is known of it outside of its arrays."""

    def __init__(self, plan: Plan, watch: Watch, start: Snapshot | None = None) -> None:
        self.plan, self.watch = plan, watch
        self.kernel = loop_of(plan)
        self.machine = Machine(plan, watch.probes)
        self.digest, self.decisions, self.flipped = 0, 0, 0
        flips = plan.fault[plan.fault[:, 0] == FLIP_BIT][:, 1:7]
        self.flips: list[tuple[int, ...]] = [tuple(row) for row in flips[np.argsort(flips[:, 0], kind="stable")].tolist()]
        damage = plan.noc.damage if plan.noc is not None else None
        self.epochs = list(damage.epochs[1:]) if damage is not None else []
        if start is not None:
            restore(self, start)
            self.flips = [flip for flip in self.flips if flip[0] > int(start.time[0])]

    def run(self) -> RawRun:
        """Run to the end of all work, to ``until``, or until asked to stop."""
        self._load_code()
        begin = time.process_time()
        status = self._loop()
        if status == DONE and self.plan.program == nsn.NAME:
            self._check_finished()
        raw = self._result(status)
        object.__setattr__(raw, "cpu_s", time.process_time() - begin)
        return raw

    def _load_code(self) -> None:
        """Have the loop compiled, the first time ever, or fetched from the cache, so that the clock of the run counts events alone."""
        if jit.is_cold(self.kernel):
            cores = PROGRAMS[self.plan.program]
            self.watch.say(f"compiling the engine for {cores}, once: about a minute; kept in {jit.folder_of(self.kernel)}")
            with jit.alone(self.kernel):
                self._advance(0, 0)
                jit.set_warm(self.kernel)
        else:
            self._advance(0, 0)

    def _advance(self, limit: int, events: int) -> int:
        with np.errstate(over="ignore"):  # hashes wrap, and without the compiler numpy would mention it
            status = self.machine.advance(self.kernel, limit, events)
        S = self.machine.S
        self.digest += int(S[at.LOW]) + (int(S[at.HIGH]) << 32)
        self.decisions += int(S[at.LOW_DECIDED]) + (int(S[at.HIGH_DECIDED]) << 32)
        S[[at.LOW, at.HIGH, at.LOW_DECIDED, at.HIGH_DECIDED]] = 0
        if status == at.FAILED:
            raise_failure(self.plan, self.machine)
        return status

    def _loop(self) -> str:
        """Slices of events, stops for faults; between slices progress is told and a stop is heeded."""
        unit, until = self.machine.unit, self.plan.until
        events = FIRST_SLICE
        while True:
            limit = until // unit if until else NEVER
            due = self._next_fault(unit)
            limit = min(limit, due)
            begin = time.perf_counter()
            status = self._advance(limit, events)
            if status == at.EMPTY:
                return DONE
            if status == at.STUCK:
                raise_standstill(self.plan, self.machine)
            if status == at.AT_LIMIT:
                if due > limit or (until and limit == until // unit):
                    return UNTIL
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

    def _next_fault(self, unit: int) -> int:
        """When a bit flips or a part of the network dies next, in units."""
        times = [*(flip[0] for flip in self.flips[:1]), *(epoch.time for epoch in self.epochs[:1])]
        return min((time // unit for time in times), default=NEVER + 1)

    def _stop(self) -> str:
        """Go on to where no operation has been begun ahead of time, and to the end of that instant."""
        S = self.machine.S
        S[at.ONE_BY_ONE] = 1
        if S[at.AHEAD] > S[at.NOW]:
            while self._advance(int(S[at.AHEAD]) + 1, MOST_EVENTS) == at.SLICE:
                pass
            S[at.NOW] = S[at.BASE] = max(S[at.NOW], S[at.AHEAD])
        return INTERRUPTED

    def _progress(self) -> Progress:
        S, plan = self.machine.S, self.plan
        done, whole = int(S[at.TAKEN_ITEMS]), len(self.machine.nsn.code)
        if plan.program == snn.NAME:
            done, whole = int(S[at.STEP]), plan.own.steps
        elif plan.program == packets.NAME:
            done, whole = int(S[at.CURSOR]), len(plan.own.traffic)
        return Progress(int(S[at.NOW]) * self.machine.unit, done, whole, int(S[at.HOPS]))

    def _flip(self, when: int, core: int, slot: int, pair: int, bit: int, field: int) -> None:
        """A fault: a bit of a stored pair flips."""
        machine = self.machine
        bank = int(machine.E[core, at.E_BANK]) - 1
        k = machine.cores.field("k")
        if bank < 0 or pair >= k[bank, slot]:
            opened = int(machine.S[at.BANKS])
            holding = np.sort(machine.cores.field("self_core")[:opened, 0][k[:opened].any(axis=1)])
            raise SimulationError(
                f"fault flip_bit: core {core}, slot {slot} stores no pair {pair} at {when} ps; neurons are on cores "
                f"{', '.join(map(str, holding[:40].tolist())) or '-'}, in slots from 0"
            )
        memory = machine.cores.field("vector_class" if field else "vector_id")
        memory[bank, slot * 8 + pair] ^= 1 << bit
        self.digest += record_hash(WRITE, (when, core << 8, slot, pair, bit))
        machine.S[at.COUNT] += 1
        self.flipped = when

    def _check_finished(self) -> None:
        """With no event left, every item must have been taken and every layer be waiting for more of them."""
        machine, plan, items = self.machine, self.plan, len(self.machine.nsn.code)
        scalar = machine.roots.field("scalar")[: machine.nsn.constants.layers + 1]
        waiting = np.flatnonzero(scalar[:, START] != scalar[:, RECEIVED]).tolist()
        if items and (waiting or machine.S[at.TAKEN_ITEMS] < items):
            raise_stuck(plan, machine, waiting)

    def _end_ps(self, status: str) -> int:
        machine, plan = self.machine, self.plan
        if status == INTERRUPTED:
            return int(machine.S[at.NOW]) * machine.unit
        last = int(machine.S[at.LAST]) * machine.unit
        if plan.program == snn.NAME and plan.pace == TICK:
            last = max(last, plan.own.steps * plan.tick)
        return plan.until or last

    def _conserve(self, in_flight: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        """Nothing is lost or made: per kind, sent + copied = delivered + dropped + on the way."""
        sent, delivered, dropped, copies = self.machine.counted()
        wrong = np.flatnonzero(sent + copies != delivered + dropped + in_flight)
        for kind in wrong.tolist():
            raise SimulationError(
                f"conservation broken for {self.plan.kinds[kind]}: {sent[kind] + copies[kind]} sent and copied, "
                f"{delivered[kind] + dropped[kind] + in_flight[kind]} delivered, dropped or on the way"
            )

    def _result(self, status: str) -> RawRun:
        machine, plan = self.machine, self.plan
        S, E, L, unit = machine.S, machine.E, machine.L, machine.unit
        machine.flush_log()
        if status != DONE and plan.program != nsn.NAME:
            ahead = (E[:, at.E_STATE] & 3 == at.BUSY) & (E[:, at.E_OUT_ROWS] > 1)  # the one before the last has ended
            S[at.LAST] = max(int(S[at.LAST]), int((E[ahead, at.E_END] - E[ahead, at.E_SPAN]).max(initial=0)))
        flying = on_the_way(machine)[:, 0]
        wormhole = plan.noc.wormhole if plan.noc is not None else None
        if wormhole is not None:
            flying = np.concatenate([flying, tokens_inside(machine.net, machine.T, E)])
        flying = flying[machine.T[flying, at.T_INFO] >> at.CAUSE_SHIFT != at.REAR]
        kinds = machine.T[flying, at.T_INFO] >> at.KIND_SHIFT & at.KIND_MASK
        in_flight = np.bincount(kinds, minlength=len(plan.kinds)).astype(np.int64)
        self._conserve(in_flight)
        if wormhole is not None:
            check_credits(plan, machine)
        rows = np.concatenate(machine.logged) if machine.logged else machine.log[:0]
        found = np.bincount(rows[:, 0], minlength=len(at.LISTS))
        lists = {}
        for number, (name, columns) in enumerate(at.LISTS):
            own = rows if found[number] == len(rows) else rows[rows[:, 0] == number] if found[number] else rows[:0]
            lists[name] = ordered(name, own[:, 1 : columns + 1])
        sent, delivered, dropped, copies = machine.counted()
        tile_flits = np.bincount(E[:, at.E_TILE], E[:, at.E_FLITS], plan.mesh.tiles).astype(np.int64)
        kept = {name: lists.pop(name) for name in ("packets", "spikes")}
        own = self._own(status, lists)
        stalls = L[:, [at.STALL_VC, at.STALL_CREDIT, at.STALL_SWITCH]] if wormhole is not None else np.zeros((0, 3), np.int64)
        queue = machine.net.routers[:, [at.R_SUM, at.R_MOST]] if wormhole is not None else np.zeros((0, 2), np.int64)
        done = status == DONE or wormhole is not None or (plan.noc is not None and plan.noc.damage is not None)
        return RawRun(
            engine="compiled",
            program=plan.program,
            kinds=plan.kinds,
            status=status,
            end_ps=self._end_ps(status),
            digest=self.digest & SUM,
            records=int(S[at.COUNT]),
            actions=machine.actions,
            busy_ps=E[:, at.E_BUSY] * unit,
            operations=E[:, at.E_OPERATIONS].copy(),
            received=E[:, at.E_RECEIVED].copy(),
            late_ticks=E[:, at.E_LATE].copy(),
            sent=sent,
            delivered=delivered,
            dropped=dropped,
            copies=copies,
            in_flight=in_flight,
            link_packets=L[:, at.PACKETS_L].copy(),
            link_flits=L[:, at.FLITS_L].copy(),
            link_wait_ps=stalls.sum(axis=1) * wormhole.clock if wormhole is not None else L[:, at.WAIT] * unit,
            link_wait_max_ps=L[:, at.WAIT_MAX] * unit,
            tile_flits=tile_flits,
            host_flits=int(S[at.HOST_FLITS]),
            router_entries=machine.entries,
            used_bits=own.memory.used_bits if isinstance(own, NsnRun) else plan.used_bits,
            **kept,
            own=own,
            losses=S[at.LOST : at.LOST + len(CAUSES)].copy(),
            cpu_s=0.0,
            snapshot=None if done else take_snapshot(self, self._done_ps(status)),
            link_stalls=stalls,
            queue=queue,
        )

    def _own(self, status: str, lists: dict[str, Array]) -> NsnRun | SnnRun | PacketsRun:
        """What the program has to say of its run."""
        machine, plan, S = self.machine, self.plan, self.machine.S
        if plan.program == snn.NAME:
            return SnnRun(self._steps(status), machine.lif["potential"])
        if plan.program == packets.NAME:
            return PacketsRun(int(S[at.CURSOR]))
        return NsnRun(
            decisions=self.decisions & SUM,
            events_in=int(S[at.OFFERED]),
            items_in=int(S[at.NEXT_ITEM]),
            overruns=int(S[at.OVERRUNS]),
            offer_ps=machine.offered,
            memory=gather_memory(plan, machine.cores, int(S[at.BANKS]), machine.roots),
            **lists,
        )

    def _done_ps(self, status: str) -> int:
        """The last ps that is done."""
        return self.plan.until - 1 if status == UNTIL else max(int(self.machine.S[at.NOW]) * self.machine.unit, self.flipped)

    def _steps(self, status: str) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """Rows of ``SnnRun.steps``: differences of the totals at the begins of two steps."""
        machine, plan = self.machine, self.plan
        S, begun = machine.S, int(machine.S[at.STEP])
        if plan.program != snn.NAME or not begun:
            return np.zeros((0, 10), np.int64)
        totals = machine.steps[:begun]
        fields = [at.NOW, at.LAST, at.FIRED, at.UPDATED, at.PACKETS, at.HOPS_EW, at.HOPS_NS, at.SYNOPS, at.LATE_SPIKES]
        after = np.concatenate([totals[1:], S[None, fields]])
        begin = totals[:, 0] * machine.unit
        if plan.pace == BARRIER:
            end = np.maximum(after[:, 1] * machine.unit, begin)
        else:
            end = np.append(begin[1:], self._end_ps(status))
        number = np.arange(1, begun + 1)
        return np.column_stack([number, begin, end, (after - totals)[:, 2:]]).astype(np.int64)


def run_compiled(plan: Plan, watch: Watch | None = None, start: Snapshot | None = None) -> RawRun:
    """Run a plan to its end on the compiled engine, from the beginning or from a snapshot of the same plan.

    Raises:
        DeadlockError: nothing is due, but somebody waits; the message names who waits for what.
        SimulationError: conservation broken, a protocol error, a core that cannot keep up with its ticks, or an array too large.
        MappingError: no slot left under ``on_full: stop``, or a table full.
    """
    return Run(plan, watch or Watch(), start).run()

"""What tells spiking cores that a step begins: a clock, or a barrier that waits until all work of the step before is done."""

from __future__ import annotations

import simpy

from chipsim.engines.reference.network import Network
from chipsim.engines.reference.phases import EDGE, Clock, Later
from chipsim.engines.reference.records import Rows, table
from chipsim.engines.reference.spiking import FIRED, LATE, SYNAPTIC, UPDATED, SpikingCores
from chipsim.machine.raw import Ints
from chipsim.plan.plan import BARRIER, TICK, Plan
from chipsim.programs.snn.messages import LIF_SPIKE


class Steps:
    """The barrier, or the clock."""

    def __init__(self, plan: Plan, env: Clock, network: Network, cores: SpikingCores) -> None:
        self.plan, self.env, self.network, self.cores = plan, env, network, cores
        self.steps, self.sync = plan.own.steps, plan.own.sync
        self.due = -1  # ps at which the next step begins, where that is known
        self.rows: Rows = []  # what had been counted when each step began
        cores.rest = self.rest

    @property
    def begun(self) -> int:
        """Steps begun so far."""
        return len(self.rows)

    def progress(self) -> tuple[int, int]:
        """Steps begun, and all."""
        return self.begun, self.steps

    def begin(self) -> None:
        """The first step, or in a run that goes on from a snapshot the one that was due."""
        if self.due >= 0:
            self.set(self.due)
        elif not self.rows and self.steps:
            self.set(self.sync if self.plan.pace == BARRIER else 0)

    def set(self, due: int) -> None:
        """The next step begins at a time."""
        self.due = due
        Later(self.env, due - self.env.now, EDGE, self.go)

    def go(self, _: simpy.Event) -> None:
        """A step begins on all cores with neurons."""
        self.due = -1
        self.rows.append((self.begun + 1, self.env.now, *self.counted()))
        for i in range(len(self.cores.used)):
            self.cores.begin(i)
        if not self.cores.used:
            self.rest()
        if self.plan.pace == TICK and self.begun < self.steps:
            self.set(self.env.now + self.plan.tick)

    def rest(self) -> None:
        """All work of a step is done."""
        if self.plan.pace == BARRIER and self.begun < self.steps:
            self.set(self.env.now + self.sync)

    def counted(self) -> tuple[int, ...]:
        """Time of the last thing done, and the counters, in the order of ``SnnRun.steps``."""
        total, hops = self.cores.totals, self.network.ways.crossed(self.network.link_packets)
        packets = self.network.sent[LIF_SPIKE]
        return self.cores.last_ps, total[FIRED], total[UPDATED], packets, *hops, total[SYNAPTIC], total[LATE]

    def end_ps(self) -> int:
        """Where a run ends that goes to its end: clocked steps are whole periods."""
        covered = self.steps * self.plan.tick if self.plan.pace == TICK else 0
        return max(self.cores.last_ps, covered)

    def table(self, end_ps: int) -> Ints:
        """What happened from the begin of each step to that of the next; ``end_ps`` is where the run ends."""
        rows = table([*self.rows, (self.begun + 1, end_ps, *self.counted())] if self.rows else [], 10)
        found: Ints = rows[:-1].copy()
        found[:, 3:] = rows[1:, 3:] - rows[:-1, 3:]
        found[:, 2] = rows[1:, 1]
        if self.plan.pace == BARRIER:
            found[:, 2] = rows[1:, 2].clip(min=rows[:-1, 1])
        return found

"""What tells spiking cores that a step begins: a clock, or a barrier that waits until all work of the step before is done."""

from __future__ import annotations

import numpy as np

from chipsim.machine.phases import EDGE
from chipsim.machine.snapshot import Snapshot
from chipsim.plan.plan import BARRIER, TICK
from chipsim.programs.reference import Arrays, Chip, Cores, Ints, Message
from chipsim.programs.snn.messages import LIF_SPIKE
from chipsim.programs.snn.plan import SnnPlan
from chipsim.programs.snn.raw import COLUMNS, SnnRun
from chipsim.programs.snn.reference.cores import ACCESSES, FIRED, INPUTS, LATE, SYNAPTIC, TAKEN, UPDATED, SpikingCores
from chipsim.programs.snn.reference.snapshot import fill_cores, rows_of, save_cores


class Steps(Cores):
    """The barrier, or the clock, and the cores that it tells."""

    def __init__(self, chip: Chip) -> None:
        super().__init__(chip)
        own: SnnPlan = self.plan.own
        self.cores = SpikingCores(chip, self.rest)
        self.steps, self.sync = own.steps, own.sync
        self.due = -1  # ps at which the next step begins, where that is known
        self.rows: list[tuple[int, ...]] = []  # what had been counted when each step began

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
        self.chip.later(due - self.chip.now, EDGE, self.go)

    def go(self) -> None:
        """A step begins on all cores with neurons."""
        self.due = -1
        self.rows.append((self.begun + 1, self.chip.now, *self.counted()))
        for i in range(len(self.cores.used)):
            self.cores.begin(i)
        if not self.cores.used:
            self.rest()
        if self.plan.pace == TICK and self.begun < self.steps:
            self.set(self.chip.now + self.plan.tick)

    def rest(self) -> None:
        """All work of a step is done."""
        if self.plan.pace == BARRIER and self.begun < self.steps:
            self.set(self.chip.now + self.sync)

    def handle(self, endpoint: int, message: Message, act: list[int]) -> list[Message]:
        """The input side of a core takes a spike in."""
        self.cores.take_in(endpoint, message, act)
        return []

    def release(self, endpoint: int, rows: list[Message]) -> None:
        """The input side has done with a spike."""
        self.cores.took_in()

    def dropped(self) -> None:
        """A spike on its way was the last that somebody waited for, perhaps."""
        self.cores.look_around()

    def counted(self) -> tuple[int, ...]:
        """Time of the last thing done, and the counters, in the order of ``SnnRun.steps``."""
        total, carried, packets = self.cores.totals, self.chip.carried(), self.chip.sent[LIF_SPIKE]
        return (
            self.chip.last_ps, total[FIRED], total[UPDATED], packets, carried.hops_ew, carried.hops_ns, total[SYNAPTIC], total[LATE],
            total[INPUTS], total[ACCESSES], total[TAKEN], *carried[2:],
        )  # fmt: skip

    def end_ps(self) -> int:
        """Where a run ends that goes to its end: clocked steps are whole periods."""
        covered = self.steps * self.plan.tick if self.plan.pace == TICK else 0
        return max(self.chip.last_ps, covered)

    def table(self, end_ps: int) -> Ints:
        """What happened from the begin of each step to that of the next; ``end_ps`` is where the run ends."""
        rows = rows_of([*self.rows, (self.begun + 1, end_ps, *self.counted())] if self.rows else [], len(COLUMNS))
        found: Ints = rows[:-1].copy()
        found[:, 3:] = rows[1:, 3:] - rows[:-1, 3:]
        found[:, 2] = rows[1:, 1]
        if self.plan.pace == BARRIER:
            found[:, 2] = rows[1:, 2].clip(min=rows[:-1, 1])
        return found

    def outcome(self, end_ps: int) -> tuple[SnnRun, Ints]:
        """The table of the steps, and the potentials."""
        return SnnRun(self.table(end_ps), np.array(self.cores.neurons.potential, np.int64)), self.plan.used_bits

    def save(self) -> Arrays:
        """See ``raw``."""
        return {"due": np.array([self.due], np.int64), "step": rows_of(self.rows, len(COLUMNS)), **save_cores(self.cores)}

    def restore(self, snapshot: Snapshot) -> None:
        """Put the barrier, or the clock, and the cores into the state of a snapshot."""
        self.due, self.rows[:] = int(snapshot.own["due"][0]), map(tuple, snapshot.own["step"].tolist())
        fill_cores(self.cores, snapshot)

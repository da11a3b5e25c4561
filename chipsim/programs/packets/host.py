"""Given packets in the compiled engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chipsim.jit.records import Block
from chipsim.machine.actions import A_MESSAGE
from chipsim.machine.message import MOST_FLITS, ROW
from chipsim.machine.state import NEVER
from chipsim.plan.plan import Plan
from chipsim.plan.ranges import Range
from chipsim.programs.host import Array, Host, Message, longest_operation
from chipsim.programs.packets.kernels import COLUMNS, EXPORTS, FLITS, TIME, Given
from chipsim.programs.packets.messages import DATA
from chipsim.programs.packets.plan import PacketsPlan
from chipsim.programs.packets.raw import PacketsRun


class PacketsHost(Host):
    """The program's side of a run."""

    kernels = "chipsim.programs.packets.kernels"
    hooks = EXPORTS
    own_kind = Given
    compile_s = 0.05

    def __init__(self, plan: Plan, machine: Block, unit: int) -> None:
        super().__init__(plan, machine, unit)
        self.stored: PacketsPlan = plan.own

    @staticmethod
    def times(plan: Plan) -> Sequence[int]:
        """When packets are due, and 1 if it costs no time to take one in: then it takes 1 ps."""
        due = int(np.gcd.reduce(plan.own.traffic[:, 0], initial=0))
        return [due] if plan.action_time[A_MESSAGE] else [due, 1]

    @staticmethod
    def ranges(plan: Plan) -> Sequence[Range]:
        """The longest packet."""
        return (
            Range("flits in a packet", int(plan.own.traffic[:, FLITS].max(initial=0)), MOST_FLITS),
            longest_operation(int(plan.action_time[A_MESSAGE])),
        )

    @staticmethod
    def records(plan: Plan) -> int:
        """Each flit on its way across a third of the chip."""
        return int(plan.own.traffic[:, FLITS].sum()) * (4 + (plan.mesh.width + plan.mesh.height) // 3)

    def open(self) -> None:
        """Packets by time in units; with a window, what each source has on the way."""
        stored, own, m = self.stored, self.own, self.machine
        traffic = stored.traffic.copy()
        traffic[:, TIME] //= self.unit
        own.traffic, own.count, own.window = traffic.ravel(), len(traffic), stored.window
        sources = len(m.endpoints) if stored.window else 0
        own.away, own.first, own.last = (np.zeros(sources, np.int64) for _ in range(3))
        own.released = np.zeros(own.count if stored.window else 0, np.int64)
        m.answers, m.ahead_allowed = int(m.sinks and stored.window > 0), 1
        self._set_due()

    def _set_due(self) -> None:
        own = self.own
        self.machine.offer_at = int(own.traffic[own.cursor * COLUMNS + TIME]) if own.cursor < own.count else NEVER

    def progress(self) -> tuple[int, int]:
        """Packets sent."""
        return self.own.cursor, self.own.count

    def message(self, packet: int) -> Message:
        """It has nothing but a destination."""
        return (DATA, int(self.machine.packets["dest"][packet])) + (0,) * (ROW - 2)

    def load(self, packet: int, message: Sequence[int]) -> None:
        """A packet carries nothing."""

    def save(self, decisions: int) -> dict[str, Array]:
        """See ``raw``."""
        return {"offered": np.array([self.own.cursor], np.int64)}

    def restore(self, own: Mapping[str, Array]) -> int:
        """See ``raw``."""
        self.own.cursor = int(own["offered"][0])
        self._set_due()
        return 0

    def result(self, status: str, end_ps: int, decisions: int, lists: Mapping[str, Array]) -> Any:
        """Packets that were due, and when they were released; what a delivery has released for a time to come is not yet."""
        released = self.own.released
        if len(released):
            released = np.where((released > 0) & (released <= self.machine.now + 1), (released - 1) * self.unit, -1)
        return PacketsRun(self.own.cursor, released)

"""Packets on the reference engine: sent at given times, and taken in by cores that do nothing with them."""

from __future__ import annotations

from collections import Counter, defaultdict, deque

import numpy as np

from chipsim.machine.actions import A_MESSAGE
from chipsim.machine.message import ROW
from chipsim.machine.phases import OFFER
from chipsim.machine.snapshot import Snapshot
from chipsim.programs.packets.messages import DATA
from chipsim.programs.packets.plan import PacketsPlan
from chipsim.programs.packets.raw import PacketsRun
from chipsim.programs.reference import Arrays, Chip, Cores, Ints, Message

_REST = (0,) * (ROW - 2)


class PacketCores(Cores):
    """What sends the packets, and the cores that they come to."""

    def __init__(self, chip: Chip) -> None:
        super().__init__(chip)
        own: PacketsPlan = self.plan.own
        self.rows = own.traffic.tolist()
        self.offered = 0  # packets that were due
        self.window = own.window
        self.away: Counter[int] = Counter()
        self.waiting: defaultdict[int, deque[int]] = defaultdict(deque)
        self.coming: deque[tuple[int, int]] = deque()  # packets that a delivery has released, and when they are
        self.released = [-1] * len(self.rows) if self.window else []  # ps at which each was

    def progress(self) -> tuple[int, int]:
        """Packets sent, and all."""
        return self.offered, len(self.rows)

    def begin(self) -> None:
        """Wait for the next packet's time."""
        if self.offered < len(self.rows):
            self.chip.later(self.rows[self.offered][0] - self.chip.now, OFFER, self.offer)

    def send_released(self) -> None:
        """Packets that deliveries have released for now."""
        while self.coming and self.coming[0][0] == self.chip.now:
            self.send(self.coming.popleft()[1])

    def offer(self) -> None:
        """All packets of this time: those that deliveries have released, then those that are due, in the order given."""
        now = self.chip.now
        self.send_released()
        while self.offered < len(self.rows) and self.rows[self.offered][0] == now:
            number, source = self.offered, self.rows[self.offered][1]
            self.offered += 1
            if self.window and self.away[source] >= self.window:
                self.waiting[source].append(number)
            else:
                self.away[source] += 1
                self.send(number)
        self.begin()

    def send(self, number: int) -> None:
        """A packet leaves now."""
        _time, source, destination, flits = self.rows[number]
        if self.window:
            self.released[number] = self.chip.now
        self.chip.send(source, (DATA, destination, *_REST), flits, self.chip.now)

    def handle(self, endpoint: int, message: Message, act: list[int]) -> list[Message]:
        """A packet is taken in."""
        act[A_MESSAGE] += 1
        return []

    def absorbed(self, source: int) -> None:
        """With a window, whoever sent the packet may send the next: what waits for that is released one ``flit_time`` later."""
        if not self.window:
            return
        if self.waiting[source]:
            self.coming.append((self.chip.now + self.plan.flit_time, self.waiting[source].popleft()))
            self.chip.later(self.plan.flit_time, OFFER, self.send_released)
        else:
            self.away[source] -= 1

    def outcome(self, end_ps: int) -> tuple[PacketsRun, Ints]:
        """How many packets were due."""
        return PacketsRun(self.offered, np.array(self.released, np.int64)), self.plan.used_bits

    def save(self) -> Arrays:
        """See ``raw``."""
        return {"offered": np.array([self.offered], np.int64)}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on with the packet that is due next."""
        self.offered = int(snapshot.own["offered"][0])

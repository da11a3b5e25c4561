"""Given traffic on the reference engine: packets sent at given times, and cores that take them in."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable

import simpy

from chipsim.engines.reference.endpoints import Endpoints
from chipsim.engines.reference.network import Message, Network, Packet
from chipsim.engines.reference.phases import OFFER, Clock, Later
from chipsim.machine.actions import A_MESSAGE
from chipsim.machine.message import ROW
from chipsim.plan.plan import Plan
from chipsim.programs.packets.messages import DATA
from chipsim.programs.packets.plan import PacketsPlan

_REST = (0,) * (ROW - 2)


class Sinks(Endpoints):
    """Cores that take packets in and do nothing with them; ``answered`` is told whose packet was absorbed."""

    answered: Callable[[int], None]

    def handle(self, endpoint: int, message: Message, act: list[int]) -> list[Message]:
        """A packet is taken in."""
        act[A_MESSAGE] += 1
        return []

    def absorbed(self, packet: Packet) -> bool:
        """Where packets are absorbed, whoever sent it may send the next."""
        own: PacketsPlan = self.plan.own
        if own.window:
            self.answered(packet.source)
        return bool(own.sinks)


class Traffic:
    """What sends the packets."""

    def __init__(self, plan: Plan, env: Clock, network: Network) -> None:
        self.env, self.network = env, network
        own: PacketsPlan = plan.own
        self.rows = own.traffic.tolist()
        self.sent = 0  # packets that were due
        self.window, self.flit_time = own.window, plan.flit_time
        self.away: Counter[int] = Counter()
        self.waiting: defaultdict[int, deque[list[int]]] = defaultdict(deque)

    def progress(self) -> tuple[int, int]:
        """Packets sent, and all."""
        return self.sent, len(self.rows)

    def begin(self) -> None:
        """Wait for the next packet's time."""
        if self.sent < len(self.rows):
            Later(self.env, self.rows[self.sent][0] - self.env.now, OFFER, self.send)

    def send(self, _: simpy.Event) -> None:
        """All packets of this time, in the order given."""
        now = self.env.now
        while self.sent < len(self.rows) and self.rows[self.sent][0] == now:
            row = self.rows[self.sent]
            self.sent += 1
            if self.window and self.away[row[1]] >= self.window:
                self.waiting[row[1]].append(row)
            else:
                self.away[row[1]] += 1
                self.release(row, now)
        self.begin()

    def release(self, row: list[int], when: int) -> None:
        """A packet leaves, now or later."""
        _time, source, destination, flits = row
        self.network.send(source, (DATA, destination, *_REST), flits, when)

    def answered(self, source: int) -> None:
        """A packet of a source is delivered: what waits for that comes next."""
        if self.waiting[source]:
            self.release(self.waiting[source].popleft(), self.env.now + self.flit_time)
        else:
            self.away[source] -= 1

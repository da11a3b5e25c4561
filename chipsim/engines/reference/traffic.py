"""Given traffic on the reference engine: packets sent at given times, and cores that take them in."""

from __future__ import annotations

import simpy

from chipsim.engines.reference.endpoints import Endpoints
from chipsim.engines.reference.network import Message, Network
from chipsim.engines.reference.phases import OFFER, Clock, Later
from chipsim.model.messages import DATA, ROW
from chipsim.model.state import A_MESSAGE
from chipsim.plan.plan import Plan

_REST = (0,) * (ROW - 2)


class Sinks(Endpoints):
    """Cores that take packets in and do nothing with them."""

    def handle(self, endpoint: int, message: Message, act: list[int]) -> list[Message]:
        """A packet is taken in."""
        act[A_MESSAGE] += 1
        return []


class Traffic:
    """What sends the packets."""

    def __init__(self, plan: Plan, env: Clock, network: Network) -> None:
        self.env, self.network = env, network
        self.rows = plan.traffic.tolist()
        self.sent = 0

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
            _time, source, destination, flits = self.rows[self.sent]
            self.network.send(source, (DATA, destination, *_REST), flits, now)
            self.sent += 1
        self.begin()

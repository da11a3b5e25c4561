"""What the reference engine hands to the program that its cores run (``chipsim.programs.reference.Chip``)."""

from __future__ import annotations

from collections.abc import Callable

import simpy

from chipsim.engines.reference.endpoints import Endpoints
from chipsim.engines.reference.network import Network
from chipsim.engines.reference.phases import Clock, Later, trigger
from chipsim.engines.reference.records import Records
from chipsim.plan.plan import Plan
from chipsim.programs.reference import Carried, Process


class EngineChip:
    """The network, the clock and the counters, as a program sees them."""

    def __init__(self, plan: Plan, env: Clock, network: Network, endpoints: Endpoints, records: Records) -> None:
        self.plan, self.env, self.network, self.endpoints = plan, env, network, endpoints
        self.host = endpoints.host
        self.sent, self.delivered, self.dropped, self.copies = network.sent, network.delivered, network.dropped, network.copies
        self.losses, self.late = network.losses_of, endpoints.late
        self.count, self.record, self.spike = endpoints.count, records.add, records.spike
        self.inject, self.send = network.inject, network.send
        self.take_up, self.give_up = network.take_up, network.give_up
        self.wait = env.timeout

    @property
    def now(self) -> int:
        """See ``Chip``."""
        return self.env.now

    @property
    def last_ps(self) -> int:
        """See ``Chip``."""
        return self.endpoints.last_ps

    @last_ps.setter
    def last_ps(self, ps: int) -> None:
        self.endpoints.last_ps = ps

    def later(self, delay: int, phase: int, act: Callable[[], None]) -> None:
        """See ``Chip``."""
        Later(self.env, delay, phase, lambda _: act())

    def process(self, steps: Process) -> None:
        """See ``Chip``."""
        self.env.process(steps)

    def signal(self) -> simpy.Event:
        """See ``Chip``."""
        return simpy.Event(self.env)

    def trigger(self, signal: simpy.Event, delay: int, phase: int) -> None:
        """See ``Chip``."""
        trigger(signal, delay, phase)

    def carried(self) -> Carried:
        """See ``Chip``."""
        network, crossed = self.network, self.network.paths.crossed
        return Carried(
            *crossed(network.link_packets),
            *crossed(network.link_flits),
            sum(network.tile_flits),
            sum(network.lookups),
            sum(network.credits),
        )

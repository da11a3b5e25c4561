"""The host port: offers events when they are due and the chip has taken the one before, and takes acknowledgements and alerts."""

from __future__ import annotations

import heapq
from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from chipsim.engines.reference.endpoints import Endpoints
from chipsim.engines.reference.network import Network
from chipsim.engines.reference.phases import OFFER, Clock, Later
from chipsim.engines.reference.records import Records
from chipsim.machine.digest import SPIKE
from chipsim.machine.message import F0, F4, KIND, ROW
from chipsim.plan.plan import Plan
from chipsim.programs.nsn import NAME
from chipsim.programs.nsn.messages import ALERT, ITEM, TAKEN
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.state import SATURATE


class Host:
    """The host's side of its port; it takes no time."""

    def __init__(self, plan: Plan, env: Clock, records: Records, network: Network, endpoints: Endpoints) -> None:
        self.plan, self.env, self.records, self.network, self.endpoints = plan, env, records, network, endpoints
        self.code: list[int] = []
        self.offer_ps = np.zeros(0, np.int64)
        self.next_item = 0
        self.taken = 0
        self.offered = 0
        self.overruns = 0
        if plan.program == NAME:
            own: NsnPlan = plan.own
            self.code, self.time, self.flags = own.code.tolist(), own.time.tolist(), own.flags.tolist()
            self.event, self.offer = (own.event - own.first_event).tolist(), own.offer.tolist()
            self.offer_ps = np.full(len(own.offer), -1, np.int64)

    def begin(self) -> None:
        """Offer the first event, in the instant that the run begins or goes on from."""
        if self.code:
            Later(self.env, 0, OFFER, self.offers)

    def progress(self) -> tuple[int, int]:
        """Items taken by the chip, and all."""
        return self.taken, len(self.code)

    def offers(self, _: Any = None) -> None:
        """Offer the next item if its event is due and the item before was taken."""
        i, now = self.next_item, self.env.now
        if i >= len(self.code) or self.taken < i:
            return
        event = self.event[i]
        if event == self.offered:
            due = now if self.offer[event] == SATURATE else self.offer[event]
            if due > now:
                Later(self.env, due - now, OFFER, self.offers)
                return
            self.overruns += due < now
            self.offer_ps[event] = due
            self.offered += 1
        self.next_item += 1
        number = self.plan.own.first_item + i
        self.records.add(SPIKE, now, self.network.host << 8, self.code[i])
        fields = (self.code[i], -1, self.time[i], self.flags[i], number, number)
        root = self.plan.own.constants.root_core[0]
        self.network.inject(self.network.host, (ITEM, root, 0, *fields, *(0,) * (ROW - 9)))

    def process(self) -> Generator[simpy.Event, Any, None]:
        """Take what the chip sends."""
        host, wake = self.network.host, self.endpoints.wake
        inbox = self.endpoints.inbox[host]
        while True:
            yield wake[host]
            wake[host] = simpy.Event(self.env)
            while inbox:
                message = heapq.heappop(inbox)[3].message
                self.network.took(host)
                if message[KIND] == ALERT:
                    self.records.alerts.append((self.env.now, *message[F0 : F4 + 1]))
                elif message[KIND] == TAKEN:
                    self.taken += 1
                    self.offers()
            self.endpoints.idle[host] = True

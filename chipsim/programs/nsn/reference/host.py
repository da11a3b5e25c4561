"""The host: offers events when they are due and the chip has taken the one before, and takes acknowledgements and alerts."""

from __future__ import annotations

import numpy as np

from chipsim.machine.digest import SPIKE
from chipsim.machine.message import F0, F4, KIND, ROW
from chipsim.machine.phases import OFFER
from chipsim.programs.nsn.messages import ALERT, ITEM, TAKEN
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.reference.traces import Traces
from chipsim.programs.nsn.state import SATURATE
from chipsim.programs.reference import Arrays, Chip, Message


class Host:
    """The host's side of its port; it takes no time."""

    def __init__(self, chip: Chip, traces: Traces) -> None:
        self.chip, self.traces = chip, traces
        own: NsnPlan = chip.plan.own
        self.own = own
        self.code, self.time, self.flags = own.code.tolist(), own.time.tolist(), own.flags.tolist()
        self.event, self.offer = (own.event - own.first_event).tolist(), own.offer.tolist()
        self.next_item = 0
        self.taken = 0
        self.offered = 0
        self.overruns = 0
        self.offer_ps = np.full(len(own.offer), -1, np.int64)

    def begin(self) -> None:
        """Offer the first event, in the instant that the run begins or goes on from."""
        if self.code:
            self.chip.later(0, OFFER, self.offers)

    def offers(self) -> None:
        """Offer the next item if its event is due and the item before was taken."""
        i, now = self.next_item, self.chip.now
        if i >= len(self.code) or self.taken < i:
            return
        event = self.event[i]
        if event == self.offered:
            due = now if self.offer[event] == SATURATE else self.offer[event]
            if due > now:
                self.chip.later(due - now, OFFER, self.offers)
                return
            self.overruns += due < now
            self.offer_ps[event] = due
            self.offered += 1
        self.next_item += 1
        number = self.own.first_item + i
        self.chip.record(SPIKE, now, self.chip.host << 8, self.code[i])
        fields = (self.code[i], -1, self.time[i], self.flags[i], number, number, self.time[i])
        root = self.own.constants.root_core[0]
        self.chip.inject(self.chip.host, (ITEM, root, 0, *fields, *(0,) * (ROW - 10)))

    def receive(self, message: Message) -> None:
        """Take what the chip sends."""
        if message[KIND] == ALERT:
            self.traces.lists["alerts"].append((self.chip.now, *message[F0 : F4 + 1]))
        elif message[KIND] == TAKEN:
            self.taken += 1
            self.offers()

    def save(self) -> Arrays:
        """What a snapshot holds of it."""
        return {
            "host": np.array([self.next_item, self.taken, self.offered, self.overruns], np.int64),
            "offer": self.offer_ps.copy(),
        }

    def restore(self, own: Arrays) -> None:
        """Go on from a snapshot."""
        self.next_item, self.taken, self.offered, self.overruns = own["host"].tolist()
        self.offer_ps[:] = own["offer"]

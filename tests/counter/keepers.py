"""The record keepers: where each entry of the episode records is stored, and what it takes to find room for it.

How many entries each core keeps is taken from the run; which cores were asked follows.
"""

from __future__ import annotations

from collections.abc import Iterator

from chipsim.plan.plan import Plan
from chipsim.programs.nsn.image import Memory
from tests.counter.places import Places
from tests.counter.tally import Tally


class Keepers:
    """Those that hold entries before the first item, and those that hold any at the end, each with how many more it takes."""

    def __init__(self, places: Places, tally: Tally, plan: Plan, memory: Memory) -> None:
        self.places, self.tally = places, tally
        self.layer, self.first = places.layers + 1, places.roots[places.layers + 1]
        held = [core for core, *_ in plan.own.record.tolist()]
        self.room = {core: entries - held.count(core) for core, entries in memory.keepers.tolist()}
        chain = [core for core, _ in memory.keepers.tolist()]
        self.tail, self.later = chain[len(plan.own.keepers) - 1], chain[len(plan.own.keepers) :]
        self.named = plan.own.server_kept.tolist()
        self.lost = False

    def take(self) -> None:
        """An item of the last layer."""
        if self.lost:
            return
        self.tally.write(self.first, 2)
        if self.tail == self.first and self.room[self.first]:
            self.room[self.first] -= 1
        elif self.tail == self.first or not self._record(self.tail):
            self.lost = not any(self._record(core, joins=True) for core in self._next())

    def _record(self, core: int, joins: bool = False) -> bool:
        """RECORD to a further keeper, and RECORDED: whether it has room."""
        self.tally.mail("record", self.layer, self.first, core)
        self.tally.mail("recorded", self.layer, core, self.first)
        if joins and self.later[:1] == [core]:
            self.tail = self.later.pop(0)
        if core != self.tail or not self.room[core]:
            self.tally.read(core)
            return False
        self.room[core] -= 1
        self.tally.write(core, 2 + joins)
        return True

    def _next(self) -> Iterator[int]:
        """FIND_KEEPER and KEEPER: cores that slot servers name, region by region, each from the last of its order."""
        regions = len(self.places.growth)
        while True:
            asker, named = self.first, -1
            for n in range(regions):
                region = (self.places.region[self.layer] + n) % regions
                server = self.places.cores + region
                self.tally.mail("find_keeper", self.layer, asker, server)
                asker, named = server, self._name(region, server)
                if named >= 0:
                    break
            self.tally.mail("keeper", self.layer, asker, self.first)
            if named < 0:
                return
            self.tally.read(self.first, 2)
            yield named

    def _name(self, region: int, server: int) -> int:
        order = self.places.growth[region]
        while self.named[region] < len(order):
            self.named[region] += 1
            self.tally.add(server, "slot_ops")
            if order[-self.named[region]] != self.first:
                return order[-self.named[region]]
        return -1

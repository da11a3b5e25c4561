"""Counts: what each endpoint does, the messages of each kind, and what they cross."""

from __future__ import annotations

from collections import Counter

from tests.counter.net import Net
from tests.counter.order import Order
from tests.counter.places import Places


class Tally:
    """Actions by endpoint and name; messages sent, and copies that arrive, by kind; ``net``: what they cross."""

    def __init__(self, order: Order, places: Places) -> None:
        self.order, self.places = order, places
        self.actions: Counter[tuple[int, str]] = Counter()
        self.sent: Counter[str] = Counter()
        self.arrived: Counter[str] = Counter()
        self.net = Net(places)

    def add(self, endpoint: int, action: str, times: int = 1) -> None:
        """An endpoint does something."""
        self.actions[endpoint, action] += times

    def read(self, core: int, times: int = 1) -> None:
        """Words of memory are read."""
        self.add(core, "memory_reads", times)

    def write(self, core: int, times: int = 1) -> None:
        """Words of memory are written."""
        self.add(core, "memory_writes", times)

    def pass_on(self, kind: str, layer: int, source: int, dest: int, pairs: int = 0) -> None:
        """A message goes from one to another. Slot servers count none in, and for the host it is no action at all."""
        self._leaves(kind, source)
        self._arrives(kind, dest)
        self.net.goes(source, [dest], self.places.size(kind, layer, pairs))

    def mail(self, kind: str, layer: int, source: int, dest: int, pairs: int = 0) -> int:
        """Likewise; the moment at which it is taken, -1 by the host."""
        self.pass_on(kind, layer, source, dest, pairs)
        return self.order.taken(dest, kind, layer) if dest != self.places.host else -1

    def cast(self, kind: str, layer: int, source: int, dests: list[int]) -> list[int]:
        """A message goes to many cores as one, and every router on its tree looks it up; the moments at which it is taken."""
        self._leaves(kind, source)
        self.net.goes(source, dests, self.places.size(kind, layer))
        self.net.looked_up(source, dests)
        for dest in dests:
            self._arrives(kind, dest)
        return [self.order.taken(dest, kind, layer) for dest in dests]

    def _leaves(self, kind: str, source: int) -> None:
        self.sent[kind] += 1
        if source != self.places.host:
            self.add(source, "messages_out")

    def _arrives(self, kind: str, dest: int) -> None:
        self.arrived[kind] += 1
        if dest < self.places.cores:
            self.add(dest, "messages_in")

"""Counts: what each endpoint does, and the messages of each kind."""

from __future__ import annotations

from collections import Counter

from tests.counter.order import Order


class Tally:
    """Actions by endpoint and name; messages sent, and copies that arrive, by kind.

    ``servers`` and what follows them are no cores: they count no message in.
    """

    def __init__(self, order: Order, servers: int, host: int) -> None:
        self.order, self.servers, self.host = order, servers, host
        self.actions: Counter[tuple[int, str]] = Counter()
        self.sent: Counter[str] = Counter()
        self.arrived: Counter[str] = Counter()

    def add(self, endpoint: int, action: str, times: int = 1) -> None:
        """An endpoint does something."""
        self.actions[endpoint, action] += times

    def read(self, core: int, times: int = 1) -> None:
        """Words of memory are read."""
        self.add(core, "memory_reads", times)

    def write(self, core: int, times: int = 1) -> None:
        """Words of memory are written."""
        self.add(core, "memory_writes", times)

    def leaves(self, kind: str, source: int) -> None:
        """A message is sent; by the host it is no action."""
        self.sent[kind] += 1
        if source != self.host:
            self.add(source, "messages_out")

    def arrives(self, kind: str, dest: int) -> None:
        """A message, or a copy of it, is taken in."""
        self.arrived[kind] += 1
        if dest < self.servers:
            self.add(dest, "messages_in")

    def mail(self, kind: str, layer: int, source: int, dest: int) -> int:
        """A message goes from one to another; the moment at which it is taken, -1 by the host."""
        self.leaves(kind, source)
        self.arrives(kind, dest)
        return self.order.taken(dest, kind, layer) if dest != self.host else -1

    def cast(self, kind: str, layer: int, source: int, dests: list[int]) -> list[int]:
        """A message goes to many as one; the moments at which it is taken."""
        self.leaves(kind, source)
        for dest in dests:
            self.arrives(kind, dest)
        return [self.order.taken(dest, kind, layer) for dest in dests]

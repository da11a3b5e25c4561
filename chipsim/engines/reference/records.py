"""What happened: hashed into the digest, and kept where results are made from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chipsim.machine.digest import DELIVERY, HOP, MULTIPLIER, OPERATION, SPIKE, SUM, WORD, record_hash, record_hash3
from chipsim.machine.raw import Ints

HOP_SEED = HOP * MULTIPLIER & WORD

Rows = list[tuple[int, ...]]


class Records:
    """Digests and record lists of a run; probes decide whether packets and spikes are kept one by one."""

    def __init__(self, probes: frozenset[str]) -> None:
        self.total, self.count = 0, 0
        self.packets: Rows = []
        self.spikes: Rows = []
        self.keep_packets, self.keep_spikes = "packets" in probes, "spikes" in probes

    def add(self, kind: int, *fields: int) -> None:
        """Hash a record."""
        self.total += record_hash(kind, fields)
        self.count += 1

    def hop(self, start: int, link: int, source: int, sequence: int) -> None:
        """A packet starts on a link."""
        # record_hash3(HOP, ...) written out, for this is the record that there is most of
        h = (HOP_SEED ^ start) * MULTIPLIER & WORD
        h = (h ^ h >> 32 ^ (link << 32 | source)) * MULTIPLIER & WORD
        h = (h ^ h >> 32 ^ sequence) * MULTIPLIER & WORD
        h = (h ^ h >> 32) * MULTIPLIER & WORD
        self.total += h ^ h >> 29
        self.count += 1

    def delivery(self, now: int, endpoint: int, source: int, sequence: int) -> None:
        """An endpoint has a message."""
        self.total += record_hash3(DELIVERY, now, endpoint << 32 | source, sequence)
        self.count += 1

    def operation(self, start: int, end: int, endpoint: int, kind: int) -> None:
        """An endpoint handles a message of a kind."""
        self.total += record_hash3(OPERATION, start, end, endpoint << 8 | kind)
        self.count += 1

    def spike(self, at: int, place: int, row: tuple[int, ...]) -> None:
        """A neuron spikes: what is hashed of where it does, and the row that is kept, which ends with its number."""
        self.add(SPIKE, at, place, row[-1])
        if self.keep_spikes:
            self.spikes.append(row)

    @property
    def digest(self) -> int:
        """The digest so far, modulo 2^128."""
        return self.total & SUM


def table(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    """Rows as int64[rows, width]."""
    return np.array(rows, np.int64).reshape(-1, width)

"""What happened: hashed into the digest, and kept where results are made from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipsim.machine.digest import (
    DELIVERY,
    GROWTH,
    HOP,
    MIGRATION,
    MULTIPLIER,
    OPERATION,
    PAIR,
    SPIKE,
    SUM,
    WINNER,
    WORD,
    WRITE,
    record_hash,
    record_hash3,
)
from chipsim.machine.message import F0, F1, F2, F3, F4, KIND, LAYER
from chipsim.programs.nsn.messages import T_GROWTH, T_MOVED, T_PAIR, T_UNSTORED, T_WAIT, T_WINNER, T_WRITE

HOP_SEED = HOP * MULTIPLIER & WORD

Rows = list[tuple[int, ...]]

DECISIONS = {"winners": 8, "waits": 5, "growth": 4, "unstored": 4, "alerts": 6}
"""The lists that are kept of a neurosemantic network, and their columns (``chipsim.programs.nsn.raw``)."""


class Records:
    """Digests and record lists of a run; probes decide whether packets and spikes are kept one by one."""

    def __init__(self, layers: int, probes: frozenset[str]) -> None:
        self.digest, self.decisions, self.count = 0, 0, 0
        self.winners: Rows = []
        self.waits: Rows = []
        self.growth: Rows = []
        self.unstored: Rows = []
        self.alerts: Rows = []
        self.packets: Rows = []
        self.spikes: Rows = []
        self.keep_packets, self.keep_spikes = "packets" in probes, "spikes" in probes
        self.waiting_since = [0] * (layers + 2)

    def add(self, kind: int, *fields: int) -> None:
        """Hash a record."""
        self.digest += record_hash(kind, fields)
        self.count += 1

    def hop(self, start: int, link: int, source: int, sequence: int) -> None:
        """A packet starts on a link."""
        # record_hash3(HOP, ...) written out, for this is the record that there is most of
        h = (HOP_SEED ^ start) * MULTIPLIER & WORD
        h = (h ^ h >> 32 ^ (link << 32 | source)) * MULTIPLIER & WORD
        h = (h ^ h >> 32 ^ sequence) * MULTIPLIER & WORD
        h = (h ^ h >> 32) * MULTIPLIER & WORD
        self.digest += h ^ h >> 29
        self.count += 1

    def delivery(self, now: int, endpoint: int, source: int, sequence: int) -> None:
        """An endpoint has a message."""
        self.digest += record_hash3(DELIVERY, now, endpoint << 32 | source, sequence)
        self.count += 1

    def operation(self, start: int, end: int, endpoint: int, kind: int) -> None:
        """An endpoint handles a message of a kind."""
        self.digest += record_hash3(OPERATION, start, end, endpoint << 8 | kind)
        self.count += 1

    def spike(self, now: int, core: int, layer: int, neuron: int) -> None:
        """A neuron spikes to be read on a layer."""
        self.add(SPIKE, now, core << 8 | layer, neuron)
        if self.keep_spikes:
            self.spikes.append((now, core, layer, neuron))

    def fired(self, at: int, core: int, step: int, number: int) -> None:
        """A neuron of a spiking core fires."""
        self.add(SPIKE, at, core << 32 | step, number)
        if self.keep_spikes:
            self.spikes.append((at, core, step, number))

    def note(self, now: int, core: int, row: tuple[int, ...]) -> bool:
        """Record a traced row of a program; False if it is not for the records."""
        what, layer = row[KIND], row[LAYER]
        if what == T_PAIR:
            self.decisions += record_hash(PAIR, (layer, *row[F0 : F3 + 1]))
        elif what == T_WINNER:
            item, neuron, cover, new, needed = row[F0 : F4 + 1]
            self.decisions += record_hash(WINNER, (layer, item, neuron, cover, new))
            self.add(WINNER, now, layer, item, neuron)
            self.winners.append((now, layer, item, neuron, cover, new, needed, core))
        elif what == T_WAIT and row[F1] < 0:
            self.waiting_since[layer] = now
        elif what == T_WAIT:
            self.waits.append((layer, row[F0], self.waiting_since[layer], now, row[F1]))
        elif what == T_WRITE:
            self.add(WRITE, now, core << 8 | layer, row[F0], row[F1], row[F2])
        elif what == T_GROWTH:
            self.add(GROWTH, now, layer, row[F0], row[F1])
            self.growth.append((now, layer, row[F0], row[F1]))
        elif what == T_MOVED:
            self.add(MIGRATION, now, layer, row[F0], row[F1])
        elif what == T_UNSTORED:
            self.unstored.append((now, layer, row[F0], row[F1]))
        else:
            return False
        return True

    def sums(self) -> tuple[int, int]:
        """Digest and functional part, modulo 2^128."""
        return self.digest & SUM, self.decisions & SUM


def table(rows: Rows, width: int) -> Any:
    """Rows as int64[rows, width]."""
    return np.array(rows, np.int64).reshape(-1, width)

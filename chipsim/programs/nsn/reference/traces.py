"""What programs trace for the records of a run: hashed, and kept where results are made from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipsim.machine.digest import GROWTH, MIGRATION, PAIR, PRIMED, SUM, WINNER, WRITE, record_hash
from chipsim.machine.message import F0, F1, F2, F3, F4, KIND, LAYER
from chipsim.machine.raw import ordered
from chipsim.programs.nsn.messages import T_GROWTH, T_MOVED, T_PAIR, T_PRIME, T_SLEEP, T_UNSTORED, T_WAIT, T_WINNER, T_WRITE
from chipsim.programs.reference import Arrays, Chip, Ints, Message

LISTS = {"winners": 8, "waits": 5, "growth": 4, "unstored": 4, "alerts": 6, "expected": 3}
"""The lists that are kept, and their columns (``NsnRun``)."""

Rows = list[tuple[int, ...]]


class Traces:
    """Decisions, and the lists of a run so far."""

    def __init__(self, chip: Chip, numbers: int) -> None:
        self.chip = chip
        self.total = 0  # hashes of decisions alone
        self.lists: dict[str, Rows] = {name: [] for name in LISTS}
        self.waiting_since = [0] * numbers
        self.slept = [0] * 5

    @property
    def decisions(self) -> int:
        """The functional part of the digest so far, modulo 2^128."""
        return self.total & SUM

    def note(self, core: int, row: Message) -> bool:
        """Record a traced row; False if it is not for the records."""
        now, what, layer = self.chip.now, row[KIND], row[LAYER]
        if what == T_PAIR:
            self.total += record_hash(PAIR, (layer, *row[F0 : F3 + 1]))
        elif what == T_WINNER:
            item, neuron, cover, new, needed = row[F0 : F4 + 1]
            self.total += record_hash(WINNER, (layer, item, neuron, cover, new))
            self.chip.record(WINNER, now, layer, item, neuron)
            self.lists["winners"].append((now, layer, item, neuron, cover, new, needed, core))
        elif what == T_PRIME:
            self.total += record_hash(PRIMED, (layer, row[F0], row[F1]))
            self.lists["expected"].append((layer, row[F0], row[F1]))
        elif what == T_WAIT and row[F1] < 0:
            self.waiting_since[layer] = now
        elif what == T_WAIT:
            self.lists["waits"].append((layer, row[F0], self.waiting_since[layer], now, row[F1]))
        elif what == T_WRITE:
            self.chip.record(WRITE, now, core << 8 | layer, row[F0], row[F1], row[F2])
        elif what == T_GROWTH:
            self.chip.record(GROWTH, now, layer, row[F0], row[F1])
            self.lists["growth"].append((now, layer, row[F0], row[F1]))
        elif what == T_MOVED:
            self.chip.record(MIGRATION, now, layer, row[F0], row[F1])
        elif what == T_SLEEP:
            self.slept[0 if row[F0] else 1] = now
            self.slept[2:] = row[F1], row[F0], row[F2]
            self.chip.record(WRITE, now, core << 8 | layer, row[F0])
        elif what == T_UNSTORED:
            self.lists["unstored"].append((now, layer, row[F0], row[F1]))
        else:
            return False
        return True

    def arrays(self) -> dict[str, Ints]:
        """The lists, in the order in which results have them."""
        return {name: ordered(name, np.array(rows, np.int64).reshape(-1, LISTS[name])) for name, rows in self.lists.items()}

    def save(self) -> dict[str, Any]:
        """What a snapshot holds of them."""
        return {
            "decisions": np.array([self.decisions & (1 << 64) - 1, self.decisions >> 64], np.uint64),
            "waiting_since": np.array(self.waiting_since, np.int64),
            "slept": np.array(self.slept, np.int64),
            **self.arrays(),
        }

    def restore(self, own: Arrays) -> None:
        """Go on from a snapshot."""
        low, high = own["decisions"].tolist()
        self.total = low | high << 64
        self.waiting_since[:] = own["waiting_since"].tolist()
        self.slept[:] = own["slept"].tolist()
        for name, rows in self.lists.items():
            rows[:] = map(tuple, own[name].tolist())

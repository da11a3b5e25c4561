"""What a golden model decided, in columns, and the digest of that."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, fields

import numpy as np

from chipsim.machine.digest import PAIR, SUM, WINNER
from chipsim.machine.digest_rows import sum_of_rows
from workloads.nsn.choice import Pair

TOGETHER = 16_384
"""Decisions whose records are hashed at once."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decided segment of one layer.

    Attributes:
        layer: the layer that decided.
        item: number of the segment's first item in the layer's input.
        id: what fires: a neuron of the layer, or the item itself where a single one was left over.
        cover: items covered.
        new: a neuron was created for it.
        time: event time of the last pair.
        needed: the last input item that had to be seen.
    """

    layer: int
    item: int
    id: int
    cover: int
    new: bool
    time: int
    needed: int


WORDS = len(fields(Decision))


class Decisions:
    """Decisions in the order in which they were made: plain numbers, for there is more than one for every input item."""

    def __init__(self) -> None:
        self._rows = array("q")
        self._pairs: list[tuple[Pair, ...]] = []  # of the decisions that are not hashed yet
        self._digest = 0

    def add(self, layer: int, item: int, fired: int, pairs: tuple[Pair, ...], *, new: bool, time: int, needed: int) -> None:
        """Keep one, and the pairs that were read."""
        self._rows.extend((layer, item, fired, len(pairs), new, time, needed))
        self._pairs.append(pairs)
        if len(self._pairs) == TOGETHER:
            self._hash()

    def all(self) -> tuple[Decision, ...]:
        """Every one of them."""
        return tuple(
            Decision(layer, item, fired, cover, bool(new), time, needed)
            for layer, item, fired, cover, new, time, needed in np.array(self._rows, np.int64).reshape(-1, WORDS).tolist()
        )

    def digest(self) -> int:
        """Sum of the hashes of all decisions and pairs."""
        if self._pairs:
            self._hash()
        return self._digest & SUM

    def _hash(self) -> None:
        """Take the decisions whose pairs are still here into the digest."""
        rows = np.array(self._rows[-WORDS * len(self._pairs) :], np.int64).reshape(-1, WORDS)
        pairs = np.array([pair for vector in self._pairs for pair in vector], np.int64)
        layer, item, _, cover, _ = rows[:, :5].T
        position = np.arange(len(pairs)) - np.repeat(np.cumsum(cover) - cover, cover)
        self._digest += sum_of_rows(WINNER, rows[:, :5].T)
        self._digest += sum_of_rows(PAIR, (np.repeat(layer, cover), np.repeat(item, cover), position, *pairs.T))
        self._pairs.clear()

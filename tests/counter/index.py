"""The axons of cores and the forwarding lists of neurons, as they are searched: newest first, in buckets of the core or per neuron."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from functools import partial

from tests.counter.later import Later
from tests.counter.tally import Tally

BUCKETS = 256


def bucket(layer: int, lower: int) -> int:
    """Of an axon."""
    return (1_000_003 * lower + layer) % BUCKETS


def searched(entries: Sequence[Hashable], sought: Hashable) -> int:
    """Entries that a search goes through, newest first."""
    return entries.index(sought) + 1 if sought in entries else len(entries)


class Index:
    """Threads of axons and of lists, and what searches in them read."""

    def __init__(self, tally: Tally, later: Later) -> None:
        self.tally, self.later = tally, later
        self.axons: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        self.lists: dict[int, list[int]] = defaultdict(list)

    def load_axon(self, core: int, layer: int, lower: int) -> None:
        """An axon that is there before the first item."""
        entries = self.axons[core, bucket(layer, lower)]
        if (layer, lower) not in entries:
            entries.insert(0, (layer, lower))

    def load_list(self, lower: int, layer: int) -> None:
        """Likewise a list."""
        self.lists[lower].insert(0, layer)

    def search(self, moment: int, core: int, layer: int, ids: Sequence[int]) -> None:
        """Searches of axons."""
        for lower in ids:
            self.find_axon(moment, core, layer, lower)

    def find_axon(self, moment: int, core: int, layer: int, lower: int) -> None:
        """A search of axons."""
        self.later.at(moment, partial(self._search, core, layer, lower))

    def find_list(self, moment: int, core: int, lower: int, layer: int) -> None:
        """A search of the lists of a neuron at its core."""
        self.later.at(moment, lambda: self.tally.read(core, searched(self.lists[lower], layer)))

    def open_list(self, moment: int, lower: int, layer: int) -> None:
        """A neuron's first reader on a layer."""
        self.later.at(moment, lambda: self.lists[lower].insert(0, layer))

    def store(self, moment: int, core: int, layer: int, ids: Sequence[int], unlinked: Sequence[int]) -> None:
        """A vector with ids of which some have no linked axon on the core is stored."""
        self.later.at(moment, partial(self._store, core, layer, ids, unlinked))

    def _search(self, core: int, layer: int, lower: int) -> None:
        self.tally.read(core, searched(self.axons[core, bucket(layer, lower)], (layer, lower)))

    def _store(self, core: int, layer: int, ids: Sequence[int], unlinked: Sequence[int]) -> None:
        """All pairs are looked for, then those that are new; then, pair by pair, a new one again before it is made, and each for its row."""
        for lower in (*ids, *unlinked):
            self._search(core, layer, lower)
        new = list(unlinked)
        for lower in ids:
            if lower in new:
                new.remove(lower)
                self._search(core, layer, lower)
                entries = self.axons[core, bucket(layer, lower)]
                if (layer, lower) not in entries:
                    entries.insert(0, (layer, lower))
                    self.tally.write(core)
            self._search(core, layer, lower)
            self.tally.write(core)

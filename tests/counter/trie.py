"""The keyed entries: where they are, and how many a probe is compared with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable

from tests.counter.index import BUCKETS, searched
from tests.counter.later import Later
from tests.counter.places import Places
from tests.counter.tally import Tally
from tests.counter.told import Vector

MODULUS = 2**31 - 1


def hash_of(layer: int, node: int, lower: int, interval: int) -> int:
    """Of a key."""
    h = (layer + 1) % MODULUS
    for word in (node + 1, lower, lower // MODULUS, interval):
        h = (1_000_003 * h + word) % MODULUS
    for shift in (15, 12):
        h = 739_982_445 * (h ^ h // 2**shift) % 2**31
    return h ^ h // 2**15


class Trie:
    """Entries by layer and the pairs that lead to them."""

    def __init__(self, places: Places, tally: Tally, later: Later) -> None:
        self.places, self.tally, self.later = places, tally, later
        self.nodes: dict[tuple[int, Vector], int] = {}
        self.buckets: dict[tuple[int, int], list[tuple[int, Vector]]] = defaultdict(list)
        self.entries: Counter[int] = Counter()
        self.loading = False

    def key(self, layer: int, pairs: Vector) -> tuple[int, int]:
        """Home core and bucket of the entry that pairs lead to."""
        node = self.nodes[layer, pairs[:-1]] if len(pairs) > 1 else -1
        h = hash_of(layer, node, *pairs[-1])
        home = h % self.places.cores
        return home, self.bucket(h // self.places.cores, self.entries[home])

    def bucket(self, h: int, buckets: int) -> int:
        """Of so many; where other layers than 0 do not match by key there are always as many."""
        if not self.places.keyed:
            return h % BUCKETS
        doubled = 2 ** max(0, buckets - 1).bit_length()
        return h % doubled if h % doubled < max(1, buckets) else h % (doubled // 2)

    def home(self, layer: int, pairs: Vector) -> int:
        """Where an entry is, or would be."""
        return self.key(layer, pairs)[0]

    def add(self, layer: int, pairs: Vector) -> None:
        """Make an entry."""
        home = self.home(layer, pairs)
        place = self.entries[home]
        self.entries[home] += 1
        if self.places.keyed and place:
            self._part(home, place)
        self.buckets[home, self.key(layer, pairs)[1]].insert(0, (layer, pairs))
        self.nodes[layer, pairs] = home * self.places.room + place

    def _part(self, home: int, fresh: int) -> None:
        """A bucket more: those of one other are read, and written if they go there."""
        old = fresh - 2 ** (fresh.bit_length() - 1)
        entries = self.buckets.pop((home, old), [])
        for entry in entries:
            self.buckets[home, self.key(*entry)[1]].append(entry)
        if not self.loading:
            self.tally.read(home, len(entries))
            self.tally.write(home, len(self.buckets[home, fresh]))

    def load(self, layer: int, vector: Vector) -> None:
        """A neuron that is there before the first item."""
        self.loading = True
        for k in range(1, len(vector) + 1):
            if (layer, vector[:k]) not in self.nodes:
                self.add(layer, vector[:k])
        self.loading = False

    def probe(self, layer: int, pairs: Vector) -> None:
        """KEY_PROBE: does anything stored begin with these pairs?"""
        self._ask("key_probe", "key_result", layer, self._compare, pairs)

    def write(self, layer: int, vector: Vector, known: int) -> int:
        """KEY_WRITE for each pair behind those that were known, or for the neuron alone; KEY_OPEN on what was known. How many writes."""
        for k in range(known + 1, len(vector) + 1):
            self._ask("key_write", "key_wrote", layer, self._write, vector[:k])
        if known >= len(vector):
            self._ask("key_write", "key_wrote", layer, self._write, vector)
            return 1
        if known:
            self._ask("key_open", "key_wrote", layer, self._open, vector[:known])
        return len(vector) - known

    def write_in_vain(self, layer: int, pairs: Vector) -> None:
        """KEY_WRITE to a home core that has no room."""
        self._ask("key_write", "key_wrote", layer, lambda home, layer, pairs: self.tally.add(home, "pair_writes"), pairs)

    def _ask(self, kind: str, answer: str, layer: int, deed: Callable[[int, int, Vector], None], pairs: Vector) -> None:
        """A message to a home core, and back. Where that is follows from what was written before."""
        moment, seen = self.tally.order.anywhere(kind, layer)
        root = self.places.roots[layer]

        def done() -> None:
            home = self.home(layer, pairs)
            if home != seen:
                raise LookupError(f"{kind} of layer {layer} for {pairs} goes to {seen}, not to its home {home}")
            self.tally.pass_on(kind, layer, root, home)
            deed(home, layer, pairs)
            self.tally.mail(answer, layer, home, root)

        self.later.at(moment, done)

    def _compare(self, home: int, layer: int, pairs: Vector) -> None:
        entries = self.buckets[home, self.key(layer, pairs)[1]]
        self.tally.add(home, "synaptic_ops", searched(entries, (layer, pairs)))
        self.tally.add(home, "neuron_updates" if (layer, pairs) in self.nodes else "null_answers")
        self.tally.read(home)

    def _write(self, home: int, layer: int, pairs: Vector) -> None:
        self.tally.add(home, "pair_writes")
        if (layer, pairs) not in self.nodes:
            self.add(layer, pairs)

    def _open(self, home: int, layer: int, pairs: Vector) -> None:
        self.tally.write(home)

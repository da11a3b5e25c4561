"""What a sleep on the chip asks and counts, derived by the prose of ``docs/nsn.md``, *Sleep on the chip*, from the network before it.

Nothing of the core programs is used. From the chip come where neurons lived before the sleep, and that every core is a home.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from chipsim.ids import LAYER_SHIFT, neuron_id
from chipsim.network import NsnState

P = (1 << 31) - 1
START, UNIT = 1 << 12, 1 << 52
BEGINNING, NAME = 1, 2
Key = tuple[int, int, int, int]


def hashed(what: int, node: int, one: int, cls: int) -> int:
    """As of keyed entries, of these words."""
    h = (what + 1) % P
    for word in (node + 1, one, one // P, cls):
        h = (1000003 * h + word) % P
    for shift in (15, 12):
        h = 739982445 * (h ^ h >> shift) & P
    return h ^ h >> 15


@dataclass(slots=True)
class Note:
    """A beginning of vectors: the place that it has, and of the vector complete there number, ordinal and uses."""

    node: int
    key: Key
    layer: int
    number: int = 0
    ordinal: int = -1
    uses: int = 0


@dataclass(slots=True)
class Sleeping:
    """A sleep that is counted.

    Attributes:
        state: the network before it; places: core and slot of each of its neurons by id.
        cores, slots, room: of the chip: homes all; slots, and notes that a core has room for.
        least, keyed: of the run.
        asked: by operation; counted: by (operation or ``sleeper``, action).
    """

    state: NsnState
    places: dict[int, tuple[int, int]]
    cores: int
    slots: int
    room: int
    least: int
    keyed: bool
    asked: Counter[str] = field(default_factory=Counter)
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    buckets: defaultdict[tuple[int, int], list[Key]] = field(default_factory=lambda: defaultdict(list))
    notes: dict[Key, Note] = field(default_factory=dict)
    taken: Counter[int] = field(default_factory=Counter)
    tape: list[tuple[int, int, int]] = field(default_factory=list)
    counters: list[dict[Key, list[int]]] = field(default_factory=list)
    names: dict[int, Note | None] = field(default_factory=dict)
    made: int = 0

    def ask(self, operation: str, times: int = 1, **actions: int) -> None:
        """A question, and what its answer counts."""
        self.asked[operation] += times
        for action, count in actions.items():
            self.counted[operation, action] += count

    def own(self, **actions: int) -> None:
        """The sleeper counts something."""
        for action, count in actions.items():
            self.counted["sleeper", action] += count

    def search(self, operation: str, key: Key) -> Note | None:
        """Of a note; each compared is a synaptic operation."""
        h = hashed(*key)
        for n, other in enumerate(self.buckets[h % self.cores, h // self.cores % 1024], 1):
            if other == key:
                self.counted[operation, "synaptic_ops"] += n
                return self.notes[key]
        self.counted[operation, "synaptic_ops"] += len(self.buckets[h % self.cores, h // self.cores % 1024])
        return None

    def add(self, key: Key, layer: int) -> Note:
        """A new note."""
        h = hashed(*key)
        home = h % self.cores
        self.notes[key] = Note(START + home * self.room + self.taken[home], key, layer)
        self.taken[home] += 1
        self.buckets[home, h // self.cores % 1024].insert(0, key)
        return self.notes[key]

    def enter(self, node: int, pairs: list[tuple[int, int]], layer: int) -> Note:
        """Enter pairs, one question each."""
        for one, cls in pairs:
            key = (BEGINNING, node, one, cls)
            self.ask("enter", memory_writes=1)
            found = self.search("enter", key)
            if found is None:
                found = self.add(key, layer)
                self.counted["enter", "pair_writes"] += 1
            node = found.node
        return found

    def name(self, one: int, note: Note | None) -> None:
        """Keep where an id is."""
        self.ask("name", memory_writes=1)
        if self.search("name", (NAME, 0, one, 0)) is None:
            self.add((NAME, 0, one, 0), 0)
        self.names[one] = note

    def find(self, one: int) -> None:
        """Ask where it is."""
        self.ask("find", memory_reads=1)
        assert self.search("find", (NAME, 0, one, 0)) is not None

    def begin(self) -> None:
        """Which cores are homes; the roll; the tape."""
        self.ask("room_left", self.cores, memory_reads=self.cores)
        self.own(memory_writes=self.cores)
        start, pairs = (
            self.state.pair_start.tolist(),
            list(zip(self.state.pair_id.tolist(), self.state.pair_interval.tolist(), strict=True)),
        )
        keys = zip(self.state.layer.tolist(), self.state.ordinal.tolist(), strict=True)
        vectors = {neuron_id(*key): pairs[start[n] : start[n + 1]] for n, key in enumerate(keys)}
        self.call(sum(map(len, vectors.values())), len(vectors))
        for one in sorted(vectors, key=self.places.__getitem__):
            layer = one >> LAYER_SHIFT
            note = self.enter(layer, vectors[one], layer) if layer > 0 else None
            if note is not None:
                note.ordinal = one & ((1 << LAYER_SHIFT) - 1)
            self.name(one, note)
        self.ask("entry", 1, memory_reads=1)
        for record in self.state.records:
            time = record.time
            for n, (top, cls) in enumerate(zip(record.top, record.classes, strict=True)):
                self.ask("entry", 1, memory_reads=1)
                time += cls if n else 0
                begins = n == 0
                stack = [(top, time)]
                while stack:
                    one, end = stack.pop()
                    if one >> LAYER_SHIFT == 0:
                        self.put(len(self.tape), (one, end, int(begins)))
                        begins = False
                        continue
                    self.find(one)
                    for inner, before in reversed(vectors[one]):
                        self.ask("up", memory_reads=1)
                        stack.append((inner, end))
                        end -= before

    def call(self, pairs: int, neurons: int) -> None:
        """Every core, for every neuron and once more."""
        self.ask("call", neurons + self.cores, memory_reads=self.slots * self.cores + pairs)

    def put(self, place: int, item: tuple[int, int, int]) -> None:
        """An item on the tape."""
        self.ask("put", memory_writes=1)
        self.tape[place : place + 1] = [item]

    def walk(self, layer: int, at: int, got: int) -> tuple[Note | None, int, int]:
        """The longest vector at an item, its pairs, and the number of the last item that was got."""
        node, best, size = layer, None, 1
        for position in range(9):
            number = at + position
            if position == 8 or number == len(self.tape):
                break
            if number > got:
                self.ask("get", memory_reads=1)
                self.own(memory_writes=1)
                got = number
            self.own(memory_reads=1)
            if not self.made or (position and self.tape[number][2]):
                break
            cls = self.tape[number][1] - self.tape[number - 1][1] if position else 0
            self.ask("walk", memory_reads=1)
            found = self.search("walk", (BEGINNING, node, self.tape[number][0], cls))
            if found is None:
                break
            node = found.node
            if found.number:
                best, size = found, position + 1
        return best, size, got

    def read(self, layer: int) -> list[tuple[Note | None, int, int]]:
        """Units: vector or none, first item, pairs."""
        units, at, got = [], 0, -1
        while at < len(self.tape):
            best, size, got = self.walk(layer, at, got)
            self.own(memory_reads=1)
            units.append((best, at, size))
            at += size
        return units

    def count(self, layer: int) -> None:
        """A reading to count."""
        self.counters = [{} for _ in range(self.cores)]
        rows: defaultdict[tuple[int, int], list[Key]] = defaultdict(list)
        left, room, before = 0, 0, None
        for note, at, size in self.read(layer):
            unit = UNIT + note.node * 16 + size if note else self.tape[at][0]
            digram = None
            if size <= room and not self.tape[at][2]:
                digram = (left, 0, unit, self.tape[at][1] - self.tape[at - 1][1])
                if digram == before:
                    digram = None
                else:
                    self.ask("count")
                    h = hashed(*digram)
                    row = rows[h % self.cores, h // self.cores % 1024]
                    known = row.index(digram) + 1 if digram in row else 0
                    self.counted["count", "synaptic_ops"] += known or len(row)
                    if known:
                        self.counters[h % self.cores][digram][0] += 1
                        self.counted["count", "neuron_updates"] += 1
                    else:
                        self.counters[h % self.cores][digram] = [1, at]
                        row.insert(0, digram)
                        self.counted["count", "memory_writes"] += 1
            left, room, before = unit, 8 - size, digram

    def best(self, home: int) -> None:
        """Ask a home for its best counter."""
        self.ask("best", memory_reads=len(self.counters[home]))
        self.own(memory_writes=1)

    def grow(self, layer: int, threshold: int) -> None:
        """Make vectors of what was counted often enough, and forget."""
        often = sorted(
            (-count, place, digram) for one in self.counters for digram, (count, place) in one.items() if count >= threshold
        )
        self.own(memory_reads=self.cores * (len(often) + 1))
        for _, _, (left, _, right, cls) in often:
            pairs = [(right, cls)]
            if right >= UNIT:
                inner = self.pairs_of((right - UNIT) // 16)
                pairs = [(inner[0][0], cls), *inner[1:]]
            pairs = pairs if left >= UNIT else [(left, 0), *pairs]
            note = self.enter((left - UNIT) // 16 if left >= UNIT else layer, pairs, layer)
            if not note.number:
                self.made += 1
                note.number = self.made
            self.best(hashed(left, 0, right, cls) % self.cores)
        self.ask("forget", self.cores, memory_writes=sum(map(len, self.counters)))

    def pairs_of(self, node: int) -> list[tuple[int, int]]:
        """Up from a beginning to the start."""
        by_node = {note.node: note for note in self.notes.values()}
        found = []
        while node >= START:
            self.ask("up", memory_reads=1)
            _, before, one, cls = by_node[node].key
            found.insert(0, (one, cls))
            node = before
        return found

    def of_layer(self, layer: int) -> list[Note]:
        """Vectors of a layer that were made and not freed, in the order in which they were made."""
        found = [note for note in self.notes.values() if note.layer == layer and note.number]
        return sorted(found, key=lambda note: note.number)

    def look_at_all(self, operation: str, writes: int = 0) -> None:
        """Every home looks at all its notes."""
        self.ask(operation, self.cores, memory_reads=len(self.notes), memory_writes=writes)

    def listed(self, vectors: list[Note]) -> Iterator[Note]:
        """Vectors in order: list of each home, then of the home of each behind it, once the vector has been dealt with."""
        self.look_at_all("list")
        self.own(memory_writes=self.cores, memory_reads=self.cores * (len(vectors) + 1))
        for note in vectors:
            yield note
            self.ask("list", memory_reads=self.taken[hashed(*note.key) % self.cores])
            self.own(memory_writes=1)

    def use(self, layer: int) -> None:
        """Free what fires less than twice; ordinals; a reading to write."""
        while True:
            vectors = self.of_layer(layer)
            self.look_at_all("reset", len(vectors))
            for note in vectors:
                note.uses = 0
            for note, _, _ in self.read(layer):
                if note:
                    self.ask("use", neuron_updates=1, memory_writes=0 if note.uses else 1)
                    note.uses += 1
            rare = [note for note in vectors if note.uses < 2]
            self.look_at_all("sweep", len(rare))
            for note in rare:
                note.number = 0
            if not rare:
                break
        self.ask("make", 2)
        following = int(self.state.ordinals_given()[layer])
        for note in self.listed(vectors):
            if note.ordinal < 0:
                self.ask("give", memory_writes=1)
                note.ordinal = following
                following += 1
        out = []
        for note, at, size in self.read(layer):
            fired = neuron_id(layer, note.ordinal) if note else self.tape[at][0]
            out.append((fired, self.tape[at + size - 1][1], self.tape[at][2]))
            self.ask("put", memory_writes=1)
        self.tape = out

    def layers(self) -> None:
        """Pass by pass."""
        self.count(1)
        for home in range(self.cores):
            self.best(home)
        most = max((count for one in self.counters for count, _ in one.values()), default=0)
        thresholds = [most] if most >= self.least else []
        while thresholds and thresholds[-1] > self.least:
            thresholds.append(max(self.least, 5 * thresholds[-1] // 7))
        assert thresholds
        for layer in range(1, self.state.layers + 1):
            self.made = 0
            for n, threshold in enumerate(thresholds):
                if 1 + self.state.layers * n // len(thresholds) == layer:
                    if n:
                        self.count(layer)
                        for home in range(self.cores):
                            self.best(home)
                    self.grow(layer, threshold)
            if self.made:
                self.use(layer)

    def replace(self) -> None:
        """The old network goes, and the new one grows."""
        old = int((self.state.layer > 0).sum())
        self.call(len(self.state.pair_id), len(self.state))
        self.asked["drop"] += old
        self.asked["clear"] += self.cores
        self.ask("get", len(self.tape), memory_reads=len(self.tape))
        self.own(memory_writes=len(self.tape), memory_reads=len(self.tape))
        for layer in range(1, self.state.layers + 1):
            for note in self.listed(self.of_layer(layer)):
                pairs = self.pairs_of(note.node)
                self.asked["make"] += len(pairs)
                for one, _ in pairs if not self.keyed else []:
                    self.find(one)
                self.ask("who", memory_reads=1)
                self.ask("keep", memory_writes=1)
                self.name(neuron_id(layer, note.ordinal), note)
        self.ask("end", self.cores, memory_writes=self.cores)
        self.own(memory_writes=1)

    def derive(self) -> Sleeping:
        """All of it."""
        self.begin()
        self.layers()
        self.replace()
        return self

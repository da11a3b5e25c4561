"""Recursive networks of the golden model: each reads what a layer passes up, on a scale of intervals of its own, and says what it expects.

A network is a layer that reads by `cover` and matches exactly, but that nothing reads in turn and of which no residuals and no records are
kept. What its running probe would go on with primes the layer, a fixed number of outputs later (``docs/nsn.md``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from chipsim.ids import UNSTORED, layer_of, neuron_id, ordinal_of
from chipsim.machine.digest import PRIMED
from chipsim.machine.digest_rows import sum_of_rows
from chipsim.network.rules import EXACT, MAX_PAIRS, NsnRules
from chipsim.network.stimulus import END_EPISODE
from workloads.nsn.decisions import Decisions

Item = tuple[int, int, int, int, int]
"""(id, event time, flags, last input item needed to decide it, event time at which it starts)."""

Pair = tuple[int, int]
"""(id, interval class)."""

NOTHING = -1
"""What a network expects where its running probe, if any, ends before."""


@dataclass(slots=True)
class Branch:
    """A partial match: what can follow it, and the neuron that is complete here."""

    children: dict[Pair, Branch] = field(default_factory=dict)
    neuron: int = -1

    def neurons(self) -> Iterator[int]:
        """Those that begin with it."""
        if self.neuron >= 0:
            yield self.neuron
        for child in self.children.values():
            yield from child.neurons()


@dataclass(slots=True)
class Kept:
    """A neuron of a network."""

    pairs: tuple[Pair, ...]
    count: int = 0
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """A segment that a network decided: number of its first item, what fires, its pairs, whether it is new, its time, what it needed."""

    item: int
    id: int
    pairs: tuple[Pair, ...]
    new: bool
    time: int
    needed: int


class _Wait(Exception):
    """The next item is needed."""


class Network:
    """A recursive network.

    Attributes:
        neurons: in order of creation.
        items: received and not decided; consumed, decided: items and segments decided so far.
        expected: by item number, what it expected ``delay`` places on, the last ``delay`` of them.
    """

    def __init__(self, rules: NsnRules, number: int) -> None:
        self.rules, self.number = rules, number
        self.unit = rules.unit_of(number)
        self.root = Branch()
        self.neurons: list[Kept] = []
        self.items: list[Item] = []
        self.consumed = self.decided = 0
        self.needed = -1
        self.expected: dict[int, int] = {}
        self._running: Branch | None = None

    def push(self, item: Item) -> list[Read]:
        """Take the next item in, and decide all that can be decided without a later one."""
        self.items.append(item)
        number = self.consumed + len(self.items) - 1
        found, start = [], 0
        self._running = None
        while start < len(self.items):
            try:
                end, winner = self._segment(start)
            except _Wait:
                break
            found.append(self._fire(start, end, winner))
            start = end
        del self.items[:start]
        self.expected[number] = NOTHING if self._running is None else self._next_of(self._running)
        self.expected.pop(number - self.rules.delay, None)
        return found

    def _segment(self, start: int) -> tuple[int, int]:
        """Where a segment ends and who wins it, -1: nobody."""
        self._look(start)
        if self.items[start][0] == UNSTORED:
            return start + 1, -1
        end, winner = self._probe(start)
        if winner >= 0:
            return end, winner
        end = start + 1
        while end - start < MAX_PAIRS and not self._boundary(end) and self._probe(end)[1] < 0:
            end += 1
        return end, -1

    def _probe(self, start: int) -> tuple[int, int]:
        """The longest stored vector that begins at an item: the item behind it, and which it is."""
        here, end, winner = self.root, start, -1
        for at in range(start, start + MAX_PAIRS):
            if at > start and self._boundary(at):
                break
            child = self._extend(here, self._pair(at, start))
            if child is None:
                break
            here = child
            if here.neuron >= 0:
                end, winner = at + 1, here.neuron
            if not here.children:
                break
            self._running = here
        self._running = None
        return end, winner

    def _extend(self, here: Branch, pair: Pair) -> Branch | None:
        return here.children.get(pair)

    def _look(self, at: int) -> None:
        self.needed = max(self.needed, self.items[at][3])

    def _boundary(self, at: int) -> bool:
        if self.items[at - 1][2] & END_EPISODE and not self.rules.linked:
            return True
        if at == len(self.items):
            raise _Wait
        self._look(at)
        return self.items[at][0] == UNSTORED or 0 < self.rules.max_gap < self._between(at)

    def _between(self, at: int) -> int:
        """The interval before an item: exact ones from end to end, the others from end to start."""
        return self.items[at][1 if self.rules.interval == EXACT else 4] - self.items[at - 1][1]

    def _pair(self, at: int, start: int) -> Pair:
        if at == start:
            return self.items[at][0], 0
        units = self._between(at) // self.unit
        return self.items[at][0], units if self.rules.interval == EXACT else (1 + units).bit_length() - 1

    def _next_of(self, running: Branch) -> int:
        """The id that stands ``delay`` places on in the best vector that has a pair there: higher count, older, lower ordinal."""
        best, expected = None, NOTHING
        reached: Sequence[tuple[int, Branch]] = [(NOTHING, running)]
        for _ in range(self.rules.delay):
            reached = [(pair[0], child) for _, branch in reached for pair, child in branch.children.items()]
        for lower, branch in reached:
            for ordinal in branch.neurons():
                key = (-self.neurons[ordinal].count, self.neurons[ordinal].first, ordinal)
                if best is None or key < best:
                    best, expected = key, lower
        return expected

    def _fire(self, start: int, end: int, winner: int) -> Read:
        pairs = tuple(self._pair(at, start) for at in range(start, end))
        new = winner < 0 and end - start > 1
        if new:
            winner = self._grow(pairs)
        first, (_, time, _, needed, _) = self.items[start][0], self.items[end - 1]
        if winner >= 0:
            one = self.neurons[winner]
            one.first = one.first if one.count else time
            one.count += 1
            one.last = time
        self.needed = max(self.needed, needed)
        read = Read(self.consumed, first if winner < 0 else neuron_id(self.number, winner), pairs, new, time, self.needed)
        self.consumed += end - start
        self.decided += 1
        return read

    def _grow(self, pairs: tuple[Pair, ...]) -> int:
        here = self.root
        for pair in pairs:
            here = here.children.setdefault(pair, Branch())
        here.neuron = len(self.neurons)
        self.neurons.append(Kept(pairs))
        return here.neuron


class Recursion:
    """The networks of all layers.

    Attributes:
        networks: of each layer; began: number of the first output of its episode.
        expectations: what was expected while decisions were kept: number of the network, of the output that it had read, id or ``NOTHING``.
    """

    def __init__(self, rules: NsnRules) -> None:
        self.rules = rules
        self.networks = [
            [self.network(rules.network(layer, r)) for r in range(rules.networks if layer else 0)]
            for layer in range(rules.layers + 1)
        ]
        self.began = [0] * (rules.layers + 1)
        self.expectations: list[tuple[int, int, int]] = []

    def network(self, number: int) -> Network:
        """A network that has read nothing."""
        return Network(self.rules, number)

    def primed(self, layer: int, output: int) -> frozenset[int]:
        """Ordinals of the neurons of a layer that its networks expected as its output of a number."""
        at = output - self.rules.delay
        if at < self.began[layer]:
            return frozenset()
        expected = {network.expected[at] for network in self.networks[layer]} - {NOTHING, UNSTORED}
        return frozenset(ordinal_of(one) for one in expected if layer_of(one) == layer)

    def take(self, layer: int, output: int, item: Item, decisions: Decisions | None) -> None:
        """The networks of a layer read its output of a number; what they decide and expect is kept where decisions are."""
        if item[2] & END_EPISODE and not self.rules.linked:
            self.began[layer] = output + 1
        for network in self.networks[layer]:
            reads = network.push(item)
            if decisions is None:
                continue
            for read in reads:
                decisions.add(network.number, read.item, read.id, read.pairs, new=read.new, time=read.time, needed=read.needed)
            self.expectations.append((network.number, output, network.expected[output]))

    def digest(self) -> int:
        """Sum of the hashes of what was expected."""
        return sum_of_rows(PRIMED, np.array(self.expectations, np.int64).reshape(-1, 3).T)

    def pending(self) -> Iterator[tuple[int, int, int]]:
        """What is still to be heeded: number of the network, of the output that it had read, and the id."""
        for layer, networks in enumerate(self.networks):
            for network in networks:
                for number, expected in network.expected.items():
                    yield network.number, number, expected if number >= self.began[layer] else NOTHING

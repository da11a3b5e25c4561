"""The golden model, telling what it does: each segment of each layer with its probes, the items that they present, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chipsim.ids import UNSTORED
from chipsim.network import END_EPISODE, Stimulus
from chipsim.network.rules import COVER, NsnRules
from workloads.nsn.golden import GoldenModel, Item
from workloads.nsn.recursive import Branch, Network, Read, Recursion

Pair = tuple[int, int]
"""(lower id, interval class)."""

Vector = tuple[Pair, ...]

WAITS, WINS, GROWS, PASSES, HOLE = "waits", "wins", "grows", "passes", "hole"
"""What comes of a segment: not decided when the input ends; a stored neuron wins; a novelty becomes a neuron; a left-over or unstored item
passes up as itself; a novelty found no room."""


class Rival(NamedTuple):
    """A stored vector that is complete at an item, and what the key says of it."""

    ordinal: int
    words: int
    response: int
    count: int
    first: int


@dataclass(slots=True)
class Probe:
    """Pairs that were presented one after the other; the first ``known`` of them begin something stored; rivals at each, if they are told."""

    presented: list[Pair] = field(default_factory=list)
    known: int = 0
    rivals: list[list[Rival]] = field(default_factory=list)


@dataclass(slots=True)
class Segment:
    """A segment of a layer.

    Attributes:
        looked: items that the root looked at, one by one, to see whether they belong together.
        probes: in order; the first begins at the segment's first item.
        end: what came of it.
        vector: the pairs that it covers; fired: the id that goes up.
        first: number of its first item; residuals: words kept for it, of gaps and of what it has in place of pairs of its winner.
    """

    first: int = -1
    looked: int = 1
    probes: list[Probe] = field(default_factory=list)
    end: str = WAITS
    vector: Vector = ()
    fired: int = UNSTORED
    residuals: int = 0


def matches(stored: Pair, read: Pair, rules: NsnRules) -> bool:
    """Whether a pair of a stored vector counts for its response."""
    return stored[0] == read[0] and abs(stored[1] - read[1]) <= (rules.tolerance if rules.summing else 0)


def words_of(stored: Pair, read: Pair, rules: NsnRules) -> int:
    """Words that are kept of what stands in place of a pair."""
    return 0 if stored == read else 1 if matches(stored, read, rules) else 2


class ToldModel(GoldenModel):
    """A golden model that keeps what it did from some item on, layer by layer.

    Where the chip has no room a novelty is a hole there; which ones (layer, first item) the model, which has no size, must be told.

    Attributes:
        segments: of each layer and recursive network by its number, in order.
        decided_before: segments that each layer decided before the first item that is told of.
        stored_before: vectors of each layer before the first item that is told of, in order of creation.
    """

    def __init__(self, rules: NsnRules, holes: Set[tuple[int, int]] = frozenset(), rivals: bool = False) -> None:
        super().__init__(rules)
        self.rivals = rivals
        self.segments: list[list[Segment]] = [[] for _ in range(rules.numbers)]
        self.decided_before = [0] * len(rules.reading)
        self.holes = holes
        self.telling = False
        self.stored_before: list[list[Vector]] = []
        self._open = [0] * len(rules.reading)
        self._sums_now = False
        self._recursion = ToldRecursion(rules, self.segments, holes)

    def read(self, stimulus: Stimulus, first_item: int) -> None:
        """Learn what comes before an item, then tell all that follows, which is read in one go."""
        self.advance(stimulus, first_item, recording=False)
        networks = [network for networks in self._recursion.networks for network in networks]
        self.stored_before = [[neuron.pairs for neuron in layer.neurons] for layer in self._layers]
        self.stored_before += [[], *([neuron.pairs for neuron in network.neurons] for network in networks)] if networks else []
        self._open = [len(layer.items) for layer in self._layers]
        self.decided_before = [layer.decided for layer in self._layers]
        self.telling = self._recursion.telling = True
        self.advance(stimulus, len(stimulus))

    def _decide_all(self, number: int, layer: Any) -> Iterator[Item]:
        fresh = len(layer.items) > self._open[number]
        self._number, self._kept = number, self.segments[number] if self.telling and fresh else []
        yield from super()._decide_all(number, layer)

    def _begins(self) -> Segment:
        self._kept.append(Segment())
        return self._kept[-1]

    def _cover(self, layer: Any, items: list[Item], start: int, reading: int) -> tuple[int, int]:
        self._begins()
        return super()._cover(layer, items, start, reading)

    def _walk(self, layer: Any, items: list[Item], start: int, end: int) -> int:
        """A layer that is cut by the data looks at every item of an event that its one probe has not found."""
        segment = self._begins()
        ids = [item[0] for item in items[start:end]]
        whole = ids.index(UNSTORED) if UNSTORED in ids else len(ids)
        if whole:
            segment.probes.append(Probe())
        found = super()._walk(layer, items, start, start + whole) if whole else -1
        if whole:
            probe = segment.probes[0]
            self._tell_rivals(layer, probe)
            segment.looked += len(probe.presented) - 1
            # an unstored item is looked at, but not presented
            segment.looked += whole < len(ids) and self._goes_on(layer, probe, whole)
        if whole < len(ids):
            found = -1
        if found < 0:
            segment.looked += len(ids) - 1
        return found

    def _goes_on(self, layer: Any, probe: Probe, whole: int) -> bool:
        node = layer.root
        for pair in probe.presented:
            node = node.children.get(pair)
            if node is None:
                return False
        return len(probe.presented) == whole and bool(node.children)

    def _match(self, layer: Any, items: list[Item], start: int) -> Sequence[int]:
        self._kept[-1].probes.append(Probe())
        try:
            return super()._match(layer, items, start)
        finally:
            self._tell_rivals(layer, self._kept[-1].probes[-1])

    def _extend(self, node: Any, pair: Pair) -> Any:
        child = super()._extend(node, pair)
        probe = self._kept[-1].probes[-1]
        probe.presented.append(pair)
        probe.known += child is not None
        return child

    def _sum(self, layer: Any, items: list[Item], start: int) -> Sequence[int]:
        self._kept[-1].probes.append(Probe([(items[start][0], 0)]))
        self._sums_now = True
        try:
            return super()._sum(layer, items, start)
        finally:
            self._sums_now = False
            self._tell_rivals(layer, self._kept[-1].probes[-1])

    def _tell_rivals(self, layer: Any, probe: Probe) -> None:
        """Who is complete at each of the items, looked for among all that the layer stores."""
        read, sums = probe.presented, self.rules.sums[self._number]
        probe.rivals = [[] for _ in read]
        for ordinal, neuron in enumerate(layer.neurons if self.rivals and self._number else ()):
            stored = neuron.pairs
            k = len(stored)
            if k > len(read) or stored[0][0] != read[0][0]:
                continue
            pairs = list(zip(stored[1:], read[1:], strict=False))
            met = [True, *(matches(*pair, self.rules) if sums else pair[0] == pair[1] for pair in pairs)]
            if met[-1] and sum(met) >= (self.rules.least[k] if sums else k):
                words = sum(words_of(*pair, self.rules) for pair in pairs)
                probe.rivals[k - 1].append(Rival(ordinal, words, sum(met), neuron.count, neuron.first))

    def _boundary(self, layer: Any, items: list[Item], at: int) -> bool:
        """A probe of vectors that sum presents the item if nothing parts it from the one before."""
        answer = super()._boundary(layer, items, at)
        self._kept[-1].looked += not items[at - 1][2] & END_EPISODE
        if self._sums_now and not answer:
            self._kept[-1].probes[-1].presented.append(self._pairs(items[at - 1 : at + 1])[1])
        return answer

    def _fire(self, number: int, layer: Any, segment: list[Item], winner: int) -> Item:
        told, residuals = self._kept[-1], len(self._residuals)
        told.first, told.vector = layer.consumed, self._pairs(segment)
        if self.telling and (number, layer.consumed) in self.holes:
            told.end = HOLE
            return self._hole(number, layer, segment)
        fired = super()._fire(number, layer, segment, winner)
        alone = winner < 0 and len(segment) == 1 and self.rules.reading[number] >= COVER
        told.end = WINS if winner >= 0 else PASSES if alone else GROWS
        told.fired, told.residuals = fired[0], len(self._residuals) - residuals
        if winner >= 0:
            told.residuals += sum(
                words_of(*pair, self.rules) for pair in zip(layer.neurons[winner].pairs, told.vector, strict=True)
            )
        return fired

    def _hole(self, number: int, layer: Any, segment: list[Item]) -> Item:
        """What passes up where there was no room."""
        layer.needed = max(layer.needed, segment[-1][3])
        self._close(number, layer, segment)
        flags = segment[-1][2] if number == 0 else segment[-1][2] & END_EPISODE
        return UNSTORED, segment[-1][1], flags, layer.needed, segment[0][4]


class ToldNetwork(Network):
    """A recursive network that tells what it does. It begins anew with what it has not decided whenever an item comes: the last time counts."""

    def __init__(self, rules: NsnRules, number: int, told: ToldRecursion) -> None:
        super().__init__(rules, number)
        self.told = told

    def push(self, item: Item) -> list[Read]:
        segments = self.told.segments[self.number]
        self.kept = segments if self.told.telling else []
        if segments and segments[-1].end == WAITS:
            segments.pop()
        return super().push(item)

    def _segment(self, start: int) -> tuple[int, int]:
        self.kept.append(Segment())
        return super()._segment(start)

    def _probe(self, start: int) -> tuple[int, int]:
        self.kept[-1].probes.append(Probe())
        return super()._probe(start)

    def _extend(self, here: Branch, pair: Pair) -> Branch | None:
        child = super()._extend(here, pair)
        probe = self.kept[-1].probes[-1]
        probe.presented.append(pair)
        probe.known += child is not None
        return child

    def _boundary(self, at: int) -> bool:
        answer = super()._boundary(at)
        self.kept[-1].looked += self.rules.linked or not self.items[at - 1][2] & END_EPISODE
        return answer

    def _fire(self, start: int, end: int, winner: int) -> Read:
        one = self.kept[-1]
        one.first, one.vector = self.consumed, tuple(self._pair(at, start) for at in range(start, end))
        if self.told.telling and (self.number, self.consumed) in self.told.holes:
            one.end = HOLE
            self.consumed, self.decided = self.consumed + end - start, self.decided + 1
            return Read(one.first, UNSTORED, one.vector, True, self.items[end - 1][1], self.needed)
        read = super()._fire(start, end, winner)
        one.end = WINS if winner >= 0 else GROWS if read.new else PASSES
        one.fired = read.id
        return read


class ToldRecursion(Recursion):
    """All networks, telling from some item on into the segments of their numbers."""

    def __init__(self, rules: NsnRules, segments: list[list[Segment]], holes: Set[tuple[int, int]]) -> None:
        self.segments, self.holes, self.telling = segments, holes, False
        super().__init__(rules)

    def network(self, number: int) -> Network:
        """A network that tells."""
        return ToldNetwork(self.rules, number, self)

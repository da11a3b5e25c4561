"""Summation of ``docs/nsn.md`` by exhaustive search: every stored vector is tried at every start, straight from the prose.

One layer at a time over whole episodes that are all there; nothing of the golden model or of the core programs is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import ceil

Vector = tuple[tuple[int, int], ...]

LEVELS = ("residual", "primed", "response", "count", "age")


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a layer's input: id, event time, the last item of the network's input that it needed, the time at which it starts."""

    id: int
    time: int
    needed: int
    start: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Items [start, end) of one layer, numbered over all episodes: what fires, whether it is new, the last input item needed."""

    start: int
    end: int
    fired: int
    new: bool
    needed: int


@dataclass(slots=True)
class Neuron:
    vector: Vector
    count: int = 0
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class Layer:
    """What a layer stores and did: ``substitutions`` as in ``NsnState`` less the layer, ``choices`` by candidates, apart, and level."""

    number: int
    neurons: list[Neuron] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    substitutions: list[tuple[int, ...]] = field(default_factory=list)
    choices: list[tuple[int, bool, str]] = field(default_factory=list)
    items: int = 0
    needed: int = -1


@dataclass(frozen=True, slots=True)
class Rules:
    """Threshold, tolerance, the class of an interval, the longest interval within a segment (0: any), and whether intervals run to the start
    of the next item or to its end.
    """

    threshold: Fraction
    tolerance: int
    class_of: Callable[[int], int]
    max_gap: int
    to_start: bool

    def least(self, k: int) -> int:
        """Pairs that have to match of so many."""
        return ceil(self.threshold * k)

    def read(self, items: Sequence[Item]) -> Vector:
        """Items as the pairs that a new vector would have."""
        gaps = [self.between(a, b) for a, b in pairwise(items)]
        return tuple((item.id, cls) for item, cls in zip(items, [0, *map(self.class_of, gaps)], strict=True))

    def between(self, before: Item, item: Item) -> int:
        """The interval between two items."""
        return (item.start if self.to_start else item.time) - before.time

    def matched(self, vector: Vector, read: Vector) -> list[bool]:
        """Which pairs of a vector match, up to where something was read."""
        return [a[0] == b[0] and abs(a[1] - b[1]) <= self.tolerance for a, b in zip(vector, read, strict=False)]


def goes_on(layer: Layer, rules: Rules, read: Vector) -> bool:
    """Whether a probe that has presented some items presents a further one, if there is one."""
    last = len(read) - 1
    if last + 1 == 8:
        return False
    for q in range(last + 1):
        horizon = 0
        for neuron in layer.neurons:
            k, match = len(neuron.vector), rules.matched(neuron.vector, read[: q + 1])
            if k > q and match[0] and match[q] and match.count(False) <= k - rules.least(k):
                horizon = max(horizon, k)
        if horizon > last + 1 and last - q <= horizon - rules.least(horizon):
            return True
    return False


def probe(layer: Layer, rules: Rules, items: Sequence[Item], start: int) -> list[tuple[tuple[int, ...], int]]:
    """Keys of all candidates and their ordinals, the best first; what the probe looks at counts as needed."""
    end = start + 1
    while goes_on(layer, rules, rules.read(items[start:end])) and end < len(items):
        layer.needed = max(layer.needed, items[end].needed)
        if rules.max_gap and rules.between(items[end - 1], items[end]) > rules.max_gap:
            break
        end += 1
    found = []
    for ordinal, neuron in enumerate(layer.neurons):
        k, read = len(neuron.vector), rules.read(items[start:end])
        match = rules.matched(neuron.vector, read)
        if len(match) == k and match[0] and match[-1] and sum(match) >= rules.least(k):
            words = sum(2 if not hit else a != b for hit, a, b in zip(match, neuron.vector, read, strict=False))
            found.append(((words, 0, -sum(match), -neuron.count, neuron.first, ordinal), ordinal))
    return sorted(found)


def read_episode(layer: Layer, rules: Rules, items: Sequence[Item], episode: int) -> list[Item]:
    """Read one episode from left to right: what passes up."""
    up, start, occurrence = [], 0, 0
    while start < len(items):
        layer.needed = max(layer.needed, items[start].needed)
        found = probe(layer, rules, items, start)
        if found:
            layer.choices.append(tell(layer, found))
            ordinal = found[0][1]
            end = start + len(layer.neurons[ordinal].vector)
            layer.substitutions += [(episode, occurrence, *row) for row in differ(layer, rules, ordinal, items[start:end])]
        else:
            ordinal, end = -1, start + 1
            while end < len(items) and end - start < 8:
                layer.needed = max(layer.needed, items[end].needed)
                if rules.max_gap and rules.between(items[end - 1], items[end]) > rules.max_gap:
                    break
                if probe(layer, rules, items, end):
                    break
                end += 1
        new = not found and end - start > 1
        if new:
            ordinal = len(layer.neurons)
            layer.neurons.append(Neuron(rules.read(items[start:end])))
        time = items[end - 1].time
        if ordinal >= 0:
            occurrence += 1
            neuron = layer.neurons[ordinal]
            neuron.first = neuron.first if neuron.count else time
            neuron.count, neuron.last = neuron.count + 1, time
        fired = (layer.number << 40) + ordinal if ordinal >= 0 else items[start].id
        layer.needed = max(layer.needed, items[end - 1].needed)
        layer.segments.append(Segment(layer.items + start, layer.items + end, fired, new, layer.needed))
        up.append(Item(fired, time, layer.needed, items[start].start))
        start = end
    layer.items += len(items)
    return up


def tell(layer: Layer, found: Sequence[tuple[tuple[int, ...], int]]) -> tuple[int, bool, str]:
    """Number of candidates, whether none begins another, and what decided between the two best."""
    vectors = [layer.neurons[ordinal].vector for _, ordinal in found]
    apart = not any(a != b and b[: len(a)] == a for a in vectors for b in vectors)
    if len(found) == 1:
        return 1, apart, ""
    first, second = found[0][0], found[1][0]
    level = next(n for n, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)
    return len(found), apart, LEVELS[min(level, len(LEVELS) - 1)]


def differ(layer: Layer, rules: Rules, ordinal: int, items: Sequence[Item]) -> list[tuple[int, int, int]]:
    """What has to be kept of an occurrence: position, id as read or -1 where the class alone is off, class as read."""
    vector, read = layer.neurons[ordinal].vector, rules.read(items)
    match = rules.matched(vector, read)
    return [(p, -1 if match[p] else read[p][0], read[p][1]) for p in range(len(vector)) if vector[p] != read[p]]


def read_text(episodes: Sequence[Sequence[Item]], layers: int, rules: Rules, known: Sequence[Neuron] = ()) -> list[Layer]:
    """All layers 1 to ``layers``, each reading what the one below passes up; layer 1 knows some neurons already."""
    stack = [Layer(number) for number in range(1, layers + 1)]
    stack[0].neurons += known
    for number, episode in enumerate(episodes):
        items = list(episode)
        for layer in stack:
            items = read_episode(layer, rules, items, number)
    return stack

"""Large graphs of synapses made by rule, for mappers: a topic DAG, a small world on a ring, a feed-forward net.

``topics``: a layered graph as neurosemantic networks grow it, seven layers above one of symbols (at most 100). Every neuron reads 1 to 8
neurons of the layer below it; popularity there follows Zipf's law with exponent 1. From the second layer up 85 % of what a neuron reads has
its own topic (one of n / 250). What is popular is also busy. Ids follow the layers.

``small-world``: a ring on which every neuron reaches the 16 nearest, 10 % of the synapses sent to a random neuron instead (Watts and
Strogatz, 1998); ids are shuffled.

``feed-forward``: ten layers of S x S neurons, each of which reaches a field of 5 x 5 in the next layer; ids in grid order.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.errors import UsageError

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

LEAST, MOST = 1_000, 20_000_000
"""Neurons that a graph may have; the rules make no sense below, and arrays outgrow a machine above."""

_SYMBOLS = 100
_SHARES = (0.01, 0.03, 0.08, 0.16, 0.24, 0.28)
"""Of the neurons, in layers 1 to 6 of ``topics``; layer 0 holds the symbols and layer 7 the rest."""

_READS = 8
_PER_TOPIC = 250
_OWN_TOPIC = 0.85
_SYMBOL_SPIKES = 40.0
"""Mean spikes of a symbol; a neuron of layer l has 1 / (l + 1) of that."""

_BUSIEST = 5_000.0

_FAN_OUT = 16
_REWIRED = 0.1
_BLOCK = 1 << 17
"""Rows made at once; part of the rule, since draws go block by block."""

_LAYERS = 10
_REACH = 2
_TYPICAL_SPIKES = 12.0


@dataclass(frozen=True, slots=True)
class Graph:
    """Synapses of spiking neurons.

    Attributes:
        indptr: int64[n + 1], where the targets of each neuron begin.
        targets: int32[synapses], ascending within a neuron, none twice, no neuron onto itself.
        spikes: int64[n], spikes that each neuron emits in the window; at least 1.
    """

    indptr: Ints
    targets: Words
    spikes: Ints

    def __len__(self) -> int:
        return len(self.spikes)


def generate_graph(kind: str, neurons: int, seed: int) -> Graph:
    """Make a graph.

    Args:
        kind: a key of ``KINDS``.
        neurons: how many, ``LEAST`` to ``MOST``; ``feed-forward`` takes the largest 10 x S x S that is not above.
        seed: 0 or more; the same seed gives the same graph.

    Raises:
        UsageError: the kind is not known, or a number is out of range.
    """
    if kind not in KINDS:
        close = difflib.get_close_matches(kind, KINDS, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(f"graph: {kind!r} is not known; allowed: {', '.join(KINDS)}{hint}")
    if not LEAST <= neurons <= MOST:
        raise UsageError(f"graph {kind}: {neurons} neurons; allowed: {LEAST} to {MOST}, e.g. {kind}:100000")
    if seed < 0:
        raise UsageError(f"graph {kind}: seed {seed}; allowed: 0 or more")
    return KINDS[kind](neurons, np.random.default_rng(seed))


def read_rule(text: str) -> tuple[str, int, int] | None:
    """Kind, neurons and seed of ``KIND:NEURONS`` or ``KIND:NEURONS:SEED`` (seed 1 if not said); None where no kind is named.

    Raises:
        UsageError: a kind is named, but what follows it is not whole numbers.
    """
    kind, *numbers = text.split(":")
    if kind not in KINDS:
        return None
    if len(numbers) not in (1, 2) or not all(number.isascii() and number.isdigit() for number in numbers):
        raise UsageError(f"graph: {text!r} is not KIND:NEURONS or KIND:NEURONS:SEED with whole numbers, e.g. {kind}:100000:1")
    return kind, int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else 1


def _topics(neurons: int, rng: np.random.Generator) -> Graph:
    symbols = min(_SYMBOLS, neurons // 100)
    sizes = [symbols, *(int(share * neurons) for share in _SHARES)]
    sizes.append(neurons - sum(sizes))
    topics = max(1, neurons // _PER_TOPIC)
    first = 0
    spikes, indptr, targets = [], [np.zeros(1, np.int64)], []
    below_weight: npt.NDArray[np.float64] = np.zeros(0)
    below_topic = np.zeros(0, np.int64)
    for layer, size in enumerate(sizes):
        weight = np.asarray(1.0 / (1.0 + rng.permutation(size)), np.float64)
        mean = size * _SYMBOL_SPIKES / (layer + 1) / weight.sum()
        spikes.append(1 + rng.poisson(np.minimum(_BUSIEST, mean * weight)).astype(np.int64))
        topic = rng.integers(0, topics, size)
        if layer:
            below = len(below_weight)
            reader, read = _reads(below_weight, below_topic, topic, topics if layer >= 2 else 0, rng)
            key = np.unique(read * size + reader)
            indptr.append(int(indptr[-1][-1]) + np.cumsum(np.bincount(key // size, minlength=below)))
            targets.append((first + key % size).astype(np.int32))
        first += size
        below_weight, below_topic = weight, topic
    indptr.append(np.full(sizes[-1], indptr[-1][-1]))
    return Graph(np.concatenate(indptr), np.concatenate(targets), np.concatenate(spikes))


def _reads(
    weight: npt.NDArray[np.float64], below_topic: Ints, topic: Ints, topics: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Readers and what they read in the layer below, some pairs twice; without topics everybody reads what is popular."""
    reader = np.repeat(np.arange(len(topic)), rng.integers(1, _READS + 1, len(topic)))
    order = np.argsort(below_topic, kind="stable")
    up_to = np.concatenate(([0.0], np.cumsum(weight[order])))
    low, high = np.zeros(len(reader)), np.full(len(reader), up_to[-1])
    if topics:
        bounds = up_to[np.searchsorted(below_topic[order], np.arange(topics + 1))]
        of_reader = topic[reader]
        # a topic that nobody below has is read from everybody
        own = (rng.random(len(reader)) < _OWN_TOPIC) & (bounds[of_reader + 1] > bounds[of_reader])
        low, high = np.where(own, bounds[of_reader], low), np.where(own, bounds[of_reader + 1], high)
    place = np.searchsorted(up_to, low + rng.random(len(reader)) * (high - low), side="right") - 1
    return reader, order[np.minimum(place, len(order) - 1)]


def _small_world(neurons: int, rng: np.random.Generator) -> Graph:
    of_place = rng.permutation(neurons)
    place = np.argsort(of_place)
    half = _FAN_OUT // 2
    steps = np.concatenate((np.arange(-half, 0), np.arange(1, half + 1)))
    counts, targets = [], []
    for begin in range(0, neurons, _BLOCK):
        ids = np.arange(begin, min(begin + _BLOCK, neurons))
        reached = of_place[(place[ids, None] + steps) % neurons]
        rewired = rng.random(reached.shape) < _REWIRED
        reached[rewired] = rng.integers(0, neurons, int(rewired.sum()))
        reached.sort(axis=1)
        kept = reached != ids[:, None]
        kept[:, 1:] &= reached[:, 1:] != reached[:, :-1]
        counts.append(kept.sum(axis=1))
        targets.append(reached[kept].astype(np.int32))
    return Graph(_starts(np.concatenate(counts)), np.concatenate(targets), _spikes(neurons, rng))


def _feed_forward(neurons: int, rng: np.random.Generator) -> Graph:
    side = math.isqrt(neurons // _LAYERS)
    steps = np.arange(-_REACH, _REACH + 1)
    layer = side * side
    field_y, field_x = (step.ravel() for step in np.meshgrid(steps, steps, indexing="ij"))
    counts, targets = [], []
    for begin in range(0, layer, _BLOCK):
        at = np.arange(begin, min(begin + _BLOCK, layer))
        y, x = at[:, None] // side + field_y, at[:, None] % side + field_x
        inside = (y >= 0) & (y < side) & (x >= 0) & (x < side)
        counts.append(inside.sum(axis=1))
        targets.append((y * side + x)[inside].astype(np.int32))
    field = np.concatenate(targets)
    count = np.concatenate([*counts * (_LAYERS - 1), np.zeros(layer, np.int64)])
    shifted = np.concatenate([field + np.int32(k * layer) for k in range(1, _LAYERS)])
    return Graph(_starts(count), shifted, _spikes(layer * _LAYERS, rng))


def _spikes(neurons: int, rng: np.random.Generator) -> Ints:
    """Rates of cortical neurons are about lognormal (Buzsaki and Mizuseki, 2014)."""
    return np.maximum(1, np.rint(rng.lognormal(math.log(_TYPICAL_SPIKES), 1.0, neurons))).astype(np.int64)


def _starts(counts: Ints) -> Ints:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))


KINDS: dict[str, Callable[[int, np.random.Generator], Graph]] = {
    "topics": _topics,
    "small-world": _small_world,
    "feed-forward": _feed_forward,
}
"""Rules by name."""

"""Sleep: the episodes that a network stores are read again, layer by layer, and held in fewer pairs and entries.

The rules are in ``docs/nsn.md``. Only what is stored is read: the episodes come from replay. What becomes of the network depends on its
episodes alone; of the old vectors, those that come up again keep their ordinals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from chipsim.ids import UNSTORED, neuron_id
from chipsim.network.nsn import EpisodeRecord, NsnState
from chipsim.network.rules import COVER, PASS, NsnRules
from workloads.nsn.layer_sleep import Ints, Items, Reading, SleepingLayer, classes_of, fall_asleep, gaps_of
from workloads.nsn.replay import items_of

Pairs = tuple[tuple[int, int], ...]

LEAST = 2
"""The lowest threshold with which most is saved, counted in elements."""


@dataclass(frozen=True, slots=True)
class Slept:
    """What a sleep has done.

    Attributes:
        state: the network after it.
        elements_before, elements_after: what it stored (``NsnState.elements``).
        passes: how often what was read was counted.
        read: items that were read, over all layers and readings.
        digrams: different digrams that one pass counted, at most.
    """

    state: NsnState
    elements_before: int
    elements_after: int
    passes: int
    read: int
    digrams: int


@dataclass(frozen=True, slots=True)
class _Neuron:
    pairs: Pairs
    count: int
    first: int
    last: int


def sleep(state: NsnState, rules: NsnRules, least: int = LEAST) -> Slept:
    """Compact a network.

    Args:
        state: between two episodes. Episodes of which something was left unstored are kept as that alone.
        rules: how it reads. Sleep itself matches in every pair and stores nothing at first sight.
        least: the lowest threshold, at least 2: how often two units have to occur together to become a vector.

    Raises:
        ValueError: an episode has begun and not ended, there are recursive networks, or the lowest threshold is below 2.
        ReplayError: memory is damaged.
    """
    if not state.between_episodes():
        raise ValueError("a network sleeps between two episodes; one has begun and not ended")
    if state.networks:
        raise ValueError("a network with recursive networks does not sleep: their vectors would name neurons that it frees")
    if least < 2:
        raise ValueError(f"lowest threshold {least}; allowed: 2 and more")
    base = first_asleep(rules)
    stored = [number for number, record in enumerate(state.records) if record.replayable]
    items = stored_items(state, rules, stored, base)
    layers: list[dict[int, _Neuron]] = []
    given = state.ordinals_given().copy()
    passes = list(_passes(items, rules, least, base))
    read = digrams = 0
    for number in range(base, rules.layers + 1):
        layer = fall_asleep(items, rules)
        for threshold in (t for of, t in passes if of == number):
            counts = layer.count(layer.read())
            layer.grow(counts, threshold)
            read, digrams = read + len(items.id), max(digrams, len(counts))
        reading, readings = _keep_used(layer)
        read += readings * len(items.id)
        ordinals = _ordinals(layer, _old_vectors(state, number), int(given[number]))
        given[number] = max(given[number], *(1 + ordinal for ordinal in ordinals.values()), 0)
        layers.append(_history(layer, reading, items, ordinals))
        items = _fired(layer, reading, items, {unit: neuron_id(number, ordinal) for unit, ordinal in ordinals.items()})
    after = _with_layers(state, layers, base, given)
    after = _with_records(after, rules, stored, items)
    return Slept(after, state.elements(), after.elements(), len(passes), read, digrams)


def first_asleep(rules: NsnRules) -> int:
    """The first layer that sleeps, L + 1 if none does."""
    return next((layer for layer, how in enumerate(rules.reading) if how in (COVER, PASS)), rules.layers + 1)


def thresholds(commonest: int, least: int = LEAST) -> list[int]:
    """Thresholds of the passes, each five sevenths of the one before, until the least is reached; none if nothing occurs as often."""
    found = [commonest] if commonest >= least else []
    while found and found[-1] > least:
        found.append(max(least, 5 * found[-1] // 7))
    return found


def _passes(items: Items, rules: NsnRules, least: int, base: int) -> Iterator[tuple[int, int]]:
    """Layer and threshold of each pass."""
    if base > rules.layers:
        return
    layer = fall_asleep(items, rules)
    found = thresholds(max(layer.count(layer.read()).values(), default=0), least)
    for number, threshold in enumerate(found):
        yield base + (rules.layers + 1 - base) * number // len(found), threshold


def _keep_used(layer: SleepingLayer) -> tuple[Reading, int]:
    """Free neurons that do not fire twice, until all do: the last reading, and how many there were."""
    readings = 0
    while True:
        reading = layer.read()
        readings += 1
        uses = reading.uses()
        freed = [number for number in layer.vectors if uses[number] < 2]
        if not freed:
            return reading, readings
        layer.free(freed)


def stored_items(state: NsnState, rules: NsnRules, stored: Sequence[int], base: int) -> Items:
    """What a layer reads of some stored episodes. Raises ReplayError like `items_of`."""
    found = []
    begins = []
    for episode in stored:
        items = items_of(state, rules, episode, base)
        begins += [True, *[False] * (len(items) - 1)]
        found += items
    table = np.array(found, np.int64).reshape(-1, 2)
    return Items(table[:, 0].copy(), table[:, 1], table[:, 1], np.array(begins, np.bool_))


def _old_vectors(state: NsnState, number: int) -> dict[Pairs, int]:
    """Ordinals of a layer's neurons, by their vectors."""
    low, high = np.searchsorted(state.layer, (number, number + 1)).tolist()
    start = state.pair_start[low : high + 1].tolist()
    pairs = list(zip(state.pair_id.tolist(), state.pair_interval.tolist(), strict=True))
    ordinals = state.ordinal[low:high].tolist()
    return {tuple(pairs[start[n] : start[n + 1]]): ordinal for n, ordinal in enumerate(ordinals)}


def _ordinals(layer: SleepingLayer, old: dict[Pairs, int], following: int) -> dict[int, int]:
    """Ordinal of each neuron by its number: its old one, or the next of the layer, in the order in which they were made."""
    found = {}
    for number in layer.vectors:
        ordinal = old.get(layer.vector(number), -1)
        if ordinal < 0:
            ordinal, following = following, following + 1
        found[number] = ordinal
    return found


def _history(layer: SleepingLayer, reading: Reading, items: Items, ordinals: dict[int, int]) -> dict[int, _Neuron]:
    """Vectors of a layer, counts and times as the last reading has them, by ordinal in ascending order."""
    time = items.end.tolist()
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for unit, start in zip(reading.units, reading.starts, strict=True):
        if unit >= 0:
            last[unit] = time[start + len(layer.vectors[unit]) - 1]
            first.setdefault(unit, last[unit])
    uses = reading.uses()
    numbers = sorted(ordinals, key=ordinals.__getitem__)
    return {ordinals[n]: _Neuron(layer.vector(n), uses[n], first[n], last[n]) for n in numbers}


def _fired(layer: SleepingLayer, reading: Reading, items: Items, ids: dict[int, int]) -> Items:
    """What the layer above reads."""
    starts = np.array(reading.starts, np.int64)
    pairs = np.array([len(layer.vectors[unit]) if unit >= 0 else 1 for unit in reading.units], np.int64)
    fired = [ids[unit] if unit >= 0 else layer.pairs[~unit][0] for unit in reading.units]
    return Items(np.array(fired, np.int64), items.start[starts], items.end[starts + pairs - 1], items.begins[starts])


def _with_layers(state: NsnState, layers: list[dict[int, _Neuron]], base: int, given: Ints) -> NsnState:
    """The network with the layers that slept, the others as they were."""
    awake = int(np.searchsorted(state.layer, base))
    neurons = [neuron for layer in layers for neuron in layer.values()]
    pairs = np.array([pair for neuron in neurons for pair in neuron.pairs], np.int64).reshape(-1, 2)
    history = np.array([(n.count, n.first, n.last) for n in neurons], np.int64).reshape(-1, 3)
    kept = int(state.pair_start[awake])
    ends = kept + np.cumsum([len(neuron.pairs) for neuron in neurons], dtype=np.int64)

    def joined(old: Ints, new: Ints) -> Ints:
        return np.concatenate((old[:awake], new))

    return replace(
        state,
        layer=joined(state.layer, np.repeat(np.arange(base, base + len(layers)), [len(layer) for layer in layers])),
        ordinal=joined(state.ordinal, np.array([ordinal for layer in layers for ordinal in layer], np.int64)),
        pair_start=np.concatenate((state.pair_start[: awake + 1], ends)),
        pair_id=np.concatenate((state.pair_id[:kept], pairs[:, 0])),
        pair_interval=np.concatenate((state.pair_interval[:kept], pairs[:, 1])),
        count=joined(state.count, history[:, 0]),
        first=joined(state.first, history[:, 1]),
        last=joined(state.last, history[:, 2]),
        substitutions=np.zeros((0, 6), np.int64),
        given=given,
    )


def _with_records(state: NsnState, rules: NsnRules, stored: list[int], items: Items) -> NsnState:
    """The network with what the last layer fired as its records; of episodes that cannot be replayed nothing but that is kept."""
    classes = classes_of(gaps_of(items, rules), rules).tolist()
    ids, times = items.id.tolist(), (items.start if rules.gaps >= 0 else items.end).tolist()
    bounds = [*np.flatnonzero(items.begins).tolist(), len(ids)]
    records = [EpisodeRecord((UNSTORED,), (0,), record.time, True) for record in state.records]
    for episode, low, high in zip(stored, bounds, bounds[1:], strict=False):
        records[episode] = EpisodeRecord(tuple(ids[low:high]), tuple(classes[low:high]), times[low], True)
    if len(stored) == len(records):
        return replace(state, records=tuple(records))
    ends = state.residual_ends.tolist()
    lists = [state.residuals[low:high] for low, high in zip([0, *ends], ends, strict=False)]
    lists = [one if episode in set(stored) else one[:0] for episode, one in enumerate(lists)]
    return replace(
        state,
        records=tuple(records),
        residuals=np.concatenate((np.zeros(0, np.int64), *lists)),
        residual_ends=np.cumsum([len(one) for one in lists], dtype=np.int64),
    )

"""Replay: from a stored network and its episode records alone back to the input, character by character, time by time.

Exact intervals are in the vectors. The others run from the end of an item to the start of the next one, and a vector has their classes; what
those leave out stands in one list per episode, in the order of the gaps, whichever layer joins what they part.

Nothing else is read, and nothing is emitted that is not stored (NG4, NG10): an episode is its top ids, each expands to the pairs of its
vector, and so on down to layer 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chipsim.ids import Chain, Link, layer_of, neuron_id, ordinal_of
from chipsim.network.nsn import EpisodeRecord, NsnState
from chipsim.network.rules import NsnRules

Leaves = list[tuple[int, int]]
"""Items of layer 0: raw code, event time."""

Found = list[tuple[int, int]]
"""Neurons of the lowest layers, by id, and the event times at which they fired."""

CLASS_ALONE = -1
"""In place of an id: a substitution of the interval class alone."""


class ReplayError(ValueError):
    """What is stored cannot be replayed: an episode is incomplete, partly unstored, or memory is damaged."""


class _Expansion:
    """One pass over one episode, down to neurons of layers below ``base``; residuals are taken in the order of the gaps."""

    def __init__(self, state: NsnState, rules: NsnRules, episode: int, base: int) -> None:
        self._below = neuron_id(base, 0)
        self._pairs = (state.pair_id, state.pair_interval)
        self._start = state.pair_start
        self._first = [0, *state.neurons_per_layer().cumsum().tolist()]
        self._ordinals = [state.ordinal[low:high] for low, high in pairwise(self._first)]
        self._rules = rules
        ends = state.residual_ends
        # a root whose memory was full has fewer ends, and then no residuals of later episodes either
        begin = int(ends[min(episode, len(ends)) - 1]) if episode and len(ends) else 0
        self._residuals = iter(state.residuals[begin:].tolist())
        self._fired = [0] * (state.layers + 1)
        self._substituted: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        rows = state.substitutions
        for layer, _, occurrence, *substitution in rows[rows[:, 1] == episode].tolist():
            self._substituted.setdefault((layer, occurrence), []).append(tuple(substitution))

    def all(self, record: EpisodeRecord) -> Found:
        """What a record stands for."""
        above, found = self._rules.layers + 1, list[tuple[int, int]]()
        if self._rules.gaps < 0:
            for item, time in zip(record.top, record.times, strict=True):
                found += self._backwards(item, time, above)
            return found
        time = record.time
        for place, (item, interval) in enumerate(zip(record.top, record.classes, strict=True)):
            if place:
                time += self._floor(above, interval) + self._residual()
            time = self._forwards(item, time, above, found)
        return found

    def chains(self, record: EpisodeRecord) -> list[Chain]:
        """Of everything that a record stands for, the neurons from there up to the record."""
        found: list[Chain] = []
        for entry, item in enumerate(record.top):
            self._climb(item, self._rules.layers + 1, entry, None, (), found)
        return found

    def _climb(self, item: int, above: int, position: int, instead: int | None, upper: Chain, found: list[Chain]) -> None:
        """Ways of what an item stands for, which a pair of a vector of layer ``above`` names, or another in whose place it stood."""
        row = self._row(item, above)
        chain = (Link(item, position, instead), *upper)
        if item < self._below:
            found.append(chain)
            return
        stored = self._pairs[0][int(self._start[row]) : int(self._start[row + 1])].tolist()
        layer, ids, _ = self._vector(item, above)
        for place, (lower, own) in enumerate(zip(ids, stored, strict=True)):
            self._climb(lower, layer, place, own if own != lower else None, chain, found)

    def _vector(self, item: int, above: int) -> tuple[int, list[int], list[int]]:
        """Layer, ids and interval classes of what the next neuron of a layer to be expanded stood for."""
        layer, row = layer_of(item), self._row(item, above)
        low, high = int(self._start[row]), int(self._start[row + 1])
        ids, classes = self._pairs[0][low:high].tolist(), self._pairs[1][low:high].tolist()
        if layer:
            self._substitute(layer, ids, classes)
        return layer, ids, classes

    def _row(self, item: int, above: int) -> int:
        """Where the neuron stands in the state that a vector of layer ``above`` names."""
        layer, ordinal = layer_of(item), ordinal_of(item)
        if 0 <= layer < above:
            ordinals = self._ordinals[layer]
            place = ordinal if ordinal < len(ordinals) and ordinals[ordinal] == ordinal else int(ordinals.searchsorted(ordinal))
            if place < len(ordinals) and ordinals[place] == ordinal:
                return self._first[layer] + place
        raise ReplayError(f"damaged memory: a vector of layer {above} names id {item}, which no neuron below it has")

    def _backwards(self, item: int, time: int, above: int) -> Iterator[tuple[int, int]]:
        """Items of one that ended at a time and belongs to a vector of layer ``above``: exact intervals from end to end."""
        if item < self._below:
            self._row(item, above)
            yield item, time
            return
        layer, ids, classes = self._vector(item, above)
        at = time - sum(classes[1:])
        for place, (lower, interval) in enumerate(zip(ids, classes, strict=True)):
            at += interval if place else 0
            yield from self._backwards(lower, at, layer)

    def _forwards(self, item: int, time: int, above: int, found: Found) -> int:
        """Items of one that starts at a time; the time at which it ends."""
        if item < self._below:
            self._row(item, above)
            found.append((item, time))
            return time
        layer, ids, classes = self._vector(item, above)
        timed = layer >= self._rules.gaps  # within an event all is simultaneous
        for place, (lower, interval) in enumerate(zip(ids, classes, strict=True)):
            if place and timed:
                time += self._floor(layer, interval) + self._residual()
            time = self._forwards(lower, time, layer, found)
        return time

    def _floor(self, layer: int, interval: int) -> int:
        if not 0 <= interval < 64:
            raise ReplayError(f"damaged memory: layer {layer} has an interval of class {interval}, and there is none")
        return ((1 << interval) - 1) * self._rules.unit

    def _residual(self) -> int:
        residual: int | None = next(self._residuals, None)
        if residual is None:
            raise ReplayError("damaged memory: there are more gaps than residuals")
        return residual

    def _substitute(self, layer: int, ids: list[int], classes: list[int]) -> None:
        """Put in place of a vector's pairs what the neuron stood for when it fired here."""
        occurrence = self._fired[layer]
        self._fired[layer] += 1
        for position, lower, cls in self._substituted.get((layer, occurrence), ()):
            if not 0 < position < len(ids):
                raise ReplayError(
                    f"damaged memory: a substitution at pair {position} of a vector of {len(ids)} on layer {layer}"
                )
            ids[position] = ids[position] if lower == CLASS_ALONE else lower
            classes[position] = cls


def replay_episode(state: NsnState, rules: NsnRules, episode: int) -> Leaves:
    """Layer-0 items (raw code, event time) of one stored episode.

    Raises:
        ReplayError: the episode is not complete, something of it was left unstored, or memory is damaged.
    """
    found = items_of(state, rules, episode, 1)
    codes = state.pair_id[[ordinal_of(item) for item, _ in found]].tolist()  # a layer-0 neuron's one pair is its raw code
    return list(zip(codes, (time for _, time in found), strict=True))


def chains_of(state: NsnState, rules: NsnRules, episode: int) -> list[Chain]:
    """Of each layer-0 item of one stored episode, the neurons from which it came, up to the episode's record.

    Raises:
        ReplayError: the episode is not complete, something of it was left unstored, or memory is damaged.
    """
    return _Expansion(state, rules, episode, 1).chains(_whole(state, episode))


def items_of(state: NsnState, rules: NsnRules, episode: int, base: int) -> Found:
    """What a layer read of one stored episode.

    Args:
        state: the stored network.
        rules: by which it was written.
        episode: number of its record.
        base: the layer, which may name any neuron below it; all of those stand for one event time.

    Raises:
        ReplayError: the episode is not complete, something of it was left unstored, or memory is damaged.
    """
    return _Expansion(state, rules, episode, base).all(_whole(state, episode))


def _whole(state: NsnState, episode: int) -> EpisodeRecord:
    record = state.records[episode]
    if not record.replayable:
        raise ReplayError(
            f"episode {episode} cannot be replayed: " + ("incomplete" if not record.complete else "partly unstored")
        )
    return record


def replay(state: NsnState, rules: NsnRules) -> Leaves:
    """Layer-0 items of all complete, replayable episodes, in order.

    Raises:
        ReplayError: memory is damaged.
    """
    return [
        leaf
        for number, record in enumerate(state.records)
        if record.replayable
        for leaf in replay_episode(state, rules, number)
    ]

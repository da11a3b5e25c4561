"""A neurosemantic network at rest: stored neurons, episode records and the items not decided yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from chipsim.ids import LAYER_SHIFT, UNSTORED
from chipsim.network.rules import NO_TIME

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Items that a layer has received but not decided, oldest first (state between two events).

    Attributes:
        id, time, flags, needed: int64[items]; ``needed`` is the last input item that was consulted to decide the item.
        start: int64[items], event time of the first thing that the item stands for; ``time`` is that of the last.
        number: number of the first of them in the layer's input stream; equals the items consumed so far.
        before: of the layer that keeps residuals (``NsnRules.gaps``), event time of the last item that was decided if its episode goes on;
            else ``NO_TIME``.
        fired: neurons that the layer fired so far in the episode that is not over.
    """

    id: Ints
    time: Ints
    flags: Ints
    needed: Ints
    start: Ints
    number: int
    before: int = NO_TIME
    fired: int = 0


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """What is kept of an episode.

    Attributes:
        top: ids fired by the last layer, in order.
        classes: class of the interval before each of them, 0 for the first.
        time: event time at which the first of them ends where intervals are exact, else that at which it starts.
        complete: the episode has ended.
    """

    top: tuple[int, ...]
    classes: tuple[int, ...]
    time: int
    complete: bool

    @property
    def times(self) -> tuple[int, ...]:
        """The time and the classes added up: where intervals are exact, the event times at which the entries end."""
        return tuple(accumulate(self.classes, initial=self.time))[1:]

    @property
    def replayable(self) -> bool:
        """Nothing of the episode was left unstored."""
        return self.complete and UNSTORED not in self.top


@dataclass(frozen=True, slots=True)
class NsnState:
    """A stored network between two input items; neurons are sorted by (layer, ordinal).

    Attributes:
        layers: number of pattern layers L; neurons live on layers 0..L, and on those of recursive networks.
        networks: recursive networks of each layer from 1 up. With any, what is told per layer is told by number: 0..L, the record keeper's
            L + 1, of which there is nothing, then the networks' (``rules.NsnRules.network``).
        layer, ordinal: int64[neurons].
        pair_start: int64[neurons + 1], CSR into the pairs.
        pair_id: int64[pairs], id of the lower neuron (``chipsim.ids``); on layer 0 the raw symbol code.
        pair_interval: int64[pairs], interval class, 0 for the first pair of a vector.
        count, first, last: int64[neurons], activations so far and event time of the first and last one.
        decided: int64[L + 1], segments decided so far per layer.
        open_items: per layer 0..L the undecided items (layer 0 has none).
        records: episode records so far, the last one possibly incomplete.
        before: event time at which the last entry of a record that is not complete ends, ``NO_TIME`` if there is none.
        residuals: int64[gaps], ``gap - lower bound of its class`` of every gap between neighbouring items of an episode, of the first layer
            that reads with intervals (``NsnRules.gaps``), whichever layer joins the two; empty where intervals are exact.
        residual_ends: int64[episodes], length of ``residuals`` at the end of each episode that this layer has finished; likewise.
        ended: int64[L + 1], episodes that each layer has finished.
        unstored: int64[L + 1], novelties that found no slot.
        substitutions: int64[rows, 6], where a winner stands for what it does not match in every pair: layer, episode, occurrence in the
            episode (neurons of the layer that fired before it), position, and id and class as they were; sorted.
        given: int64[L + 1], ordinals that each layer has given, those of neurons that were freed too; empty where none was.
        expected: int64[rows, 3], what recursive networks expected and nobody heeded yet: number of the network, number of the output that it
            had read, and the id, -1 for none.
    """

    layers: int
    layer: Ints
    ordinal: Ints
    pair_start: Ints
    pair_id: Ints
    pair_interval: Ints
    count: Ints
    first: Ints
    last: Ints
    decided: Ints
    open_items: tuple[OpenItems, ...]
    records: tuple[EpisodeRecord, ...]
    residuals: Ints
    residual_ends: Ints
    ended: Ints
    unstored: Ints
    before: int = NO_TIME
    substitutions: Ints = field(default_factory=lambda: np.zeros((0, 6), np.int64))
    given: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    networks: int = 0
    expected: Ints = field(default_factory=lambda: np.zeros((0, 3), np.int64))

    @property
    def numbers(self) -> int:
        """Layers by number: L + 1, or one more than the highest number of a recursive network."""
        return self.layers + 1 + (1 + self.layers * self.networks if self.networks else 0)

    def __len__(self) -> int:
        return len(self.layer)

    def neurons_per_layer(self) -> Ints:
        """int64[numbers], neurons stored on each layer."""
        return np.bincount(self.layer, minlength=self.numbers).astype(np.int64)

    def ids(self) -> Ints:
        """int64[neurons], ids (``chipsim.ids``), ascending."""
        return (self.layer << LAYER_SHIFT) | self.ordinal

    def ordinals_given(self) -> Ints:
        """int64[numbers], ordinals that each layer has given: the next one of each."""
        return self.given if len(self.given) else self.neurons_per_layer()

    def between_episodes(self) -> bool:
        """Whether every episode that has begun has ended on all layers."""
        return not any(len(one.id) for one in self.open_items) and all(record.complete for record in self.records)

    def elements(self) -> int:
        """What is stored, in words of an id with a class: pairs of pattern layers, entries of records, and of substitutions two words each,
        one where only the class is another.
        """
        patterns = (self.layer > 0) & (self.layer <= self.layers)
        pairs = int(np.diff(self.pair_start)[patterns].sum())
        words = 2 * len(self.substitutions) - int((self.substitutions[:, 4] < 0).sum())
        return pairs + sum(len(record.top) for record in self.records) + words

"""Replay: from a stored network and its episode records alone back to the input, character by character, time by time.

Nothing else is read, and nothing is emitted that is not stored (NG4, NG10): an episode is its top ids, each expands to the pairs of its
vector, and so on down to layer 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from chipsim.ids import layer_of, ordinal_of
from chipsim.network.nsn import NsnState
from chipsim.network.rules import COVER, EXACT, NsnRules


class ReplayError(ValueError):
    """What is stored cannot be replayed: an episode is incomplete, partly unstored, or memory is damaged."""


class _Expansion:
    """One pass over one episode; residuals of each layer are taken in the order of its segments."""

    def __init__(self, state: NsnState, rules: NsnRules, episode: int) -> None:
        self._pairs = (state.pair_id, state.pair_interval)
        self._start = state.pair_start
        self._first = [0, *state.neurons_per_layer().cumsum().tolist()]
        self._rules = rules
        ends = [e.tolist() for e in state.residual_ends]
        # a layer whose memory was full has fewer ends, and then no residuals of later episodes either
        begin = [e[min(episode, len(e)) - 1] if episode and e else 0 for e in ends]
        self._residuals = [iter(r[b:].tolist()) for r, b in zip(state.residuals, begin, strict=True)]

    def expand(self, item: int, time: int, above: int) -> Iterator[tuple[int, int]]:
        """Layer-0 items (raw code, event time) of one item that ended at a time and belongs to a vector of layer ``above``, in order."""
        layer = layer_of(item)
        if not 0 <= layer < above or ordinal_of(item) >= self._first[layer + 1] - self._first[layer]:
            raise ReplayError(f"damaged memory: a vector of layer {above} names id {item}, which no neuron below it has")
        row = self._first[layer] + ordinal_of(item)
        low, high = int(self._start[row]), int(self._start[row + 1])
        ids, classes = self._pairs[0][low:high].tolist(), self._pairs[1][low:high].tolist()
        if layer == 0:
            yield ids[0], time
            return
        intervals = [0, *(self._interval(layer, c) for c in classes[1:])]
        at = time - sum(intervals)
        for lower, interval in zip(ids, intervals, strict=True):
            at += interval
            yield from self.expand(lower, at, layer)

    def _interval(self, layer: int, interval_class: int) -> int:
        if self._rules.interval == EXACT or self._rules.reading[layer] != COVER:
            return interval_class  # within an event all is simultaneous: class 0 is interval 0
        residual = next(self._residuals[layer], None)
        if residual is None or not 0 <= interval_class < 64:
            raise ReplayError(f"damaged memory: interval class {interval_class} of layer {layer} has no residual")
        return ((1 << interval_class) - 1) * self._rules.unit + residual


def replay_episode(state: NsnState, rules: NsnRules, episode: int) -> list[tuple[int, int]]:
    """Layer-0 items (raw code, event time) of one stored episode.

    Raises:
        ReplayError: the episode is not complete, something of it was left unstored, or memory is damaged.
    """
    record = state.records[episode]
    if not record.replayable:
        raise ReplayError(
            f"episode {episode} cannot be replayed: " + ("incomplete" if not record.complete else "partly unstored")
        )
    expansion = _Expansion(state, rules, episode)
    return [
        leaf
        for item, time in zip(record.top, record.time, strict=True)
        for leaf in expansion.expand(item, time, state.layers + 1)
    ]


def replay(state: NsnState, rules: NsnRules) -> list[tuple[int, int]]:
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

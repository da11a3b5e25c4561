"""Networks of one pattern layer that are written down rather than learned, and texts to read with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chipsim.network import END_EPISODE, END_SEGMENT, NsnState, OpenItems, Stimulus
from tests.golden.naive_sum import Vector


@dataclass(frozen=True, slots=True)
class Planted:
    """A neuron of layer 1: pairs of symbol and class, activations so far, first event time."""

    vector: Vector
    count: int = 1
    first: int = 0


def network(symbols: int, neurons: Sequence[Planted]) -> NsnState:
    """A stored network: layer 0 holds the symbols 0, 1, ..., layer 1 the neurons, in order."""
    codes: list[Vector] = [((code, 0),) for code in range(symbols)]
    vectors = [*codes, *(n.vector for n in neurons)]
    pairs = np.array([pair for vector in vectors for pair in vector], np.int64).reshape(-1, 2)
    none, nothing = np.zeros(0, np.int64), np.zeros(2, np.int64)
    return NsnState(
        layers=1,
        layer=np.repeat([0, 1], [symbols, len(neurons)]),
        ordinal=np.concatenate([np.arange(symbols), np.arange(len(neurons))]),
        pair_start=np.cumsum([0, *map(len, vectors)]),
        pair_id=pairs[:, 0].copy(),
        pair_interval=pairs[:, 1].copy(),
        count=np.array([*[1] * symbols, *(n.count for n in neurons)], np.int64),
        first=np.array([*[0] * symbols, *(n.first for n in neurons)], np.int64),
        last=np.array([*[0] * symbols, *(n.first for n in neurons)], np.int64),
        decided=nothing,
        open_items=tuple(OpenItems(none, none, none, none, none, 0) for _ in range(2)),
        records=(),
        residuals=none,
        residual_ends=none,
        ended=nothing.copy(),
        unstored=nothing.copy(),
    )


def reading(episodes: Sequence[Vector]) -> Stimulus:
    """Episodes of symbols and intervals before them, one after the other in time."""
    code = np.array([symbol for episode in episodes for symbol, _ in episode], np.int64)
    gaps = np.array([gap for episode in episodes for _, gap in episode], np.int64)
    flags = np.full(len(code), END_SEGMENT, np.int64)
    flags[np.cumsum([len(episode) for episode in episodes]) - 1] |= END_EPISODE
    return Stimulus(code=code, time=1_000 + np.cumsum(gaps), flags=flags, event=np.arange(len(code)))

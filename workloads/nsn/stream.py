"""Input for a generated network: text made of what it stores, with some that it does not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.network import END_EPISODE, END_SEGMENT, NsnState, Stimulus
from chipsim.network.rules import MAX_EPISODE
from workloads.nsn.generate import Lattice, may_follow

Ints = npt.NDArray[np.int64]

_NOVEL_LAYERS = 3
"""New text is made of stored neurons of layers 1 to 3, in an order that is not stored."""

_NOVEL_CHARACTERS = 256
_TRIES = 64


def make_stream(state: NsnState, lattice: Lattice, events: int, novelty: float, seed: int) -> Stimulus:
    """Text that the network recognises on every layer, and new text in between.

    A known episode is one neuron of the last layer, spelt out; it is read as it is stored, so at least one neuron of each layer wins
    in it. A new episode is a row of neurons of lower layers.

    Args:
        state: a generated network.
        lattice: of the same network.
        events: characters at the least; the last episode is whole. 0 gives an empty stream.
        novelty: share of the characters in new episodes, 0 to 1 (not 1: the first episode is always a known one).
        seed: of what is chosen.
    """
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0])))
    codes = state.pair_id[: int(lattice.first[1])]
    episodes: list[Ints] = []
    known = new = 0
    while known + new < events:
        if episodes and new < novelty * (known + new):
            text = _spelt(lattice, _new_row(lattice, generator))[:MAX_EPISODE]
            new += len(text)
        else:
            top = int(generator.integers(lattice.first[-2], lattice.first[-1]))
            text = _spelt(lattice, np.array([top]))
            known += len(text)
        episodes.append(text)
    length = [len(text) for text in episodes]
    total = sum(length)
    flags = np.full(total, END_SEGMENT, np.int64)
    flags[np.cumsum(length, dtype=np.int64) - 1] |= END_EPISODE
    number = np.arange(total, dtype=np.int64)
    symbols = np.concatenate(episodes) if episodes else np.zeros(0, np.int64)
    return Stimulus(code=codes[symbols], time=number, flags=flags, event=number.copy(), unit="character")


def _new_row(lattice: Lattice, generator: np.random.Generator) -> Ints:
    """Neurons of one layer, drawn one after the other, each readable behind the one before."""
    layer = int(generator.integers(1, min(_NOVEL_LAYERS, len(lattice.first) - 3) + 1))
    low, high = int(lattice.first[layer]), int(lattice.first[layer + 1])
    row = [int(generator.integers(low, high))]
    characters = int(lattice.span[row[0]])
    while characters < _NOVEL_CHARACTERS:
        drawn = generator.integers(low, high, size=_TRIES)
        good = drawn[may_follow(lattice, layer, np.full(_TRIES, row[-1], np.int64), drawn)]
        row.append(int(good[0]) if len(good) else int(drawn[0]))
        characters += int(lattice.span[row[-1]])
    return np.array(row)


def _spelt(lattice: Lattice, rows: Ints) -> Ints:
    """Symbols of neurons: every one is replaced by its vector until only symbols are left."""
    symbols = int(lattice.first[1])
    while (rows >= symbols).any():
        deep = rows >= symbols
        vector = np.full((len(rows), lattice.vector.shape[1]), -1, np.int64)
        vector[deep] = lattice.vector[rows[deep]]
        vector[~deep, 0] = rows[~deep]
        rows = vector[vector >= 0]
    return rows

"""Networks for tests: random layered ones, and Hypothesis strategies for them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from chipsim.ids import neuron_id
from chipsim.network import NsnState, OpenItems


def state_of(layers: int, vectors: list[list[list[tuple[int, int]]]], counts: list[list[int]] | None = None) -> NsnState:
    """A network from its vectors: ``vectors[layer][ordinal]`` is the list of (lower id or code, interval) pairs."""
    rows = [(layer, ordinal) for layer, group in enumerate(vectors) for ordinal in range(len(group))]
    pairs = [pair for group in vectors for vector in group for pair in vector]
    sizes = [len(vector) for group in vectors for vector in group]
    count = [c for group in counts for c in group] if counts else [1] * len(rows)
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    flat = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    none = np.zeros(0, dtype=np.int64)
    zeros = np.zeros(len(rows), dtype=np.int64)
    return NsnState(
        layers=layers,
        layer=table[:, 0].copy(),
        ordinal=table[:, 1].copy(),
        pair_start=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        pair_id=flat[:, 0].copy(),
        pair_interval=flat[:, 1].copy(),
        count=np.array(count, dtype=np.int64),
        first=zeros,
        last=zeros.copy(),
        decided=np.zeros(layers + 1, dtype=np.int64),
        open_items=tuple(OpenItems(none, none, none, none, none, 0) for _ in range(layers + 1)),
        records=(),
        residuals=none,
        residual_ends=none,
        ended=np.zeros(layers + 1, dtype=np.int64),
        unstored=np.zeros(layers + 1, dtype=np.int64),
    )


def random_state(seed: int, sizes: list[int], skew: float = 1.0) -> NsnState:
    """A random network of ``sizes[layer]`` neurons per layer, 2 to 8 pairs each, popular lower neurons named more often.

    One pair in ten names a neuron further down than the next layer, as left-over items do.
    """
    draw = np.random.Generator(np.random.PCG64(seed))
    vectors: list[list[list[tuple[int, int]]]] = [[[(97 + code, 0)] for code in range(sizes[0])]]
    counts = [draw.integers(1, 200, sizes[0]).tolist()]
    for layer in range(1, len(sizes)):
        group = []
        for _ in range(sizes[layer]):
            vector = []
            for position in range(int(draw.integers(2, 9))):
                below = layer - 1 if draw.random() < 0.9 or layer == 1 else int(draw.integers(0, layer - 1))
                if not sizes[below]:
                    below = 0
                popularity = 1.0 / np.arange(1, sizes[below] + 1) ** skew
                lower = int(draw.choice(sizes[below], p=popularity / popularity.sum()))
                vector.append((neuron_id(below, lower), 0 if position == 0 else int(draw.integers(1, 9))))
            group.append(vector)
        vectors.append(group)
        counts.append(draw.integers(1, 50, sizes[layer]).tolist())
    return state_of(len(sizes) - 1, vectors, counts)


@st.composite
def layered_states(draw: st.DrawFn, largest: int = 40) -> NsnState:
    """Networks of up to four pattern layers, some of them empty, now and then without any neuron at all."""
    symbols = draw(st.integers(0, largest))
    layers = draw(st.integers(1, 4))
    sizes = [symbols, *(draw(st.integers(0, largest)) if symbols else 0 for _ in range(layers))]
    return random_state(draw(st.integers(0, 2**32 - 1)), sizes, draw(st.sampled_from((0.0, 1.0, 2.0))))

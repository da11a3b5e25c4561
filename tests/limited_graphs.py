"""Networks with hard limits that can be kept: made around a partition that keeps them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph, build_hypergraph


@dataclass(frozen=True, slots=True)
class Case:
    """A network, its limits, and a partition that keeps them.

    Attributes:
        h: the network.
        caps: what a part can hold.
        parts: how many.
        planted: int32[n], the partition that the limits were taken from.
    """

    h: Hypergraph
    caps: Caps
    parts: int
    planted: npt.NDArray[np.int32]


def planted_case(
    seed: int,
    parts: int,
    neurons: int,
    free: int,
    slack: int | None,
    forwarding: bool = False,
    nets_per_vertex: float = 1.5,
    own_share: float = 0.8,
) -> Case:
    """Draw nets around a hidden partition and take the limits from what that takes.

    Hubs, empty nets, nets that their source reads, nets without a source or of one source, vertices in no net and weights of 0 all occur.

    Args:
        seed: of all that is drawn.
        parts: parts of the hidden partition.
        neurons: that a part may hold.
        free: slots of all parts together that stay empty; less than ``parts * neurons``.
        slack: added to the most axons (memory bits, entries) of a part of the hidden partition; None for no limit but neurons.
        forwarding: limit memory bits, with prices of axons and entries, and entries as well.
        nets_per_vertex: nets.
        own_share: of the pins of a net that lie in the part (or two parts) where most of its pins are.
    """
    rng = np.random.default_rng(seed)
    n = parts * neurons - free
    planted = rng.permutation(np.repeat(np.arange(parts), neurons))[:n].astype(np.int32)
    count = int(rng.integers(0, max(1, int(2 * nets_per_vertex * n)) + 1))
    pins, source = [], rng.integers(0, n, count)
    for e in range(count):
        size = int(rng.integers(n // 2, n + 1)) if rng.random() < 0.01 else int(rng.geometric(0.2)) - 1
        group = rng.integers(0, parts, 1 + int(rng.random() < 0.2))
        near = np.flatnonzero(np.isin(planted, group))
        chosen = np.where(rng.random(size) < own_share, rng.choice(near, size) if len(near) else 0, rng.integers(0, n, size))
        if rng.random() < 0.1:
            chosen = np.append(chosen, source[e])
        pins.append(np.unique(chosen))
    source[rng.random(count) < 0.1] = -1
    start = np.concatenate(([0], np.cumsum([len(some) for some in pins]))).astype(np.int64)
    flat = np.concatenate([np.zeros(0, np.int64), *pins]).astype(np.int32)
    h = build_hypergraph(n, start, flat, source.astype(np.int32), rng.integers(0, 9, count))
    own = rng.integers(0, 30, n) if forwarding else np.zeros(n, np.int64)
    prices = (int(rng.integers(0, 8)), int(rng.integers(0, 8))) if forwarding else (0, 0)
    axons, entries, bits = _most(h, own, prices, planted, parts)
    return Case(
        h=h,
        caps=Caps(
            neurons=neurons,
            own_bits=own,
            axons=NO_LIMIT if slack is None else axons + slack,
            bits=bits + (slack or 0) * max(1, prices[0]) if forwarding else NO_LIMIT,
            entries=entries + (slack or 0) if forwarding else NO_LIMIT,
            axon_bits=prices[0],
            forward_bits=prices[1],
        ),
        parts=parts,
        planted=planted,
    )


def _most(
    h: Hypergraph, own: npt.NDArray[np.int64], prices: tuple[int, int], part: npt.NDArray[np.int32], parts: int
) -> tuple[int, int, int]:
    """Most axons, entries and memory bits of a part, with sets."""
    axons, entries = [0] * parts, [0] * parts
    for e in range(h.edges):
        reached = set(part[h.pins[h.pin_start[e] : h.pin_start[e + 1]]].tolist())
        for p in reached:
            axons[p] += 1
        if h.source[e] >= 0:
            entries[part[h.source[e]]] += len(reached)
    bits = [int(own[part == p].sum()) + prices[0] * axons[p] + prices[1] * entries[p] for p in range(parts)]
    return max(axons), max(entries), max(bits)

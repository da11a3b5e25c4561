"""Sleep of ``docs/nsn.md`` once more, over lists of tuples: slow, every vector tried at every place; nothing of the golden model is used."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

Item = tuple[int, int, int]
"""(id, event time at which it starts, event time at which it ends)"""
Vector = tuple[tuple[int, int], ...]
ClassOf = Callable[[Item, Item], "int | None"]
"""Class of the interval between two items, None where nothing may join them."""
Unit = tuple[Vector, tuple[Item, ...]]
"""A vector, of one pair where an item stands alone, and the items that it covers."""


def vector_of(items: Sequence[Item], class_of: ClassOf) -> Vector | None:
    """Pairs of a run of items; None if nothing may join two of them."""
    classes = [class_of(a, b) for a, b in itertools.pairwise(items)]
    if None in classes:
        return None
    return ((items[0][0], 0), *((item[0], c) for item, c in zip(items[1:], classes, strict=True) if c is not None))


def cut(episode: Sequence[Item], vectors: Sequence[Vector], class_of: ClassOf) -> list[Unit]:
    """Units of an episode from left to right, each the longest vector that fits, or one item."""
    units, at = [], 0
    while at < len(episode):
        k = 1
        for size in range(2, min(8, len(episode) - at) + 1):
            if vector_of(episode[at : at + size], class_of) in vectors:
                k = size
        found = vector_of(episode[at : at + k], class_of)
        assert found is not None
        units.append((found, tuple(episode[at : at + k])))
        at += k
    return units


def often(read: Sequence[Sequence[Unit]], class_of: ClassOf) -> list[tuple[int, Vector]]:
    """Count and flat vector of each two neighbours with at most eight pairs, in the order in which vectors are made of them."""
    counts: dict[tuple[Vector, Vector, int], int] = {}
    for units in read:
        before = None
        for left, right in itertools.pairwise(units):
            between = class_of(left[1][-1], right[1][0])
            both = None if between is None or len(left[0]) + len(right[0]) > 8 else (left[0], right[0], between)
            if both is not None and both == before:
                both = None
            elif both is not None:
                counts[both] = counts.get(both, 0) + 1
            before = both
    places = list(counts)
    ordered = sorted(places, key=lambda both: (-counts[both], places.index(both)))
    return [(counts[both], (*both[0], (both[1][0][0], both[2]), *both[1][1:])) for both in ordered]


def sleep(
    episodes: Sequence[Sequence[Item]], layers: Sequence[int], class_of: ClassOf, least: int = 2
) -> tuple[dict[int, list[Vector]], list[list[Item]], dict[int, list[list[Unit]]]]:
    """Compact episodes on some layers.

    Returns:
        Vectors of each layer in the order in which they were made, items that the last layer fires, units of each layer's last reading.
        Ids of a layer are ``(layer << 40) + place of the vector in the list``.
    """
    counts = [count for count, _ in often([cut(e, (), class_of) for e in episodes], class_of)]
    steps = [max(counts)] if counts and max(counts) >= least else []
    while steps and steps[-1] > least:
        steps.append(max(least, 5 * steps[-1] // 7))
    made: dict[int, list[Vector]] = {}
    last: dict[int, list[list[Unit]]] = {}
    items = [list(episode) for episode in episodes]
    for index, layer in enumerate(layers):
        vectors: list[Vector] = []
        for step, threshold in enumerate(steps):
            if len(layers) * step // len(steps) == index:
                read = [cut(episode, vectors, class_of) for episode in items]
                new = dict.fromkeys(vector for count, vector in often(read, class_of) if count >= threshold)
                vectors += [vector for vector in new if vector not in vectors]
        while True:
            read = [cut(episode, vectors, class_of) for episode in items]
            fired = [unit[0] for units in read for unit in units]
            kept = [vector for vector in vectors if fired.count(vector) >= 2]
            if kept == vectors:
                break
            vectors = kept
        made[layer], last[layer] = vectors, read
        items = [
            [
                ((layer << 40) + vectors.index(vector) if vector in vectors else of[0][0], of[0][1], of[-1][2])
                for vector, of in units
            ]
            for units in read
        ]
    return made, items, last

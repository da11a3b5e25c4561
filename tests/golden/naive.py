"""The cover rule of ``docs/nsn.md`` once more, by exhaustive search over lists: slow, without a trie, without look-ahead tricks.

One layer at a time over whole episodes that are all there; nothing of the golden model or of the core programs is used.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Item = tuple[int, int, int]
"""(id, time to which the interval before it runs, time from which the interval behind it runs)"""
Vector = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Items [start, end) of one layer: what fires, and whether it is new."""

    start: int
    end: int
    fired: int
    new: bool


def log2_class(interval: int, unit: int) -> int:
    """floor(log2(1 + interval / unit)) by counting."""
    cls = 0
    while (1 << (cls + 1)) <= 1 + interval // unit:
        cls += 1
    return cls


def vector_of(items: Sequence[Item], class_of: Callable[[int], int]) -> Vector:
    """Pairs of a run of items: the first interval is 0, the others the class of the time since the item before."""
    intervals = [0, *(items[i][1] - items[i - 1][2] for i in range(1, len(items)))]
    return tuple((item[0], class_of(d) if i else 0) for i, (item, d) in enumerate(zip(items, intervals, strict=True)))


def best(vectors: Sequence[Vector], items: Sequence[Item], start: int, class_of: Callable[[int], int], max_gap: int) -> int:
    """Ordinal of the stored vector that covers most items from a start, -1 if none is complete: every vector is tried."""
    found = -1
    for ordinal, vector in enumerate(vectors):
        part = items[start : start + len(vector)]
        apart = max_gap and any(b[1] - a[2] > max_gap for a, b in itertools.pairwise(part))
        complete = len(part) == len(vector) and not apart and vector_of(part, class_of) == vector
        if complete and (found < 0 or len(vector) > len(vectors[found])):
            found = ordinal
    return found


def cover(
    vectors: list[Vector],
    items: Sequence[Item],
    layer: int,
    class_of: Callable[[int], int] = lambda d: d,
    max_gap: int = 0,
    *,
    passes: bool = False,
) -> list[Segment]:
    """Read one episode on a layer from left to right; new vectors are appended to ``vectors``, none if what is unknown ``passes``."""
    segments, start = [], 0
    while start < len(items):
        winner = best(vectors, items, start, class_of, max_gap)
        if winner >= 0:
            end, fired, new = start + len(vectors[winner]), (layer << 40) + winner, False
        else:
            end = start + 1
            while (
                not passes
                and end < len(items)
                and end - start < 8
                and not (max_gap and items[end][1] - items[end - 1][2] > max_gap)
                and best(vectors, items, end, class_of, max_gap) < 0
            ):
                end += 1
            new = end - start > 1
            fired = (layer << 40) + len(vectors) if new else items[start][0]
            if new:
                vectors.append(vector_of(items[start:end], class_of))
        segments.append(Segment(start, end, fired, new))
        start = end
    return segments


def read(
    episodes: Sequence[Sequence[Item]],
    layers: int,
    class_of: Callable[[int], int] = lambda d: d,
    max_gap: int = 0,
    to_start: bool = False,
    passes: bool = False,
) -> tuple[list[list[Vector]], list[list[Segment]]]:
    """A whole text on all layers: stored vectors per layer 1..L, and segments per layer, numbered over all episodes; intervals run to the
    start of the next item or to its end. With ``passes`` layers below the last are read by `pass`.
    """
    vectors: list[list[Vector]] = [[] for _ in range(layers)]
    found: list[list[Segment]] = [[] for _ in range(layers)]
    before = [0] * layers
    for episode in episodes:
        items = list(episode)
        for index in range(layers):
            segments = cover(vectors[index], items, index + 1, class_of, max_gap, passes=passes and index + 1 < layers)
            found[index] += [Segment(before[index] + s.start, before[index] + s.end, s.fired, s.new) for s in segments]
            before[index] += len(items)
            items = [(s.fired, items[s.start if to_start else s.end - 1][1], items[s.end - 1][2]) for s in segments]
    return vectors, found

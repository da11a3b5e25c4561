"""Time left of a series of sizes or loads: worked out from what its points took so far, and not said before that can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, log, log2
from typing import Any

_SHARED = ("load", "map")
"""Stages of a size that its rates share."""

_FLATTEST, _STEEPEST = 0.5, 1.5
"""How time may grow with size: by its square root at least, by its power of 1.5 at most; what takes milliseconds says little."""

_BESIDE_KNEE = (0.25, 0.5, 0.75, 0.9, 2.0)
"""Loads that a curve is measured at once the knee is known, in parts of it and in this order."""

_FINE = 0.02  # how close the knee is looked for
_KNEE = 3.0


def scale_left(done: Sequence[Mapping[str, Any]], sizes: Sequence[int], each: int) -> float | None:
    """Seconds that the rest of a series of sizes takes; None before the points of a size, or where nothing is left.

    Args:
        done: points so far, sizes outer.
        sizes: all, in their order.
        each: points of a size.
    """
    begun = list(dict.fromkeys(point["size"] for point in done))
    whole = {size: _of_size(done, size) for size in begun if sum(point["size"] == size for point in done) == each}
    here = [point for point in done if point["size"] == begun[-1]]
    left = 0.0
    if len(here) < each:  # the others of this size are like the last one, and share what went before
        left += (each - len(here)) * _own(here[-1])
    waiting = list(sizes[len(begun) :])
    if not waiting:
        return left if left else None
    took = whole if len(here) == each else whole | {begun[-1]: _of_size(done, begun[-1]) + left}
    if len(took) < 2:
        return None
    (small, less), (large, more) = list(took.items())[-2:]
    grown = log(more / less) / log(large / small) if large != small and less > 0 and more > 0 else 1.0
    power = min(_STEEPEST, max(_FLATTEST, grown))
    return left + sum(more * (size / large) ** power for size in waiting)


def _own(point: Mapping[str, Any]) -> float:
    return float(sum(seconds for stage, seconds in point["wall_s"].items() if stage not in _SHARED))


def _of_size(done: Sequence[Mapping[str, Any]], size: int) -> float:
    mine = [point for point in done if point["size"] == size]
    return sum(map(_own, mine)) + float(sum(mine[0]["wall_s"].get(stage, 0.0) for stage in _SHARED))


def search_left(done: Sequence[tuple[float, float, float]]) -> float | None:
    """Seconds that the rest of a search for the knee takes; None until the knee is between two measured loads.

    Args:
        done: load, mean latency (infinite where nothing arrived) and seconds of each point, in the order in which they were measured.
    """
    if not done:
        return None
    limit = _KNEE * min(latency for _, latency, _ in done)
    low = max((load for load, latency, _ in done if latency < limit), default=0.0)
    high = min((load for load, latency, _ in done if latency >= limit), default=0.0)
    if not high or not low:
        return None
    near = [seconds for load, _, seconds in done if low <= load <= high]
    mean, most = sum(near) / len(near), max(seconds for _, _, seconds in done)
    halvings = max(0, ceil(log2(max((high - low) / (_FINE * high), 1.0))))
    after = 0 if halvings else len(done) - _settled(done, limit)
    left = mean * halvings + sum(mean * part if part <= 1 else most for part in _BESIDE_KNEE[after:])
    return left or None


def _settled(done: Sequence[tuple[float, float, float]], limit: float) -> int:
    """Number of points after which the knee was known closely enough."""
    low, high = 0.0, 1.0
    for number, (load, latency, _) in enumerate(done, 1):
        low, high = (low, min(high, load)) if latency >= limit else (max(low, load), high)
        if high < 1 and high - low <= _FINE * high:
            return number
    return len(done)

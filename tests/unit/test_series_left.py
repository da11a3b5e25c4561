"""The time left of a series is right within a factor of two after a third of its work, on times that real series took."""

from __future__ import annotations

from math import inf

import pytest

from chipsim.cli.series_left import scale_left, search_left

SIZES = (1000, 10_000, 50_000, 200_000)


def series(power: float, rates: int) -> list[dict]:
    """Points that take as long as their size to a power; reading and mapping, half of the first, is shared and told with each."""
    return [
        {"size": size, "wall_s": {"load": 0.2 * t, "map": 0.3 * t, "plan": 0.1 * t, "run": 0.3 * t, "report": 0.1 * t}}
        for size in SIZES
        for t in [1e-4 * size**power]
        for _ in range(rates)
    ]


def took(points: list[dict]) -> float:
    """Reading and mapping once for each size."""
    own = sum(sum(seconds for stage, seconds in one["wall_s"].items() if stage not in ("load", "map")) for one in points)
    return own + sum(one["load"] + one["map"] for one in {one["size"]: one["wall_s"] for one in points}.values())


@pytest.mark.parametrize("power", [0.7, 1.0, 1.2])
@pytest.mark.parametrize("rates", [1, 2, 3])
def test_a_series_of_sizes(power: float, rates: int) -> None:
    points = series(power, rates)
    whole, said = took(points), 0
    for number in range(1, len(points) + 1):
        left = scale_left(points[:number], SIZES, rates)
        rest = whole - took(points[:number])
        if left is None or number == len(points):
            continue
        said += 1
        assert 0.5 <= left / rest <= 2.0, (number, left, rest)
    assert said >= 2 * rates - 1 and scale_left(points, SIZES, rates) is None
    assert scale_left(points[:1], SIZES, 1) is None, "one size tells nothing of others"


MEASURED = [
    (0.01, 51.0, 0.1), (0.25, 52.7, 0.4), (0.5, 3356, 1.5), (0.375, 58.9, 0.75), (0.438, 944.6, 1.1), (0.406, 70.1, 0.8), (0.422, 295.5, 0.95),
    (0.414, 99.95, 0.85), (0.105, 51.4, 0.2), (0.211, 52.2, 0.4), (0.317, 54.4, 0.5), (0.38, 59.7, 0.7), (0.844, 14091, 1.7),
]  # fmt: skip
"""A search on an 8 x 8 mesh: load, latency, seconds."""


def test_a_search_for_the_knee() -> None:
    whole, said = sum(seconds for _, _, seconds in MEASURED), 0
    for number in range(1, len(MEASURED)):
        left, rest = search_left(MEASURED[:number]), sum(seconds for _, _, seconds in MEASURED[number:])
        if left is not None and rest <= whole * 2 / 3:
            said += 1
            assert 0.5 <= left / rest <= 2.0, (number, left, rest)
    assert said >= 7 and search_left(MEASURED) is None
    assert search_left(MEASURED[:2]) is None, "the knee is not yet between two loads"
    assert search_left([(0.01, inf, 0.1)]) is None

"""Slopes and their intervals: of laws that are known, of noise, and none where too little is there to tell."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chipsim.sweep.complexity.fits import fit, interval, slope_of

LENGTHS = (128, 256, 512, 1024, 2048, 4096)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_a_law_has_its_exponent(power: float) -> None:
    assert slope_of(LENGTHS, [3.0 * length**power for length in LENGTHS]) == pytest.approx(power, abs=1e-12)
    found = fit({stretch: {length: (stretch + 1) * length**power for length in LENGTHS} for stretch in range(4)})
    assert found is not None and found.x == LENGTHS and found.stretches == 4
    assert found.slope == pytest.approx(power, abs=1e-12)
    assert found.low == pytest.approx(power, abs=1e-9) and found.high == pytest.approx(power, abs=1e-9)
    assert found.first == pytest.approx(power, abs=1e-12) and found.last == pytest.approx(power, abs=1e-12)


def test_slopes_are_those_of_numpy() -> None:
    rng = np.random.default_rng(3)
    y = np.array(LENGTHS) ** 1.1 * rng.lognormal(0, 0.2, len(LENGTHS))
    assert slope_of(LENGTHS, y.tolist()) == pytest.approx(float(np.polyfit(np.log(LENGTHS), np.log(y), 1)[0]))


def test_intervals_are_students() -> None:
    # t(0.975; 3) = 3.182446, values 1, 2, 3, 4: s = 1.290994, so 2.5 +- 3.182446 * 1.290994 / 2
    mean, low, high = interval([1.0, 2.0, 3.0, 4.0])
    assert mean == 2.5 and low is not None and high is not None
    assert (low, high) == pytest.approx((2.5 - 2.05426, 2.5 + 2.05426), abs=5e-4)
    assert interval([7.0]) == (7.0, None, None)
    assert interval([5.0] * 40) == (5.0, 5.0, 5.0)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    missed = 0
    for _ in range(1000):
        counts = {
            stretch: {length: float(length * rng.lognormal(0, 0.1)) for length in LENGTHS} for stretch in range(8)
        }  # fmt: skip
        found = fit(counts)
        assert found is not None and found.low is not None and found.high is not None
        missed += not found.low <= 1.0 <= found.high
    assert 25 <= missed <= 80, "95 % of a thousand"


def test_a_curve_is_told_from_a_line() -> None:
    found = fit({0: {length: 1000.0 + length for length in LENGTHS}})
    assert found is not None and found.low is None and found.high is None
    assert found.first < 0.2 and found.last > 0.7 and found.first < found.slope < found.last


def test_too_little_gives_no_slope() -> None:
    line = {length: float(length) for length in LENGTHS}
    assert fit({}) is None
    assert fit({0: {128: 1.0, 256: 2.0}}) is None
    assert fit({0: line, 1: line | {128: 0.0}}).x == LENGTHS[1:]  # type: ignore[union-attr]
    assert fit({0: dict.fromkeys(LENGTHS, 0.0)}) is None
    few = {length: length / 64 for length in LENGTHS}
    assert fit({0: line}, {0: few}).x == (1024, 2048, 4096)  # type: ignore[union-attr]
    assert fit({0: line}, {0: {length: value / 8 for length, value in few.items()}}) is None


def test_only_lengths_that_all_stretches_have_count() -> None:
    found = fit({0: {length: length**1.0 for length in LENGTHS}, 1: {length: length**1.0 for length in LENGTHS[:4]}})
    assert found is not None and found.x == LENGTHS[:4] and math.isclose(found.slope, 1.0)

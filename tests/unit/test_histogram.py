"""The integer histogram: its bins, its rule for quantiles, and that parts add up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.machine.histogram import FINE, STEPS, bin_of, edges, histogram, merge

VALUES = st.lists(st.one_of(st.integers(0, 200), st.integers(0, 2**62)), max_size=60)


def array(values: list[int]) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(values, np.int64)


def edge_of(value: int) -> int:
    """Upper edge of the bin of a value, by the rule in words: the leading six bits are kept."""
    shift = max(0, value.bit_length() - 6)
    return ((value >> shift) + 1 << shift) - 1


def quantile(values: list[int], q: float) -> int:
    """Value number ceil(q n), rounded up to the edge of its bin, at most the largest."""
    ordered = sorted(values)
    return min(edge_of(ordered[max(1, math.ceil(q * len(values))) - 1]), ordered[-1])


@given(
    st.lists(
        st.one_of(st.integers(0, 2**62), st.integers(0, 62).map(lambda e: 2**e), st.integers(1, 62).map(lambda e: 2**e - 1))
    )
)
def test_every_value_lies_in_its_bin(values: list[int]) -> None:
    bins = bin_of(array(values))
    lower, upper = edges(bins)
    for value, low, high in zip(values, lower.tolist(), upper.tolist(), strict=True):
        assert low <= value <= high == edge_of(value)
        assert high - low < max(1, value / STEPS)
        assert low == high or value >= FINE


def test_bins_are_numbered_without_holes() -> None:
    bins = np.arange(0, 58 * STEPS)
    lower, upper = edges(bins)
    assert lower[0] == 0 and (lower[1:] == upper[:-1] + 1).all()
    assert (bin_of(lower) == bins).all() and (bin_of(upper) == bins).all()
    assert lower[:FINE].tolist() == list(range(FINE))


@given(VALUES.filter(bool), st.sampled_from([0.0, 0.01, 0.5, 0.95, 0.99, 1.0]))
def test_quantile_follows_its_rule(values: list[int], q: float) -> None:
    h = histogram(array(values))
    assert h.quantile(q) == quantile(values, q)
    assert h.quantile(1.0) == h.largest == max(values)
    assert h.total == len(values) and h.sum == sum(values) and h.mean == sum(values) / len(values)


@pytest.mark.parametrize(
    ("q", "expected"), [(0.5, 50), (0.64, 65), (0.65, 65), (0.95, 95), (0.99, 99), (0.991, 300), (1.0, 300)]
)
def test_quantiles_by_hand(q: float, expected: int) -> None:
    """1 to 99 and 300: up to 63 exact, then 64 and 65 share a bin, and so on; the last bin ends at 303 but no value is above 300."""
    assert histogram(array([*range(1, 100), 300])).quantile(q) == expected


@given(VALUES, VALUES, VALUES)
def test_parts_add_up_in_any_order(a: list[int], b: list[int], c: list[int]) -> None:
    whole = histogram(array(a + b + c))
    parts = [histogram(array(x)) for x in (a, b, c)]
    for found in (merge(merge(parts[0], parts[1]), parts[2]), merge(parts[2], merge(parts[1], parts[0]))):
        assert np.array_equal(found.bins, whole.bins) and np.array_equal(found.counts, whole.counts)
        assert (found.total, found.sum, found.largest) == (whole.total, whole.sum, whole.largest)


def test_sum_beyond_64_bits_is_exact() -> None:
    assert histogram(array([2**62] * 5)).sum == 5 * 2**62


def test_nothing_has_no_quantile() -> None:
    h = histogram(array([]))
    assert (h.mean, h.quantile(0.5), h.total, h.largest) == (None, None, 0, 0)
    assert merge(h, histogram(array([3]))).quantile(0.5) == 3

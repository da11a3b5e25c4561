"""Shares of whole numbers are those of the decimals that people write; capacities are told without rounding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chipsim.pipeline.map_graph import GraphTask, caps_of
from chipsim.quantity import exact
from chipsim.shares import share_of


@given(total=st.integers(0, 2**40), hundredths=st.integers(0, 100))
def test_hundredths_are_exact(total: int, hundredths: int) -> None:
    assert share_of(total, hundredths / 100) == total * hundredths // 100


def test_a_hundred_neurons_filled_to_0_29_are_29() -> None:
    assert int(100 * 0.29) == 28
    assert caps_of(GraphTask("topics:1000", "4x4", neurons=100, fill=0.29), 1000).neurons == 29


def test_capacities_are_told_as_they_are() -> None:
    assert [exact(1024.0), exact(1023.64), exact(12.345), exact(0.5)] == ["1,024", "1,023.6", "12.3", "0.5"]

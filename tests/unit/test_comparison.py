"""Comparing values and tables: equality without tolerance, ratios, texts that never look equal where values are not."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from chipsim.results.comparison.comparison import Difference
from chipsim.results.comparison.machine import is_machine
from chipsim.results.comparison.same import ratio, same
from chipsim.results.comparison.tables import compare_tables
from chipsim.results.comparison.words import span, texts, times


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1.0, True), (1, True, False), (False, 0, False), (None, None, True), (None, 0, False), (math.nan, math.nan, True),
        (0.1 + 0.2, 0.3, False), ([1, math.nan], [1, math.nan], True), ([1], [1, 2], False), ({"a": 1}, {"a": 1.0}, True),
        ("1", 1, False),
    ],
)  # fmt: skip
def test_values_are_equal_or_they_are_not(a: object, b: object, equal: bool) -> None:
    assert same(a, b) is same(b, a) is equal


def test_ratios_are_of_numbers_alone() -> None:
    assert (ratio(2, 3), ratio(2.0, 1)) == (1.5, 0.5)
    for a, b in ((0, 1), (True, 1), (1, "2"), (None, 1), (1, None), (1e-300, 10**400)):
        assert ratio(a, b) is None


def test_ratios_tell_how_far_from_one_they_are() -> None:
    assert [times(one) for one in (None, 1.0, 2.5, 1.25, 1.00012, 1 - 7.7e-6)] == [
        "",
        "1",
        "2.5",
        "1.25",
        "1.00012",
        "0.9999923",
    ]
    assert span(2.0, 2.0) == "2" and span(0.5, 2.0) == "0.5 to 2" and span(None, None) == ""


def test_texts_have_units_and_differ_where_values_do() -> None:
    assert texts("energy_j.total", (7.5e-4, 2.0)) == ["750 uJ", "2 J"]
    assert texts("power_per_core_mw.mean", (0.8, 1.0)) == ["0.8 mW", "1 mW"]
    assert texts("counts.hops", (12345, None), absent=(1,)) == ["12,345", "absent"]
    one = 0.1
    assert len(set(texts("x", (one, math.nextafter(one, 1))))) == 2
    assert texts("x", (True, None)) == ["true", "none"]


def test_the_machines_own_is_known_by_its_name() -> None:
    assert all(map(is_machine, ("wall_s.run", "summary.peak_rss_bytes", "cpu_s", "version", "engine")))
    assert not any(map(is_machine, ("sim_time_s", "engine_events", "claim.points.0.rate_hz", "counts.spikes")))


def test_rows_are_matched_by_key_whatever_their_order() -> None:
    a = pa.table({"load": [0.1, 0.2, 0.3], "latency": [1.0, 2.0, None], "cpu_s": [1.0, 1.0, 1.0]})
    b = pa.table({"load": [0.3, 0.4, 0.2], "latency": [None, 9.0, 3.0], "cpu_s": [2.0, 2.0, 2.0]})
    found = compare_tables("points", 1, a, b, ("load",))
    assert found is not None
    assert (found.differing, found.unmatched, found.rows) == (1, (1, 1), (3, 3))
    assert [(one.name, one.rows, one.least) for one in found.columns] == [("latency", 1, 1.5)]
    assert found.first is not None and found.first.where == {"load": 0.2} and found.first.number == 1
    assert compare_tables("points", 1, a, a.take([2, 0, 1]), ("load",)) is None


def test_rows_with_a_key_in_common_are_matched_by_place() -> None:
    a = pa.table({"layer": [1, 1], "lower_ps": [5, 5], "count": [1, 2]})
    found = compare_tables("latency", 1, a, pa.table({"layer": [1, 1], "lower_ps": [5, 5], "count": [1, 3]}), ())
    assert found is not None and found.first is not None and found.first.number == 1


def test_values_that_are_missing_or_of_other_types_differ() -> None:
    a = pa.table({"x": [1, None, 3], "y": [[1], [2], None], "z": [math.nan, 1.0, 2.0]})
    b = pa.table({"x": [1.0, 2.0, 3.0], "y": [[1], [3], None], "z": [math.nan, 1.0, None]})
    found = compare_tables("cores", 1, a, b, ())
    assert found is not None
    assert {one.name: one.rows for one in found.columns} == {"x": 1, "y": 1, "z": 1}
    assert compare_tables("cores", 1, a, a, ()) is None


def test_what_says_which_where_or_when_has_no_ratio() -> None:
    table = pa.table({"neuron": [1, 2], "step": [3, 4], "time_ps": [10, 20], "joules": [1.0, 2.0]})
    other = pa.table({"neuron": [2, 4], "step": [6, 8], "time_ps": [20, 40], "joules": [2.0, 4.0]})
    found = compare_tables("spikes", 1, table, other, ())
    assert found is not None
    assert {one.name: (one.least, one.most) for one in found.columns} == {
        "neuron": (None, None),
        "step": (None, None),
        "time_ps": (None, None),
        "joules": (2.0, 2.0),
    }
    assert Difference("busiest.core", (2, 4)).ratios == (None,) and Difference("counts.spikes", (2, 4)).ratios == (2.0,)

"""Mappings of one experiment side by side: rows that agree with the evaluator, refusals in a row, unknown methods at once."""

from __future__ import annotations

import pytest

from chipsim.config.load import load_experiment
from chipsim.errors import UsageError
from chipsim.pipeline.compare_mappings import compare, usual_methods
from tests.needs import needs
from tests.scenarios import small


def test_a_stored_network_by_several_methods() -> None:
    rows = {row["method"]: row for row in compare(small(), ("sequential", "random", "default"))}
    assert list(rows) == ["sequential", "random", "default"]
    for row in rows.values():
        assert row["status"] == "done" and row["made"] == f"{row['method']}/hilbert"
        assert row["share"] == row["packets"] / rows["sequential"]["packets"]
        assert 0 < row["packets"] <= row["packets_with_own"] and row["tree_links"] <= row["hops"]
        assert row["max_core_fill"] <= 1 and row["cores_used"] > 1
    assert rows["default"]["packets"] < rows["random"]["packets"]


def test_what_does_not_fit_is_a_row_with_its_reason() -> None:
    (row,) = compare(small("chip.core.neurons=1"), ("sequential",))
    assert (row["status"], row["exit_code"]) == ("failed", 4)
    assert "for neurons" in row["reason"]


@needs("snn")
def test_a_spiking_network_by_several_methods() -> None:
    one = load_experiment("lif-small", ("workload.generate.neurons=200", "workload.generate.fan_out=4", "workload.steps=2"))
    rows = compare(one, ("sequential", "random"))
    assert [row["status"] for row in rows] == ["done", "done"]
    assert rows[0]["largest_core"] == 8


def test_unknown_methods_are_refused_and_the_usual_ones_known() -> None:
    with pytest.raises(
        UsageError, match=r"--method: no partitioner is called 'metsi' \(did you mean 'metis'\?\); allowed: default"
    ):
        compare(small(), ("sequential", "metsi"))
    assert usual_methods()[:2] == ("sequential", "random")
    assert set(usual_methods()[2:]) == {"metis", "default", "quality"}

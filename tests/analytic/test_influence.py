"""The influence of a constant is what a run with that constant alone at an end of its range draws."""

from __future__ import annotations

from typing import Any

import pytest

from chipsim.config.load import load_experiment
from chipsim.lookup import numbers
from chipsim.pipeline import simulate
from chipsim.results.result import Result
from reports.influence import by_influence, moved
from tests.needs import require

MOVED = ("power.static_per_core", "energy.synaptic_op", "energy.hop_ns", "energy.table_read", "energy.message_in")


@pytest.fixture(scope="module")
def ran() -> Result:
    require("nsn")
    return _run()


def _run(*settings: str) -> Result:
    return simulate(load_experiment("text-small", ["workload.symbols=150", *settings]), limits=False)


def _at(result: Result, path: str) -> tuple[Any, ...]:
    """Mean at the low and the high end, hottest likewise."""
    row = list(result.tables["constants"]["path"]).index(path)
    names = ("mean_low_mw", "mean_high_mw", "hottest_low_mw", "hottest_high_mw")
    return tuple(result.tables["constants"][name][row] for name in names)


@pytest.mark.parametrize("path", MOVED)
def test_a_run_with_the_constant_at_an_end_draws_what_the_table_says(ran: Result, path: str) -> None:
    low, _, high = ran.tables["constants"]["range"][list(ran.tables["constants"]["path"]).index(path)].partition(" to ")
    said = _at(ran, path)
    for end, value in enumerate((low, high)):
        other = _run(f"chip.{path}.value={value}")
        assert other.summary["digest"] == ran.summary["digest"]
        power = other.summary["power_per_core_mw"]
        assert (power["mean"], power["max"]) == (said[end], said[2 + end])
    assert said[0] < said[1] and said[2] < said[3]


def test_what_the_run_did_not_use_has_no_influence_and_times_are_not_moved(ran: Result) -> None:
    power = ran.summary["power_per_core_mw"]
    assert _at(ran, "energy.soma_spike") == (power["mean"], power["mean"], power["max"], power["max"])
    assert _at(ran, "energy.host_flit")[0] == power["mean"], "what crosses to the host is not the cores'"
    for path in ("noc.flit_time", "core.times.synaptic_op", "power.budget_per_core"):
        assert _at(ran, path) == 4 * (None,)


def test_a_constant_between_chips_moves_only_a_board(ran: Result) -> None:
    hop = "{value: 100 pJ, grade: assumed, source: made up for a test, range: [50 pJ, 300 pJ]}"
    level = f"{{name: board, width: 2, height: 1, link_latency: 50 ns, flit_time: 10 ns, hop: {hop}}}"
    on_board = _run("chip.noc.width=2", f"chip.noc.levels=[{level}]", "mapping.partitioner=random")
    assert "noc.levels.0.hop" not in ran.tables["constants"]["path"]
    low, high, *_ = _at(on_board, "noc.levels.0.hop")
    assert low < on_board.summary["power_per_core_mw"]["mean"] < high


def test_the_widest_stands_first(ran: Result) -> None:
    told = moved(ran.tables)
    widths = [one.width for one in told]
    assert told[0].path == "power.static_per_core" and widths == sorted(widths, reverse=True)
    order = by_influence(ran.tables)
    assert sorted(order) == list(range(len(ran.tables["constants"]["path"])))
    used = [one.row for one in told if one.width > 0]
    assert order[: len(used)] == used and order[len(used) :] == sorted(order[len(used) :])


def test_a_constant_without_a_range_is_not_moved() -> None:
    result = _run("chip.energy.synaptic_op=1pJ")
    assert _at(result, "energy.synaptic_op") == 4 * (None,)
    assert "energy.synaptic_op" not in {one.path for one in moved(result.tables)}
    assert len(numbers(result.tables, "constants", "mean_low_mw")) == len(result.tables["constants"]["path"])

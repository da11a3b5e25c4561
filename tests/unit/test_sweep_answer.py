"""What a sweep answers: best, Pareto front, effects and failures, against values worked out by hand and against the definition."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.cli.sweep_answer import answer_lines
from chipsim.sweep.table import write_points
from reports.answer import as_json, best, effects, failures, incomplete, matched, moved_by, pareto, undecided, undominated
from reports.figures.base import INK
from reports.figures.sweep import Encoding, draw_effects, draw_interaction, draw_tradeoff, encoding
from reports.objectives import OBJECTIVES, event_of
from reports.sweep import _asked
from reports.sweep_pictures import sweep_pictures


def point(number: int, joules: float | None, seconds: float | None, cores: int | None, **settings: Any) -> dict[str, Any]:
    """A finished point with 10 events in 2 s."""
    return {
        "number": number,
        "status": "done",
        "exit_code": 0,
        "reason": None,
        "folder": f"points/{number:04}-00",
        "energy_j.total": joules,
        "claim.rate_hz": 5.0,
        "claim.rate_of": "event",
        "sim_time_s": 2.0,
        "service_s.mean": seconds,
        "mapping.cores_used": cores,
        **settings,
    }


FOUR = [
    point(1, 10.0, 4.0, 3, a="x", b="0"),
    point(2, 20.0, 2.0, 3, a="x", b="1"),
    point(3, 30.0, 4.0, 3, a="y", b="0"),
    point(4, 40.0, 3.0, 3, a="y", b="1"),
]
"""Energy per event 1, 2, 3, 4 J; products 4, 4, 12, 12 J s."""


def test_the_best_point_per_objective_and_those_alike() -> None:
    found = {one.objective.name: one for one in best(FOUR)}
    assert {name: (one.value, one.row["number"], one.equal) for name, one in found.items()} == {
        "energy": (1.0, 1, ()),
        "latency": (2.0, 2, ()),
        "cores": (3.0, 1, (2, 3, 4)),
        "energy_delay": (4.0, 1, (2,)),
    }


def test_the_front_has_what_no_point_beats() -> None:
    assert [row["number"] for row in pareto(FOUR).rows] == [1, 2]


def test_effects_are_means_ratios_and_shares_of_the_variance() -> None:
    first, second = effects(FOUR, ["a", "b"])
    assert (first.key, second.key) == ("a", "b"), "the key with the largest ratio comes first"
    by_name = {one.objective.name: one for one in first.effects}
    assert by_name["energy"].means == {"x": 1.5, "y": 3.5}
    assert by_name["energy"].spread == pytest.approx(3.5 / 1.5)
    assert by_name["energy"].share == pytest.approx(4 / 5)  # (1.5 - 2.5)^2 and (3.5 - 2.5)^2, twice each, of 5
    assert (by_name["cores"].spread, by_name["cores"].share) == (1.0, None)
    assert by_name["energy_delay"].share == 1.0
    assert {one.objective.name: one.share for one in second.effects}["energy"] == pytest.approx(1 / 5)
    assert effects([row | {"a": "x"} for row in FOUR], ["a"]) == ()


def test_points_without_a_figure_are_left_out_and_counted() -> None:
    rows = [*FOUR[:2], point(3, None, 1.0, 3, a="y", b="0"), point(4, 5.0, None, None, a="y", b="1")]
    found = {one.objective.name: (one.row["number"], one.without) for one in best(rows)}
    assert found == {"energy": (4, 1), "latency": (3, 1), "cores": (1, 1), "energy_delay": (1, 2)}
    front = pareto(rows)
    assert ([row["number"] for row in front.rows], front.without) == ([1, 2], 2)
    assert effects(rows, ["a"])[0].effects[0].means == {"x": 1.5, "y": 0.5}
    rows = [point(1, 10.0, None, 3, a="x"), point(2, 20.0, None, 2, a="y")]
    assert [one.name for one in undecided(rows)] == ["latency", "energy_delay"]
    assert [one.name for one in pareto(rows).objectives] == ["energy", "cores"]
    assert [row["number"] for row in pareto(rows).rows] == [1, 2]


def test_nothing_finished_answers_nothing() -> None:
    rows = [{"number": 1, "status": "failed", "exit_code": 4, "reason": "too large\nby far", "folder": "p", "a": "x"}]
    assert best(rows) == () and pareto(rows).rows == () and effects(rows, ["a"]) == ()
    assert as_json(rows, ["a"])["failures"] == [{"reason": "too large", "exit_code": 4, "points": [1], "all_with": {}}]


def test_failures_by_reason_the_most_frequent_first() -> None:
    words = ["a", "b", "b\nmore", "a", "b"]
    rows = [{"number": place, "status": "failed", "exit_code": 4, "reason": word} for place, word in enumerate(words, 1)]
    assert [(one.reason, one.numbers) for one in failures(rows)] == [("b", (2, 3, 5)), ("a", (1, 4))]
    rows = [row | {"size": "2" if row["reason"] == "a" else "4", "seed": str(row["number"])} for row in rows]
    assert [dict(one.settings) for one in failures(rows, ["size", "seed"])] == [{"size": "4"}, {"size": "2"}]


def test_the_event_is_what_the_program_says() -> None:
    assert event_of(FOUR) == "event"
    assert event_of([row | {"claim.rate_of": "spike"} for row in FOUR]) == "spike"
    assert OBJECTIVES[0].called("spike") == "energy per spike"


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(st.integers(0, 4).map(float), min_size=width, max_size=width), min_size=1, max_size=60)
    )
)
def test_the_front_is_that_of_the_definition(values: list[list[float]]) -> None:
    table = np.array(values)
    by_definition = [not any((other <= row).all() and (other < row).any() for other in table) for row in table]
    assert undominated(table).tolist() == by_definition


def test_the_front_of_many_points_takes_no_square_of_them() -> None:
    table = np.random.default_rng(1).random((100_000, 3))
    table = np.column_stack([table, table[:, 0] * table[:, 1]])
    kept = undominated(table)
    assert 0 < kept.sum() < 1000
    some = table[~kept][:200]
    assert all((table[kept] <= row).all(axis=1).any() for row in some)


def test_the_table_as_text_has_the_same_rows(tmp_path: Path) -> None:
    rows = [{"number": 1, "x": 0.1 + 0.2, "on": True, "text": 'a, "b"\nc', "none": None}, {"number": 2, "x": 1e-30, "more": 7}]
    write_points(tmp_path, rows)
    with (tmp_path / "points.csv").open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first == {"number": "1", "x": "0.30000000000000004", "on": "true", "text": 'a, "b"\nc', "none": "", "more": ""}
    assert (float(second["x"]), second["on"], second["more"]) == (1e-30, "", "7")


def test_all_swept_keys_are_told_apart_in_the_figure() -> None:
    grid = list(itertools.product("abc", "12345678", "xy", "+-", "!?"))
    rows = [point(place, 1.0, 1.0, 1, k=k, n=n, p=p, s=s, u=u) for place, (k, n, p, s, u) in enumerate(grid, 1)]
    assert encoding(rows, ["k", "n", "p", "s"]) == Encoding("n", "k", "p", "s", None, ())
    assert encoding(rows, ["k", "n", "p", "s", "u"]) == Encoding("n", "k", "p", "s", "u", ())
    assert encoding(FOUR, ["a"]) == Encoding("a", None, None, None, None, ())


def test_axes_fit_the_data() -> None:
    figure = draw_effects(FOUR, ["a", "b"], OBJECTIVES[0], "event")
    low, high = figure.axes[0].get_ylim()
    assert 0.5 < low < 1 and 4 < high < 4.5, "energies of 1 to 4 J"
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim(), "panels side by side share their scale"
    maps = draw_interaction(FOUR, [("a", "b")], OBJECTIVES[0]).axes[0]
    assert maps.images[0].get_array().tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert [text.get_text() for text in maps.texts] == ["1 J", "2 J", "3 J", "4 J"]


def test_a_point_of_the_front_has_a_ring() -> None:
    figure = draw_tradeoff(FOUR, ["a", "b"], OBJECTIVES[1], OBJECTIVES[0], frozenset({1, 2}), "event")
    (rings,) = [line for line in figure.axes[0].lines if line.get_markeredgecolor() == INK]
    assert rings.get_xydata().tolist() == [[4.0, 1.0], [2.0, 2.0]]


def test_panels_in_which_nothing_moves_are_left_out_and_said() -> None:
    rows = [point(n, 1.0 + n // 2, 5.0 - n // 2, 1, a=f"{n // 2} ns", b="xy"[n % 2]) for n in range(4)]
    assert [moved_by(rows, key, OBJECTIVES[0]) for key in ("a", "b")] == [True, False]
    crossed = [point(n, [1.0, 2.0, 2.0, 1.0][n], 1.0, 1, a="pq"[n // 2], b="xy"[n % 2]) for n in range(4)]
    assert not moved_by(crossed, "a", OBJECTIVES[0]), "only together do they matter: the heat map of both shows that"
    (shown,) = [one for one in sweep_pictures(rows, ["a", "b"], pareto(rows)) if one.key == "effects"]
    assert "energy per event by b" in shown.caption
    assert shown.svg.count("<svg") == sum(moved_by(rows, key, one) for key in ("a", "b") for one in OBJECTIVES)


def test_lines_join_numbers_and_not_names() -> None:
    rows = [point(n, 1.0 + n, 1.0, 1, ns=f"{n}.5 ns", plain=f"{n}", name="xyz"[n]) for n in range(3)]
    figures = [draw_effects(rows, [key], OBJECTIVES[0], "event") for key in ("ns", "plain", "name")]
    styles = [figure.axes[0].lines[0].get_linestyle() for figure in figures]
    assert styles == ["-", "-", "None"]


def test_missing_points_do_not_mix_what_two_keys_do() -> None:
    """The figure is that of b alone; with all points that ran, a seems to matter."""
    rows = [point(number, float(10**b), 1.0, 1, a=str(a), b=str(b)) for number, (a, b) in enumerate(_PAIRS, 1)]
    rows[-1] |= {"status": "interrupted", "energy_j.total": None}  # a 1, b 2: the largest
    first = next(one for one in effects(rows, ["a", "b"]) if one.key == "a")
    energy = first.effects[0]
    assert energy.means == {"0": 0.55, "1": 0.55} and energy.spread == 1.0
    assert (dict(first.points), first.combinations, first.left_out) == ({"0": 2, "1": 2}, 3, ({"b": "2"},))
    assert incomplete(first).endswith(
        "over 2 of 3 combinations of the other keys, those that have run with all of its values; left out: b 2"
    )
    said = as_json(rows, ["a", "b"])["effects"]
    assert [(one["key"], one["left_out"]) for one in said] == [("b", [{"a": "1"}]), ("a", [{"b": "2"}])]
    text = "\n".join(answer_lines(rows, ["a", "b"]))
    assert "INCOMPLETE" in text and "left out: b 2" in text
    axes = draw_effects(rows[:-1], ["a"], OBJECTIVES[0], "event", ["a", "b"]).axes[0]
    assert np.asarray(axes.lines[0].get_ydata()).tolist() == [0.55, 0.55]
    assert [len(matched(rows[:-1], pair, ["a", "b"])) for pair in (["a"], ["a", "b"])] == [4, 5]


_PAIRS = [(a, b) for a in range(2) for b in range(3)]


def test_values_that_share_no_combination_are_not_compared() -> None:
    rows = [point(number, 1.0, 1.0, 1, a=str(a), b=str(b)) for number, (a, b) in enumerate(_PAIRS, 1)]
    for row in rows:
        row["status"] = "done" if (row["a"] == "0") == (row["b"] == "0") and row["b"] != "2" else "failed"
    first, second = effects(rows, ["a", "b"])
    assert first.effects == second.effects == () and len(first.left_out) == first.combinations == 3
    assert second.never == ("2",) and "2 has run nowhere" in incomplete(second)
    assert incomplete(effects(FOUR, ["a", "b"])[0]) == ""


def test_points_as_good_as_the_best_are_named() -> None:
    rows = [point(number, joules, 1.0, 1, a=str(number)) for number, joules in enumerate((1.0011, 1.0009, 1.0, 1.0), 1)]
    energy = best(rows)[0]
    assert (energy.row["number"], energy.equal, energy.near) == (3, (4,), (2,))
    assert "(1 more within 0.1 %: 2)" in " ".join(" ".join(answer_lines(rows, ["a"])).split())


def test_the_question_tells_values_apart_that_are_lists_themselves() -> None:
    rows = [row | {"b": f"width {row['b']}, height {row['b']}"} for row in FOUR]
    assert _asked(rows, ["a", "b"]) == "a x, y × b width 0, height 0; width 1, height 1"

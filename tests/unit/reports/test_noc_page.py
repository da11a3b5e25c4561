"""The page of a measured network: gaps are gaps, what was not carried is told apart, large networks become maps without arrows' load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports.figures.noc import curve_caption, missing_loads
from reports.figures.strokes import joined_by, runs
from reports.noc import Run, shown_load, tables_of, tell_noc, write_noc_report


def point(load: float, accepted: float, latency: float | None, stable: bool, **more: Any) -> dict[str, Any]:
    names = ("mean_latency", "p50_latency", "p99_latency", "network_latency")
    return {"load": load, "accepted": accepted, "stable": stable, **dict.fromkeys(names, latency)} | {
        "mean_links": 2.0, "link_load_max": accepted, "undelivered": 0, "lost": {}, **more,
    }  # fmt: skip


def summary(*points: dict[str, Any], **more: Any) -> dict[str, Any]:
    noc = {
        "topology": "mesh", "width": 2, "height": 1, "depth": 1, "concentration": 1, "tile_order": "row", "nodes": 2, "router": "wormhole",
        "routing": "xy", "vcs": 1, "buffer": 2, "timing": "S", "link_latency": 1.0,
    }  # fmt: skip
    return {
        "version": "0", "chip": "bare routers", "noc": noc, "traffic": "neighbor", "flits": [1], "cycle_s": 1e-9, "cycles": 100,
        "warmup": 0, "seed": 1, "senders": 1.0, "faults": [], "window": None, "engine": "compiled", "status": "done",
        "loads_asked": None, "prices": None, "points": list(points), "zero_load": 8.0, "zero_load_of": "formula", "knee": None,
        "carried": None, "peak": None, "beyond": None, "capacity": 0.5,
    } | more  # fmt: skip


LINKS = {
    "from": np.array([0, 1, 0, 1]), "to": np.array([1, 0, 0, 1]), "port": np.array(["E", "W", "EJECT", "EJECT"]),
    "flits": np.array([40, 20, 20, 40]), "flits_per_cycle": np.array([0.4, 0.2, 0.2, 0.4]), "load_norm": np.ones(4),
    "stalled_vc": np.array([0, 10, 0, 0]), "stalled_credit": np.zeros(4, int), "stalled_switch": np.zeros(4, int),
}  # fmt: skip


def told(found: dict[str, Any]) -> Any:
    return tell_noc(Run(Path(), found, tables_of(found, shown_load(found), LINKS)), ())


def segments(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    """Pairs of x that a path joins."""
    return [(x[n], x[n + 1]) for n in range(len(x) - 1) if not np.isnan([x[n], x[n + 1], y[n], y[n + 1]]).any()]


def test_lines_end_at_gaps_and_are_dashed_where_a_point_was_not_carried() -> None:
    x, y = np.array([0.1, 0.2, 0.3, 0.5, 0.6]), np.array([1.0, 2.0, 3.0, 9.0, np.nan])
    joined, firm = joined_by([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], x.tolist()), [True, True, False, False, True]
    assert joined == [True, True, False, True]
    assert segments(*runs(x, y, joined, firm, True)) == [(0.1, 0.2)]
    assert segments(*runs(x, y, joined, firm, False)) == [(0.2, 0.3)], "0.4 is missing, and 0.6 has no value"


def test_a_path_is_one_line_where_nothing_is_missing() -> None:
    x = np.arange(4.0)
    way, _ = runs(x, x, [True] * 3, [True] * 4, True)
    assert np.isnan(way[0]) and way[1:].tolist() == [0, 1, 2, 3]


def test_loads_that_are_missing_are_named() -> None:
    found = summary(
        point(0.1, 0.1, 9.0, True), point(0.3, 0.3, 9.0, True), loads_asked=[0.1, 0.2, 0.3, 0.4], status="interrupted"
    )
    found["carried"] = {"load": 0.3, "accepted": 0.3}
    assert missing_loads(found) == [0.2, 0.4]
    assert "Not measured, and not bridged by lines: load 0.2, 0.4" in curve_caption(found, {})
    assert told(found).warning == "Interrupted. Not all loads were measured: load 0.2, 0.4."


@pytest.mark.parametrize(
    ("peak", "beyond", "said"),
    [
        (None, None, "all that it was offered"),
        (
            {"load": 0.5, "accepted": 0.4},
            {"load": 1.0, "accepted": 0.3},
            "throughput falls: offered 1, it accepts 0.3, 75 % of the peak",
        ),
        ({"load": 0.5, "accepted": 0.4}, {"load": 1.0, "accepted": 0.399}, "no collapse"),
        ({"load": 1.0, "accepted": 0.4}, None, "no higher load was offered"),
    ],
)
def test_peak_and_collapse_are_told_apart(peak: Any, beyond: Any, said: str) -> None:
    found = summary(point(0.3, 0.3, 9.0, True), point(1.0, 0.3, 99.0, peak is None), carried={"load": 0.3, "accepted": 0.3})
    page = told(found | {"peak": peak, "beyond": beyond})
    assert said in " ".join((page.headline, *page.reasons))
    assert page.headline.startswith("Carries 0.3 flits per node and cycle, 60 % of the 0.5")


def test_a_network_that_carries_nothing_says_so() -> None:
    assert told(summary(point(0.3, 0.1, None, False))).headline.startswith("Carries none of the loads offered, from 0.3")


def test_links_are_listed_the_busiest_first_with_their_waits() -> None:
    page = told(summary(point(0.3, 0.3, 9.0, True), carried={"load": 0.3, "accepted": 0.3}))
    (links,) = (sheet for sheet in page.sheets if sheet.key == "links")
    assert [(line[0], line[3], line[5]) for line in links.lines] == [
        ("(0, 0) to (1, 0)", "0.4", "0"),
        ("(1, 0) to (0, 0)", "0.2", "0.5"),
    ]


def test_points_without_values_are_drawn_and_written(tmp_path: Path) -> None:
    found = summary(point(0.1, 0.1, 9.0, True), point(0.5, 0.2, None, False), point(0.3, 0.2, 900.0, False))
    write_noc_report(tmp_path, found, [(one["load"], LINKS) for one in found["points"]])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Triangles at the top: latencies beyond the scale, up to 900 cycles" in page
    assert "2 × 1 mesh, wormhole routers (1 VCs of 2 flits, timing S), xy · neighbor traffic, 1 flit per packet" in page
    assert page.count("<svg") == 4

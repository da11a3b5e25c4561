"""The page of a scaling run: what was run and what is worked out stand apart, what is missing is named, the answer follows the points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chipsim.errors import UsageError
from reports.figures.scale import missing_points, power_caption, projected
from reports.run import Run
from reports.scale import build_scale_report, tell_scale


def point(size: int, rate: float | None = 5e3, watts: float = 1e-3, **more: Any) -> dict[str, Any]:
    cores = -(-size // 512)
    envelope = cores * 2e-3
    return {
        "workload": "nsn", "size": size, "rate": rate, "match": "keyed", "status": "done", "version": "0", "engine": "compiled", "seed": 1,
        "chip": {"name": "altai-256", "neurons_per_core": 512}, "peak_rss_bytes": 10**8, "engine_events": 1000, "wall_s_per_event": 1e-6,
        "wall_s": {"load": 1.0, "run": 2.0}, "power_w": {"envelope": envelope}, "power_per_core_mw": {"budget": 2.0},
        "mapping": {"cores_used": 2 * cores, "max_core_fill": 0.5, "max_memory_fill": 0.9},
        "claim": {
            "watts": watts, "cores": cores, "cores_in_use": 2 * cores, "verdict": "holds", "rate_hz": rate or 0.0, "rate_of": "event",
            "break_even_rate_hz": 1e6, "max_rate_hz": 1e5, "limit": "hottest_core", "assumed": [], "at_1e6": {"cores": 4000, "watts": 3.5},
        },
        "scale": {
            "rate_of": "input events per second", "static_w": 0.9 * watts, "envelope_w": envelope, "within_envelope": watts <= envelope,
            "paid_rate_hz": 5e5,
        },
    } | more  # fmt: skip


def told(*points: dict[str, Any], **asked: Any) -> Any:
    return tell_scale(Run(Path(), {"points": list(points), "asked": asked}, {}), ())


def test_the_answer_follows_the_points() -> None:
    page = told(point(1000), point(10_000, watts=0.03))
    assert (page.tone, page.headline) == (
        "holds",
        "2 mW per core holds at every size: 10,000 neurons draw 30 mW on 40 cores; 20 nominal cores × 2 mW allow 40 mW.",
    )
    assert told(point(1000), point(10_000, watts=0.05)).tone == "depends"
    assert told(point(1000, watts=1.0)).tone == "fails"
    hot = point(1000)
    hot["claim"]["verdict"] = "fails"
    assert told(hot).tone == "fails", "within the envelope, and its hottest core is not"
    free = point(1000)
    free["power_per_core_mw"]["budget"] = free["scale"]["envelope_w"] = free["scale"]["within_envelope"] = None
    free["claim"]["verdict"] = None
    assert told(free).tone == "none" and "No budget per core is set" in told(free).headline


def test_simulated_and_extrapolated_are_tables_of_their_own() -> None:
    simulated, extrapolated, took = told(point(1000), point(1_000_000, watts=3.0)).sheets
    assert simulated.columns[-2:] == ("mW per core", "within") and simulated.lines[0][-2:] == ("0.25", "yes")
    assert extrapolated.lines[0][3:] == ("holds", "1 MHz", "100 kHz", "500 kHz", "3.5 W", "4,000")
    assert extrapolated.lines[1][-2:] == ("–", "–"), "a million neurons were run"
    assert took.lines[0][3:] == ("done", "1,000", "2 s", "3 s", "1 µs", "100 MB")


def test_a_million_neurons_are_projected_from_the_largest_run_that_ended() -> None:
    cut = point(100_000, status="interrupted")
    later = projected({"points": [point(1000), point(10_000), cut]})
    assert {series: last["size"] for series, (last, _) in later.items()} == {(5e3, "keyed"): 10_000}
    assert projected({"points": [point(1000), point(1_000_000)]}) == {}


def test_points_that_are_missing_are_named() -> None:
    summary = {
        "points": [point(1000), point(100_000, status="interrupted")],
        "asked": {"sizes": [1000, 10_000, 100_000], "rates": [5e3], "matches": ["keyed"]},
    }
    assert missing_points(summary) == ["10,000 neurons at 5 kHz, keyed"]
    assert "Not run, and not bridged by lines: 10,000 neurons" in power_caption(summary, {})
    assert tell_scale(Run(Path(), summary, {}), ()).warning == (
        "Interrupted: the last point covers the part of its run that was done. Not run: 10,000 neurons at 5 kHz, keyed."
    )


def test_memory_that_is_not_held_to_is_said() -> None:
    small = point(1000)
    small["mapping"]["max_memory_fill"] = 4.6
    assert any("would need 4.6 times what it has" in reason for reason in told(small).reasons)


@pytest.mark.parametrize("text", ["", "[]", '{"points": 3}', '{"points": [{"size": 1}]}', '{"points": []}'])
def test_what_is_no_scaling_run_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "points.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"points\.json"):
        build_scale_report(tmp_path)


def test_the_page_is_drawn_with_gaps_and_without_rates(tmp_path: Path) -> None:
    rest = [point(1000, None), point(10_000, None), point(100_000, None, status="interrupted")]
    for one in rest:
        one["claim"] |= {"break_even_rate_hz": None, "max_rate_hz": None, "rate_hz": 0.0}
    (tmp_path / "points.json").write_text(json.dumps({"points": rest}), encoding="utf-8")
    page = build_scale_report(tmp_path).read_text(encoding="utf-8")
    assert "No input came or no budget is set" in page and "at rest" in page and "A cross is a run that was interrupted" in page
    assert {path.name for path in tmp_path.iterdir()} == {
        "points.json", "points.parquet", "points.csv", "scale.png", "scale.svg", "report.html", "report.md",
    }  # fmt: skip

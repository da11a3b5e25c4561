"""The end of ``chipsim sweep``: terminal and ``--json`` against values worked out by hand from the summaries of all points."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from reports.objectives import energy_per_event
from tests.needs import needs

KEYS = ("chip.noc.width", "chip.noc.link_latency", "chip.noc.router")


@needs("nsn")
def test_mesh_size_by_delay_by_router_answers_what_is_worked_out_by_hand(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything from the 18 summaries by plain loops that share nothing with what is tested."""
    monkeypatch.setenv("COLUMNS", "110")
    words = ("sweep", "mesh-delay-router", "--out", "swept", "--jobs", "1", "--no-report")
    said = json.loads(cli(*words, "--json", "-q").out)
    text = cli(*words, "--resume").out
    grid = list(itertools.product(["4", "6", "8"], ["1.5 ns", "15 ns", "50 ns"], ["queued", "wormhole"]))
    assert [tuple(row[key] for key in KEYS) for row in said["points"]] == grid
    energy, delay, cores = [], [], []
    for row in said["points"]:
        summary = json.loads(Path("swept", row["folder"], "summary.json").read_text())
        assert summary["claim"]["rate_of"] == "event"
        energy.append(summary["energy_j"]["total"] / summary["counts"]["events_in"])
        delay.append(summary["service_s"]["mean"])
        cores.append(summary["mapping"]["cores_used"])
    product = [joules * seconds for joules, seconds in zip(energy, delay, strict=True)]
    figures = {"energy": energy, "latency": delay, "cores": cores, "energy_delay": product}

    for one in said["best"]:
        values = figures[one["objective"]]
        assert one["value"] == pytest.approx(min(values), rel=1e-12)
        assert one["number"] == 1 + values.index(min(values))
    assert (said["best"][3]["objective"], said["best"][3]["number"]) == ("energy_delay", 1)
    assert "energy-delay product  1.27 pJ s  point 1: width 4, link_latency 1.5 ns, router queued" in text
    assert min(product) == pytest.approx(1.27e-12, rel=0.005)

    every = list(zip(energy, delay, cores, product, strict=True))
    front = [
        1 + place
        for place, one in enumerate(every)
        if not any(all(x <= y for x, y in zip(other, one, strict=True)) and other != one for other in every)
    ]
    assert sorted(one["number"] for one in said["pareto"]["points"]) == front
    assert f"{len(front)} of 18 points" in text

    for one in said["effects"]:
        axis = KEYS.index(one["key"])
        for name, found in one["objectives"].items():
            values = figures[name]
            means = {}
            for value in dict.fromkeys(setting[axis] for setting in grid):
                group = [figure for figure, setting in zip(values, grid, strict=True) if setting[axis] == value]
                means[value] = sum(group) / len(group)
            assert found["means"] == pytest.approx(means, rel=1e-12)
            assert found["spread"] == pytest.approx(max(means.values()) / min(means.values()), rel=1e-12)
            middle = sum(values) / 18
            whole = sum((figure - middle) ** 2 for figure in values)
            between = sum((means[setting[axis]] - middle) ** 2 for setting in grid)
            assert found["share_of_variance"] == (pytest.approx(between / whole, rel=1e-9) if whole else None)
    assert [one["key"] for one in said["effects"]] == ["chip.noc.link_latency", "chip.noc.width", "chip.noc.router"]
    lines = [line.split() for line in text.splitlines()]
    assert ["link_latency", "1.5", "ns", "32.8", "nJ", "52.7", "us", "6", "1.73", "pJ", "s"] in lines
    assert ["ratio", "x1.36", "x1.47", "x1", "x2"] in lines
    assert ["variance", "31", "%", "92", "%", "-", "64", "%"] in lines
    assert energy_per_event(said["points"][0]) == pytest.approx(energy[0], rel=1e-12)
    assert pq.read_table("swept/points.parquet").num_rows == 18

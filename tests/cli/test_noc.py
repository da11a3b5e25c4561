"""``chipsim noc``: points against closed forms and counts of the packets themselves, what it writes, what it refuses."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chipsim.cli.app import main
from chipsim.cli.noc import _loads
from chipsim.errors import UsageError
from chipsim.pipeline.noc import NocRun, noc_points
from chipsim.pipeline.noc_chip import NocOptions, noc_chip
from tests.needs import needs
from workloads.synthetic import Nodes, Pattern, Synthetic, make_traffic

pytestmark = needs("packets")

KEYS = {
    "load", "accepted", "mean_latency", "p99_latency", "network_latency", "mean_links", "stable", "cpu_s", "flit_hops", "undelivered",
}  # fmt: skip
SHORT = ("--engine", "reference", "--cycles", "200", "--warmup", "50")


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["noc", "--json", "--quiet", *SHORT, *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_one_object_with_a_point_per_load_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--width", "4", "--load", "0.2,0.05")
    assert [p["load"] for p in found["points"]] == [0.2, 0.05]
    for p in found["points"]:
        assert set(p) >= KEYS and p["stable"] is True
        rows = make_traffic(Synthetic(Pattern("uniform"), Fraction(str(p["load"])), (1,), 250, 1), Nodes(4, 4), 1)
        assert p["packets"] == (rows[:, 0] >= 50).sum()
        apart = sum(abs(rows[:, 1] // d % 4 - rows[:, 2] // d % 4) for d in (1, 4))
        assert p["flit_hops"] == apart.sum(), "x-then-y ways are shortest"
        assert p["mean_links"] == pytest.approx(apart[rows[:, 0] >= 50].mean())
    assert found["flit_hops"] == sum(p["flit_hops"] for p in found["points"])
    assert found["zero_load"] == pytest.approx(3 * 2.5 + 5)


@pytest.mark.parametrize(("timing", "router"), [("S", 2), ("L", 3), ("D", 4)])
@pytest.mark.parametrize("flits", [1, 3])
@pytest.mark.parametrize(
    ("words", "hops", "link"),
    [
        (("--width", "5", "--height", "1"), 1 * 4 / 5 + 4 / 5, 1),  # four steps on, one back over four links
        (("--width", "5", "--height", "1", "--topology", "torus", "--link-latency", "3"), 1, 3),
    ],
)
def test_an_empty_network_has_the_latency_of_the_closed_form(
    capsys: pytest.CaptureFixture[str], words: Sequence[str], hops: float, link: int, timing: str, router: int, flits: int
) -> None:
    """Neighbours on a line at a low load never meet; the mean over packets is that over the ways that they took."""
    options = ("--traffic", "neighbor", "--timing", timing, "--flits", str(flits), "--load", "0.002")
    found = told(capsys, *words, *options, "--cycles", "3000")
    p = found["points"][0]
    assert p["mean_latency"] == pytest.approx(1 + 2 + (p["mean_links"] + 1) * router + p["mean_links"] * link + flits - 1)
    assert p["network_latency"] == p["mean_latency"]
    assert found["zero_load"] == pytest.approx(1 + 2 + (hops + 1) * router + hops * link + flits - 1)
    assert found["zero_load_of"] == "formula"


def test_saturation_is_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(
        capsys, "--width", "2", "--height", "1", "--vcs", "1", "--buffer", "2", "--traffic", "neighbor", "--load", "0.2,1"
    )
    easy, full = found["points"]
    assert easy["stable"] and not full["stable"]
    assert full["accepted"] == pytest.approx(2 / 5, abs=0.01), "a channel of 2 flits and a credit round trip of 5 cycles"
    assert found["saturation"] == full["accepted"]
    assert full["link_load_max"] == pytest.approx(2 / 5, abs=0.01)
    assert full["mean_latency"] > 3 * found["zero_load"] == 3 * 8
    assert 0.2 < found["knee"] < 1


def test_stable_asks_for_all_packets(capsys: pytest.CaptureFixture[str]) -> None:
    """Queued routers at full load to one core: it takes one flit per cycle of sixteen that are offered."""
    words = ("--width", "4", "--router", "queued", "--traffic", "hotspot", "--hotspots", "5", "--hotspot-share", "1")
    found = told(capsys, *words, "--load", "0.03125,1", "--cycles", "2000")
    easy, full = found["points"]
    assert easy["stable"] and easy["undelivered"] == 0
    assert not full["stable"] and full["undelivered"] > 0, "16 x 2050 flits do not leave within 22050 cycles"
    assert full["accepted"] == pytest.approx(1 / 16, rel=0.01)


def test_the_curve_is_found_without_loads(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--width", "2", "--height", "1", "--vcs", "1", "--buffer", "2", "--traffic", "neighbor", "--cycles", "1500")
    found = told(capsys, *words)
    loads = [p["load"] for p in found["points"]]
    assert loads == sorted(loads) and len(loads) < 20
    assert found["knee"] == pytest.approx(0.385, abs=0.03), "a little below the 2 / 5 that the link carries"
    near = [p for p in loads if abs(p - found["knee"]) <= 0.03 * found["knee"]]
    assert near, "it was looked at closely"


def test_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ("--width", "3", "--load", "0.1,0.3", "--out", str(tmp_path / "out"))
    found = told(capsys, *words)
    assert json.loads((tmp_path / "out/noc.json").read_text(encoding="utf-8")) == found
    points = list(csv.DictReader((tmp_path / "out/points.csv").read_text(encoding="utf-8").splitlines()))
    assert [float(row["load"]) for row in points] == [0.1, 0.3]
    links = list(csv.DictReader((tmp_path / "out/links.csv").read_text(encoding="utf-8").splitlines()))
    for load, p in zip(("0.1", "0.3"), found["points"], strict=True):
        mine = [row for row in links if row["load"] == load]
        assert len(mine) == 24 + 9
        assert sum(int(row["flits"]) for row in mine if row["port"] != "EJECT") == p["flit_hops"]
    assert {(row["from"], row["to"]) for row in links if row["port"] == "S"} == {(str(n), str(n + 3)) for n in range(6)}
    for name in ("latency.png", "links.png"):
        assert (tmp_path / "out" / name).read_bytes()[:4] == b"\x89PNG"
    assert main(["noc", *SHORT, *words]) == 2, "not over what is there"
    assert "not empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("--topology", "ring", "--width", "6"),
        ("--topology", "tree", "--width", "7", "--arity", "2"),
        ("--topology", "mesh3d", "--width", "2", "--depth", "2"),
        ("--topology", "cmesh", "--width", "2"),
        ("--topology", "torus", "--width", "3", "--routing", "dateline"),
        ("--width", "3", "--routing", "odd-even", "--flits", "1,4"),
        ("--width", "1"),
        ("--chip", "mesh-16", "--traffic", "bursty"),
        ("--topology", "tree", "--width", "7", "--router", "ideal"),
    ],
)
def test_any_network(capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> None:
    found = told(capsys, *words, "--load", "0.05")
    p = found["points"][0]
    assert p["undelivered"] == 0 and p["mean_latency"] >= 0.9 * found["zero_load"] > 0


def test_graph_from_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text("a,b\n0,1\n1,2\n2,0\n2,3\n", encoding="utf-8")
    found = told(capsys, "--topology", "graph", "--edges", str(tmp_path / "edges.csv"), "--load", "0.05")
    assert found["noc"]["nodes"] == 4 and found["points"][0]["undelivered"] == 0


def test_a_routing_that_can_deadlock_is_refused_unless_forced(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["noc", *SHORT, "--topology", "torus", "--width", "4", "--routing", "table", "--load", "0.02", "--quiet"]
    assert main(words) == 3
    assert "can stand still" in capsys.readouterr().err
    assert main([*words, "--force"]) == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--load", "0"), 2, "--load: found '0'; allowed: flits per node and cycle, above 0, at most 1"),
        (("--load", "0.1:0.3"), 2, "--load"),
        (("--load", "1e-99999999"), 2, "--load"),
        (("--flits", "1,0"), 2, "--flits: found '1,0'; allowed"),
        (("--topology", "klein"), 2, "--topology: found 'klein'; allowed: mesh, torus, ring"),
        (("--topology", "torus", "--vcs", "1"), 2, "--vcs: chip.noc.vcs: found 1 with routing torus"),
        (("--traffic", "nowhere"), 2, "--traffic 'nowhere': no such pattern; allowed: uniform"),
        (("--traffic", "uniform", "--hotspots", "1"), 2, "--hotspots"),
        (("--hotspot-share", "2"), 2, "--hotspot-share: found '2'"),
        (("--engine", "golden"), 2, "--engine: found 'golden'"),
        (("--traffic", "transpose", "--width", "4", "--height", "3", "--load", "0.1"), 3, "as many columns as rows"),
        (("--topology", "graph", "--edges", "missing.csv", "--load", "0.1"), 3, "missing.csv"),
        (("--load", "1", "--memory-limit", "1MiB"), 2, "a lower load (--load)"),
    ],
)
def test_what_is_refused(capsys: pytest.CaptureFixture[str], words: Sequence[str], code: int, message: str) -> None:
    assert main(["noc", *words]) == code
    out, err = capsys.readouterr()
    assert out == "" and message in err and "Traceback" not in err


def test_loads() -> None:
    assert [float(load) for load in _loads("0.05:0.2:0.05,1/2,1")] == [0.05, 0.1, 0.15, 0.2, 0.5, 1.0]
    with pytest.raises(UsageError, match="at most 1000"):
        _loads("0.0001:1:0.0001")


def test_interrupted_keeps_the_points_so_far() -> None:
    from chipsim.engines.base import Watch

    chip = noc_chip(NocOptions(width=3, height=3))
    done: list[float] = []
    run = NocRun(chip, Pattern("uniform"), cycles=200, warmup=0, engine="reference")
    watch = Watch(stop=lambda: bool(done))
    curve = noc_points(run, (Fraction(1, 10), Fraction(1, 5)), watch, lambda point: done.append(float(point.load)))
    assert curve.interrupted and [float(point.load) for point in curve.points] == [0.1] == done
    assert np.isfinite(curve.summary()["points"][0]["mean_latency"])

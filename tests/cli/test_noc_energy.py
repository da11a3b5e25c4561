"""Joules of ``chipsim noc`` against counts of flits times prices by hand, and against a run of the same traffic; peak, capacity, its page."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from chipsim.config.load import load_chip, load_experiment
from chipsim.pipeline import simulate
from tests.needs import needs

pytestmark = needs("packets")

SHORT = ("--engine", "reference", "--cycles", "200", "--warmup", "50")
PJ = 1e-12


def told(cli: Any, *words: str) -> dict[str, Any]:
    outcome = cli("noc", "--json", "--quiet", *SHORT, *words)
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("router", ["queued", "wormhole"])
def test_joules_are_flits_times_prices(cli: Any, router: str) -> None:
    words = ("--chip", "altai-256", "--router", router, "--width", "4", "--flits", "1,3", "--load", "0.1,0.3", "--out", "out")
    found = told(cli, *words)
    assert found["prices"] == "altai-256"
    rows = list(csv.DictReader(Path("out/links.csv").read_text(encoding="utf-8").splitlines()))
    chip = load_chip("altai-256")
    for point in found["points"]:
        mine = [row for row in rows if float(row["load"]) == point["load"]]
        across, along, out = (
            sum(int(row["flits"]) for row in mine if row["port"] in ports) for ports in ("EW", "NS", ["EJECT"])
        )
        back = (across + along) * 0.33 if router == "wormhole" else 0.0
        assert point["energy_j"]["link"] == pytest.approx((3.0 * across + 4.0 * along + back) * PJ)
        assert point["energy_j"]["router"] == pytest.approx(2 * 1.7 * out * PJ), "into the network and out of it"
        assert point["energy_j"]["core"] == point["energy_j"]["host"] == 0
        seconds = point["cycles"] * found["cycle_s"]
        assert point["energy_j"]["static"] == pytest.approx(16 * 0.82e-3 * seconds)
        each = (point["energy_j"]["link"] + point["energy_j"]["router"]) / out
        rate = point["accepted"] * 16 / found["cycle_s"]
        assert point["power_w"]["static"] == pytest.approx(16 * 0.82e-3)
        assert point["power_w"]["dynamic"] == pytest.approx(each * rate)
        assert point["power_w"]["mean"] == pytest.approx(16 * 0.82e-3 + each * rate)
        assert point["pj_per_flit"]["dynamic"] == pytest.approx(each / PJ)
        assert point["pj_per_flit"]["total"] == pytest.approx((16 * 0.82e-3 / rate + each) / PJ)
    assert float(chip.energy.hop_ew.value or 0) == 3.0, "the prices above are the chip's"


def test_watts_are_those_of_the_load_however_long_it_is_measured(cli: Any) -> None:
    """A mean over a short run would have the filling and the draining of the network in it."""
    words = ("noc", "--json", "--quiet", "--chip", "altai-256", "--width", "8", "--load", "0.1", "--warmup", "300")
    watts = [
        json.loads(cli(*words, "--cycles", cycles).out)["points"][0]["power_w"]["dynamic"]
        for cycles in ("300", "1000", "10000")
    ]
    assert watts == pytest.approx([watts[-1]] * 3, rel=0.05)


def test_joules_are_those_of_a_run_of_the_same_packets(cli: Any) -> None:
    found = told(cli, "--chip", "altai-256", "--width", "4", "--load", "0.2")
    words = ["chip=altai-256", "chip.noc.width=4", "chip.noc.height=4", "engine=reference", "seed=1"]
    words += ["workload={kind: synthetic, pattern: uniform, load: 0.2, cycles: 250}"]
    run = simulate(load_experiment("text-small", words), limits=False).summary
    (point,) = found["points"]
    assert run["counts"]["flit_hops"] == point["flit_hops"]
    for share in ("router", "link"):
        assert run["energy_j"][share] == pytest.approx(point["energy_j"][share], rel=1e-12)


def test_bare_routers_have_no_joules_and_say_how_to_have_them(cli: Any) -> None:
    found = told(cli, "--width", "3", "--load", "0.1")
    assert found["prices"] is None and "energy_j" not in found["points"][0]
    outcome = cli("noc", *SHORT, "--width", "3", "--load", "0.1")
    assert "--chip NAME gives joules, watts and pJ per flit" in outcome.out


def test_peak_and_what_is_left_beyond_it_are_told_apart(cli: Any) -> None:
    """One virtual channel of two flits carries 2 of 5 cycles, and keeps that however much more is offered."""
    words = ("--width", "2", "--height", "1", "--vcs", "1", "--buffer", "2", "--traffic", "neighbor")
    found = told(cli, *words, "--load", "0.2,0.5,1")
    accepted = {point["load"]: point["accepted"] for point in found["points"]}
    top = max(accepted, key=lambda load: (accepted[load], -load))
    assert found["carried"] == {"load": 0.2, "accepted": accepted[0.2]}
    assert found["peak"] == {"load": top, "accepted": accepted[top]} and found["saturation"] == accepted[top]
    assert found["beyond"] == (None if top == 1 else {"load": 1.0, "accepted": accepted[1.0]})
    easy = told(cli, *words, "--load", "0.1,0.2")
    assert easy["peak"] is easy["beyond"] is easy["saturation"] is None and easy["carried"]["load"] == 0.2


@pytest.mark.parametrize(
    ("words", "capacity"),
    [
        (("--width", "4", "--height", "1", "--traffic", "bitcomp"), 1 / 2),  # two nodes of each half cross the middle link
        (
            ("--width", "4", "--height", "1", "--traffic", "neighbor"),
            1.0,
        ),  # one way round; the node itself sends one flit per cycle
        (("--width", "4", "--traffic", "hotspot", "--hotspots", "5", "--hotspot-share", "1"), 1 / 16),  # all into one core
        (("--width", "4", "--height", "1", "--traffic", "bitcomp", "--router", "ideal"), None),
    ],
)
def test_capacity_is_the_load_at_which_the_busiest_link_is_always_busy(
    cli: Any, words: tuple[str, ...], capacity: float | None
) -> None:
    found = told(cli, *words, "--load", "0.05", "--cycles", "3000")
    if capacity is None:
        assert found["capacity"] is None
    else:
        assert found["capacity"] == pytest.approx(capacity, rel=0.12), "of packets that were drawn"


def test_its_folder_is_shown_and_its_page_made_again(cli: Any) -> None:
    found = told(cli, "--chip", "altai-256", "--width", "3", "--load", "0.05,0.1", "--out", "out")
    page, twin = Path("out/report.html"), Path("out/report.md")
    html, text = page.read_text(encoding="utf-8"), twin.read_text(encoding="utf-8")
    assert "3 × 3 mesh of altai-256" in html and "uniform traffic" in html and "pJ per flit" in html
    page.unlink()
    twin.unlink()
    outcome = cli("report", "out")
    assert (outcome.code, outcome.out) == (0, "out/report.html\n")
    assert page.read_text(encoding="utf-8") == html and twin.read_text(encoding="utf-8") == text
    shown = cli("show", "out")
    assert shown.code == 0 and "pJ/flit" in shown.out and "carries  0.1 flits per node and cycle" in shown.out
    assert json.loads(cli("show", "out", "--json").out) == found
    Path("out/noc.json").write_text("{}", encoding="utf-8")
    assert cli("report", "out").code == 2


def test_compare_shows_joules_of_two_chips(cli: Any) -> None:
    for name, chip in (("a", "altai-256"), ("b", "mesh-16")):
        told(cli, "--chip", chip, "--width", "3", "--load", "0.05", "--out", name)
    found = json.loads(cli("compare", "a", "b", "--json", "--quiet").out)
    (table,) = (one for one in found["tables"] if one["name"] == "points")
    assert {"energy_j.total", "power_w.mean", "pj_per_flit.total"} <= {column["name"] for column in table["columns"]}
    assert [one for one in found["settings"] if one["key"] == "prices"], "whose prices they are is a setting"

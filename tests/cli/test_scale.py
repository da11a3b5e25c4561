"""``chipsim scale``: real runs on all workloads, the arithmetic of the envelope, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chipsim.cli.app import main
from chipsim.config.load import load_chip
from chipsim.sweep.scale import scale_spec, with_cores
from tests.needs import needs

KEYS = {
    "schema", "engine", "seed", "digest", "version", "plan_hash", "chip", "mapping", "sim_time_s", "wall_s", "peak_rss_bytes", "counts",
    "latency_s", "energy_j", "power_w", "power_per_core_mw", "claim", "size", "rate", "workload", "engine_events",
}  # fmt: skip


def points_of(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict]:
    assert main(["scale", "--json", "--quiet", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    found = json.loads(out)
    assert len(found["points"]) > 0
    return found["points"]


@needs("nsn")
def test_nsn_points_recognise_on_every_layer(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ("--sizes", "1e3,1e4", "--rate", "5 kHz,50000", "--events", "5000", "--out", str(tmp_path / "out"))
    points = points_of(capsys, *words)
    assert [(p["size"], p["rate"]) for p in points] == [(1000, 5e3), (1000, 5e4), (10_000, 5e3), (10_000, 5e4)]
    for p in points:
        assert set(p) >= KEYS and p["workload"] == "nsn"
        assert p["counts"]["events_in"] >= 5000 and p["status"] == "done"
        assert all(layer["recognised"] > 0 for layer in p["nsn"]["layers"])
        assert p["nsn"]["replay_exact"] is True
        assert p["claim"]["neurons"] == p["size"] and p["claim"]["cores"] == -(-p["size"] // 512)
        assert p["power_w"]["envelope"] == p["claim"]["cores"] * 2 * 1e-3
        used, static, seconds = p["claim"]["cores_in_use"], 0.82e-3, p["sim_time_s"]
        dynamic = sum(p["energy_j"][share] for share in ("core", "router", "link")) / seconds
        assert p["claim"]["watts"] == pytest.approx(used * static + dynamic)
        each = sum(p["energy_j"][share] for share in ("core", "router", "link")) / p["counts"]["events_in"]
        assert p["claim"]["break_even_rate_hz"] == pytest.approx(p["chip"]["cores"] * 1.18e-3 / each)
    slow, fast = points[0], points[1]
    assert slow["functional_digest"] == fast["functional_digest"], "a rate prices things and changes nothing"
    for name in ("points.json", "points.parquet", "points.csv", "scale.png", "scale.svg", "report.html", "report.md"):
        assert (tmp_path / "out" / name).stat().st_size > 0
    assert main(["scale", "--sizes", "1e3", "--quiet", "--out", str(tmp_path / "out")]) == 2  # not over what is there
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["report", str(tmp_path / "out"), "--quiet"]) == 0
    assert (tmp_path / "out/report.html").read_text(encoding="utf-8") == page
    assert main(["show", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    assert "10,000" in out and "paid rate" in out
    assert main(["show", str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["points"] == points


@needs("nsn")
def test_keyed_and_associative_recognise_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    keyed, associative = points_of(capsys, "--sizes", "1e3", "--match", "both", "--events", "5000")
    assert (keyed["match"], associative["match"]) == ("keyed", "associative")
    assert keyed["functional_digest"] == associative["functional_digest"]
    assert keyed["counts"]["synaptic_ops"] < associative["counts"]["synaptic_ops"]


@needs("snn")
def test_lif_points_fire_at_their_rate(capsys: pytest.CaptureFixture[str]) -> None:
    for p in points_of(capsys, "--workload", "lif", "--sizes", "1e3", "--rate", "20,100"):
        assert set(p) >= KEYS
        fired = p["counts"]["spikes"] / p["size"] / p["sim_time_s"]
        assert fired == pytest.approx(p["rate"], rel=0.1)
        assert p["claim"]["cores"] == p["mapping"]["cores_used"] == 2


@needs("nsn")
def test_an_idle_network_draws_static_power_alone(capsys: pytest.CaptureFixture[str]) -> None:
    for p in points_of(capsys, "--workload", "idle", "--sizes", "1e3,1e4"):
        assert set(p) >= KEYS and p["rate"] is None
        assert p["sim_time_s"] == 1.0 and p["engine_events"] == 0
        assert p["energy_j"]["total"] == p["energy_j"]["static"] == pytest.approx(p["chip"]["cores"] * 0.82e-3)
        assert p["claim"]["watts"] == pytest.approx(p["cores"]["in_use"] * 0.82e-3)
        assert p["claim"]["verdict"] == "holds" and p["claim"]["max_rate_hz"] is None, (
            "nothing came, so nothing is known of rates"
        )


def test_a_million_neurons_are_1954_cores_and_3_908_watts() -> None:
    chip = load_chip("altai-256")
    cores = -(-1_000_000 // chip.core.neurons)
    assert cores == 1954 and chip.power.budget_per_core.value is not None
    assert cores * chip.power.budget_per_core.value * 1e-3 == 3.908
    mesh = with_cores(chip, cores).noc
    assert (mesh.width, mesh.height) == (45, 44)


@pytest.mark.parametrize("cores", [1, 2, 3, 5, 16, 17, 1954, 4314])
def test_meshes_are_near_square_and_hold_the_cores(cores: int) -> None:
    noc = with_cores(load_chip("altai-256"), cores).noc
    assert cores <= noc.width * noc.height < cores + noc.width
    assert 0 <= noc.width - noc.height <= 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sizes", "1e3,many"], "whole numbers from 500"),
        (["--sizes", "1e9"], "whole numbers from 500"),
        (["--sizes", "1000.5"], "whole numbers from 500"),
        (["--sizes", ""], "whole numbers from 500"),
        (["--workload", "snn"], "allowed: nsn, lif, idle"),
        (["--rate", "fast"], "--rate"),
        (["--rate", "0"], "allowed with --workload nsn"),
        (["--rate", "nan"], "--rate"),
        (["--workload", "lif", "--rate", "1000"], "1 to 100 Hz"),
        (["--workload", "idle", "--rate", "5"], "idle network has no input"),
        (["--match", "fuzzy"], "allowed: keyed, associative, both"),
        (["--engine", "golden"], "allowed: auto, reference, compiled"),
        (["--events", "10"], "5,000 or more"),
    ],
)
def test_bad_words_are_one_message(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert main(["scale", *words]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1 and said in err


def test_rates_with_and_without_a_unit_are_the_same() -> None:
    assert scale_spec("nsn", "1e3", "5 kHz").rates == scale_spec("nsn", "1000", "5000").rates == (5000.0,)

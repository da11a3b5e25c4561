"""Inputs after bug reports of other tools of this field."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Call
from tests.folders import CASES
from tests.needs import needs

LOG = ("run", "log-sample", "--engine", "golden", "--no-report", "-q", "--set", "workload.only={}")
LIF = (
    "run", "lif-small", "--engine", "reference", "--no-report", "-q", "--json", "--set", "workload.generate=null",
    "--set", "workload.steps=null", "--set", "mapping.fill=null",
)  # fmt: skip
NOC = ("noc", "--json", "-q", "--warmup", "0", "--cycles", "10", "--load", "0.6", "--engine", "reference")


def summary(cli: Call, *words: str | Path) -> dict[str, Any]:
    outcome = cli(*words)
    assert outcome.code == 0, outcome.err
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def test_a_log_that_was_rotated_does_not_name_what_was_learned(cli: Call) -> None:
    shutil.copy(CASES / "01-rotated-before.log", "a.log")
    assert cli(*LOG, "--set", "workload.path=a.log", "--out", "r").code == 0
    shutil.copy(CASES / "01-rotated-after.log", "a.log")
    outcome = cli("replay", "r")
    assert outcome.code == 0
    assert "user=alice" in outcome.out and "user=bob" in outcome.out
    assert "mallory" not in outcome.out and "203.0.113" not in outcome.out
    Path("r/names.json").unlink()
    outcome = cli("replay", "r")  # codes, and why
    assert outcome.code == 0 and "names.json" in outcome.err and "user=" not in outcome.out


@pytest.mark.parametrize(
    ("fields", "name", "values"),
    [
        pytest.param("[neuron,a]", "field.neuron", ["pyramidal", "granule", "pyramidal", "basket"], id="neuron"),
        pytest.param("[neuron,a]", "neuron", [0, 1, 2, 3], id="own neuron"),
        pytest.param("[neuron,a]", "new_neuron", [True, True, False, True], id="new neuron"),
        pytest.param("[time,a]", "field.time", ["10", "20", "30", "40"], id="time"),
        pytest.param("[number,a]", "field.number", ["N7", "N8", "N7", "N9"], id="number"),
        pytest.param("[number,a]", "number", [0, 1, 2, 3], id="own number"),
        pytest.param("[new,a]", "field.new", ["yes", "no", "yes", "no"], id="new"),
        pytest.param("[new,a]", "new", [True, True, True, False], id="own new"),
        pytest.param("[time_text,a]", "field.time_text", ["tt", "uu", "tt", "uu"], id="time_text"),
        pytest.param("[a,b,a_b]", "a_b", ["k1", "k1", "k2", "k2"], id="a_b"),
        pytest.param("[a,b,a_b]", "new_a_b", [True, True, True, False], id="pair"),
        pytest.param("[a,b,a_b]", "new_field.a_b", [True, False, True, False], id="new a_b"),
    ],
)  # fmt: skip
@needs("nsn")
def test_fields_keep_their_values_whatever_they_are_called(fields: str, name: str, values: list[object], cli: Call) -> None:
    """What chipsim says of an event, and of pairs of fields, keeps its column; a field whose name is taken is ``field.NAME``."""
    words = ("--set", "workload.format=jsonl", "--set", f"workload.path={CASES / '02-field-names.jsonl'}")
    outcome = cli(*LOG, *words, "--set", f"workload.fields={fields}", "--out", "r")
    assert outcome.code == 0, outcome.err
    assert pq.read_table("r/events.parquet")[name].to_pylist() == values


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(("--width", "3", "--height", "1", "--vcs", "3", "--buffer", "4", "--window", "4", "--seed", "548123"), id="order"),
        pytest.param(
            (
                "--topology", "torus", "--width", "1", "--height", "3", "--router", "ideal", "--window", "2", "--flits", "1,4",
                "--seed", "463012",
            ),
            id="ideal",
        ),
    ],
)  # fmt: skip
def test_a_closed_loop_is_the_same_on_both_engines(shape: tuple[str, ...], cli: Call, request: pytest.FixtureRequest) -> None:
    points = [summary(cli, *NOC, *shape, "--engine", engine)["points"][0] for engine in ("reference", "compiled")]
    assert (
        points[0]["mean_latency"]
        == points[1]["mean_latency"]
        == pytest.approx({"order": 8.0, "ideal": 30 / 7}[request.node.callspec.id])
    )


def test_undelivered_packets_are_never_fewer_than_none(cli: Call) -> None:
    words = ("--traffic", "bursty", "--burst-alpha", "0.02", "--burst-beta", "0.02", "--cycles", "100", "--warmup", "400")
    point = summary(cli, *NOC, *words, "--load", "0.13", "--width", "4", "--window", "2", "--seed", "239")["points"][0]
    assert point["undelivered"] >= 0


def test_a_large_buffer_runs_or_is_refused(cli: Call) -> None:
    outcome = cli(
        "noc", "--width", "2", "--buffer", "65536", "--load", "0.3", "--cycles", "200", "--warmup", "0", "--json", "-q"
    )
    assert outcome.code in (0, 3), outcome.err


@needs("packets")
def test_a_long_queue_at_its_source_is_no_latency_of_the_network(cli: Call) -> None:
    words = (
        "--set", "chip.noc.cast=unicast", "--set", f"workload={{kind: traffic, path: {CASES / '05-queue.npz'}}}", "--set",
        "chip.noc.flit_time=10 us", "--set", "chip.noc.link_latency_ew=4.123 ns", "--set", "probes=[packets]",
    )  # fmt: skip
    found = summary(cli, "run", "text-small", *words, "--engine", "reference", "--no-report", "-q", "--json", "--out", "r")
    assert found["noc"]["network_latency_s"]["mean"] == pytest.approx(0.00999, rel=1e-3)
    assert found["noc"]["packet_latency_s"]["mean"] > 0.5


@pytest.mark.parametrize("kind", ["float64", "int64"])
@needs("snn")
def test_potentials_are_taken_exactly_or_refused(kind: str, cli: Call) -> None:
    outcome = cli(*LIF, "--set", f"workload.path={CASES / f'08-v0-{kind}.npz'}")
    if kind == "int64":
        assert outcome.code == 3 and "v0[0] is 9007199254740993" in outcome.err
    else:
        assert outcome.code == 0 and json.loads(outcome.out)["counts"]["spikes"] == 1


@pytest.mark.parametrize("engine", ["golden", "reference", "compiled"])
@needs("nsn")
def test_the_hour_that_comes_twice_in_autumn(engine: str, cli: Call) -> None:
    """02:59:59 and 02:00:01 are two seconds apart, in the order of the file; the run names the hour."""
    words = ("--set", f"workload.path={CASES / '15-dst.log'}", "--set", "workload.fields=[user,source,port]")
    found = summary(cli, *LOG, *words, "--engine", engine, "--json", "--out", "r")
    events = pq.read_table("r/events.parquet").to_pydict()
    assert events["port"] == ["1", "2"]
    assert events["time"][1] - events["time"][0] == 2
    given = found["nsn"]["input"]
    assert (given["repeated_hours"], given["events_moved_by_hours"]) == (1, 1)
    assert given["repeated_hours_at"] == ["Oct 29 02:00:01 (line 2)"]


@pytest.mark.parametrize("engine", ["golden", "reference", "compiled"])
@needs("nsn")
def test_milliseconds_are_recognised(engine: str, cli: Call) -> None:
    """4.5 s from first to last, of which whole seconds count; with ``time_scale`` 1,000 whole milliseconds do."""
    words = (
        "--set", "workload.format=jsonl", "--set", f"workload.path={CASES / '15-epoch-ms.jsonl'}", "--set",
        "workload.fields=[user,source]", "--set", "workload.rate=source", "--engine", engine, "--json",
    )  # fmt: skip
    for scale, last in ((1.0, 4), (1000.0, 4500)):
        found = summary(cli, *LOG, *words, "--set", f"workload.time_scale={scale}", "--out", f"r{scale}")
        times = pq.read_table(f"r{scale}/events.parquet")["time"].to_pylist()
        assert times[-1] - times[0] == last
        assert found["nsn"]["input"]["time_unit"] == "ms"
        if engine != "golden":
            assert found["sim_time_s"] == pytest.approx(last / scale, abs=0.1)


def test_a_side_of_a_square_chip_is_the_side_of_a_square(cli: Call) -> None:
    words = ("--load", "0.05", "--cycles", "50", "--warmup", "0", "--json", "-q", "--engine", "reference")
    for side in ("--width", "--height"):
        found = summary(cli, "noc", "--chip", "altai-256", side, "8", *words)["noc"]
        assert (found["width"], found["height"]) == (8, 8)
    found = summary(cli, "noc", "--chip", "altai-256", "--width", "8", "--height", "4", *words)["noc"]
    assert (found["width"], found["height"]) == (8, 4)
    refused = cli("noc", "--chip", "loihi", "--width", "8", *words)
    assert refused.code == 2 and "8 x 4" in refused.err and "--height" in refused.err


@needs("snn")
def test_other_steps_than_those_of_the_archive_are_said(cli: Call, caplog: pytest.LogCaptureFixture) -> None:
    at = LIF.index("workload.steps=null")
    words = (*LIF[:at], "workload.steps=100", *LIF[at + 1 :])
    path = f"workload.path={CASES / '08-v0-float64.npz'}"
    assert summary(cli, *words, "--set", path)["counts"]["steps"] == 100
    assert "says 1 steps, and 100 are run" in caplog.text
    caplog.clear()
    assert summary(cli, *LIF, "--set", path)["counts"]["steps"] == 1
    assert "are run" not in caplog.text

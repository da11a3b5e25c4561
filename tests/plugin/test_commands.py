"""Each part of the outside package under every command: run on both engines, report, show, validate, sweep and its page, noc, map."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.needs import missing, needs
from tests.plugin.conftest import environment, run

ENGINES = ("reference", "compiled")


@dataclass(frozen=True)
class Part:
    """A part, and how it is asked for.

    Attributes:
        settings: of a small run with it.
        key, values: what a sweep goes over; the part, or what only it has, is among them.
        says: what its page has that no other would; "" where a page does not depend on it.
        program: a program that it needs, or "".
    """

    settings: tuple[str, ...]
    key: str
    values: tuple[str, ...]
    says: str
    program: str = ""


ECHO = ("workload={kind: echo, pings: 60, every: 2 ns}", "mapping={}", "chip.noc.width=4", "chip.noc.height=2")
UNICAST = "chip.noc.cast=unicast"
LIF = ("workload.generate={neurons: 128, fan_out: 8, period: 5}", "workload.steps=15")

PARTS = {
    "program": Part(ECHO, "workload.answer", ("10 ns", "30 ns"), "60 answers to 60 pings"),
    "importer": Part(
        ("workload={kind: trace, path: p.trace, cycle: 2 ns}", "mapping={}"), "workload.cycle", ("2 ns", "5 ns"), "p.trace", "packets"
    ),
    "neuron": Part(LIF, "workload.neuron", ("lif", "silent"), "silent", "snn"),
    "topology": Part((*ECHO, UNICAST, "chip.noc.routing=updown"), "chip.noc.topology", ("mesh", "hypercube"), "hypercube"),
    "routing": Part((*ECHO, UNICAST, "chip.noc.topology=hypercube"), "chip.noc.routing", ("updown", "ecube"), "ecube"),
    "partitioner": Part(LIF, "mapping.partitioner", ("sequential", "readers"), "readers", "snn"),
    "sink": Part((*ECHO, "sinks=[lines]"), "workload.pings", ("20", "60"), ""),
}  # fmt: skip
"""By sort."""

ROWS = [pytest.param(name, marks=needs(part.program) if part.program else ()) for name, part in PARTS.items()]


CUBE = [
    "--topology",
    "hypercube",
    "--width",
    "8",
    "--load",
    "0.1,0.3",
    "--cycles",
    "300",
    "--warmup",
    "100",
    "--json",
    "--quiet",
]
NAMED: dict[str, dict[str, list[str]]] = {
    "noc": {
        "reference": ["noc", *CUBE, "--engine", "reference"],
        "compiled": ["noc", *CUBE, "--engine", "compiled"],
        "ecube": ["noc", *CUBE, "--routing", "ecube", "--engine", "compiled"],
        "updown": ["noc", *CUBE, "--routing", "updown", "--engine", "compiled"],
        "chip": ["noc", "--chip", "mesh-16", *CUBE],
        "no mesh": ["noc", *CUBE, "--topology", "mesh", "--routing", "ecube"],
        "no such": ["noc", *CUBE, "--topology", "hypercub"],
    },
    "map": {
        "graph": ["map", "--graph", "small-world:1000", "--mesh", "6x6", "--neurons", "32", "--method", "readers", "--json"],
        "side by side": [
            "map", "--graph", "small-world:1000", "--mesh", "6x6", "--neurons", "32", "--method", "readers,sequential",
            "--compare", "--json",
        ],
        "no such": ["map", "--graph", "small-world:1000", "--mesh", "6x6", "--method", "reader"],
    },
    "map a network": {
        "cube": ["map", "lif-small", *(word for one in (*LIF, "chip.noc.topology=hypercube", "chip.noc.width=8", "chip.noc.height=4",
                 UNICAST, "mapping.partitioner=readers") for word in ("--set", one)), "--json", "--out", "mapped"],
        "side by side": ["map", "lif-small", "--set", LIF[0], "--compare", "--method", "sequential,readers", "--json"],
    },
}  # fmt: skip
"""Calls of commands that take a topology, a routing or a partitioner by name."""


def calls_of(name: str, folder: Path) -> dict[str, list[str]]:
    """Calls of a part by what they do, in order; the last value of its key is that of the runs."""
    part = PARTS[name]
    here = folder / name
    here.mkdir()
    (here / "p.trace").write_text("".join(f"{cycle} {cycle * 7 % 128} {cycle * 13 % 127} 2\n" for cycle in range(80)))
    settings = [text.replace("p.trace", str(here / "p.trace")) for text in part.settings]
    lines = ["base: lif-small", "set:", *(f"  {text.replace('=', ': ', 1)}" for text in settings)]
    lines += ["grid:", f"  {part.key}: [{', '.join(part.values)}]", f"  engine: [{', '.join(ENGINES)}]"]
    (here / "s.yaml").write_text("\n".join(lines))
    words = [word for one in (*settings, f"{part.key}={part.values[-1]}") for word in ("--set", one)]
    return {
        **{f"run {engine}": ["run", "lif-small", *words, "--engine", engine, "--no-report", "--out", f"{name}/{engine}"]
           for engine in ENGINES},
        "report": ["report", f"{name}/compiled"],
        "show": ["show", f"{name}/compiled"],
        "validate": ["validate", f"{name}/compiled/experiment.yaml"],
        "again": ["run", f"{name}/compiled/experiment.yaml", "--no-report", "--json", "--quiet", "--out", f"{name}/again"],
        "sweep": ["sweep", f"{name}/s.yaml", "--out", f"{name}/swept", "--jobs", "1", "--no-report"],
        "page of the sweep": ["report", f"{name}/swept"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("commands")


@pytest.fixture(scope="module")
def done(root: Path, site: Path, folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What came of all calls of all parts whose programs are there."""
    calls = {name: calls_of(name, folder) for name, part in PARTS.items() if not missing([part.program])}
    wanted = {"noc": "packets", "map": "", "map a network": "snn"}
    calls |= {name: words for name, words in NAMED.items() if not missing([wanted[name]])}
    given = json.dumps([words for one in calls.values() for words in one.values()])
    process = run([sys.executable, "-m", "tests.plugin.commands"], folder, environment(root, site), given)
    assert process.code == 0, process.err
    found = iter(json.loads(process.out))
    return {name: {what: next(found) for what in one} for name, one in calls.items()}


def table(file: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = pq.read_table(file).to_pydict()
    return found


def points_of(folder: Path) -> list[Path]:
    """Folders of the points of a sweep, the engine going round fastest."""
    return sorted((folder / "swept/points").iterdir())


@pytest.mark.parametrize("name", ROWS)
def test_no_command_refuses_it(name: str, done: dict[str, dict[str, dict[str, Any]]]) -> None:
    for what, one in done[name].items():
        assert one["code"] == 0, f"{what}: {one['err']}"
        assert "Traceback" not in one["err"] and "WARNING" not in one["err"], f"{what}: {one['err']}"


@pytest.mark.parametrize("name", ROWS)
def test_runs_are_the_same_on_both_engines(name: str, folder: Path, done: Any) -> None:
    first, second = (folder / name / engine for engine in ENGINES)
    summaries = [json.loads((one / "summary.json").read_text()) for one in (first, second)]
    assert [one["engine"] for one in summaries] == list(ENGINES)
    assert summaries[0]["digest"] == summaries[1]["digest"] and summaries[0]["counts"] == summaries[1]["counts"]
    assert summaries[0]["energy_j"] == summaries[1]["energy_j"]
    files = sorted(file.name for file in first.glob("*.parquet"))
    assert files == sorted(file.name for file in second.glob("*.parquet")) and len(files) >= 4
    for file in files:
        assert table(first / file) == table(second / file), file
    again = json.loads(done[name]["again"]["out"])
    assert again["digest"] == summaries[1]["digest"] and again["plan_hash"] == summaries[1]["plan_hash"]


@pytest.mark.parametrize("name", ROWS)
def test_pages_are_made_and_name_it(name: str, folder: Path, done: Any) -> None:
    page = (folder / name / "compiled/report.html").read_text(encoding="utf-8")
    assert len(page) > 20_000 and PARTS[name].says in page
    swept = (folder / name / "swept/report.html").read_text(encoding="utf-8")
    assert len(swept) > 10_000 and PARTS[name].values[-1] in swept


@pytest.mark.parametrize("name", ROWS)
def test_a_sweep_goes_over_it(name: str, folder: Path, done: Any) -> None:
    part = PARTS[name]
    rows = pq.read_table(folder / name / "swept/points.parquet").to_pylist()
    assert [row["status"] for row in rows] == ["done"] * 4
    points = [json.loads((one / "summary.json").read_text()) for one in points_of(folder / name)]
    for value in range(2):  # both engines
        assert points[2 * value]["digest"] == points[2 * value + 1]["digest"]
    whole = json.loads((folder / name / "compiled/summary.json").read_text())
    assert whole["digest"] in {point["digest"] for point in points}
    if part.key != "mapping.partitioner":  # a mapping need not differ
        assert len({point["digest"] for point in points}) == 2


def test_a_sink_writes_in_runs_and_sweeps_what_parquet_says(folder: Path, done: Any) -> None:
    for one in (*(folder / "sink" / engine for engine in ENGINES), *points_of(folder / "sink")):
        for file in ("echoes", "cores", "links"):
            rows = [json.loads(line) for line in (one / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()]
            assert rows == pq.read_table(one / f"{file}.parquet").to_pylist() and rows


@needs("packets")
def test_noc_takes_a_topology_and_a_routing(done: Any) -> None:
    found = {name: one for name, one in done["noc"].items() if name not in ("no mesh", "no such")}
    assert {one["code"] for one in found.values()} == {0}, found
    points = {name: json.loads(one["out"])["points"] for name, one in found.items()}
    figures = {name: [(row["mean_latency"], row["accepted"], row["packets"]) for row in rows] for name, rows in points.items()}
    assert len(points["reference"]) == 2 and figures["reference"] == figures["compiled"]
    assert figures["ecube"] == figures["compiled"] != figures["updown"]  # it is the natural one
    assert done["noc"]["no mesh"]["code"] == 2 and "found ecube on a mesh" in done["noc"]["no mesh"]["err"]
    assert done["noc"]["no such"]["code"] == 2 and "(did you mean 'hypercube'?)" in done["noc"]["no such"]["err"]


def test_map_takes_a_partitioner_for_graphs(done: Any) -> None:
    graph, both, none = done["map"].values()
    assert (graph["code"], both["code"], none["code"]) == (0, 0, 2), graph["err"] + both["err"]
    assert json.loads(graph["out"])["picked"] == "readers"
    assert [row["method"] for row in json.loads(both["out"])["methods"]] == ["readers", "sequential"]
    assert "'reader' is not known; allowed: " in none["err"] and "readers" in none["err"]


@needs("snn")
def test_map_takes_topology_routing_and_partitioner_of_an_experiment(folder: Path, done: Any) -> None:
    cube, both = done["map a network"].values()
    assert (cube["code"], both["code"]) == (0, 0), cube["err"] + both["err"]
    assert "readers" in json.loads(cube["out"])["mapping"]["method"]
    assert "readers" in (folder / "mapped/report.html").read_text(encoding="utf-8")
    assert [row["status"] for row in json.loads(both["out"])["methods"]] == ["done", "done"]

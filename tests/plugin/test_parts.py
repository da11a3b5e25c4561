"""One part of each sort from a package outside the tree: both engines agree on it, and every command takes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.needs import missing, needs
from tests.plugin.conftest import Call, conformed

ECHO = ("workload={kind: echo, pings: 120, every: 1 ns, answer: 30 ns}", "mapping={}")
CUBE = ("chip.noc.topology=hypercube", "chip.noc.width=8", "chip.noc.height=4", "chip.noc.cast=unicast")
SILENT = ("workload.neuron=silent", "workload.generate={neurons: 256, fan_out: 16, period: 6}", "workload.steps=40")
SYNTHETIC = ("workload={kind: synthetic, load: 0.1, cycles: 100, flits: [1, 4]}", "mapping={}")

CASES: dict[str, tuple[str, ...]] = {
    "echo queued": ECHO,
    "echo ideal": (*ECHO, "chip.noc.router=ideal"),
    "echo wormhole": (*ECHO, "chip.noc.router=wormhole", "workload.flits=3"),
    "echo held back": (
        *ECHO, "chip.noc.router=wormhole", "chip.noc.ejection=1", "chip.noc.classes=ordered", "chip.noc.width=4", "chip.noc.height=2",
    ),
    "echo torus": (*ECHO, "chip.noc.topology=torus", "workload.answer=1 ps"),
    "echo lost": (*ECHO, "faults=[{kind: flit_loss, rate: 0.02}]"),
    "cube queued": (*SYNTHETIC, *CUBE),
    "cube ideal": (*SYNTHETIC, *CUBE, "chip.noc.router=ideal"),
    "cube wormhole": (*SYNTHETIC, *CUBE, "chip.noc.router=wormhole"),
    "cube up and down": (*SYNTHETIC, *CUBE, "chip.noc.router=wormhole", "chip.noc.routing=updown"),
    "cube with spikes": ("chip.noc.concentration=4", *CUBE, "chip.noc.cast=multicast", "workload.steps=20"),
    "cube with echoes": (*ECHO, *CUBE),
    "trace": ("workload={kind: trace, path: packets.trace, cycle: 2 ns}", "mapping={}"),
    "silent": SILENT,
    "silent on trees": (*SILENT, "chip.noc.cast=multicast", "chip.noc.router=ideal"),
    "silent by flits": (*SILENT, "chip.noc.router=wormhole"),
    "silent on a cube": (*SILENT, *CUBE, "chip.noc.concentration=4"),
    "readers": ("mapping.partitioner=readers", "mapping.placer=anneal", "workload.steps=20"),
    "readers on trees": ("mapping.partitioner=readers", *SILENT, "chip.noc.cast=multicast"),
    "readers of a text": (
        "base=text-small", "mapping.partitioner=readers", "workload.learned=150", "workload.symbols=40", "workload.episode=40",
    ),
}  # fmt: skip
"""All parts, alone and together."""


def program_of(name: str) -> tuple[str, ...]:
    """The shipped program that a case needs, if it does."""
    if name == "trace" or (name.startswith("cube") and name not in ("cube with spikes", "cube with echoes")):
        return ("packets",)
    return () if "echo" in name else ("nsn",) if "text" in name else ("snn",)


def rows(names: Iterable[str]) -> list[Any]:
    return [pytest.param(name, marks=needs(*program_of(name))) for name in names]


INTERPRETED = ("echo queued", "silent", "echo wormhole", "cube with echoes", "trace")
"""Those that are run as Python too."""

TRACE = "# cycle source destination flits\n" + "".join(
    f"{cycle} {cycle * 7 % 128} {cycle * 13 % 127} {1 + cycle % 5}\n" for cycle in range(200)
)


def cases_in(folder: Path) -> dict[str, list[str]]:
    """The cases, with their files in a folder."""
    (folder / "packets.trace").write_text(TRACE)
    return {
        name: [text.replace("packets.trace", str(folder / "packets.trace")) for text in settings]
        for name, settings in CASES.items()
        if not missing(program_of(name))
    }


@pytest.fixture(scope="module")
def compiled(root: Path, site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return conformed(root, site, cases_in(tmp_path_factory.mktemp("compiled")))


@pytest.fixture(scope="module")
def interpreted(root: Path, site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    cases = cases_in(tmp_path_factory.mktemp("interpreted"))
    return conformed(root, site, {name: cases[name] for name in INTERPRETED if name in cases}, CHIPSIM_INTERPRET="1")


@pytest.mark.parametrize("name", rows(CASES))
def test_both_engines_agree(name: str, compiled: dict[str, Any]) -> None:
    found = compiled[name]
    assert (found["engines"], found["summaries"], found["goes_on"]) == ("", "", "")
    assert found["counts"]["hops"] > 100


@pytest.mark.parametrize("name", rows(INTERPRETED))
def test_interpreted_kernels_do_the_same(name: str, compiled: dict[str, Any], interpreted: dict[str, Any]) -> None:
    assert interpreted[name] == compiled[name]


def test_a_core_answers_every_ping_after_a_fixed_time(cli: Call, tmp_path: Path) -> None:
    settings = ("pings: 20, every: 10 us, answer: 70 ns", "chip.noc.router=ideal")
    done = cli("run", "lif-small", "--set", f"workload={{kind: echo, {settings[0]}}}", "--set", "mapping={}", "--set", settings[1],
               "--set", "probes=[packets]", "--out", "here", "--no-report")  # fmt: skip
    assert done.code == 0, done.err
    packets = pq.read_table(tmp_path / "here/packets.parquet").to_pylist()
    pings, pongs = ([row for row in packets if row["kind"] == kind] for kind in ("ping", "pong"))
    assert len(pings) == len(pongs) == 20
    for ping, pong in zip(pings, pongs, strict=True):
        assert (pong["source"], pong["destination"]) == (ping["destination"], ping["source"])
        assert pong["injected_ps"] == ping["delivered_ps"] + 70_000
    table = pq.read_table(tmp_path / "here/echoes.parquet").to_pylist()
    assert [row["back_ps"] for row in table] == [pong["delivered_ps"] for pong in pongs]


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_program_counts_an_action_of_its_own(cli: Call, tmp_path: Path, engine: str) -> None:
    words = [word for text in (*ECHO, "chip.core.times.spike_out.value=1 us") for word in ("--set", text)]
    assert cli("run", "lif-small", *words, "--engine", engine, "--out", "here", "--no-report").code == 0
    summary = json.loads((tmp_path / "here/summary.json").read_text())
    assert summary["counts"]["echoes"] == summary["echo"]["answered"] == 120 and summary["counts"]["messages_out"] == 0
    cores = pq.read_table(tmp_path / "here/cores.parquet").to_pylist()
    assert sum(row["echoes"] for row in cores) == 120
    lines = {row["action"]: row for row in pq.read_table(tmp_path / "here/energy.parquet").to_pylist()}
    assert lines["spike_out"]["count"] == 120 and lines["spike_out"]["joules"] > 0


@needs("packets")
def test_a_hypercube_is_crossed_bit_by_bit(cli: Call, tmp_path: Path) -> None:
    words = [word for text in (*SYNTHETIC, *CUBE, "probes=[packets]") for word in ("--set", text)]
    assert cli("run", "lif-small", *words, "--out", "here", "--no-report").code == 0
    packets = pq.read_table(tmp_path / "here/packets.parquet").to_pylist()
    concentration = json.loads((tmp_path / "here/summary.json").read_text())["chip"]["cores"] // 32
    for row in packets:
        assert row["hops"] == (row["source"] // concentration ^ row["destination"] // concentration).bit_count()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (("chip.noc.topology=hypercube", "chip.noc.width=3"), "12 tiles in a hypercube; allowed: 2, 4, 8"),
        (("chip.noc.routing=ecube",), "found ecube on a mesh; allowed: xy"),
        (("workload={kind: trace, path: none.trace, cycle: 1 ns}",), "none.trace: there is no such file"),
        (("workload={kind: trace, path: bad.trace, cycle: 1 ns}",), "bad.trace:2: found '1 2 x 1'"),
        (("workload={kind: echo, pings: -1}",), "workload.pings"),
        (("workload={kind: ecko}",), "(did you mean 'echo'?)"),
    ],
)
@needs("packets")
def test_what_is_wrong_is_said_in_a_line(cli: Call, tmp_path: Path, settings: tuple[str, ...], says: str) -> None:
    (tmp_path / "bad.trace").write_text("0 1 2 1\n1 2 x 1\n")
    first = () if settings[0].startswith("workload") else SYNTHETIC
    words = [word for text in (*first, "mapping={}", "chip.noc.height=4", *settings) for word in ("--set", text)]
    done = cli("run", "lif-small", *words)
    assert done.code == 3
    assert says in done.err and "Traceback" not in done.err


@pytest.mark.parametrize("name", rows(["cube with echoes", "silent", "trace"]))
def test_run_and_report(cli: Call, tmp_path: Path, name: str) -> None:
    (tmp_path / "packets.trace").write_text(TRACE)
    words = [word for text in CASES[name] for word in ("--set", text)]
    done = cli("run", "lif-small", *words, "--out", "here", "--report")
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) >= 10
    assert cli("report", "here").code == 0
    page = (tmp_path / "here/report.html").read_text(encoding="utf-8")
    assert name != "cube with echoes" or "120 answers to 120 pings" in page
    assert cli("show", "here").code == 0
    assert cli("validate", "here/experiment.yaml").code == 0


@needs("snn")
def test_a_neuron_is_silent_after_a_spike(cli: Call, tmp_path: Path) -> None:
    words = [word for text in (*SILENT, "probes=[spikes]") for word in ("--set", text)]
    assert cli("run", "lif-small", *words, "--out", "here", "--no-report").code == 0
    spikes = pq.read_table(tmp_path / "here/spikes.parquet").to_pylist()
    last: dict[int, int] = {}
    for row in sorted(spikes, key=lambda row: row["step"]):
        assert row["step"] > last.get(row["neuron"], -9) + 3
        last[row["neuron"]] = row["step"]
    assert len(spikes) > 500


def test_a_sweep_over_parts(cli: Call, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        "base: lif-small\nset: {workload: {kind: echo, pings: 50}, mapping: {}, chip.noc.cast: unicast}\n"
        "grid:\n  chip.noc.topology: [mesh, hypercube]\n  workload.answer: [10 ns, 20 ns]\n"
    )
    done = cli("sweep", "s.yaml", "--out", "swept", "--jobs", "2", "--json")
    assert done.code == 0, done.err
    rows = pq.read_table(tmp_path / "swept/points.parquet").to_pylist()
    assert len(rows) == 4 and {row["status"] for row in rows} == {"done"}
    assert (tmp_path / "swept/report.html").is_file()


@needs("snn", "nsn")
def test_a_partitioner_is_good_for_every_form_of_network(cli: Call, tmp_path: Path) -> None:
    readers = ("--set", "mapping.partitioner=readers")
    spiking = cli("map", "lif-small", *readers, "--json")
    assert spiking.code == 0, spiking.err
    assert "readers" in json.loads(spiking.out)["mapping"]["method"]
    stored = cli(
        "run", "text-small", *readers, "--set", "workload.learned=300", "--set", "workload.symbols=60", "--json", "--no-report"
    )
    assert stored.code == 0, stored.err
    shipped = cli("run", "text-small", "--set", "workload.learned=300", "--set", "workload.symbols=60", "--json", "--no-report")
    digests = [json.loads(done.out)["functional_digest"] for done in (stored, shipped)]
    assert digests[0] == digests[1]
    graph = cli(
        "map",
        "--graph",
        "small-world:1000",
        "--mesh",
        "6x6",
        "--neurons",
        "32",
        "--method",
        "readers,sequential",
        "--compare",
        "--json",
    )
    assert graph.code == 0, graph.err
    assert "readers" in graph.out


def test_a_sink_writes_what_parquet_says(cli: Call, tmp_path: Path) -> None:
    words = [word for text in (*ECHO, "sinks=[lines, csv]") for word in ("--set", text)]
    assert cli("run", "lif-small", *words, "--out", "here", "--no-report").code == 0
    for name in ("echoes", "cores"):
        lines = (tmp_path / f"here/{name}.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line) for line in lines] == pq.read_table(tmp_path / f"here/{name}.parquet").to_pylist()


def test_map_names_what_can_be_mapped(cli: Call) -> None:
    done = cli("map", "lif-small", "--set", "workload={kind: echo}", "--set", "mapping={}")
    assert done.code == 2
    assert "a workload of kind echo names its cores, there is nothing to map" in done.err


def test_show_and_schema_know_the_parts(cli: Call) -> None:
    shown = cli("show").out
    for name in ("echo", "trace", "hypercube", "ecube", "readers", "lines", "silent"):
        assert name in shown, name
    assert "how long a core takes to answer" in cli("show", "workload").out
    schema = cli("schema", "experiment").out
    assert '"hypercube"' in schema and '"ecube"' in schema and '"EchoWorkload"' in schema

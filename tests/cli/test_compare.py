"""``chipsim compare``: equal results are equal, every difference that is planted is found, and what cannot be compared ends in a message."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from chipsim.cli.app import main
from chipsim.pipeline import compare
from tests.cli.conftest import SMALL, Call
from tests.needs import needs

GRID = {
    "base": "text-small",
    "set": {"workload.learned": 100, "workload.symbols": 40},
    "grid": {"chip.noc.router": ["ideal", "queued"], "chip.noc.cast": ["multicast", "unicast"]},
}


def made(folder: Path, *words: str) -> Path:
    assert main([*words, "--quiet", "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("run") / "a", "run", "text-small", *SMALL, "--set", "probes=[alerts]", "--no-report")


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    return shutil.copytree(run, tmp_path / "b")


def rewritten(path: Path, change: Callable[[Any], None]) -> None:
    found = json.loads(path.read_text())
    change(found)
    path.write_text(json.dumps(found))


def told(cli: Call, *paths: Path) -> dict[str, Any]:
    """The object of ``--json`` of results that differ; the exit code says so."""
    result = cli("compare", *paths, "--json", "--quiet", "--fail-on-difference")
    assert result.code == 1, result.err
    found: dict[str, Any] = json.loads(result.out)
    assert found["equal"] is False
    return found


# -- runs --------------------------------------------------------------------------------------------------------------------


@needs("nsn")
def test_a_run_made_again_is_equal_but_for_the_machine(cli: Call, run: Path, tmp_path: Path) -> None:
    again = made(tmp_path / "again", "run", "text-small", *SMALL, "--set", "probes=[alerts]", "--no-report")
    result = cli("compare", run, again, "--fail-on-difference")
    assert result.code == 0 and "run: equal in everything but the machine's own" in " ".join(result.out.split())
    found = json.loads(cli("compare", run, again, "--json", "--quiet").out)
    assert found["equal"] and found["tables"] == found["settings"] == found["figures"] == []
    assert found["looked_at"]["tables"] > 10 and found["looked_at"]["settings"] > 100
    assert {one["key"].split(".")[0] for one in found["machine"]} <= {"wall_s", "run_cpu_s", "peak_rss_bytes", "engine"}


@needs("nsn")
def test_a_planted_figure_is_found_with_its_ratio(cli: Call, run: Path, copy: Path) -> None:
    rewritten(copy / "summary.json", lambda one: one["energy_j"].update(total=2 * one["energy_j"]["total"]))
    found = told(cli, run, copy)
    assert [(one["key"], one["ratios"]) for one in found["figures"]] == [("energy_j.total", [2.0])]
    assert found["tables"] == [] and all(one["equal"] for one in found["digests"])
    assert "energy_j.total" in cli("compare", run, copy).out


@needs("nsn")
def test_the_last_bit_of_a_figure_is_found_and_shown(cli: Call, run: Path, copy: Path) -> None:
    rewritten(copy / "summary.json", lambda one: one["energy_j"].update(total=one["energy_j"]["total"] * (1 + 2**-52)))
    (one,) = told(cli, run, copy)["figures"]
    assert one["values"][0] != one["values"][1]
    line = next(line for line in cli("compare", run, copy).out.splitlines() if line.startswith("energy_j.total"))
    assert line.split()[1] != line.split()[2]


@needs("nsn")
def test_a_planted_value_of_a_table_is_found_with_its_row(cli: Call, run: Path, copy: Path) -> None:
    path = copy / "cores.parquet"
    table = pq.read_table(path)
    values = table["operations"].to_pylist()
    values[5] += 3
    pq.write_table(table.set_column(table.column_names.index("operations"), "operations", pa.array(values)), path)
    (one,) = told(cli, run, copy)["tables"]
    assert (one["name"], one["differing"], one["unmatched"]) == ("cores", 1, [0, 0])
    assert [(column["name"], column["rows"]) for column in one["columns"]] == [("operations", 1)]
    assert one["first"] == {"number": 5, "where": {"core": 5}, "values": {"operations": [values[5] - 3, values[5]]}}


@needs("nsn")
def test_planted_rows_columns_and_tables_are_found(cli: Call, run: Path, copy: Path) -> None:
    table = pq.read_table(copy / "links.parquet")
    pq.write_table(table.slice(0, len(table) - 2), copy / "links.parquet")
    routers = pq.read_table(copy / "routers.parquet")
    pq.write_table(routers.drop_columns(["lookups"]), copy / "routers.parquet")
    (copy / "layers.parquet").unlink()
    found = {one["name"]: one for one in told(cli, run, copy)["tables"]}
    assert set(found) == {"links", "routers", "layers"}
    assert found["links"]["unmatched"] == [2, 0] and found["links"]["differing"] == 0
    assert found["routers"]["lost"] == ["lookups"]
    assert found["layers"]["rows"][1] is None
    out = cli("compare", run, copy).out
    assert "layers: only in A" in out and "2 only in A" in out and "columns of one alone: lookups" in " ".join(out.split())


@needs("nsn")
def test_a_planted_setting_is_found_by_its_key(cli: Call, run: Path, copy: Path) -> None:
    path = copy / "experiment.yaml"
    path.write_text(path.read_text().replace("cast: multicast", "cast: unicast"))
    found = told(cli, run, copy)
    assert [(one["key"], one["values"]) for one in found["settings"]] == [("chip.noc.cast", ["multicast", "unicast"])]
    assert found["figures"] == [] and found["tables"] == []


@needs("nsn")
def test_a_planted_alert_digest_and_array_are_found(cli: Call, run: Path, copy: Path) -> None:
    with (copy / "alerts.jsonl").open("a") as file:
        file.write('{"neuron": 1}\n')
    rewritten(copy / "summary.json", lambda one: one.update(functional_digest="0" * 32))
    shutil.copy(run / "memory.npz", copy / "mapping.npz")
    found = told(cli, run, copy)
    assert [one["key"] for one in found["digests"] if not one["equal"]] == ["functional_digest"]
    names = {one["name"] for one in found["tables"]}
    assert "alerts" in names and any(name.startswith("mapping.npz: ") for name in names)
    assert "functional_digest DIFFERS" in " ".join(cli("compare", run, copy).out.split())


@needs("nsn")
def test_three_runs_are_held_against_the_first(cli: Call, run: Path, copy: Path) -> None:
    rewritten(copy / "summary.json", lambda one: one["counts"].update(spikes=2 * one["counts"]["spikes"]))
    (one,) = told(cli, run, run, copy)["figures"]
    assert one["key"] == "counts.spikes" and one["ratios"] == [1.0, 2.0]


@needs("nsn")
def test_what_differs_by_the_machine_is_told_apart(cli: Call, run: Path, copy: Path) -> None:
    rewritten(copy / "summary.json", lambda one: one.update(version="9.9", peak_rss_bytes=1))
    result = cli("compare", run, copy, "--fail-on-difference")
    assert result.code == 0 and "version" in result.out


@needs("nsn")
def test_a_page_has_what_differs_and_nothing_from_elsewhere(cli: Call, run: Path, tmp_path: Path) -> None:
    other = made(tmp_path / "c", "run", "text-small", *SMALL, "--set", "chip.noc.cast=unicast", "--no-report")
    assert cli("compare", run, other, "--out", tmp_path / "out", "--page", tmp_path / "page.html", "--quiet").code == 0
    page = (tmp_path / "page.html").read_text()
    assert page == (tmp_path / "out" / "compare.html").read_text()
    assert json.loads((tmp_path / "out" / "compare.json").read_text())["kind"] == "run"
    for word in ("chip.noc.cast", "multicast", "unicast", "energy_j.total", "Tables that differ", "Table cores, A and B"):
        assert word in page
    assert "src=" not in page and "http" not in page


@needs("nsn")
def test_summaries_alone_are_compared_as_such(cli: Call, run: Path, copy: Path) -> None:
    file = shutil.copy(copy / "summary.json", copy.parent / "kept.json")
    result = cli("compare", run, file, "--fail-on-difference")
    assert result.code == 0 and "only the JSON object of each is read" in " ".join(result.out.split())


@needs("nsn")
def test_a_notebook_shows_tables(run: Path, copy: Path) -> None:
    rewritten(copy / "summary.json", lambda one: one["energy_j"].update(total="<b>"))
    found = compare([run, copy])
    assert not found.equal and "<table>" in found._repr_html_() and "&lt;b&gt;" in found._repr_html_()


# -- sweeps, mappings, curves, scaling runs --------------------------------------------------------------------------------------


@needs("nsn")
def test_two_sweeps_point_by_point(cli: Call, tmp_path: Path) -> None:
    for name, routers in (("a", ["ideal", "queued"]), ("b", ["ideal", "queued"]), ("c", ["queued", "ideal"])):
        file = tmp_path / f"{name}.yaml"
        file.write_text(
            yaml.safe_dump(GRID | {"name": "s", "grid": GRID["grid"] | {"chip.noc.router": routers}}, sort_keys=False)
        )
        made(tmp_path / f"of-{name}", "sweep", str(file), "--jobs", "1", "--no-report")
    a, b, c = (tmp_path / f"of-{name}" for name in "abc")
    assert cli("compare", a, b, "--fail-on-difference").code == 0
    found = told(cli, a, c)
    assert [one["key"] for one in found["settings"]] == ["grid.chip.noc.router"]
    assert found["tables"] == [], "points belong together by what they are set to, not by number"
    table = pq.read_table(b / "points.parquet")
    column = "energy_j.total"
    values = table[column].to_pylist()
    values[2] *= 3
    pq.write_table(table.set_column(table.column_names.index(column), column, pa.array(values)), b / "points.parquet")
    (one,) = told(cli, a, b)["tables"]
    assert [(column["name"], column["rows"], column["most"]) for column in one["columns"]] == [("energy_j.total", 1, 3.0)]
    assert one["first"]["where"] == {"chip.noc.router": "queued", "chip.noc.cast": "multicast"}


@needs("nsn")
def test_two_mappings_and_their_files(cli: Call, tmp_path: Path) -> None:
    words = ("map", "text-small", *SMALL)
    a, b = made(tmp_path / "a", *words), made(tmp_path / "b", *words)
    c = made(tmp_path / "c", *words, "--set", "mapping.partitioner=random")
    assert cli("compare", a, b, "--fail-on-difference").code == 0
    found = told(cli, a, c)
    assert [one["key"] for one in found["settings"]] == ["mapping.partitioner"]
    assert "mapping.packets_per_spike" in {one["key"] for one in found["figures"]}
    assert {"cores", "mapping.npz: core"} <= {one["name"] for one in found["tables"]}
    files = cli("compare", a / "mapping.npz", b, "--fail-on-difference")
    assert files.code == 0 and "only the mapping file of each is read" in " ".join(files.out.split())
    assert {"core", "method"} <= {one["name"] for one in told(cli, a / "mapping.npz", c / "mapping.npz")["tables"]}


def test_two_mapped_graphs(cli: Call, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        words = ("map", "--graph", "topics:1000", "--mesh", "3x3", "--method", "random", "--seed", str(seed), "--quiet")
        assert cli(*words, "--out", f"{name}.npz", "--report", name).code == 0
    assert cli("compare", "a", "b", "--fail-on-difference").code == 0
    assert cli("compare", "a.npz", "b.npz", "--fail-on-difference").code == 0
    assert "seed" in {one["key"] for one in told(cli, Path("a"), Path("c"))["settings"]}
    assert "core" in {one["name"] for one in told(cli, Path("a.npz"), Path("c.npz"))["tables"]}


@needs("packets")
def test_two_curves_load_by_load(cli: Call, tmp_path: Path) -> None:
    words = ("noc", "--width", "3", "--cycles", "400", "--warmup", "100", "--engine", "reference")
    a, b = (made(tmp_path / name, *words, "--load", "0.1,0.2") for name in "ab")
    c = made(tmp_path / "c", *words, "--load", "0.2,0.3", "--timing", "D")
    assert cli("compare", a, b, "--fail-on-difference").code == 0
    found = told(cli, a, c)
    assert {one["key"] for one in found["settings"]} == {"noc.timing", "loads"}
    points = next(one for one in found["tables"] if one["name"] == "points")
    assert points["unmatched"] == [1, 1] and points["first"]["where"] == {"load": 0.2}
    assert next(one for one in found["figures"] if one["key"] == "zero_load")["ratios"][0] > 1
    rewritten(b / "noc.json", lambda one: one["points"][1].update(accepted=0.5))
    (one,) = [table for table in told(cli, a, b)["tables"] if table["name"] == "points"]
    assert [column["name"] for column in one["columns"]] == ["accepted"]


@needs("nsn")
def test_two_scaling_runs_size_by_size(cli: Call, tmp_path: Path) -> None:
    words = ("scale", "--sizes", "600", "--events", "5000")
    a = made(tmp_path / "a", *words)
    b = shutil.copytree(a, tmp_path / "b")
    assert cli("compare", a, b, "--fail-on-difference").code == 0
    rewritten(b / "points.json", lambda one: one["points"][0]["claim"].update(watts=1.0))
    (one,) = told(cli, a, b)["tables"]
    assert [column["name"] for column in one["columns"]] == ["claim.watts"]


# -- what cannot be compared ---------------------------------------------------------------------------------------------------


def message(cli: Call, *words: str | Path) -> str:
    """The only message of a command that refuses."""
    result = cli("compare", *words)
    assert result.code == 2 and result.out == ""
    assert result.err.startswith("error: ") and result.err.count("\n") == 1, result.err
    return result.err


@needs("nsn", "packets")
def test_what_cannot_be_compared_is_refused_in_one_message(cli: Call, run: Path, copy: Path, tmp_path: Path) -> None:
    curve = made(tmp_path / "n", "noc", "--width", "2", "--cycles", "100", "--warmup", "0", "--load", "0.1")
    assert "of kind run" in message(cli, run, curve) and "of kind noc" in message(cli, run, curve)
    assert "two or more" in message(cli, run)
    (tmp_path / "file").touch()
    assert f"{tmp_path}/file/page.html: cannot be written" in message(cli, run, copy, "--page", tmp_path / "file" / "page.html")
    assert f"{tmp_path}/file: cannot be written" in message(cli, run, copy, "--out", tmp_path / "file")
    assert "not JSON" in message(cli, run, run / "cores.parquet")
    assert "No such file" in message(cli, run, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "no result of chipsim" in message(cli, run, tmp_path / "empty")
    (tmp_path / "other.json").write_text("[1]")
    assert "not the object of a result" in message(cli, run, tmp_path / "other.json")
    (tmp_path / "other.npz").write_bytes(b"PK\x03\x04 cut")
    assert "not a whole NumPy archive" in message(cli, run, tmp_path / "other.npz")
    assert "memory.npz: not a mapping" in message(cli, run, run / "memory.npz")


@needs("nsn")
@pytest.mark.parametrize("name", ["summary.json", "experiment.yaml", "cores.parquet", "memory.npz"])
def test_a_file_that_is_cut_is_named(cli: Call, run: Path, copy: Path, name: str) -> None:
    path = copy / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if name != "experiment.yaml" else b"name: [")
    assert name in message(cli, run, copy)


@needs("nsn")
def test_a_run_that_was_cut_off_and_a_sweep_without_table_are_refused(cli: Call, run: Path, copy: Path, tmp_path: Path) -> None:
    (copy / "summary.json").unlink()
    assert "did not come to its end" in message(cli, run, copy)
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "sweep.yaml").write_text("grid: {}\n")
    assert "points.parquet" in message(cli, tmp_path / "s", tmp_path / "s")


@needs("snn")
def test_a_digest_that_no_run_has_is_not_said_to_be_equal(cli):
    for name in "ab":
        assert cli("run", "lif-small", "--set", "workload.steps=3", "--no-report", "--quiet", "--out", name).code == 0
    outcome = cli("compare", "a", "b")
    assert outcome.code == 0 and "plan_hash" in outcome.out and "functional_digest" not in outcome.out

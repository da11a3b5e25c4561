"""Sweeps: files and what is wrong with them, points in order, the table, folders that were cut off or are of something else."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chipsim.config import catalogue
from chipsim.config.load import load_experiment
from chipsim.config.sweep import load_point, load_sweep, resolved, resolved_sweep_yaml
from chipsim.errors import ConfigError, UsageError
from chipsim.results.comparison.machine import is_machine
from chipsim.sweep.folder import owned
from chipsim.sweep.labels import labels
from chipsim.sweep.points import expand
from chipsim.sweep.pool import Pool
from chipsim.sweep.run import SweepResult, run_sweep
from chipsim.sweep.table import flat, write_points
from chipsim.sweep.worker import Task
from reports.sweep import build_sweep_report, tell_sweep
from tests.needs import needs

SMALL = "set: {engine: reference, workload.learned: 200, workload.symbols: 12, workload.episode: 64}\n"


def written(folder: Path, text: str, name: str = "s.yaml") -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


# -- files -------------------------------------------------------------------------------------------------------------------


def test_points_are_the_product_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "grid: {chip.noc.width: [4, 5], workload.rate: [5 kHz, saturate], seed: [3, 1, 2]}\nbase: text-small\n"
    sweep = load_sweep(written(tmp_path, text))
    points = expand(sweep)
    expected = list(itertools.product(["4", "5"], ["5 kHz", "saturate"], ["3", "1", "2"]))
    assert [tuple(point.settings.values()) for point in points] == expected
    assert [point.number for point in points] == list(range(1, 13))
    assert [point.folder[:5] for point in points] == [f"{n:04}-" for n in range(1, 13)]
    assert len({point.folder[5:] for point in points}) == 12
    for point, (width, rate, seed) in zip(points, expected, strict=True):
        same = load_experiment("text-small", [f"chip.noc.width={width}", f"workload.rate={rate}", f"seed={seed}"])
        assert load_point(sweep, point.number) == same


def test_values_may_be_anything_that_an_experiment_may_hold(tmp_path: Path) -> None:
    grid = "grid: {until: [null, 1 ms], workload.max_gap: [null, 7], chip: [mesh-16, {base: altai-256, noc: {router: ideal}}]}"
    sweep = load_sweep(written(tmp_path, f"base: text-small\nset: {{chip.noc.cast: unicast}}\n{grid}"))
    last = load_point(sweep, 8)
    assert (last.until, last.workload.max_gap, last.chip.name, last.chip.noc.router) == (10**9, 7, "altai-256", "ideal")
    # the whole chip is set before its part, wherever the two stand
    assert {load_point(sweep, number).chip.noc.cast for number in range(1, 9)} == {"unicast"}
    assert [point.settings["until"] for point in expand(sweep)] == [*4 * ["null"], *4 * ["1 ms"]]
    assert expand(sweep)[1].settings["chip"] == '{"base": "altai-256", "noc": {"router": "ideal"}}'


def test_the_resolved_file_is_the_same_sweep_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "base: mesh-16\nname: mine\n", "in/chips/mine.yaml")
    written(tmp_path, "hello world, hello again\n", "in/a.txt")
    base = "{chip: chips/mine.yaml, workload: {kind: text, path: a.txt, symbols: 5}}"
    file = written(tmp_path, f"base: {base}\ngrid: {{chip: [chips/mine.yaml, mesh-16], workload.path: [a.txt]}}", "in/s.yaml")
    sweep = load_sweep(file)
    monkeypatch.chdir("/")
    again = load_sweep(written(tmp_path, resolved_sweep_yaml(sweep), "elsewhere/t.yaml"))
    assert resolved(again) == resolved(sweep)
    assert [load_point(again, n) for n in (1, 2)] == [load_point(sweep, n) for n in (1, 2)]
    assert load_point(again, 1).chip.name == "mine"
    assert load_point(again, 1).workload.input_path() == tmp_path / "in/a.txt"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "s.yaml: is empty"),
        ("- 1", "is not a mapping"),
        ("base: text-small", "s.yaml:1:1: grid: missing"),
        ("base: text-small\ngrid: {}", "s.yaml:2:7: grid: found 0 items; allowed: at least 1 item"),
        ("base: text-small\ngrid: {seed: []}", "s.yaml:2:14: grid.seed: found 0 items"),
        ("base: text-small\ngrid: {seed: 4}", "s.yaml:2:14: grid.seed: found number 4; allowed: a list"),
        ("base: text-small\ngird: {seed: [4]}", "s.yaml:2:1: gird: unknown key (did you mean 'grid'?)"),
        ("base: text-smal\ngrid: {seed: [4]}", "s.yaml:1:7: base: no experiment called 'text-smal' is shipped (did you mean"),
        ("base: mine/x.yaml\ngrid: {seed: [4]}", "mine/x.yaml: no such file"),
        ("base: 5\ngrid: {seed: [4]}", "s.yaml:1:7: base: found 5; allowed: the name of a shipped experiment, the path"),
        ("base: text-small\ngrid: {seed: [4, 5, 4]}", "s.yaml:2:21: grid.seed: value '4' given twice"),
        ("base: text-small\ngrid: {chip..noc: [4]}", "s.yaml:2:8: grid: 'chip..noc' is no key path"),
        ("base: text-small\nset: {seed: 1}\ngrid: {seed: [4]}", "s.yaml:2:7: set.seed: the grid sweeps this key"),
        ("base: text-small\ngrid: {seed: [4]\n", "not well-formed YAML"),
        ("chip: mesh-16\nworkload: {kind: text}", "this describes an experiment, not a sweep"),
        ("base: text-small\ngrid: {" + ", ".join(f"x{n}: [1, 2, 3, 4, 5, 6, 7]" for n in range(6)) + "}", "117,649 points"),
    ],
)
def test_a_broken_file_is_one_message_with_its_place(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_sweep(written(tmp_path, text))
    assert found in str(caught.value)
    assert all(line.startswith(str(tmp_path)) for line in str(caught.value).splitlines())


@pytest.mark.parametrize(
    ("grid", "found"),
    [
        ("chip.noc.ruoter: [ideal, queued]", "s.yaml:2:8: chip.noc.ruoter: unknown key (did you mean 'router'?)"),
        ("engine.kind: [a, b]", "engine is a plain value"),
        ("workload.fields: [[user], [source]]", "workload.fields: unknown key"),
    ],
)
def test_a_key_that_no_point_has_is_found_before_anything_runs(tmp_path: Path, grid: str, found: str) -> None:
    sweep = load_sweep(written(tmp_path, f"base: text-small\ngrid: {{{grid}, seed: [1, 2]}}"))
    with pytest.raises(ConfigError) as caught:
        run_sweep(sweep, tmp_path / "out")
    assert found in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_settings_hold_for_all_points(tmp_path: Path) -> None:
    file = written(tmp_path, f"base: text-small\n{SMALL}grid: {{seed: [1, 2]}}")
    sweep = load_sweep(file, ["workload.symbols=7", "chip.noc.router=ideal"])
    assert [load_point(sweep, n).workload.symbols for n in (1, 2)] == [7, 7]
    assert load_point(sweep, 2).chip.noc.router == "ideal" and load_point(sweep, 2).workload.learned == 200
    with pytest.raises(UsageError, match="the grid sweeps this key"):
        load_sweep(file, ["seed=4"])


@pytest.mark.parametrize("name", catalogue.sweeps())
def test_shipped_sweeps_are_right(name: str) -> None:
    points = expand(load_sweep(name))
    assert len(points) >= 3
    assert [point.problem for point in points if point.problem] == []


# -- running -----------------------------------------------------------------------------------------------------------------

GRID = "grid: {workload.match: [associative, keyed], chip.core.neurons: [64, 2, 0], chip.noc.link_latency: [2 ns, 9 ns]}\n"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> SweepResult:
    """12 points: 4 run, 4 do not map, 4 are invalid."""
    folder = tmp_path_factory.mktemp("sweep")
    return run_sweep(load_sweep(written(folder, f"base: text-small\n{SMALL}{GRID}")), folder / "out", jobs=1)


def lasting(rows: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if not is_machine(name)} for row in rows]


@needs("nsn")
def test_a_point_that_cannot_be_run_is_a_row(result: SweepResult) -> None:
    by_neurons = {value: [row for row in result.rows if row["chip.core.neurons"] == value] for value in ("64", "2", "0")}
    assert all((row["status"], row["exit_code"], row["reason"]) == ("done", 0, None) for row in by_neurons["64"])
    assert all((row["status"], row["exit_code"]) == ("failed", 4) and "fit" in row["reason"] for row in by_neurons["2"])
    assert all((row["status"], row["exit_code"]) == ("failed", 3) for row in by_neurons["0"])
    assert all("s.yaml:3:" in row["reason"] and "chip.core.neurons" in row["reason"] for row in by_neurons["0"])
    assert not result.stopped
    assert (result.progress.done, result.progress.failed, result.progress.run) == (4, 8, 8)


@needs("nsn")
def test_the_table_has_every_figure_of_every_summary(result: SweepResult) -> None:
    table = pq.read_table(result.folder / "points.parquet")
    rows = table.to_pylist()
    assert [row["number"] for row in rows] == list(range(1, 13))
    for row, stored in zip(result.rows, rows, strict=True):
        assert {name: value for name, value in stored.items() if value is not None} == {
            name: value for name, value in row.items() if value is not None
        }
        if row["status"] == "done":
            summary = json.loads((result.folder / row["folder"] / "summary.json").read_text())
            assert stored["digest"] == summary["digest"] and stored["summary.status"] == summary["status"]
            assert stored["energy_j.total"] == summary["energy_j"]["total"]
            assert stored["nsn.layers.1.created"] == summary["nsn"]["layers"][1]["created"]
            assert stored.get("claim.assumed") == (", ".join(summary["claim"]["assumed"]) or None)
            names = {name if name not in ("status",) else f"summary.{name}" for name, _ in flat(summary)}
            assert names <= set(table.column_names)
    assert table.schema.field("counts.hops").type == pa.int64()
    assert table.schema.field("energy_j.total").type == pa.float64()
    assert table.schema.field("nsn.replay_exact").type == pa.bool_()
    assert table.schema.field("chip.core.neurons").type == pa.string()
    digests = [row["digest"] for row in rows if row["status"] == "done"]
    assert len(set(digests)) == 4


def test_columns_hold_what_all_points_have(tmp_path: Path) -> None:
    rows = [{"a": 1, "b": True, "c": 1, "d": None, "e": 2**70}, {"a": 2.5, "b": None, "c": "x"}]
    table = pq.read_table(write_points(tmp_path, rows))
    assert table.to_pylist() == [
        {"a": 1.0, "b": True, "c": "1", "d": None, "e": float(2**70)},
        {"a": 2.5, "b": None, "c": "x", "d": None, "e": None},
    ]


@needs("nsn")
def test_going_on_runs_nothing_twice_and_gives_the_same_rows(result: SweepResult, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(result.folder, folder)
    sweep = load_sweep(str(folder / "sweep.yaml"))  # the resolved file is the same sweep
    points = sorted((folder / "points").iterdir())
    (points[0] / "summary.json").unlink()  # cut off before its last file
    shutil.rmtree(points[1])  # never begun
    (points[2] / "point.json").unlink()  # cut off before the failure was recorded
    (folder / ".points.123.parquet").write_bytes(b"half")
    before = {path: path.stat().st_mtime_ns for path in folder.glob("points/*/*.json")}
    with pytest.raises(UsageError, match=r"is not empty.*--resume"):
        run_sweep(sweep, folder)
    again = run_sweep(sweep, folder, jobs=2, resume=True)
    assert again.progress.run == 3
    # what was invalid says so where it stands in the file that was resumed; all else is the same
    assert [row["status"] for row in again.rows] == [row["status"] for row in result.rows]
    assert lasting([row for row in again.rows if row["exit_code"] != 3]) == lasting(
        [row for row in result.rows if row["exit_code"] != 3]
    )
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert not (folder / ".points.123.parquet").exists()
    assert run_sweep(sweep, folder, resume=True).progress.run == 0
    assert run_sweep(sweep, folder, jobs=1, resume=True, retry_failed=True).progress.run == 4, "those that do not map"


def test_another_sweep_is_refused_with_what_differs(result: SweepResult, tmp_path: Path) -> None:
    sweep = load_sweep(written(tmp_path, f"base: text-small\n{SMALL}{GRID}".replace("9 ns", "8 ns")), ["seed=2"])
    with pytest.raises(UsageError) as caught:
        run_sweep(sweep, result.folder, resume=True)
    assert "set.seed is new; grid.chip.noc.link_latency was" in str(caught.value)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("mine")
    with pytest.raises(UsageError, match=r"not the folder of a sweep.*thesis\.tex"):
        run_sweep(sweep, tmp_path / "other", resume=True)
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.tex"]


def test_a_chip_file_that_changed_is_noticed(tmp_path: Path) -> None:
    chip = written(tmp_path, "base: mesh-16\n", "chip.yaml")
    file = written(tmp_path, f"base: text-small\n{SMALL}grid: {{chip: [{chip}, mesh-16]}}\n")
    run_sweep(load_sweep(file), tmp_path / "out", jobs=1)
    written(tmp_path, "base: mesh-16\nnoc: {router: ideal}\n", "chip.yaml")
    with pytest.raises(UsageError, match="point 1 has now, a file that the sweep names has changed"):
        run_sweep(load_sweep(file), tmp_path / "out", resume=True)


def test_two_sweeps_do_not_share_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chipsim.sweep.folder._OWNER_S", 0.2)
    inside = rf"another sweep is running in it \(process {os.getpid()}\)"
    with owned(tmp_path / "out", resume=False), pytest.raises(UsageError, match=inside), owned(tmp_path / "out", resume=True):
        pass
    with owned(tmp_path / "out", resume=True):
        pass


@pytest.mark.parametrize(("times", "status"), [(1, "done"), (2, "failed")])
@needs("nsn")
def test_a_worker_that_is_killed_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, status: str) -> None:
    """Once may be chance; a point over which workers die twice is a row."""
    killed = []
    start = Pool.start

    def start_and_kill(pool: Pool, task: Task) -> None:
        start(pool, task)
        if task.number == 2 and len(killed) < times:
            (worker,) = [worker for worker in pool.workers if worker.task is task]
            worker.process.kill()
            killed.append(worker.process.pid)

    monkeypatch.setattr(Pool, "start", start_and_kill)
    sweep = load_sweep(written(tmp_path, f"base: text-small\n{SMALL}grid: {{seed: [1, 2, 3]}}"))
    result = run_sweep(sweep, tmp_path / "out", jobs=1)
    assert len(set(killed)) == times
    assert [row["status"] for row in result.rows] == ["done", status, "done"]
    if status == "failed":
        assert (result.rows[1]["exit_code"], "killed twice" in result.rows[1]["reason"]) == (5, True)


@needs("nsn")
def test_a_sweep_can_be_run_from_a_program_on_standard_input(root: Path, tmp_path: Path) -> None:
    """Workers do not depend on how the process that starts them was started."""
    file = written(tmp_path, f"base: text-small\n{SMALL}grid: {{seed: [1]}}")
    program = (
        f"import sys; sys.path.insert(0, {str(root)!r})\n"
        "from pathlib import Path\n"
        "from chipsim.config.sweep import load_sweep\nfrom chipsim.sweep.run import run_sweep\n"
        f"print(run_sweep(load_sweep({file!r}), Path({str(tmp_path / 'out')!r})).progress.done)\n"
    )
    done = subprocess.run([sys.executable, "-"], input=program, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


# -- the page ----------------------------------------------------------------------------------------------------------------


@needs("nsn")
def test_the_page_says_what_the_rows_say(result: SweepResult) -> None:
    path = build_sweep_report(result.folder)
    page = path.read_text(encoding="utf-8")
    for loaded in ("http://", "https://", "<script src", '<link rel="stylesheet'):
        assert loaded not in page.replace("http://www.w3.org/", "")
    story = tell_sweep(result.folder)
    assert all(picture.svg in page for picture in story.pictures), "the same rows give another page"
    assert [picture.key for picture in story.pictures] == [
        "tradeoff",
        "effects",
        "effects-further",
        *(f"together-{name}" for name in ("latency", "energy_delay")),
    ]
    assert all(picture.svg for picture in story.pictures)
    assert "not drawn: energy per event, cores used" in story.pictures[1].caption, "what does not vary is said, not drawn"
    assert "chip.core.neurons" in story.title and "associative, keyed" in story.title
    sheets = {sheet.key: sheet for sheet in story.sheets}
    assert [sheet.key for sheet in story.sheets][:2] == ["best", "pareto"]
    assert len(sheets["points"].lines) == 12 and len(sheets["failures"].lines) == 8
    least = min((row for row in result.rows if row["status"] == "done"), key=lambda row: row["energy_j.total"])
    assert sheets["best"].lines[0][1] == f'<a href="{least["folder"]}/">{least["number"]}</a>'
    assert f'<a href="{least["folder"]}/">{least["number"]}</a>' in page
    by_match = next(sheet for sheet in story.sheets if sheet.title == "Effect of workload.match")
    keyed = [row["counts.hops"] for row in result.rows if row["workload.match"] == "keyed" and row["status"] == "done"]
    mean = next(line for line in by_match.lines if line[0] == "keyed")[by_match.columns.index("hops")]
    assert float(mean.replace(",", "")) == round(sum(keyed) / len(keyed))
    assert page.index("Least energy-delay product") < page.index("The budget per core</h2>")


@needs("nsn")
def test_a_point_leads_to_its_report_where_there_is_one(result: SweepResult, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(result.folder, folder)
    first = next(row for row in result.rows if row["status"] == "done")
    (folder / first["folder"] / "report.html").write_text("there")
    points = next(sheet for sheet in tell_sweep(folder).sheets if sheet.key == "points")
    assert [cell for line in points.lines for cell in line if "report.html" in cell] == [
        f'<a href="{first["folder"]}/report.html">{first["number"]}</a>'
    ]
    shutil.rmtree(folder / "points")
    points = next(sheet for sheet in tell_sweep(folder).sheets if sheet.key == "points")
    assert points.lines[0][0] == "1", "no link to what is not there"


def test_a_folder_that_is_no_sweep_has_no_page(tmp_path: Path) -> None:
    (tmp_path / "points.parquet").write_bytes(b"not parquet")
    with pytest.raises(UsageError, match="not the table of a sweep"):
        build_sweep_report(tmp_path)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "b"], ("a", "b")),
        ([4, None, [1]], ("4", "null", "[1]")),
        (
            [{"base": "/home/me/chip.yaml", "noc": {"width": side, "height": side}} for side in (4, 8)],
            ("width 4, height 4", "width 8, height 8"),
        ),
        (
            ["mesh-16", {"base": "/x/a.yaml"}, {"base": "/x/b.yaml", "noc": {"vcs": 2}}],
            ("mesh-16", "base a.yaml", "base b.yaml, vcs 2"),
        ),
        ([{"base": "/x/a.yaml"}, {"base": "/y/a.yaml"}], ("base /x/a.yaml", "base /y/a.yaml")),
        ([{"base": "c"}, {"base": "c", "noc": {"router": "ideal"}}], ("as it is", "router ideal")),
        ([{"a": {"n": 1}, "b": {"n": 1}}, {"a": {"n": 2}, "b": {"n": 2}}], ("a.n 1, b.n 1", "a.n 2, b.n 2")),
        ([{"a": 1}, {"a": "1"}], ('{"a": 1}', '{"a": "1"}')),
        (["x", {"a": 1}], ("x", '{"a": 1}')),
    ],
)
def test_values_are_named_by_what_differs(values: list[object], expected: tuple[str, ...]) -> None:
    assert labels(values) == expected

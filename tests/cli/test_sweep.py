"""``chipsim sweep``: what it prints, and what is left when it is stopped or killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from chipsim.cli.sweep import describe, plain_lines
from chipsim.results.comparison.machine import is_machine
from chipsim.results.store import read_run
from chipsim.sweep.run import SweepProgress
from tests.needs import needs

pytestmark = needs("nsn")

SET = "set: {engine: reference, workload.learned: 200, workload.symbols: 12, workload.episode: 64}\n"
TWO = f"base: text-small\n{SET}grid: {{seed: [1, 2]}}\n"
GRID = """grid:
  chip.noc.link_latency: [2 ns, 3 ns, 5 ns, 7 ns]
  chip.core.neurons: [64, 2, 32]
  workload.match: [associative, keyed]
"""
"""24 points, 8 of which do not map."""


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """Rows of the table without what no repetition repeats."""
    rows = pq.read_table(folder / "points.parquet").to_pylist()
    return [{name: value for name, value in row.items() if not is_machine(name)} for row in rows]


def finished(folder: Path) -> dict[str, tuple[int, int]]:
    """Identity of the last file of every finished point."""
    files = [*folder.glob("points/*/summary.json"), *folder.glob("points/*/point.json")]
    return {path.parent.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def test_a_sweep_killed_three_times_ends_with_the_rows_of_an_undisturbed_one(cli, spawn, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"base: text-small\n{SET}{GRID}")
    whole = cli("sweep", "s.yaml", "--out", "whole", "--jobs", "2", "--no-report", "--json")
    assert whole.code == 0, whole.err
    killed, kept = tmp_path / "killed", {}
    for wanted in (3, 9, 16):
        process = spawn("sweep", "s.yaml", "--out", "killed", "--jobs", "2", "--resume", "--quiet")
        deadline = time.monotonic() + 60
        while len(finished(killed)) < wanted and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        now = finished(killed)
        assert kept.items() <= now.items(), "a finished point was lost or run again"
        kept = now
    assert 16 <= len(kept) < 24
    done = cli("sweep", "s.yaml", "--out", "killed", "--jobs", "2", "--resume", "--no-report", "--json")
    assert done.code == 0, done.err
    assert kept.items() <= finished(killed).items(), "a finished point was lost or run again"
    assert rows_of(killed) == rows_of(tmp_path / "whole")
    assert len(rows_of(killed)) == 24
    table = json.loads(done.out)
    assert (table["done"], table["failed"], table["interrupted"]) == (16, 8, 0)
    assert {row["exit_code"] for row in table["points"] if row["chip.core.neurons"] == "2"} == {4}
    for name in finished(killed):
        if (killed / "points" / name / "summary.json").exists():
            read_run(killed / "points" / name)


@pytest.mark.parametrize("name", ["summary.json", "cores.parquet", "memory.npz", "mapping.npz", "experiment.yaml"])
@pytest.mark.parametrize("kept", [0, 0.7, "a hole"])
def test_a_point_that_a_crash_has_emptied_or_cut_runs_again(cli, name: str, kept: float | str, tmp_path: Path) -> None:
    if name == "experiment.yaml" and kept:
        pytest.skip("any text may be the whole of it")
    (tmp_path / "s.yaml").write_text(TWO)
    words = ("sweep", "s.yaml", "--out", "b", "--jobs", "1", "--no-report", "--json", "-q")
    assert cli(*words).code == 0
    rows, before = rows_of(tmp_path / "b"), finished(tmp_path / "b")
    first, second = sorted((tmp_path / "b/points").iterdir())
    cut = first / name
    whole = cut.read_bytes()
    if isinstance(kept, str):  # a block that was never written
        at, hole = len(whole) // 3, len(whole) // 8
        cut.write_bytes(whole[:at] + bytes(hole) + whole[at + hole :])
    else:
        cut.write_bytes(whole[: int(kept * len(whole))])
    again = cli(*words, "--resume")
    assert again.code == 0, again.err
    found = json.loads(again.out)
    assert (found["done"], found["failed"], found["interrupted"]) == (2, 0, 0)
    assert rows_of(tmp_path / "b") == rows
    after = finished(tmp_path / "b")
    assert after[first.name] != before[first.name] and after[second.name] == before[second.name]
    read_run(first)


def test_a_record_of_failure_that_a_crash_has_emptied_is_none(cli, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"base: text-small\n{SET}grid: {{chip.core.neurons: [64, 2]}}\n")
    words = ("sweep", "s.yaml", "--out", "b", "--jobs", "1", "--no-report", "--json", "-q")
    assert json.loads(cli(*words).out)["failed"] == 1
    record = next((tmp_path / "b/points").glob("*/point.json"))
    text = record.read_text()
    record.write_text("")
    again = cli(*words, "--resume")
    assert json.loads(again.out)["failed"] == 1, again.err
    assert record.read_text() == text


def test_workers_end_with_their_parent(spawn, tmp_path: Path) -> None:
    """A point of minutes: nobody goes on with it when the parent is gone."""
    (tmp_path / "long.yaml").write_text(
        "base: text-small\nset: {engine: reference, workload.learned: 0, workload.symbols: 60000}\ngrid: {seed: [1, 2]}"
    )
    process = spawn("sweep", "long.yaml", "--out", "out", "--jobs", "2", "--quiet")
    workers = wait_for_workers(process.pid, 2)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in workers)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_what_runs_and_keeps_what_is_finished(spawn, tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "s.yaml").write_text(
        f"base: text-small\n{SET}grid: {{workload.symbols: [12, 60000], seed: [1, 2]}}\n".replace("workload.symbols: 12, ", "")
    )
    page = ["--report" if number == signal.SIGINT else "--no-report"]
    process = spawn("sweep", "s.yaml", "--out", "out", "--jobs", "1", "--json", *page, start_new_session=True)
    while len(finished(tmp_path / "out")) < 2:
        assert process.poll() is None
        time.sleep(0.02)
    wait_for_workers(process.pid, 1)
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)  # Ctrl-C reaches workers too
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "stopping" in err and "Traceback" not in err
    said = json.loads(out)
    assert [row["status"] for row in said["points"]] == ["done", "done", "interrupted", "interrupted"]
    assert [row["status"] for row in rows_of(tmp_path / "out")] == ["done", "done", "interrupted", "interrupted"]
    assert "chipsim sweep s.yaml --out out --resume" in " ".join(err.split())
    assert (tmp_path / "out" / "report.html").is_file() == (number == signal.SIGINT)


def test_lines_and_json_say_the_same(cli) -> None:
    Path("s.yaml").write_text(TWO.replace("[1, 2]", "[1, -1]"))
    outcome = cli("sweep", "s.yaml", "--out", "out", "--no-report")
    assert outcome.code == 0
    assert outcome.out.splitlines()[-1] == "folder   out"
    assert "1 of 2 points run to their end, 1 failed" in " ".join(outcome.out.split())
    text = " ".join(outcome.out.split())
    assert "failed point 2:" in text and "s.yaml:3:18: seed: found number -1; allowed: at least 0" in text
    assert outcome.err.splitlines()[0] == "s: 2 points: seed (2)"
    assert outcome.err.splitlines()[-1].startswith("2 of 2 points, 1 failed, ")
    again = cli("sweep", "s.yaml", "--out", "out", "--resume", "--no-report", "--json", "--quiet")
    assert again.err == ""
    said = json.loads(again.out)
    assert (
        said["points"][0]["digest"]
        == json.loads(Path("out", said["points"][0]["folder"], "summary.json").read_text())["digest"]
    )
    assert (said["status"], said["done"], said["failed"], said["report"]) == ("done", 1, 1, None)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nosuch"], 3, "no sweep called 'nosuch' is shipped"),
        (["static-powr"], 3, "did you mean 'static-power'?"),
        (["s.yaml", "--resume"], 2, "--resume: in which folder?"),
        (["s.yaml", "--retry-failed", "--out", "new"], 2, "--retry-failed: goes with --resume"),
        (["s.yaml", "--jobs", "0"], 2, "--jobs"),
        (["s.yaml", "--out", "full"], 2, "full: the folder is not empty"),
        (["s.yaml", "--out", "full", "--resume"], 2, "full: not the folder of a sweep"),
        (["s.yaml", "--out", "s.yaml"], 2, "s.yaml: cannot be written"),
        (["s.yaml", "--set", "seed=4"], 2, "the grid sweeps this key"),
        (["s.yaml", "--set", "chip.noc.ruoter=ideal"], 3, "--set chip.noc.ruoter=ideal: chip.noc.ruoter: unknown key"),
    ],
)
def test_what_is_wrong_is_one_message_and_its_exit_code(cli, words: list[str], code: int, message: str) -> None:
    Path("s.yaml").write_text(TWO)
    Path("full").mkdir()
    Path("full/thesis.tex").write_text("mine")
    outcome = cli("sweep", *words, "--quiet")
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith("error: ") and message in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert not Path("new").exists()


def test_show_and_validate_know_sweeps(cli) -> None:
    shown = cli("show", "static-power")
    assert "0.1 mW | 0.25 mW" in shown.out and "workload.rate" in shown.out
    assert "\n  static-power " in cli("show").out
    Path("mine.yaml").write_text(cli("show", "static-power", "--yaml").out)
    assert cli("validate", "mine.yaml").out == "mine.yaml: ok, a sweep of 24 points\n"
    Path("s.yaml").write_text(TWO.replace("[1, 2]", "[1, -1]"))
    said = cli("validate", "s.yaml").out
    assert "ok, a sweep of 2 points; 1 of them invalid, point 2 for one: " in said and "s.yaml:3:18: seed" in said
    outcome = cli("run", "s.yaml")
    assert outcome.code == 3 and "this describes a sweep, not an experiment; run it with `chipsim sweep`" in outcome.err


def test_progress_in_words(capsys) -> None:
    progress = SweepProgress(24, 4, 8, 2, (11, 12), 60.0, 6)
    assert describe(progress) == "10 of 24 points, 2 failed, 2 running, 6 points/min, about 2 min left"
    assert describe(SweepProgress(24, 4, 22, 2, (), 200.0, 20)) == "24 of 24 points, 2 failed, 6 points/min, in 3 min"
    assert describe(SweepProgress(1, 0, 0, 0, (1,), 0.0, 0)) == "0 of 1 point, 1 running"
    clock = iter([0.0, 1.0, 11.0, 11.0, 12.0, 13.0, 13.0])
    show = plain_lines(lambda: next(clock))
    for _ in range(3):
        show(progress)
    assert len(capsys.readouterr().err.splitlines()) == 1


def children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        if int(text.rpartition(")")[2].split()[1]) == pid:
            found.append(int(path.parent.name))
    return found


def wait_for_workers(pid: int, count: int) -> list[int]:
    deadline = time.monotonic() + 60
    while len(found := children(pid)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def alive(pid: int) -> bool:
    """Whether a process is there and is more than an entry that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_keys_that_go_together_are_one_value_and_another_base_is_one_sentence(cli) -> None:
    squares = "grid: {chip: [{base: mesh-16, noc: {width: 4, height: 4}}, {base: mesh-16, noc: {width: 5, height: 5}}]}\n"
    Path("s.yaml").write_text(f"base: text-small\n{SET}{squares}")
    words = ("sweep", "s.yaml", "--out", "out", "--jobs", "1", "--no-report")
    said = json.loads(cli(*words, "--json", "--quiet").out)
    assert [row["chip"] for row in said["points"]] == ["width 4, height 4", "width 5, height 5"]
    assert [row["chip.cores"] for row in said["points"]] == [16, 25]
    assert [set(row) >= {"events", "energy", "energy_delay"} for row in said["points"]] == [True, True]
    least = next(one for one in said["best"] if one["objective"] == "energy_delay")
    assert least["value"] == min(row["energy_delay"] for row in said["points"])
    Path("s.yaml").write_text(f"base: text\n{SET}{squares}")
    refused = cli(*words, "--resume", "--quiet")
    assert refused.code == 2 and "the folder is of another sweep: base was text-small, now text; name another" in refused.err

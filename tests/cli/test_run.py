"""``chipsim run``: streams, exit codes, the ten lines, and folders that nobody loses by accident."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chipsim.terminal import rate
from tests.needs import needs


def test_ten_lines_the_last_names_the_folder(cli, small):
    outcome = cli(*small, "--report")
    assert outcome.code == 0
    (folder,) = Path("runs").iterdir()
    lines = outcome.out.splitlines()
    assert lines[-1] == f"folder   {folder}"
    labels = [line[:9].strip() for line in lines if not line.startswith(" ")]
    assert labels == ["run", "power", "limit", "million", "network", "latency", "energy", "report", "next", "folder"]
    assert (folder / "report.html").is_file()
    assert len(lines) == 11, "a pipe gets whole lines; only what is suggested has its reason below it"
    # what the lines say is what the summary holds
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["wall_s"]["report"] > 0
    text = " ".join(outcome.out.split())
    grown = sum(layer["created"] for layer in summary["nsn"]["layers"])
    assert f"grew {grown} neurons" in text and summary["counts"]["neurons_created"] == grown
    claim = summary["claim"]
    assert f"mean {claim['mean']['mw']:.4g} mW, hottest core {claim['hottest']['core']} {claim['hottest']['mw']:.4g} mW" in text
    assert f"HOLDS TO {rate(claim['max_rate_hz'], 'events/s')}" in text and claim["limit"] == "hottest_core"
    saturated = next(one for one in claim["points"] if one["what"] == "saturated")
    assert f"saturated (measured) {rate(saturated['rate_hz'], 'events/s')}" in text
    assert f"{claim['at_1e6']['cores']:,} cores" in text


def test_json_is_the_summary_and_alone_on_standard_output(cli, small):
    outcome = cli(*small, "--json", "--out", "here")
    assert outcome.code == 0
    assert json.loads(outcome.out) == json.loads(Path("here/summary.json").read_text())
    assert outcome.err.splitlines()[-1] == "folder   here"
    assert json.loads(outcome.out)["wall_s"]["report"] == 0


def test_quiet_says_nothing(cli, small):
    assert cli(*small, "--quiet", "--out", "here").out == ""
    outcome = cli(*small, "--quiet", "--json", "--out", "there")
    assert outcome.err == ""
    assert json.loads(outcome.out)["status"] == "done"


def test_quiet_still_prints_errors(cli):
    outcome = cli("run", "nosuch", "--quiet")
    assert outcome.code == 3
    assert outcome.err.startswith("error: no experiment called 'nosuch'")


def test_two_runs_give_the_same_digest_and_tables(cli, small):
    first = json.loads(cli(*small, "--json", "--out", "a").out)
    second = json.loads(cli(*small, "--json", "--out", "b").out)
    for key in ("digest", "functional_digest", "plan_hash", "counts", "energy_j", "claim", "nsn"):
        assert first[key] == second[key]
    assert Path("a/cores.parquet").read_bytes() == Path("b/cores.parquet").read_bytes()
    assert Path("a/memory.npz").read_bytes() == Path("b/memory.npz").read_bytes()


def test_the_folder_can_be_run_again(cli, small):
    first = json.loads(cli(*small, "--json", "--out", "a").out)
    second = json.loads(cli("run", "a/experiment.yaml", "--json", "--out", "b").out)
    assert second["digest"] == first["digest"]
    assert Path("a/experiment.yaml").read_text() == Path("b/experiment.yaml").read_text()


def test_golden_alone_has_decisions_but_no_time(cli, small):
    chip = json.loads(cli(*small, "--json", "--out", "a").out)
    outcome = cli(*small, "--engine", "golden", "--json", "--out", "b")
    golden = json.loads(outcome.out)
    assert golden["functional_digest"] == chip["functional_digest"]
    assert "energy_j" not in golden and "sim_time_s" not in golden
    assert "no chip time, no energy" in " ".join(outcome.err.split())
    assert cli("replay", "b").out == cli("replay", "a").out


def test_a_used_folder_is_refused_without_force(cli, small):
    assert cli(*small, "--set", "probes=[packets]", "--out", "here").code == 0
    assert Path("here/packets.parquet").exists()
    Path("here/notes.txt").write_text("mine")
    before = Path("here/summary.json").read_bytes()
    outcome = cli(*small, "--out", "here")
    assert outcome.code == 2
    assert outcome.err.startswith("error: here: the folder is not empty")
    assert Path("here/summary.json").read_bytes() == before
    assert cli(*small, "--out", "here", "--force").code == 0
    assert not Path("here/packets.parquet").exists(), "a table of the run before is left beside the new one"
    assert Path("here/notes.txt").read_text() == "mine"


def test_runs_of_one_second_get_folders_of_their_own(cli, small):
    for _ in range(3):
        assert cli(*small).code == 0
    assert len(list(Path("runs").iterdir())) == 3


@pytest.mark.parametrize("out", ["file", "file/below", "/proc/nothing"])
def test_a_folder_that_cannot_be_written_is_found_before_the_run(cli, small, out):
    Path("file").write_text("in the way")
    outcome = cli(*small, "--out", out)
    assert outcome.code == 2
    assert outcome.err.startswith(f"error: {out}: cannot be written: ")
    assert len(outcome.err.splitlines()) == 1, "the run had begun"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--set", "chip.noc.router"], 2, "allowed: path=value"),
        (["--set", "=3"], 2, "allowed: path=value"),
        (["--set", "chip.noc.ruoter=ideal"], 3, "router"),
        (["--set", "chip.noc.router=warp"], 3, "queued"),
        (["--set", "workload.rate=5"], 3, "unit"),
        (["--set", "workload.path=/nowhere.txt"], 3, "/nowhere.txt"),
        (["--set", "chip.core.neurons=2", "--set", "chip.noc.width=1"], 4, "core"),
        (["--set", "faults=[{kind: lose_message, message: answer, number: 3}]"], 5, "answer"),
        (["--engine", "refrence"], 2, "did you mean 'reference'?"),
        (["--bogus"], 2, "--bogus"),
    ],
)
@needs("nsn")
def test_what_is_wrong_is_one_message_and_its_exit_code(cli, words, code, message):
    outcome = cli("run", "text-small", *words)
    assert outcome.code == code
    assert outcome.out == ""
    errors = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert message in outcome.err.partition("error: ")[2]
    assert "Traceback" not in outcome.err
    assert not list(Path().glob("runs/*")), "a run that failed leaves no folder"


def test_a_fault_of_ours_is_a_message_too(monkeypatch, cli, small):
    monkeypatch.setattr("chipsim.pipeline.simulate", lambda *_: 1 / 0)
    outcome = cli(*small)
    assert outcome.code == 1
    assert "error: ZeroDivisionError: division by zero; this is a fault of chipsim" in outcome.err
    monkeypatch.setenv("CHIPSIM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli(*small)


def test_a_finished_run_has_nothing_to_go_on_with(cli, small):
    assert cli(*small, "--out", "my run").code == 0
    outcome = cli("run", "--resume", "my run")
    assert outcome.code == 0 and "is finished" in outcome.out
    assert "next     chipsim show 'my run'\n" in outcome.out
    assert "chipsim run 'my run/experiment.yaml'\n" in outcome.out
    assert not Path("runs").exists()
    outcome = cli("run", "--resume", "my run", "--json")
    assert json.loads(outcome.out)["status"] == "done" and "is finished" in outcome.err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--resume", "nosuch"], 2, "--resume: nosuch: no such folder"),
        (["--resume", "empty"], 2, "empty: not a run folder"),
        (["log-sample", "--resume", "done"], 3, "a finished run of another experiment: workload.kind was text, now log"),
        (["--resume", "done", "--set", "chip.noc.router=ideal"], 3, "chip.noc.router was queued, now ideal; run yours without"),
        (["--resume", "done", "--set", "until=null"], 0, ""),
    ],
)
def test_only_what_the_folder_holds_is_called_finished(cli, small, words, code, message):
    assert cli(*small, "--out", "done").code == 0
    Path("empty").mkdir()
    outcome = cli("run", *words)
    assert outcome.code == code and message in outcome.err
    assert ("is finished" in outcome.out) == (code == 0)


def test_a_run_that_leaves_no_snapshot_is_begun_again(cli, small):
    outcome = cli(*small, "--set", "chip.noc.router=wormhole", "--set", "until=1 ms", "--out", "part")
    assert outcome.code == 0 and not Path("part/snapshot.npz").exists()
    assert "next     chipsim run part/experiment.yaml --set until=null\n" in outcome.out
    assert "begins again: what is in wormhole routers" in outcome.out
    refused = cli("run", "--resume", "part", "--set", "until=null")
    assert refused.code == 3 and "run it again: chipsim run part/experiment.yaml" in refused.err
    assert cli("run", "part/experiment.yaml", "--set", "until=null", "--out", "whole").code == 0


def test_a_network_on_one_core_is_spread_before_mappings_are_held_against_each_other(cli, small):
    one_core = ("--set", "workload.layers=1", "--set", "workload.learned=150")
    text = cli(*small, *one_core, "--out", "one").out
    setting = next(line for line in text.splitlines() if line.startswith("next")).split(" --set ")[1]
    assert setting.startswith("chip.core.neurons=") and "one core holds all of it" in text
    assert cli(*small, *one_core, "--set", setting, "--out", "spread").code == 0
    cores = [json.loads(Path(name, "summary.json").read_text())["mapping"]["cores_used"] for name in ("one", "spread")]
    assert cores[0] == 1 < cores[1]

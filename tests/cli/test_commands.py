"""All commands but ``run``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chipsim import __version__
from chipsim.cli.app import app
from chipsim.config import catalogue, load_experiment
from tests.needs import needs

COMMANDS = (
    "run",
    "map",
    "noc",
    "sweep",
    "scale",
    "complexity",
    "runs",
    "compare",
    "new",
    "show",
    "validate",
    "report",
    "replay",
    "schema",
    "doctor",
)


def test_help_names_every_command(cli):
    outcome = cli("--help")
    assert outcome.code == 0
    assert [command.name for command in app.registered_commands] == list(COMMANDS)
    assert all(f"  {name} " in outcome.out for name in COMMANDS)
    bare = cli()
    assert (bare.code, bare.out) == (2, outcome.out)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_that_fits(cli, command):
    outcome = cli(command, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: chipsim {command}")
    assert "\x1b" not in outcome.out


def test_version(cli):
    assert cli("--version").out == f"chipsim {__version__}\n"


def test_an_unknown_command_is_a_usage_error(cli):
    outcome = cli("rnu")
    assert outcome.code == 2
    assert outcome.err.startswith("error: No such command 'rnu'")


# -- show --------------------------------------------------------------------------------------------------------------------


def test_show_lists_all_that_is_shipped_and_every_choice(cli):
    outcome = cli("show")
    assert outcome.code == 0
    for name in (*catalogue.chips(), *catalogue.experiments(), *catalogue.sources(".txt"), *catalogue.sources(".log")):
        assert f"\n  {name} " in outcome.out
    for choice in (
        "ideal | queued",
        "multicast | unicast",
        "metis | sequential | random",
        "hilbert | anneal | adaptive | force",
    ):
        assert choice in outcome.out


@pytest.mark.parametrize("name", catalogue.experiments())
def test_show_yaml_gives_a_file_to_start_from(cli, name):
    outcome = cli("show", name, "--yaml")
    assert outcome.code == 0
    assert outcome.out == catalogue.config_path(f"experiments/{name}.yaml").read_text(encoding="utf-8")
    assert "\n# " in outcome.out
    Path("mine.yaml").write_text(outcome.out, encoding="utf-8")
    mine = load_experiment("mine.yaml")
    assert mine.model_copy(update={"name": name}) == load_experiment(name)


def test_show_yaml_with_changes_is_resolved(cli):
    outcome = cli("show", "text-small", "--yaml", "--set", "chip.noc.router=ideal")
    Path("mine.yaml").write_text(outcome.out, encoding="utf-8")
    assert load_experiment("mine.yaml") == load_experiment("text-small", ["chip.noc.router=ideal"])


def test_show_chip_lists_every_constant_with_its_grade(cli):
    chip = load_experiment("text").chip
    outcome = cli("show", chip.name)
    assert outcome.code == 0
    for path, constant in chip.constants().items():
        (line,) = [line for line in outcome.out.splitlines() if line.startswith(f"{path} ")]
        assert constant.grade in line.split()


def test_show_key_describes_what_lies_below(cli):
    outcome = cli("show", "workload.match", "--json")
    assert [key["key"] for key in json.loads(outcome.out)] == [
        "workload[generated].match",
        "workload[log].match",
        "workload[text].match",
    ]
    assert "associative | keyed" in cli("show", "workload").out
    missing = cli("show", "workload.mach")
    assert missing.code == 2
    assert "error: nothing called 'workload.mach'" in missing.err


def test_show_run_folder_repeats_the_ten_lines(cli, small):
    ran = cli(*small, "--out", "here")
    assert cli("show", "here").out == ran.out
    assert json.loads(cli("show", "here", "--json").out) == json.loads(Path("here/summary.json").read_text())


# -- validate, schema, doctor, report ----------------------------------------------------------------------------------------


@needs("nsn", "snn")
def test_validate_what_is_shipped(cli):
    outcome = cli("validate")
    assert outcome.code == 0
    assert [line.partition(":")[0] for line in outcome.out.splitlines()] == [
        *catalogue.experiments(),
        *catalogue.chips(),
        *catalogue.sweeps(),
    ]


def test_validate_names_each_wrong_file_and_goes_on(cli):
    Path("typo.yaml").write_text("chip: mesh-16\nworkload: {kind: txet, source: docs-topics, symbols: 5}\n")
    Path("empty.yaml").write_text("chip: mesh-16\nworkload: {kind: text, path: three.txt, symbols: 5}\n")
    Path("three.txt").write_text("")
    outcome = cli("validate", "typo.yaml", "empty.yaml", "mesh-16", "--json")
    assert outcome.code == 3
    typo, empty, right = json.loads(outcome.out)
    assert (typo["ok"], empty["ok"], right["ok"]) == (False, False, True)
    assert "typo.yaml:2:" in typo["error"] and "three.txt" in empty["error"]
    assert outcome.err.count("error: ") == 2


def test_schema_prints_and_writes_what_is_shipped(cli):
    shipped = catalogue.configs_folder() / "schemas"
    both = json.loads(cli("schema").out)
    assert cli("schema", "--out", "schemas").code == 0
    for name in ("chip", "experiment"):
        expected = (shipped / f"{name}.schema.json").read_text(encoding="utf-8")
        assert cli("schema", name).out == expected
        assert Path(f"schemas/{name}.schema.json").read_text(encoding="utf-8") == expected
        assert both[name] == json.loads(expected)
    assert cli("schema", "chop").code == 2


def test_doctor_finds_equal_digests(cli):
    outcome = cli("doctor", "--json", "--quiet")
    assert outcome.code == 0
    checks = {check["name"]: check for check in json.loads(outcome.out)}
    assert checks["self-test"]["ok"] is True
    assert "twice the digest" in checks["self-test"]["found"]


def test_report_is_made_afterwards(cli, small):
    cli(*small, "--out", "here")
    assert not Path("here/report.html").exists()
    outcome = cli("report", "here")
    assert (outcome.code, outcome.out) == (0, "here/report.html\n")
    assert Path("here/report.html").stat().st_size > 1000


@pytest.mark.parametrize(("command", "why"), [("report", "no such folder"), ("replay", "not a run folder")])
def test_what_is_no_run_folder_is_refused(cli, command, why):
    outcome = cli(command, "nowhere")
    assert outcome.code == 2
    assert f"error: nowhere: {why}" in outcome.err


# -- map ---------------------------------------------------------------------------------------------------------------------


def test_map_says_used_of_allowed_and_its_file_can_be_run(cli, small):
    words = small[2:-1]
    outcome = cli("map", "text-small", *words, "--out", "mapped", "--json")
    assert outcome.code == 0
    mapped = json.loads(outcome.out)
    files = {path.name for path in Path("mapped").iterdir()}
    tables = {f"{name}.parquet" for name in ("cores", "links", "traffic", "reach", "routers")}
    assert files == tables | {"experiment.yaml", "mapping.json", "mapping.npz", "report.html", "report.md"}
    assert json.loads(Path("mapped/mapping.json").read_text(encoding="utf-8")) == mapped
    assert [row["method"] for row in mapped["comparison"]] == ["this", "naive", "random"]
    neurons = mapped["resources"]["neurons"]
    assert neurons["all"] == mapped["mapping"]["neurons"] and neurons["fullest_core"] <= neurons["core_allowed"] == 64
    first = json.loads(cli(*small, "--json", "--out", "a").out)
    second = json.loads(cli(*small, "--set", "mapping.file=mapped/mapping.npz", "--json", "--out", "b").out)
    assert first["digest"] == second["digest"]
    third = json.loads(cli(*small, "--set", "mapping.file=a/mapping.npz", "--json", "--out", "c").out)
    assert first["digest"] == third["digest"], "the mapping of a run folder is not the one that ran"


def test_map_for_people(cli, small):
    outcome = cli("map", "text-small", *small[2:-1])
    assert outcome.code == 0
    for word in ("neurons", "axons", "memory bits", "packets per spike", "hops"):
        assert word in " ".join(outcome.out.split())
    assert not list(Path().iterdir())


# -- replay ------------------------------------------------------------------------------------------------------------------


def test_replay_of_a_text_is_the_text(cli, small):
    cli(*small, "--out", "here")
    text = catalogue.source_path("docs-topics", ".txt").read_text(encoding="utf-8")[:400]
    assert cli("replay", "here").out == text
    assert cli("replay", "here", "--episode", "2").out == text[128:192]


@needs("nsn")
def test_replay_reads_no_input(cli):
    text = "пример: ёж, 猫 and ünïcode\n" * 12
    Path("mine.txt").write_text(text, encoding="utf-8")
    sets = ("workload.path=mine.txt", "workload.learned=50", "workload.symbols=200", "workload.episode=50")
    assert (
        cli("run", "text-small", *(word for one in sets for word in ("--set", one)), "--no-report", "--out", "here").code == 0
    )
    Path("mine.txt").unlink()
    assert cli("replay", "here").out == text[:250]


def test_replay_of_an_open_or_missing_episode_is_refused(cli, small):
    # 5 kHz for 10 ms: 50 of the 100 characters, so that the sixth episode (320 to 383) is open
    words = ("--set", "workload.layers=1", "--set", "until=10 ms")
    summary = json.loads(cli(*small, *words, "--out", "here", "--json").out)
    assert (summary["status"], summary["counts"]["events_in"]) == ("until", 50)
    text = catalogue.source_path("docs-topics", ".txt").read_text(encoding="utf-8")
    assert cli("replay", "here").out == text[:320]
    outcome = cli("replay", "here", "--episode", "6")
    assert (outcome.code, outcome.err) == (2, "error: here: no episode 6; allowed: 0 to 5\n")
    assert "episode 5 cannot be replayed, the run ended within it" in cli("replay", "here", "--episode", "5").err
    assert json.loads(cli("replay", "here", "--json").out)["not_replayable"] == [5]


@needs("nsn")
def test_replay_of_a_log_is_its_events(cli):
    cli("run", "log-sample", "--no-report", "--out", "here")
    lines = cli("replay", "here").out.splitlines()
    assert len(lines) == 18
    assert lines[0].split("\t")[1:] == ["user=backup", "source=192.0.2.200"]
    alerts = [json.loads(line) for line in Path("here/alerts.jsonl").read_text().splitlines()]
    assert alerts[0]["symbols"] == lines[0].split("\t")[1:]

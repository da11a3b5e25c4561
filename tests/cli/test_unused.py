"""Keys that change nothing are named before a run, and only those: what is said is held against digests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chipsim.config.load import load_experiment
from chipsim.config.overrides import in_sweep_file
from chipsim.config.sweep import load_point, load_sweep, resolved_sweep_yaml
from chipsim.pipeline import load, make_mapping, make_plan
from chipsim.pipeline.unused import without_effect
from tests.needs import needs

SHORT = ("workload.steps=5",)
TORUS = ("chip.noc.topology=torus", "chip.noc.cast=unicast")


def plan_of(*settings: str) -> str:
    loaded = load(load_experiment("lif-small", [*SHORT, *settings]), None)
    return make_plan(loaded, make_mapping(loaded)).fingerprint()


def run(cli, *settings: str) -> tuple[str, str]:
    words = [word for one in (*SHORT, "engine=reference", *settings) for word in ("--set", one)]
    outcome = cli("run", "lif-small", *words, "--no-report", "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)["digest"], outcome.err


@needs("snn")
def test_seed_of_a_network_with_a_seed_of_its_own_is_said_to_change_nothing_and_changes_nothing(cli):
    (first, said), (second, silent) = run(cli, "seed=3"), run(cli)
    assert "notice: seed changes nothing here" in said and "workload.generate.seed" in said
    assert "notice" not in silent and first == second
    third, other = run(cli, "workload.generate.seed=3")
    assert third != first and "notice" not in other


@needs("snn")
@pytest.mark.parametrize(
    "setting",
    ["chip.noc.vcs=2", "chip.noc.buffer=3", "chip.noc.timing=D", "chip.noc.ejection=4", 'chip.core.tick="1 ms"', "chip.noc.arity=3",
     "mapping.seed=9"],
)  # fmt: skip
def test_what_is_said_to_change_nothing_leaves_the_digest(cli, setting):
    digest, said = run(cli, setting)
    assert f"notice: {setting.partition('=')[0]} changes nothing here" in said
    assert digest == run(cli)[0]


@needs("snn")
@pytest.mark.parametrize(
    "settings",
    [
        (*TORUS, "seed=3"),
        ("faults=[{kind: flit_loss, rate: 1e-3}]", "seed=3"),
        ("chip.noc.router=wormhole", "chip.noc.vcs=2"),
        ("mapping.partitioner=random", "mapping.seed=9"),
        ("workload.generate.seed=3",),
        ('chip.core.pace=tick', 'chip.core.tick="1 ms"'),
    ],
)  # fmt: skip
def test_nothing_is_said_of_what_matters(settings):
    assert without_effect(load_experiment("lif-small", settings), settings) == ()


@needs("snn")
def test_a_grid_over_a_key_that_no_point_looks_at_is_named(cli):
    Path("s.yaml").write_text("base: lif-small\nset: {workload.steps: 3}\ngrid: {seed: [1, 2]}\n")
    outcome = cli("sweep", "s.yaml", "--out", "s", "--no-report", "--jobs", "1")
    assert outcome.code == 0 and "notice: the grid sweeps seed, which changes nothing here" in outcome.err


@needs("snn")
def test_an_archive_of_the_user_runs_for_its_own_steps(cli, caplog):
    np.savez("mine.npz", src=[0], dst=[0], weight=[0.0], bias=[0.3, 0.2], steps=7)
    words = ("run", "lif-small", "--set", "workload.path=mine.npz", "--no-report", "--json")
    outcome = cli(*words)
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["counts"]["steps"] == 7 and not caplog.records
    outcome = cli(*words, "--set", "workload.steps=4")
    summary = json.loads(outcome.out)
    assert summary["counts"]["steps"] == 4 and "has the last word" in caplog.text and "7 steps" in summary["warnings"][0]
    np.savez("mine.npz", src=[0], dst=[0], weight=[0.0], bias=[0.3, 0.2])
    assert json.loads(cli(*words).out)["counts"]["steps"] == 100


@needs("snn")
def test_a_sweep_over_a_network_of_the_user_takes_its_steps_and_its_neuron_model(cli):
    assert cli("new", "lif", "lif.npz").code == 0
    Path("s.yaml").write_text("base: lif-small\nset: {workload.path: lif.npz}\ngrid: {workload.weight_bits: [4, 16]}\n")
    outcome = cli("sweep", "s.yaml", "--out", "s", "--no-report", "--jobs", "1", "--json")
    assert outcome.code == 0, outcome.err
    points = json.loads(outcome.out)["points"]
    assert [one["counts.steps"] for one in points] == [400, 400]
    assert [one["snn.lif.weight_bits"] for one in points] == [4, 16]
    rms = [one["snn.lif.parameters.weight_mv.rms_relative"] for one in points]
    assert rms[0] > 0.1 > 0.001 > rms[1]
    again = cli("sweep", "s.yaml", "--out", "s", "--no-report", "--resume", "--json")
    assert again.code == 0 and [one["digest"] for one in json.loads(again.out)["points"]] == [one["digest"] for one in points]


TEXT = ("workload.learned=0", "workload.symbols=60", "workload.layers=1", "engine=golden")


@needs("nsn")
@pytest.mark.parametrize(
    ("setting", "keys"),
    [
        ("workload.recognise={mode: exact, threshold: 0.5, tolerance: 3}", ("recognise.threshold", "recognise.tolerance")),
        ("workload.recognise.tolerance=0", ("recognise.tolerance",)),
        ("workload.recursive={delay: 2, linked: true}", ("recursive.delay", "recursive.linked")),
        ("workload.compaction_least=5", ("compaction_least",)),
        ("workload.compaction=learned", ("compaction",)),
        ("workload.reading=pass", ("reading",)),
    ],
)
def test_a_key_of_a_network_that_waits_for_another_is_said_to_change_nothing_and_changes_nothing(cli, setting, keys):
    def outcome(*settings: str) -> tuple[str, list[str]]:
        words = [word for one in (*TEXT, *settings) for word in ("--set", one)]
        ran = cli("run", "text-small", *words, "--no-report", "--json")
        assert ran.code == 0, ran.err
        return json.loads(ran.out)["functional_digest"], [line for line in ran.err.splitlines() if "notice" in line]

    digest, said = outcome(setting)
    assert [line.split()[1] for line in said] == [f"workload.{key}" for key in keys]
    assert (digest, []) == outcome()


@needs("nsn")
@pytest.mark.parametrize(
    "settings",
    [
        ("workload.recognise={mode: sum, threshold: 0.5, tolerance: 3}",),
        ("workload.recursive={networks: 1, delay: 2}",),
        ("workload.compaction=learned", "workload.compaction_least=5", "workload.reading=pass"),
    ],
)
def test_nothing_is_said_of_keys_of_a_network_that_matter(settings):
    assert without_effect(load_experiment("text-small", settings), settings) == ()


@needs("nsn")
def test_a_sweep_over_a_short_text_of_the_user_learns_what_is_there(cli):
    Path("my.txt").write_text("a short text, and no more of it. " * 20)
    Path("s.yaml").write_text("base: text-small\nset: {workload.path: my.txt}\ngrid: {chip.noc.router: [ideal, queued]}\n")
    outcome = cli("sweep", "s.yaml", "--out", "s", "--no-report", "--jobs", "1", "--json")
    assert outcome.code == 0 and json.loads(outcome.out)["failed"] == 0, outcome.err


@needs("snn")
def test_points_of_a_sweep_are_the_experiments_that_run_makes_of_the_same_settings(cli):
    """Whatever base, set and grid say, a point is what `chipsim run` runs with the same settings."""
    for name in ("a.npz", "b.npz"):
        assert cli("new", "lif", name).code == 0
    Path("own.yaml").write_text("chip: loihi-sanafe\nworkload: {kind: arrays, path: a.npz, neuron: lif-refractory, steps: 3}\n")
    cases = (
        ("lif-small", {"workload.path": "a.npz"}, "mapping.fill", (None, 0.25)),
        ("lif-small", {}, "workload.path", ("a.npz", "b.npz")),
        ("lif-small", {"workload.steps": 5, "workload.path": "a.npz"}, "workload.weight_bits", (4, 16)),
        ("lif-small", {"chip.noc.router": "ideal", "chip": "loihi"}, "workload.steps", (5, 6)),
        ("own.yaml", {"workload.path": "b.npz"}, "seed", (1, 2)),
    )
    for base, fixed, key, values in cases:
        Path("s.yaml").write_text(json.dumps({"base": base, "set": fixed, "grid": {key: values}}))
        sweep = load_sweep("s.yaml")
        Path("again.yaml").write_text(resolved_sweep_yaml(sweep))
        for number, value in enumerate(values, 1):
            settings = [f"{name}={json.dumps(one)}" for name, one in (*fixed.items(), (key, value))]
            ran = load_experiment(base, settings).model_dump()
            for one in (sweep, load_sweep("again.yaml")):
                point = load_point(one, number).model_dump()
                assert point | {"name": ""} == ran | {"name": ""}, (base, fixed, key, value)


@needs("snn")
def test_a_sweep_says_what_of_an_archive_is_not_taken(cli):
    assert cli("new", "lif", "lif.npz").code == 0
    Path("s.yaml").write_text(
        "base: lif-small\nset: {workload.path: lif.npz, workload.steps: 4}\ngrid: {mapping.fill: [0.5, null]}\n"
    )
    outcome = cli("sweep", "s.yaml", "--out", "s", "--no-report", "--jobs", "1")
    assert outcome.code == 0, outcome.err
    said = next(line for line in outcome.out.splitlines() if line.startswith("warning"))
    assert "2 of 2 points" in said and "400 steps, and 4 are run" in said and "`workload.steps: null` under set" in said


@needs("snn")
def test_a_sweep_of_which_no_point_can_run_fails_with_the_reason(cli):
    assert cli("new", "lif", "lif.npz").code == 0
    Path("s.yaml").write_text(
        "base: lif-small\nset: {workload.path: lif.npz, workload.neuron: lif}\ngrid: {mapping.fill: [0.5, null]}\n"
    )
    outcome = cli("sweep", "s.yaml", "--out", "s", "--no-report", "--jobs", "1")
    assert outcome.code == 3 and "error: no point could be run, for the same reason" in outcome.err
    assert "`workload.neuron: lif-refractory` under set" in outcome.err and "--set" not in outcome.err.rpartition("error:")[2]
    outcome = cli("validate", "s.yaml")
    assert outcome.code == 3 and "`workload.neuron: lif-refractory` under set" in outcome.err
    Path("s.yaml").write_text("base: lif-small\nset: {workload.path: lif.npz}\ngrid: {chip.core.neurons: [1, 1024]}\n")
    assert cli("sweep", "s.yaml", "--out", "t", "--no-report", "--jobs", "1").code == 0
    Path("s.yaml").write_text("base: lif-small\nset: {workload.path: lif.npz}\ngrid: {chip.core.neurons: [1]}\n")
    outcome = cli("sweep", "s.yaml", "--out", "u", "--no-report", "--jobs", "1")
    assert outcome.code == 4 and "200 cores" in outcome.err


@pytest.mark.parametrize(
    ("said", "in_file"),
    [
        ("allowed: --set chip.noc.cast=unicast", "allowed: `chip.noc.cast: unicast` under set"),
        ('a --set chip.core.tick="1 us"', 'a `chip.core.tick: "1 us"` under set'),
        ("try --set probes=[packets]; or", "try `probes: [packets]` under set; or"),
        ("--set a.b=1: found 1", "--set a.b=1: found 1"),
    ],
)
def test_a_remedy_is_told_in_the_words_of_a_sweep_file(said, in_file):
    assert in_sweep_file(said) == in_file

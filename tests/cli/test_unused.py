"""Keys that change nothing are named before a run, and only those: what is said is held against digests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chipsim.config.load import load_experiment
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
    assert json.loads(outcome.out)["counts"]["steps"] == 4 and "has the last word" in caplog.text
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


@needs("nsn")
def test_a_sweep_over_a_short_text_of_the_user_learns_what_is_there(cli):
    Path("my.txt").write_text("a short text, and no more of it. " * 20)
    Path("s.yaml").write_text("base: text-small\nset: {workload.path: my.txt}\ngrid: {chip.noc.router: [ideal, queued]}\n")
    outcome = cli("sweep", "s.yaml", "--out", "s", "--no-report", "--jobs", "1", "--json")
    assert outcome.code == 0 and json.loads(outcome.out)["failed"] == 0, outcome.err

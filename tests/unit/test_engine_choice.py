"""What ``auto`` takes: the engine that has done sooner, with what it must compile; short runs do not put compiling off for ever."""

from __future__ import annotations

import logging

import pytest

from chipsim.cli.progress import shown_stages
from chipsim.config.load import load_experiment
from chipsim.engines.compiled import cost
from chipsim.pipeline import load, make_mapping, make_plan, simulate
from chipsim.pipeline.choice import COMPILED_S, REFERENCE_RECORD_S, REFERENCE_S, choose_compiled
from chipsim.plan.plan import Plan
from tests.needs import needs, require


@pytest.fixture(scope="module")
def plan() -> Plan:
    require("nsn")
    loaded = load(load_experiment("text-small", ["workload.symbols=20", "workload.learned=50", "workload.layers=2"]))
    return make_plan(loaded, make_mapping(loaded))


@pytest.fixture
def seen(monkeypatch, tmp_path):
    """A cache of its own, and a setter of what is estimated."""
    monkeypatch.setenv("CHIPSIM_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def say(records: int, compile_s: float) -> None:
        monkeypatch.setattr(cost, "records_of", lambda _: records)
        monkeypatch.setattr(cost, "compile_s", lambda _: compile_s)

    return say


def test_few_records_go_to_the_reference_engine_even_when_all_is_compiled(plan, seen, caplog):
    seen(1_000, 0.0)
    with caplog.at_level(logging.INFO):
        assert not choose_compiled(plan)
    assert "auto: the reference engine, for about 1000 records" in caplog.text


def test_many_records_go_to_the_compiled_engine(plan, seen):
    seen(100_000, 0.0)
    assert choose_compiled(plan)
    seen(10_000_000, 5.0)
    assert choose_compiled(plan)


def test_what_short_runs_took_longer_adds_up_to_compiling(plan, seen):
    seen(100_000, 2.0)
    each = REFERENCE_S + REFERENCE_RECORD_S * 100_000 - COMPILED_S
    taken = [choose_compiled(plan) for _ in range(8)]
    assert taken[0] is False and taken[-1] is True and taken == sorted(taken)
    assert taken.count(False) * each < 2.0 + each
    assert cost.spared_s(plan) == pytest.approx(taken.count(False) * each, rel=0.05)


@needs("nsn", "snn")
def test_records_are_estimated_within_a_factor_of_three():
    for name, settings in (
        ("text-small", ["workload.symbols=50"]),
        ("text-small", []),
        ("lif-small", ["workload.steps=20"]),
    ):
        experiment = load_experiment(name, [*settings, "engine=reference"])
        loaded = load(experiment)
        expected = cost.records_of(make_plan(loaded, make_mapping(loaded)))
        found = simulate(experiment).summary["counts"]["records"]
        assert found / 3 < expected < found * 3


@needs("nsn")
def test_code_is_told_apart_from_running():
    summary = simulate(load_experiment("text-small", ["workload.symbols=20", "workload.learned=50"])).summary
    assert list(summary["wall_s"]) == ["load", "map", "plan", "code", "run", "limits"]


def test_a_stage_is_named_when_it_takes_a_while(capsys):
    import time

    with shown_stages(False, 0.05) as stage:
        stage("mapping")
        stage("running")
        time.sleep(0.5)
    time.sleep(0.1)
    assert capsys.readouterr().err == "running ...\n"
    with shown_stages(True, 0.0) as stage:
        stage("running")
        time.sleep(0.1)
    assert capsys.readouterr().err == ""

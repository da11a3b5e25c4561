"""What was counted at a mark is the same on every engine, and what a run that ends there has counted; prices add up to the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chipsim.config.load import load_experiment
from chipsim.energy import Ran
from chipsim.energy.account import SHARES
from chipsim.energy.over_time import _whole
from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.engines.reference import run_reference
from chipsim.pipeline import simulate
from chipsim.pipeline.stages import load, make_mapping, make_plan
from tests.needs import require

LEVEL = '{name: board, width: 2, height: 1, link_latency: "40 ns", flit_time: "6 ns", hop: "800 pJ"}'
RUNS = {
    "queued": ("nsn", "text-small"),
    "saturated": ("nsn", "text-small", "workload.rate=saturate"),
    "wormhole": ("nsn", "text-small", "chip.noc.router=wormhole"),
    "ideal, unicast, a clock": (
        "nsn",
        "text-small",
        "chip.noc.router=ideal",
        "chip.noc.cast=unicast",
        "chip.core.pace=tick",
        "chip.core.tick=100 ns",
    ),
    "two chips": ("nsn", "text-small", "chip.noc.width=2", f"chip.noc.levels=[{LEVEL}]", "mapping.partitioner=random"),
    "cut": ("nsn", "text-small", "until=3 ms"),
    "log": ("nsn", "log-sample"),
    "spiking": ("snn", "lif-small"),
    "spiking, wormhole": ("snn", "lif-small", "chip.noc.router=wormhole"),
}
ENGINES = {"reference": run_reference, "compiled": run_compiled}


def settings_of(name: str) -> tuple[str, list[str]]:
    program, base, *settings = RUNS[name]
    require(program)
    if program == "nsn" and base == "text-small":
        settings.append("workload.symbols=100")
    return base, settings


@pytest.mark.parametrize("name", RUNS)
def test_marks_are_the_same_on_every_engine_and_change_nothing(name: str) -> None:
    base, settings = settings_of(name)
    loaded = load(load_experiment(base, settings))
    plan = make_plan(loaded, make_mapping(loaded))
    bare = run_reference(plan)
    for interval in (bare.end_ps // 37 + 1, bare.end_ps // 1000 + 1):
        found = {engine: run(plan, Watch(interval_ps=interval)) for engine, run in ENGINES.items()}
        assert found["reference"].timeline.tolist() == found["compiled"].timeline.tolist()
        for raw in found.values():
            assert (raw.digest, raw.end_ps, raw.status, raw.records) == (bare.digest, bare.end_ps, bare.status, bare.records)
            assert raw.actions.tolist() == bare.actions.tolist() and raw.link_flits.tolist() == bare.link_flits.tolist()
        rows = found["compiled"].timeline
        assert len(rows) > 30 and (np.diff(rows, axis=0) >= 0).all()


@pytest.mark.parametrize("name", ["queued", "wormhole", "two chips", "spiking"])
def test_a_mark_has_what_a_run_that_ends_there_has_counted(name: str) -> None:
    base, settings = settings_of(name)
    experiment = load_experiment(base, settings)
    loaded = load(experiment)
    plan = make_plan(loaded, make_mapping(loaded))
    rows = run_compiled(plan, Watch(interval_ps=run_compiled(plan).end_ps // 9)).timeline
    for time, *counted in rows[[0, 3, 7]].tolist():
        cut = run_reference(replace(plan, until=time))
        assert _whole(Ran(experiment.chip, plan, cut, 0, loaded.program.counted)).tolist() == counted
    assert rows[7, 1:].sum() > rows[0, 1:].sum() > 0


@pytest.mark.parametrize("name", RUNS)
def test_intervals_add_up_to_the_whole_run(name: str) -> None:
    base, settings = settings_of(name)
    result = simulate(load_experiment(base, settings), limits=False)
    table, summary = result.tables["timeline"], result.summary
    begin, end = (np.asarray(table[column]) for column in ("begin_ps", "end_ps"))
    assert begin[0] == 0 and begin[1:].tolist() == end[:-1].tolist() and (end > begin).all()
    assert end[-1] == pytest.approx(summary["sim_time_s"] * 1e12)
    for share in SHARES:
        assert np.sum(table[f"{share}_j"]) == pytest.approx(summary["energy_j"][share], rel=1e-12)
    mean = np.asarray(table["core_mw"]) @ (end - begin) / end[-1]
    assert mean == pytest.approx(summary["power_per_core_mw"]["mean"], rel=1e-12)

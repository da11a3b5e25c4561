"""The unit of time is only an encoding: a delay of 1 ps that nothing uses changes no digest and no result."""

from __future__ import annotations

from pathlib import Path

from chipsim.config.load import load_experiment
from chipsim.pipeline import simulate
from tests.needs import needs

pytestmark = needs("nsn")

UNUSED = ['chip.core.times.pair_write="1 ps"', 'chip.growth.slot_time="1 ps"']
"""Only growth takes these times."""


def test_an_unused_delay_of_one_picosecond_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rhyme.txt"
    path.write_text("one two " * 12)
    settings = [f"workload.path={path}", "workload.learned=32", "workload.symbols=48", "workload.episode=8"]
    plain = simulate(load_experiment("text-small", settings)).summary
    odd = simulate(load_experiment("text-small", [*settings, *UNUSED])).summary
    assert plain["counts"]["neurons_created"] == 0
    assert plain["counts"]["hops"] > 0
    assert plain["plan_hash"] != odd["plan_hash"]
    for key in ("digest", "functional_digest", "counts", "latency_s", "energy_j", "sim_time_s"):
        assert plain[key] == odd[key], key


def test_a_delay_of_one_picosecond_that_is_used_does(tmp_path: Path) -> None:
    path = tmp_path / "rhyme.txt"
    path.write_text("one two " * 12)
    settings = [f"workload.path={path}", "workload.learned=32", "workload.symbols=48", "workload.episode=8"]
    plain = simulate(load_experiment("text-small", settings)).summary
    slower = simulate(load_experiment("text-small", [*settings, 'chip.noc.local_latency="2101 ps"'])).summary
    assert plain["digest"] != slower["digest"]
    assert plain["functional_digest"] == slower["functional_digest"]

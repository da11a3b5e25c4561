"""Spiking networks: every engine gives the records and counters of the reference, whole and in pieces."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.errors import SimulationError
from tests.conformance.compare import compare_runs
from tests.conformance.whole_and_pieces import PROBES, agree, agree_in_pieces
from tests.engines import Runner
from tests.lif_networks import SCENARIOS, busy_core


@pytest.mark.parametrize("name", SCENARIOS)
def test_engine_agrees_with_the_reference(name: str, run_engine: Runner) -> None:
    agree(SCENARIOS[name](), run_engine)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_run_in_pieces_equals_the_whole(name: str, tmp_path: Path) -> None:
    agree_in_pieces(SCENARIOS[name](), tmp_path)


def test_late_steps_are_the_same_on_every_engine(run_engine: Runner) -> None:
    """Also where work ends on an edge, and where a core falls a whole step behind."""
    for neurons in (10, 11, 13, 15):
        plan = busy_core(neurons, 10_000)
        assert compare_runs(run_reference(plan), run_engine(plan, Watch())) is None
    for neurons in (16, 21):
        with pytest.raises(SimulationError, match=r"core 0 .*tick"):
            run_engine(busy_core(neurons, 10_000), Watch())


def test_scenarios_do_what_their_names_say() -> None:
    raw = {name: run_reference(make(), PROBES) for name, make in SCENARIOS.items()}
    for name in ("lif tick, late spikes act next", "lif tick, late spikes are dropped", "lif tick, late, delays"):
        assert raw[name].late_ticks.any() and raw[name].own.steps[:, 9].any()
    assert raw["lif barrier, hot link"].link_wait_max_ps.max() > 100_000
    assert raw["lif tick, late spikes act next"].digest != raw["lif tick, late spikes are dropped"].digest
    assert raw["lif barrier, one core"].hops == 0 < len(raw["lif barrier, one core"].packets)
    assert raw["lif barrier, multicast"].copies.any() and not raw["lif barrier"].copies.any()
    for name, run in raw.items():
        assert len(run.packets) >= 40
        assert len(run.spikes) and len(run.own.steps)
        assert run.link_wait_ps.any() == ("ideal" not in name and "one core" not in name), name
    assert len({run.digest for run in raw.values()}) == len(raw) >= 20

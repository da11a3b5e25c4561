"""Given packets: every engine gives the records and counters of the reference, whole and in pieces."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipsim.engines.reference import run_reference
from tests.conformance.whole_and_pieces import PROBES, agree, agree_in_pieces
from tests.engines import Runner
from tests.packet_plans import SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_engine_agrees_with_the_reference(name: str, run_engine: Runner) -> None:
    agree(SCENARIOS[name](), run_engine)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_run_in_pieces_equals_the_whole(name: str, tmp_path: Path) -> None:
    agree_in_pieces(SCENARIOS[name](), tmp_path)


def test_scenarios_do_what_their_names_say() -> None:
    raw = {name: run_reference(make(), PROBES) for name, make in SCENARIOS.items()}
    for name, run in raw.items():
        assert len(run.packets) >= 40 and not len(run.spikes)
        assert run.link_wait_ps.any() == ("ideal" not in name), name
    assert len({run.digest for run in raw.values()}) == len(raw) >= 7

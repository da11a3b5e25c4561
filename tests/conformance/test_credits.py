"""Credits of wormhole routers: one goes back over a link for every flit that has left the FIFO behind it."""

from __future__ import annotations

import pytest

from chipsim.engines.base import Watch
from chipsim.machine.raw import UNTIL
from tests import lif_networks, wormhole_scenarios, wormhole_spikes
from tests.engines import Runner

SCENARIOS = wormhole_scenarios.SCENARIOS | wormhole_spikes.SCENARIOS
WHOLE = [name for name in SCENARIOS if name not in ("cut off", "dead from the start", "dies on the way")]


@pytest.mark.parametrize("name", WHOLE)
def test_an_empty_network_has_given_back_a_credit_for_every_flit(name: str, run_engine: Runner) -> None:
    raw = run_engine(SCENARIOS[name](), Watch())
    assert raw.credits.tolist() == raw.link_flits.tolist() and (raw.credits.any() or name == "one router")


def test_flits_in_fifos_and_on_links_have_no_credit_yet(run_engine: Runner) -> None:
    plan = SCENARIOS["cut off"]()
    assert plan.noc is not None and plan.noc.wormhole is not None
    raw, how = run_engine(plan, Watch()), plan.noc.wormhole
    left = raw.link_flits - raw.credits
    assert raw.status == UNTIL and left.min() >= 0 and left.sum() > 20
    assert left.max() <= how.vcs * how.buffer, "no more than its sender had credits for"


@pytest.mark.parametrize("name", ["dead from the start", "dies on the way"])
def test_what_has_died_gives_no_credit(name: str, run_engine: Runner) -> None:
    raw = run_engine(SCENARIOS[name](), Watch())
    left = raw.link_flits - raw.credits
    assert left.min() >= 0 and (left.sum() > 0) == (name == "dies on the way")


def test_other_routers_have_no_credits(run_engine: Runner) -> None:
    assert not len(run_engine(lif_networks.SCENARIOS["lif barrier"](), Watch()).credits)
